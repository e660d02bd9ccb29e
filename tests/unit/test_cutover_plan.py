"""What becomes of one dossier when agencies end: planned from values."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from bus.errors import ActRefused
from bus.ids import AgencyCode, AreaCode, StepId
from bus.routing.case import Case, CaseState, Payment, StepState
from bus.routing.competence import Directory
from bus.routing.cutover import Handed, Left, Move, Plan, divided, ended, plan_of
from bus.routing.machine import advance
from bus.routing.opening import Context, supervising_unit
from bus.routing.rerouting import DossierPlaced, asks
from tests.support.reform import REFORM, a_reformed_directory, lao_cai
from tests.support.small_province import NAM_BUNG
from tests.support.walking import Walk, yen_bai

DIRECTORY = lao_cai().directory
OLD, NEW, CENTRE = AgencyCode("H63.140.05"), AgencyCode("H63.285"), AgencyCode("H63.285.01")
STEP = StepId("commune_forward")
SLIP = Handed(UUID(int=1), OLD, "step.requested", STEP, 1, open=False)


@pytest.fixture
def case() -> Case:
    """A dossier whose step is open at a commune."""
    case = Walk("1.001731").submit().case
    assert case is not None
    return case


def planned(case: Case, *handed: Handed, directory: Directory = DIRECTORY) -> Plan:
    route = yen_bai().route_version(case.procedure, 1)
    return plan_of(case, handed, route=route, directory=directory, day=REFORM, decisions={})


def test_who_ends_is_known_by_the_day() -> None:
    assert OLD in ended(DIRECTORY, REFORM)
    assert ended(DIRECTORY, date(2025, 6, 30)) == ()


def test_only_what_became_several_is_divided() -> None:
    assert divided(DIRECTORY, REFORM) == ()
    assert divided(Directory(a_reformed_directory()), REFORM) == (NAM_BUNG,)


def test_the_last_slip_of_the_step_is_the_one_that_moves(case: Case) -> None:
    again = replace(SLIP, id=UUID(int=2))

    assert planned(case, SLIP, again).moves == (Move(UUID(int=2), NEW, STEP, 1),)


@pytest.mark.parametrize(
    "slip",
    [
        replace(SLIP, agency=AgencyCode("H63.140.06")),
        replace(SLIP, round=2),
        replace(SLIP, step=StepId("another")),
    ],
)
def test_a_slip_of_another_round_step_or_agency_is_not_the_steps(case: Case, slip: Handed) -> None:
    assert planned(case, slip).left == (Left(case.code, OLD, STEP, "competence.none"),)


def test_where_nobody_is_competent_the_named_successor_takes_the_step(case: Case) -> None:
    named = AgencyCode("H63.01")
    table = DIRECTORY.table
    agencies = tuple(
        entry.model_copy(update={"successor": named}) if entry.code == OLD else entry
        for entry in table.agencies
        if entry.code != NEW
    )
    others = tuple(
        entry.model_copy(update={"successor": None}) if entry.successor == NEW else entry
        for entry in agencies
    )
    directory = Directory(table.model_copy(update={"agencies": others}))

    assert planned(case, SLIP, directory=directory).moves == (Move(SLIP.id, named, STEP, 1),)


def test_a_hand_off_with_nobody_to_hear_it_is_left(case: Case) -> None:
    alone = tuple(
        entry.model_copy(update={"successor": None, "successor_level": None})
        for entry in DIRECTORY.table.agencies
        if not entry.covers(REFORM) or entry.code == "H63.01.02"
    )
    directory = Directory(DIRECTORY.table.model_copy(update={"agencies": alone}))
    status = Handed(UUID(int=3), OLD, "dossier.status", None, None, open=True)

    plan = planned(replace(case, state=CaseState.RETURNED), status, directory=directory)

    assert plan.left == (Left(case.code, OLD, None, "competence.none"),)


def test_a_step_at_an_agency_nobody_knows_stays(case: Case) -> None:
    run = replace(case.steps[0], agency=AgencyCode("H99.1"))

    assert planned(replace(case, steps=(run, *case.steps[1:])), SLIP) == Plan()


def test_a_payment_the_citizen_still_owes_is_told_to_whoever_took_over(case: Case) -> None:
    waits = tuple(replace(run, state=StepState.WAITING) for run in case.steps)
    payment = Payment("TB-1", 500_000, OLD)
    owing = replace(case, payment=payment, steps=waits)
    paid = replace(owing, payment=replace(payment, paid=True))
    notice = Handed(UUID(int=4), OLD, "payment.requested", None, None, open=False)

    assert planned(owing, notice).moves == (Move(notice.id, CENTRE),)
    assert planned(paid, notice).moves == ()
    assert planned(replace(owing, receiving_unit=CENTRE), notice).moves == ()


def test_of_a_dossier_that_is_over_nothing_is_asked_any_more(case: Case) -> None:
    owing = replace(case, payment=Payment("TB-1", 500_000, OLD))

    assert asks(owing)
    assert not asks(replace(owing, state=CaseState.WITHDRAWN))


# --- placing ----------------------------------------------------------------------------------


def test_a_dossier_is_placed_in_a_part_of_its_own_area_only(case: Case) -> None:
    context = Context(yen_bai(), case.accepted_at, lao_cai())

    with pytest.raises(ActRefused, match="was not divided"):
        advance(case, DossierPlaced(AreaCode("04636")), context)


def test_a_receiving_unit_no_directory_knows_is_watched_by_nobody(case: Case) -> None:
    """A newer version has left it out; the dossier goes on."""
    lost = replace(case, receiving_unit=AgencyCode("H99.1"))
    context = Context(yen_bai(), case.accepted_at)

    assert supervising_unit(lost, lost.steps[0], context) is None
