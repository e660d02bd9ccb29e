"""The edge is killed between an agency's import and its receipt, at each step in between.

The agencies' systems live on, as they do where the edge is a machine of its own.
"""

import re
import threading
from pathlib import Path

import pytest

from tests.support.edge_process import edge_process
from tests.support.fixtures_faults import Servers
from tests.support.live_province import live_province
from tests.support.node_process import NodeProcess
from tests.support.proxy import ACK, Way, proxy
from tests.support.whole import assert_whole

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

_RECEIPT = re.compile(rb'"delivery\.imported"')


def test_an_edge_killed_between_import_and_receipt_imports_nothing_twice(
    servers: Servers, tmp_path: Path
) -> None:
    """The system knows the delivery's id where the edge does not; then the receipt is the same."""
    death = Death()
    with (
        proxy(servers.broker.port) as line,
        live_province(servers.roads_by(line, "edges"), tmp_path, edges_here=False) as province,
        edge_process(province, death.imported) as edge,
    ):
        province.hub.start()
        for _ in range(2):
            death.awaits(edge)
            edge.start()
            province.submit(3)
            death.wait()
        for way, form in ((Way.TO_SERVER, _RECEIPT), (Way.TO_SERVER, ACK)):
            trap = line.hold_at(way, form)
            edge.start()
            province.submit(3)
            trap.wait()
            edge.kill()
            line.cut()
        edge.start()

        assert_whole(province, calls=3)
        repeated = [id_ for one in province.legacy.values() for id_ in one.calls]
        assert len(repeated) > len(set(repeated)), "no import was repeated: nothing was tried"
        assert province.hub.stop() == 0


class Death:
    """Kills an edge in the moment between what a system did and its answer."""

    def __init__(self) -> None:
        self._victim: NodeProcess | None = None
        self._dead = threading.Event()

    def awaits(self, edge: NodeProcess) -> None:
        """Let this one die at its next import."""
        self._victim = edge
        self._dead.clear()

    def imported(self) -> None:
        """Do it, once."""
        victim, self._victim = self._victim, None
        if victim is not None:
            victim.kill()
            self._dead.set()

    def wait(self) -> None:
        """Wait until it is dead."""
        assert self._dead.wait(30), "nothing was imported"
