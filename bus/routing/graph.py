"""The graph of a route: its steps in an order, what is over before each, and its circles. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bus.ids import StepId
from bus.schemas.route import Route, RouteStep


@dataclass(frozen=True, slots=True)
class Graph:
    """A route's steps by what they need.

    `order` has every step after the ones it needs; steps in a circle, and steps behind one, are
    not in it. `before` has for each step of the order everything that is over when it begins.
    `circles` are chains of steps of which each needs the next, and the last the first.
    """

    order: tuple[RouteStep, ...]
    before: Mapping[StepId, frozenset[StepId]]
    circles: tuple[tuple[StepId, ...], ...]


def graph_of(route: Route) -> Graph:
    """Return the graph of a route."""
    left = {step.id: step for step in route.steps}
    order = tuple(_free(left))
    before: dict[StepId, frozenset[StepId]] = {}
    for step in order:
        before[step.id] = frozenset(step.needs).union(*(before[need] for need in step.needs))
    circles = []
    while left:
        circles.append(_circle(left))
        for step_id in circles[-1]:
            del left[step_id]
        list(_free(left))
    return Graph(order, before, tuple(circles))


def _free(left: dict[StepId, RouteStep]) -> Iterator[RouteStep]:
    """Take out, in order, every step that needs none of those that are left."""
    while ready := [step for step in left.values() if left.keys().isdisjoint(step.needs)]:
        for step in ready:
            del left[step.id]
        yield from ready


def _circle(left: Mapping[StepId, RouteStep]) -> tuple[StepId, ...]:
    """Return one circle among steps of which each needs another one of them."""
    path = [next(iter(left))]
    while True:
        need = next(need for need in left[path[-1]].needs if need in left)
        if need in path:
            return tuple(path[path.index(need) :])
        path.append(need)
