"""What holds for every calendar, start and limit."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bus.routing.clock import (
    WorkingCalendar,
    due_at,
    pushed,
    working_days_before,
    working_days_between,
    working_minutes_between,
)
from bus.schemas.calendar import CalendarDay, DayKind
from bus.schemas.route import LimitUnit, TimeLimit
from tests.support.small_province import VIETNAM, a_calendar


@st.composite
def calendars(draw: st.DrawFn) -> WorkingCalendar:
    """Three years with up to 40 days that differ, and some cut-off."""
    chosen = draw(st.sets(st.dates(date(2024, 1, 1), date(2026, 12, 31)), max_size=40))
    listed = []
    for day in chosen:
        swap = DayKind.MAKEUP_WORKDAY if day.weekday() >= 5 else DayKind.SWAPPED_OFF
        kind = draw(st.sampled_from([DayKind.HOLIDAY, swap]))
        listed.append(CalendarDay(day=day, kind=kind, name="Ngày", basis="Mẫu"))
    cutoff = draw(st.sampled_from([time(11, 30), time(15), time(17), time(23, 59)]))
    return WorkingCalendar(a_calendar(*listed, first_year=2024, last_year=2026, cutoff=cutoff))


MOMENTS = st.datetimes(
    datetime(2024, 3, 1),  # noqa: DTZ001 -- hypothesis adds the zone
    datetime(2025, 6, 30),  # noqa: DTZ001 -- hypothesis adds the zone
    timezones=st.just(UTC),
)
LIMITS = st.builds(TimeLimit, amount=st.integers(1, 60), unit=st.sampled_from(list(LimitUnit)))


@given(calendars(), MOMENTS, LIMITS)
def test_a_due_moment_is_one_at_which_offices_work(
    calendar: WorkingCalendar, start: datetime, limit: TimeLimit
) -> None:
    due = due_at(start, limit, calendar)

    local = due.astimezone(VIETNAM)
    assert due > start
    assert calendar.is_working_day(local.date())
    assert any(shift.opens < local.time() <= shift.closes for shift in calendar.table.office_hours)


@given(calendars(), MOMENTS, st.integers(0, 10**7), LIMITS)
def test_who_begins_later_is_not_due_earlier(
    calendar: WorkingCalendar, start: datetime, seconds: int, limit: TimeLimit
) -> None:
    later = start + timedelta(seconds=seconds)

    assert due_at(start, limit, calendar) <= due_at(later, limit, calendar)


@given(calendars(), MOMENTS, LIMITS)
def test_a_longer_limit_is_not_due_earlier(
    calendar: WorkingCalendar, start: datetime, limit: TimeLimit
) -> None:
    longer = TimeLimit(amount=limit.amount + 1, unit=limit.unit)

    assert due_at(start, limit, calendar) <= due_at(start, longer, calendar)


@given(calendars(), MOMENTS, st.integers(1, 60))
def test_hours_are_exactly_so_many_working_minutes(
    calendar: WorkingCalendar, start: datetime, hours: int
) -> None:
    due = due_at(start, TimeLimit(amount=hours, unit=LimitUnit.WORKING_HOUR), calendar)

    assert working_minutes_between(start, due, calendar) == hours * 60


@given(calendars(), MOMENTS, st.integers(1, 60))
def test_working_days_are_as_many_as_a_slow_count_finds(
    calendar: WorkingCalendar, start: datetime, amount: int
) -> None:
    """The oracle walks day by day, which the calendar never does."""
    due = due_at(start, TimeLimit(amount=amount, unit=LimitUnit.WORKING_DAY), calendar)

    local = start.astimezone(VIETNAM)
    first = local.date()
    if not calendar.is_working_day(first) or local.time() > calendar.table.forward_cutoff:
        first = _next_working_day(calendar, first)
    for _ in range(amount):
        first = _next_working_day(calendar, first)
    assert due.astimezone(VIETNAM).date() == first


@given(calendars(), MOMENTS, LIMITS, st.integers(0, 10**7))
def test_a_pause_of_no_length_moves_nothing(
    calendar: WorkingCalendar, start: datetime, limit: TimeLimit, seconds: int
) -> None:
    due = due_at(start, limit, calendar)
    paused = start + timedelta(seconds=seconds)

    assert pushed(due, paused_at=paused, resumed_at=paused, calendar=calendar) == due


@given(calendars(), MOMENTS, LIMITS, st.integers(0, 10**6), st.integers(0, 10**6))
def test_what_was_left_at_the_pause_is_left_at_the_resumption(
    calendar: WorkingCalendar, start: datetime, limit: TimeLimit, until: int, length: int
) -> None:
    due = due_at(start, limit, calendar)
    paused = min(start + timedelta(seconds=until), due)
    resumed = paused + timedelta(seconds=length)

    moved = pushed(due, paused_at=paused, resumed_at=resumed, calendar=calendar)

    assert moved >= due
    left = working_minutes_between(paused, due, calendar)
    assert paused == due or working_minutes_between(resumed, moved, calendar) == left


@given(calendars(), MOMENTS, LIMITS, st.integers(0, 20))
def test_a_warning_lies_so_many_working_days_before_the_due_day(
    calendar: WorkingCalendar, start: datetime, limit: TimeLimit, amount: int
) -> None:
    due = due_at(start, limit, calendar)

    warned = working_days_before(due, amount, calendar)

    assert working_days_between(warned, due, calendar) == amount
    assert warned.astimezone(VIETNAM).time() == calendar.table.office_hours[0].opens


def _next_working_day(calendar: WorkingCalendar, day: date) -> date:
    day += timedelta(days=1)
    while not calendar.is_working_day(day):
        day += timedelta(days=1)
    return day
