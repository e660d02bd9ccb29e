"""An undelivered hand-off is a matter for an operator when its working time runs out."""

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.routing.alarm import Alarm, LookAgain, Undelivered, first_look, look
from bus.routing.clock import due_at, working_minutes_between
from bus.routing.retry import RetryPolicy
from bus.schemas.route import LimitUnit, TimeLimit
from bus.simulation.turned_clock import LOCAL
from tests.support.walking import yen_bai

POLICY = RetryPolicy()
CALENDAR = yen_bai().calendar


def at(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    """A moment of March 2025, Việt Nam time; the 3rd is a Monday."""
    return datetime(2025, month, day, hour, minute, tzinfo=LOCAL).astimezone(UTC)


CREATED: Final = at(3, 8)
DUE: Final = at(14, 17)
A_DAY: Final = CALENDAR.minutes_per_day


def verdict(
    now: datetime,
    *,
    created: datetime = CREATED,
    due: datetime | None = DUE,
    failures: int = 0,
) -> Alarm | LookAgain:
    return look(Undelivered(created, due, failures), now=now, calendar=CALENDAR, policy=POLICY)


def test_with_days_left_nothing_is_wrong_until_a_working_day_before_the_end() -> None:
    assert verdict(at(5, 10)) == LookAgain(at(13, 17))


def test_at_one_working_day_left_an_operator_must_look() -> None:
    assert POLICY.alarm_minutes == A_DAY
    assert verdict(at(13, 17)) == Alarm(A_DAY)
    assert isinstance(verdict(at(13, 16, 59)), LookAgain)


def test_nights_and_weekends_are_no_working_time() -> None:
    """Friday evening to Monday morning nothing is lost, and nothing is alarmed again."""
    assert verdict(at(7, 18), due=at(11, 17)) == LookAgain(at(10, 17))
    assert verdict(at(9, 12), due=at(11, 17)) == LookAgain(at(10, 17))


def test_of_a_short_limit_half_may_be_lost() -> None:
    """A step of one day must not be alarmed the moment it is handed over."""
    created, due = at(4, 7, 30), at(4, 17)

    assert verdict(at(4, 8), created=created, due=due) == LookAgain(at(4, 11, 15))
    assert verdict(at(4, 11, 15), created=created, due=due) == Alarm(A_DAY // 2)


def test_overdue_is_an_alarm_with_the_time_that_is_missing() -> None:
    assert verdict(at(17, 8, 30)) == Alarm(-60)


def test_many_failures_are_an_alarm_whatever_time_is_left() -> None:
    assert isinstance(verdict(at(3, 9), failures=POLICY.alarm_failures), Alarm)
    assert isinstance(verdict(at(3, 9), failures=POLICY.alarm_failures - 1), LookAgain)


def test_where_the_law_sets_no_limit_age_decides() -> None:
    assert verdict(at(5, 8), due=None) == LookAgain(at(6, 8))
    assert verdict(at(6, 8), due=None) == Alarm(None)
    assert verdict(at(3, 9), due=None, failures=99) == Alarm(None)


@given(st.integers(0, 12 * 24 * 3600))
def test_the_next_look_is_never_at_once(seconds: int) -> None:
    """Else the watch would look at the same hand-off for ever."""
    now = CREATED + timedelta(seconds=seconds)

    found = verdict(now)

    assert isinstance(found, Alarm) or found.at >= now + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("due", "first"),
    [(at(3, 10), at(3, 8, 15)), (at(31, 17), at(3, 8, 30)), (None, at(6, 8)), (at(2, 8), at(6, 8))],
)
def test_the_first_look_needs_no_calendar(due: datetime | None, first: datetime) -> None:
    assert first_look(CREATED, due, POLICY) == first


@given(
    start=st.datetimes(datetime(2019, 1, 1), datetime(2026, 6, 1)),  # noqa: DTZ001 -- made local
    unit=st.sampled_from(list(LimitUnit)),
    amount=st.integers(1, 30),
)
def test_the_first_look_loses_no_working_time_before_the_alarm(
    start: datetime, unit: LimitUnit, amount: int
) -> None:
    created = start.replace(tzinfo=LOCAL)
    due = due_at(created, TimeLimit(unit=unit, amount=amount), CALENDAR)

    found = verdict(created, created=created, due=due)

    alarm = found.at if isinstance(found, LookAgain) else created
    first = first_look(created, due, POLICY)
    assert working_minutes_between(alarm, first, CALENDAR) <= 1
