"""What one day is for an office: whether it is open, whether the day counts, and on what ground."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum
from typing import Final

from bus.ids import AgencyCode
from bus.schemas.base import Level
from bus.schemas.calendar import (
    CalendarDay,
    CalendarTable,
    Counting,
    DayKind,
    Shift,
    WorkingTime,
)

_SATURDAY: Final = 5
FORTY_HOURS: Final = "Quyết định 188/1999/QĐ-TTg (tuần làm việc 40 giờ)"
"""Ground of the plain week: Monday to Friday are worked, Saturday and Sunday are off."""


class PlainDay(StrEnum):
    """What a day is that the calendar's table does not list."""

    WORKING_DAY = "working_day"
    WEEKEND = "weekend"
    OPEN_SATURDAY = "open_saturday"


@dataclass(frozen=True, slots=True)
class DayFacts:
    """What a day is and the law it rests on, as an operator is shown it.

    `working` days count in a time limit. An office may be open (`hours`) on a day that does not.
    """

    day: date
    working: bool
    kind: DayKind | PlainDay
    name: str
    basis: str
    hours: tuple[Shift, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Office hours in microseconds since midnight, and the working time of the day before them."""

    opens: int
    closes: int
    before: int


@dataclass(frozen=True, slots=True)
class DayPlan:
    """How an office works on a kind of day. No spans: closed, nothing is received.

    `counts` says whether the day is one of a limit; a limit begun by `cutoff` begins that day,
    which `first_day_counts` makes its first; one whose last day it is ends at `ends`.
    """

    spans: tuple[Span, ...]
    counts: bool
    cutoff: int
    first_day_counts: bool
    ends: int

    @property
    def length(self) -> int:
        """Working time of the day, in microseconds."""
        last = self.spans[-1]
        return last.before + last.closes - last.opens


class _Regime:
    """The kinds of day under one working time, or under the province's."""

    def __init__(self, table: CalendarTable, own: WorkingTime | None) -> None:
        hours = (own.office_hours if own else None) or table.office_hours
        rule = (own.counting if own else None) or table.counting
        saturday = own.saturday if own else None
        self.ordinary: Final = _plan(hours, rule, table, counts=True)
        self.off: Final = replace(self.ordinary, spans=(), counts=False)
        self.saturday = self.off
        if saturday:
            plan = _plan(saturday.shifts, rule, table, counts=saturday.counts)
            # Nobody is there on a Saturday after the doors are shut, whatever the cut-off is.
            self.saturday = replace(plan, cutoff=min(plan.cutoff, plan.spans[-1].closes))


def working_times(
    table: CalendarTable, agency: AgencyCode, level: Level | None
) -> tuple[WorkingTime, ...]:
    """Return the working times that concern an agency, its own before those of its level.

    Empty where the province's counts on every day. `level` is None for an agency of which only
    the code is known.
    """
    own = [one for one in table.working_times if agency in one.agencies]
    general = [one for one in table.working_times if one.level is not None and one.level == level]
    return (*own, *general)


def plans(
    table: CalendarTable, own: Sequence[WorkingTime], days: Iterable[date]
) -> Iterable[DayPlan]:
    """Yield how the office works on each day; of working times the first that covers it counts."""
    listed = {entry.day: entry for entry in table.days}
    plain = _Regime(table, None)
    regimes = [(one, _Regime(table, one)) for one in own]
    for day in days:
        regime = next((regime for one, regime in regimes if one.covers(day)), plain)
        entry = listed.get(day)
        if _works(day, entry):
            yield regime.ordinary
        elif entry is None and day.weekday() == _SATURDAY:
            yield regime.saturday
        else:
            yield regime.off


def facts(
    day: date, entry: CalendarDay | None, own: Sequence[WorkingTime], plan: DayPlan
) -> DayFacts:
    """Return what a day is, its name and its legal ground."""
    hours = tuple(Shift(opens=clock_of(s.opens), closes=clock_of(s.closes)) for s in plan.spans)
    if entry is not None:
        return DayFacts(day, plan.counts, entry.kind, entry.name, entry.basis, hours)
    if plan.spans and day.weekday() == _SATURDAY:
        mine = next(one for one in own if one.covers(day))
        kind = PlainDay.OPEN_SATURDAY
        return DayFacts(day, plan.counts, kind, mine.name, mine.basis, hours)
    kind, name = PlainDay.WEEKEND, "Ngày nghỉ hằng tuần"
    if plan.counts:
        kind, name = PlainDay.WORKING_DAY, "Ngày làm việc"
    return DayFacts(day, plan.counts, kind, name, FORTY_HOURS, hours)


def since_midnight(clock: time | datetime) -> int:
    """Return the microseconds since midnight, by the hour a clock or a moment shows."""
    seconds = clock.hour * 3600 + clock.minute * 60 + clock.second
    return seconds * 1_000_000 + clock.microsecond


def clock_of(microseconds: int) -> time:
    """Return the hour that lies so many microseconds after midnight."""
    seconds, rest = divmod(microseconds, 1_000_000)
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60, rest)


def _works(day: date, entry: CalendarDay | None) -> bool:
    if entry is None:
        return day.weekday() < _SATURDAY
    return entry.kind is DayKind.MAKEUP_WORKDAY


def _plan(
    hours: tuple[Shift, ...], rule: Counting | None, table: CalendarTable, *, counts: bool
) -> DayPlan:
    spans: list[Span] = []
    before = 0
    for shift in hours:
        opens, closes = since_midnight(shift.opens), since_midnight(shift.closes)
        spans.append(Span(opens, closes, before))
        before += closes - opens
    cutoff = (rule.cutoff if rule else None) or table.forward_cutoff
    ends = (rule.day_ends if rule else None) or hours[-1].closes
    return DayPlan(
        spans=tuple(spans),
        counts=counts,
        cutoff=since_midnight(cutoff),
        first_day_counts=rule is not None and rule.first_day_counts,
        ends=since_midnight(ends),
    )
