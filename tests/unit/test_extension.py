"""Being late with an apology: in time, once, and without moving the date that counts."""

from datetime import timedelta
from typing import Any

import pytest

from bus.errors import SchemaInvalid, TransitionRefused
from bus.routing.case import Alarm, Case, Flag, StepState
from bus.schemas.route import RouteStep
from tests.support.walking import Walk, yen_bai, yen_bai_with

PROCEDURE = "2.000286"
STEP = "commune_review"
ONE_DAY = timedelta(days=1)


def case_of(walk: Walk) -> Case:
    assert walk.case is not None
    return walk.case


def test_the_one_stop_unit_is_told_of_the_apology_and_the_new_appointment() -> None:
    walk = Walk(PROCEDURE).submit()
    due = case_of(walk).due_at

    walk.extend(STEP, days=60)

    (owed,) = walk.told("step.extended")
    data: Any = owed.data
    assert (owed.recipient, data.agency, data.due_at) == (walk.unit, walk.run(STEP).agency, due)
    assert (data.apology, data.extended_due_at) == (
        "Cơ quan xin lỗi ông, bà.",
        walk.at + timedelta(days=60),
    )
    assert walk.run(STEP).state is StepState.IN_HAND


def test_the_original_due_date_is_kept_and_overdue_goes_by_it() -> None:
    walk = Walk(PROCEDURE).submit()
    due = case_of(walk).due_at
    assert due is not None

    walk.extend(STEP, days=60)
    walk.at = due
    walk.strike()

    assert case_of(walk).due_at == due
    assert case_of(walk).extended_due_at is not None
    assert case_of(walk).appointment == case_of(walk).extended_due_at
    assert case_of(walk).alarm is Alarm.PASSED


def test_without_an_extension_the_citizen_comes_on_the_due_date() -> None:
    walk = Walk(PROCEDURE).submit()

    assert case_of(walk).appointment == case_of(walk).due_at is not None


def test_a_dossier_has_one_new_appointment() -> None:
    walk = Walk(PROCEDURE).submit().extend(STEP, days=60)

    with pytest.raises(TransitionRefused) as refused:
        walk.extend(STEP, days=90)

    assert "một lần" in refused.value.text_vi


@pytest.mark.parametrize(("before", "taken"), [(ONE_DAY, True), (ONE_DAY - ONE_DAY / 24, False)])
def test_the_notice_comes_at_least_one_day_before_the_deadline(
    before: timedelta, *, taken: bool
) -> None:
    walk = Walk(PROCEDURE).submit()
    due = case_of(walk).due_at
    assert due is not None
    walk.at = due - before

    if taken:
        walk.extend(STEP)
        assert case_of(walk).extended_due_at is not None
    else:
        with pytest.raises(TransitionRefused, match="at least one day"):
            walk.extend(STEP)
        assert case_of(walk).extended_due_at is None


def test_a_new_appointment_is_later_than_the_deadline() -> None:
    walk = Walk(PROCEDURE).submit()

    with pytest.raises(SchemaInvalid) as refused:
        walk.extend(STEP, extended_due_at=case_of(walk).due_at)

    assert refused.value.path == "data.extended_due_at"


def steps_without_limit() -> tuple[RouteStep, ...]:
    route = next(r for r in yen_bai().province.routes if r.procedure == PROCEDURE)
    return tuple(step.model_copy(update={"limit": None}) for step in route.steps)


def test_where_the_whole_has_no_deadline_the_steps_own_counts() -> None:
    walk = Walk(PROCEDURE, catalogue=yen_bai_with(PROCEDURE, total=None)).submit()

    walk.extend(STEP, days=60)

    (owed,) = walk.told("step.extended")
    assert owed.data.due_at == walk.run(STEP).due_at  # type: ignore[attr-defined]


def test_what_has_no_deadline_is_not_extended() -> None:
    catalogue = yen_bai_with(PROCEDURE, total=None, steps=steps_without_limit())
    walk = Walk(PROCEDURE, catalogue=catalogue).submit()

    with pytest.raises(TransitionRefused, match="deadline"):
        walk.extend(STEP)


def test_nothing_is_extended_while_the_citizen_is_waited_for() -> None:
    walk = Walk("2.002621").submit().complete("birth").ask_more("residence")

    with pytest.raises(TransitionRefused, match="supplementing"):
        walk.extend("health_card")


# --- one complete notice ---------------------------------------------------------------------


def test_a_second_supplement_request_at_the_reception_is_taken_and_flagged() -> None:
    walk = Walk("1.001731").submit().ask_more("commune_forward").later(days=1).supplement()
    assert case_of(walk).flags == ()

    walk.ask_more("commune_forward")

    assert case_of(walk).flags == (Flag.SECOND_SUPPLEMENT,)
    assert len(walk.told("supplement.requested")) == 1


def test_a_flag_is_raised_once() -> None:
    walk = Walk("1.001731").submit()
    for _ in range(3):
        walk.ask_more("commune_forward").later(days=1).supplement()

    assert case_of(walk).flags == (Flag.SECOND_SUPPLEMENT,)


def test_a_second_request_after_appraisal_is_no_fault_of_the_reception() -> None:
    walk = Walk(PROCEDURE).submit().complete("commune_review")
    walk.ask_more("district_appraise").later(days=1).supplement().ask_more("district_appraise")

    assert case_of(walk).flags == ()
