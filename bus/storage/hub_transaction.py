"""One transaction of the hub: what it reads, and the one set of changes it writes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, func, select, tuple_

from bus.ids import AgencyCode, DossierCode, Partition, partition_of
from bus.ports import (
    FINAL,
    AttemptRow,
    ContactRow,
    DeliveryRow,
    DeliveryState,
    EvidenceRow,
    HubChanges,
    InboxRow,
    LaneKey,
    LedgerEntry,
    LedgerHead,
)
from bus.routing.case import Case
from bus.routing.retry import Health
from bus.storage import cases as rows_of
from bus.storage.bulk import insert_rows, update_rows, upsert_rows
from bus.storage.hub_tables import (
    attempt,
    case,
    contact,
    delivery,
    evidence,
    inbox,
    lane,
    ledger,
    ledger_head,
    step,
)
from bus.storage.lookup import Query, lanes, one_of, one_of_lanes, stands_not
from bus.storage.records import record

LEDGER: Final = record(LedgerEntry, ledger)
HEAD: Final = record(LedgerHead, ledger_head)
INBOX: Final = record(InboxRow, inbox)
DELIVERY: Final = record(DeliveryRow, delivery)
ATTEMPT: Final = record(AttemptRow, attempt)
EVIDENCE: Final = record(EvidenceRow, evidence)
CONTACT: Final = record(ContactRow, contact)
MOVED_DELIVERY: Final = record(
    DeliveryRow,
    delivery,
    (
        "id",
        "state",
        "sent_at",
        "next_at",
        "failures",
        "published",
        "error",
        "reference",
        "settled_at",
        "fingerprint",
        "parked_at",
        "alarm_at",
        "alarmed_at",
    ),
)
_NOT_FINAL: Final = stands_not(
    delivery.c.state, *(state for state in DeliveryState if state in FINAL)
)

HANDOFFS: Final = Query(lambda on: DELIVERY.select().where(one_of(on, delivery.c.id, "ids")))
_SEEN: Final = Query(lambda on: INBOX.select().where(one_of(on, inbox.c.id, "ids")))
_LANES: Final = Query(
    lambda on: select(lane).where(one_of_lanes(on, lane.c.agency, lane.c.dossier, "keys"))
)
CASES: Final = Query(
    lambda on: select(case.c.code, case.c.state_json, case.c.content_json).where(
        one_of(on, case.c.code, "codes")
    )
)
_OPEN: Final = Query(
    lambda on: (
        DELIVERY.select()
        .where(one_of(on, delivery.c.dossier, "dossiers"), _NOT_FINAL)
        .order_by(delivery.c.agency, delivery.c.dossier, delivery.c.cause, delivery.c.part)
    )
)
_AILING: Final = Query(lambda _: CONTACT.select().where(contact.c.failures > 0))


class SqlHubTransaction:
    """A `bus.ports.HubTransaction` on a connection that has begun and holds the heads."""

    def __init__(
        self, connection: Connection, heads: Mapping[Partition, LedgerHead], partitions: int
    ) -> None:
        self.heads = heads
        self._connection = connection
        self._partitions = partitions
        self._loaded: dict[DossierCode, Case] = {}
        self._changes: HubChanges | None = None

    def seen(self, ids: Collection[UUID]) -> Mapping[UUID, InboxRow]:
        """Return the messages among these that were answered before."""
        if not ids:
            return {}
        return {row.id: row for row in INBOX.values(_SEEN.rows(self._connection, ids=ids))}

    def lanes(self, keys: Collection[LaneKey]) -> Mapping[LaneKey, int]:
        """Return the next expected place of each lane that has begun; the others expect 1."""
        if not keys:
            return {}
        found = _LANES.rows(self._connection, **lanes(self._connection, "keys", keys))
        return {LaneKey(agency, dossier): expected for agency, dossier, expected in found}

    def cases(self, codes: Collection[DossierCode]) -> Mapping[DossierCode, Case]:
        """Return the cases that are there."""
        if not codes:
            return {}
        found = CASES.rows(self._connection, codes=codes)
        loaded = {code: rows_of.join(state, content) for code, state, content in found}
        self._loaded |= loaded
        return loaded

    def deliveries(self, ids: Collection[UUID]) -> Mapping[UUID, DeliveryRow]:
        """Return the deliveries that are there."""
        if not ids:
            return {}
        found = HANDOFFS.rows(self._connection, ids=ids)
        return {row.id: row for row in DELIVERY.values(found)}

    def unsettled(self, dossiers: Collection[DossierCode]) -> Sequence[DeliveryRow]:
        """Return every delivery of these dossiers that is not final, by lane order."""
        if not dossiers:
            return ()
        return DELIVERY.values(_OPEN.rows(self._connection, dossiers=dossiers))

    def overtaken(self, row: DeliveryRow) -> int:
        """Return how many later deliveries of the same lane went out at least once."""
        d = delivery.c
        query = select(func.count()).where(
            d.dossier == row.dossier,
            d.agency == row.agency,
            tuple_(d.cause, d.part) > tuple_(row.cause, row.part),
            d.published > 0,
        )
        return self._connection.execute(query).scalar_one()

    def ailing(self) -> Mapping[AgencyCode, Health]:
        """Return the health of every agency whose last hand-off failed."""
        return {row.agency: row.health for row in CONTACT.values(_AILING.rows(self._connection))}

    def save(self, changes: HubChanges) -> None:
        """Take the changes; they are written at the end of the context.

        Raises:
            RuntimeError: It was called before.
            ValueError: A row belongs to a partition that is not one of the transaction's.
        """
        if self._changes is not None:
            raise RuntimeError("a transaction saves once; put all changes into one HubChanges")
        self._refuse_strangers(changes)
        self._changes = changes

    def write(self) -> None:
        """Write what was saved. Contacts last: other partitions' transactions wait for them."""
        changes = self._changes
        if changes is None:
            return
        connection = self._connection
        insert_rows(connection, ledger, LEDGER.columns, LEDGER.rows(changes.ledger))
        insert_rows(connection, inbox, INBOX.columns, INBOX.rows(changes.inbox))
        lanes = [(key.agency, key.dossier, place) for key, place in changes.lanes.items()]
        upsert_rows(
            connection, lane, ("agency", "dossier"), ("agency", "dossier", "expected"), lanes
        )
        self._write_cases(changes)
        self._write_deliveries(changes)
        insert_rows(connection, attempt, ATTEMPT.columns, ATTEMPT.rows(changes.attempts))
        update_rows(connection, ledger_head, ("partition",), HEAD.columns, HEAD.rows(changes.heads))
        self._write_evidence(changes.evidence)
        self._write_contacts(changes)

    def _refuse_strangers(self, changes: HubChanges) -> None:
        of_rows: Iterable[tuple[Partition, object]] = (
            *((head.partition, "head") for head in changes.heads),
            *((entry.partition, entry.id) for entry in changes.ledger),
            *((row.partition, row.id) for row in changes.new_deliveries),
            *((row.partition, row.id) for row in changes.deliveries.values()),
        )
        dossiers = {*changes.cases, *(key.dossier for key in changes.lanes)}
        of_dossiers = ((partition_of(code, self._partitions), code) for code in dossiers)
        for partition, what in (*of_rows, *of_dossiers):
            if partition not in self.heads:
                raise ValueError(
                    f"{what} belongs to partition {partition}; the transaction holds"
                    f" {sorted(self.heads)}. Begin it over every partition it writes to"
                )

    def _write_cases(self, changes: HubChanges) -> None:
        new = [value for code, value in changes.cases.items() if code in changes.new_cases]
        moved = [value for code, value in changes.cases.items() if code not in changes.new_cases]
        before = self._loaded.get
        connection = self._connection
        insert_rows(
            connection,
            case,
            (*rows_of.CASE_COLUMNS, "content_json"),
            [(*rows_of.case_row(value), rows_of.content_row(value)[1]) for value in new],
        )
        update_rows(
            connection,
            case,
            ("code",),
            rows_of.CASE_COLUMNS,
            [rows_of.case_row(value) for value in moved],
        )
        contents = [
            rows_of.content_row(value)
            for value in moved
            if rows_of.content_changed(before(value.code), value)
        ]
        update_rows(connection, case, ("code",), rows_of.CONTENT_COLUMNS, contents)
        begun = [row for value in new for row in rows_of.step_rows(None, value)]
        insert_rows(connection, step, rows_of.STEP_COLUMNS, begun)
        steps = [row for value in moved for row in rows_of.step_rows(before(value.code), value)]
        upsert_rows(connection, step, rows_of.STEP_KEY, rows_of.STEP_COLUMNS, steps)

    def _write_deliveries(self, changes: HubChanges) -> None:
        """A delivery made and moved in one transaction is written once, as it ended."""
        new = {row.id: changes.deliveries.get(row.id, row) for row in changes.new_deliveries}
        moved = [row for row in changes.deliveries.values() if row.id not in new]
        insert_rows(self._connection, delivery, DELIVERY.columns, DELIVERY.rows(new.values()))
        update_rows(
            self._connection,
            delivery,
            ("id",),
            MOVED_DELIVERY.columns,
            MOVED_DELIVERY.rows(moved),
        )

    def _write_contacts(self, changes: HubChanges) -> None:
        """By code, so that two transactions never wait for each other's rows crosswise."""
        upsert_rows(
            self._connection,
            contact,
            ("agency",),
            ("agency", "heard_at"),
            sorted(changes.heard.items()),
            only_where="t.heard_at < excluded.heard_at",
        )
        update_rows(
            self._connection,
            contact,
            ("agency",),
            ("agency", "version", "unanswered"),
            [
                (agency, beat.version, beat.unanswered)
                for agency, beat in sorted(changes.beats.items())
            ],
        )
        update_rows(
            self._connection,
            contact,
            ("agency",),
            ("agency", "failures", "probing_since", "probe_at"),
            [
                (agency, health.failures, health.probing_since, health.probe_at)
                for agency, health in sorted(changes.health.items())
            ],
        )

    def _write_evidence(self, rows: Sequence[EvidenceRow]) -> None:
        """The first of the same bytes from the same account stays."""
        first = {(row.digest, row.account or ""): row for row in reversed(rows)}
        names = EVIDENCE.columns
        account = names.index("account")
        upsert_rows(
            self._connection,
            evidence,
            ("digest", "account"),
            names,
            [
                (*row[:account], row[account] or "", *row[account + 1 :])
                for row in EVIDENCE.rows([first[key] for key in sorted(first)])
            ],
            overwrite=False,
        )
