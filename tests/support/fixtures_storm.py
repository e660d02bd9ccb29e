"""What runs of the simulator are played on, once a module: workers say nothing meanwhile."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bus.simulation.storm.campaign import Stage, playing
from bus.storage.province import load_province


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """The simulated town over the sample province."""
    with playing(load_province(Path("deploy/yen-bai"))) as ready:
        yield ready
