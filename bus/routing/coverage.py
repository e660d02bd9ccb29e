"""Whether every receiving unit's dossiers find exactly one agency at every step, on every day.

Competence only changes on days on which a unit or an agency begins or ends, so one day of each
stretch between such days stands for all of it.
"""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Final, NamedTuple

from bus.ids import AgencyCode, AreaCode, StepId
from bus.routing.competence import Directory, is_above
from bus.routing.finding import About, Concerned, Finding
from bus.routing.unfinished import check_unfinished
from bus.schemas.base import Level
from bus.schemas.directory import Role, Validity
from bus.schemas.route import Performer, ReceivingScope, Route, RouteStep

_NAMED: Final = 5
_DAY: Final = timedelta(days=1)


class Period(NamedTuple):
    """Days on which the directory stays as it is; the last day is absent where it goes on."""

    first: date
    last: date | None


@dataclass(slots=True)
class _Gap:
    """Where and when something is missing, and for whom."""

    units: set[Concerned] = field(default_factory=set)
    places: set[str] = field(default_factory=set)
    periods: list[Period] = field(default_factory=list)


class _Receiver(NamedTuple):
    """A unit that may file, and the areas it may file for."""

    unit: Concerned
    level: Level
    areas: tuple[AreaCode, ...]


@dataclass(frozen=True, slots=True)
class Covered:
    """What was asked about one route, and what is wrong."""

    findings: tuple[Finding, ...]
    filers: frozenset[AgencyCode]
    questions: int


class Coverage:
    """The map of a province over time; made once for all its routes."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        table = directory.table
        dated: list[Validity] = [*table.units, *table.agencies]
        begins = {entry.valid_from for entry in dated}
        ends = {entry.valid_to + _DAY for entry in dated if entry.valid_to is not None}
        self._changes = sorted(begins | ends)
        self._leaves = cache(directory.places.leaves)

    def check(self, route: Route) -> Covered:
        """Return what is wrong with the competences of a route."""
        gaps: dict[tuple[StepId, str], _Gap] = defaultdict(_Gap)
        filing: dict[str, _Gap] = defaultdict(_Gap)
        filers: set[AgencyCode] = set()
        questions = 0
        tasks = [(step, step.performer) for step in route.steps if step.performer is not None]
        for period in self.periods(route):
            receivers, unserved = self._receivers(route, period)
            served = {area for receiver in receivers for area in receiver.areas}
            filers.update(receiver.unit.code for receiver in receivers)
            silence = self._silence(period, served, unserved)
            if silence is not None:
                filing[silence].periods.append(period)
                filing[silence].places |= {self._name(area, period.first) for area in unserved}
            for step, performer in tasks:
                questions += sum(len(receiver.areas) for receiver in receivers)
                for code, areas in self._lacking(performer, receivers, period.first).items():
                    gap = gaps[step.id, code]
                    gap.periods.append(period)
                    gap.places |= {
                        self._directory.place(performer.level, area, period.first) for area in areas
                    }
                    gap.units |= {one.unit for one in receivers if not areas.isdisjoint(one.areas)}
        about = About(route)
        findings = [_unfiled(about, code, gap) for code, gap in filing.items()]
        findings += [
            _gap(about, step, gap, code)
            for step, _ in tasks
            for (step_id, code), gap in sorted(gaps.items())
            if step_id == step.id
        ]
        findings += check_unfinished(
            route, self._directory, changes=self._changes, leaves=self._leaves
        )
        return Covered(tuple(findings), frozenset(filers), questions)

    def periods(self, route: Route) -> list[Period]:
        """Return the stretches of a route's validity in which the directory does not change."""
        start = bisect_right(self._changes, route.valid_from)
        inside = [day for day in self._changes[start:] if route.covers(day)]
        firsts = [route.valid_from, *inside]
        lasts = [*(day - _DAY for day in inside), route.valid_to]
        return [Period(first, last) for first, last in zip(firsts, lasts, strict=True)]

    def _receivers(self, route: Route, period: Period) -> tuple[list[_Receiver], set[AreaCode]]:
        """Return who may file and for which areas, and the areas nobody may file for."""
        leaves = self._leaves(period.first)
        areas = {area for inside in leaves.values() for area in inside}
        everywhere = tuple(areas)
        receivers = []
        for entry in self._directory.table.agencies:
            scopes = route.scopes(entry)
            if scopes and entry.covers(period.first) and entry.area in leaves:
                anywhere = ReceivingScope.PROVINCE in scopes
                own = everywhere if anywhere else leaves[entry.area]
                receivers.append(_Receiver(Concerned(entry.code, entry.name), entry.level, own))
        return receivers, areas.difference(*(receiver.areas for receiver in receivers))

    def _silence(
        self, period: Period, served: set[AreaCode], unserved: set[AreaCode]
    ) -> str | None:
        """Return what kind of dossier nobody may file, None where everything can be filed."""
        if not self._leaves(period.first):
            return "directory.silent"
        if not served:
            return "receiving.none"
        return "receiving.unserved" if unserved else None

    def _lacking(
        self, performer: Performer, receivers: list[_Receiver], day: date
    ) -> dict[str, set[AreaCode]]:
        """Return the areas with no agency, those with several, and those watched over by several.

        A copy for supervision goes to the one-stop unit of the performer's level where that lies
        above the receiving unit's: Decree 61/2018 article 19.7.
        """
        lacking: dict[str, set[AreaCode]] = defaultdict(set)
        for area in {area for receiver in receivers for area in receiver.areas}:
            count = len(self._directory.candidates(performer, area, day))
            if count != 1:
                lacking["competence.ambiguous" if count else "competence.none"].add(area)
        upper = Performer(role=Role.ONE_STOP_UNIT, level=performer.level)
        lower = [one for one in receivers if is_above(performer.level, one.level)]
        for area in {area for receiver in lower for area in receiver.areas}:
            if len(self._directory.candidates(upper, area, day)) > 1:
                lacking["supervision.ambiguous"].add(area)
        return lacking

    def _name(self, area: AreaCode, day: date) -> str:
        unit = self._directory.places.unit(area, day)
        return f"{unit.name} ({area})" if unit else area


def _unfiled(about: About, code: str, gap: _Gap) -> Finding:
    vi, en = _during(gap)
    if code == "receiving.none":
        return about.error(
            code,
            f"không đơn vị nào được tiếp nhận thủ tục này {vi}; sửa `receiving` hoặc hiệu lực của"
            " quy trình, hoặc bổ sung Bộ phận Một cửa vào danh bạ",
            f"no unit may file this procedure {en}; correct `receiving` or the route's validity,"
            " or add the one-stop units to the directory",
            key="receiving",
        )
    if code == "directory.silent":
        return about.warning(
            code,
            f"danh bạ không có đơn vị hành chính nào {vi} nên không kiểm tra được; rút ngắn hiệu"
            " lực của quy trình hoặc bổ sung danh bạ",
            f"the directory has no administrative unit {en}, so this time was not checked; shorten"
            " the route's validity or complete the directory",
            key="valid_to",
        )
    return about.warning(
        code,
        f"không đơn vị nào được tiếp nhận hồ sơ của {_list(gap.places, 'và {} nơi khác')} {vi}; bổ"
        " sung `receiving` hoặc Bộ phận Một cửa",
        f"no unit may file for {_list(gap.places, 'and {} more')} {en}; complete `receiving` or the"
        " one-stop units",
        key="receiving",
    )


def _gap(about: About, step: RouteStep, gap: _Gap, code: str) -> Finding:
    performer = step.performer
    vi, en = _during(gap)
    who = f"{performer.role}/{performer.level}" if performer else ""
    places_vi, places_en = _list(gap.places, "và {} nơi khác"), _list(gap.places, "and {} more")
    if code == "competence.none":
        text_vi = f"không có cơ quan nào có thẩm quyền ({who}) cho {places_vi} {vi}"
        text_en = f"no agency is competent ({who}) for {places_en} {en}"
        remedy_vi, remedy_en = "bổ sung cơ quan hoặc cơ quan kế thừa", "add it or a successor"
    elif code == "supervision.ambiguous":
        text_vi = f"có nhiều Bộ phận Một cửa cấp trên cùng giám sát {places_vi} {vi}"
        text_en = f"more than one upper one-stop unit would get the copy for {places_en} {en}"
        remedy_vi, remedy_en = "chỉ để một đơn vị giữ vai trò này", "leave the role to one of them"
    else:
        text_vi = f"có nhiều cơ quan cùng thẩm quyền ({who}) cho {places_vi} {vi}"
        text_en = f"more than one agency is competent ({who}) for {places_en} {en}"
        remedy_vi, remedy_en = "chỉ để một cơ quan giữ vai trò này", "leave the role to one of them"
    return about.error(
        code,
        f"{text_vi}; {len(gap.units)} đơn vị tiếp nhận bị ảnh hưởng; {remedy_vi} trong danh bạ",
        f"{text_en}; {len(gap.units)} receiving units are concerned; {remedy_en} in the directory",
        key="performer",
        step=step.id,
        units=tuple(sorted(gap.units)),
    )


def _during(gap: _Gap) -> tuple[str, str]:
    """Return the days in words; stretches that follow on each other are one."""
    stretches: list[Period] = []
    for period in gap.periods:
        last = stretches[-1].last if stretches else None
        if last is not None and last + _DAY == period.first:
            stretches[-1] = Period(stretches[-1].first, period.last)
        else:
            stretches.append(period)
    said = [_stretch(period) for period in stretches]
    return ", ".join(vi for vi, _ in said), ", ".join(en for _, en in said)


def _stretch(period: Period) -> tuple[str, str]:
    first, last = period
    if last is None:
        return f"từ {first:%d/%m/%Y} trở đi", f"from {first} on"
    return f"từ {first:%d/%m/%Y} đến {last:%d/%m/%Y}", f"from {first} to {last}"


def _list(names: set[str], more: str) -> str:
    shown = sorted(names)[:_NAMED]
    rest = len(names) - len(shown)
    return ", ".join(shown) + (f" {more.format(rest)}" if rest else "")
