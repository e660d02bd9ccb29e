"""The working calendar of the province as a table with its legal grounds."""

from datetime import date, time
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from bus.schemas.base import Line, WireModel


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


class CalendarTable(WireModel):
    """The published calendar: days that differ, office hours, and the years it covers.

    A moment outside `first_year` … `last_year` is not answered by guessing.
    """

    version: Annotated[int, Field(ge=1)]
    timezone: Line = Field(description="IANA name: Asia/Ho_Chi_Minh (UTC+7, no daylight saving).")
    first_year: Annotated[int, Field(ge=2000, le=2100)]
    last_year: Annotated[int, Field(ge=2000, le=2100)]
    office_hours: Annotated[tuple[Shift, ...], Field(min_length=1, max_length=4)]
    forward_cutoff: time = Field(
        description="Received after this, forwarded next working day (Decree 61 art. 18.2: 15:00)."
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
        for before, after in zip(self.office_hours, self.office_hours[1:], strict=False):
            if before.closes > after.opens:
                raise ValueError("office hours overlap")
        return self
