"""What the workers need of the hub's database."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol
from uuid import UUID

from bus.ids import AgencyCode, DossierCode, Partition
from bus.ports.hub_rows import ContactRow, DeliveryRow, HubChanges, InboxRow, UndeliveredRow
from bus.ports.lane import LaneKey
from bus.routing.case import Case
from bus.routing.ledger import LedgerEntry, LedgerHead
from bus.routing.retry import Health
from bus.schemas.province import Province


class HubTransaction(Protocol):
    """One transaction over some partitions, whose heads are locked from its beginning.

    Reads see what the transaction began with. `save` may be called once; nothing is durable
    before the context ends without an exception, and everything is after it.
    """

    heads: Mapping[Partition, LedgerHead]

    def seen(self, ids: Collection[UUID]) -> Mapping[UUID, InboxRow]:
        """Return the messages among these that were answered before."""
        ...

    def lanes(self, keys: Collection[LaneKey]) -> Mapping[LaneKey, int]:
        """Return the next expected place of each lane that has begun; the others expect 1."""
        ...

    def cases(self, codes: Collection[DossierCode]) -> Mapping[DossierCode, Case]:
        """Return the cases that are there."""
        ...

    def deliveries(self, ids: Collection[UUID]) -> Mapping[UUID, DeliveryRow]:
        """Return the deliveries that are there."""
        ...

    def unsettled(self, dossiers: Collection[DossierCode]) -> Sequence[DeliveryRow]:
        """Return every delivery of these dossiers that is not final, by lane order."""
        ...

    def overtaken(self, row: DeliveryRow) -> int:
        """Return how many later deliveries of the same lane went out at least once."""
        ...

    def ailing(self) -> Mapping[AgencyCode, Health]:
        """Return the health of every agency whose last hand-off failed."""
        ...

    def save(self, changes: HubChanges) -> None:
        """Write the changes.

        The partition of every row must be one of the transaction's.
        """
        ...


class HubStore(Protocol):
    """The hub's database. Any thread may use it.

    Every method raises StorageUnavailable when the database is gone.
    """

    def transaction(
        self, partitions: Collection[Partition]
    ) -> AbstractContextManager[HubTransaction]:
        """Begin a transaction; another one over the same partition waits until this one ends."""
        ...

    def catalogue_version(self) -> int:
        """Return the newest published catalogue version, 0 where none is published."""
        ...

    def catalogue(self, version: int) -> Province:
        """Return a published catalogue version.

        Raises:
            NotFound: It was never published.
        """
        ...

    def publish(self, province: Province, *, at: datetime, actor: str, reason: str) -> int:
        """Store a catalogue and return its version, one more than the newest."""
        ...

    def due_deliveries(
        self, *, now: datetime, limit: int, but: Collection[AgencyCode] = ()
    ) -> Sequence[DeliveryRow]:
        """Return deliveries, `due` or `sent`, whose `next_at` has come, oldest first.

        A sent one is left out while its agency has not been heard since it was sent. All of an
        agency on probe are left out, and all of the agencies in `but`.
        """
        ...

    def probes(self, *, now: datetime) -> Sequence[DeliveryRow]:
        """Return the oldest delivery to each agency on probe whose `probe_at` has come.

        None where one is still on its way to the agency, or none is due to it.
        """
        ...

    def undelivered(self, *, now: datetime, limit: int) -> Sequence[UndeliveredRow]:
        """Return deliveries that are not settled and whose `alarm_at` has come, oldest first."""
        ...

    def handoffs(self, ids: Collection[UUID]) -> Mapping[UUID, DeliveryRow]:
        """Return the deliveries that are there, outside of any transaction."""
        ...

    def due_cases(self, *, now: datetime, limit: int) -> Sequence[DossierCode]:
        """Return cases whose `wake_at` has come, oldest first."""
        ...

    def contacts(self) -> Sequence[ContactRow]:
        """Return what is known of every agency that was ever heard of, by code."""
        ...


class LedgerReader(Protocol):
    """Reads the ledger to check it. Any thread may use it."""

    def heads(self) -> Sequence[LedgerHead]:
        """Return where each partition's chain ends, by partition."""
        ...

    def ledger(
        self, partition: Partition, *, after: int = 0, limit: int = 1000
    ) -> Sequence[LedgerEntry]:
        """Return entries of a partition behind a position, in order."""
        ...

    def cases_page(self, *, after: DossierCode | None, limit: int) -> Sequence[Case]:
        """Return stored cases behind a code, by code."""
        ...

    def entries_of(self, dossiers: Collection[DossierCode]) -> Sequence[LedgerEntry]:
        """Return all entries of these dossiers, by position inside each partition."""
        ...
