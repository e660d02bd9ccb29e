"""Routes as pictures: everything is on it, nothing lies over another thing, other tools read it."""

import re
from collections.abc import Callable
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bus.cli.drawing.bpmn import route_bpmn
from bus.cli.drawing.chart import Chart, Kind, chart_of
from bus.cli.drawing.layout import Box, Placed, Sheet, laid_out
from bus.cli.drawing.mermaid import route_mermaid
from bus.cli.drawing.svg import route_svg
from bus.errors import ActRefused
from bus.schemas.base import Level
from bus.schemas.directory import Role
from bus.schemas.route import Bilingual, Route, RouteStep
from tests.support.small_province import a_route, a_step, a_wait, days
from tests.support.walking import yen_bai

ROUTES = {str(route.procedure): route for route in yen_bai().province.routes}
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DRAWINGS: tuple[Callable[[Route], str], ...] = (route_svg, route_mermaid, route_bpmn)

every_route = pytest.mark.parametrize("route", ROUTES.values(), ids=list(ROUTES))
LEVELS = st.sampled_from([Level.COMMUNE, Level.DISTRICT, Level.PROVINCE])


@st.composite
def routes(draw: st.DrawFn) -> Route:
    """Any route without a circle: up to twelve steps, each needing some of those before it."""
    steps: list[RouteStep] = []
    for place in range(draw(st.integers(1, 12))):
        names = [step.id for step in steps]
        needs = draw(st.lists(st.sampled_from(names), max_size=3, unique=True)) if names else []
        when = draw(st.sampled_from([None, "facts.urgent"]))
        steps.append(a_step(f"s{place}", level=draw(LEVELS), needs=needs, when=when))
    return a_route(*steps)


def a_long_route() -> Route:
    """The most steps a route may have, with names that need several lines."""
    levels = list(Level)
    steps = [
        a_step(
            f"s{place}",
            Role.LABOUR,
            level=levels[place % 4],
            needs=[f"s{place - back}" for back in (1, 4) if place >= back],
            when="facts.regime == 'social_insurance'" if place % 3 == 1 else None,
            limit=days("working_day", 3),
        ).model_copy(update={"name": Bilingual(vi="Thẩm định hồ sơ, trình ký " * 4, en="Appraise")})
        for place in range(50)
    ]
    return a_route(*steps)


def overlap(one: Placed, other: Placed) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def sheet_of(chart: Chart) -> Sheet:
    boxes = [Box(node.id, node.lane, 100, 40) for node in chart.nodes]
    return laid_out(boxes, [(edge.source, edge.target) for edge in chart.edges], chart.lanes)


# --- the chart -------------------------------------------------------------------------------


def test_a_need_that_follows_from_another_is_not_drawn_twice() -> None:
    chart = chart_of(ROUTES["1.012783"], gateways=False)

    assert [(edge.source, edge.target) for edge in chart.edges] == [
        ("START", "appraise"),
        ("appraise", "tax"),
        ("tax", "payment"),
        ("payment", "sign_result"),
        ("sign_result", "END"),
    ]


def test_a_step_with_a_condition_has_a_way_around_it() -> None:
    chart = chart_of(ROUTES["1.012783"], gateways=True)

    tax = [edge for edge in chart.edges if edge.source.startswith("tax")]
    assert [(edge.source, edge.target, edge.when, edge.otherwise) for edge in tax] == [
        ("tax.choice", "tax", "steps.appraise.outcome == 'obligation'", False),
        ("tax", "tax.meet", None, False),
        ("tax.choice", "tax.meet", None, True),
        ("tax.meet", "payment.choice", None, False),
    ]


def test_what_begins_together_is_forked_and_what_waits_for_all_is_joined() -> None:
    chart = chart_of(
        a_route(
            a_step("aa"),
            a_step("bb"),
            a_step("cc", needs=["aa", "bb"]),
            a_step("dd", needs=["aa"]),
        ),
        gateways=True,
    )

    assert [node.id for node in chart.nodes if node.kind in {Kind.FORK, Kind.JOIN}] == [
        *("START.fork", "aa.fork", "cc.join", "END.join")
    ]


@given(routes(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_every_node_lies_on_a_way_from_start_to_end(route: Route, gateways: bool) -> None:  # noqa: FBT001
    chart = chart_of(route, gateways=gateways)

    sources = {edge.source for edge in chart.edges}
    targets = {edge.target for edge in chart.edges}
    ids = {node.id for node in chart.nodes}
    assert ids - targets == {"START"}
    assert ids - sources == {"END"}
    assert {step.id for step in route.steps} <= ids
    if gateways:  # only gateways divide and meet
        split = {Kind.FORK, Kind.CHOICE}
        for node in chart.nodes:
            leaving = sum(edge.source == node.id for edge in chart.edges)
            assert (leaving > 1) == (node.kind in split)


def test_steps_that_wait_for_each_other_are_not_drawn() -> None:
    route = a_route(a_step("one", needs=["two"]), a_step("two", needs=["one"]))

    for drawing in DRAWINGS:
        with pytest.raises(ActRefused, match="one → two"):
            drawing(route)


# --- the layout ------------------------------------------------------------------------------


@given(routes(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_no_box_lies_over_another_and_no_line_goes_through_a_box(
    route: Route,
    gateways: bool,  # noqa: FBT001
) -> None:
    chart = chart_of(route, gateways=gateways)

    sheet = sheet_of(chart)

    lanes = {node.id: node.lane for node in chart.nodes}
    for name, box in sheet.boxes.items():
        band = sheet.lanes[lanes[name]]
        assert band.y < box.y
        assert box.y + box.height < band.y + band.height
        assert box.x + box.width < sheet.width
    assert not any(overlap(one, other) for one, other in combinations(sheet.boxes.values(), 2))
    for (source, target), points in sheet.lines.items():
        others = [box for name, box in sheet.boxes.items() if name not in {source, target}]
        for (x1, y1), (x2, y2) in pairwise(points):
            assert x1 <= x2, "time goes to the right"
            assert x1 == x2 or y1 == y2, "lines are level or upright"
            part = Placed(x1, min(y1, y2), x2 - x1, abs(y2 - y1))
            assert not any(overlap(part, box) for box in others)


def test_lanes_lie_on_each_other_without_a_gap() -> None:
    sheet = sheet_of(chart_of(a_long_route(), gateways=True))

    bands = list(sheet.lanes.values())
    assert [one.y + one.height for one in bands[:-1]] == [other.y for other in bands[1:]]
    assert bands[-1].y + bands[-1].height == sheet.height


# --- SVG -------------------------------------------------------------------------------------


def svg_text(route: Route) -> str:
    root = ET.fromstring(route_svg(route))  # noqa: S314 -- our own
    return " ".join(text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text"))


@every_route
def test_a_drawing_tells_every_step_its_performer_limit_and_condition(route: Route) -> None:
    text = svg_text(route)

    for step in route.steps:
        assert step.name.vi in text
        if step.when:
            assert f"Khi: {step.when}" in text
        if step.limit:
            assert f"Thời hạn: {step.limit.amount} ngày làm việc" in text


def test_fifty_steps_are_drawn_and_every_line_of_text_fits_its_box() -> None:
    root = ET.fromstring(route_svg(a_long_route()))  # noqa: S314 -- our own
    space = "{http://www.w3.org/2000/svg}"

    groups = [one for one in root.iter(f"{space}g") if one.get("id", "").startswith("node-s")]
    assert len(groups) == 50
    for group in groups:
        box = group.find(f"{space}rect")
        assert box is not None
        bottom = float(box.get("y", 0)) + float(box.get("height", 0))
        lines = group.findall(f"{space}text")
        assert len(lines) > 3
        assert all(float(line.get("y", 0)) < bottom for line in lines)
        assert all(len(line.text or "") <= 36 for line in lines)


def test_signs_of_markup_in_a_name_are_only_signs() -> None:
    route = a_route(a_step("first").model_copy(update={"name": Bilingual(vi='<b>&"#', en="x")}))

    assert '<b>&"#' in svg_text(route)
    assert "#lt;b#gt;#amp;#quot;#35;" in route_mermaid(route)
    assert '<b>&"#' in {
        task.get("name")
        for task in ET.fromstring(route_bpmn(route)).iter(f"{BPMN}userTask")  # noqa: S314 -- ours
    }


# --- Mermaid ---------------------------------------------------------------------------------


def test_a_flowchart_is_text_with_a_group_for_each_lane() -> None:
    text = route_mermaid(ROUTES["1.012783"])

    assert text.startswith('---\ntitle: "1.012783 · phiên bản 1 · Cấp đổi Giấy chứng nhận')
    assert re.findall(r'subgraph lane\d\["(.+)"\]', text) == [
        *("Bộ phận Một cửa", "Người dân, doanh nghiệp", "Cấp huyện")
    ]
    assert "  n_tax__choice -->|đúng| n_tax\n" in text
    assert "  n_tax__choice -.->|sai| n_tax__meet\n" in text
    assert text.count("    n_") == 10


def test_a_step_may_be_called_like_a_word_of_the_flowchart_or_of_the_chart() -> None:
    route = a_route(a_step("end"), a_step("start", needs=["end"]))

    assert "  n_end --> n_start\n" in route_mermaid(route)
    assert len({node.id for node in chart_of(route, gateways=True).nodes}) == 4


# --- BPMN ------------------------------------------------------------------------------------


@every_route
def test_a_bpmn_document_refers_only_to_what_it_has_and_draws_all_of_it(route: Route) -> None:
    root = ET.fromstring(route_bpmn(route))  # noqa: S314 -- our own
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    flows = list(root.iter(f"{BPMN}sequenceFlow"))
    nodes = {ref.text for ref in root.iter(f"{BPMN}flowNodeRef")}

    assert len(set(ids)) == len(ids)
    assert {flow.get("sourceRef") for flow in flows} | {
        flow.get("targetRef") for flow in flows
    } == (nodes)
    ends = {ref.text for tag in ("incoming", "outgoing") for ref in root.iter(f"{BPMN}{tag}")}
    assert ends == {flow.get("id") for flow in flows}
    drawn = {shape.get("bpmnElement") for shape in root.iter(f"{BPMNDI}BPMNShape")}
    assert drawn >= nodes
    assert {edge.get("bpmnElement") for edge in root.iter(f"{BPMNDI}BPMNEdge")} == ends
    tasks = {task.get("id") for task in root.iter(f"{BPMN}userTask")}
    assert tasks == {f"node_{step.id}" for step in route.steps if step.performer}


def test_conditions_are_kept_in_their_language_with_a_way_around_by_default() -> None:
    root = ET.fromstring(route_bpmn(ROUTES["1.012783"]))  # noqa: S314 -- our own
    (choice,) = [
        e for e in root.iter(f"{BPMN}exclusiveGateway") if e.get("id") == "node_tax.choice"
    ]
    told = {c.text: c.get("language") for c in root.iter(f"{BPMN}conditionExpression")}

    assert choice.get("default") == "flow_tax.choice_to_tax.meet"
    assert told["steps.appraise.outcome == 'obligation'"] == "https://cel.dev"


def test_a_wait_for_payment_is_an_event_that_a_message_ends() -> None:
    route = a_route(a_step("tax", may_request_payment=True), a_wait("payment", needs=["tax"]))

    root = ET.fromstring(route_bpmn(route))  # noqa: S314 -- our own

    (event,) = root.iter(f"{BPMN}intermediateCatchEvent")
    (waited,) = event.iter(f"{BPMN}messageEventDefinition")
    (message,) = root.iter(f"{BPMN}message")
    assert (message.get("name"), waited.get("messageRef")) == (
        "payment.confirmed",
        message.get("id"),
    )
