"""What must be done because of a decision: hand-overs, built from a case and its route."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeVar

from bus.ids import AgencyCode, StepId
from bus.routing.case import (
    Alarm,
    Case,
    CaseState,
    Consultation,
    StepRun,
    StepState,
    business_state,
)
from bus.schemas.base import WireModel
from bus.schemas.consultation import (
    ConsultationForwardedData,
    ConsultationForwardedV1,
    ConsultationOverdueData,
    ConsultationOverdueV1,
    ConsultationRepliedData,
    ConsultationRequestedData,
    ReplyForwardedData,
    ReplyForwardedV1,
)
from bus.schemas.control import DeadlineData, DeadlineNotice, DeadlinePassedV1, DeadlineWarningV1
from bus.schemas.dossier import (
    Component,
    DossierCompletedData,
    DossierCompletedV1,
    DossierStatusData,
    DossierStatusV1,
    EndKind,
    StepResult,
)
from bus.schemas.ending import (
    DossierTerminatedData,
    TerminationForwardedData,
    TerminationForwardedV1,
)
from bus.schemas.envelope import HubDelivery
from bus.schemas.progress import (
    ExtensionForwardedData,
    ExtensionForwardedV1,
    ProgressForwardedData,
    ProgressForwardedV1,
    StepExtendedData,
    StepProgressedData,
)
from bus.schemas.recall import (
    RecallAnsweredData,
    RecallAnsweredV1,
    RecallForwardedData,
    RecallForwardedV1,
    RecallRequestedData,
)
from bus.schemas.request import (
    PaymentForwardedData,
    PaymentForwardedV1,
    PaymentRequestedData,
    SupplementForwardedData,
    SupplementForwardedV1,
    SupplementRequestedData,
)
from bus.schemas.route import Route, RouteStep
from bus.schemas.step import (
    StepCancelledData,
    StepCancelledV1,
    StepRequestedData,
    StepRequestedV1,
)
from bus.schemas.wait import CompensationRequestedData, CompensationRequestedV1

_V = TypeVar("_V")
_NOTICE: Final = {
    Alarm.WARNED: DeadlineNotice.WARNING,
    Alarm.APOLOGY: DeadlineNotice.APOLOGY,
    Alarm.PASSED: DeadlineNotice.OVERDUE,
}


@dataclass(frozen=True)
class HandOver:
    """One message the hub owes an agency; `step` and `round` where it hands over a step."""

    recipient: AgencyCode
    message: type[HubDelivery]
    data: WireModel
    step: StepId | None = None
    round: int | None = None


def step_requested(case: Case, route: Route, step: RouteStep, run: StepRun) -> HandOver:
    """Return the hand-over slip of a step: no more of the dossier than the step may see."""
    assert run.agency is not None  # noqa: S101 -- a task that is open has a performer
    sees, content = step.sees, case.content
    data = StepRequestedData(
        procedure=case.procedure,
        route_version=route.version,
        step=step.id,
        round=run.round,
        task=step.task or step.name.vi,
        outcomes=step.outcomes,
        receiving_unit=case.receiving_unit,
        area=case.area,
        due_at=run.due_at,
        title=content.title,
        owner=content.owner if sees.owner else None,
        components=_components(content.components, sees.components),
        facts=_only(content.facts, sees.facts),
        form=_only(content.form, sees.form),
        results=tuple(_results(case, sees.results)),
    )
    return HandOver(run.agency, StepRequestedV1, data, step=step.id, round=run.round)


def step_cancelled(run: StepRun, reason: str) -> HandOver:
    """Return the message that takes an open step back."""
    assert run.agency is not None  # noqa: S101 -- only steps that were handed over are taken back
    data = StepCancelledData(step=run.id, round=run.round, reason=reason)
    return HandOver(run.agency, StepCancelledV1, data)


def status(
    case: Case, recipient: AgencyCode, run: StepRun | None, *, supervision: bool = False
) -> HandOver:
    """Return how the dossier stands, for the receiving unit or a supervising one-stop unit."""
    data = DossierStatusData(
        state=business_state(case),
        step=run.id if run else None,
        agency=run.agency if run else None,
        due_at=case.due_at,
        step_due_at=run.due_at if run else None,
        supervision=supervision,
    )
    return HandOver(recipient, DossierStatusV1, data)


def home(case: Case) -> HandOver:
    """Return the end of the dossier's way, for the receiving unit."""
    end = {
        CaseState.COMPLETED: EndKind.COMPLETED,
        CaseState.REJECTED: EndKind.REJECTED,
        CaseState.WITHDRAWN: EndKind.WITHDRAWN,
        CaseState.NOT_ACCEPTED: EndKind.REJECTED,
    }[case.state]
    data = DossierCompletedData(
        end=end, reason=case.reason, results=tuple(_results(case, "all")), due_at=case.due_at
    )
    return HandOver(case.receiving_unit, DossierCompletedV1, data)


def termination_forwarded(
    case: Case, data: DossierTerminatedData, terminated_by: AgencyCode
) -> HandOver:
    """Return the notice that a dossier was stopped, for the receiving unit: its way home."""
    forwarded = TerminationForwardedData(
        **dict(data), terminated_by=terminated_by, results=tuple(_results(case, "all"))
    )
    return HandOver(case.receiving_unit, TerminationForwardedV1, forwarded)


def compensation_requested(case: Case, run: StepRun, reason: str) -> HandOver:
    """Return that what was done at a step is void, for who did it."""
    assert run.agency and run.outcome  # noqa: S101, PT018 -- it is completed
    data = CompensationRequestedData(
        step=run.id,
        round=run.round,
        outcome=run.outcome,
        state=business_state(case),
        reason=reason,
    )
    return HandOver(run.agency, CompensationRequestedV1, data)


def progress_forwarded(case: Case, data: StepProgressedData, agency: AgencyCode) -> HandOver:
    """Return how far a step is, for the receiving unit."""
    forwarded = ProgressForwardedData(**dict(data), agency=agency)
    return HandOver(case.receiving_unit, ProgressForwardedV1, forwarded)


def extension_forwarded(
    case: Case, data: StepExtendedData, agency: AgencyCode, due_at: datetime
) -> HandOver:
    """Return the apology and the new appointment, for the receiving unit."""
    forwarded = ExtensionForwardedData(**dict(data), agency=agency, due_at=due_at)
    return HandOver(case.receiving_unit, ExtensionForwardedV1, forwarded)


def consultation_forwarded(
    case: Case, data: ConsultationRequestedData, asked: Consultation
) -> HandOver:
    """Return the question, for the agency asked: of the dossier it sees the title alone."""
    forwarded = ConsultationForwardedData(
        **dict(data), asked_by=asked.asked_by, title=case.content.title
    )
    return HandOver(asked.consulted, ConsultationForwardedV1, forwarded)


def reply_forwarded(
    data: ConsultationRepliedData, asked: Consultation, replied_by: AgencyCode, lead: AgencyCode
) -> HandOver:
    """Return the opinion, for the lead of the step."""
    forwarded = ReplyForwardedData(
        **dict(data), step=asked.step, round=asked.round, replied_by=replied_by
    )
    return HandOver(lead, ReplyForwardedV1, forwarded)


def consultation_overdue(asked: Consultation, recipient: AgencyCode) -> HandOver:
    """Return the notice that an opinion is late, for the lead or the one-stop unit's head."""
    data = ConsultationOverdueData(
        step=asked.step,
        round=asked.round,
        reference=asked.reference,
        consulted=asked.consulted,
        due_at=asked.due_at,
    )
    return HandOver(recipient, ConsultationOverdueV1, data)


def recall_forwarded(run: StepRun, data: RecallRequestedData, requested_by: AgencyCode) -> HandOver:
    """Return the request to give a step back, for its performer."""
    assert run.agency is not None  # noqa: S101 -- it was handed over
    forwarded = RecallForwardedData(**dict(data), requested_by=requested_by)
    return HandOver(run.agency, RecallForwardedV1, forwarded)


def recall_answered(
    run: StepRun, asker: AgencyCode, *, agreed: bool, reason: str | None = None
) -> HandOver:
    """Return what became of a request to give a step back, for who asked."""
    assert run.agency is not None  # noqa: S101 -- it was handed over
    data = RecallAnsweredData(
        step=run.id, round=run.round, agreed=agreed, reason=reason, answered_by=run.agency
    )
    return HandOver(asker, RecallAnsweredV1, data)


def supplement_forwarded(
    case: Case, data: SupplementRequestedData, requested_by: AgencyCode
) -> HandOver:
    """Return a supplement request for the receiving unit, never for the citizen directly."""
    forwarded = SupplementForwardedData(**dict(data), requested_by=requested_by)
    return HandOver(case.receiving_unit, SupplementForwardedV1, forwarded)


def payment_forwarded(case: Case, data: PaymentRequestedData, requested_by: AgencyCode) -> HandOver:
    """Return a demand for payment for the receiving unit, never for the citizen directly."""
    forwarded = PaymentForwardedData(**dict(data), requested_by=requested_by)
    return HandOver(case.receiving_unit, PaymentForwardedV1, forwarded)


def step_deadline(run: StepRun, recipient: AgencyCode | None) -> HandOver:
    """Return the notice about a step's deadline that its alarm has come to."""
    assert recipient is not None and run.due_at is not None  # noqa: S101, PT018 -- it is open
    data = DeadlineData(
        step=run.id,
        round=run.round,
        due_at=run.due_at,
        notice=_NOTICE[run.alarm],
        agency=run.agency,
    )
    return HandOver(recipient, _deadline(run.alarm), data)


def whole_deadline(case: Case, recipient: AgencyCode) -> HandOver:
    """Return the notice about the whole dossier's deadline that its alarm has come to."""
    assert case.due_at is not None  # noqa: S101 -- only a case with a due date has notices
    data = DeadlineData(due_at=case.due_at, notice=_NOTICE[case.alarm])
    return HandOver(recipient, _deadline(case.alarm), data)


def _deadline(alarm: Alarm) -> type[HubDelivery]:
    return DeadlinePassedV1 if alarm is Alarm.PASSED else DeadlineWarningV1


def _components(
    components: tuple[Component, ...], wanted: tuple[str, ...] | Literal["all"]
) -> tuple[Component, ...]:
    if wanted == "all":
        return components
    return tuple(component for component in components if component.code in wanted)


def _only(values: dict[str, _V], wanted: tuple[str, ...] | Literal["all"]) -> dict[str, _V]:
    if wanted == "all":
        return values
    return {name: value for name, value in values.items() if name in wanted}


def _results(case: Case, wanted: tuple[StepId, ...] | Literal["all"]) -> Iterable[StepResult]:
    over = [
        run
        for run in case.steps
        if run.state is StepState.COMPLETED
        and run.agency is not None
        and (wanted == "all" or run.id in wanted)
    ]
    for run in sorted(over, key=lambda run: (run.ended_at is None, run.ended_at, run.id)):
        assert run.agency and run.outcome and run.ended_at  # noqa: S101, PT018 -- it is completed
        yield StepResult(
            step=run.id,
            agency=run.agency,
            outcome=run.outcome,
            outputs=run.outputs,
            documents=run.documents,
            completed_at=run.ended_at,
        )
