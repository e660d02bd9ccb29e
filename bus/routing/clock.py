"""Deadlines: working-day arithmetic over the published calendar.

Moments come in and go out in UTC; days and office hours are those of the calendar's time zone.
Everything is a look-up in two tables made once per calendar, so a deadline of years costs what a
deadline of hours costs.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from bus.errors import CalendarExhausted
from bus.schemas.calendar import CalendarTable, DayKind
from bus.schemas.route import LimitUnit, TimeLimit

VIETNAM: Final = "Asia/Ho_Chi_Minh"
"""IANA name of the time zone in which dates of law are meant."""

_MINUTE: Final = 60_000_000
_HOUR: Final = 60 * _MINUTE
_SATURDAY: Final = 5


class PlainDay(StrEnum):
    """What a day is that the calendar's table does not list."""

    WORKING_DAY = "working_day"
    WEEKEND = "weekend"


@dataclass(frozen=True, slots=True)
class DayFacts:
    """What a day is and the law it rests on, as an operator is shown it."""

    day: date
    working: bool
    kind: DayKind | PlainDay
    name: str
    basis: str


@dataclass(frozen=True, slots=True)
class _Shift:
    """Office hours in microseconds since midnight, and the working time of the day before them."""

    opens: int
    closes: int
    before: int


class WorkingCalendar:
    """The published calendar, ready for arithmetic.

    A day is an index (0 is 1 January of the first year). Working time is one number line: the
    microseconds of office hours since the first day's midnight. Adding working time is adding.
    """

    def __init__(self, table: CalendarTable) -> None:
        self.table = table
        self.zone = ZoneInfo(table.timezone)
        self._listed = {entry.day: entry for entry in table.days}
        self._first = date(table.first_year, 1, 1).toordinal()
        days = date(table.last_year, 12, 31).toordinal() - self._first + 1
        self._before: list[int] = []
        self._working: list[int] = []
        for index in range(days):
            self._before.append(len(self._working))
            if self._works(date.fromordinal(self._first + index)):
                self._working.append(index)
        self._shifts = _shifts(table)
        self._cutoff = _since_midnight(table.forward_cutoff)
        last = self._shifts[-1]
        self._day_length = last.before + last.closes - last.opens

    @property
    def minutes_per_day(self) -> int:
        """Office hours of one working day, in whole minutes."""
        return self._day_length // _MINUTE

    def is_working_day(self, day: date) -> bool:
        """Say whether offices work on that day.

        Raises:
            CalendarExhausted: The published calendar does not cover the day's year.
        """
        index = self._within(day.toordinal() - self._first)
        return self._is_working(index)

    def explain(self, day: date) -> DayFacts:
        """Return what a day is, its name and its legal ground.

        Raises:
            CalendarExhausted: The published calendar does not cover the day's year.
        """
        working = self.is_working_day(day)
        entry = self._listed.get(day)
        if entry is not None:
            return DayFacts(day, working, entry.kind, entry.name, entry.basis)
        basis = "Quyết định 188/1999/QĐ-TTg (tuần làm việc 40 giờ)"
        if working:
            return DayFacts(day, working, PlainDay.WORKING_DAY, "Ngày làm việc", basis)
        return DayFacts(day, working, PlainDay.WEEKEND, "Ngày nghỉ hằng tuần", basis)

    def local_date(self, moment: datetime) -> date:
        """Return the date it is in the calendar's time zone."""
        return local_date(moment, self.zone)

    # Below: the number lines. Used by the functions of this module only.

    def locate(self, moment: datetime) -> tuple[int, int]:
        """Return the day's index and the microseconds since its local midnight."""
        local = _aware(moment).astimezone(self.zone)
        return self._within(local.toordinal() - self._first), _since_midnight(local.time())

    def start_day(self, moment: datetime) -> int:
        """Return the index of the day on which a time limit counts as begun."""
        index, clock = self.locate(moment)
        if self._is_working(index) and clock <= self._cutoff:
            return index
        return self.nth_after(index, 1)

    def nth_after(self, index: int, amount: int) -> int:
        """Return the index of the nth working day after a day, that day itself not counted."""
        place = self._before[index] + self._is_working(index) + amount - 1
        return self._nth(place)

    def first_from(self, index: int) -> int:
        """Return the index of the first working day that is not before a day."""
        return self._nth(self._before[self._within(index)])

    def nth_before(self, index: int, amount: int) -> int:
        """Return the index of the nth working day before a day; 0: the first not before it."""
        return self._nth(self._before[index] - amount)

    def passed(self, index: int) -> int:
        """Return how many working days lie before the end of a day."""
        return self._before[index] + self._is_working(index)

    def position(self, moment: datetime) -> int:
        """Return the working time until a moment."""
        index, clock = self.locate(moment)
        position = self._before[index] * self._day_length
        if self._is_working(index):
            position += sum(
                min(clock, shift.closes) - shift.opens
                for shift in self._shifts
                if clock > shift.opens
            )
        return position

    def reached(self, position: int) -> datetime:
        """Return the first moment at which so much working time (not zero) has gone."""
        place, rest = divmod(position - 1, self._day_length)
        shift = next(shift for shift in reversed(self._shifts) if shift.before <= rest)
        return self._moment(self._nth(place), shift.opens + rest + 1 - shift.before)

    def opening(self, index: int) -> datetime:
        """Return when the offices open on a day."""
        return self._moment(index, self._shifts[0].opens)

    def closing(self, index: int) -> datetime:
        """Return when the offices close on a day."""
        return self._moment(index, self._shifts[-1].closes)

    def _works(self, day: date) -> bool:
        entry = self._listed.get(day)
        if entry is None:
            return day.weekday() < _SATURDAY
        return entry.kind is DayKind.MAKEUP_WORKDAY

    def _is_working(self, index: int) -> bool:
        place = self._before[index]
        return place < len(self._working) and self._working[place] == index

    def _nth(self, place: int) -> int:
        if place < 0:
            raise self._exhausted(self.table.first_year - 1)
        if place >= len(self._working):
            raise self._exhausted(self.table.last_year + 1)
        return self._working[place]

    def _within(self, index: int) -> int:
        if not 0 <= index < len(self._before):
            raise self._exhausted(date.fromordinal(self._first + index).year)
        return index

    def _exhausted(self, year: int) -> CalendarExhausted:
        first, last = self.table.first_year, self.table.last_year
        return CalendarExhausted(
            f"the year {year} is needed for a deadline, but the published calendar covers"
            f" {first} to {last}; add the days off of {year} to the calendar and publish it",
            year=year,
            first_year=first,
            last_year=last,
        )

    def _moment(self, index: int, clock: int) -> datetime:
        midnight = datetime.combine(date.fromordinal(self._first + index), time())
        local = midnight + timedelta(microseconds=clock)
        return local.replace(tzinfo=self.zone).astimezone(UTC)


def due_at(start: datetime, limit: TimeLimit, calendar: WorkingCalendar) -> datetime:
    """Return when a time limit that begins at `start` ends.

    Days: the day of the start is not counted (Civil Code 2015 art. 147), a last day that is off
    moves to the next working day (art. 148), and the hour is the close of that day's offices.
    A start on a day off, or after the calendar's cut-off (15:00), counts as a start at the opening
    of the next working day: nobody is there to receive it, and Decree 61/2018 art. 18.2 hands it
    on only then. Provinces differ on whether the cut-off also moves the start of the limit, so it
    is data: a `forward_cutoff` at closing time switches that off.

    Hours: office hours only, from the very moment; an hour limit is too short to be rounded.

    Raises:
        CalendarExhausted: The start or the end is outside the years the calendar covers.
    """
    if limit.unit is LimitUnit.WORKING_HOUR:
        return calendar.reached(calendar.position(start) + limit.amount * _HOUR)
    begun = calendar.start_day(start)
    if limit.unit is LimitUnit.WORKING_DAY:
        return calendar.closing(calendar.nth_after(begun, limit.amount))
    return calendar.closing(calendar.first_from(begun + limit.amount))


def pushed(
    due: datetime, *, paused_at: datetime, resumed_at: datetime, calendar: WorkingCalendar
) -> datetime:
    """Return the due moment after a pause: the working time left then is counted again from now.

    A pause that took no working time changes nothing. What was overdue at the pause has nothing
    left, and stays overdue.

    Raises:
        CalendarExhausted: One of the moments is outside the years the calendar covers.
    """
    lost = calendar.position(resumed_at) - calendar.position(paused_at)
    if lost <= 0 or paused_at >= due:
        return due
    return calendar.reached(calendar.position(due) + lost)


def working_days_before(due: datetime, days: int, calendar: WorkingCalendar) -> datetime:
    """Return the opening of the offices so many working days before the due day.

    Raises:
        CalendarExhausted: The day is outside the years the calendar covers.
    """
    index, _ = calendar.locate(due)
    return calendar.opening(calendar.nth_before(index, days))


def working_time_before(due: datetime, span: timedelta, calendar: WorkingCalendar) -> datetime:
    """Return the moment after which just so much office time is left until `due`.

    Raises:
        CalendarExhausted: The moment is outside the years the calendar covers.
    """
    position = calendar.position(due) - span // timedelta(microseconds=1)
    return calendar.reached(max(position, 1))


def working_days_between(a: datetime, b: datetime, calendar: WorkingCalendar) -> int:
    """Return the working days from a to b, the day of `a` not counted; negative when b is before.

    Raises:
        CalendarExhausted: One of the moments is outside the years the calendar covers.
    """
    return calendar.passed(calendar.locate(b)[0]) - calendar.passed(calendar.locate(a)[0])


def working_minutes_between(a: datetime, b: datetime, calendar: WorkingCalendar) -> int:
    """Return the whole minutes of office hours from a to b; negative when b is before.

    Raises:
        CalendarExhausted: One of the moments is outside the years the calendar covers.
    """
    between = calendar.position(b) - calendar.position(a)
    return between // _MINUTE if between >= 0 else -(-between // _MINUTE)


def local_date(moment: datetime, zone: ZoneInfo) -> date:
    """Return the date a moment has in a zone."""
    return _aware(moment).astimezone(zone).date()


def _aware(moment: datetime) -> datetime:
    """Refuse a moment without zone: `astimezone` would read the machine's own."""
    if moment.tzinfo is None:
        raise ValueError("expected a moment with its time zone, got one without")
    return moment


def _since_midnight(clock: time) -> int:
    seconds = clock.hour * 3600 + clock.minute * 60 + clock.second
    return seconds * 1_000_000 + clock.microsecond


def _shifts(table: CalendarTable) -> tuple[_Shift, ...]:
    shifts: list[_Shift] = []
    before = 0
    for shift in table.office_hours:
        opens, closes = _since_midnight(shift.opens), _since_midnight(shift.closes)
        shifts.append(_Shift(opens, closes, before))
        before += closes - opens
    return tuple(shifts)
