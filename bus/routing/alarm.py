"""When a hand-off that does not arrive must be seen by an operator: by the working time left.

A failed hand-off consumes the time the law gives its performer. So the alarm does not go by a
count of attempts alone: it goes when half of the working time is lost in transport, and at the
latest when one working day is left. A technical failure never moves the deadline itself.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bus.routing.clock import WorkingCalendar, working_minutes_between, working_time_before
from bus.routing.retry import RetryPolicy

_FIRST_LOOK: Final = timedelta(minutes=30)
_LEAST_WAIT: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A hand-off that is not settled, and until when what it asks for is due."""

    created_at: datetime
    due_at: datetime | None
    failures: int


@dataclass(frozen=True, slots=True)
class Alarm:
    """An operator must look now; `minutes_left` of working time, None where no limit is set."""

    minutes_left: int | None


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Nothing is wrong yet; look again at that moment."""

    at: datetime


def first_look(created_at: datetime, due_at: datetime | None, policy: RetryPolicy) -> datetime:
    """Return when an unsettled hand-off is looked at first: before half of its time can be gone.

    Cheap, as it is computed for every hand-off: the calendar is asked only when it is looked at,
    and nearly all are settled long before.
    """
    if due_at is None or due_at <= created_at:
        return created_at + policy.alarm_without_due
    return created_at + min((due_at - created_at) / 8, _FIRST_LOOK)


def look(
    one: Undelivered, *, now: datetime, calendar: WorkingCalendar, policy: RetryPolicy
) -> Alarm | LookAgain:
    """Return whether an unsettled hand-off is a matter for an operator by now.

    Raises:
        CalendarExhausted: A moment is outside the years the calendar covers.
    """
    left = None if one.due_at is None else working_minutes_between(now, one.due_at, calendar)
    if one.failures >= policy.alarm_failures:
        return Alarm(left)
    if one.due_at is None or left is None:
        at = one.created_at + policy.alarm_without_due
        return Alarm(None) if at <= now else LookAgain(at)
    whole = max(working_minutes_between(one.created_at, one.due_at, calendar), 0)
    least = min(whole // 2, policy.alarm_minutes)
    if left <= least:
        return Alarm(left)
    at = working_time_before(one.due_at, timedelta(minutes=least), calendar)
    return LookAgain(max(at, now + _LEAST_WAIT))
