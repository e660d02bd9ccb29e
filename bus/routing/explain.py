"""Why something is due when it is: the arithmetic of a due date, day by day, as a value.

`bus.routing.clock` looks due dates up; here the days are walked one by one, as an official would
with a calendar on the wall, so that each can be shown with its ground. The two share what a day is
and nothing else, and must end at the same moment.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import assert_never

from bus.ids import AgencyCode
from bus.routing.clock import WorkingCalendar
from bus.routing.day import DayFacts, clock_of, since_midnight
from bus.schemas.calendar import Counting
from bus.schemas.route import LimitUnit, TimeLimit

_DAY = timedelta(days=1)
_HOUR = 3_600_000_000
_MINUTE = 60_000_000


class Start(StrEnum):
    """Why a time limit begins."""

    ACCEPTED = "accepted"
    SUPPLEMENTED = "supplemented"
    HANDED_OVER = "handed_over"


class Stop(StrEnum):
    """Why a clock stands."""

    SUPPLEMENT = "supplement"
    PAYMENT = "payment"


@dataclass(frozen=True, slots=True)
class Counted:
    """A time limit began to be counted, from nothing, by an office's calendar."""

    start: datetime
    limit: TimeLimit
    why: Start
    agency: AgencyCode


@dataclass(frozen=True, slots=True)
class Stood:
    """The clock stood; `until` is None while it does. It is given back only where `given_back`."""

    since: datetime
    why: Stop
    agency: AgencyCode
    until: datetime | None = None
    given_back: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """Something else set the due moment: the message or act of that type."""

    at: datetime
    due: datetime
    by: str


Happening = Counted | Stood | Moved
"""What made a due moment what it is, in order."""


class Mark(StrEnum):
    """What a day is in the count."""

    BEFORE = "before"
    START = "start"
    COUNTED = "counted"
    SKIPPED = "skipped"
    MOVED_ON = "moved_on"
    LAST = "last"


class Beginning(StrEnum):
    """Where a limit begins, seen from the moment of its start."""

    SAME_DAY = "same_day"
    AFTER_CUTOFF = "after_cutoff"
    DAY_OFF = "day_off"
    VERY_MOMENT = "very_moment"


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day: what it is, which of the limit it is, or how many minutes of it were taken."""

    facts: DayFacts
    mark: Mark
    number: int | None = None
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of the arithmetic and the due moment after it.

    `days` are those of the count, or of the stand; `further` those the due moment moved over.
    `cutoff` is the hour that was passed where the limit began a day later for it, `rule` what the
    office counts by in place of the law's.
    """

    happening: Happening
    due: datetime
    days: tuple[DayLine, ...] = ()
    further: tuple[DayLine, ...] = ()
    beginning: Beginning | None = None
    cutoff: time | None = None
    rule: Counting | None = None
    lost_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a due moment came about; `due` is where the last part ends."""

    parts: tuple[Part, ...]

    @property
    def due(self) -> datetime:
        """The due moment."""
        return self.parts[-1].due


def explain(
    happenings: Sequence[Happening], calendar_of: Callable[[AgencyCode], WorkingCalendar]
) -> Explanation | None:
    """Return the arithmetic of a due moment; None where nothing was ever counted.

    Raises:
        CalendarExhausted: A day is outside the years the calendar covers.
    """
    parts: list[Part] = []
    for one in happenings:
        match one:
            case Counted():
                calendar = calendar_of(one.agency)
                hours = one.limit.unit is LimitUnit.WORKING_HOUR
                parts.append(_hours(one, calendar) if hours else _days(one, calendar))
            case Stood():
                parts.append(_stood(one, parts[-1].due, calendar_of(one.agency)))
            case Moved():
                parts.append(Part(one, one.due))
            case _:
                assert_never(one)
    return Explanation(tuple(parts)) if parts else None


def _days(one: Counted, calendar: WorkingCalendar) -> Part:
    lines, begun, beginning = _begun(one.start, calendar)
    working = one.limit.unit is LimitUnit.WORKING_DAY
    plan = calendar.plan(begun)
    number = 1 if plan.first_day_counts and (plan.counts or not working) else 0
    mark = Mark.COUNTED if number else Mark.START
    lines.append(DayLine(calendar.explain(begun), mark, number or None))
    day = begun
    while number < one.limit.amount:
        day += _DAY
        facts = calendar.explain(day)
        if facts.working or not working:
            number += 1
            lines.append(DayLine(facts, Mark.COUNTED, number))
        else:
            lines.append(DayLine(facts, Mark.SKIPPED))
    while not calendar.is_working_day(day):
        day += _DAY
        facts = calendar.explain(day)
        lines.append(DayLine(facts, Mark.LAST if facts.working else Mark.MOVED_ON))
    due = _at(day, calendar.plan(day).ends, calendar)
    cutoff = calendar.plan(lines[0].facts.day).cutoff
    return Part(
        one,
        due,
        tuple(lines),
        beginning=beginning,
        cutoff=clock_of(cutoff) if beginning is Beginning.AFTER_CUTOFF else None,
        rule=calendar.counting(begun),
    )


def _begun(start: datetime, calendar: WorkingCalendar) -> tuple[list[DayLine], date, Beginning]:
    """Return the days before the limit begins, the day it begins, and why then."""
    local = start.astimezone(calendar.zone)
    day, plan = local.date(), calendar.plan(local.date())
    if plan.spans and since_midnight(local.time()) <= plan.cutoff:
        return [], day, Beginning.SAME_DAY
    beginning = Beginning.AFTER_CUTOFF if plan.spans else Beginning.DAY_OFF
    lines = [DayLine(calendar.explain(day), Mark.BEFORE)]
    day += _DAY
    while not calendar.plan(day).spans:
        lines.append(DayLine(calendar.explain(day), Mark.BEFORE))
        day += _DAY
    return lines, day, beginning


def _hours(one: Counted, calendar: WorkingCalendar) -> Part:
    lines, due = _spent(one.start, one.limit.amount * _HOUR, calendar)
    return Part(one, due, lines, beginning=Beginning.VERY_MOMENT)


def _stood(one: Stood, due: datetime, calendar: WorkingCalendar) -> Part:
    if one.until is None:
        return Part(one, due)
    lines = tuple(_lost(one.since, one.until, calendar))
    lost = sum(amount for _, amount in lines)
    days = tuple(
        DayLine(facts, Mark.COUNTED if amount else Mark.SKIPPED, minutes=amount // _MINUTE)
        for facts, amount in lines
    )
    further: tuple[DayLine, ...] = ()
    if one.given_back and lost > 0 and one.since < due:
        further, due = _spent(due, lost, calendar)
    return Part(one, due, days, further, lost_minutes=lost // _MINUTE)


def _spent(
    start: datetime, amount: int, calendar: WorkingCalendar
) -> tuple[tuple[DayLine, ...], datetime]:
    """Return the days on which so much working time goes by, and when it has."""
    local = start.astimezone(calendar.zone)
    day, clock = local.date(), since_midnight(local.time())
    lines: list[DayLine] = []
    while True:
        taken = 0
        plan, facts = calendar.plan(day), calendar.explain(day)
        for span in plan.spans if plan.counts else ():
            begin = max(span.opens, clock)
            use = min(amount - taken, max(span.closes - begin, 0))
            taken += use
            if use and taken == amount:
                lines.append(DayLine(facts, Mark.LAST, minutes=taken // _MINUTE))
                return tuple(lines), _at(day, begin + use, calendar)
        mark = Mark.COUNTED if taken else Mark.SKIPPED
        lines.append(DayLine(facts, mark, minutes=taken // _MINUTE))
        amount -= taken
        day, clock = day + _DAY, 0


def _lost(
    since: datetime, until: datetime, calendar: WorkingCalendar
) -> Iterator[tuple[DayFacts, int]]:
    """Yield each day the clock stood, and the working time of it that went by, in microseconds."""
    first, last = (at.astimezone(calendar.zone) for at in (since, until))
    day = first.date()
    while day <= last.date():
        plan = calendar.plan(day)
        begin = since_midnight(first.time()) if day == first.date() else 0
        end = since_midnight(last.time()) if day == last.date() else 24 * _HOUR
        taken = 0
        for span in plan.spans if plan.counts else ():
            taken += max(min(span.closes, end) - max(span.opens, begin), 0)
        yield calendar.explain(day), taken
        day += _DAY


def _at(day: date, clock: int, calendar: WorkingCalendar) -> datetime:
    local = datetime.combine(day, time()) + timedelta(microseconds=clock)
    return local.replace(tzinfo=calendar.zone).astimezone(UTC)
