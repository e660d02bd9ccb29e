"""The hub's store on PostgreSQL or SQLite."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    Connection,
    Engine,
    delete,
    func,
    insert,
    select,
    text,
)

from bus.errors import NotFound, SettingInvalid
from bus.ids import AgencyCode, DossierCode, Partition
from bus.ports import (
    ContactRow,
    DeliveryRow,
    HubTransaction,
    LedgerHead,
    UndeliveredRow,
)
from bus.routing.chain import GENESIS
from bus.schemas.province import Province
from bus.storage import due
from bus.storage.bulk import upsert_rows
from bus.storage.engine import reading, writing
from bus.storage.hub_tables import catalogue, contact, ledger_head
from bus.storage.hub_transaction import CONTACT, DELIVERY, HANDOFFS, HEAD, SqlHubTransaction
from bus.storage.lookup import Query, one_of


class SqlHubStore:
    """A `bus.ports.HubStore`. The schema must be there: `bus.storage.migrate`.

    Args:
        engine: Opened by `bus.storage.engine.open_engine`.
        partitions: How many the ledger has; the same for ever, checked by `prepare`.
    """

    def __init__(self, engine: Engine, partitions: int) -> None:
        self._engine = engine
        self._partitions = partitions

    def prepare(self) -> None:
        """Make the heads of all partitions, or check that they are as many as were made.

        Raises:
            SettingInvalid: The ledger was begun with another number of partitions.
        """
        with writing(self._engine) as connection:
            heads = HEAD.values(connection.execute(HEAD.select()))
            if len(heads) == self._partitions:
                return
            if any(head.position for head in heads):
                raise SettingInvalid(
                    f"hub.partitions: sổ cái có {len(heads)} phân vùng, cấu hình ghi"
                    f" {self._partitions}; phân vùng của hồ sơ không bao giờ đổi, hãy đặt lại"
                    f" {len(heads)} / hub.partitions: the ledger has {len(heads)} partitions, the"
                    f" settings say {self._partitions}; a dossier's partition never changes, so"
                    f" set it to {len(heads)} again"
                )
            connection.execute(delete(ledger_head))
            _make_heads(connection, [Partition(number) for number in range(self._partitions)])

    @contextmanager
    def transaction(self, partitions: Collection[Partition]) -> Iterator[HubTransaction]:
        """Begin a transaction; another one over the same partition waits until this one ends."""
        strangers = [number for number in partitions if not 0 <= number < self._partitions]
        if strangers:
            raise ValueError(f"no partitions {strangers}: there are {self._partitions}, from 0")
        with writing(self._engine) as connection:
            heads = _locked(connection, partitions)
            transaction = SqlHubTransaction(connection, heads, self._partitions)
            yield transaction
            transaction.write()

    def catalogue_version(self) -> int:
        """Return the newest published catalogue version, 0 where none is published."""
        with reading(self._engine) as connection:
            return int(_VERSION.column(connection)[0] or 0)

    def catalogue(self, version: int) -> Province:
        """Return a published catalogue version.

        Raises:
            NotFound: It was never published.
        """
        query = select(catalogue.c.body).where(catalogue.c.version == version)
        with reading(self._engine) as connection:
            body = connection.scalar(query)
        if body is None:
            raise NotFound(
                f"catalogue version {version} was never published;"
                " `bus directory publish` publishes the next one"
            )
        return Province.model_validate_json(body)

    def publish(self, province: Province, *, at: datetime, actor: str, reason: str) -> int:
        """Store a catalogue and return its version, one more than the newest."""
        body = province.model_dump_json()
        with writing(self._engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("LOCK TABLE catalogue IN EXCLUSIVE MODE"))
            version = (connection.scalar(_NEWEST) or 0) + 1
            connection.execute(
                insert(catalogue).values(
                    version=version, published_at=at, actor=actor, reason=reason, body=body
                )
            )
        return version

    def due_deliveries(
        self, *, now: datetime, limit: int, but: Collection[AgencyCode] = ()
    ) -> Sequence[DeliveryRow]:
        """Return deliveries, `due` or `sent`, whose `next_at` has come, oldest first.

        A sent one is left out while its agency has not been heard since it was sent. All of an
        agency on probe are left out, and all of the agencies in `but`.
        """
        query = due.DUE_BUT if but else due.DUE
        with reading(self._engine) as connection:
            return DELIVERY.values(query.rows(connection, now=now, most=limit, but=but))

    def probes(self, *, now: datetime) -> Sequence[DeliveryRow]:
        """Return the oldest delivery to each agency on probe whose `probe_at` has come.

        None where one is still on its way to the agency, or none is due to it.
        """
        with reading(self._engine) as connection:
            return DELIVERY.values(due.PROBES.rows(connection, now=now))

    def undelivered(self, *, now: datetime, limit: int) -> Sequence[UndeliveredRow]:
        """Return deliveries that are not settled and whose `alarm_at` has come, oldest first."""
        with reading(self._engine) as connection:
            rows = due.UNDELIVERED.rows(connection, now=now, most=limit)
            return [UndeliveredRow(*row) for row in rows]

    def handoffs(self, ids: Collection[UUID]) -> Mapping[UUID, DeliveryRow]:
        """Return the deliveries that are there, outside of any transaction."""
        if not ids:
            return {}
        with reading(self._engine) as connection:
            return {row.id: row for row in DELIVERY.values(HANDOFFS.rows(connection, ids=ids))}

    def due_cases(self, *, now: datetime, limit: int) -> Sequence[DossierCode]:
        """Return cases whose `wake_at` has come, oldest first."""
        with reading(self._engine) as connection:
            return due.CASES.column(connection, now=now, most=limit)

    def contacts(self) -> Sequence[ContactRow]:
        """Return what is known of every agency that was ever heard of, by code."""
        with reading(self._engine) as connection:
            return CONTACT.values(_CONTACTS.rows(connection))


_NEWEST: Final = select(func.max(catalogue.c.version))
_VERSION: Final = Query(lambda _: _NEWEST)
_CONTACTS: Final = Query(lambda _: CONTACT.select().order_by(contact.c.agency))
_HEADS: Final = Query(
    lambda on: (
        HEAD.select()
        .where(one_of(on, ledger_head.c.partition, "partitions"))
        .order_by(ledger_head.c.partition)
        .with_for_update()
    )
)


def _locked(
    connection: Connection, partitions: Collection[Partition]
) -> dict[Partition, LedgerHead]:
    """Lock the heads in ascending order, so that two transactions never wait for each other."""
    wanted = sorted(set(partitions))
    if not wanted:
        return {}
    heads = HEAD.values(_HEADS.rows(connection, partitions=wanted))
    if len(heads) < len(wanted):
        _make_heads(connection, wanted)
        heads = HEAD.values(_HEADS.rows(connection, partitions=wanted))
    return {head.partition: head for head in heads}


def _make_heads(connection: Connection, partitions: Sequence[Partition]) -> None:
    upsert_rows(
        connection,
        ledger_head,
        ("partition",),
        HEAD.columns,
        [(partition, 0, GENESIS) for partition in partitions],
        overwrite=False,
    )
