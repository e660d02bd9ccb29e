"""The check of a province before it is published: can every dossier reach an end, everywhere?

`bus procedure check` prints what is found here. For each route: its graph ends, its conditions can
be read and leave no gap, no step sees what does not exist yet, the step limits fit the total
(`ways`, `limits`); and for each receiving unit, area, step and day of the validity exactly one
agency is competent (`coverage`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Final

from bus.errors import CatalogueInvalid
from bus.ids import AgencyCode, StepId
from bus.routing.clock import WorkingCalendar
from bus.routing.competence import Directory
from bus.routing.condition import Condition, compile_condition
from bus.routing.coverage import Coverage
from bus.routing.finding import About, Concerned, Finding, Severity
from bus.routing.limits import check_limits
from bus.routing.runs import runs
from bus.routing.ways import check_ways
from bus.schemas.directory import Role
from bus.schemas.province import Province
from bus.schemas.route import Route, RouteStep, StepKind

MOST_RUNS: Final = 5_000
"""Ways through one route that are tried before the check says that it did not try all."""

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
    findings += _overlaps(province.routes)
    findings += _idle(directory, filers)
    steps = sum(len(route.steps) for route in province.routes)
    return Checked(tuple(findings), len(province.routes), len(filers), steps, ways, questions)


def check_route(route: Route, calendar: WorkingCalendar) -> tuple[list[Finding], int]:
    """Return what is wrong with a route on its own, and how many ways through it were walked."""
    about = About(route)
    order, circle = _order(route)
    if circle:
        names = ", ".join(circle)
        return [
            about.error(
                "graph.cycle",
                f"các bước {names} chờ lẫn nhau nên hồ sơ không bao giờ kết thúc; sửa `needs`",
                f"the steps {names} wait for each other, so no dossier can end; correct `needs`",
            )
        ], 0
    before = _before(order)
    findings = [*_sees(about, before), *_payments(about)]
    conditions, wrong = _conditions(about, before)
    findings += wrong
    if any(finding.severity is Severity.ERROR for finding in wrong):
        return findings, 0
    walked = list(islice(runs(route, order, conditions), MOST_RUNS + 1))
    if len(walked) > MOST_RUNS:
        walked.pop()
        findings.append(
            about.warning(
                "graph.too_many_ways",
                f"có quá nhiều cách đi; chỉ kiểm tra {MOST_RUNS} cách đầu",
                f"there are too many ways through; only the first {MOST_RUNS} were checked",
            )
        )
    findings += check_ways(about, conditions, walked)
    findings += check_limits(about, order, walked, calendar)
    return findings, len(walked)


def _order(route: Route) -> tuple[tuple[RouteStep, ...], tuple[StepId, ...]]:
    """Return the steps each after what it needs, and those that never can be put so."""
    order: list[RouteStep] = []
    placed: set[StepId] = set()
    left = list(route.steps)
    while ready := [step for step in left if placed.issuperset(step.needs)]:
        order += ready
        placed |= {step.id for step in ready}
        left = [step for step in left if step.id not in placed]
    return tuple(order), tuple(step.id for step in left)


def _before(order: tuple[RouteStep, ...]) -> _Needs:
    """Return for each step everything that is over when it begins."""
    before: dict[StepId, frozenset[StepId]] = {}
    for step in order:
        before[step.id] = frozenset(step.needs).union(*(before[need] for need in step.needs))
    return before


def _sees(about: About, before: _Needs) -> Iterator[Finding]:
    facts = {rule.name for rule in about.route.facts}
    for step in about.route.steps:
        listed = step.sees.results
        early = [] if listed == "all" else sorted(set(listed) - before[step.id])
        if early:
            yield about.error(
                "sees.result_not_there",
                f"được xem kết quả của {', '.join(early)} nhưng không chờ các bước đó; thêm vào"
                " `needs` hoặc bỏ khỏi `sees`",
                f"sees the result of {', '.join(early)} but does not wait for it; add it to"
                " `needs` or take it out of `sees`",
                step=step.id,
            )
        asked = step.sees.facts
        unknown = [] if asked == "all" else sorted(set(asked) - facts)
        if unknown:
            yield about.error(
                "sees.fact_unknown",
                f"được xem thông tin {', '.join(unknown)} không có trong `facts` của quy trình",
                f"sees {', '.join(unknown)}, which is not among the route's `facts`",
                step=step.id,
            )


def _payments(about: About) -> Iterator[Finding]:
    if any(step.may_request_payment for step in about.route.steps):
        return
    for step in about.route.steps:
        if step.kind is StepKind.AWAIT_PAYMENT:
            yield about.error(
                "payment.never_requested",
                "chờ nộp tiền nhưng không bước nào được yêu cầu nộp tiền; đặt"
                " `may_request_payment: true` ở bước tính tiền",
                "waits for a payment that no step may request; set `may_request_payment: true` on"
                " the step that asks for it",
                step=step.id,
            )


def _conditions(about: About, before: _Needs) -> tuple[dict[StepId, Condition], list[Finding]]:
    conditions: dict[StepId, Condition] = {}
    wrong: list[Finding] = []
    for step in about.route.steps:
        if step.when is None:
            continue
        try:
            condition = compile_condition(step.when)
        except CatalogueInvalid as error:
            wrong.append(
                about.error(
                    "condition.unreadable",
                    f"không đọc được điều kiện `when`: {error}",
                    f"`when` cannot be read: {error}",
                    step=step.id,
                )
            )
            continue
        conditions[step.id] = condition
        wrong += _names(about, step, condition, before[step.id])
    return conditions, wrong


def _names(
    about: About, step: RouteStep, condition: Condition, before: frozenset[StepId]
) -> Iterator[Finding]:
    unknown = sorted(condition.facts - {rule.name for rule in about.route.facts})
    if unknown:
        yield about.error(
            "condition.fact_unknown",
            f"điều kiện hỏi {', '.join(unknown)} không có trong `facts` của quy trình",
            f"the condition asks about {', '.join(unknown)}, not among the route's `facts`",
            step=step.id,
        )
    early = sorted(condition.steps - before)
    if early:
        yield about.error(
            "condition.step_not_needed",
            f"điều kiện hỏi bước {', '.join(early)} nhưng không chờ bước đó; thêm vào `needs`",
            f"the condition asks about {', '.join(early)} but the step does not wait for it; add"
            " it to `needs`",
            step=step.id,
        )
    if condition.outputs:
        names = ", ".join(sorted(condition.outputs))
        yield about.warning(
            "condition.outputs_open",
            f"điều kiện hỏi thông tin kết quả {names}: không kiểm tra được mọi giá trị",
            f"the condition asks about the outputs {names}: their values cannot be enumerated",
            step=step.id,
        )


def _calendar(route: Route, calendar: WorkingCalendar) -> Iterator[Finding]:
    first, last = calendar.table.first_year, calendar.table.last_year
    ends = route.valid_to or route.valid_from
    if route.valid_from.year < first or ends.year > last:
        yield About(route).warning(
            "calendar.uncovered",
            f"có hiệu lực ngoài các năm {first}–{last} của lịch làm việc; bổ sung lịch",
            f"is valid outside the years {first} to {last} of the calendar; add those years",
        )


def _overlaps(routes: tuple[Route, ...]) -> Iterator[Finding]:
    for one, other in combinations(sorted(routes, key=lambda route: route.version), 2):
        if one.procedure == other.procedure and (
            one.covers(other.valid_from) or other.covers(one.valid_from)
        ):
            yield About(other).error(
                "route.overlap",
                f"có hiệu lực cùng lúc với phiên bản {one.version}; đặt `valid_to` cho bản cũ",
                f"is valid at the same time as version {one.version}; give the old one `valid_to`",
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
