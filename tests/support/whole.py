"""The one assertion every fault test ends with: nothing is lost, nothing is double, all in order.

"Whole" means: the ledger's chain and fold hold; what the agencies' systems said is in an outbox
once, what an outbox holds is in the ledger once, under the agency's numbers in their order, and
answered "accepted"; every hand-over the ledger makes is at its agency once, in the order of its
lane; every dossier is home; nothing waits, nothing is parked, nothing was kept as evidence.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeVar
from uuid import UUID

from bus.ids import AgencyCode, DossierCode
from bus.ports import DeliveryState, EntryKind, LedgerEntry, OutboxRow, OutboxState
from bus.storage.edge import OUTBOX
from bus.storage.edge_tables import outbox
from bus.storage.engine import reading
from bus.storage.views import HandoffLine
from bus.workers.catalogues import Catalogues
from bus.workers.verify import verify
from tests.support.live_province import LiveProvince
from tests.support.rabbitmq import eventually

_ALL: Final = 100_000
_RECEIPTS: Final = "delivery."
_What = TypeVar("_What")
Lane = tuple[AgencyCode, DossierCode]


def assert_whole(
    province: LiveProvince, *, kept: Sequence[str] = (), calls: int = 1, within: float = 90.0
) -> None:
    """Wait until the province is quiet, and check all of the above.

    Args:
        province: What to look at; its hub may run.
        kept: Codes of the bytes that may have been kept as evidence.
        calls: How often a hand-over may have been put before an agency's system at most.
        within: Seconds until everything must be home.
    """
    try:
        eventually(lambda: not list(_open(province)), within=within, what="all is home", every=0.2)
    except TimeoutError as late:
        still = [*_open(province), *faults(province, calls=calls)]
        words = "\n".join([*still[:30], province.hub.last_words()])
        raise AssertionError(f"{late}\n{words}") from None
    found = [*faults(province, calls=calls), *_evidence(province, kept)]
    if found:
        raise AssertionError("\n".join(found[:30]))


def faults(province: LiveProvince, *, calls: int = 1) -> list[str]:
    """Return what is not whole in a province that is quiet."""
    rows, entries = outbox_rows(province), ledger(province)
    deliveries = province.queries.handoffs(limit=_ALL)
    return [
        *verify(province.queries, Catalogues(province.store)).faults,
        *_said_once(province, rows),
        *_in_the_ledger_once(rows, entries),
        *_in_the_lanes_order(rows, entries),
        *_handed_over_once(province, deliveries, calls),
        *_handed_over_in_order(province, deliveries),
    ]


def outbox_rows(province: LiveProvince) -> list[OutboxRow]:
    """Return everything the edges ever sent, in the order it was written."""
    with reading(province.edge_engine) as connection:
        return OUTBOX.values(connection.execute(OUTBOX.select().order_by(outbox.c.ordinal)))


def ledger(province: LiveProvince) -> list[LedgerEntry]:
    """Return all entries, by partition and position."""
    return [
        entry
        for head in province.queries.heads()
        for entry in province.queries.ledger(head.partition, limit=_ALL)
    ]


def _open(province: LiveProvince) -> Iterator[str]:
    """Say what is still under way; cheap, as it is asked again and again."""
    counts = province.queries.counts().dossiers
    if counts.submitted < province.submitted or counts.open or _not_handed_back(province):
        yield f"{counts.open} of {province.submitted} dossiers are open"
    if not all(one.silent for one in province.legacy.values()):
        yield "officials have something to say"
    if unanswered := province.edge.unanswered(list(province.legacy)):
        yield f"{unanswered} messages are unanswered"
    states = Counter(row.state for row in province.queries.handoffs(limit=_ALL))
    if set(states) - {DeliveryState.IMPORTED}:
        yield f"hand-overs: {dict(states)}"


def _not_handed_back(province: LiveProvince) -> int:
    """Count dossiers that are done and not yet in the citizen's hands."""
    states = Counter(line.state for line in province.queries.dossiers(limit=_ALL))
    return sum(count for state, count in states.items() if state == "completed")


def _said_once(province: LiveProvince, rows: Sequence[OutboxRow]) -> Iterator[str]:
    said = Counter({key: 1 for one in province.legacy.values() for key in one.said})
    kept = Counter(row.key for row in rows)
    yield from _differences("said by officials", said, "in an outbox", kept)


def _in_the_ledger_once(rows: Sequence[OutboxRow], entries: Sequence[LedgerEntry]) -> Iterator[str]:
    messages = [entry for entry in entries if entry.kind is EntryKind.MESSAGE]
    told = Counter(one.id for one in messages if not one.type.startswith(_RECEIPTS))
    yield from _differences("sent", Counter(row.id for row in rows), "in the ledger", told)
    yield from _repeated("in the ledger", (one.id for one in messages))
    bodies = {row.id: row.body for row in rows}
    for entry in messages:
        if bodies.get(entry.id, entry.body) != entry.body:
            yield f"message {entry.id} has other bytes in the ledger than in its outbox"
    for row in rows:
        if row.state is not OutboxState.ACCEPTED:
            yield f"message {row.id} ({row.type}) was answered {row.state}"


def _in_the_lanes_order(rows: Sequence[OutboxRow], entries: Sequence[LedgerEntry]) -> Iterator[str]:
    places = {row.id: row.sequence for row in rows}
    found: defaultdict[Lane, list[int]] = defaultdict(list)
    for entry in entries:
        if entry.id in places:
            found[entry.agency, entry.dossier].append(places[entry.id])
    for lane, order in found.items():
        if order != list(range(1, len(order) + 1)):
            yield f"lane {lane}: the ledger has the agency's numbers in the order {order}"


def _handed_over_once(
    province: LiveProvince, deliveries: Sequence[HandoffLine], calls: int
) -> Iterator[str]:
    owed = Counter((row.agency, row.id) for row in deliveries)
    came = Counter((code, id_) for code, one in province.legacy.items() for id_ in one.calls)
    yield from _differences("handed over", owed, "in an agency's system", Counter(set(came)))
    for (agency, id_), count in came.items():
        if count > calls:
            yield f"hand-over {id_} was put before {agency} {count} times"
    yield from _repeated(
        "handed over under two ids",
        ((row.partition, row.cause, row.part, row.agency) for row in deliveries),
    )
    yield from _repeated(
        "one step handed over twice",
        (
            (row.dossier, row.agency, row.type, row.step, row.round)
            for row in deliveries
            if row.type == "step.requested"
        ),
    )


def _handed_over_in_order(
    province: LiveProvince, deliveries: Sequence[HandoffLine]
) -> Iterator[str]:
    lanes: defaultdict[Lane, list[HandoffLine]] = defaultdict(list)
    for row in deliveries:
        lanes[row.agency, row.dossier].append(row)
    lane_of = {row.id: (row.agency, row.dossier) for row in deliveries}
    came: defaultdict[Lane, list[UUID]] = defaultdict(list)
    for one in province.legacy.values():
        for id_ in dict.fromkeys(one.calls):
            if id_ in lane_of:
                came[lane_of[id_]].append(id_)
    for lane, rows in lanes.items():
        order = [row.id for row in sorted(rows, key=lambda row: (row.cause, row.part))]
        if came[lane] != order:
            yield f"lane {lane}: handed over {order}, came {came[lane]}"


def _evidence(province: LiveProvince, kept: Sequence[str]) -> Iterator[str]:
    lines = province.queries.evidence(limit=_ALL)
    codes = Counter(line.code for line in lines)
    if not set(codes) <= set(kept):
        yield f"evidence: {[(line.code, line.queue, line.detail) for line in lines][:10]}"


def _differences(
    here: str, left: Counter[_What], there: str, right: Counter[_What]
) -> Iterator[str]:
    for one in left | right:
        if left[one] != right[one]:
            yield f"{one} is {left[one]} times {here} and {right[one]} times {there}"


def _repeated(where: str, values: Iterable[object]) -> Iterator[str]:
    for one, count in Counter(values).items():
        if count > 1:
            yield f"{one} is {count} times {where}"
