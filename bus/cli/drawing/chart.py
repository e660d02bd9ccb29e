"""A route as a chart: who does it in which lane, what follows what, where it divides. Pure.

In the chart every step is over once, done or skipped, so that tokens flow through all of it:

    [join] → [choice] → step → [meet] → [fork]

A join waits for all needs, a choice skips a step whose condition is false, a meet is where the
skipped way comes back, a fork begins all that needs the step.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

from bus.cli import words
from bus.errors import ActRefused
from bus.ids import StepId
from bus.routing.graph import graph_of
from bus.schemas.base import Level
from bus.schemas.route import Route, RouteStep, StepKind

RECEPTION: Final = "reception"
"""The lane of the one-stop unit: dossiers begin and end there."""
CITIZEN: Final = "citizen"
"""The lane of what is waited for from outside."""
_LANES: Final[Mapping[str, str]] = {
    RECEPTION: "Bộ phận Một cửa",
    CITIZEN: "Người dân, doanh nghiệp",
    **{level.value: words.LEVEL[level] for level in reversed(Level)},
}


class Kind(StrEnum):
    """What stands in a chart."""

    START = "start"
    END = "end"
    TASK = "task"
    WAIT = "wait"
    JOIN = "join"
    CHOICE = "choice"
    MEET = "meet"
    FORK = "fork"


@dataclass(frozen=True, slots=True)
class Node:
    """One thing in a chart; `step` is the step it is, or belongs to."""

    id: str
    kind: Kind
    lane: str
    step: RouteStep | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """What follows what; `when` is a condition, `otherwise` where one is false."""

    source: str
    target: str
    when: str | None = None
    otherwise: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A route's nodes, each after those before it, its edges, and the lanes that are used."""

    route: Route
    lanes: tuple[str, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def lane_name(self, lane: str) -> str:
        """Return what a lane is called, in Vietnamese."""
        return _LANES[lane].capitalize() if lane not in {RECEPTION, CITIZEN} else _LANES[lane]


def chart_of(route: Route, *, gateways: bool) -> Chart:
    """Return the chart of a route.

    Args:
        route: The route.
        gateways: Whether choices, forks, joins and meets are nodes; without, edges go from step to
            step and a condition is only told with its step.

    Raises:
        ActRefused: Steps wait for each other, so they have no order to be drawn in.
    """
    graph = graph_of(route)
    if graph.circles:
        circle = " → ".join(graph.circles[0])
        raise ActRefused(
            f"quy trình {route.procedure} có các bước chờ lẫn nhau ({circle}) nên không vẽ được;"
            f" sửa `needs` rồi chạy bus procedure check / steps wait for each other ({circle}) and"
            " have no order to be drawn in; correct `needs` and run bus procedure check"
        )
    links = {step.id: _direct(step, graph.before) for step in graph.order}
    blocks = {step.id: _block(step, links, gateways=gateways) for step in graph.order}
    ends = [blocks[one.id] for one in graph.order if all(one.id not in n for n in links.values())]
    firsts = [blocks[one.id] for one in graph.order if not links[one.id]]
    start = [Node("START", Kind.START, RECEPTION)]
    end = [Node("END", Kind.END, RECEPTION)]
    if gateways and len(firsts) > 1:
        start.append(Node("START.fork", Kind.FORK, RECEPTION))
    if gateways and len(ends) > 1:
        end.insert(0, Node("END.join", Kind.JOIN, RECEPTION))
    nodes = [*start, *(node for block in blocks.values() for node in block), *end]
    edges = [*_inside(start), *_inside(end)]
    edges += [Edge(start[-1].id, block[0].id) for block in firsts]
    for step in graph.order:
        edges += _inside(blocks[step.id])
        edges += [Edge(blocks[need][-1].id, blocks[step.id][0].id) for need in links[step.id]]
    edges += [Edge(block[-1].id, end[0].id) for block in ends]
    used = {node.lane for node in nodes}
    return Chart(route, tuple(lane for lane in _LANES if lane in used), tuple(nodes), tuple(edges))


def _direct(step: RouteStep, before: Mapping[StepId, frozenset[StepId]]) -> tuple[StepId, ...]:
    """Return the needs of a step that do not follow from its other needs: the lines to draw."""
    implied = frozenset[StepId]().union(*(before[need] for need in step.needs))
    return tuple(need for need in dict.fromkeys(step.needs) if need not in implied)


def _block(
    step: RouteStep, links: Mapping[StepId, Sequence[StepId]], *, gateways: bool
) -> list[Node]:
    """Return a step with what stands before and after it."""
    lane = CITIZEN if step.performer is None else step.performer.level.value
    kind = Kind.TASK if step.kind is StepKind.TASK else Kind.WAIT
    block = [Node(step.id, kind, lane, step)]
    if not gateways:
        return block
    if step.when is not None:
        block.insert(0, Node(f"{step.id}.choice", Kind.CHOICE, lane, step))
        block.append(Node(f"{step.id}.meet", Kind.MEET, lane, step))
    if len(links[step.id]) > 1:
        block.insert(0, Node(f"{step.id}.join", Kind.JOIN, lane, step))
    if sum(step.id in needs for needs in links.values()) > 1:
        block.append(Node(f"{step.id}.fork", Kind.FORK, lane, step))
    return block


def _inside(block: Sequence[Node]) -> Iterator[Edge]:
    """Yield what follows what inside a block, with the way around a skipped step."""
    for one, other in pairwise(block):
        when = one.step.when if one.kind is Kind.CHOICE and one.step else None
        yield Edge(one.id, other.id, when=when)
    ids = {node.kind: node.id for node in block}
    if Kind.CHOICE in ids:
        yield Edge(ids[Kind.CHOICE], ids[Kind.MEET], otherwise=True)
