"""Early, on time or overdue: how something that had a time limit kept it.

Circular 01/2018/TT-VPCP article 13 asks whether the time taken was shorter than, equal to or longer
than the limit. A limit of days is compared by days, so early is a day before the last one; a limit
of hours by office hours, so early is an hour at least. What is overdue stays overdue.
"""

from datetime import datetime
from enum import StrEnum
from typing import Final

from bus.routing.clock import WorkingCalendar, working_minutes_between
from bus.schemas.route import LimitUnit, TimeLimit

_HOUR: Final = 60


class Timeliness(StrEnum):
    """How a time limit was kept: the first three where it is over, the last where it runs."""

    EARLY = "early"
    ON_TIME = "on_time"
    OVERDUE = "overdue"
    WITHIN_LIMIT = "within_limit"


def finished(
    ended_at: datetime, due_at: datetime, limit: TimeLimit, calendar: WorkingCalendar
) -> Timeliness:
    """Return how a limit was kept by what ended at a moment.

    Raises:
        CalendarExhausted: A limit of hours, and one of the moments is outside the calendar.
    """
    if ended_at > due_at:
        return Timeliness.OVERDUE
    if limit.unit is LimitUnit.WORKING_HOUR:
        early = working_minutes_between(ended_at, due_at, calendar) >= _HOUR
    else:
        early = calendar.local_date(ended_at) < calendar.local_date(due_at)
    return Timeliness.EARLY if early else Timeliness.ON_TIME


def running(now: datetime, due_at: datetime) -> Timeliness:
    """Return how a limit stands that is not over yet."""
    return Timeliness.OVERDUE if now > due_at else Timeliness.WITHIN_LIMIT
