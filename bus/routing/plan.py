"""The check of a province before it is published: can every dossier reach an end, everywhere?

`bus procedure check` prints what is found here. For each route: its graph ends, its conditions can
be read and leave no gap, no step sees what does not exist yet, the step limits fit the total
(`ways`, `limits`); and for each receiving unit, area, step and day of the validity exactly one
agency is competent (`coverage`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations, islice, pairwise
from typing import Final

from bus.ids import AgencyCode, StepId
from bus.routing.clock import WorkingCalendar
from bus.routing.competence import Directory
from bus.routing.conditions import UNREADABLE, check_conditions
from bus.routing.coverage import Coverage
from bus.routing.finding import About, Concerned, Finding, Severity
from bus.routing.graph import Graph, graph_of
from bus.routing.limits import check_limits
from bus.routing.runs import runs
from bus.routing.ways import check_alternatives, check_ways
from bus.schemas.directory import Role
from bus.schemas.province import Province
from bus.schemas.route import Route, StepKind

MOST_RUNS: Final = 5_000
"""Ways through one route that are tried before the check says that it did not try all."""

UNWALKABLE: Final = UNREADABLE | {"graph.cycle"}
"""What keeps the check from walking a route at all."""

_DAY: Final = timedelta(days=1)
_Needs = Mapping[StepId, frozenset[StepId]]


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at, and what was found."""

    findings: tuple[Finding, ...]
    routes: int
    receiving_units: int
    steps: int
    ways: int
    """Combinations of fact values and outcomes walked to their end."""
    questions: int
    """Receiving unit × area × step × stretch of days asked for its one agency."""

    @property
    def ok(self) -> bool:
        """Whether there is no error."""
        return all(finding.severity is not Severity.ERROR for finding in self.findings)


def check(province: Province) -> list[Finding]:
    """Return everything that is wrong with a province's routes and the directory under them."""
    return list(examine(province).findings)


def examine(province: Province) -> Checked:
    """Return what `check` finds, and how much was looked at.

    Raises:
        CatalogueInvalid: The directory itself cannot be read: units in a circle, an alias of two.
    """
    directory = Directory(province.directory)
    calendar = WorkingCalendar(province.calendar)
    coverage = Coverage(directory)
    findings: list[Finding] = []
    filers: set[AgencyCode] = set()
    ways = questions = 0
    for route in province.routes:
        findings += _calendar(route, calendar)
        found, walked = check_route(route, calendar)
        covered = coverage.check(route)
        findings += [*found, *covered.findings]
        filers |= covered.filers
        ways += walked
        questions += covered.questions
    findings += _versions(province.routes)
    findings += _idle(directory, filers)
    steps = sum(len(route.steps) for route in province.routes)
    return Checked(tuple(findings), len(province.routes), len(filers), steps, ways, questions)


def check_route(route: Route, calendar: WorkingCalendar) -> tuple[list[Finding], int]:
    """Return what is wrong with a route on its own, and how many ways through it were walked.

    Everything that can be said is said at once; the ways are walked only where its steps have an
    order and its conditions can be asked.
    """
    about = About(route)
    graph = graph_of(route)
    conditions, wrong = check_conditions(about, graph.before)
    findings = [
        *_circles(about, graph),
        *_sees(about, graph.before),
        *_payments(about, graph.before),
        *wrong,
        *check_alternatives(about),
    ]
    if any(finding.code in UNWALKABLE for finding in findings):
        always = frozenset(step.id for step in graph.order if step.when is None)
        return [*findings, *check_limits(about, graph.order, [always], calendar)], 0
    walked = list(islice(runs(route, graph.order, conditions), MOST_RUNS + 1))
    if len(walked) > MOST_RUNS:
        walked.pop()
        findings.append(
            about.warning(
                "graph.too_many_ways",
                f"có quá nhiều cách đi; chỉ kiểm tra {MOST_RUNS} cách đầu; bớt thông tin mà các"
                " điều kiện hỏi",
                f"there are too many ways through; only the first {MOST_RUNS} were checked; let"
                " the conditions ask about less",
                key="steps",
            )
        )
    findings += check_ways(about, graph.before, conditions, walked)
    findings += check_limits(about, graph.order, [run.opened for run in walked], calendar)
    return findings, len(walked)


def _circles(about: About, graph: Graph) -> Iterator[Finding]:
    for circle in graph.circles:
        names = " → ".join((*circle, circle[0]))
        yield about.error(
            "graph.cycle",
            f"các bước {names} chờ lẫn nhau nên hồ sơ không bao giờ kết thúc; sửa `needs`",
            f"the steps {names} wait for each other, so no dossier can end; correct `needs`",
            step=circle[0],
            key="needs",
        )


def _sees(about: About, before: _Needs) -> Iterator[Finding]:
    papers = set(about.route.components)
    facts = {rule.name for rule in about.route.facts}
    steps = {step.id for step in about.route.steps}
    for step in about.route.steps:
        sees = step.sees
        there = before.get(step.id, steps)
        early = [] if sees.results == "all" else sorted(set(sees.results) - there)
        if early:
            yield about.error(
                "sees.result_not_there",
                f"được xem kết quả của {', '.join(early)} nhưng không chờ các bước đó; thêm vào"
                " `needs` hoặc bỏ khỏi `sees`",
                f"sees the result of {', '.join(early)} but does not wait for it; add it to"
                " `needs` or take it out of `sees`",
                step=step.id,
                key="sees",
            )
        unknown = [] if sees.facts == "all" else sorted(set(sees.facts) - facts)
        if unknown:
            yield about.error(
                "sees.fact_unknown",
                f"được xem thông tin {', '.join(unknown)} không có trong `facts` của quy trình;"
                " khai báo ở đó hoặc bỏ khỏi `sees`",
                f"sees {', '.join(unknown)}, which is not among the route's `facts`; declare it"
                " there or take it out of `sees`",
                step=step.id,
                key="sees",
            )
        absent = [] if sees.components == "all" else sorted(set(sees.components) - papers)
        if papers and absent:
            yield about.error(
                "sees.component_unknown",
                f"được xem giấy tờ {', '.join(absent)} không có trong `components` của quy trình;"
                " khai báo ở đó hoặc bỏ khỏi `sees`",
                f"sees the papers {', '.join(absent)}, which are not among the route's"
                " `components`; declare them there or take them out of `sees`",
                step=step.id,
                key="sees",
            )


def _payments(about: About, before: _Needs) -> Iterator[Finding]:
    asking = {step.id for step in about.route.steps if step.may_request_payment}
    for step in about.route.steps:
        if step.kind is StepKind.AWAIT_PAYMENT and asking.isdisjoint(before.get(step.id, asking)):
            yield about.error(
                "payment.never_requested",
                "chờ nộp tiền nhưng không bước nào trước nó được yêu cầu nộp tiền; đặt"
                " `may_request_payment: true` ở bước tính tiền và thêm bước đó vào `needs`",
                "waits for a payment that no step before it may request; set"
                " `may_request_payment: true` on the step that asks for it and add it to `needs`",
                step=step.id,
                key="needs",
            )


def _calendar(route: Route, calendar: WorkingCalendar) -> Iterator[Finding]:
    first, last = calendar.table.first_year, calendar.table.last_year
    ends = route.valid_to or route.valid_from
    if route.valid_from.year < first or ends.year > last:
        yield About(route).warning(
            "calendar.uncovered",
            f"có hiệu lực ngoài các năm {first}–{last} của lịch làm việc; bổ sung lịch",
            f"is valid outside the years {first} to {last} of the calendar; add those years",
            key="valid_to",
        )


def _versions(routes: tuple[Route, ...]) -> Iterator[Finding]:
    """Say where versions of a procedure meet on a day, and where days between them have none."""
    ordered = sorted(routes, key=lambda route: (route.procedure, route.valid_from, route.version))
    for one, other in combinations(ordered, 2):
        if one.procedure == other.procedure and one.covers(other.valid_from):
            yield About(other).error(
                "route.overlap",
                f"có hiệu lực cùng lúc với phiên bản {one.version}; đặt `valid_to` cho bản cũ",
                f"is valid at the same time as version {one.version}; give the old one `valid_to`",
                key="valid_from",
            )
    for one, other in pairwise(ordered):
        if one.procedure != other.procedure or one.valid_to is None:
            continue
        first, last = one.valid_to + _DAY, other.valid_from - _DAY
        if first <= last:
            yield About(other).warning(
                "route.gap",
                f"từ {first:%d/%m/%Y} đến {last:%d/%m/%Y} không phiên bản nào có hiệu lực; hồ sơ"
                " nộp những ngày đó bị từ chối; sửa `valid_from` hoặc `valid_to` của bản trước",
                f"no version is valid from {first} to {last}; dossiers filed on those days are"
                " refused; correct `valid_from`, or `valid_to` of the version before",
                key="valid_from",
            )


def _idle(directory: Directory, filers: set[AgencyCode]) -> Iterator[Finding]:
    idle = tuple(
        Concerned(entry.code, entry.name)
        for entry in directory.table.agencies
        if Role.ONE_STOP_UNIT in entry.roles and entry.code not in filers
    )
    if idle:
        yield Finding(
            Severity.WARNING,
            "receiving.idle",
            f"{len(idle)} Bộ phận Một cửa không được tiếp nhận thủ tục nào",
            f"{len(idle)} one-stop units may file no procedure",
            units=idle,
        )
