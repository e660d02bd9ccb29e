"""What the hub's database holds, and what one transaction writes."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from bus.ids import Account, AgencyCode, DossierCode, Partition, StepId
from bus.ports.lane import LaneKey
from bus.routing.case import Case
from bus.routing.ledger import LedgerEntry, LedgerHead


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
