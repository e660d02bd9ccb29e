"""What one decision costs: the machine is asked for every message, so it must be cheap."""

import time
from typing import Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bus.ids import StepId
from bus.routing.machine import advance
from bus.routing.opening import Context
from bus.routing.province import Catalogue
from bus.schemas.route import RouteStep
from bus.schemas.step import StepCompletedData, StepReceivedData
from tests.support.walking import Walk, yen_bai, yen_bai_with

PROCEDURE: Final = "1.001731"
TEN: Final = 10
MOST_SECONDS: Final = 50e-6
"""The fastest of many rounds, in time of this process: a busy machine is no regression."""

# The garbage of thousands of tests before this one is not the decision's.
pytestmark = [pytest.mark.cost, pytest.mark.benchmark(timer=time.process_time, disable_gc=True)]


def ten_steps() -> Catalogue:
    """A route of ten steps, one after the other."""
    (first, *_) = next(r.steps for r in yen_bai().province.routes if r.procedure == PROCEDURE)
    steps: list[RouteStep] = []
    for number in range(TEN):
        needs = (steps[-1].id,) if steps else ()
        id_ = StepId(f"step_{number}")
        steps.append(first.model_copy(update={"id": id_, "needs": needs}))
    return yen_bai_with(PROCEDURE, steps=tuple(steps))


@pytest.fixture
def half_way() -> Walk:
    """A dossier at its sixth step."""
    walk = Walk(PROCEDURE, catalogue=ten_steps()).submit()
    for number in range(5):
        walk.complete(f"step_{number}")
    return walk


def test_taking_a_step_in_hand_costs_less_than_fifty_microseconds(
    half_way: Walk, benchmark: BenchmarkFixture
) -> None:
    data = StepReceivedData(step=StepId("step_5"), round=1, received_at=half_way.at)

    assert _fastest(half_way, data, benchmark) < MOST_SECONDS


def test_handing_over_the_next_step_costs_less_than_a_quarter_of_a_millisecond(
    half_way: Walk, benchmark: BenchmarkFixture
) -> None:
    """It asks the directory and the calendar, and writes a slip."""
    data = StepCompletedData(
        step=StepId("step_5"), round=1, outcome="done", completed_at=half_way.at
    )

    assert _fastest(half_way, data, benchmark) < 5 * MOST_SECONDS


def _fastest(
    walk: Walk, data: StepReceivedData | StepCompletedData, benchmark: BenchmarkFixture
) -> float:
    """Return how long a decision takes at least, in seconds."""
    event = walk.event(data, by=walk.run("step_5").agency or walk.unit)
    assert walk.case is not None
    assert len(walk.case.steps) == TEN

    def decide() -> None:
        advance(walk.case, event, Context(walk.catalogue, walk.at))

    benchmark.pedantic(  # type: ignore[no-untyped-call]
        decide,
        rounds=500,
        iterations=10,
        warmup_rounds=2,
    )

    assert benchmark.stats is not None
    fastest: float = benchmark.stats.stats.min
    return fastest
