"""A route as an SVG picture: lanes by level, time from left to right. Pure; needs no program."""

from collections.abc import Sequence
from textwrap import wrap
from typing import Final
from xml.etree import ElementTree as ET

from bus.cli.drawing.chart import Chart, Kind, Node, chart_of
from bus.cli.drawing.layout import HEAD, Box, Placed, Point, Sheet, laid_out
from bus.cli.render_route import limit, performer
from bus.schemas.route import Route

_WIDTH: Final = 236.0
_LINE: Final = 17.0
_PAD: Final = 11.0
_PER_LINE: Final = {"name": 26, "who": 33, "when": 36}
"""Letters that fit into a box's line at the size of each kind of text."""
_DOT: Final = 26.0
_TITLE_LINE: Final = 24.0
_MARGIN: Final = 20.0
_NARROWEST: Final = 720.0
_TITLE_LETTER: Final = 10.5
_NOTE_LETTER: Final = 6.6
"""Room a letter of a title and of a note takes."""
_CORNER: Final = 8.0
_STYLE: Final = """
text { font-family: "Noto Sans", "DejaVu Sans", Arial, sans-serif; fill: #1c2733; font-size: 12px }
.title { font-size: 18px; font-weight: bold }
.note { fill: #51606e }
.lane { fill: #ffffff; stroke: #b9c4ce }
.lane.odd { fill: #f4f7fa }
.strip { fill: #dde6ee; stroke: #b9c4ce }
.lanename { font-weight: bold; text-anchor: middle }
.step { fill: #ffffff; stroke: #2b6c99; stroke-width: 1.5 }
.step.may { stroke-dasharray: 6 4 }
.step.wait { fill: #fff7e0; stroke: #a87a00 }
.name { font-size: 13px; font-weight: bold }
.limit { font-weight: bold; fill: #9a3412 }
.when { fill: #5b21b6; font-size: 11px }
.line { fill: none; stroke: #51606e; stroke-width: 1.4 }
.dot { fill: #ffffff; stroke: #51606e; stroke-width: 2 }
.dot.end { stroke-width: 5 }
""".strip()
_LEGEND: Final = (
    "Viền nét đứt: chỉ thực hiện khi điều kiện đúng. / Dashed: only where the condition holds."
)
_Text = tuple[str, str]


def route_svg(route: Route) -> str:
    """Return a route as one SVG document.

    Each step tells who does it, in what time and under which condition; a dashed border means that
    it is skipped where the condition is false. Boxes are in the lane of their level.

    Raises:
        ActRefused: Steps wait for each other.
    """
    chart = chart_of(route, gateways=False)
    texts = {node.id: _texts(node) for node in chart.nodes}
    boxes = [Box(node.id, node.lane, *_size(node, texts[node.id])) for node in chart.nodes]
    sheet = laid_out(boxes, [(edge.source, edge.target) for edge in chart.edges], chart.lanes)
    wide = max(sheet.width, _NARROWEST)
    title = _title(route, wide)
    top = _MARGIN + len(title) * _TITLE_LINE
    root = _root(wide + 2 * _MARGIN, top + sheet.height + _MARGIN + _TITLE_LINE)
    root.set("aria-label", f"{route.name.vi} / {route.name.en}")
    for place, (kind, line) in enumerate(title):
        _text(root, _MARGIN, _MARGIN + (place + 0.7) * _TITLE_LINE, line, kind)
    plan = ET.SubElement(root, "g", transform=f"translate({_n(_MARGIN)} {_n(top)})")
    _draw_lanes(plan, chart, sheet)
    for points in sheet.lines.values():
        drawn = {"class": "line", "d": _path(points), "marker-end": "url(#arrow)"}
        ET.SubElement(plan, "path", drawn)
    for node in chart.nodes:
        _draw_node(plan, node, sheet.boxes[node.id], texts[node.id])
    _text(root, _MARGIN, top + sheet.height + _TITLE_LINE, _LEGEND, "note")
    ET.indent(root)
    return ET.tostring(root, encoding="unicode") + "\n"


def _root(width: float, height: float) -> ET.Element:
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "role": "img",
            "lang": "vi",
            "width": _n(width),
            "height": _n(height),
            "viewBox": f"0 0 {_n(width)} {_n(height)}",
        },
    )
    ET.SubElement(root, "style").text = _STYLE
    marker = {"id": "arrow", "viewBox": "0 0 10 10", "refX": "9", "refY": "5"}
    marker |= {"markerWidth": "8", "markerHeight": "8", "orient": "auto"}
    arrow = ET.SubElement(ET.SubElement(root, "defs"), "marker", marker)
    ET.SubElement(arrow, "path", d="M0 0 10 5 0 10z", fill="#51606e")
    ET.SubElement(root, "rect", width="100%", height="100%", fill="#ffffff")
    return root


def _title(route: Route, wide: float) -> list[_Text]:
    head = f"{route.procedure} · phiên bản {route.version} · {route.name.vi}"
    until = f"{route.valid_to:%d/%m/%Y}" if route.valid_to else "nay"
    facts = f"Thời hạn {limit(route.total)} · hiệu lực {route.valid_from:%d/%m/%Y} – {until}"
    return [
        *(("title", line) for line in wrap(head, int(wide / _TITLE_LETTER))),
        *(("note", line) for line in wrap(route.name.en, int(wide / _NOTE_LETTER))),
        ("note", facts),
    ]


def _texts(node: Node) -> list[_Text]:
    step = node.step
    if step is None:
        return []
    lines = [("name", line) for line in wrap(step.name.vi, _PER_LINE["name"])]
    lines += [("who", line) for line in wrap(performer(step), _PER_LINE["who"])]
    if step.limit is not None:
        lines.append(("limit", f"Thời hạn: {limit(step.limit)}"))
    if step.when is not None:
        lines += [("when", line) for line in wrap(f"Khi: {step.when}", _PER_LINE["when"])]
    return lines


def _size(node: Node, texts: Sequence[_Text]) -> tuple[float, float]:
    return (_WIDTH, len(texts) * _LINE + 2 * _PAD) if node.step else (_DOT, _DOT)


def _draw_lanes(plan: ET.Element, chart: Chart, sheet: Sheet) -> None:
    for place, (lane, band) in enumerate(sheet.lanes.items()):
        _rect(plan, band, "lane odd" if place % 2 else "lane")
        _rect(plan, Placed(0, band.y, HEAD, band.height), "strip")
        name = chart.lane_name(lane)
        lines = _lane_lines(name, band.height)
        for number, line in enumerate(lines):
            x, y = HEAD / 2 + 4 + (number - (len(lines) - 1) / 2) * 15, band.middle
            turned = _text(plan, x, y, line, "lanename")
            turned.set("transform", f"rotate(-90 {_n(x)} {_n(y)})")


def _lane_lines(name: str, height: float) -> list[str]:
    """Return a lane's name in as many lines as its height asks for, two at most."""
    return wrap(name, max(8, int(height / 8)))[:2]


def _draw_node(plan: ET.Element, node: Node, at: Placed, texts: Sequence[_Text]) -> None:
    step = node.step
    group = ET.SubElement(plan, "g", id=f"node-{node.id}")
    if step is None:
        kind = "dot end" if node.kind is Kind.END else "dot"
        middle = {"cx": _n(at.x + at.width / 2), "cy": _n(at.middle), "r": _n(at.width / 2 - 3)}
        ET.SubElement(group, "circle", {"class": kind} | middle)
        ET.SubElement(group, "title").text = "Bắt đầu" if node.kind is Kind.START else "Kết thúc"
        return
    ET.SubElement(group, "title").text = f"{step.id}: {step.name.vi} / {step.name.en}"
    kinds = ["step", *(["may"] if step.when else []), *(["wait"] if node.kind is Kind.WAIT else [])]
    _rect(group, at, " ".join(kinds)).set("rx", "20" if node.kind is Kind.WAIT else "5")
    for place, (kind, line) in enumerate(texts):
        _text(group, at.x + _PAD, at.y + _PAD + (place + 0.75) * _LINE, line, kind)


def _rect(parent: ET.Element, at: Placed, kind: str) -> ET.Element:
    place = {"x": _n(at.x), "y": _n(at.y), "width": _n(at.width), "height": _n(at.height)}
    return ET.SubElement(parent, "rect", {"class": kind} | place)


def _text(parent: ET.Element, x: float, y: float, line: str, kind: str) -> ET.Element:
    text = ET.SubElement(parent, "text", {"class": kind, "x": _n(x), "y": _n(y)})
    text.text = line
    return text


def _path(points: Sequence[Point]) -> str:
    """Return a line with rounded corners."""
    words = [f"M{_n(points[0][0])} {_n(points[0][1])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        into, out = _toward(corner, before), _toward(corner, after)
        words.append(
            f"L{_n(into[0])} {_n(into[1])}"
            f"Q{_n(corner[0])} {_n(corner[1])} {_n(out[0])} {_n(out[1])}"
        )
    return " ".join([*words, f"L{_n(points[-1][0])} {_n(points[-1][1])}"])


def _toward(corner: Point, other: Point) -> Point:
    """Return the point a corner's rounding begins at; all lines are level or upright."""
    (x, y), (to_x, to_y) = corner, other
    away = min(_CORNER, abs(to_x - x) / 2 + abs(to_y - y) / 2)
    return x + away * _sign(to_x - x), y + away * _sign(to_y - y)


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
