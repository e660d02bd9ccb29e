"""What changed between two sets of routes, version against version. Pure.

Dossiers stay on the version they were opened under, so a change is a new version. Each version of
NEW is compared with the same version of OLD; a version that OLD does not have, with the newest
there was before it. A version that is in both and differs was edited after the fact, unless only
its last day was set: that makes room for the next one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from pydantic import BaseModel

from bus.ids import ProcedureCode, StepId
from bus.schemas.route import Route, RouteStep

_NAMES_THE_ROUTE: Final = frozenset({"procedure", "version", "steps"})


class Fate(StrEnum):
    """What became of a route, or of one thing in it."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    EDITED = "edited"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs, as JSON values; `step` is absent where the route is meant.

    `field` is dotted, `sees.components`; it is empty where a whole step came or went.
    """

    fate: Fate
    step: StepId | None
    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class RouteChange:
    """What became of a route; a version is absent where there is none."""

    procedure: ProcedureCode
    fate: Fate
    old: int | None
    new: int | None
    differences: tuple[Difference, ...] = ()


def compared(before: Sequence[Route], after: Sequence[Route]) -> list[RouteChange]:
    """Return what changed, by procedure and version; nothing where all is the same."""
    old = {(route.procedure, route.version): route for route in before}
    new = {(route.procedure, route.version): route for route in after}
    found: list[RouteChange] = []
    for key in sorted(old.keys() | new.keys()):
        procedure, version = key
        if key not in new:
            found.append(RouteChange(procedure, Fate.REMOVED, version, None))
            continue
        earlier = old.get(key) or _newest(before, procedure, version)
        if earlier is None:
            found.append(RouteChange(procedure, Fate.ADDED, None, version))
            continue
        differences = tuple(differences_of(earlier, new[key]))
        same = earlier.version == version
        if differences or not same:
            ended = [one.field for one in differences] == ["valid_to"]
            fate = (Fate.ENDED if ended else Fate.EDITED) if same else Fate.CHANGED
            found.append(RouteChange(procedure, fate, earlier.version, version, differences))
    # a version that only makes room for the next one is not gone where the next is compared to it
    succeeded = {(one.procedure, one.old) for one in found if one.fate is Fate.CHANGED}
    return [
        one
        for one in found
        if one.fate is not Fate.REMOVED or (one.procedure, one.old) not in succeeded
    ]


def differences_of(old: Route, new: Route) -> Iterator[Difference]:
    """Yield what differs between two versions of a route: first the route, then step by step."""
    yield from _fields(old, new, None, leaving=_NAMES_THE_ROUTE)
    before = {step.id: step for step in old.steps}
    after = {step.id: step for step in new.steps}
    for step in old.steps:
        if step.id not in after:
            yield Difference(Fate.REMOVED, step.id, "", _plain(step), None)
    for step in new.steps:
        if step.id not in before:
            yield Difference(Fate.ADDED, step.id, "", None, _plain(step))
        else:
            yield from _step(before[step.id], step)


def _step(old: RouteStep, new: RouteStep) -> Iterator[Difference]:
    yield from _fields(old, new, new.id, leaving=frozenset({"id", "sees"}))
    yield from _fields(old.sees, new.sees, new.id, under="sees.")


def _fields(
    old: BaseModel,
    new: BaseModel,
    step: StepId | None,
    *,
    leaving: frozenset[str] = frozenset(),
    under: str = "",
) -> Iterator[Difference]:
    one, other = _plain(old), _plain(new)
    for name in one:
        if name not in leaving and one[name] != other[name]:
            yield Difference(Fate.CHANGED, step, under + name, one[name], other[name])


def _newest(routes: Sequence[Route], procedure: ProcedureCode, before: int) -> Route | None:
    earlier = [one for one in routes if one.procedure == procedure and one.version < before]
    return max(earlier, key=lambda route: route.version, default=None)


def _plain(model: BaseModel) -> dict[str, Any]:
    return model.model_dump(mode="json")
