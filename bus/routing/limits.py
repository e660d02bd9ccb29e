"""Whether the time limits of a route's steps fit into the limit of the whole."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from bus.ids import StepId
from bus.routing.clock import WorkingCalendar
from bus.routing.finding import About, Finding
from bus.schemas.route import LimitUnit, RouteStep, TimeLimit

_WORKING_SHARE: Final = Fraction(5, 7)


class _Path(NamedTuple):
    """Working days that steps one after the other may take together."""

    days: Fraction
    steps: tuple[StepId, ...]


def check_limits(
    about: About,
    order: Sequence[RouteStep],
    opened: Iterable[frozenset[StepId]],
    calendar: WorkingCalendar,
) -> Iterator[Finding]:
    """Yield a finding where the longest chain of step limits is longer than the total.

    Limits in different units are compared in working days: an hour is its share of office hours,
    a calendar day five sevenths. Steps without limit count nothing.

    Args:
        about: The route.
        order: Its steps, each after the ones it needs.
        opened: Sets of steps that are done for one and the same dossier.
        calendar: Says how long a working day is.
    """
    total = about.route.total
    if total is None:
        return
    limits = {
        step.id: _working_days(step.limit, calendar) if step.limit else Fraction() for step in order
    }
    nothing = _Path(Fraction(), ())  # where every step is in a circle, there is no order
    ways = (_longest(order, together, limits) for together in set(opened))
    longest = max(ways, default=nothing)
    allowed = _working_days(total, calendar)
    if longest.days > allowed:
        path = " → ".join(longest.steps)
        days, most = _text(longest.days), _text(allowed)
        yield about.error(
            "limit.exceeds_total",
            f"các bước {path} cộng lại {days} ngày làm việc, vượt tổng thời hạn {most} ngày; sửa"
            " `limit` của bước hoặc `total`",
            f"the steps {path} add up to {days} working days, more than the total of {most};"
            " correct the `limit` of a step or `total`",
            key="total",
        )


def _longest(
    order: Sequence[RouteStep], opened: frozenset[StepId], limits: dict[StepId, Fraction]
) -> _Path:
    paths: dict[StepId, _Path] = {}
    for step in order:
        days, steps = max((paths[need] for need in step.needs), default=_Path(Fraction(), ()))
        if step.id in opened and limits[step.id]:
            days, steps = days + limits[step.id], (*steps, step.id)
        paths[step.id] = _Path(days, steps)
    return max(paths.values(), default=_Path(Fraction(), ()))


def _working_days(limit: TimeLimit, calendar: WorkingCalendar) -> Fraction:
    if limit.unit is LimitUnit.WORKING_HOUR:
        return Fraction(limit.amount * 60, calendar.minutes_per_day)
    if limit.unit is LimitUnit.CALENDAR_DAY:
        return limit.amount * _WORKING_SHARE
    return Fraction(limit.amount)


def _text(days: Fraction) -> str:
    return f"{float(days):.1f}".removesuffix(".0")
