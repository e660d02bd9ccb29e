"""Patterns of a route: periods and events waited for, acting first, undoing what is void."""

from collections.abc import Callable
from typing import Any

import pytest

from bus.errors import PerformerMismatch, SchemaInvalid, TransitionRefused
from bus.ids import AgencyCode, StepId
from bus.routing.case import Case, CaseState, StepState, business_state, dump, load
from bus.routing.clock import due_at
from bus.routing.deadline import next_alarm
from bus.routing.plan import check_route
from bus.routing.province import Catalogue
from bus.schemas.route import Bilingual, LimitUnit, Route, RouteStep, StepKind, TimeLimit
from bus.schemas.wait import WaitEndedData
from tests.support.walking import Walk, yen_bai, yen_bai_with

PROCEDURE = "2.000286"
LABOUR = AgencyCode("H63.140.81")
THREE_DAYS = TimeLimit(amount=3, unit=LimitUnit.WORKING_DAY)


def steps() -> tuple[RouteStep, ...]:
    return next(r.steps for r in yen_bai().province.routes if r.procedure == PROCEDURE)


def with_wait(kind: StepKind, *, limit: TimeLimit | None, outcomes: tuple[str, ...]) -> Catalogue:
    """The admission route with a wait between the commune's review and the district."""
    wait = RouteStep(
        id=StepId("posting"),
        name=Bilingual(vi="Niêm yết công khai", en="Public posting"),
        kind=kind,
        needs=(StepId("commune_review"),),
        limit=limit,
        outcomes=outcomes,
    )
    first, second, *rest = steps()
    after = second.model_copy(update={"needs": (wait.id,)})
    return yen_bai_with(PROCEDURE, total=None, steps=(first, wait, after, *rest))


def posted() -> Walk:
    catalogue = with_wait(StepKind.AWAIT_TIME, limit=THREE_DAYS, outcomes=("done",))
    return Walk(PROCEDURE, catalogue=catalogue).submit().complete("commune_review")


def complaints(limit: TimeLimit | None = THREE_DAYS) -> Walk:
    outcomes = ("complaint", "waived")
    catalogue = with_wait(StepKind.AWAIT_EVENT, limit=limit, outcomes=outcomes)
    return Walk(PROCEDURE, catalogue=catalogue).submit().complete("commune_review")


def case_of(walk: Walk) -> Case:
    assert walk.case is not None
    return walk.case


# --- the receiving unit ----------------------------------------------------------------------


@pytest.mark.parametrize(("waiting", "step"), [(posted, "posting"), (complaints, "posting")])
def test_the_receiving_unit_is_told_that_the_dossier_waits_for_something_outside(
    waiting: Callable[[], Walk], step: str
) -> None:
    walk = waiting()

    (owed,) = walk.told("dossier.status")
    data: Any = owed.data
    assert (owed.recipient, data.step, data.agency) == (walk.unit, step, None)
    assert data.step_due_at == walk.run(step).due_at


# --- a period --------------------------------------------------------------------------------


def test_a_public_posting_ends_by_itself_when_its_time_has_passed() -> None:
    walk = posted()
    assert walk.run("posting").state is StepState.OPEN
    assert case_of(walk).state is CaseState.PROCESSING
    over = next_alarm(case_of(walk))
    assert over is not None
    assert over == walk.run("posting").due_at

    walk.at = over
    walk.strike()

    assert (walk.run("posting").state, walk.run("posting").outcome) == (
        StepState.COMPLETED,
        "passed",
    )
    assert [owed.recipient for owed in walk.told("step.requested")] == [LABOUR]


def test_a_posting_is_not_ended_before_its_time() -> None:
    walk = posted().later(hours=1).strike()

    assert walk.owed == ()
    assert walk.run("posting").state is StepState.OPEN
    with pytest.raises(TransitionRefused, match="waits for no event"):
        walk.happened("posting", "done")


def test_what_follows_a_period_counts_from_its_end_not_from_when_the_clock_looked() -> None:
    walk = posted()
    over = walk.run("posting").due_at
    limit = steps()[1].limit
    assert over is not None
    assert limit is not None

    walk.at = over
    walk.later(hours=20).strike()

    assert walk.run("district_appraise").due_at == due_at(over, limit, yen_bai().calendar)


def test_a_case_that_waits_survives_being_written_and_read() -> None:
    assert load(dump(case_of(posted()))) == case_of(posted())


# --- an event --------------------------------------------------------------------------------


def test_a_complaint_within_its_period_ends_the_wait() -> None:
    walk = complaints().later(days=1).happened("posting", "complaint")

    assert walk.run("posting").outcome == "complaint"
    assert walk.run("district_appraise").state is StepState.OPEN


def test_a_complaint_period_without_a_complaint_expires() -> None:
    walk = complaints().later(days=10).strike()

    assert walk.run("posting").outcome == "expired"


def test_an_event_without_a_limit_is_waited_for_as_long_as_it_takes() -> None:
    walk = complaints(limit=None)
    assert next_alarm(case_of(walk)) is None

    walk.later(days=400).strike()

    assert walk.run("posting").state is StepState.OPEN


def test_only_the_receiving_unit_says_what_happened_and_only_what_the_route_names() -> None:
    walk = complaints()

    with pytest.raises(SchemaInvalid) as refused:
        walk.happened("posting", "expired")
    assert refused.value.path == "data.outcome"
    event = walk.event(_ended(walk), by=LABOUR)
    with pytest.raises(PerformerMismatch):
        walk.take(event)


def _ended(walk: Walk) -> Any:
    return WaitEndedData(step=StepId("posting"), round=1, outcome="complaint", ended_at=walk.at)


def test_a_task_is_not_ended_by_an_event() -> None:
    with pytest.raises(TransitionRefused, match="waits for no event"):
        Walk(PROCEDURE).submit().happened("commune_review", "done")


def test_a_payment_is_not_ended_by_an_event() -> None:
    walk = Walk("1.012783").submit().complete("appraise", "obligation").demand()

    with pytest.raises(TransitionRefused, match=r"payment\.confirmed"):
        walk.complete("tax", "due").happened("payment", "paid")


def test_a_withdrawal_ends_a_wait_and_there_is_nobody_to_tell() -> None:
    walk = posted().withdraw()

    assert walk.run("posting").state is StepState.CANCELLED
    assert walk.told("step.cancelled") == []


@pytest.mark.parametrize("kind", [StepKind.AWAIT_TIME, StepKind.AWAIT_EVENT])
def test_the_check_of_a_route_knows_how_a_wait_ends(kind: StepKind) -> None:
    catalogue = with_wait(kind, limit=THREE_DAYS, outcomes=("complaint",))
    route = next(r for r in catalogue.province.routes if r.procedure == PROCEDURE)

    findings, ways = check_route(route, yen_bai().calendar)

    assert findings == []
    assert ways > 0


def test_a_wait_says_how_it_ends() -> None:
    wait = with_wait(StepKind.AWAIT_EVENT, limit=THREE_DAYS, outcomes=("complaint",))
    (step,) = (s for r in wait.province.routes for s in r.steps if s.id == "posting")

    assert step.endings == ("complaint", "expired")
    assert step.model_copy(update={"limit": None}).endings == ("complaint",)
    assert step.model_copy(update={"kind": StepKind.AWAIT_TIME}).endings == ("passed",)
    assert step.model_copy(update={"kind": StepKind.AWAIT_PAYMENT}).endings == ("paid",)


# --- act first, paperwork later --------------------------------------------------------------


def emergency_route(**changes: object) -> dict[str, Any]:
    """The admission route where the appraisal acts first in an emergency."""
    first, second, *rest = steps()
    urgent = RouteStep.model_validate(dict(second) | {"act_first": "urgent"} | changes)
    return {
        "facts": ({"name": "urgent", "values": "boolean"},),
        "steps": (first, urgent, *rest),
    }


def emergency(*, urgent: bool) -> Walk:
    catalogue = yen_bai_with(PROCEDURE, **emergency_route())
    return Walk(PROCEDURE, {"urgent": urgent}, catalogue=catalogue).submit()


def test_in_an_emergency_a_step_begins_at_once_and_what_it_needs_comes_after() -> None:
    walk = emergency(urgent=True)

    assert walk.run("commune_review").state is StepState.OPEN
    assert walk.run("district_appraise").state is StepState.OPEN
    walk.complete("district_appraise").complete("district_decide", "district_facility")
    assert case_of(walk).state is CaseState.PROCESSING
    walk.complete("commune_review")

    assert case_of(walk).state is CaseState.COMPLETED


def test_without_an_emergency_it_waits_for_what_it_needs() -> None:
    assert emergency(urgent=False).run("district_appraise").state is StepState.WAITING


@pytest.mark.parametrize(
    "wrong", [{"act_first": "hurry"}, {"when": "facts.urgent"}, {"kind": StepKind.AWAIT_EVENT}]
)
def test_only_a_task_acts_first_because_of_a_fact_that_is_there(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"act_first|act first|performer"):
        Route.model_validate(
            dict(next(r for r in yen_bai().province.routes if r.procedure == PROCEDURE))
            | emergency_route(**wrong)
        )


def test_a_wait_for_time_has_a_limit() -> None:
    with pytest.raises(ValueError, match="limit"):
        with_wait(StepKind.AWAIT_TIME, limit=None, outcomes=("done",))


# --- what is void ----------------------------------------------------------------------------


def void(walk: Walk) -> list[tuple[str, str, str]]:
    told: Any = walk.told("compensation.requested")
    return [(owed.recipient, owed.data.step, owed.data.reason) for owed in told]


def test_who_did_a_step_is_told_when_a_later_one_is_refused() -> None:
    walk = Walk(PROCEDURE).submit().complete("commune_review").complete("district_appraise")

    walk.reject("district_decide", "Không đủ điều kiện.")

    assert void(walk) == [(LABOUR, "district_appraise", "Không đủ điều kiện.")]
    (owed,) = walk.told("compensation.requested")
    assert owed.data.state is business_state(case_of(walk))  # type: ignore[attr-defined]


def test_the_receiving_unit_learns_it_from_the_dossier_that_comes_home() -> None:
    walk = Walk(PROCEDURE).submit().complete("commune_review")
    assert walk.run("commune_review").agency == walk.unit

    walk.reject("district_appraise")

    assert void(walk) == []
    assert len(walk.told("dossier.completed")) == 1


@pytest.mark.parametrize("end", ["withdraw", "terminate"])
def test_who_did_a_step_is_told_however_the_dossier_ends_without_a_result(end: str) -> None:
    walk = Walk(PROCEDURE).submit().complete("commune_review").complete("district_appraise")

    if end == "withdraw":
        walk.withdraw()
    else:
        walk.terminate(by=walk.unit)

    assert [(who, step) for who, step, _ in void(walk)] == [(LABOUR, "district_appraise")]


def test_a_refused_side_step_makes_nothing_void() -> None:
    walk = Walk("2.002621").submit().complete("birth").reject("residence")

    assert void(walk) == []
