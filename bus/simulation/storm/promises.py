"""What is promised, and whether a run has kept it: pure questions to what it left behind.

Each looks for one kind of breach and names what broke it. None knows which faults struck.
"""

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from bus.errors import LedgerBroken, PerformerMismatch, TransitionRefused, UnexpectedFailure
from bus.ids import DossierCode
from bus.ports import DeliveryState, EntryKind, LaneKey, OutboxState
from bus.routing.case import FINAL_STEPS, Case
from bus.routing.chain import GENESIS, check
from bus.routing.clock import due_at
from bus.routing.ledger import LedgerHead
from bus.simulation.storm.legacy import TWICE
from bus.simulation.storm.remains import Remains, Way


class Promise(StrEnum):
    """What is promised, whatever goes wrong."""

    ACCEPTED_ONCE = "what is accepted is in the ledger once"
    IN_ORDER = "what one agency says about a dossier is decided on in its order"
    REFUSED_WITH_REASON = "nothing is refused that was right when it was said"
    ONE_END = "every dossier comes to one end, and its unit is told once"
    HANDED_OVER_ONCE = "every agency has every hand-off once"
    HANDED_OVER_IN_ORDER = "every agency has the hand-offs of a dossier in order"
    NOT_BEFORE_ITS_NEEDS = "no step begins before what it needs"
    DUE_DATES_STAY = "no deadline moves for a technical reason"
    LEDGER_HOLDS = "the ledger's chain holds and amounts to the stored cases"
    EVIDENCE_KEPT = "what comes from strangers moves nothing and is kept"
    NOTHING_LEFT = "nothing is left under way"
    NOTHING_UNFORESEEN = "no worker fails in a way nobody foresaw"


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise that was broken, and by what."""

    promise: Promise
    what: str

    def __str__(self) -> str:
        """Return it in one line."""
        return f"{self.promise}: {self.what}"


Ways = Mapping[DossierCode, Way]
_PAUSING: Final = frozenset({"dossier.submitted", "dossier.supplemented", "payment.confirmed"})
"""What may move a deadline: the citizen's doing (Decree 61/2018 article 19)."""
_EXCUSED: Final = frozenset({TransitionRefused.code, PerformerMismatch.code})
_ARRIVED: Final = frozenset({DeliveryState.IMPORTED, DeliveryState.REFUSED})
_MOVED: Final = frozenset({DeliveryState.REROUTED, DeliveryState.DISCARDED})
"""What becomes of a hand-off to an office that ended before it arrived."""
_HOME: Final = frozenset({"dossier.completed", "dossier.terminated"})
_CROSSING: Final = frozenset({"recall.requested", "recall.agreed", "recall.refused", "wait.ended"})
"""What may meet on its way that the step has ended or moved; the hub says so by refusing it."""


def violations(remains: Remains) -> list[Violation]:
    """Return every breach of every promise."""
    ways, unreadable = remains.ways()
    found = [Violation(Promise.LEDGER_HOLDS, fault) for fault in unreadable]
    return found + breaches(remains, ways)


def breaches(remains: Remains, ways: Ways) -> list[Violation]:
    """Return every breach, where the dossiers have gone these ways."""
    return [
        Violation(promise, what)
        for promise, check_ in _CHECKS.items()
        for what in check_(remains, ways)
    ]


def _accepted_once(remains: Remains, ways: Ways) -> Iterator[str]:
    del ways
    recorded = Counter(one.id for one in remains.entries)
    for id_, times in recorded.items():
        if times > 1:
            yield f"message {id_} is in the ledger {times} times"
    own = {row.id for row in remains.outbox}
    for row in remains.outbox:
        if row.state is OutboxState.ACCEPTED and not recorded[row.id]:
            yield f"{row.type} {row.id} of {row.agency} was accepted and is not in the ledger"
        if row.state is OutboxState.REJECTED and recorded[row.id]:
            yield f"{row.type} {row.id} of {row.agency} was rejected and is in the ledger"
    for entry in remains.entries:
        said = entry.kind is EntryKind.MESSAGE and not entry.type.startswith("delivery.")
        if said and entry.id not in own:
            yield f"{entry.type} {entry.id} is in the ledger, and nobody has sent it"


def _in_order(remains: Remains, ways: Ways) -> Iterator[str]:
    del ways
    places = {entry.id: entry.position for entry in remains.entries}
    last: dict[LaneKey, int] = {}
    for row in sorted(remains.outbox, key=lambda row: row.sequence):
        lane, place = LaneKey(row.agency, row.dossier), places.get(row.id)
        if place is None:
            continue
        if place < last.get(lane, 0):
            yield f"number {row.sequence} of {row.agency} for {row.dossier} came before its turn"
        last[lane] = place


def _refused_with_reason(remains: Remains, ways: Ways) -> Iterator[str]:
    codes: dict[str | None, set[str]] = defaultdict(set)
    for line in remains.evidence:
        codes[line.message_id].add(line.code)
    for row in remains.outbox:
        if row.state is not OutboxState.REJECTED:
            continue
        over = any(not case.open for _, case in ways.get(row.dossier, ()))
        crossing = row.type in _CROSSING or row.agency == remains.closed
        excused = row.key.endswith(TWICE) or crossing or over
        given = codes[str(row.id)]
        if not (excused and given and given <= _EXCUSED):
            why = ", ".join(sorted(given)) or "no reason kept"
            yield f"{row.type} number {row.sequence} of {row.agency} for {row.dossier}: {why}"


def _one_end(remains: Remains, ways: Ways) -> Iterator[str]:
    told = Counter(
        (line.dossier, line.agency)
        for line in remains.handoffs.values()
        if line.type in _HOME and line.state is DeliveryState.IMPORTED
    )
    for dossier, unit in remains.submitted.items():
        case = remains.cases.get(dossier)
        if case is None:
            yield f"dossier {dossier} of {unit} has no case"
            continue
        if case.open:
            yield f"dossier {dossier} is still {case.state}"
        elif told[dossier, case.receiving_unit] != 1:
            times = told[dossier, case.receiving_unit]
            yield f"dossier {dossier} is {case.state}; its unit was told {times} times"
        ends = _turns(ways.get(dossier, ()))
        if ends > 1:
            yield f"dossier {dossier} came to an end {ends} times"
    for dossier in remains.cases.keys() - remains.submitted.keys():
        yield f"dossier {dossier} has a case, and nobody has submitted it"


def _turns(way: Way) -> int:
    """Return how often a dossier went from open to over."""
    opens = [True, *(case.open for _, case in way)]
    return sum(before and not after for before, after in itertools.pairwise(opens))


def _handed_over_once(remains: Remains, ways: Ways) -> Iterator[str]:
    del ways
    taken = Counter(id_ for some in remains.book.taken.values() for id_ in some)
    for line in remains.handoffs.values():
        wanted = 1 if line.state is DeliveryState.IMPORTED else 0
        if line.state in _ARRIVED and taken[line.id] != wanted:
            yield (
                f"{line.type} {line.id} for {line.dossier} is {line.state};"
                f" {line.agency} took it {taken[line.id]} times"
            )


def _handed_over_in_order(remains: Remains, ways: Ways) -> Iterator[str]:
    del ways
    for lane, taken in remains.book.taken.items():
        lines = [remains.handoffs[id_] for id_ in dict.fromkeys(taken) if id_ in remains.handoffs]
        places = [(line.cause, line.part) for line in lines]
        if places != sorted(places):
            yield f"{lane.agency} took the hand-offs of {lane.dossier} as {places}"


def _not_before_its_needs(remains: Remains, ways: Ways) -> Iterator[str]:
    keys = {row.id: f"{row.agency}|{row.key}" for row in remains.outbox}
    requests: dict[tuple[DossierCode, int], list[UUID]] = defaultdict(list)
    for line in remains.handoffs.values():
        if line.step is not None:
            requests[line.dossier, line.cause].append(line.id)
    for dossier, way in ways.items():
        over: dict[str, int] = {}  # step → when what ended it was said
        for entry, case in way:
            said = remains.book.said.get(keys.get(entry.id, ""), 0)
            for run in case.steps:
                if run.state in FINAL_STEPS:
                    over.setdefault(run.id, said)
            for id_ in requests[dossier, entry.position]:
                yield from _too_early(remains, case, id_, over)


def _too_early(remains: Remains, case: Case, id_: UUID, over: Mapping[str, int]) -> Iterator[str]:
    line = remains.handoffs[id_]
    route = remains.catalogue.route_version(case.procedure, case.route_version)
    step = next(step for step in route.steps if step.id == line.step)
    begun = remains.book.moments.get(id_)
    for need in step.needs:
        if need not in over:
            yield f"step {step.id} of {case.code} was handed over before {need} was over"
        elif begun is not None and begun <= over[need]:
            yield f"step {step.id} of {case.code} began before anybody said that {need} is over"


def _due_dates_stay(remains: Remains, ways: Ways) -> Iterator[str]:
    for dossier, way in ways.items():
        before: Case | None = None
        for entry, case in way:
            if before is None:
                yield from _first_due(remains, case)
            else:
                if case.due_at != before.due_at and entry.type not in _PAUSING:
                    yield f"{entry.type} moved the deadline of {dossier}"
                for old, new in zip(before.steps, case.steps, strict=True):
                    same = old.opened_at is not None and old.round == new.round
                    if same and old.due_at != new.due_at:
                        yield f"{entry.type} moved the deadline of step {new.id} of {dossier}"
            before = case


def _first_due(remains: Remains, case: Case) -> Iterator[str]:
    route = remains.catalogue.route_version(case.procedure, case.route_version)
    calendar = remains.catalogue.calendar_of(case.receiving_unit)
    due = due_at(case.accepted_at, route.total, calendar) if route.total else None
    if due != case.due_at:
        yield f"{case.code} is due {case.due_at}, by law {due}"


def _ledger_holds(remains: Remains, ways: Ways) -> Iterator[str]:
    heads = {head.partition: LedgerHead(head.partition, 0, GENESIS) for head in remains.heads}
    try:
        for entry in remains.entries:
            heads[entry.partition] = check(heads[entry.partition], entry)
    except LedgerBroken as fault:
        yield str(fault)
        return
    for head in remains.heads:
        if heads[head.partition] != head:
            yield f"partition {head.partition} does not end where its head says"
    for dossier, case in remains.cases.items():
        way = ways.get(dossier, ())
        if not way or way[-1][1] != case:
            yield f"dossier {dossier} is not what its entries amount to"


def _evidence_kept(remains: Remains, ways: Ways) -> Iterator[str]:
    del ways
    kept = {line.message_id for line in remains.evidence}
    for stranger in remains.strangers:
        if stranger not in kept:
            yield f"{stranger} came and left no trace"
    for line in remains.evidence:
        if line.code == UnexpectedFailure.code:
            yield f"message {line.message_id} could not be decided on: {line.detail}"


def _nothing_left(remains: Remains, ways: Ways) -> Iterator[str]:
    del ways
    for row in remains.outbox:
        if row.state in {OutboxState.QUEUED, OutboxState.SENT}:
            yield f"{row.type} number {row.sequence} of {row.agency} for {row.dossier}: {row.state}"
    for line in remains.handoffs.values():
        moved = line.agency == remains.closed and line.state in _MOVED
        if line.state not in _ARRIVED and not moved:
            yield f"{line.type} {line.id} to {line.agency} for {line.dossier}: {line.state}"
    for what in remains.waiting:
        yield f"{what} was never read"


def _nothing_unforeseen(remains: Remains, ways: Ways) -> Iterator[str]:
    del ways
    yield from remains.broken


_CHECKS: Final[Mapping[Promise, Callable[[Remains, Ways], Iterator[str]]]] = {
    Promise.ACCEPTED_ONCE: _accepted_once,
    Promise.IN_ORDER: _in_order,
    Promise.REFUSED_WITH_REASON: _refused_with_reason,
    Promise.ONE_END: _one_end,
    Promise.HANDED_OVER_ONCE: _handed_over_once,
    Promise.HANDED_OVER_IN_ORDER: _handed_over_in_order,
    Promise.NOT_BEFORE_ITS_NEEDS: _not_before_its_needs,
    Promise.DUE_DATES_STAY: _due_dates_stay,
    Promise.LEDGER_HOLDS: _ledger_holds,
    Promise.EVIDENCE_KEPT: _evidence_kept,
    Promise.NOTHING_LEFT: _nothing_left,
    Promise.NOTHING_UNFORESEEN: _nothing_unforeseen,
}
