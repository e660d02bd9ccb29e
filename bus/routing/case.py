"""A case: one dossier on one route, and the steps it goes through.

A case is a value. `bus.routing.machine` is the only writer; everybody else reads. A case is the
fold of its ledger entries, so it holds nothing that cannot be computed again from them.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from bus.ids import AgencyCode, AreaCode, DossierCode, ProcedureCode, StepId
from bus.schemas.base import BusinessState, Fact
from bus.schemas.dossier import Document, DossierContent
from bus.schemas.ending import Satisfaction
from bus.schemas.route import StepKind


class CaseState(StrEnum):
    """Where a case stands as a whole. From `completed` on they are ends, or lead only to one."""

    PROCESSING = "processing"
    SUPPLEMENTING = "supplementing"
    AWAITING_PAYMENT = "awaiting_payment"
    COMPLETED = "completed"
    RETURNED = "returned"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    NOT_ACCEPTED = "not_accepted"
    TERMINATED = "terminated"


class StepState(StrEnum):
    """Where one step stands. `waiting` until its needs are over; the last four are final."""

    WAITING = "waiting"
    OPEN = "open"
    IN_HAND = "in_hand"
    SUPPLEMENTING = "supplementing"
    RECALLING = "recalling"
    RECALLED = "recalled"
    COMPLETED = "completed"
    REJECTED = "rejected"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


class Financial(StrEnum):
    """The financial axis of a case, apart from its business state."""

    NONE = "none"
    REQUESTED = "requested"
    CONFIRMED = "confirmed"


class Flag(StrEnum):
    """What was done about a dossier that the law asks not to be done."""

    SECOND_SUPPLEMENT = "second_supplement"
    """The receiving unit asked a second time at the reception (Decree 61/2018 article 17.2)."""


class Alarm(StrEnum):
    """How far the warnings about a deadline have gone."""

    NONE = "none"
    WARNED = "warned"
    APOLOGY = "apology"
    PASSED = "passed"


@dataclass(frozen=True)
class Payment:
    """What the citizen has to pay, and whether it is paid."""

    reference: str
    amount_vnd: int
    requested_by: AgencyCode
    paid: bool = False


@dataclass(frozen=True)
class Consultation:
    """An opinion the lead of a step asked another agency for.

    `overdue` says that its lateness was told, not that it is late now.
    """

    reference: str
    step: StepId
    round: int
    asked_by: AgencyCode
    consulted: AgencyCode
    due_at: datetime
    replied: bool = False
    overdue: bool = False


@dataclass(frozen=True)
class StepRun:
    """One step of the route as it goes for this dossier.

    `recalled_by` asked for it back; `declined` had it in this round and said that they are not
    competent; `progress` is the last thing its performer said of it.
    `awaits` says what kind of wait it is, None for a task and for a payment.
    """

    id: StepId
    state: StepState = StepState.WAITING
    round: int = 1
    agency: AgencyCode | None = None
    opened_at: datetime | None = None
    due_at: datetime | None = None
    warn_at: datetime | None = None
    apology_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str | None = None
    reason: str | None = None
    outputs: dict[str, Fact] = field(default_factory=dict)
    documents: tuple[Document, ...] = ()
    alarm: Alarm = Alarm.NONE
    paused_at: datetime | None = None
    progress: str | None = None
    recalled_by: AgencyCode | None = None
    declined: tuple[AgencyCode, ...] = ()
    awaits: StepKind | None = None


@dataclass(frozen=True)
class Case:
    """One dossier on one route.

    `catalogue` and `route_version` are pinned when the case opens. Times are UTC. `content` is
    what the citizen handed in, with supplements merged. `extended_due_at` is the one new
    appointment there may be; `due_at` stays beside it, and overdue goes by that.
    """

    code: DossierCode
    procedure: ProcedureCode
    route_version: int
    catalogue: int
    receiving_unit: AgencyCode
    area: AreaCode
    submission: UUID
    accepted_at: datetime
    state: CaseState
    steps: tuple[StepRun, ...]
    content: DossierContent
    due_at: datetime | None = None
    warn_at: datetime | None = None
    apology_at: datetime | None = None
    paused_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str | None = None
    payment: Payment | None = None
    alarm: Alarm = Alarm.NONE
    rating: Satisfaction | None = None
    extended_due_at: datetime | None = None
    consultations: tuple[Consultation, ...] = ()
    flags: tuple[Flag, ...] = ()

    def step(self, step: StepId) -> StepRun | None:
        """Return the run of a step, or None where the route has no such step."""
        return next((run for run in self.steps if run.id == step), None)

    @property
    def financial(self) -> Financial:
        """The financial axis."""
        if self.payment is None:
            return Financial.NONE
        return Financial.CONFIRMED if self.payment.paid else Financial.REQUESTED

    @property
    def appointment(self) -> datetime | None:
        """When the citizen is to come: the due date, or the new appointment where that is later."""
        moments = [moment for moment in (self.due_at, self.extended_due_at) if moment is not None]
        return max(moments, default=None)

    @property
    def open(self) -> bool:
        """Whether an agency or the citizen still has to do something before the end is known."""
        return self.state in OPEN_STATES


OPEN_STATES: Final = frozenset(
    {CaseState.PROCESSING, CaseState.SUPPLEMENTING, CaseState.AWAITING_PAYMENT}
)
FINAL_STEPS: Final = frozenset(
    {StepState.COMPLETED, StepState.REJECTED, StepState.SKIPPED, StepState.CANCELLED}
)
ACTIVE_STEPS: Final = frozenset({StepState.OPEN, StepState.IN_HAND, StepState.RECALLING})

_CASE: Final[TypeAdapter[Case]] = TypeAdapter(Case)


def dump(case: Case) -> bytes:
    """Return the case as JSON; `load` gives it back equal."""
    return _CASE.dump_json(case)


def load(text: bytes | str) -> Case:
    """Return the case that was dumped."""
    return _CASE.validate_json(text)


_UNTOUCHED: Final = frozenset({StepState.WAITING, StepState.OPEN})
_NATIONAL: Final = {
    CaseState.SUPPLEMENTING: BusinessState.SUPPLEMENT_REQUESTED,
    CaseState.AWAITING_PAYMENT: BusinessState.PAYMENT_REQUESTED,
    CaseState.COMPLETED: BusinessState.COMPLETED,
    CaseState.RETURNED: BusinessState.RETURNED,
    CaseState.REJECTED: BusinessState.TERMINATED,
    CaseState.WITHDRAWN: BusinessState.WITHDRAWN,
    CaseState.NOT_ACCEPTED: BusinessState.NOT_ACCEPTED,
    CaseState.TERMINATED: BusinessState.TERMINATED,
}


def business_state(case: Case) -> BusinessState:
    """Return which of the ten national codes a case stands at.

    A refusal after appraisal is reported as 8 (dừng xử lý): 3 is for reception. The national
    list does not say; domain sources differ.
    """
    if case.state is not CaseState.PROCESSING:
        return _NATIONAL[case.state]
    for run in case.steps:
        if run.state not in _UNTOUCHED or run.round != 1:
            return BusinessState.PROCESSING
    return BusinessState.ACCEPTED


def at_reception(case: Case) -> bool:
    """Say whether nobody but the receiving unit has worked on a case yet."""
    return all(
        run.state in {StepState.WAITING, StepState.SKIPPED}
        or (run.state is StepState.OPEN and run.round == 1)
        or (run.state not in FINAL_STEPS and run.agency == case.receiving_unit)
        for run in case.steps
    )
