"""What the hub's database holds, and what one transaction writes."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from bus.ids import Account, AgencyCode, DossierCode, Partition, StepId
from bus.ports.lane import LaneKey
from bus.routing.case import Case
from bus.routing.ledger import LedgerEntry, LedgerHead
from bus.routing.retry import Health


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


class DeliveryState(StrEnum):
    """The way of a hand-off."""

    WAITING = "waiting"
    """Another hand-off of its lane is under way; the hub sends it when that one is settled."""
    DUE = "due"
    """To be sent at `next_at`; later where its agency is on probe."""
    SENT = "sent"
    """On its way; the agency's receipt, or its time-out at `next_at`, moves it on."""
    PARKED = "parked"
    """Neither time nor the sender can mend it: an operator decides. Its lane waits."""
    IMPORTED = "imported"
    """The agency's system has it. Final."""
    REFUSED = "refused"
    """The agency's system said no; the case has moved on that. Final."""
    DISCARDED = "discarded"
    """An operator gave it up; nothing is deleted and it can be restored. Final otherwise."""
    RESOLVED = "resolved"
    """An operator made sure that the agency has it by other means. Final."""
    REROUTED = "rerouted"
    """Another hand-off, to another agency, took its place. Final."""


FINAL: Final = frozenset(
    {
        DeliveryState.IMPORTED,
        DeliveryState.REFUSED,
        DeliveryState.DISCARDED,
        DeliveryState.RESOLVED,
        DeliveryState.REROUTED,
    }
)
"""States of a hand-off that nothing of the journey changes any more."""


@dataclass(frozen=True)
class DeliveryRow:
    """One hand-off to one agency; its id and bytes never change.

    `cause` is the ledger position it follows from and `part` its place among that entry's
    effects: together the order inside its lane. `next_at` is when the hub looks at it next: the
    time-out of a sent one, the next attempt of a due one. `step`/`round` are set where it hands
    over a step, so that the step's answer settles it. `published` counts how often it went out.
    `alarm_at` is when the hub looks whether too much working time is lost, `alarmed_at` when an
    operator was told. `fingerprint` is that of the last failure. `origin` is the hand-off it took
    the place of.
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
    fingerprint: str | None = None
    parked_at: datetime | None = None
    alarm_at: datetime | None = None
    alarmed_at: datetime | None = None
    origin: UUID | None = None


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
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class UndeliveredRow:
    """A hand-off that is not settled, and the deadline it eats into: its step's or dossier's."""

    id: UUID
    partition: Partition
    created_at: datetime
    failures: int
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class ContactRow:
    """What the hub knows of an agency's adapter: when it was heard, and how it takes hand-offs."""

    agency: AgencyCode
    heard_at: datetime
    failures: int = 0
    probing_since: datetime | None = None
    probe_at: datetime | None = None
    version: str | None = None
    unanswered: int | None = None

    @property
    def health(self) -> Health:
        """How the agency's system takes hand-offs."""
        return Health(self.failures, self.probing_since, self.probe_at)


@dataclass(frozen=True, slots=True)
class HeartbeatRow:
    """What an adapter last said of itself."""

    version: str
    unanswered: int


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
    beats: dict[AgencyCode, HeartbeatRow] = field(default_factory=dict)
    health: dict[AgencyCode, Health] = field(default_factory=dict)
