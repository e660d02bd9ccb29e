"""Deadlines: working-day arithmetic over the published calendar.

Moments come in and go out in UTC; days and office hours are those of the calendar's time zone.
Everything is a look-up in tables made once per calendar, so a deadline of years costs what a
deadline of hours costs. Every office counts by a calendar of its own (`bus.routing.day` says how
a day is worked); most are the province's.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bus.errors import CalendarExhausted
from bus.routing.day import DayFacts, DayPlan, facts, plans, since_midnight
from bus.schemas.calendar import CalendarTable, Counting, WorkingTime
from bus.schemas.route import LimitUnit, TimeLimit

VIETNAM: Final = "Asia/Ho_Chi_Minh"
"""IANA name of the time zone in which dates of law are meant."""

_MINUTE: Final = 60_000_000
_HOUR: Final = 60 * _MINUTE


class WorkingCalendar:
    """The published calendar as one office works by it, ready for arithmetic.

    A day is an index (0 is 1 January of the first year). Working time is one number line: the
    microseconds of office hours, on days that count, since the first day's midnight. Adding
    working time is adding. `own` are the office's working times in place of the province's, of
    which the first that covers a day counts.
    """

    def __init__(self, table: CalendarTable, own: Sequence[WorkingTime] = ()) -> None:
        self.table = table
        self.own = tuple(own)
        self.zone = ZoneInfo(table.timezone)
        self._listed = {entry.day: entry for entry in table.days}
        self._first = date(table.first_year, 1, 1).toordinal()
        last = date(table.last_year, 12, 31).toordinal()
        span = [date.fromordinal(day) for day in range(self._first, last + 1)]
        self._plans: list[DayPlan] = list(plans(table, self.own, span))
        self._open = [index for index, plan in enumerate(self._plans) if plan.spans]
        self._working: list[int] = []
        self._before: list[int] = []
        self._elapsed = [0]
        self._openings: dict[int, datetime] = {}  # those asked for so far; of a day, always one
        self._endings: dict[int, datetime] = {}
        for index, plan in enumerate(self._plans):
            self._before.append(len(self._working))
            if plan.counts:
                self._working.append(index)
                self._elapsed.append(self._elapsed[-1] + plan.length)

    @property
    def minutes_per_day(self) -> int:
        """Office hours of one of the province's working days, in whole minutes."""
        hours = self.table.office_hours
        return sum(since_midnight(s.closes) - since_midnight(s.opens) for s in hours) // _MINUTE

    def is_working_day(self, day: date) -> bool:
        """Say whether that day counts as a working day of the office.

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
        index = self._within(day.toordinal() - self._first)
        return facts(day, self._listed.get(day), self.own, self._plans[index])

    def plan(self, day: date) -> DayPlan:
        """Return how the office works on a day.

        Raises:
            CalendarExhausted: The published calendar does not cover the day's year.
        """
        return self._plans[self._within(day.toordinal() - self._first)]

    def counting(self, day: date) -> Counting | None:
        """Return the rule by which limits begin and end that day; None where the law's does."""
        rules = (one.counting for one in self.own if one.covers(day))
        return next(rules, None) or self.table.counting

    def local_date(self, moment: datetime) -> date:
        """Return the date it is in the calendar's time zone."""
        return local_date(moment, self.zone)

    # Below: the number lines. Used by the functions of this module only.

    def locate(self, moment: datetime) -> tuple[int, int]:
        """Return the day's index and the microseconds since its local midnight."""
        local = _aware(moment).astimezone(self.zone)
        return self._within(local.toordinal() - self._first), since_midnight(local)

    def start_day(self, moment: datetime) -> int:
        """Return the index of the day on which a time limit counts as begun."""
        index, clock = self.locate(moment)
        plan = self._plans[index]
        if plan.spans and clock <= plan.cutoff:
            return index
        place = bisect_right(self._open, index)
        if place == len(self._open):
            raise self._exhausted(self.table.last_year + 1)
        return self._open[place]

    def nth_from(self, begun: int, amount: int) -> int:
        """Return the index of the last of so many working days of a limit begun on a day."""
        plan = self._plans[begun]
        skipped = plan.counts and not plan.first_day_counts
        return self._nth(self._before[begun] + skipped + amount - 1)

    def day_from(self, begun: int, amount: int) -> int:
        """Return the index of the last of so many calendar days of a limit begun on a day."""
        return begun + amount - self._plans[begun].first_day_counts

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
        position = self._elapsed[self._before[index]]
        plan = self._plans[index]
        if plan.counts:
            position += sum(
                min(clock, span.closes) - span.opens for span in plan.spans if clock > span.opens
            )
        return position

    def reached(self, position: int) -> datetime:
        """Return the first moment at which so much working time (not zero) has gone."""
        place = bisect_left(self._elapsed, position) - 1
        index = self._nth(place)
        rest = position - 1 - self._elapsed[place]
        span = next(s for s in reversed(self._plans[index].spans) if s.before <= rest)
        return self._moment(index, span.opens + rest + 1 - span.before)

    def opening(self, index: int) -> datetime:
        """Return when the office opens on a day."""
        moment = self._openings.get(index)
        if moment is None:
            moment = self._moment(index, self._plans[index].spans[0].opens)
            self._openings[index] = moment
        return moment

    def ending(self, index: int) -> datetime:
        """Return when a limit ends whose last day this is."""
        moment = self._endings.get(index)
        if moment is None:
            moment = self._endings[index] = self._moment(index, self._plans[index].ends)
        return moment

    def _is_working(self, index: int) -> bool:
        return self._plans[index].counts

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

    The clock starts when a complete dossier is accepted, not when it was filed, and again from the
    start after a supplement (Decree 61/2018 art. 19.4). Whose calendar counts is said by
    `bus.routing.province.Catalogue.calendar_of`.

    Days: the day of the start is not counted (Civil Code 2015 art. 147), a last day that is off
    moves to the next working day (art. 148), and the hour is the close of that day's offices.
    A start on a day off, or after the calendar's cut-off (15:00), counts as a start at the opening
    of the next day the office is open: nobody is there to receive it, and Decree 61/2018 art. 18.2
    hands it on only then. Provinces differ on whether the cut-off also moves the start of the
    limit, so it is data, as are the first day and the hour of the end (`Counting`).

    Hours: office hours only, from the very moment; an hour limit is too short to be rounded.

    Raises:
        CalendarExhausted: The start or the end is outside the years the calendar covers.
    """
    if limit.unit is LimitUnit.WORKING_HOUR:
        return calendar.reached(calendar.position(start) + limit.amount * _HOUR)
    begun = calendar.start_day(start)
    if limit.unit is LimitUnit.WORKING_DAY:
        return calendar.ending(calendar.nth_from(begun, limit.amount))
    return calendar.ending(calendar.first_from(calendar.day_from(begun, limit.amount)))


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
    (opening,) = openings_before(due, (days,), calendar)
    return opening


def openings_before(
    due: datetime, days: Sequence[int], calendar: WorkingCalendar
) -> Sequence[datetime]:
    """Return, for each number, the opening of the offices so many working days before the due day.

    Raises:
        CalendarExhausted: A day is outside the years the calendar covers.
    """
    index, _ = calendar.locate(due)
    return [calendar.opening(calendar.nth_before(index, one)) for one in days]


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
