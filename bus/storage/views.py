"""What commands and the console show of the hub's database: values, without message content."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bus.ids import AgencyCode, AreaCode, DossierCode, Partition, ProcedureCode, StepId
from bus.ports import DeliveryState
from bus.routing.case import CaseState, StepState


@dataclass(frozen=True, slots=True)
class DossierLine:
    """A dossier in a list."""

    code: DossierCode
    procedure: ProcedureCode
    state: CaseState
    receiving_unit: AgencyCode
    area: AreaCode
    catalogue: int
    route_version: int
    accepted_at: datetime
    due_at: datetime | None
    wake_at: datetime | None
    ended_at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class StepLine:
    """One run of a step, in one round."""

    dossier: DossierCode
    step: StepId
    round: int
    agency: AgencyCode | None
    state: StepState
    opened_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class HandoffLine:
    """A hand-off in a list: a delivery without its bytes."""

    id: UUID
    partition: Partition
    dossier: DossierCode
    agency: AgencyCode
    type: str
    step: StepId | None
    round: int | None
    cause: int
    part: int
    state: DeliveryState
    created_at: datetime
    sent_at: datetime | None
    next_at: datetime | None
    failures: int
    published: int
    error: str | None
    reference: str | None
    settled_at: datetime | None
    fingerprint: str | None
    alarmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class GroupLine:
    """Parked hand-offs that failed alike; `sample` is the one parked last."""

    fingerprint: str
    agency: AgencyCode
    type: str
    step: StepId | None
    error: str
    count: int
    alarmed: int
    first_parked_at: datetime
    last_parked_at: datetime
    sample: UUID
    detail: str | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many hand-offs to an agency are not settled, by where they stand."""

    agency: AgencyCode
    waiting: int
    due: int
    sent: int
    parked: int
    oldest_at: datetime

    @property
    def unsettled(self) -> int:
        """All of them."""
        return self.waiting + self.due + self.sent + self.parked


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """Refused bytes in a list, without them."""

    digest: str
    account: str | None
    received_at: datetime
    queue: str
    message_id: str | None
    code: str
    detail: str
    size: int


@dataclass(frozen=True, slots=True)
class DossierCounts:
    """How many dossiers stand how. `completed` counts those handed back to the citizen too."""

    submitted: int
    completed: int
    rejected: int
    withdrawn: int
    open: int


@dataclass(frozen=True, slots=True)
class HandoffCounts:
    """How many hand-offs went out at all, arrived, were repeated, wait for somebody."""

    sent: int
    imported: int
    retried: int
    parked: int


@dataclass(frozen=True, slots=True)
class Counts:
    """The state of the province in numbers."""

    dossiers: DossierCounts
    handoffs: HandoffCounts
    ledger_entries: int
    procedures: dict[ProcedureCode, DossierCounts]
