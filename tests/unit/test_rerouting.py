"""A step given to another agency: who gets what, what stays, and what the ledger amounts to."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bus.errors import ActRefused, LedgerBroken, PerformerMismatch
from bus.ids import AgencyCode, StepId
from bus.routing import acts
from bus.routing.acts import Act, ActKind
from bus.routing.case import StepState
from bus.routing.province import Catalogue
from bus.routing.rerouting import StepRerouted, destination
from bus.schemas.directory import AgencyEntry, Role
from bus.schemas.step import StepCompletedData
from tests.support.walking import MONDAY, Walk, yen_bai

OTHER = AgencyCode("H63.141.81")
"""The labour office of another district."""


@pytest.fixture
def walk() -> Walk:
    """A dossier whose step is with the district's labour office."""
    return Walk("1.001731").submit().later(hours=2).complete("commune_forward").later(hours=1)


def rerouted(walk: Walk, *, to: AgencyCode = OTHER, round_: int = 1, back: bool = False) -> Walk:
    step = StepId("district_decide")
    return walk.take(StepRerouted(step, round_, to, "Phần mềm hỏng", back))


def test_the_other_agency_gets_the_slip_with_the_same_deadline(walk: Walk) -> None:
    before = walk.run("district_decide")
    rerouted(walk)

    (slip,) = walk.told("step.requested")
    run = walk.run("district_decide")
    assert (slip.recipient, slip.step, slip.round) == (OTHER, "district_decide", 1)
    assert run == replace(before, agency=OTHER)
    assert run.due_at is not None
    assert slip.data.due_at == run.due_at  # type: ignore[attr-defined]


def test_the_receiving_unit_is_told_who_has_it_now(walk: Walk) -> None:
    rerouted(walk)

    (status,) = walk.told("dossier.status")
    assert (status.recipient, status.data.agency) == (walk.unit, OTHER)  # type: ignore[attr-defined]


def test_the_first_agency_is_told_to_leave_it_only_where_it_may_have_it(walk: Walk) -> None:
    first = walk.run("district_decide").agency
    copy = Walk(walk.procedure, case=walk.case, at=walk.at)

    rerouted(walk)
    rerouted(copy, back=True)

    assert walk.told("step.cancelled") == []
    assert [owed.recipient for owed in copy.told("step.cancelled")] == [first]


def test_a_step_in_hand_begins_anew_at_the_other_agency(walk: Walk) -> None:
    walk.receive("district_decide")

    rerouted(walk)

    assert walk.run("district_decide").state is StepState.OPEN


def test_only_the_other_agency_may_answer_from_then_on(walk: Walk) -> None:
    first = walk.run("district_decide").agency
    assert first is not None
    rerouted(walk)
    done = StepCompletedData(
        step=StepId("district_decide"), round=1, outcome="done", completed_at=walk.at
    )

    with pytest.raises(PerformerMismatch):
        walk.say(done, by=first)

    walk.say(done, by=OTHER)
    assert walk.run("district_decide").state is StepState.COMPLETED


def test_after_a_supplement_the_step_comes_back_to_whoever_asked(walk: Walk) -> None:
    rerouted(walk)

    walk.ask_more("district_decide").later(hours=1).supplement()

    run = walk.run("district_decide")
    assert (run.round, run.agency) == (2, OTHER)


def test_an_agency_of_a_newer_directory_keeps_the_step_and_is_supervised_by_nobody(
    walk: Walk,
) -> None:
    """The case keeps its own, older directory, which does not know that agency."""
    rerouted(walk, to=AgencyCode("H63.999.81"))

    walk.ask_more("district_decide").later(hours=1).supplement()

    assert walk.run("district_decide").agency == "H63.999.81"
    assert [owed for owed in walk.told("dossier.status") if owed.data.supervision] == []  # type: ignore[attr-defined]


def test_whoever_has_ended_meanwhile_does_not_get_the_step_back() -> None:
    first = entry_of(
        Walk("1.001731").submit().complete("commune_forward").run("district_decide").agency
    )
    ended = first.model_copy(update={"valid_to": MONDAY.date()})
    taking = entry_of(OTHER).model_copy(
        update={"area": first.area, "valid_from": MONDAY.date() + timedelta(days=1)}
    )
    walk = Walk("1.001731", catalogue=with_agencies(ended, taking)).submit()
    walk.complete("commune_forward").ask_more("district_decide")
    assert walk.run("district_decide").agency == first.code

    walk.later(days=1).supplement()

    assert walk.run("district_decide").agency == OTHER


@pytest.mark.parametrize("how", ["over", "another round", "there already", "unknown"])
def test_a_step_that_is_not_under_way_there_is_not_rerouted(walk: Walk, how: str) -> None:
    if how == "over":
        walk.complete("district_decide")
    before = walk.case
    step = StepId("nothing" if how == "unknown" else "district_decide")
    present = walk.run("district_decide").agency
    event = StepRerouted(
        step,
        7 if how == "another round" else 1,
        (present or OTHER) if how == "there already" else OTHER,
        "x",
        take_back=False,
    )

    with pytest.raises(ActRefused):
        walk.take(event)

    assert walk.case == before


def test_where_the_receiving_unit_itself_takes_it_it_is_told_by_the_slip_alone(walk: Walk) -> None:
    rerouted(walk, to=walk.unit)

    assert [owed.recipient for owed in walk.told("step.requested")] == [walk.unit]
    assert walk.told("dossier.status") == []


# --- where to ---------------------------------------------------------------------------------


def with_agencies(*changed: AgencyEntry) -> Catalogue:
    """The sample province with some of its agencies otherwise."""
    province = yen_bai().province
    by_code = {entry.code: entry for entry in (*province.directory.agencies, *changed)}
    directory = province.directory.model_copy(update={"agencies": tuple(by_code.values())})
    return Catalogue(2, province.model_copy(update={"directory": directory}))


def entry_of(code: AgencyCode | None) -> AgencyEntry:
    entry = yen_bai().directory.agency(code or "")
    assert entry is not None
    return entry


def chosen(
    walk: Walk, wanted: AgencyCode | None, newest: Catalogue, *, of_step: bool = True
) -> AgencyCode:
    run = walk.run("district_decide")
    route = yen_bai().route_version(walk.case.procedure, 1)  # type: ignore[union-attr]
    performer = next(step.performer for step in route.steps if step.id == run.id)
    assert walk.case is not None
    assert run.agency is not None
    return destination(
        run.agency,
        wanted,
        performer=performer if of_step else None,
        case=walk.case,
        newest=newest,
        at=walk.at,
    )


def test_an_operator_may_choose_any_agency_the_newest_directory_has(walk: Walk) -> None:
    assert chosen(walk, OTHER, yen_bai()) == OTHER


def test_an_old_code_names_the_agency_it_stands_for(walk: Walk) -> None:
    alias = entry_of(OTHER).aliases[0]

    assert chosen(walk, AgencyCode(alias), yen_bai()) == OTHER


def test_without_a_choice_the_newest_directory_names_the_competent_one(walk: Walk) -> None:
    present = entry_of(walk.run("district_decide").agency)
    ended = present.model_copy(update={"roles": (Role.FINANCE_PLANNING,)})
    taking = entry_of(OTHER).model_copy(update={"area": present.area})

    assert chosen(walk, None, with_agencies(ended, taking)) == OTHER


def test_what_is_no_step_goes_to_the_successor(walk: Walk) -> None:
    present = entry_of(walk.run("district_decide").agency)
    ended = present.model_copy(update={"successor": OTHER})

    assert chosen(walk, None, with_agencies(ended), of_step=False) == OTHER


@pytest.mark.parametrize("of_step", [True, False])
def test_where_nobody_takes_over_the_operator_must_choose(walk: Walk, *, of_step: bool) -> None:
    with pytest.raises(ActRefused, match="choose with --to"):
        chosen(walk, None, yen_bai(), of_step=of_step)


def test_an_agency_that_is_not_there_or_has_ended_is_refused(walk: Walk) -> None:
    yesterday = (walk.at - timedelta(days=1)).date()
    ended = entry_of(OTHER).model_copy(update={"valid_to": yesterday})

    for wanted, newest in ((AgencyCode("H63.999"), yen_bai()), (OTHER, with_agencies(ended))):
        with pytest.raises(ActRefused, match="has no agency"):
            chosen(walk, wanted, newest)


def test_the_agency_it_goes_to_already_is_refused(walk: Walk) -> None:
    with pytest.raises(ActRefused, match="goes to"):
        chosen(walk, walk.run("district_decide").agency, yen_bai())


# --- as the ledger keeps it -------------------------------------------------------------------


def test_an_act_comes_back_as_it_was_written_and_says_nothing_it_does_not_know() -> None:
    act = Act(ActKind.REROUTE, "lan", "Máy hỏng", Walk("x").id(), to=OTHER, take_back=True)

    assert acts.load(acts.dump(act)) == act
    assert b"task" not in acts.dump(act)


def test_what_is_no_act_is_a_broken_ledger() -> None:
    with pytest.raises(LedgerBroken, match="no act"):
        acts.load(b'{"act": "handoff.fly"}')
