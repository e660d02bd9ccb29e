"""An edge node's store on PostgreSQL or SQLite."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Connection,
    Engine,
    Integer,
    Select,
    and_,
    func,
    literal,
    or_,
    select,
    union_all,
    update,
)

from bus.ids import AgencyCode
from bus.ports import EdgeInboxRow, EdgeOutcome, LaneKey, OutboxRow, OutboxState
from bus.storage.bulk import insert_rows, update_rows, upsert_rows
from bus.storage.edge_tables import cursor, inbox, lane, outbox
from bus.storage.engine import reading, writing
from bus.storage.lookup import Backend, Query, given, lanes, listed, one_of, one_of_lanes, stands
from bus.storage.records import record

OUTBOX: Final = record(OutboxRow, outbox)
INBOX: Final = record(EdgeInboxRow, inbox)

_UNSETTLED: Final = stands(outbox.c.state, OutboxState.QUEUED, OutboxState.SENT)
_WITH_ORDINAL: Final = select(outbox.c.ordinal, *OUTBOX.selected)
_by_ordinal: Final = itemgetter(0)
_NO_END: Final = literal(2**63 - 1, BigInteger)


def _queued(on: Backend) -> Select[Any]:
    """Find new messages agency by agency, through the index up to the last one wanted.

    So a long backlog costs no more than a short one.
    """
    asked = listed(on, outbox.c.agency, "agencies")
    other = outbox.alias("other")
    last = (
        select(other.c.ordinal)
        .where(other.c.agency == asked, stands(other.c.state, OutboxState.QUEUED))
        .order_by(other.c.ordinal)
        .limit(1)
        .offset(given("last", Integer()))
        .scalar_subquery()
    )
    upto = (
        select(asked.label("agency"), func.coalesce(last, _NO_END).label("ordinal"))
        .cte("upto")
        .prefix_with("MATERIALIZED")
    )
    return (
        select(outbox.c.agency, outbox.c.ordinal)
        .join(upto, and_(outbox.c.agency == upto.c.agency, outbox.c.ordinal <= upto.c.ordinal))
        .where(stands(outbox.c.state, OutboxState.QUEUED))
        .order_by(outbox.c.agency, outbox.c.ordinal)
    )


_CURSOR: Final = Query(
    lambda _: select(cursor.c.value).where(cursor.c.agency == given("agency", cursor.c.agency))
)
_KNOWN: Final = Query(
    lambda on: select(outbox.c.key).where(
        outbox.c.agency == given("agency", outbox.c.agency), one_of(on, outbox.c.key, "keys")
    )
)
_LANES: Final = Query(
    lambda on: select(lane).where(one_of_lanes(on, lane.c.agency, lane.c.dossier, "keys"))
)
_AGAIN: Final = Query(
    lambda on: _WITH_ORDINAL.where(
        stands(outbox.c.state, OutboxState.SENT),
        or_(outbox.c.next_at.is_(None), outbox.c.next_at <= given("now", outbox.c.next_at)),
        one_of(on, outbox.c.agency, "agencies"),
    )
)
_NEW: Final = Query(lambda on: _WITH_ORDINAL.where(one_of(on, outbox.c.ordinal, "ordinals")))
_QUEUED: Final = Query(_queued)
_UNDER_WAY: Final = Query(
    lambda on: (
        select(outbox.c.agency, func.count())
        .where(stands(outbox.c.state, OutboxState.SENT), one_of(on, outbox.c.agency, "agencies"))
        .group_by(outbox.c.agency)
    )
)
_UNANSWERED: Final = Query(
    lambda on: union_all(
        *(
            select(outbox.c.agency, func.count())
            .where(stands(outbox.c.state, state), one_of(on, outbox.c.agency, "agencies"))
            .group_by(outbox.c.agency)
            for state in (OutboxState.QUEUED, OutboxState.SENT)
        )
    )
)
_SENT: Final = Query(
    lambda on: (
        update(outbox)
        .where(one_of(on, outbox.c.id, "ids"), _UNSETTLED)
        .values(
            state=OutboxState.SENT,
            sent_at=given("at", outbox.c.sent_at),
            published=outbox.c.published + 1,
        )
        .returning(outbox.c.id)
    )
)
_ANSWERED: Final = Query(
    lambda on: (
        update(outbox)
        .where(one_of(on, outbox.c.id, "ids"), _UNSETTLED)
        .values(state=given("to", outbox.c.state), next_at=None)
    )
)
_RESEND: Final = Query(
    lambda _: (
        update(outbox)
        .where(
            outbox.c.agency == given("lane_agency", outbox.c.agency),
            outbox.c.dossier == given("lane_dossier", outbox.c.dossier),
            outbox.c.sequence >= given("place", outbox.c.sequence),
            _UNSETTLED,
        )
        .values(next_at=None)
    )
)
_DEALT_WITH: Final = Query(lambda on: INBOX.select().where(one_of(on, inbox.c.id, "ids")))


class SqlEdgeStore:
    """A `bus.ports.EdgeStore`. The schema must be there: `bus.storage.migrate`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def cursor(self, agency: AgencyCode) -> str | None:
        """Return how far the agency's source was read."""
        with reading(self._engine) as connection:
            return next(iter(_CURSOR.column(connection, agency=agency)), None)

    def known(self, agency: AgencyCode, keys: Collection[str]) -> set[str]:
        """Return which of these changes are in the outbox already."""
        if not keys:
            return set()
        with reading(self._engine) as connection:
            return set(_KNOWN.column(connection, agency=agency, keys=keys))

    def next_sequences(self, keys: Collection[LaneKey]) -> Mapping[LaneKey, int]:
        """Return the next free place of each lane, 1 where it has not begun."""
        if not keys:
            return {}
        with reading(self._engine) as connection:
            rows = _LANES.rows(connection, **lanes(connection, "keys", keys))
            begun = {LaneKey(agency, dossier): place for agency, dossier, place in rows}
        return {key: begun.get(key, 1) for key in keys}

    def collect(self, agency: AgencyCode, rows: Sequence[OutboxRow], *, cursor: str | None) -> None:
        """Add messages to the outbox, advance their lanes and store the cursor.

        Without a cursor the stored one stays.

        Raises:
            ValueError: A message is another agency's.
        """
        strangers = {row.agency for row in rows} - {agency}
        if strangers:
            raise ValueError(f"messages of {sorted(strangers)} collected in the name of {agency}")
        after: dict[tuple[str, str], int] = {}
        for row in rows:
            key = (row.agency, row.dossier)
            after[key] = max(after.get(key, 1), row.sequence + 1)
        with writing(self._engine) as connection:
            insert_rows(connection, outbox, OUTBOX.columns, OUTBOX.rows(rows))
            upsert_rows(
                connection,
                lane,
                ("agency", "dossier"),
                ("agency", "dossier", "next_free"),
                [(*key, place) for key, place in after.items()],
                only_where="t.next_free < excluded.next_free",
            )
            _store_cursor(connection, agency, cursor)

    def sendable(
        self, agencies: Collection[AgencyCode], *, now: datetime, window: int
    ) -> Sequence[OutboxRow]:
        """Return messages to publish now, by lane order, oldest first.

        New ones, and sent ones whose `next_at` has come; so many that not more than `window`
        per agency are without an answer.
        """
        if not agencies:
            return ()
        with reading(self._engine) as connection:
            under_way = _under_way(connection, agencies)
            ordinals = _first_queued(connection, agencies, under_way, window)
            found: list[tuple[Any, ...]] = []
            if under_way:
                found += _AGAIN.rows(connection, agencies=list(under_way), now=now)
            if ordinals:
                found += _NEW.rows(connection, ordinals=ordinals)
        return OUTBOX.values([row[1:] for row in sorted(found, key=_by_ordinal)])

    def sent(self, ids: Sequence[UUID], *, at: datetime, next_at: Mapping[UUID, datetime]) -> None:
        """Mark messages as published, with the moment to send each again without an answer."""
        if not ids:
            return
        with writing(self._engine) as connection:
            live = set(_SENT.column(connection, ids=ids, at=at))
            update_rows(
                connection,
                outbox,
                ("id",),
                ("id", "next_at"),
                [(id_, next_at[id_]) for id_ in sorted(live)],
            )

    def answered(self, verdicts: Mapping[UUID, OutboxState]) -> None:
        """Settle messages by the hub's receipt. Settled ones stay as they are.

        Raises:
            ValueError: A verdict is not final.
        """
        if not set(verdicts.values()) <= {OutboxState.ACCEPTED, OutboxState.REJECTED}:
            raise ValueError("a receipt settles: the verdict is accepted or rejected")
        with writing(self._engine) as connection:
            for state in (OutboxState.ACCEPTED, OutboxState.REJECTED):
                ids = [id_ for id_, verdict in verdicts.items() if verdict is state]
                if ids:
                    _ANSWERED.run(connection, ids=ids, to=state)

    def resend_from(self, lane: LaneKey, sequence: int) -> None:
        """Make all unsettled messages of a lane, from that place on, sendable at once."""
        with writing(self._engine) as connection:
            _RESEND.run(
                connection, lane_agency=lane.agency, lane_dossier=lane.dossier, place=sequence
            )

    def unanswered(self, agencies: Collection[AgencyCode]) -> Counter[AgencyCode]:
        """Return how many messages of each agency have no final answer."""
        counts: Counter[AgencyCode] = Counter()
        if not agencies:
            return counts
        with reading(self._engine) as connection:
            for agency, count in _UNANSWERED.rows(connection, agencies=agencies):
                counts[AgencyCode(agency)] += count
        return counts

    def dealt_with(self, ids: Collection[UUID]) -> Mapping[UUID, EdgeInboxRow]:
        """Return what became of these deliveries, where something did."""
        if not ids:
            return {}
        with reading(self._engine) as connection:
            return {row.id: row for row in INBOX.values(_DEALT_WITH.rows(connection, ids=ids))}

    def deal(self, rows: Sequence[EdgeInboxRow]) -> None:
        """Write what became of deliveries; a failed one may be written again."""
        if not rows:
            return
        with writing(self._engine) as connection:
            upsert_rows(
                connection,
                inbox,
                ("id",),
                INBOX.columns,
                INBOX.rows(rows),
                only_where=f"t.outcome = '{EdgeOutcome.FAILED}'",
            )


def _store_cursor(connection: Connection, agency: AgencyCode, value: str | None) -> None:
    if value is not None:
        upsert_rows(connection, cursor, ("agency",), ("agency", "value"), [(agency, value)])


def _under_way(connection: Connection, agencies: Collection[AgencyCode]) -> dict[AgencyCode, int]:
    found = _UNDER_WAY.rows(connection, agencies=agencies)
    return {AgencyCode(agency): count for agency, count in found}


def _first_queued(
    connection: Connection,
    agencies: Collection[AgencyCode],
    under_way: Mapping[AgencyCode, int],
    window: int,
) -> list[int]:
    """Return the ordinals of new messages, as many of each agency as its window has room for."""
    room = {agency: window - under_way.get(agency, 0) for agency in agencies}
    asked = [agency for agency, free in room.items() if free > 0]
    if not asked:
        return []
    chosen: list[int] = []
    for agency, ordinal in _QUEUED.rows(connection, agencies=asked, last=window - 1):
        if room[agency] > 0:
            room[agency] -= 1
            chosen.append(ordinal)
    return chosen
