"""What runs of the simulator are played on, made once a session."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bus.simulation.storm.campaign import Stage, playing
from bus.storage.province import load_province


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    """The simulated town over the sample province."""
    with playing(load_province(Path("deploy/yen-bai"))) as ready:
        yield ready
