"""What the workers need of the world: Protocols, and the values that cross them.

A Protocol's docstring is its contract: each sentence has a test that every implementation passes.
Nothing here knows RabbitMQ, a database or a clock.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from bus.ids import Account, AgencyCode, DossierCode, Partition, StepId
from bus.routing.case import Case
from bus.routing.ledger import EntryKind as EntryKind
from bus.routing.ledger import LedgerEntry as LedgerEntry
from bus.routing.ledger import LedgerHead as LedgerHead
from bus.schemas.base import WireModel
from bus.schemas.catalogue import FromHub
from bus.schemas.province import Province

# --- time and chance -------------------------------------------------------------------------


class Clock(Protocol):
    """Tells the time, UTC, aware. Never read by `schemas` or `routing`."""

    def now(self) -> datetime:
        """Return the present moment."""
        ...


class Ids(Protocol):
    """Makes message ids: UUID version 7, never the same twice."""

    def new(self, at: datetime) -> UUID:
        """Return a new id for something made at that moment."""
        ...


# --- broker ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Received:
    """One message handed out by the broker and not settled yet."""

    handle: object
    queue: str
    routing_key: str
    body: bytes
    message_id: str | None
    jws: str | None
    account: Account | None
    redelivered: bool = False


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to publish. `body` goes out byte for byte."""

    exchange: str
    routing_key: str
    body: bytes
    message_id: str
    type: str
    jws: str
    timestamp: datetime
    account: Account | None = None


class Published(StrEnum):
    """What became of a published message."""

    CONFIRMED = "confirmed"
    """The broker has it on disk, in a queue."""
    UNROUTABLE = "unroutable"
    """No queue takes this routing key; nothing was kept."""
    REFUSED = "refused"
    """The broker said no: a queue is full."""
    UNKNOWN = "unknown"
    """The connection went before the answer came; it may or may not be there."""


class Consumer(Protocol):
    """Hands out messages of some queues.

    One thread at a time uses a consumer. Messages of one queue come in the order the broker has
    them. A message that is not acknowledged is handed out again, to this or another consumer,
    after `close` or after the connection is lost. At most `prefetch` messages are unsettled.
    """

    def receive(self, limit: int, wait: float) -> Sequence[Received]:
        """Return up to `limit` messages; wait at most `wait` seconds for the first.

        Returns what is there as soon as something is there; empty after the wait.

        Raises:
            BrokerUnavailable: The connection is gone; it is being built up again behind this
                call with backoff, and a later call may succeed. Handles handed out before are
                void.
        """
        ...

    def ack(self, messages: Sequence[Received]) -> None:
        """Settle messages for good. Acknowledging a void handle does nothing."""
        ...

    def reject(self, messages: Sequence[Received]) -> None:
        """Send messages to the dead-letter queue. Rejecting a void handle does nothing."""
        ...

    def close(self) -> None:
        """Give back what is unsettled and disconnect. May be called twice."""
        ...


class Publisher(Protocol):
    """Publishes persistent messages and tells what became of each.

    One thread at a time uses a publisher. Messages to one routing key arrive in the order given.
    """

    def publish(self, messages: Sequence[Outgoing]) -> Sequence[Published]:
        """Publish all, pipelined, and return one outcome for each, in the same order.

        Never raises for a lost connection: the messages without an answer are `UNKNOWN`, and the
        connection is built up again behind the next call.
        """
        ...

    def close(self) -> None:
        """Disconnect. May be called twice."""
        ...


# --- signatures ------------------------------------------------------------------------------


class Signer(Protocol):
    """Signs in the name of one agency."""

    def sign(self, body: bytes) -> str:
        """Return the detached JWS over the body (RFC 7515 appendix F)."""
        ...


class Verifier(Protocol):
    """Knows the public keys of the directory."""

    def verify(self, body: bytes, jws: str | None, *, at: datetime) -> AgencyCode:
        """Return whose signature it is.

        The key is the one `kid` names; its algorithm is the one the directory gives it; the
        header parameters `jwk`, `jku`, `x5u`, `x5c` are ignored.

        Raises:
            SignatureMissing: There is no signature.
            SignatureInvalid: The key is unknown, not valid at that moment, or does not fit.
        """
        ...


# --- legacy systems --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened in a legacy system and is to be told.

    `key` names it for ever (the same change read again has the same key); `data` is the content
    of one of the messages an agency sends about a dossier.
    """

    key: str
    dossier: DossierCode
    data: WireModel
    cursor: str


class Source(Protocol):
    """Reads what happened in one agency's system.

    One thread at a time uses a source. The cursor is kept by the bus, so a source need not keep
    any state of its own.
    """

    def changes(self, *, after: str | None, limit: int) -> Sequence[Change]:
        """Return the oldest changes after the cursor, in order, none left out.

        The same cursor gives the same changes first, until `taken` was called for them; so a
        crash before the cursor is stored only repeats work.

        Raises:
            SourceUnavailable: The system gave no answer; ask again later.
        """
        ...

    def taken(self, changes: Sequence[Change]) -> None:
        """Learn that the bus has these for good. May be told twice, or never after a crash."""
        ...


class Sink(Protocol):
    """Puts messages into one agency's system.

    One thread at a time uses a sink. A delivery id seen before is answered like the first time
    and changes nothing.
    """

    def deliver(self, message: FromHub, *, delivery: UUID) -> str | None:
        """Hand over one message and return the system's own reference for it, if it has one.

        Raises:
            DestinationUnavailable: No answer; the bus tries again.
            DestinationRefused: The system said no; the bus does not try again.
        """
        ...


# --- the hub's store -------------------------------------------------------------------------


class Verdict(StrEnum):
    """How a message of an agency was answered."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A message the hub has answered for good; `receipt` is the data of the answer, as JSON."""

    id: UUID
    agency: AgencyCode
    digest: str
    verdict: Verdict
    receipt: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class LaneKey:
    """All that one agency says about one dossier, or all that it is told about it."""

    agency: AgencyCode
    dossier: DossierCode


class DeliveryState(StrEnum):
    """The way of a hand-off. `imported`, `refused` and `discarded` are final."""

    WAITING = "waiting"
    DUE = "due"
    SENT = "sent"
    IMPORTED = "imported"
    REFUSED = "refused"
    PARKED = "parked"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One hand-off to one agency; its id and bytes never change.

    `cause` is the ledger position it follows from and `part` its place among that entry's
    effects: together the order inside its lane. `next_at` is when the hub looks at it next: the
    time-out of a sent one, the next attempt of a due one. `step`/`round` are set where it hands
    over a step, so that the step's answer settles it. `published` counts how often it went out.
    """

    id: UUID
    partition: Partition
    dossier: DossierCode
    agency: AgencyCode
    type: str
    step: StepId | None
    round: int | None
    cause: int
    part: int
    body: bytes
    jws: str
    state: DeliveryState
    created_at: datetime
    sent_at: datetime | None
    next_at: datetime | None
    failures: int
    published: int
    error: str | None = None
    reference: str | None = None
    settled_at: datetime | None = None


class AttemptEnd(StrEnum):
    """How one attempt at a hand-off ended."""

    IMPORTED = "imported"
    REFUSED = "refused"
    FAILED = "failed"
    TIMED_OUT = "timed_out"


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One attempt at a hand-off."""

    delivery: UUID
    number: int
    ended_at: datetime
    end: AttemptEnd
    code: str | None = None
    detail: str | None = None
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """Bytes that were refused, kept as they came. The same bytes from the same account: once."""

    digest: str
    account: Account | None
    received_at: datetime
    queue: str
    message_id: str | None
    code: str
    detail: str
    body: bytes
    jws: str | None


@dataclass(slots=True)
class HubChanges:
    """Everything one transaction writes. Lists of new rows are appended in order."""

    heads: list[LedgerHead] = field(default_factory=list)
    ledger: list[LedgerEntry] = field(default_factory=list)
    inbox: list[InboxRow] = field(default_factory=list)
    lanes: dict[LaneKey, int] = field(default_factory=dict)
    cases: dict[DossierCode, Case] = field(default_factory=dict)
    new_cases: set[DossierCode] = field(default_factory=set)
    new_deliveries: list[DeliveryRow] = field(default_factory=list)
    deliveries: dict[UUID, DeliveryRow] = field(default_factory=dict)
    attempts: list[AttemptRow] = field(default_factory=list)
    evidence: list[EvidenceRow] = field(default_factory=list)
    heard: dict[AgencyCode, datetime] = field(default_factory=dict)


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

    def due_deliveries(self, *, now: datetime, limit: int) -> Sequence[DeliveryRow]:
        """Return deliveries, `due` or `sent`, whose `next_at` has come, oldest first.

        A sent one is left out while its agency has not been heard since it was sent.
        """
        ...

    def due_cases(self, *, now: datetime, limit: int) -> Sequence[DossierCode]:
        """Return cases whose `wake_at` has come, oldest first."""
        ...

    def heard(self) -> Mapping[AgencyCode, datetime]:
        """Return when each agency was last heard of."""
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


# --- the edge's store ------------------------------------------------------------------------


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

    def unanswered(self, agencies: Collection[AgencyCode]) -> int:
        """Return how many messages have no final answer."""
        ...

    def dealt_with(self, ids: Collection[UUID]) -> Mapping[UUID, EdgeInboxRow]:
        """Return what became of these deliveries, where something did."""
        ...

    def deal(self, rows: Sequence[EdgeInboxRow]) -> None:
        """Write what became of deliveries; a failed one may be written again."""
        ...
