"""The machine: the only writer of a case.

`advance` takes a case, an event and what is known of the world at that moment, and returns the
new case and what must be done because of it. It looks the event up in the table of
`bus.routing.states`; an event that is not allowed raises and changes nothing. Everything that
changes state is here and in its neighbours (`opening`, `stops`, `ending`, `progress`,
`consultation`, `recall`, `waits`, `rerouting`); no clock is read and nothing is sent.
"""

from dataclasses import dataclass
from typing import assert_never

from bus.errors import (
    DossierCodeReused,
    DossierUnknown,
    SchemaInvalid,
)
from bus.ids import AgencyCode, StepId
from bus.routing import effects
from bus.routing.case import (
    Case,
    CaseState,
    StepRun,
)
from bus.routing.clock import due_at
from bus.routing.consultation import consultation_replied, consultation_requested
from bus.routing.effects import HandOver
from bus.routing.ending import (
    rated,
    rejected_at_reception,
    returned,
    step_rejected,
    terminated,
    withdrawn,
)
from bus.routing.guards import active_step, route_step, step_of
from bus.routing.opening import (
    Context,
    Moved,
    open_ready,
    put,
    settled_state,
    whole_due,
)
from bus.routing.progress import extended, progressed
from bus.routing.recall import (
    forwarded,
    lapsed,
    recall_agreed,
    recall_refused,
    recall_requested,
)
from bus.routing.rerouting import DossierPlaced, StepRerouted, placed, rerouted, taken_over
from bus.routing.states import EventName
from bus.routing.stops import (
    clock,
    payment_confirmed,
    payment_requested,
    supplement_requested,
    supplemented,
)
from bus.routing.submission import route_for
from bus.routing.telling import alarms, copies, to_the_living, told
from bus.routing.waits import wait_ended
from bus.schemas.catalogue import DossierEvent
from bus.schemas.consultation import ConsultationRepliedV1, ConsultationRequestedV1
from bus.schemas.dossier import (
    DossierContent,
    DossierReturnedV1,
    DossierSubmittedV1,
    DossierSupplementedV1,
    DossierWithdrawnV1,
)
from bus.schemas.ending import DossierRatedV1, DossierRejectedV1, DossierTerminatedV1
from bus.schemas.progress import StepExtendedV1, StepProgressedV1
from bus.schemas.recall import (
    RecallAgreedV1,
    RecallRefusedV1,
    RecallRequestedV1,
    StepForwardedV1,
)
from bus.schemas.request import PaymentConfirmedV1, PaymentRequestedV1, SupplementRequestedV1
from bus.schemas.route import Route
from bus.schemas.step import StepCompletedV1, StepReceivedV1, StepRejectedV1
from bus.schemas.wait import WaitEndedV1
from bus.values import changed


@dataclass(frozen=True, slots=True)
class ClockStruck:
    """The clock looked at the case at the context's moment."""


@dataclass(frozen=True, slots=True)
class StepRefused:
    """The performer's system refused the hand-over of a step: a business answer."""

    source: AgencyCode
    step: StepId
    round: int
    reason: str


Event = DossierEvent | ClockStruck | StepRefused | StepRerouted | DossierPlaced
"""Everything that happens to a case."""

AboutStep = (
    StepReceivedV1
    | StepProgressedV1
    | StepCompletedV1
    | StepRejectedV1
    | StepExtendedV1
    | StepForwardedV1
    | SupplementRequestedV1
    | PaymentRequestedV1
    | ConsultationRequestedV1
    | RecallRequestedV1
    | RecallAgreedV1
    | RecallRefusedV1
    | StepRefused
    | StepRerouted
)
"""Everything that happens to one step."""

Move = (
    DossierSupplementedV1
    | DossierWithdrawnV1
    | DossierRejectedV1
    | DossierTerminatedV1
    | DossierReturnedV1
    | DossierRatedV1
    | PaymentConfirmedV1
    | WaitEndedV1
    | ConsultationRepliedV1
    | ClockStruck
    | DossierPlaced
    | AboutStep
)
"""Everything that happens to a case that is there."""


def advance(case: Case | None, event: Event, context: Context) -> Moved:
    """Return the case after the event, and what must be done because of it.

    Raises:
        SenderMustAct: The event is not allowed, not from who may say it, or not possible; the
            case is as it was.
        OperatorMustAct: The directory, a condition or the calendar has no answer.
    """
    if isinstance(event, DossierSubmittedV1):
        _check_new(case)
        return _submitted(event, context)
    if case is None:
        raise DossierUnknown(
            "no dossier with this code was submitted; send `dossier.submitted` first",
            text_vi="Chưa có hồ sơ nào mang mã này được nộp lên trục liên thông.",
            path="subject",
        )
    route = context.catalogue.route_version(case.procedure, case.route_version)
    case = taken_over(case, event, context)
    moved, owed = _settled(*_dispatch(case, event, route, context), context)
    owed = (*owed, *lapsed(case, moved))
    if isinstance(event, StepRerouted | DossierPlaced):  # it says itself who is told what
        return moved, to_the_living(owed, case, context)
    source = None if isinstance(event, ClockStruck) else event.source
    owed = (*owed, *told(case, moved, source, context))
    return clock(case, moved, route, context), to_the_living(owed, case, context)


def _check_new(case: Case | None) -> None:
    if case is not None:
        raise DossierCodeReused(
            f"dossier code {case.code} names a dossier that was submitted before;"
            " issue a new code for a new dossier",
            text_vi=f"Mã hồ sơ {case.code} đã được dùng cho một hồ sơ khác.",
            path="subject",
            dossier=case.code,
        )


def _settled(case: Case, owed: tuple[HandOver, ...], context: Context) -> Moved:
    """Give the whole the state its steps add up to; where all are over it is told to come home."""
    settled = settled_state(case)
    if settled.state is CaseState.COMPLETED and case.open:
        settled = changed(settled, ended_at=context.at, paused_at=None)
        owed = (*owed, effects.home(settled))
    return settled, owed


def _dispatch(  # noqa: C901, PLR0911 -- one arm for each event
    case: Case, event: Move, route: Route, context: Context
) -> Moved:
    match event:
        case DossierSupplementedV1():
            return supplemented(case, event, route, context)
        case DossierWithdrawnV1():
            return withdrawn(case, event, context)
        case DossierRejectedV1():
            return rejected_at_reception(case, event, context)
        case DossierTerminatedV1():
            return terminated(case, event, context)
        case DossierReturnedV1():
            return returned(case, event)
        case DossierRatedV1():
            return rated(case, event)
        case PaymentConfirmedV1():
            return payment_confirmed(case, event, route, context)
        case WaitEndedV1():
            return wait_ended(case, event, route, context)
        case ConsultationRepliedV1():
            return consultation_replied(case, event)
        case ClockStruck():
            return alarms(case, route, context)
        case DossierPlaced():
            return placed(case, event, context)
        case _:
            return _about_step(case, event, route, context)


def _about_step(  # noqa: C901, PLR0911, PLR0912 -- one arm for each event
    case: Case, event: AboutStep, route: Route, context: Context
) -> Moved:
    match event:
        case StepReceivedV1():
            run, target = step_of(case, event, EventName.STEP_RECEIVED)
            return put(case, changed(run, state=target)), ()
        case StepProgressedV1():
            return progressed(case, event)
        case StepCompletedV1():
            return _completed(case, event, route, context)
        case StepRejectedV1():
            run, _ = step_of(case, event, EventName.STEP_REJECTED)
            return step_rejected(case, run, event.data.reason, route, context)
        case StepRefused():
            run = active_step(case, event.step, event.round, event.source, EventName.STEP_REJECTED)
            return step_rejected(case, run, event.reason, route, context)
        case StepExtendedV1():
            return extended(case, event, context)
        case StepForwardedV1():
            return forwarded(case, event, route, context)
        case SupplementRequestedV1():
            return supplement_requested(case, event, context)
        case PaymentRequestedV1():
            return payment_requested(case, event, route)
        case ConsultationRequestedV1():
            return consultation_requested(case, event, context)
        case RecallRequestedV1():
            return recall_requested(case, event, route)
        case RecallAgreedV1():
            return recall_agreed(case, event, route, context)
        case RecallRefusedV1():
            return recall_refused(case, event)
        case StepRerouted():
            return rerouted(case, event, route)
        case _:
            assert_never(event)


def _submitted(event: DossierSubmittedV1, context: Context) -> Moved:
    route = route_for(event, context.catalogue, context.at)
    data = event.data
    case = Case(
        code=event.subject,
        procedure=data.procedure,
        route_version=route.version,
        catalogue=context.catalogue.version,
        receiving_unit=event.source,
        area=data.area,
        submission=event.id,
        accepted_at=data.accepted_at,
        state=CaseState.PROCESSING,
        steps=tuple(StepRun(step.id) for step in route.steps),
        content=DossierContent.model_construct(  # of a message that was validated
            title=data.title,
            owner=data.owner,
            components=data.components,
            facts=data.facts,
            form=data.form,
        ),
    )
    if route.total:
        due = due_at(data.accepted_at, route.total, context.catalogue.calendar_of(event.source))
        case = whole_due(case, due, data.accepted_at, context)
    opened, owed = _settled(*open_ready(case, route, context, start=data.accepted_at), context)
    return opened, (*owed, *copies(case, opened, context))


def _completed(case: Case, event: StepCompletedV1, route: Route, context: Context) -> Moved:
    run, target = step_of(case, event, EventName.STEP_COMPLETED)
    outcomes = route_step(route, run.id).outcomes
    if event.data.outcome not in outcomes:
        raise SchemaInvalid(
            f"step {run.id} may end with: {', '.join(outcomes)}; the slip lists them as `outcomes`",
            text_vi=f"Bước “{run.id}” chỉ có thể kết thúc bằng: {', '.join(outcomes)}.",
            path="data.outcome",
        )
    done = changed(
        run,
        state=target,
        outcome=event.data.outcome,
        outputs=event.data.outputs,
        documents=event.data.documents,
        ended_at=context.at,
        recalled_by=None,
    )
    return open_ready(put(case, done), route, context, start=context.at)
