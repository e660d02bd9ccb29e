"""Who may say what, when: the checks every event passes before anything moves."""

from collections.abc import Container

from bus.errors import PerformerMismatch, SchemaInvalid, TransitionRefused
from bus.ids import AgencyCode, StepId
from bus.routing.case import Case, StepRun, StepState
from bus.routing.opening import Context
from bus.routing.states import (
    CASE_ALLOWS,
    CASE_VI,
    STEP_GOES,
    STEP_VI,
    TABLE,
    WHO_EN,
    WHO_VI,
    EventName,
    said_en,
    said_vi,
)
from bus.schemas.consultation import ConsultationRequestedV1
from bus.schemas.progress import StepExtendedV1, StepProgressedV1
from bus.schemas.recall import RecallAgreedV1, RecallRefusedV1, StepForwardedV1
from bus.schemas.request import PaymentRequestedV1, SupplementRequestedV1
from bus.schemas.route import Route, RouteStep
from bus.schemas.step import StepCompletedV1, StepReceivedV1, StepRejectedV1

StepMessage = (
    StepReceivedV1
    | StepProgressedV1
    | StepCompletedV1
    | StepRejectedV1
    | SupplementRequestedV1
    | PaymentRequestedV1
    | StepExtendedV1
    | StepForwardedV1
    | ConsultationRequestedV1
    | RecallAgreedV1
    | RecallRefusedV1
)
"""What a performer says about its step."""


def step_of(
    case: Case,
    event: StepMessage,
    name: EventName,
) -> tuple[StepRun, StepState]:
    """Return the step an event is about and where the event takes it, if all checks hold."""
    run = active_step(case, event.data.step, event.data.round, event.source, name)
    return run, STEP_GOES[run.state][name]


def active_step(
    case: Case,
    step: StepId,
    round_: int,
    source: AgencyCode,
    name: EventName,
    *,
    who: Container[AgencyCode | None] | None = None,
) -> StepRun:
    """Return a step's run, if its performer, or `who`, says it and state and round allow it.

    Raises:
        SchemaInvalid: The route has no such step.
        PerformerMismatch: Somebody else may say this.
        TransitionRefused: State or round do not allow the event.
    """
    run = case.step(step)
    if run is None:
        raise SchemaInvalid(
            f"the route of {case.procedure} has no step {step}",
            text_vi=f"Quy trình của thủ tục {case.procedure} không có bước “{step}”.",
            path="data.step",
        )
    if source not in (who if who is not None else {run.agency}):
        raise PerformerMismatch(
            f"{source} may not say `{name}` about step {step}; only {WHO_EN[TABLE[name].who]} may",
            text_vi=f"{source} không được gửi “{name}” về bước “{step}”;"
            f" người được gửi: {WHO_VI[TABLE[name].who]}.",
            path="source",
        )
    check_state(case, name)
    if name not in STEP_GOES[run.state] or round_ != run.round:
        possible = STEP_GOES[run.state]
        raise TransitionRefused(
            f"step {step} is '{run.state}' in round {run.round}; `{name}` in round {round_} is not"
            f" allowed, only: {said_en(possible)}",
            text_vi=f"Bước “{step}” đang ở trạng thái “{STEP_VI[run.state]}” (lần {run.round});"
            f" không nhận “{name}” (lần {round_}), chỉ nhận: {said_vi(possible)}.",
            path="data.step",
            state=str(run.state),
        )
    return run


def allow(
    case: Case, source: AgencyCode, name: EventName, *, who: set[AgencyCode] | None = None
) -> None:
    """Let the receiving unit, or `who`, say something the case's state allows."""
    if source not in (who or {case.receiving_unit}):
        raise PerformerMismatch(
            f"{source} may not say `{name}` about this dossier; {WHO_EN[TABLE[name].who]} may"
            f" (it was received by {case.receiving_unit})",
            text_vi=f"{source} không được gửi “{name}” cho hồ sơ này;"
            f" người được gửi: {WHO_VI[TABLE[name].who]}.",
            path="source",
        )
    check_state(case, name)


def check_state(case: Case, name: EventName) -> None:
    """Refuse an event the state of the whole does not allow.

    Raises:
        TransitionRefused: With what is allowed instead.
    """
    if name not in CASE_ALLOWS[case.state]:
        possible = CASE_ALLOWS[case.state]
        raise TransitionRefused(
            f"the dossier is '{case.state}'; `{name}` is not allowed, only: {said_en(possible)}",
            text_vi=f"Hồ sơ {CASE_VI[case.state]}; không nhận “{name}”,"
            f" chỉ nhận: {said_vi(possible)}.",
            path="type",
            state=str(case.state),
        )


def route_step(route: Route, step: StepId) -> RouteStep:
    """Return a step of a route by its id, which is known to be there."""
    return next(candidate for candidate in route.steps if candidate.id == step)


def living_agency(
    code: AgencyCode, path: str, asking: AgencyCode, case: Case, context: Context
) -> AgencyCode:
    """Return the agency a sender names, or whoever took over where it has ended since.

    Raises:
        SchemaInvalid: There is no such agency now, or it is the one that asks.
    """
    day = context.day
    entry = context.directory.heir(code, case.area, day)
    if entry is None or not entry.covers(day):
        raise SchemaInvalid(
            f"the directory has no agency {code} on {day}; see `bus directory list`",
            text_vi=f"Danh bạ không có cơ quan {code} vào ngày {day:%d/%m/%Y}.",
            path=path,
        )
    if entry.code == asking:
        raise SchemaInvalid(
            f"{code} is the agency that says this; name another one",
            text_vi=f"{code} chính là đơn vị gửi; hãy nêu cơ quan khác.",
            path=path,
        )
    return entry.code
