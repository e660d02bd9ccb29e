"""A dossier whose receiving unit has ended: who may answer, what moves, what the ledger says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from bus.errors import LedgerBroken
from bus.ids import AgencyCode, StepId
from bus.routing.acts import Act, ActKind
from bus.routing.case import Case, CaseState, StepState
from bus.routing.deadline import overdue
from bus.routing.fold import fold, moves
from bus.routing.machine import ClockStruck, advance
from bus.routing.opening import Context
from bus.routing.province import Catalogue
from bus.schemas.dossier import Component, CopyKind, DossierSupplementedData
from tests.support.kept import Kept
from tests.support.reform import EAST, a_reformed_directory, lao_cai
from tests.support.small_province import NAM_BUNG
from tests.support.walking import Walk, commune_unit, yen_bai, yen_bai_with

PROCEDURE = "2.000286"
FIRST, SECOND = "commune_review", "district_appraise"
CENTRE = AgencyCode("H63.285.01")
"""Who took over from the unit of these dossiers on 1 July 2025."""
AFTER = Context(yen_bai(), datetime(2025, 7, 1, 1, tzinfo=UTC), lao_cai())


def case_of(walk: Walk) -> Case:
    assert walk.case is not None
    return walk.case


def mended(walk: Walk, *, by: AgencyCode) -> Case:
    """Let a unit bring what was missing, after the reform."""
    paper = Component(code="BO-SUNG", name="Giấy tờ", kind=CopyKind.COPY, quantity=1)
    data = DossierSupplementedData(components=(paper,), accepted_at=AFTER.at)
    moved, _ = advance(walk.case, walk.event(data, by=by), AFTER)
    return moved


def test_until_whoever_took_over_answers_the_old_units_answer_is_heard() -> None:
    walk = Walk(PROCEDURE).submit().ask_more(FIRST)

    assert mended(walk, by=walk.unit).receiving_unit == walk.unit
    assert mended(walk, by=CENTRE).receiving_unit == CENTRE


def test_the_old_unit_lasts_until_midnight_there() -> None:
    case = case_of(Walk(PROCEDURE).submit())
    midnight = datetime(2025, 6, 30, 17, tzinfo=UTC)

    def unit_at(at: datetime) -> AgencyCode:
        moved, _ = advance(case, ClockStruck(), Context(yen_bai(), at, lao_cai()))
        return moved.receiving_unit

    assert unit_at(midnight - timedelta(minutes=1)) == case.receiving_unit
    assert unit_at(midnight) == CENTRE


def test_what_the_old_unit_took_back_is_with_whoever_took_over() -> None:
    walk = Walk(PROCEDURE).submit().complete(FIRST).recall(SECOND, by=Walk(PROCEDURE).unit)
    walk.agree(SECOND)

    run = mended(walk, by=CENTRE).step(StepId(SECOND))

    assert run is not None
    assert (run.state, run.round, run.recalled_by) == (StepState.OPEN, 2, None)


def test_what_the_receiving_unit_took_back_does_not_begin_with_another_step() -> None:
    """Two steps follow from the first; one is taken back, and another one is over meanwhile."""
    route = next(r for r in yen_bai().province.routes if r.procedure == PROCEDURE)
    second = next(step for step in route.steps if step.id == SECOND)
    beside = second.model_copy(update={"id": StepId("beside")})
    walk = Walk(PROCEDURE, catalogue=yen_bai_with(PROCEDURE, steps=(*route.steps, beside)))
    walk.submit().complete(FIRST).recall(SECOND, by=walk.unit).agree(SECOND)

    walk.complete("beside")

    assert walk.run(SECOND).state is StepState.RECALLED


def test_who_got_a_result_through_a_skipped_step_gives_it_back_to_who_gave_it() -> None:
    route = next(r for r in yen_bai().province.routes if r.procedure == PROCEDURE)
    first, second, third, *rest = route.steps
    between = second.model_copy(
        update={"id": StepId("between"), "needs": (second.id,), "when": "facts.hard == true"}
    )
    third = third.model_copy(update={"needs": (between.id,)})
    catalogue = yen_bai_with(PROCEDURE, steps=(first, second, between, third, *rest))
    walk = Walk(PROCEDURE, {"hard": False}, catalogue=catalogue).submit()
    labour = walk.complete(FIRST).run(SECOND).agency
    assert labour is not None
    walk.complete(SECOND)
    assert walk.run("between").state is StepState.SKIPPED

    walk.recall(third.id, by=labour).agree(third.id)

    assert (walk.run(SECOND).state, walk.run(SECOND).round) == (StepState.OPEN, 2)


# --- late ------------------------------------------------------------------------------------


def test_a_dossier_is_late_by_its_own_date_or_by_a_step_under_way() -> None:
    case = case_of(Walk(PROCEDURE).submit())
    run = case.steps[0]
    assert run.due_at is not None
    assert case.due_at is not None
    moment = timedelta(microseconds=1)

    assert not overdue(case, run.due_at)
    assert overdue(case, run.due_at + moment)
    assert not overdue(replace(case, steps=()), case.due_at)
    assert overdue(replace(case, steps=()), case.due_at + moment)


@pytest.mark.parametrize("state", [CaseState.SUPPLEMENTING, CaseState.COMPLETED])
def test_what_waits_for_the_citizen_or_is_over_is_not_late(state: CaseState) -> None:
    case = case_of(Walk(PROCEDURE).submit())

    assert not overdue(replace(case, state=state), AFTER.at)


# --- what the ledger amounts to ----------------------------------------------------------------


def versions(number: int) -> Catalogue:
    """The province before the reform and after it; its commune Nậm Búng was divided."""
    if number == 1:
        return yen_bai()
    reformed = {"directory": a_reformed_directory()}
    return Catalogue(2, lao_cai().province.model_copy(update=reformed))


class AtNamBung(Kept):
    """A dossier handed in there."""

    @property
    def unit(self) -> AgencyCode:
        return commune_unit(NAM_BUNG)


def test_an_act_that_places_a_dossier_gives_it_its_part() -> None:
    walk = AtNamBung(PROCEDURE)
    walk.submit(area=NAM_BUNG)
    act = Act(ActKind.PLACE, "lan", "Chia xã", area=EAST)

    walk.book.act(walk.code, AFTER.at, act, catalogue=2)

    placed = fold(walk.entries, versions)
    assert placed is not None
    assert placed.area == EAST


def test_a_notice_that_was_rerouted_changes_nothing_but_who_got_it() -> None:
    walk = Kept(PROCEDURE)
    walk.submit().complete(FIRST)
    notice = next(id_ for id_, owed in walk.book.handed.items() if owed.step is None)
    act = Act(ActKind.REROUTE, "lan", "Phần mềm hỏng", notice, to=CENTRE)
    owed = replace(walk.book.handed[notice], recipient=CENTRE)

    walk.book.act(walk.code, walk.at, act, (owed,), catalogue=1)

    *_, last = moves(walk.entries, versions)
    assert last.after == walk.case
    assert [one.recipient for one in last.owed.values()] == [CENTRE]


def test_a_rerouting_of_what_was_never_handed_over_is_found() -> None:
    walk = Kept(PROCEDURE)
    walk.submit()
    act = Act(ActKind.REROUTE, "lan", "Phần mềm hỏng", UUID(int=9), to=CENTRE)

    walk.book.act(walk.code, walk.at, act, catalogue=1)

    with pytest.raises(LedgerBroken, match="follows from no entry before it"):
        fold(walk.entries, versions)
