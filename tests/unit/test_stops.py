"""What stops a dossier's clock and sets it going again, by the route's policy."""

from datetime import datetime, timedelta

import pytest

from bus.errors import PerformerMismatch, SchemaInvalid, TransitionRefused
from bus.ids import AgencyCode
from bus.routing.case import Alarm, Case, CaseState, StepState, business_state
from bus.routing.machine import StepRefused
from bus.routing.states import CASE_ALLOWS
from bus.schemas.base import BusinessState
from bus.schemas.request import PaymentConfirmedData
from bus.schemas.route import ClockPolicy, LimitUnit, OnReject, RouteStep, StepKind, TimeLimit
from bus.schemas.step import StepCompletedData
from tests.support.walking import Walk, yen_bai, yen_bai_with

PROCEDURE = "2.000286"
LAND = "1.012783"
FIVE_DAYS = timedelta(days=7)
"""Five working days, over one weekend."""


def route_of(procedure: str) -> tuple[RouteStep, ...]:
    return next(r.steps for r in yen_bai().province.routes if r.procedure == procedure)


def supplemented(policy: ClockPolicy, **changes: object) -> tuple[Walk, datetime, datetime]:
    """A dossier whose first step asked for more and got it five working days later."""
    catalogue = yen_bai_with(PROCEDURE, supplement_clock=policy, **changes)
    walk = Walk(PROCEDURE, catalogue=catalogue).submit().later(days=1)
    step, whole = walk.run("commune_review").due_at, case_of(walk).due_at
    assert step is not None
    assert whole is not None
    walk.ask_more("commune_review").later(days=7).supplement()
    return walk, step, whole


def case_of(walk: Walk) -> Case:
    assert walk.case is not None
    return walk.case


def test_a_restart_counts_the_whole_time_again() -> None:
    walk, step, whole = supplemented(ClockPolicy.RESTART)

    run = walk.run("commune_review")
    assert run.due_at == step + timedelta(days=8)
    assert case_of(walk).due_at == whole + timedelta(days=8)


def test_a_pause_leaves_the_time_that_was_left() -> None:
    walk, step, whole = supplemented(ClockPolicy.PAUSE)

    run = walk.run("commune_review")
    assert run.due_at == step + FIVE_DAYS
    assert case_of(walk).due_at == whole + FIVE_DAYS
    assert (run.state, run.round, run.paused_at) == (StepState.OPEN, 2, None)


def test_a_time_that_is_kept_is_warned_of_like_any_other() -> None:
    walk, _, _ = supplemented(ClockPolicy.PAUSE)

    run = walk.run("commune_review")
    assert run.warn_at is not None
    assert run.due_at is not None
    assert walk.at <= run.warn_at < run.due_at
    assert run.alarm is Alarm.NONE


def test_where_the_clock_does_not_stop_no_due_date_moves() -> None:
    walk, step, whole = supplemented(ClockPolicy.NO_STOP)

    assert walk.run("commune_review").due_at == step
    assert case_of(walk).due_at == whole
    assert case_of(walk).paused_at is None


def test_a_step_without_a_limit_has_none_after_a_supplement() -> None:
    steps = tuple(step.model_copy(update={"limit": None}) for step in route_of(PROCEDURE))
    catalogue = yen_bai_with(PROCEDURE, supplement_clock=ClockPolicy.PAUSE, steps=steps)
    walk = Walk(PROCEDURE, catalogue=catalogue).submit()

    walk.ask_more("commune_review").later(days=1).supplement()

    run = walk.run("commune_review")
    assert (run.due_at, run.warn_at) == (None, None)


@pytest.mark.parametrize("policy", list(ClockPolicy))
def test_a_dossier_without_a_limit_has_none_after_a_supplement(policy: ClockPolicy) -> None:
    catalogue = yen_bai_with(PROCEDURE, supplement_clock=policy, total=None)
    walk = Walk(PROCEDURE, catalogue=catalogue).submit()

    walk.ask_more("commune_review").later(days=1).supplement()

    assert (case_of(walk).due_at, case_of(walk).paused_at) == (None, None)


def test_an_overdue_step_stays_overdue_when_its_time_is_kept() -> None:
    catalogue = yen_bai_with(PROCEDURE, supplement_clock=ClockPolicy.NO_STOP)
    walk = Walk(PROCEDURE, catalogue=catalogue).submit()
    due = walk.run("commune_review").due_at

    walk.ask_more("commune_review").later(days=60).supplement()

    run = walk.run("commune_review")
    assert (run.due_at, run.warn_at) == (due, due)
    assert len(walk.strike().told("deadline.passed")) == 2


def test_two_requests_of_parallel_steps_are_met_by_one_supplement() -> None:
    walk = Walk("2.002621").submit().complete("birth")
    walk.ask_more("residence").later(hours=1).ask_more("health_card")
    paused = case_of(walk).paused_at

    walk.later(days=1).supplement()

    assert paused == walk.at - timedelta(days=1, hours=1)
    assert {(run.state, run.round) for run in case_of(walk).steps[1:]} == {(StepState.OPEN, 2)}


def test_a_supplement_nobody_asked_for_is_refused() -> None:
    with pytest.raises(TransitionRefused):
        Walk(PROCEDURE).submit().supplement()


# --- payment ----------------------------------------------------------------------------------


def land(**changes: object) -> Walk:
    """A land dossier at the tax branch."""
    catalogue = yen_bai_with(LAND, **changes) if changes else yen_bai()
    return Walk(LAND, catalogue=catalogue).submit().complete("appraise", "obligation")


def test_a_wait_for_a_payment_nobody_asked_for_is_refused() -> None:
    walk = land()

    with pytest.raises(TransitionRefused, match=r"payment\.requested"):
        walk.complete("tax", "due")

    assert walk.run("tax").state is StepState.OPEN


def test_a_corrected_notice_takes_the_place_of_the_one_before() -> None:
    walk = land().demand(reference="TB-0").demand(reference="TB-1")

    walk.pay()

    assert case_of(walk).payment is not None
    assert case_of(walk).financial == "confirmed"


def test_nothing_more_is_asked_for_once_it_is_paid() -> None:
    walk = land().demand().pay()

    with pytest.raises(TransitionRefused):
        walk.demand(reference="TB-2")


@pytest.mark.parametrize("paid", [False, True])
def test_a_payment_is_confirmed_once_and_only_when_asked_for(paid: bool) -> None:  # noqa: FBT001 -- pytest passes by name
    walk = land()
    if paid:
        walk.demand().pay()

    with pytest.raises(TransitionRefused):
        walk.pay()


def test_who_asked_for_the_payment_may_confirm_it_and_nobody_else() -> None:
    walk = land().demand()
    tax = walk.run("tax").agency or AgencyCode("")
    data = PaymentConfirmedData(
        reference="TB-1", amount_vnd=500_000, receipt="BL-1", paid_at=walk.at
    )

    with pytest.raises(PerformerMismatch):
        walk.say(data, by=walk.run("appraise").agency or tax)
    walk.say(data, by=tax)

    assert case_of(walk).financial == "confirmed"


@pytest.mark.parametrize(
    ("policy", "days"), [(ClockPolicy.PAUSE, 7), (ClockPolicy.NO_STOP, 0), (ClockPolicy.RESTART, 0)]
)
def test_the_time_in_which_the_citizen_pays_counts_by_the_route(
    policy: ClockPolicy, days: int
) -> None:
    walk = land(payment_clock=policy).demand().complete("tax", "due")
    before = case_of(walk).due_at
    assert before is not None

    walk.later(days=7).pay()

    assert case_of(walk).due_at == before + timedelta(days=days)
    assert case_of(walk).paused_at is None


def test_a_dossier_without_a_limit_only_waits_for_the_payment() -> None:
    walk = land(total=None).demand().complete("tax", "due").later(days=7).pay()

    assert (case_of(walk).due_at, case_of(walk).paused_at) == (None, None)
    assert case_of(walk).state is CaseState.PROCESSING


# --- a route that asks for nothing, and guards ------------------------------------------------


def test_a_dossier_none_of_whose_steps_is_to_be_done_comes_home_at_once() -> None:
    (step,) = (s for s in route_of("1.001731") if not s.needs)
    skipped = step.model_copy(update={"when": "has(facts.never)"})
    walk = Walk("1.001731", catalogue=yen_bai_with("1.001731", steps=(skipped,))).submit()

    assert case_of(walk).state is CaseState.COMPLETED
    assert case_of(walk).ended_at == walk.at
    assert len(walk.told("dossier.completed")) == 1


def test_a_refused_side_step_lets_what_waited_for_it_go_on() -> None:
    first, second = route_of("1.001731")
    steps = (first.model_copy(update={"on_reject": OnReject.CONTINUE}), second)
    walk = Walk("1.001731", catalogue=yen_bai_with("1.001731", steps=steps)).submit()

    walk.reject(first.id)

    assert walk.run(second.id).state is StepState.OPEN


def test_a_wait_is_nobodys_step() -> None:
    wait = next(step for step in route_of(LAND) if step.kind is StepKind.AWAIT_PAYMENT)
    limited = wait.model_copy(update={"limit": TimeLimit(amount=1, unit=LimitUnit.WORKING_DAY)})
    steps = tuple(limited if step.id == wait.id else step for step in route_of(LAND))
    walk = land(steps=steps).demand().complete("tax", "due").later(days=20)

    walk.strike()

    assert [owed.recipient for owed in walk.owed if owed.data.step == wait.id] == []  # type: ignore[attr-defined]


def test_a_step_the_route_does_not_have_is_refused() -> None:
    walk = Walk(PROCEDURE).submit()
    data = StepCompletedData(
        step=walk.run("commune_review").id, round=1, outcome="done", completed_at=walk.at
    )

    with pytest.raises(SchemaInvalid) as refused:
        walk.say(data.model_copy(update={"step": "nowhere"}), by=walk.unit)

    assert refused.value.path == "data.step"


def test_the_step_of_another_agency_is_refused() -> None:
    walk = Walk(PROCEDURE).submit().complete("commune_review")
    run = walk.run("district_appraise")

    with pytest.raises(PerformerMismatch) as refused:
        walk.take(StepRefused(walk.unit, run.id, 1, "x"))

    assert refused.value.path == "source"


@pytest.mark.parametrize("end", [CaseState.REJECTED, CaseState.WITHDRAWN])
def test_an_ended_dossier_says_that_it_takes_nothing_more(end: CaseState) -> None:
    walk = Walk(PROCEDURE).submit()
    if end is CaseState.REJECTED:
        walk.reject("commune_review")
    else:
        walk.withdraw()

    with pytest.raises(TransitionRefused, match="only: nothing more") as refused:
        walk.withdraw()

    assert refused.value.path == "type"
    assert CASE_ALLOWS[end] == frozenset()


def test_a_dossier_taken_in_hand_is_being_processed() -> None:
    walk = Walk(PROCEDURE).submit()
    assert case_of(walk).financial == "none"
    assert business_state(case_of(walk)) is BusinessState.ACCEPTED

    walk.receive("commune_review")

    assert business_state(case_of(walk)) is BusinessState.PROCESSING
