"""Whether dossiers that are under way when their route ends still find somebody for every step.

A route ends, the dossiers on it do not: they keep its steps while agencies and areas change
around them. For each of its steps, each area of its last day and each later change of the
directory, exactly one agency must take over. What is missing is a warning: a later version of the
directory may name it, before that day.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from bus.ids import AreaCode, StepId
from bus.routing.competence import Directory
from bus.routing.finding import About, Finding
from bus.schemas.route import Route

_NAMED = 5
_Leaves = Callable[[date], Mapping[AreaCode, tuple[AreaCode, ...]]]


def check_unfinished(
    route: Route, directory: Directory, *, changes: Sequence[date], leaves: _Leaves
) -> list[Finding]:
    """Return where a dossier under way at the end of a route finds nobody, or more than one.

    Args:
        route: The route; one without an end is never left behind.
        directory: Who does what, when.
        changes: The days on which the directory changes.
        leaves: The smallest units of a day, by each unit they lie in.
    """
    if route.valid_to is None:
        return []
    last_day = route.valid_to
    areas = sorted({area for inside in leaves(last_day).values() for area in inside})
    nobody: dict[StepId, dict[date, set[AreaCode]]] = defaultdict(lambda: defaultdict(set))
    several: dict[StepId, dict[date, set[AreaCode]]] = defaultdict(lambda: defaultdict(set))
    for day in changes:
        if day <= last_day or not leaves(day):
            continue
        for step in route.steps:
            if step.performer is None:
                continue
            for area in areas:
                count = len(directory.candidates(step.performer, area, day))
                if count != 1:
                    (several if count else nobody)[step.id][day].add(area)
    about = About(route)
    return [
        *(_left(about, step, days) for step, days in nobody.items()),
        *(_divided(about, step, days) for step, days in several.items()),
    ]


def _left(about: About, step: StepId, days: Mapping[date, set[AreaCode]]) -> Finding:
    day, areas = min(days.items())
    return about.warning(
        "succession.none",
        f"hồ sơ chưa xong khi quy trình hết hiệu lực không còn cơ quan nào thực hiện từ"
        f" {day:%d/%m/%Y}, địa bàn {_list(areas)}; ghi `successor` hoặc `successor_level` cho cơ"
        " quan đã kết thúc, và đơn vị kế tục trong succession.csv",
        f"dossiers under way when the route ends find nobody from {day} on, areas {_list(areas)};"
        " give the agency that ended a `successor` or `successor_level`, and the area its"
        " successor in succession.csv",
        step=step,
        key="performer",
    )


def _divided(about: About, step: StepId, days: Mapping[date, set[AreaCode]]) -> Finding:
    day, areas = min(days.items())
    return about.warning(
        "succession.divided",
        f"hồ sơ chưa xong của địa bàn bị chia ({_list(areas)}) cần quyết định từ {day:%d/%m/%Y}:"
        " `bus directory cutover --decisions`",
        f"dossiers under way of areas that were divided ({_list(areas)}) need a decision from"
        f" {day} on: `bus directory cutover --decisions`",
        step=step,
        key="performer",
    )


def _list(areas: set[AreaCode]) -> str:
    shown = sorted(areas)[:_NAMED]
    rest = len(areas) - len(shown)
    return ", ".join(shown) + (f" … (+{rest})" if rest else "")
