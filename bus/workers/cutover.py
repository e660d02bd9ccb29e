"""The day agencies end: what is open there goes to whoever took over, a batch at a time.

Each batch is one transaction: acts in the ledger, steps moved, hand-offs made anew. What a batch
has moved is found no more, so running it again after a crash goes on where it stopped, and moves
nothing twice. Nothing is published here: a hub that runs sends what is due.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import islice
from typing import Final
from uuid import UUID

from bus.errors import ActRefused, OperatorMustAct
from bus.ids import AgencyCode, AreaCode, DossierCode, Partition, partition_of
from bus.ports import FINAL, Clock, CutoverReader, DeliveryState, HubStore
from bus.routing.acts import Act, ActKind
from bus.routing.case import Case
from bus.routing.cutover import ASKS, Handed, Left, Move, Plan, Undecided, divided, ended, plan_of
from bus.routing.effects import HandOver
from bus.routing.machine import advance
from bus.routing.province import Catalogue
from bus.routing.rerouting import DossierPlaced, StepRerouted, followed
from bus.schemas.envelope import HubDelivery
from bus.schemas.reader import read_from_hub
from bus.workers.desk import Desk
from bus.workers.noting import note
from bus.workers.office import Office
from bus.workers.operate import Operator

BATCH: Final = 500
"""How many dossiers one transaction moves at most."""


@dataclass(slots=True)
class CutoverReport:
    """What a cutover did, or would do.

    `moved` steps went to another agency; `readdressed` are hand-offs that were no steps, `dropped`
    those nobody waits for any more; `placed` dossiers were given a part of a divided commune.
    Of `active` steps, which were open before, those `kept` are at agencies that go on.
    `due_dates_changed` is counted, and must be none.
    """

    version: int
    day: date
    applied: bool
    dossiers: int = 0
    moved: int = 0
    readdressed: int = 0
    dropped: int = 0
    placed: int = 0
    active: int = 0
    due_dates_changed: int = 0
    to_decide: list[Undecided] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    @property
    def kept(self) -> int:
        """How many open steps stay where they are, at agencies that go on."""
        waiting = sum(one.steps for one in self.to_decide)
        stuck = sum(one.step is not None for one in self.left)
        return self.active - self.moved - waiting - stuck

    def add(self, other: "CutoverReport") -> None:
        """Count what another batch, or another process, did."""
        self.active = max(self.active, other.active)
        self.dossiers += other.dossiers
        self.moved += other.moved
        self.readdressed += other.readdressed
        self.dropped += other.dropped
        self.placed += other.placed
        self.due_dates_changed += other.due_dates_changed
        self.to_decide += other.to_decide
        self.left += other.left

    @property
    def whole(self) -> bool:
        """Whether nothing waits for anybody any more that has ended."""
        return not self.to_decide and not self.left and not self.due_dates_changed


class Cutover:
    """Moves what is open at agencies that have ended."""

    def __init__(
        self, store: HubStore, reader: CutoverReader, office: Office, clock: Clock
    ) -> None:
        self._store = store
        self._reader = reader
        self._office = office
        self._clock = clock

    def run(
        self,
        at: date,
        operator: Operator | None,
        *,
        decisions: Mapping[str, AreaCode],
        watch: Callable[[CutoverReport], None] = lambda _so_far: None,
        batch: int = BATCH,
        share: tuple[int, int] = (0, 1),
    ) -> CutoverReport:
        """Move everything, or without an operator say what would be moved.

        Args:
            at: First day without the agencies that end.
            operator: Who, and why; both stand in the ledger with each step.
            decisions: Part of a divided commune, by dossier or by the old area.
            watch: Told how far it is, after each batch.
            batch: Most dossiers of one transaction.
            share: Which part of how many: several processes may take the ledger's partitions in
                shares at once, and wait for each other nowhere.

        Raises:
            NotFound: Nothing was published yet.
            ActRefused: That day has not come, or the newest directory ends no agency before it.
        """
        newest = self._office.catalogues.newest()
        today = newest.calendar.local_date(self._clock.now())
        self._check(newest, at, today, applies=operator is not None)
        day = max(at, today)
        report = CutoverReport(newest.version, day, applied=operator is not None)
        gone = ended(newest.directory, day)
        report.active = self._reader.open_steps()
        task = _Task(newest, day, frozenset(gone), operator, decisions)
        for page in self._pages(newest, gone, day, batch * share[1]):
            codes = [code for code in page if self._partition(code) % share[1] == share[0]]
            if not codes:
                continue
            handed = self._reader.handed(codes, gone)
            done = self._office.catalogues.reading(partial(self._batch, task, codes, handed))
            report.add(done)
            watch(report)
        return report

    def _partition(self, code: DossierCode) -> Partition:
        return partition_of(code, self._office.partitions)

    def _check(self, newest: Catalogue, at: date, today: date, *, applies: bool) -> None:
        if not ended(newest.directory, at):
            raise ActRefused(
                f"danh bạ phiên bản {newest.version} không có cơ quan nào kết thúc trước {at};"
                " hãy công bố danh bạ mới bằng `bus directory publish` trước"
                f" / version {newest.version} of the directory ends no agency before {at};"
                " publish the new one first with `bus directory publish`"
            )
        if applies and today < at:
            raise ActRefused(
                f"chưa đến ngày {at} (hôm nay {today}); cơ quan mới chưa hoạt động, hãy dùng"
                f" --dry-run / {at} has not come (today is {today}); the new agencies are not"
                " there yet, use --dry-run"
            )

    def _pages(
        self, newest: Catalogue, gone: Sequence[AgencyCode], day: date, batch: int
    ) -> Iterator[Sequence[DossierCode]]:
        """Yield dossiers of divided communes, then all others at agencies that have ended."""
        apart = list(self._reader.belonging(divided(newest.directory, day)))
        yield from _pieces(apart, batch)
        seen = set(apart)
        after: DossierCode | None = None
        while page := self._reader.at(gone, after=after, limit=batch):
            after = page[-1]
            rest = [code for code in page if code not in seen]
            if rest:
                yield rest

    def _batch(
        self,
        task: "_Task",
        codes: Sequence[DossierCode],
        handed: Mapping[DossierCode, Sequence[Handed]],
    ) -> CutoverReport:
        """Plan for these dossiers and do it, in one transaction; return what was done."""
        applies = task.operator is not None
        partitions = {self._partition(code) for code in codes}
        counted = CutoverReport(task.newest.version, task.day, applied=applies)
        with self._store.transaction(partitions if applies else ()) as transaction:
            desk = Desk(
                self._office, transaction, self._clock.now(), newest=task.newest, quiet=True
            )
            desk.load(set(codes), _asking(handed))
            for code in codes:
                case = desk.case(code)
                if case is None:
                    continue
                try:
                    _one(task, desk, case, _standing(desk, handed.get(code, ())), counted)
                except OperatorMustAct as error:
                    counted.left.append(Left(code, case.receiving_unit, None, error.code))
            if applies:
                transaction.save(desk.changes())
        return counted


@dataclass(frozen=True, slots=True)
class _Task:
    newest: Catalogue
    day: date
    gone: frozenset[AgencyCode]
    operator: Operator | None
    decisions: Mapping[str, AreaCode]


def _one(
    task: _Task, desk: Desk, case: Case, handed: Sequence[Handed], counted: CutoverReport
) -> None:
    route = desk.version(case).route_version(case.procedure, case.route_version)
    plan = plan_of(
        case,
        handed,
        route=route,
        directory=task.newest.directory,
        day=task.day,
        decisions=task.decisions,
    )
    if plan.undecided is not None:
        counted.to_decide.append(plan.undecided)
        return
    counted.left.extend(plan.left)
    if not plan.moves and plan.place is None:
        return
    counted.dossiers += 1
    if task.operator is None:
        _count(counted, plan)
        return
    after = _done(task.operator, desk, case, plan, counted)
    counted.due_dates_changed += _moved_dates(case, after)


def _count(counted: CutoverReport, plan: Plan) -> None:
    counted.placed += plan.place is not None
    for move in plan.moves:
        _tally(counted, move)


def _tally(counted: CutoverReport, move: Move) -> None:
    if move.to is None:
        counted.dropped += 1
    elif move.step is None:
        counted.readdressed += 1
    else:
        counted.moved += 1


def _done(operator: Operator, desk: Desk, case: Case, plan: Plan, counted: CutoverReport) -> Case:
    """Do what was planned, each act an entry; what is refused is left and said."""
    if plan.place is not None:
        act = Act(ActKind.PLACE, operator.actor, operator.reason, area=plan.place)
        case, owed = advance(case, DossierPlaced(plan.place), desk.context(case))
        note(desk, case, act, owed=owed)
        counted.placed += 1
    for move in plan.moves:
        try:
            case = _moved(operator, desk, case, move)
        except OperatorMustAct as error:
            agency = move.to or AgencyCode("")
            counted.left.append(Left(case.code, agency, move.step, error.code))
        else:
            _tally(counted, move)
    return case


def _moved(operator: Operator, desk: Desk, case: Case, move: Move) -> Case:
    kind = ActKind.REROUTE if move.to else ActKind.DISCARD
    act = Act(kind, operator.actor, operator.reason, move.delivery, to=move.to)
    if move.to is None:
        note(desk, case, act)
        desk.lanes.end(move.delivery, DeliveryState.DISCARDED)
        return case
    owed: tuple[HandOver, ...]
    if move.step is None or move.round is None:
        message = read_from_hub(desk.lanes.rows[move.delivery].body)
        assert isinstance(message, HubDelivery)  # noqa: S101 -- receipts are no deliveries
        owed = (HandOver(move.to, type(message), message.data),)
        case = followed(case, desk.context(case))
    else:
        # Whoever has ended is told nothing: nobody is there to hear it.
        event = StepRerouted(move.step, move.round, move.to, operator.reason, take_back=False)
        case, owed = advance(case, event, desk.context(case))
    note(desk, case, act, owed=owed)
    new = desk.lanes.new[-len(owed)]
    if _open(desk, move.delivery):
        desk.lanes.end(move.delivery, DeliveryState.REROUTED, reference=str(new))
    return case


def _standing(desk: Desk, handed: Sequence[Handed]) -> list[Handed]:
    """Return the hand-offs as they stand inside the transaction: some may have ended meanwhile."""
    return [
        replace(one, open=False) if one.open and not _open(desk, one.id) else one for one in handed
    ]


def _open(desk: Desk, delivery: UUID) -> bool:
    row = desk.lanes.rows.get(delivery)
    return row is not None and row.state not in FINAL


def _asking(handed: Mapping[DossierCode, Sequence[Handed]]) -> list[UUID]:
    """Return those that may have to be handed over again although they arrived."""
    return [one.id for some in handed.values() for one in some if one.type in ASKS]


def _moved_dates(before: Case, after: Case) -> int:
    """Count deadlines that are not what they were: there must be none."""
    runs = {run.id: run.due_at for run in before.steps}
    return (before.due_at != after.due_at) + sum(runs[run.id] != run.due_at for run in after.steps)


def _pieces(codes: Iterable[DossierCode], size: int) -> Iterator[list[DossierCode]]:
    rest = iter(codes)
    while piece := list(islice(rest, size)):
        yield piece
