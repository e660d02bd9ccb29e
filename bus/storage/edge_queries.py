"""Reads an edge node's database to check or show it. Nothing here writes."""

from typing import Final

from sqlalchemy import Engine

from bus.ports import OutboxRow
from bus.storage.edge import OUTBOX
from bus.storage.edge_tables import outbox
from bus.storage.engine import reading
from bus.storage.lookup import Query

_ALL: Final = Query(lambda _: OUTBOX.select().order_by(outbox.c.ordinal))


class EdgeQueries:
    """Questions to an edge's database. Any thread may use it.

    Every method raises StorageUnavailable when the database is gone.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def outbox(self) -> list[OutboxRow]:
        """Return every message the edge ever had, in the order they were written."""
        with reading(self._engine) as connection:
            return OUTBOX.values(_ALL.rows(connection))
