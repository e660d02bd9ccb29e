"""A route as a Mermaid flowchart: text that wikis and code forges draw by themselves. Pure."""

from collections.abc import Iterator
from typing import Final

from bus.cli.drawing.chart import Chart, Edge, Kind, Node, chart_of
from bus.cli.render_route import limit, performer
from bus.schemas.route import Route

_ESCAPED: Final = {"#": "#35;", '"': "#quot;", "&": "#amp;", "<": "#lt;", ">": "#gt;"}
_SHAPES: Final = {
    Kind.START: ("((", "))"),
    Kind.END: ("(((", ")))"),
    Kind.TASK: ("[", "]"),
    Kind.WAIT: ("([", "])"),
    Kind.CHOICE: ("{", "}"),
    Kind.MEET: ("{", "}"),
    Kind.FORK: ("{{", "}}"),
    Kind.JOIN: ("{{", "}}"),
}
_SIGNS: Final = {
    Kind.START: "Bắt đầu",
    Kind.END: "Kết thúc",
    Kind.MEET: " ",
    Kind.FORK: "+",
    Kind.JOIN: "+",
}


def route_mermaid(route: Route) -> str:
    """Return a route as the text of a Mermaid flowchart, one subgraph for each lane.

    Raises:
        ActRefused: Steps wait for each other.
    """
    chart = chart_of(route, gateways=True)
    head = f"{route.procedure} · phiên bản {route.version} · {route.name.vi}"
    lines = ["---", f'title: "{head.replace(chr(34), chr(39))}"', "---", "flowchart LR"]
    for place, lane in enumerate(chart.lanes):
        lines.append(f'  subgraph lane{place}["{_safe(chart.lane_name(lane))}"]')
        lines += [f"    {_node(node)}" for node in chart.nodes if node.lane == lane]
        lines.append("  end")
    lines += [f"  {line}" for line in _edges(chart)]
    return "\n".join([*lines, ""])


def _edges(chart: Chart) -> Iterator[str]:
    for edge in chart.edges:
        yield f"{_id(edge.source)} {_arrow(edge)} {_id(edge.target)}"


def _arrow(edge: Edge) -> str:
    if edge.when is not None:
        return "-->|đúng|"
    return "-.->|sai|" if edge.otherwise else "-->"


def _node(node: Node) -> str:
    opens, closes = _SHAPES[node.kind]
    return f'{_id(node.id)}{opens}"{_label(node)}"{closes}'


def _label(node: Node) -> str:
    step = node.step
    if step is None or node.kind in _SIGNS:
        return _SIGNS[node.kind]
    if node.kind is Kind.CHOICE:
        return _safe(step.when or "")
    told = [step.name.vi, performer(step)]
    if step.limit is not None:
        told.append(f"Thời hạn: {limit(step.limit)}")
    return "<br/>".join(_safe(line) for line in told)


def _id(node: str) -> str:
    """Return an id that is no word of Mermaid's own: a step may be called `end`."""
    return "n_" + node.replace(".", "__")


def _safe(text: str) -> str:
    return "".join(_ESCAPED.get(letter, letter) for letter in text)
