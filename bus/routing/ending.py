"""How a dossier ends otherwise than by its result, and what comes after the end."""

from typing import Final

from bus.errors import TransitionRefused
from bus.ids import AgencyCode
from bus.routing import effects
from bus.routing.case import (
    ACTIVE_STEPS,
    FINAL_STEPS,
    Case,
    CaseState,
    StepRun,
    StepState,
    at_reception,
)
from bus.routing.effects import HandOver
from bus.routing.guards import allow, route_step
from bus.routing.opening import Context, Moved, open_ready, put
from bus.routing.states import CASE_VI, EventName
from bus.schemas.dossier import DossierReturnedV1, DossierWithdrawnV1
from bus.schemas.ending import DossierRatedV1, DossierRejectedV1, DossierTerminatedV1
from bus.schemas.route import OnReject, Route
from bus.values import changed

_WITH_NOBODY: Final = frozenset({StepState.WAITING, StepState.RECALLED})


def step_rejected(case: Case, run: StepRun, reason: str, route: Route, context: Context) -> Moved:
    """Refuse a step; the whole ends by it unless the route says that it goes on without it.

    Decree 61/2018 article 19.8: a refusal after appraisal, with its reason.
    """
    refused = changed(run, state=StepState.REJECTED, reason=reason, ended_at=context.at)
    case = put(case, refused)
    if route_step(route, run.id).on_reject is OnReject.CONTINUE:
        return open_ready(case, route, context, start=context.at)
    return _home(*_ended(case, CaseState.REJECTED, reason, context))


def withdrawn(case: Case, event: DossierWithdrawnV1, context: Context) -> Moved:
    """End the dossier because the citizen took it back."""
    allow(case, event.source, EventName.WITHDRAWN)
    return _home(*_ended(case, CaseState.WITHDRAWN, event.data.reason, context))


def rejected_at_reception(case: Case, event: DossierRejectedV1, context: Context) -> Moved:
    """End the dossier because the receiving unit finds it should not have taken it (status 3).

    Raises:
        TransitionRefused: Another agency has worked on it: from there on it is refused by a step.
    """
    allow(case, event.source, EventName.REJECTED)
    if not at_reception(case):
        raise TransitionRefused(
            "another agency has worked on the dossier, so it is past its reception; its performer"
            " refuses with `step.rejected`, or stops it with `dossier.terminated`",
            text_vi="Hồ sơ đã qua khâu tiếp nhận; cơ quan thực hiện bước gửi “step.rejected” hoặc"
            " “dossier.terminated”.",
            path="type",
            state=str(case.state),
        )
    return _home(*_ended(case, CaseState.NOT_ACCEPTED, event.data.reason, context))


def terminated(case: Case, event: DossierTerminatedV1, context: Context) -> Moved:
    """End the dossier because an agency that has it stops it (status 8); the notice is told."""
    allow(case, event.source, EventName.TERMINATED, who=participants(case))
    after, owed = _ended(
        case, CaseState.TERMINATED, event.data.reason, context, said_by=event.source
    )
    return after, (*owed, effects.termination_forwarded(after, event.data, event.source))


def returned(case: Case, event: DossierReturnedV1) -> Moved:
    """Note that the citizen has the result."""
    allow(case, event.source, EventName.RETURNED)
    return changed(case, state=CaseState.RETURNED), ()


def rated(case: Case, event: DossierRatedV1) -> Moved:
    """Note how content the citizen was; the state of the dossier does not change.

    Raises:
        TransitionRefused: The dossier was rated before.
    """
    allow(case, event.source, EventName.RATED)
    if case.rating is not None:
        raise TransitionRefused(
            "the dossier was rated before; a citizen rates once",
            text_vi="Hồ sơ đã được đánh giá trước đó; mỗi hồ sơ chỉ đánh giá một lần.",
            path="type",
        )
    return changed(case, rating=event.data.satisfaction), ()


def participants(case: Case) -> set[AgencyCode]:
    """Return who has the dossier now: the receiving unit, and performers of steps under way."""
    performers = {run.agency for run in case.steps if run.agency and run.state in ACTIVE_STEPS}
    return {case.receiving_unit} | performers


def _home(case: Case, owed: tuple[HandOver, ...]) -> Moved:
    return case, (*owed, effects.home(case))


def _ended(
    case: Case,
    state: CaseState,
    reason: str,
    context: Context,
    *,
    said_by: AgencyCode | None = None,
) -> Moved:
    """End the whole: what was handed over is taken back, what was not is never opened.

    Who has done a step is told, to undo of it what must be undone.
    """
    why = f"Hồ sơ {CASE_VI[state]}."
    live = [run for run in case.steps if run.state not in FINAL_STEPS]
    handed = [run for run in live if run.agency and run.state not in _WITH_NOBODY]
    runs = [changed(run, state=StepState.CANCELLED, ended_at=context.at) for run in live]
    case = changed(
        put(case, *runs), state=state, reason=reason, ended_at=context.at, paused_at=None
    )
    cancelled = (effects.step_cancelled(run, why) for run in handed if run.agency != said_by)
    void = (
        effects.compensation_requested(case, run, reason)
        for run in case.steps
        if run.state is StepState.COMPLETED and run.agency not in {None, case.receiving_unit}
    )
    return case, (*cancelled, *void)
