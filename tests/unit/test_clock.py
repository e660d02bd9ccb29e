"""Due dates computed by hand, most of them around Tết 2025 and 2026."""

from datetime import UTC, date, datetime, time

import pytest

from bus.errors import CalendarExhausted
from bus.routing.clock import (
    WorkingCalendar,
    due_at,
    pushed,
    working_days_before,
    working_days_between,
    working_minutes_between,
)
from bus.routing.day import PlainDay
from bus.schemas.calendar import DayKind
from tests.support.small_province import (
    a_calendar,
    days,
    local,
    moment,
    tet_2025_and_2026,
)

CALENDAR = WorkingCalendar(tet_2025_and_2026())


@pytest.mark.parametrize(
    ("start", "amount", "due"),
    [
        pytest.param("20/01/2025 09:00", 3, "23/01/2025", id="inside one week"),
        pytest.param("22/01/2025 09:00", 3, "03/02/2025", id="over Tết 2025"),
        pytest.param("24/01/2025 15:00", 1, "03/02/2025", id="15:00 sharp still counts today"),
        pytest.param("24/01/2025 15:00:01", 1, "04/02/2025", id="after 15:00 before Tết"),
        pytest.param("29/01/2025 10:00", 2, "05/02/2025", id="received on Tết itself"),
        pytest.param("25/04/2025 09:00", 1, "26/04/2025", id="due on a make-up Saturday"),
        pytest.param("25/04/2025 09:00", 3, "29/04/2025", id="over a make-up Saturday"),
        pytest.param("25/04/2025 09:00", 4, "05/05/2025", id="over a swapped Friday"),
        pytest.param("29/04/2025 16:00", 1, "06/05/2025", id="after 15:00 before a bridge"),
        pytest.param("26/04/2025 10:00", 1, "28/04/2025", id="received on a make-up Saturday"),
        pytest.param("28/08/2025 09:00", 2, "03/09/2025", id="over National Day 2025"),
        pytest.param("31/12/2025 09:00", 1, "05/01/2026", id="over a swapped New Year 2026"),
        pytest.param("09/01/2026 09:00", 1, "10/01/2026", id="its make-up Saturday"),
        pytest.param("13/02/2026 09:00", 5, "27/02/2026", id="over Tết 2026"),
        pytest.param("13/02/2026 15:30", 5, "02/03/2026", id="over Tết 2026 after 15:00"),
        pytest.param("21/08/2026 09:00", 1, "22/08/2026", id="a make-up Saturday in August"),
        pytest.param("27/08/2026 09:00", 2, "03/09/2026", id="over a swapped National Day 2026"),
        pytest.param("20/01/2025 06:00", 1, "21/01/2025", id="before opening"),
        pytest.param("20/01/2025 23:30", 1, "22/01/2025", id="late in the evening"),
        pytest.param("21/01/2025 00:30", 1, "22/01/2025", id="still the day before in UTC"),
    ],
)
def test_a_limit_in_working_days_ends_when_the_offices_close(
    start: str, amount: int, due: str
) -> None:
    found = due_at(moment(start), days("working_day", amount), CALENDAR)

    assert local(found) == f"{due} 17:00"
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("start", "amount", "due"),
    [
        pytest.param("15/01/2025 09:00", 5, "20/01/2025", id="ends on a working day"),
        pytest.param("17/01/2025 09:00", 1, "20/01/2025", id="ends on a Saturday"),
        pytest.param("18/04/2025 09:00", 8, "26/04/2025", id="ends on a make-up Saturday"),
        pytest.param("20/01/2025 09:00", 7, "03/02/2025", id="ends on Tết"),
        pytest.param("20/01/2025 15:30", 6, "03/02/2025", id="after 15:00 begins tomorrow"),
        pytest.param("25/01/2025 10:00", 1, "04/02/2025", id="received before Tết on a Saturday"),
    ],
)
def test_a_limit_in_calendar_days_moves_from_a_day_off_to_the_next_working_day(
    start: str, amount: int, due: str
) -> None:
    """Civil Code 2015 art. 148."""
    found = due_at(moment(start), days("calendar_day", amount), CALENDAR)

    assert local(found) == f"{due} 17:00"


@pytest.mark.parametrize(
    ("start", "amount", "due"),
    [
        ("20/01/2025 08:00", 2, "20/01/2025 10:00"),
        ("20/01/2025 09:30", 2, "20/01/2025 11:30"),
        ("20/01/2025 10:30", 2, "20/01/2025 14:30"),
        ("20/01/2025 12:15", 1, "20/01/2025 14:30"),
        ("20/01/2025 06:00", 1, "20/01/2025 08:30"),
        ("20/01/2025 15:30", 4, "21/01/2025 10:00"),
        ("20/01/2025 07:30", 15, "21/01/2025 17:00"),
        ("24/01/2025 16:00", 2, "03/02/2025 08:30"),
        ("25/01/2025 10:00", 1, "03/02/2025 08:30"),
    ],
)
def test_a_limit_in_hours_counts_office_hours_from_the_very_moment(
    start: str, amount: int, due: str
) -> None:
    found = due_at(moment(start), days("working_hour", amount), CALENDAR)

    assert local(found) == due


def test_a_cut_off_at_closing_time_starts_every_limit_today() -> None:
    without = WorkingCalendar(a_calendar(cutoff=time(17)))

    found = due_at(moment("20/01/2025 16:59"), days("working_day", 1), without)

    assert local(found) == "21/01/2025 17:00"


@pytest.mark.parametrize(
    ("paused", "resumed", "due"),
    [
        pytest.param("22/01/2025 10:00", "23/01/2025 10:00", "03/02/2025 17:00", id="one day"),
        pytest.param("21/01/2025 11:00", "21/01/2025 14:30", "03/02/2025 09:00", id="over lunch"),
        pytest.param("22/01/2025 18:00", "23/01/2025 07:00", "24/01/2025 17:00", id="a night"),
        pytest.param("22/01/2025 10:00", "22/01/2025 10:00", "24/01/2025 17:00", id="no time"),
        pytest.param("22/01/2025 10:00", "21/01/2025 10:00", "24/01/2025 17:00", id="backwards"),
        pytest.param("24/01/2025 16:00", "04/02/2025 07:30", "04/02/2025 08:30", id="an hour left"),
        pytest.param("24/01/2025 17:30", "04/02/2025 09:00", "24/01/2025 17:00", id="overdue"),
    ],
)
def test_a_pause_gives_back_the_working_time_it_took(paused: str, resumed: str, due: str) -> None:
    found = pushed(
        moment("24/01/2025 17:00"),
        paused_at=moment(paused),
        resumed_at=moment(resumed),
        calendar=CALENDAR,
    )

    assert local(found) == due


@pytest.mark.parametrize(
    ("due", "amount", "warned"),
    [
        ("03/02/2025 17:00", 2, "23/01/2025 07:30"),
        ("03/02/2025 17:00", 1, "24/01/2025 07:30"),
        ("03/02/2025 17:00", 0, "03/02/2025 07:30"),
        ("29/01/2025 09:00", 1, "24/01/2025 07:30"),
        ("29/01/2025 09:00", 0, "03/02/2025 07:30"),
    ],
)
def test_a_warning_comes_at_the_opening_so_many_working_days_before(
    due: str, amount: int, warned: str
) -> None:
    assert local(working_days_before(moment(due), amount, CALENDAR)) == warned


def test_working_days_are_counted_without_the_first() -> None:
    a, b = moment("20/01/2025 09:00"), moment("03/02/2025 08:00")

    assert working_days_between(a, b, CALENDAR) == 5
    assert working_days_between(b, a, CALENDAR) == -5


def test_working_minutes_are_whole_minutes_of_office_hours() -> None:
    a, b = moment("24/01/2025 16:00"), moment("03/02/2025 08:00:59")

    assert working_minutes_between(a, b, CALENDAR) == 90
    assert working_minutes_between(b, a, CALENDAR) == -90


@pytest.mark.parametrize(
    ("day", "working", "kind"),
    [
        (date(2025, 1, 29), False, DayKind.HOLIDAY),
        (date(2025, 5, 2), False, DayKind.SWAPPED_OFF),
        (date(2025, 4, 26), True, DayKind.MAKEUP_WORKDAY),
        (date(2026, 4, 26), False, DayKind.HOLIDAY),
    ],
)
def test_a_listed_day_is_explained_with_its_name_and_ground(
    day: date, *, working: bool, kind: DayKind
) -> None:
    facts = CALENDAR.explain(day)

    assert (facts.day, facts.working, facts.kind) == (day, working, kind)
    assert (facts.name, facts.basis) == ("Ngày nghỉ", "Thông báo mẫu")


def test_a_plain_day_is_explained_by_the_forty_hour_week() -> None:
    monday, sunday = CALENDAR.explain(date(2025, 1, 20)), CALENDAR.explain(date(2025, 1, 19))

    assert (monday.kind, monday.working) == (PlainDay.WORKING_DAY, True)
    assert (sunday.kind, sunday.working) == (PlainDay.WEEKEND, False)
    assert "188/1999" in monday.basis
    assert sunday.basis == monday.basis


def test_a_working_day_has_the_minutes_of_its_shifts() -> None:
    assert CALENDAR.minutes_per_day == 450


@pytest.mark.parametrize(
    ("start", "amount", "unit", "year"),
    [
        ("04/01/2027 09:00", 1, "working_hour", 2027),
        ("31/12/2024 09:00", 1, "working_day", 2024),
        ("31/12/2026 09:00", 1, "working_day", 2027),
        ("31/12/2026 16:00", 1, "calendar_day", 2027),
        ("01/12/2026 09:00", 760, "calendar_day", 2028),
        ("31/12/2026 16:30", 1, "working_hour", 2027),
    ],
)
def test_a_year_without_calendar_is_named_and_not_guessed(
    start: str, amount: int, unit: str, year: int
) -> None:
    with pytest.raises(
        CalendarExhausted, match=f"{year} is needed.*2025 to 2026.*publish"
    ) as error:
        due_at(moment(start), days(unit, amount), CALENDAR)

    assert error.value.facts == {"year": year, "first_year": 2025, "last_year": 2026}


def test_a_warning_before_the_first_year_is_not_guessed() -> None:
    with pytest.raises(CalendarExhausted, match="2024"):
        working_days_before(moment("02/01/2025 17:00"), 2, CALENDAR)


def test_a_day_outside_the_years_is_not_explained() -> None:
    with pytest.raises(CalendarExhausted, match="2027"):
        CALENDAR.explain(date(2027, 1, 1))


def test_a_moment_without_zone_is_refused() -> None:
    """Otherwise the machine's own zone would decide a citizen's deadline."""
    naive = datetime(2025, 1, 20, 9)  # noqa: DTZ001 -- the point of the test

    with pytest.raises(ValueError, match="time zone"):
        due_at(naive, days("working_day", 1), CALENDAR)


def test_the_year_may_end_on_a_day_off() -> None:
    """31 December 2022 was a Saturday: nothing works after the last working day."""
    calendar = WorkingCalendar(a_calendar(first_year=2022, last_year=2022))

    assert not calendar.is_working_day(date(2022, 12, 31))
    with pytest.raises(CalendarExhausted, match="2023"):
        due_at(moment("31/12/2022 09:00"), days("working_hour", 1), calendar)
