"""A route as BPMN 2.0 XML with its diagram, for the modelling tools that agencies have. Pure.

Elements stand in the order that the schema of ISO/IEC 19510 (OMG BPMN 2.0) asks for.
"""

from typing import Final
from xml.etree import ElementTree as ET

from bus.cli.drawing.chart import Chart, Edge, Kind, Node, chart_of
from bus.cli.drawing.layout import HEAD, Box, Placed, Sheet, laid_out
from bus.cli.render_route import limit, performer
from bus.schemas.route import LimitUnit, OnReject, Route, RouteStep, StepKind

_SPACES: Final = {
    "": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
_CEL: Final = "https://cel.dev"
_TARGET: Final = "urn:lienthong:route"
_TAGS: Final = {
    Kind.START: "startEvent",
    Kind.END: "endEvent",
    Kind.TASK: "userTask",
    Kind.WAIT: "intermediateCatchEvent",
    Kind.JOIN: "parallelGateway",
    Kind.FORK: "parallelGateway",
    Kind.CHOICE: "exclusiveGateway",
    Kind.MEET: "exclusiveGateway",
}
_SIZES: Final = {
    Kind.START: (36.0, 36.0),
    Kind.END: (36.0, 36.0),
    Kind.WAIT: (36.0, 36.0),
    Kind.TASK: (190.0, 90.0),
}
_GATEWAY: Final = (50.0, 50.0)
_LABELLED: Final = frozenset({Kind.WAIT, Kind.CHOICE})
_LABEL: Final = (150.0, 44.0)
_MESSAGES: Final = {
    StepKind.AWAIT_PAYMENT: ("payment", "payment.confirmed"),
    StepKind.AWAIT_EVENT: ("event", "wait.ended"),
}
"""Which message ends a wait: its id in the document, and its type on the bus."""
_PERIODS: Final = {LimitUnit.WORKING_HOUR: "PT{}H"}
"""A duration of ISO 8601; days unless said. Which days count stands in the documentation."""


def route_bpmn(route: Route) -> str:
    """Return a route as one BPMN 2.0 document.

    One pool with a lane for each level; a task for each step; exclusive gateways around a step
    with a condition, parallel ones where steps begin together or are waited for; a message event
    for a payment or what is waited for, a timer for a period. Limits, articles and what is seen
    are in each task's documentation.

    Raises:
        ActRefused: Steps wait for each other.
    """
    chart = chart_of(route, gateways=True)
    root = ET.Element("definitions", {"id": "definitions", "targetNamespace": _TARGET})
    for prefix, space in _SPACES.items():
        root.set(f"xmlns:{prefix}" if prefix else "xmlns", space)
    waited = {node.step.kind for node in chart.nodes if node.kind is Kind.WAIT and node.step}
    for kind, (id_, type_) in _MESSAGES.items():
        if kind in waited:
            ET.SubElement(root, "message", {"id": id_, "name": type_})
    pool = ET.SubElement(root, "collaboration", {"id": "collaboration"})
    named = {"id": "pool", "name": f"{route.procedure} · {route.name.vi}", "processRef": "process"}
    ET.SubElement(pool, "participant", named)
    _process(root, chart)
    _diagram(root, chart)
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


# --- the process -----------------------------------------------------------------------------


def _process(root: ET.Element, chart: Chart) -> None:
    route = chart.route
    name = f"{route.name.vi} / {route.name.en}"
    process = ET.SubElement(
        root, "process", {"id": "process", "name": name, "isExecutable": "false"}
    )
    total = f"Phiên bản {route.version}. Thời hạn: {limit(route.total)}."
    _document(process, " ".join([total, *route.basis]))
    lanes = ET.SubElement(process, "laneSet", {"id": "lanes"})
    for lane in chart.lanes:
        named = {"id": f"lane_{lane}", "name": chart.lane_name(lane)}
        element = ET.SubElement(lanes, "lane", named)
        for node in chart.nodes:
            if node.lane == lane:
                ET.SubElement(element, "flowNodeRef").text = _id(node.id)
    for node in chart.nodes:
        _flow_node(process, chart, node)
    for edge in chart.edges:
        _flow(process, edge)


def _flow_node(process: ET.Element, chart: Chart, node: Node) -> None:
    element = ET.SubElement(process, _TAGS[node.kind], {"id": _id(node.id)})
    step = node.step
    name = _name(node)
    if name:
        element.set("name", name)
    if node.kind is Kind.CHOICE:
        around = next(edge for edge in chart.edges if edge.source == node.id and edge.otherwise)
        element.set("default", _flow_id(around))
    if step is not None and node.kind in {Kind.TASK, Kind.WAIT}:
        _document(element, _told(step))
    for edge in chart.edges:
        if edge.target == node.id:
            ET.SubElement(element, "incoming").text = _flow_id(edge)
    for edge in chart.edges:
        if edge.source == node.id:
            ET.SubElement(element, "outgoing").text = _flow_id(edge)
    if node.kind is Kind.WAIT and step is not None:
        _catch(element, step)


def _catch(element: ET.Element, step: RouteStep) -> None:
    """Say what ends a wait."""
    if step.kind in _MESSAGES:
        waited = {"id": f"{_id(step.id)}_message", "messageRef": _MESSAGES[step.kind][0]}
        ET.SubElement(element, "messageEventDefinition", waited)
    elif step.limit is not None:
        timer = ET.SubElement(element, "timerEventDefinition", {"id": f"{_id(step.id)}_timer"})
        span = ET.SubElement(timer, "timeDuration", {"xsi:type": "tFormalExpression"})
        span.text = _PERIODS.get(step.limit.unit, "P{}D").format(step.limit.amount)


def _name(node: Node) -> str | None:
    step = node.step
    match node.kind:
        case Kind.START:
            return "Tiếp nhận hồ sơ"
        case Kind.END:
            return "Trả kết quả"
        case Kind.CHOICE if step is not None:
            return step.when
        case Kind.TASK | Kind.WAIT if step is not None:
            return step.name.vi + (f" ({limit(step.limit)})" if step.limit else "")
    return None


def _flow(process: ET.Element, edge: Edge) -> None:
    flow = ET.SubElement(
        process,
        "sequenceFlow",
        {"id": _flow_id(edge), "sourceRef": _id(edge.source), "targetRef": _id(edge.target)},
    )
    if edge.otherwise:
        flow.set("name", "sai")
    if edge.when is not None:
        flow.set("name", "đúng")
        formal = {"xsi:type": "tFormalExpression", "language": _CEL}
        ET.SubElement(flow, "conditionExpression", formal).text = edge.when


def _told(step: RouteStep) -> str:
    told = [step.name.en, performer(step), step.task, step.basis]
    told.append(f"Thời hạn: {limit(step.limit)}" if step.limit else None)
    told.append("Kết quả: " + ", ".join(step.outcomes))
    told.append(
        "Từ chối thì kết thúc hồ sơ" if step.on_reject is OnReject.END else "Từ chối vẫn đi tiếp"
    )
    return "\n".join(line for line in told if line)


def _document(element: ET.Element, text: str) -> None:
    ET.SubElement(element, "documentation").text = text


# --- its diagram -----------------------------------------------------------------------------


def _diagram(root: ET.Element, chart: Chart) -> None:
    boxes = [Box(node.id, node.lane, *_room(node)) for node in chart.nodes]
    sheet = laid_out(boxes, [(edge.source, edge.target) for edge in chart.edges], chart.lanes)
    diagram = ET.SubElement(root, "bpmndi:BPMNDiagram", {"id": "diagram"})
    plane = ET.SubElement(
        diagram, "bpmndi:BPMNPlane", {"id": "plane", "bpmnElement": "collaboration"}
    )
    _shape(plane, "pool", Placed(0, 0, sheet.width + HEAD, sheet.height), level=True)
    for lane, band in sheet.lanes.items():
        at = Placed(HEAD, band.y, band.width, band.height)
        _shape(plane, f"lane_{lane}", at, level=True)
    for node in chart.nodes:
        _node_shape(plane, node, sheet)
    for edge in chart.edges:
        line = ET.SubElement(
            plane,
            "bpmndi:BPMNEdge",
            {"id": f"{_flow_id(edge)}_di", "bpmnElement": _flow_id(edge)},
        )
        for x, y in sheet.lines[edge.source, edge.target]:
            ET.SubElement(line, "di:waypoint", {"x": f"{x + HEAD:.1f}", "y": f"{y:.1f}"})


def _room(node: Node) -> tuple[float, float]:
    """Return the room of a node; one with a label has as much above it as the label below."""
    width, height = _SIZES.get(node.kind, _GATEWAY)
    return (width, height + 2 * _LABEL[1]) if node.kind in _LABELLED else (width, height)


def _node_shape(plane: ET.Element, node: Node, sheet: Sheet) -> None:
    place = sheet.boxes[node.id]
    width, height = _SIZES.get(node.kind, _GATEWAY)
    x, y = place.x + HEAD, place.middle - height / 2
    shape = _shape(plane, _id(node.id), Placed(x, y, width, height))
    if node.kind in _LABELLED:
        label = ET.SubElement(shape, "bpmndi:BPMNLabel")
        middle = x + width / 2
        _bounds(label, Placed(middle - _LABEL[0] / 2, y + height + 2, *_LABEL))


def _shape(plane: ET.Element, of: str, at: Placed, *, level: bool = False) -> ET.Element:
    shape = ET.SubElement(plane, "bpmndi:BPMNShape", {"id": f"{of}_di", "bpmnElement": of})
    if level:
        shape.set("isHorizontal", "true")
    _bounds(shape, at)
    return shape


def _bounds(parent: ET.Element, at: Placed) -> None:
    measures = {"x": at.x, "y": at.y, "width": at.width, "height": at.height}
    ET.SubElement(parent, "dc:Bounds", {name: f"{value:.1f}" for name, value in measures.items()})


def _id(node: str) -> str:
    return f"node_{node}"


def _flow_id(edge: Edge) -> str:
    return f"flow_{edge.source}_to_{edge.target}"
