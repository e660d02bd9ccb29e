"""A clock that stands still until it is turned, and the slots of an office day."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bus.routing.clock import WorkingCalendar

LOCAL: Final = ZoneInfo("Asia/Ho_Chi_Minh")
_SLOTS: Final = (time(8), time(10), time(14), time(16))


class TurnedClock:
    """A `bus.ports.Clock` that shows what it was set to."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """Return the moment it was turned to."""
        return self._now

    def turn(self, moment: datetime) -> None:
        """Turn it forward; it never goes back."""
        self._now = max(self._now, moment.astimezone(UTC))


def office_slot(after: datetime, count: int, calendar: WorkingCalendar) -> datetime:
    """Return the count-th slot of office time after a moment: four a working day."""
    slots = _slots(after, calendar)
    for _ in range(count - 1):
        next(slots)
    return next(slots)


def _slots(after: datetime, calendar: WorkingCalendar) -> Iterator[datetime]:
    day: date = after.astimezone(LOCAL).date()
    while True:
        if calendar.is_working_day(day):
            for slot in _SLOTS:
                moment = datetime.combine(day, slot, LOCAL).astimezone(UTC)
                if moment > after:
                    yield moment
        day += timedelta(days=1)


def draw(seed: int, *about: str) -> float:
    """Return a number from 0 up to 1 that depends on nothing but the seed and what it is about.

    So what an official decides does not depend on the order in which the machine works.
    """
    digest = hashlib.sha256(f"{seed}|{'|'.join(about)}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
