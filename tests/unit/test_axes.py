"""How a dossier stands: the ten national statuses, and the four axes kept apart."""

from dataclasses import replace

import pytest

from bus.routing.axes import Axes, Synchronisation, Transport, axes, national_status
from bus.routing.case import Case, CaseState, Financial
from bus.schemas.base import BusinessState
from tests.support.walking import Walk


def case_of(walk: Walk) -> Case:
    assert walk.case is not None
    return walk.case


LAND = "1.012783"
REJECTED_BY_A_STEP = 8
CODES = {
    CaseState.PROCESSING: 4,
    CaseState.SUPPLEMENTING: 5,
    CaseState.AWAITING_PAYMENT: 6,
    CaseState.COMPLETED: 9,
    CaseState.RETURNED: 10,
    CaseState.REJECTED: REJECTED_BY_A_STEP,
    CaseState.WITHDRAWN: 7,
    CaseState.NOT_ACCEPTED: 3,
    CaseState.TERMINATED: 8,
}


@pytest.mark.parametrize("state", CaseState)
def test_every_state_of_a_case_has_its_national_code(state: CaseState) -> None:
    case = case_of(Walk("2.000286").submit().receive("commune_review"))

    assert national_status(replace(case, state=state)).national_code == CODES[state]


def test_a_dossier_nobody_took_in_hand_is_accepted_and_one_not_on_the_bus_registered() -> None:
    assert national_status(case_of(Walk("2.000286").submit())).national_code == 2
    assert national_status(None).national_code == 1


def test_a_dossier_that_was_supplemented_has_been_worked_on() -> None:
    walk = Walk("2.000286").submit().ask_more("commune_review").supplement()

    assert (walk.run("commune_review").state, walk.run("commune_review").round) == ("open", 2)
    assert national_status(case_of(walk)) is BusinessState.PROCESSING


def test_all_ten_codes_can_be_derived() -> None:
    assert {*CODES.values(), 1, 2} == {state.national_code for state in BusinessState}


def test_the_axes_do_not_touch_each_other() -> None:
    walk = Walk(LAND).submit().complete("appraise", "obligation").demand()

    stands = axes(case_of(walk), under_way=2, parked=1, told=BusinessState.ACCEPTED)

    assert stands == Axes(
        business=BusinessState.PROCESSING,
        financial=Financial.REQUESTED,
        delivery=Transport.STUCK,
        synchronisation=Synchronisation.BEHIND,
    )


@pytest.mark.parametrize(
    ("under_way", "parked", "delivery"),
    [(0, 0, Transport.SETTLED), (3, 0, Transport.UNDER_WAY), (0, 1, Transport.STUCK)],
)
def test_the_delivery_axis_says_the_worst(under_way: int, parked: int, delivery: Transport) -> None:
    case = case_of(Walk(LAND).submit())

    assert axes(case, under_way=under_way, parked=parked, told=None).delivery is delivery


@pytest.mark.parametrize(
    ("told", "known"),
    [
        (None, Synchronisation.NEVER),
        (BusinessState.REGISTERED, Synchronisation.BEHIND),
        (BusinessState.ACCEPTED, Synchronisation.UP_TO_DATE),
    ],
)
def test_the_portal_is_behind_until_it_was_told_how_the_dossier_stands(
    told: BusinessState | None, known: Synchronisation
) -> None:
    case = case_of(Walk(LAND).submit())

    assert axes(case, under_way=0, parked=0, told=told).synchronisation is known
