"""Waits that are no payment: a period that passes, or something that happens outside.

A public posting is a period. A complaint period is an event with a limit: it ends by a complaint,
or by the time that passes without one. The dossier's clock runs on while it waits.
"""

from datetime import datetime

from bus.errors import SchemaInvalid, TransitionRefused
from bus.routing.case import Case, StepRun
from bus.routing.guards import active_step, route_step
from bus.routing.opening import Context, Moved, open_ready, put
from bus.routing.states import STEP_GOES, EventName
from bus.schemas.route import Route, StepKind
from bus.schemas.wait import WaitEndedV1
from bus.values import changed


def wait_ended(case: Case, event: WaitEndedV1, route: Route, context: Context) -> Moved:
    """End a wait by what happened.

    Raises:
        TransitionRefused: The step does not wait for anything the receiving unit could say.
        SchemaInvalid: The route names no such outcome.
    """
    data = event.data
    run = active_step(
        case,
        data.step,
        data.round,
        event.source,
        EventName.WAIT_ENDED,
        who={case.receiving_unit},
    )
    if run.awaits is not StepKind.AWAIT_EVENT:
        raise TransitionRefused(
            f"step {run.id} waits for no event; a payment is confirmed with `payment.confirmed`,"
            " a task is completed by its performer, a period ends by itself",
            text_vi=f"Bước “{run.id}” không chờ sự kiện bên ngoài.",
            path="data.step",
            state=str(run.state),
        )
    outcomes = route_step(route, run.id).outcomes
    if data.outcome not in outcomes:
        raise SchemaInvalid(
            f"step {run.id} may end with: {', '.join(outcomes)}",
            text_vi=f"Bước “{run.id}” chỉ có thể kết thúc bằng: {', '.join(outcomes)}.",
            path="data.outcome",
        )
    return _over(case, run, data.outcome, route, context, start=context.at)


def period_passed(case: Case, run: StepRun, route: Route, context: Context) -> Moved:
    """End a wait because its time is over: what follows counts from then, not from the look."""
    assert run.due_at is not None  # noqa: S101 -- its time is over
    outcome = route_step(route, run.id).endings[-1]
    return _over(case, run, outcome, route, context, start=run.due_at)


def _over(
    case: Case, run: StepRun, outcome: str, route: Route, context: Context, *, start: datetime
) -> Moved:
    target = STEP_GOES[run.state][EventName.WAIT_ENDED]
    done = changed(run, state=target, outcome=outcome, ended_at=context.at)
    return open_ready(put(case, done), route, context, start=start)
