"""What a performer says about a step that is under way, without ending it."""

from dataclasses import replace

from bus.routing import effects
from bus.routing.case import Case
from bus.routing.guards import step_of
from bus.routing.opening import Moved, put
from bus.routing.states import EventName
from bus.schemas.progress import StepProgressedV1


def progressed(case: Case, event: StepProgressedV1) -> Moved:
    """Note how far a step is, and tell the receiving unit."""
    run, target = step_of(case, event, EventName.STEP_PROGRESSED)
    case = put(case, replace(run, state=target, progress=event.data.note))
    if event.source == case.receiving_unit:
        return case, ()
    return case, (effects.progress_forwarded(case, event.data, event.source),)
