"""When the clock must look at a case again."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bus.routing.case import Alarm, Case, CaseState, StepState
from bus.routing.deadline import case_alarm, next_alarm, step_alarm
from bus.routing.opening import put
from tests.support.walking import Walk


@pytest.fixture
def case() -> Case:
    """Its first step is warned of, its last day begins, it is due, then the whole is, hourly."""
    walk = Walk("2.000286").submit()
    assert walk.case is not None
    run = replace(walk.case.steps[0], warn_at=hour(1), apology_at=hour(2), due_at=hour(3))
    return replace(put(walk.case, run), warn_at=None, apology_at=None, due_at=hour(4))


def hour(number: int) -> datetime:
    return Walk("").at + timedelta(hours=number)


def with_step(case: Case, **changes: object) -> Case:
    return put(case, replace(case.steps[0], **changes))  # type: ignore[arg-type]


def test_the_warning_comes_first(case: Case) -> None:
    assert next_alarm(case) == hour(1)


@pytest.mark.parametrize(
    ("alarm", "moment"),
    [(Alarm.NONE, 1), (Alarm.WARNED, 2), (Alarm.APOLOGY, 3), (Alarm.PASSED, 4)],
)
def test_what_was_told_is_not_told_again(case: Case, alarm: Alarm, moment: int) -> None:
    assert next_alarm(with_step(case, alarm=alarm)) == hour(moment)


def test_a_step_without_a_warning_is_told_when_it_is_due(case: Case) -> None:
    assert step_alarm(with_step(case, warn_at=None).steps[0]) == hour(3)


def test_a_step_without_a_notice_of_its_last_day_is_told_when_it_is_due(case: Case) -> None:
    warned = with_step(case, apology_at=None, alarm=Alarm.WARNED)

    assert step_alarm(warned.steps[0]) == hour(3)


@pytest.mark.parametrize(
    "changes",
    [{"due_at": None}, {"agency": None}, {"state": StepState.SUPPLEMENTING}],
    ids=["no limit", "nobody to warn", "waits for the citizen"],
)
def test_a_step_that_cannot_be_late_has_no_alarm(case: Case, changes: dict[str, object]) -> None:
    assert step_alarm(with_step(case, **changes).steps[0]) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"alarm": Alarm.PASSED},
        {"paused_at": hour(0)},
        {"due_at": None},
        {"state": CaseState.COMPLETED},
    ],
    ids=["told", "paused", "no limit", "over"],
)
def test_a_dossier_that_cannot_be_late_has_no_alarm(case: Case, changes: dict[str, object]) -> None:
    assert case_alarm(replace(case, **changes)) is None  # type: ignore[arg-type]


def test_a_dossier_that_ended_is_left_alone() -> None:
    walk = Walk("1.001731").submit().reject("commune_forward")

    assert walk.case is not None
    assert next_alarm(walk.case) is None
