"""A line that stays open and carries nothing: a cable is pulled, a firewall forgets."""

from pathlib import Path

import pytest

from bus.errors import BrokerUnavailable
from tests.support.fixtures_faults import Servers
from tests.support.live_province import live_province
from tests.support.outage import assert_bounded, assert_over
from tests.support.proxy import DELIVER, PUBLISH, Way, proxy
from tests.support.whole import assert_whole

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]

DOSSIERS = 12
HEARTBEAT = 3
"""Seconds within which a dead line must be noticed."""
HELD = 2.0
"""Seconds the line stays dead after the hub has said so."""


def test_a_hub_notices_a_dead_line_by_itself_and_goes_on(servers: Servers, tmp_path: Path) -> None:
    with (
        proxy(servers.broker.port) as line,
        live_province(servers.roads_by(line, "hub", heartbeat=HEARTBEAT), tmp_path) as province,
    ):
        province.hub.start()
        province.wait("the hub works", province.hub.ready)
        dead = line.hold_at(Way.TO_SERVER, PUBLISH)
        province.submit(DOSSIERS)
        dead.wait()

        assert_bounded(province, BrokerUnavailable.code, HELD, workers=("ingress", "clock", "dead"))
        line.release()

        assert_over(province)
        assert_whole(province)


@pytest.mark.parametrize("way", [Way.TO_SERVER, Way.TO_CLIENT])
def test_edges_notice_a_dead_line_by_themselves_and_go_on(
    servers: Servers, tmp_path: Path, way: Way
) -> None:
    with (
        proxy(servers.broker.port) as line,
        live_province(servers.roads_by(line, "edges", heartbeat=HEARTBEAT), tmp_path) as province,
    ):
        province.hub.start()
        dead = line.hold_at(way, PUBLISH if way is Way.TO_SERVER else DELIVER)
        province.submit(DOSSIERS)
        dead.wait()
        before = line.accepted
        province.wait(
            "all workers of the edges have given the line up",
            lambda: {told.partition(":")[0] for told in province.trouble} >= {"relay", "deliver"},
        )
        line.release()

        assert_whole(province)
        assert line.accepted > before
        assert province.hub.logged("worker.unfit") == []
