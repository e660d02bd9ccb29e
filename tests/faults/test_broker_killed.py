"""The broker loses its power while edges and hub publish, and comes back."""

from pathlib import Path

import pytest

from tests.support.fixtures_faults import Servers
from tests.support.live_province import live_province
from tests.support.whole import assert_whole

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]

DOSSIERS = 24
KILLED_AT = 60
"""How many ledger entries there are when the broker is killed: all hops have work."""


def test_a_broker_killed_during_relay_loses_and_repeats_nothing(
    servers: Servers, tmp_path: Path
) -> None:
    with live_province(servers.roads, tmp_path) as province:
        servers.broker.remember_queues()
        province.hub.start()
        province.submit(DOSSIERS)
        province.wait_for_entries(KILLED_AT)

        servers.broker.kill()
        under_way = province.edge.unanswered(list(province.legacy))
        servers.broker.start()

        assert sum(under_way.values()) > 0
        assert_whole(province)
        assert len(province.hub.logged("node.started")) == 1
