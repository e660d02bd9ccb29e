"""The story of one dossier, put together from ledger, hand-offs and attempts."""

from collections.abc import Iterator
from itertools import chain, islice

from sqlalchemy import Connection, select

from bus.ids import DossierCode
from bus.storage.hub_tables import attempt, delivery, ledger
from bus.storage.views import TraceKind, TraceLine


def trace_of(connection: Connection, code: DossierCode, limit: int) -> list[TraceLine]:
    """Return what happened to a dossier, oldest first, at most so many lines."""
    order = list(TraceKind)
    lines = sorted(
        chain(
            _entries(connection, code, limit),
            _deliveries(connection, code, limit),
            _attempts(connection, code, limit),
        ),
        key=lambda line: (line.at, order.index(line.kind), line.position or 0),
    )
    return list(islice(lines, limit))


def _entries(connection: Connection, code: DossierCode, limit: int) -> Iterator[TraceLine]:
    c = ledger.c
    query = (
        select(c.recorded_at, c.id, c.agency, c.type, c.position, c.hash)
        .where(c.dossier == code)
        .order_by(c.recorded_at, c.position)
        .limit(limit)
    )
    for at, id_, agency, type_, position, hash_ in connection.execute(query):
        yield TraceLine(at, TraceKind.ENTRY, id_, agency, type_, position, hash_)


def _deliveries(connection: Connection, code: DossierCode, limit: int) -> Iterator[TraceLine]:
    c = delivery.c
    query = (
        select(c.created_at, c.id, c.agency, c.type, c.cause, c.state, c.error)
        .where(c.dossier == code)
        .order_by(c.created_at, c.cause, c.part)
        .limit(limit)
    )
    for at, id_, agency, type_, cause, state, error in connection.execute(query):
        yield TraceLine(
            at, TraceKind.DELIVERY, id_, agency, type_, cause, state=state.value, detail=error
        )


def _attempts(connection: Connection, code: DossierCode, limit: int) -> Iterator[TraceLine]:
    a, d = attempt.c, delivery.c
    query = (
        select(a.ended_at, d.id, d.agency, d.type, a.end, a.detail, a.code)
        .join(delivery, d.id == a.delivery)
        .where(d.dossier == code)
        .order_by(a.ended_at, a.ordinal)
        .limit(limit)
    )
    for at, id_, agency, type_, end, detail, error in connection.execute(query):
        yield TraceLine(
            at, TraceKind.ATTEMPT, id_, agency, type_, state=end.value, detail=detail or error
        )
