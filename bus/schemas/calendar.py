"""The working calendar of the province as a table with its legal grounds.

The province's days off and office hours hold for all; named agencies or a level may work other
hours, open on Saturdays or count their limits otherwise, each with its ground and its dates.
"""

from datetime import date, time
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from bus.schemas.base import Agency, Level, Line, WireModel
from bus.schemas.directory import Validity


class DayKind(StrEnum):
    """What a day is that is not an ordinary Monday to Friday or weekend."""

    HOLIDAY = "holiday"
    SWAPPED_OFF = "swapped_off"
    MAKEUP_WORKDAY = "makeup_workday"


class CalendarDay(WireModel):
    """One day that differs from the plain week."""

    day: date = Field(description="Date, local.")
    kind: DayKind = Field(description="Holiday, day off by a swap, or Saturday worked instead.")
    name: Line = Field(description="Name in Vietnamese.")
    basis: Line = Field(description="Law, decision or notice it rests on.")


class Shift(WireModel):
    """One stretch of office hours, local time."""

    opens: time = Field(description="From.")
    closes: time = Field(description="Until.")

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("a shift opens before it closes")
        return self


def _in_order(shifts: tuple[Shift, ...]) -> tuple[Shift, ...]:
    for before, after in pairwise(shifts):
        if before.closes > after.opens:
            raise ValueError("office hours overlap")
    return shifts


OfficeHours = Annotated[
    tuple[Shift, ...], Field(min_length=1, max_length=4), AfterValidator(_in_order)
]
"""The office hours of one day, in order."""


class Counting(WireModel):
    """How a time limit in days begins and ends. What is left out is as the law has it by default.

    Civil Code 2015 articles 147 (the first day) and 148 (the last), Decree 61/2018 article 18.2
    (the cut-off). Provinces and sector laws differ, so each rule names its own ground.
    """

    basis: Line = Field(description="Law or decision it rests on.")
    first_day_counts: bool = Field(
        default=False, description="Whether the day of the start is the first day of the limit."
    )
    cutoff: time | None = Field(
        default=None,
        description="Started after this counts as started the next day the office is open;"
        " absent: the table's `forward_cutoff`.",
    )
    day_ends: time | None = Field(
        default=None, description="Hour at which the last day ends; absent: when the office closes."
    )


class Notices(StrEnum):
    """Who is told of a deadline, and how often; data, because old dossiers are told as before.

    Decree 61/2018 article 19.9: who will be late tells the one-stop unit and apologises at least
    one day before expiry.
    """

    PERFORMER = "performer"
    """The performer two working days before and when it is late; the receiving unit of the whole
    when that is late."""
    APOLOGY = "apology"
    """Also one working day before, with the duty to apologise; and all to the receiving unit."""


class SaturdayHours(WireModel):
    """An office that is open on Saturdays."""

    shifts: OfficeHours = Field(description="Hours on a Saturday.")
    counts: bool = Field(
        default=False,
        description="Whether the Saturday is a working day of a time limit; otherwise dossiers are"
        " only received on it.",
    )


class WorkingTime(Validity):
    """Working time of some agencies, or of a level, in place of the province's.

    Days off stay days off: an office has other hours, never other holidays.
    """

    name: Line = Field(description="Name in Vietnamese, as people are told it.")
    basis: Line = Field(description="Decision it rests on.")
    agencies: tuple[Agency, ...] = Field(default=(), description="Whose, by code.")
    level: Level | None = Field(
        default=None, description="Or every agency's of a level; an agency's own goes before."
    )
    office_hours: OfficeHours | None = Field(
        default=None, description="Hours on working days; absent: the province's."
    )
    saturday: SaturdayHours | None = Field(default=None, description="Absent: Saturdays are off.")
    counting: Counting | None = Field(
        default=None, description="How its time limits begin and end; absent: the province's."
    )

    @model_validator(mode="after")
    def _of_somebody(self) -> Self:
        if bool(self.agencies) == (self.level is not None):
            raise ValueError("working time is of named agencies or of a level: give one of the two")
        if self.office_hours is None and self.saturday is None and self.counting is None:
            raise ValueError("working time differs in nothing: give hours, Saturdays or counting")
        return self


class CalendarTable(WireModel):
    """The published calendar: days that differ, office hours, and the years it covers.

    A moment outside `first_year` … `last_year` is not answered by guessing.
    """

    version: Annotated[int, Field(ge=1)]
    timezone: Line = Field(description="IANA name: Asia/Ho_Chi_Minh (UTC+7, no daylight saving).")
    first_year: Annotated[int, Field(ge=2000, le=2100)]
    last_year: Annotated[int, Field(ge=2000, le=2100)]
    office_hours: OfficeHours
    forward_cutoff: time = Field(
        description="Received after this, forwarded next working day (Decree 61 art. 18.2: 15:00)."
    )
    counting: Counting | None = Field(
        default=None,
        description="How time limits begin and end; absent: the first day is not counted and the"
        " last ends when the offices close.",
    )
    notices: Notices = Field(
        default=Notices.PERFORMER, description="Who is told before a deadline and after it."
    )
    working_times: tuple[WorkingTime, ...] = Field(
        default=(), description="Other working time of agencies or of a level."
    )
    days: tuple[CalendarDay, ...] = Field(description="Every day that differs, in order.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        days = [entry.day for entry in self.days]
        if days != sorted(set(days)):
            raise ValueError("days must be in order and stand once")
        for entry in self.days:
            weekend = entry.day.isoweekday() in {6, 7}
            if (entry.kind is DayKind.MAKEUP_WORKDAY) != weekend and (
                entry.kind is not DayKind.HOLIDAY
            ):
                raise ValueError(
                    f"{entry.day}: only a weekend day can be worked instead,"
                    " only a weekday can be swapped off"
                )
        return self

    @model_validator(mode="after")
    def _one_working_time(self) -> Self:
        seen: dict[str, list[WorkingTime]] = {}
        for one in self.working_times:
            for whose in (*one.agencies, *([one.level] if one.level else [])):
                for other in seen.setdefault(whose, []):
                    if _meet(one, other):
                        raise ValueError(f"two working times of {whose} hold on the same day")
                seen[whose].append(one)
        return self

    @model_validator(mode="after")
    def _due_after_start(self) -> Self:
        """A limit of one day that counts its first day must not end before it begins."""
        _check_end(self.counting, self, self.office_hours)
        for one in self.working_times:
            rule = one.counting or self.counting
            _check_end(rule, self, one.office_hours or self.office_hours)
            if one.saturday is not None:
                _check_end(rule, self, one.saturday.shifts, saturday=True)
        return self


def _meet(one: Validity, other: Validity) -> bool:
    first, last = sorted((one, other), key=lambda span: span.valid_from)
    return first.valid_to is None or last.valid_from <= first.valid_to


def _check_end(
    rule: Counting | None,
    table: CalendarTable,
    hours: tuple[Shift, ...],
    *,
    saturday: bool = False,
) -> None:
    if rule is None:
        return
    ends = rule.day_ends or hours[-1].closes
    if ends <= hours[0].opens:
        raise ValueError(f"a limit ends at {ends}, before the office opens ({hours[0].opens})")
    cutoff = rule.cutoff or table.forward_cutoff
    if saturday:
        cutoff = min(cutoff, hours[-1].closes)
    if rule.first_day_counts and cutoff > ends:
        raise ValueError(
            f"where the first day counts, the cut-off ({cutoff}) is not after its end ({ends})"
        )
