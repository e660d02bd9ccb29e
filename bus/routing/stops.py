"""What stops a dossier and sets it going again: supplements and payments, and their clocks."""

from datetime import datetime

from bus.errors import SchemaInvalid, TransitionRefused
from bus.routing import effects
from bus.routing.case import Case, CaseState, Flag, Payment, StepRun, StepState, at_reception
from bus.routing.clock import due_at, pushed
from bus.routing.effects import HandOver
from bus.routing.guards import allow, route_step, step_of
from bus.routing.opening import Context, Moved, begin, open_ready, put, whole_due
from bus.routing.states import STEP_GOES, EventName
from bus.routing.submission import with_supplement
from bus.schemas.dossier import DossierSupplementedV1
from bus.schemas.request import PaymentConfirmedV1, PaymentRequestedV1, SupplementRequestedV1
from bus.schemas.route import ClockPolicy, Route
from bus.values import changed


def supplement_requested(case: Case, event: SupplementRequestedV1, context: Context) -> Moved:
    """Stop a step until the citizen has added what is missing, by one complete notice.

    Decree 61/2018 articles 15.3 and 17.2: at its reception a dossier is asked about once. A second
    notice there is taken, because the citizen must be told, and flagged.
    """
    run, target = step_of(case, event, EventName.SUPPLEMENT_REQUESTED)
    second = run.round > 1 and run.agency == case.receiving_unit and at_reception(case)
    case = put(case, changed(run, state=target, paused_at=context.at, recalled_by=None))
    if second:
        case = changed(case, flags=tuple(dict.fromkeys((*case.flags, Flag.SECOND_SUPPLEMENT))))
    return case, (effects.supplement_forwarded(case, event.data, event.source),)


def supplemented(case: Case, event: DossierSupplementedV1, route: Route, context: Context) -> Moved:
    """Merge what the citizen added and begin the steps that asked for it again.

    Decree 61/2018 article 19.4: the time limit is counted again from the start, unless the
    route's policy says otherwise.
    """
    allow(case, event.source, EventName.SUPPLEMENTED)
    begins = [run for run in case.steps if _begins(case, run)]
    if not begins:
        raise TransitionRefused(
            "no step waits for a supplement; `supplement.requested`, or an agreed recall,"
            " comes first",
            text_vi="Không có bước nào đang chờ bổ sung hồ sơ.",
            path="type",
            state=str(case.state),
        )
    asked = case.state is CaseState.SUPPLEMENTING
    case = changed(case, content=with_supplement(case, event.data, route, context.at))
    start = event.data.accepted_at
    owed: list[HandOver] = []
    for run in begins:
        case, handed = begin(
            case,
            route,
            route_step(route, run.id),
            context,
            start=start,
            round_=run.round + 1,
            kept=_kept(run, route, context),
        )
        owed.extend(handed)
    if asked and route.supplement_clock is ClockPolicy.RESTART and route.total:
        calendar = context.catalogue.calendar_of(case.receiving_unit)
        due = due_at(start, route.total, calendar)
        case = changed(whole_due(case, due, start, context), paused_at=None)
    return case, tuple(owed)


def _begins(case: Case, run: StepRun) -> bool:
    """Say whether a supplement begins a step again: it asked for one, or was taken back for it."""
    return run.state is StepState.SUPPLEMENTING or (
        run.state is StepState.RECALLED and run.recalled_by == case.receiving_unit
    )


def _kept(before: StepRun, route: Route, context: Context) -> datetime | None:
    """Return when a step that begins again is due, or None where its time is counted anew."""
    if before.state is StepState.RECALLED:  # not the citizen's doing
        return before.due_at
    if route.supplement_clock is ClockPolicy.RESTART or before.due_at is None:
        return None
    if route.supplement_clock is ClockPolicy.NO_STOP:
        return before.due_at
    assert before.paused_at and before.agency  # noqa: S101, PT018 -- its performer asked for more
    return pushed(
        before.due_at,
        paused_at=before.paused_at,
        resumed_at=context.at,
        calendar=context.catalogue.calendar_of(before.agency),
    )


def payment_requested(case: Case, event: PaymentRequestedV1, route: Route) -> Moved:
    """Note what the citizen has to pay and forward it to the receiving unit."""
    run, _ = step_of(case, event, EventName.PAYMENT_REQUESTED)
    if not route_step(route, run.id).may_request_payment:
        raise TransitionRefused(
            f"step {run.id} of procedure {route.procedure} asks for no payment",
            text_vi=f"Bước “{run.id}” của thủ tục {route.procedure} không thu nghĩa vụ tài chính.",
            path="data.step",
        )
    if case.payment is not None and case.payment.paid:
        raise TransitionRefused(
            "the payment of this dossier was confirmed before",
            text_vi="Nghĩa vụ tài chính của hồ sơ đã được xác nhận hoàn thành.",
            path="type",
        )
    payment = Payment(event.data.reference, event.data.amount_vnd, event.source)
    forwarded = effects.payment_forwarded(case, event.data, event.source)
    return changed(case, payment=payment), (forwarded,)


def payment_confirmed(
    case: Case, event: PaymentConfirmedV1, route: Route, context: Context
) -> Moved:
    """Note that it is paid and end the waits for it."""
    payment = case.payment
    who = {case.receiving_unit} | ({payment.requested_by} if payment else set())
    allow(case, event.source, EventName.PAYMENT_CONFIRMED, who=who)
    if payment is None or payment.paid:
        raise TransitionRefused(
            "no payment is open for this dossier; `payment.requested` comes first, and once",
            text_vi="Hồ sơ không có nghĩa vụ tài chính nào đang chờ xác nhận.",
            path="type",
        )
    if (event.data.reference, event.data.amount_vnd) != (payment.reference, payment.amount_vnd):
        raise SchemaInvalid(
            "reference and amount are not those of the notice this dossier waits for",
            text_vi="Số thông báo hoặc số tiền không khớp với thông báo nghĩa vụ tài chính.",
            path="data.reference",
        )
    case = changed(case, payment=changed(payment, paid=True))
    waits = [
        run
        for run in case.steps
        if run.state is StepState.OPEN and run.agency is None and run.awaits is None
    ]
    if not waits:
        return case, ()
    target = STEP_GOES[StepState.OPEN][EventName.PAYMENT_CONFIRMED]
    done = [changed(run, state=target, outcome="paid", ended_at=context.at) for run in waits]
    return open_ready(put(case, *done), route, context, start=context.at)


def clock(before: Case, case: Case, route: Route, context: Context) -> Case:
    """Stop or resume the clock of the whole where the case entered or left a stop."""
    stops = {
        CaseState.SUPPLEMENTING: route.supplement_clock,
        CaseState.AWAITING_PAYMENT: route.payment_clock,
    }
    policy = stops.get(case.state, ClockPolicy.NO_STOP)
    if policy is not ClockPolicy.NO_STOP:
        return case if case.paused_at else changed(case, paused_at=context.at)
    if not case.open or before.paused_at is None or case.paused_at is None:
        return case
    due = case.due_at
    left = stops.get(before.state, ClockPolicy.NO_STOP)
    if due is not None and left is ClockPolicy.PAUSE:
        due = pushed(
            due,
            paused_at=before.paused_at,
            resumed_at=context.at,
            calendar=context.catalogue.calendar_of(case.receiving_unit),
        )
    if due != case.due_at:
        case = whole_due(case, due, context.at, context)
    return changed(case, paused_at=None)
