"""An edge node's store on PostgreSQL or SQLite."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, Connection, Engine, and_, func, literal, or_, select, update

from bus.ids import AgencyCode
from bus.ports import EdgeInboxRow, EdgeOutcome, LaneKey, OutboxRow, OutboxState
from bus.storage.bulk import insert_rows, update_rows, upsert_rows
from bus.storage.edge_tables import cursor, inbox, lane, outbox
from bus.storage.engine import reading, writing
from bus.storage.lookup import listed, one_of, one_of_lanes, stands
from bus.storage.records import record

OUTBOX: Final = record(OutboxRow, outbox)
INBOX: Final = record(EdgeInboxRow, inbox)

_UNSETTLED: Final = stands(outbox.c.state, OutboxState.QUEUED, OutboxState.SENT)
_WITH_ORDINAL: Final = select(outbox.c.ordinal, *OUTBOX.selected)
_by_ordinal: Final = itemgetter(0)
_NO_END: Final = literal(2**63 - 1, BigInteger)


class SqlEdgeStore:
    """A `bus.ports.EdgeStore`. The schema must be there: `bus.storage.migrate`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def cursor(self, agency: AgencyCode) -> str | None:
        """Return how far the agency's source was read."""
        with reading(self._engine) as connection:
            return connection.scalar(select(cursor.c.value).where(cursor.c.agency == agency))

    def known(self, agency: AgencyCode, keys: Collection[str]) -> set[str]:
        """Return which of these changes are in the outbox already."""
        if not keys:
            return set()
        with reading(self._engine) as connection:
            query = select(outbox.c.key).where(
                outbox.c.agency == agency, one_of(connection, outbox.c.key, keys)
            )
            return set(connection.scalars(query))

    def next_sequences(self, keys: Collection[LaneKey]) -> Mapping[LaneKey, int]:
        """Return the next free place of each lane, 1 where it has not begun."""
        if not keys:
            return {}
        with reading(self._engine) as connection:
            wanted = one_of_lanes(connection, lane.c.agency, lane.c.dossier, keys)
            rows = connection.execute(select(lane).where(wanted))
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
            again = and_(
                stands(outbox.c.state, OutboxState.SENT),
                or_(outbox.c.next_at.is_(None), outbox.c.next_at <= now),
                one_of(connection, outbox.c.agency, list(under_way)),
            )
            new = one_of(connection, outbox.c.ordinal, ordinals)
            found = [
                row
                for wanted, any_there in ((again, under_way), (new, ordinals))
                if any_there
                for row in connection.execute(_WITH_ORDINAL.where(wanted))
            ]
        return OUTBOX.values([row[1:] for row in sorted(found, key=_by_ordinal)])

    def sent(self, ids: Sequence[UUID], *, at: datetime, next_at: Mapping[UUID, datetime]) -> None:
        """Mark messages as published, with the moment to send each again without an answer."""
        if not ids:
            return
        with writing(self._engine) as connection:
            marked = (
                update(outbox)
                .where(one_of(connection, outbox.c.id, ids), _UNSETTLED)
                .values(state=OutboxState.SENT, sent_at=at, published=outbox.c.published + 1)
                .returning(outbox.c.id)
            )
            live = set(connection.scalars(marked))
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
                    connection.execute(
                        update(outbox)
                        .where(one_of(connection, outbox.c.id, ids), _UNSETTLED)
                        .values(state=state, next_at=None)
                    )

    def resend_from(self, lane: LaneKey, sequence: int) -> None:
        """Make all unsettled messages of a lane, from that place on, sendable at once."""
        with writing(self._engine) as connection:
            connection.execute(
                update(outbox)
                .where(
                    outbox.c.agency == lane.agency,
                    outbox.c.dossier == lane.dossier,
                    outbox.c.sequence >= sequence,
                    _UNSETTLED,
                )
                .values(next_at=None)
            )

    def unanswered(self, agencies: Collection[AgencyCode]) -> int:
        """Return how many messages have no final answer."""
        if not agencies:
            return 0
        with reading(self._engine) as connection:
            theirs = one_of(connection, outbox.c.agency, agencies)
            return sum(
                connection.execute(
                    select(func.count()).where(stands(outbox.c.state, state), theirs)
                ).scalar_one()
                for state in (OutboxState.QUEUED, OutboxState.SENT)
            )

    def dealt_with(self, ids: Collection[UUID]) -> Mapping[UUID, EdgeInboxRow]:
        """Return what became of these deliveries, where something did."""
        if not ids:
            return {}
        with reading(self._engine) as connection:
            query = INBOX.select().where(one_of(connection, inbox.c.id, ids))
            return {row.id: row for row in INBOX.values(connection.execute(query))}

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
    query = (
        select(outbox.c.agency, func.count())
        .where(
            stands(outbox.c.state, OutboxState.SENT),
            one_of(connection, outbox.c.agency, agencies),
        )
        .group_by(outbox.c.agency)
    )
    return {AgencyCode(agency): count for agency, count in connection.execute(query)}


def _first_queued(
    connection: Connection,
    agencies: Collection[AgencyCode],
    under_way: Mapping[AgencyCode, int],
    window: int,
) -> list[int]:
    """Return the ordinals of new messages, as many of each agency as its window has room for.

    Each agency's are found through the index up to the last one wanted, so that a long backlog
    costs no more than a short one.
    """
    room = {agency: window - under_way.get(agency, 0) for agency in agencies}
    asked = [agency for agency, free in room.items() if free > 0]
    if not asked:
        return []
    given = listed(connection, outbox.c.agency, asked)
    other = outbox.alias("other")
    last = (
        select(other.c.ordinal)
        .where(other.c.agency == given, stands(other.c.state, OutboxState.QUEUED))
        .order_by(other.c.ordinal)
        .limit(1)
        .offset(window - 1)
        .scalar_subquery()
    )
    upto = (
        select(given.label("agency"), func.coalesce(last, _NO_END).label("ordinal"))
        .cte("upto")
        .prefix_with("MATERIALIZED")
    )
    query = (
        select(outbox.c.agency, outbox.c.ordinal)
        .join(upto, and_(outbox.c.agency == upto.c.agency, outbox.c.ordinal <= upto.c.ordinal))
        .where(stands(outbox.c.state, OutboxState.QUEUED))
        .order_by(outbox.c.agency, outbox.c.ordinal)
    )
    chosen: list[int] = []
    for agency, ordinal in connection.execute(query):
        if room[agency] > 0:
            room[agency] -= 1
            chosen.append(ordinal)
    return chosen
