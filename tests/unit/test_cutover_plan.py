"""What becomes of one dossier when agencies end: planned from values."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from bus.errors import ActRefused
from bus.ids import AgencyCode, AreaCode, StepId
from bus.routing.case import Case, CaseState, Payment, StepState
from bus.routing.competence import Directory
from bus.routing.cutover import Handed, Left, Move, Plan, Undecided, divided, ended, plan_of
from bus.routing.machine import advance
from bus.routing.opening import Context, supervising_unit
from bus.routing.province import Catalogue
from bus.routing.rerouting import DossierPlaced, asks
from tests.support.reform import EAST, REFORM, WEST, a_reformed_directory, lao_cai
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


def test_what_nobody_waits_for_any_more_does_not_go_out(case: Case) -> None:
    """A slip of an earlier round, and the word that took it back, still with the old unit."""
    earlier = replace(SLIP, id=UUID(int=5), round=0, open=True)
    back = Handed(UUID(int=6), OLD, "step.cancelled", None, None, open=True)

    moves = planned(case, earlier, SLIP, back).moves

    assert moves == (Move(SLIP.id, NEW, STEP, 1), Move(earlier.id, None), Move(back.id, None))


def test_where_nobody_at_all_takes_over_the_step_stays(case: Case) -> None:
    alone = tuple(
        entry.model_copy(update={"successor": None, "successor_level": None})
        for entry in DIRECTORY.table.agencies
        if not entry.covers(REFORM)
    )
    directory = Directory(DIRECTORY.table.model_copy(update={"agencies": alone}))

    plan = planned(case, SLIP, directory=directory)

    assert plan.left == (Left(case.code, OLD, STEP, "competence.none"),)


def of_the_divided(case: Case, decisions: dict[str, AreaCode]) -> Plan:
    route = yen_bai().route_version(case.procedure, 1)
    run = replace(case.steps[0], agency=AgencyCode("H63.04639"))
    case = replace(case, area=NAM_BUNG, steps=(run, *case.steps[1:]))
    directory = Directory(a_reformed_directory())
    return plan_of(case, (), route=route, directory=directory, day=REFORM, decisions=decisions)


def test_a_dossier_of_a_divided_commune_waits_for_a_decision(case: Case) -> None:
    waits = Undecided(case.code, NAM_BUNG, (EAST, WEST), EAST, 1)

    assert of_the_divided(case, {}).undecided == waits
    assert of_the_divided(case, {NAM_BUNG: AreaCode("04636")}).undecided == waits


def test_a_decision_about_the_dossier_goes_before_one_about_its_area(case: Case) -> None:
    assert of_the_divided(case, {NAM_BUNG: WEST}).place == WEST
    assert of_the_divided(case, {NAM_BUNG: WEST, case.code: EAST}).place == EAST


# --- placing ----------------------------------------------------------------------------------


def test_a_dossier_is_placed_in_a_part_of_its_own_area_only(case: Case) -> None:
    context = Context(yen_bai(), case.accepted_at, lao_cai())

    with pytest.raises(ActRefused, match="was not divided"):
        advance(case, DossierPlaced(AreaCode("04636")), context)


def test_a_dossier_that_was_placed_belongs_to_that_part(case: Case) -> None:
    newest = Catalogue(
        3, lao_cai().province.model_copy(update={"directory": a_reformed_directory()})
    )
    late = datetime(2025, 7, 1, 1, tzinfo=UTC)

    placed, owed = advance(
        replace(case, area=NAM_BUNG), DossierPlaced(WEST), Context(yen_bai(), late, newest)
    )

    assert (placed.area, owed) == (WEST, ())


def test_a_receiving_unit_no_directory_knows_is_watched_by_nobody(case: Case) -> None:
    """A newer version has left it out; the dossier goes on."""
    lost = replace(case, receiving_unit=AgencyCode("H99.1"))
    context = Context(yen_bai(), case.accepted_at)

    assert supervising_unit(lost, lost.steps[0], context) is None
