"""Steps in a circle, wherever it lies in a route: said by name, and the check goes on."""

from collections.abc import Iterator

import pytest

from bus.ids import StepId
from bus.routing.clock import WorkingCalendar
from bus.routing.plan import check_route
from bus.schemas.route import Route
from tests.support.walking import yen_bai


def _circles() -> Iterator[pytest.param]:  # type: ignore[valid-type]
    """Yield every route of the province with one step that needs itself or one after it."""
    for route in yen_bai().province.routes:
        for place, step in enumerate(route.steps):
            for later in route.steps[place:]:
                if later.id == step.id or _follows(route, later.id, step.id):
                    changed = step.model_copy(update={"needs": (*step.needs, later.id)})
                    steps = (*route.steps[:place], changed, *route.steps[place + 1 :])
                    name = f"{route.procedure}-{step.id}-{later.id}"
                    yield pytest.param(route.model_copy(update={"steps": steps}), step.id, id=name)


def _follows(route: Route, later: StepId, step: StepId) -> bool:
    needs = next(one.needs for one in route.steps if one.id == later)
    return step in needs or any(_follows(route, need, step) for need in needs)


@pytest.mark.parametrize(("route", "step"), list(_circles()))
def test_a_circle_is_said_with_its_steps_wherever_it_lies(route: Route, step: StepId) -> None:
    findings, _ = check_route(route, WorkingCalendar(yen_bai().province.calendar))

    said = [one.message_en for one in findings if one.code == "graph.cycle"]
    assert any(step in one for one in said)
