"""The chain of custody: who gave the dossier to whom, when, and how it went on."""

from datetime import timedelta

import pytest

from bus.ids import AgencyCode
from bus.routing.acts import Act, ActKind
from bus.routing.forms.custody import Holder, Leg, LegEnd, LegKind
from bus.schemas.dossier import DossierStatusV1
from bus.schemas.step import StepReceivedData
from tests.support.told import Told

COMMUNE = AgencyCode("H63.140.05")
DESK = Holder(COMMUNE, desk=True)
LABOUR = AgencyCode("H63.140.81")
OTHER_LABOUR = AgencyCode("H63.141.81")


@pytest.fixture
def walk() -> Told:
    """A dossier whose first step is with the commune, the second with the district's office."""
    walk = Told("1.001731")
    walk.submit().later(hours=2)
    return walk


def legs(walk: Told) -> tuple[Leg, ...]:
    return walk.chronicle().legs


def ways(walk: Told) -> list[tuple[LegKind, Holder, Holder | None]]:
    return [(leg.kind, leg.giver, leg.receiver) for leg in legs(walk)]


def test_a_dossier_goes_from_the_desk_through_each_performer_and_home_to_the_citizen(
    walk: Told,
) -> None:
    walk.complete("commune_forward").later(days=1).complete("district_decide")
    walk.later(hours=1)
    walk.hand_back()

    assert ways(walk) == [
        (LegKind.STEP, DESK, Holder(COMMUNE)),
        (LegKind.STEP, Holder(COMMUNE), Holder(LABOUR)),
        (LegKind.HOME, Holder(LABOUR), DESK),
        (LegKind.CITIZEN, DESK, None),
    ]


def test_what_was_handed_over_is_there_when_the_receivers_system_says_so(walk: Told) -> None:
    handed = walk.at - timedelta(hours=2)
    walk.imported(walk.delivery("commune_forward")).later(hours=1)
    walk.receive("commune_forward")

    (leg,) = legs(walk)
    assert (leg.handed_at, leg.received_at, leg.ended_at) == (
        handed,
        handed + timedelta(hours=2),
        None,
    )


def test_who_takes_a_step_in_hand_is_named(walk: Told) -> None:
    run = walk.run("commune_forward")
    data = StepReceivedData(
        step=run.id, round=1, received_at=walk.at - timedelta(days=9), officer="Trần Văn Mẫu"
    )
    walk.say(data, by=COMMUNE)

    (leg,) = legs(walk)
    assert leg.officer == "Trần Văn Mẫu"
    assert leg.received_at == walk.at, "what the hub recorded, not what the agency's clock says"


def test_the_answer_to_a_step_says_that_it_came(walk: Told) -> None:
    walk.complete("commune_forward")

    first, _ = legs(walk)
    assert (first.received_at, first.ended_at) == (walk.at, walk.at)
    assert (first.end, first.outcome) == (LegEnd.COMPLETED, "done")


def test_a_supplement_brings_the_dossier_to_the_desk_and_back(walk: Told) -> None:
    walk.complete("commune_forward").ask_more("district_decide")
    asked = walk.at
    walk.later(days=2).supplement()

    _, first, back, again = legs(walk)
    assert (first.end, first.round) == (LegEnd.SUPPLEMENT, 1)
    assert (back.kind, back.giver, back.receiver) == (LegKind.SUPPLEMENT, Holder(LABOUR), DESK)
    assert (back.handed_at, back.received_at, back.ended_at) == (asked, walk.at, walk.at)
    assert (again.giver, again.receiver, again.round) == (DESK, Holder(LABOUR), 2)


def test_a_refusal_brings_the_dossier_home(walk: Told) -> None:
    walk.reject("commune_forward")

    assert [leg.end for leg in legs(walk)] == [LegEnd.REJECTED, None]
    assert ways(walk)[-1] == (LegKind.HOME, Holder(COMMUNE), DESK)


def test_a_system_that_refuses_the_hand_over_never_received_it(walk: Told) -> None:
    walk.complete("commune_forward")
    walk.refuse("district_decide", "Không thuộc thẩm quyền.")

    assert [(leg.end, leg.received_at is None) for leg in legs(walk)] == [
        (LegEnd.COMPLETED, False),
        (LegEnd.REFUSED, True),
        (None, True),
    ]


def test_what_is_withdrawn_comes_back_from_whoever_held_it(walk: Told) -> None:
    walk.complete("commune_forward").later(hours=1).withdraw()

    _, held, home = legs(walk)
    assert (held.end, held.ended_at) == (LegEnd.CANCELLED, walk.at)
    assert (home.giver, home.receiver) == (Holder(LABOUR), DESK)


def test_what_is_withdrawn_while_the_citizen_was_waited_for_lies_at_the_desk(walk: Told) -> None:
    walk.ask_more("commune_forward").withdraw()

    assert ways(walk)[-1] == (LegKind.HOME, DESK, DESK)


def test_a_step_rerouted_before_it_came_is_handed_over_by_the_same_giver(walk: Told) -> None:
    walk.complete("commune_forward").later(hours=1)
    walk.reroute("district_decide", OTHER_LABOUR)

    _, lost, found = legs(walk)
    assert (lost.receiver, lost.end, lost.ended_at) == (
        Holder(LABOUR),
        LegEnd.REROUTED,
        walk.at,
    )
    assert (found.giver, found.receiver) == (Holder(COMMUNE), Holder(OTHER_LABOUR))


def test_a_step_rerouted_after_it_came_is_handed_over_by_who_had_it(walk: Told) -> None:
    walk.complete("commune_forward").later(hours=1).receive("district_decide").later(hours=1)
    walk.reroute("district_decide", OTHER_LABOUR).later(hours=1)
    walk.complete("district_decide")

    _, before, after, home = legs(walk)
    assert before.received_at is not None
    assert (before.end, after.end) == (LegEnd.REROUTED, LegEnd.COMPLETED)
    assert (after.giver, after.receiver) == (Holder(LABOUR), Holder(OTHER_LABOUR))
    assert home.giver == Holder(OTHER_LABOUR)


def test_what_else_operators_and_the_clock_do_hands_nothing_over(walk: Told) -> None:
    walk.book.act(walk.code, walk.at)
    walk.later(days=30).strike()

    assert len(legs(walk)) == 1


def test_a_rerouted_notice_is_no_hand_over(walk: Told) -> None:
    """Only the dossier itself is followed; who is told how it stands does not hold it."""
    walk.complete("commune_forward")
    status = next(id_ for id_, owed in walk.handed.items() if owed.message is DossierStatusV1)
    owed = walk.handed[status]
    act = Act(ActKind.REROUTE, "chị Vận Hành", "Sai địa chỉ.", status, to=COMMUNE, take_back=False)

    walk.book.act(walk.code, walk.at, act, (owed,))

    assert len(legs(walk)) == 2


def test_a_demand_for_payment_stands_on_the_leg_of_who_demands_it() -> None:
    walk = Told("1.012783")
    walk.submit().complete("appraise", "obligation").later(hours=1)
    walk.demand()
    walk.complete("tax", "due").later(days=1).pay()

    appraised, taxed, signed = legs(walk)
    assert (appraised.notice, taxed.notice) == (None, "TB-1")
    assert signed.giver == DESK, "the desk says that it is paid, and hands on"
