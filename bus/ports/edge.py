"""What the workers need of an edge node's database."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from bus.ids import AgencyCode, DossierCode
from bus.ports.lane import LaneKey


class OutboxState(StrEnum):
    """The way of a message from an edge. The last two are final."""

    QUEUED = "queued"
    SENT = "sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One message the edge keeps until the hub's receipt; its id and bytes never change."""

    id: UUID
    agency: AgencyCode
    dossier: DossierCode
    sequence: int
    key: str
    type: str
    body: bytes
    jws: str
    created_at: datetime
    state: OutboxState
    sent_at: datetime | None = None
    next_at: datetime | None = None
    published: int = 0


class EdgeOutcome(StrEnum):
    """What became of a delivery at the edge. `failed` is not final."""

    IMPORTED = "imported"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class EdgeInboxRow:
    """A delivery the edge has dealt with; `receipt` is the data of its answer, as JSON."""

    id: UUID
    agency: AgencyCode
    digest: str
    outcome: EdgeOutcome
    attempts: int
    receipt: str
    recorded_at: datetime


class EdgeStore(Protocol):
    """An edge node's database; serves one agency or several. Any thread may use it.

    Every method is one transaction and raises StorageUnavailable when the database is gone.
    """

    def cursor(self, agency: AgencyCode) -> str | None:
        """Return how far the agency's source was read."""
        ...

    def known(self, agency: AgencyCode, keys: Collection[str]) -> set[str]:
        """Return which of these changes are in the outbox already."""
        ...

    def next_sequences(self, keys: Collection[LaneKey]) -> Mapping[LaneKey, int]:
        """Return the next free place of each lane, 1 where it has not begun."""
        ...

    def collect(self, agency: AgencyCode, rows: Sequence[OutboxRow], *, cursor: str | None) -> None:
        """Add messages to the outbox, advance their lanes and store the cursor."""
        ...

    def sendable(
        self, agencies: Collection[AgencyCode], *, now: datetime, window: int
    ) -> Sequence[OutboxRow]:
        """Return messages to publish now, by lane order, oldest first.

        New ones, and sent ones whose `next_at` has come; so many that not more than `window`
        per agency are without an answer.
        """
        ...

    def sent(self, ids: Sequence[UUID], *, at: datetime, next_at: Mapping[UUID, datetime]) -> None:
        """Mark messages as published, with the moment to send each again without an answer."""
        ...

    def answered(self, verdicts: Mapping[UUID, OutboxState]) -> None:
        """Settle messages by the hub's receipt. Settled ones stay as they are."""
        ...

    def resend_from(self, lane: LaneKey, sequence: int) -> None:
        """Make all unsettled messages of a lane, from that place on, sendable at once."""
        ...

    def unanswered(self, agencies: Collection[AgencyCode]) -> Counter[AgencyCode]:
        """Return how many messages of each agency have no final answer."""
        ...

    def dealt_with(self, ids: Collection[UUID]) -> Mapping[UUID, EdgeInboxRow]:
        """Return what became of these deliveries, where something did."""
        ...

    def deal(self, rows: Sequence[EdgeInboxRow]) -> None:
        """Write what became of deliveries; a failed one may be written again."""
        ...
