"""What came of a rehearsal: totals, a line per procedure, and what went wrong and healed."""

import statistics
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from bus.ids import AgencyCode
from bus.ports import AttemptEnd
from bus.routing.case import Case, CaseState, StepState
from bus.routing.clock import working_minutes_between
from bus.simulation.world import World
from bus.workers.catalogues import Catalogues
from bus.workers.verify import verify

_HOME: Final = frozenset({CaseState.COMPLETED, CaseState.RETURNED})
_PAGE: Final = 500
_TOLD: Final = 8
"""How many failures and stories are told one by one."""


@dataclass(frozen=True, slots=True)
class ProcedureLine:
    """How the dossiers of one procedure fared; the median way is in working hours."""

    procedure: str
    name: str
    submitted: int
    completed: int
    rejected: int
    steps: int
    agencies: int
    median_working_hours: float | None


@dataclass(frozen=True, slots=True)
class Crossing:
    """How dossiers crossed the day agencies ended.

    `open_before` were under way at midnight, `filed_after` came under the new directory.
    """

    at: str
    open_before: int
    moved: int
    readdressed: int
    dropped: int
    kept: int
    to_decide: int
    filed_after: int
    due_dates_changed: int

    @property
    def whole(self) -> bool:
        """Whether everything was moved and no deadline was."""
        return self.to_decide == 0 and self.due_dates_changed == 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a rehearsal."""

    submitted: int
    completed: int
    rejected: int
    open: int
    sent: int
    imported: int
    retried: int
    parked: int
    entries: int
    verified: bool
    agencies: int
    seconds: float
    procedures: tuple[ProcedureLine, ...]
    events: tuple[str, ...]
    cutover: Crossing | None = None

    @property
    def whole(self) -> bool:
        """Whether everything came home, nothing is parked and the ledger holds."""
        crossed = self.cutover is None or self.cutover.whole
        return self.open == 0 and self.parked == 0 and self.verified and crossed

    def as_json(self) -> dict[str, Any]:
        """Return the outcome as `bus demo --json` prints it."""
        return {
            "dossiers": {
                "submitted": self.submitted,
                "completed": self.completed,
                "rejected": self.rejected,
                "open": self.open,
            },
            "handoffs": {
                "sent": self.sent,
                "imported": self.imported,
                "retried": self.retried,
                "parked": self.parked,
            },
            "ledger": {"entries": self.entries, "verified": self.verified},
            "agencies": self.agencies,
            "seconds": round(self.seconds, 1),
            "procedures": [asdict(line) for line in self.procedures],
            "events": list(self.events),
            **({"cutover": asdict(self.cutover)} if self.cutover else {}),
        }


def outcome_of(world: World, *, began: float, down: Sequence[AgencyCode]) -> Outcome:
    """Read what came of a rehearsal from the hub's database, and check the ledger."""
    counts = world.queries.counts()
    checked = verify(world.queries, Catalogues(world.hub))
    cases = list(_cases(world))
    return Outcome(
        submitted=counts.dossiers.submitted,
        completed=counts.dossiers.completed,
        rejected=counts.dossiers.rejected,
        open=counts.dossiers.open,
        sent=counts.handoffs.sent,
        imported=counts.handoffs.imported,
        retried=counts.handoffs.retried,
        parked=counts.handoffs.parked,
        entries=counts.ledger_entries,
        verified=checked.holds,
        agencies=len(world.officials),
        seconds=time.monotonic() - began,
        procedures=tuple(_lines(world, cases)),
        events=(*checked.faults[:_TOLD], *_events(world, cases, down)),
    )


def _cases(world: World) -> Iterable[Case]:
    after = None
    while page := world.queries.cases_page(after=after, limit=_PAGE):
        yield from page
        after = page[-1].code


def _lines(world: World, cases: Sequence[Case]) -> Iterable[ProcedureLine]:
    by_procedure: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_procedure[case.procedure].append(case)
    for procedure, some in sorted(by_procedure.items()):
        route = world.catalogue.route_version(some[0].procedure, some[0].route_version)
        ways = [hours for case in some if (hours := _way(world, case)) is not None]
        yield ProcedureLine(
            procedure=procedure,
            name=route.name.vi,
            submitted=len(some),
            completed=sum(case.state in _HOME for case in some),
            rejected=sum(case.state is CaseState.REJECTED for case in some),
            steps=sum(_done(case) for case in some),
            agencies=len({run.agency for case in some for run in case.steps if run.agency}),
            median_working_hours=round(statistics.median(ways), 1) if ways else None,
        )


def _way(world: World, case: Case) -> float | None:
    """Return how long a dossier took from acceptance to its end, in working hours."""
    if case.ended_at is None:
        return None
    return working_minutes_between(case.accepted_at, case.ended_at, world.catalogue.calendar) / 60


def _done(case: Case) -> int:
    return sum(run.state in {StepState.COMPLETED, StepState.REJECTED} for run in case.steps)


def _events(world: World, cases: Sequence[Case], down: Sequence[AgencyCode]) -> Iterable[str]:
    for agency in down:
        yield from _outage(world, agency)
    for case in cases:
        if case.state is CaseState.REJECTED:
            yield f"Hồ sơ {case.code} bị từ chối giải quyết: {case.reason}"
    for case in cases:
        rounds = [run for run in case.steps if run.round > 1]
        if rounds:
            yield (
                f"Hồ sơ {case.code} phải bổ sung ở bước “{rounds[0].id}”,"
                f" sau đó: {'đã trả kết quả' if case.state in _HOME else case.state}"
            )


def _outage(world: World, agency: AgencyCode) -> Iterable[str]:
    entry = world.catalogue.directory.agency(agency)
    name = entry.name if entry else agency
    rows = world.queries.handoffs(agency=agency, limit=_PAGE)
    failed = [row for row in rows if row.failures]
    if not failed:
        return
    attempts = [one for row in failed for one in world.queries.attempts(row.id)]
    failures = [one for one in attempts if one.end is AttemptEnd.FAILED]
    healed = all(row.settled_at is not None for row in failed)
    yield (
        f"Hệ thống của {name} ngừng: {len(failures)} lần giao thất bại"
        f" ({failures[0].code if failures else ''}), {len(failed)} lần giao được gửi lại và"
        f" {'đều đã nhận' if healed else 'còn chờ'}"
    )
