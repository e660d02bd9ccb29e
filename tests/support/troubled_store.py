"""A hub's store that fails when one message is to be written: what no test of a port can bring."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from itertools import repeat
from uuid import UUID

from bus.ids import AgencyCode, DossierCode, Partition
from bus.ports import DeliveryRow, HubChanges, HubTransaction, InboxRow, LaneKey, LedgerHead
from bus.routing.case import Case
from bus.schemas.province import Province
from bus.storage.hub import SqlHubStore


class TroubledTransaction:
    """A transaction that fails when it is to write one message."""

    def __init__(self, real: HubTransaction, store: "TroubledStore") -> None:
        self.heads: Mapping[Partition, LedgerHead] = real.heads
        self._real = real
        self._store = store

    def seen(self, ids: Collection[UUID]) -> Mapping[UUID, InboxRow]:
        return self._real.seen(ids)

    def lanes(self, keys: Collection[LaneKey]) -> Mapping[LaneKey, int]:
        return self._real.lanes(keys)

    def cases(self, codes: Collection[DossierCode]) -> Mapping[DossierCode, Case]:
        return self._real.cases(codes)

    def deliveries(self, ids: Collection[UUID]) -> Mapping[UUID, DeliveryRow]:
        return self._real.deliveries(ids)

    def unsettled(self, dossiers: Collection[DossierCode]) -> Sequence[DeliveryRow]:
        return self._real.unsettled(dossiers)

    def save(self, changes: HubChanges) -> None:
        self._store.look_at(changes)
        self._real.save(changes)


class TroubledStore:
    """A hub's store that fails when one message is to be written, once for each of its errors."""

    def __init__(self, real: SqlHubStore) -> None:
        self._real = real
        self.poison: UUID | None = None
        self.errors: Iterator[Exception] = repeat(ZeroDivisionError("nobody thought of this"))
        self.begun = 0

    def look_at(self, changes: HubChanges) -> None:
        if self.poison in {entry.id for entry in changes.ledger}:
            error = next(self.errors, None)
            if error is not None:
                raise error

    @contextmanager
    def _transaction(self, partitions: Collection[Partition]) -> Iterator[HubTransaction]:
        self.begun += 1
        with self._real.transaction(partitions) as real:
            yield TroubledTransaction(real, self)

    def transaction(
        self, partitions: Collection[Partition]
    ) -> AbstractContextManager[HubTransaction]:
        return self._transaction(partitions)

    def catalogue_version(self) -> int:
        return self._real.catalogue_version()

    def catalogue(self, version: int) -> Province:
        return self._real.catalogue(version)

    def publish(self, province: Province, *, at: datetime, actor: str, reason: str) -> int:
        return self._real.publish(province, at=at, actor=actor, reason=reason)

    def due_deliveries(self, *, now: datetime, limit: int) -> Sequence[DeliveryRow]:
        return self._real.due_deliveries(now=now, limit=limit)

    def due_cases(self, *, now: datetime, limit: int) -> Sequence[DossierCode]:
        return self._real.due_cases(now=now, limit=limit)

    def heard(self) -> Mapping[AgencyCode, datetime]:
        return self._real.heard()
