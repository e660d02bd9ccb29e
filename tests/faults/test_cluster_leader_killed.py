"""One of three broker nodes loses its power: the one that leads every queue."""

from pathlib import Path

import pytest

from tests.support.fixtures_faults import Servers
from tests.support.live_province import Roads, live_province
from tests.support.proxy import proxy
from tests.support.rabbitmq import RabbitNode
from tests.support.rabbitmq_cluster import private_cluster
from tests.support.whole import assert_whole

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]

DOSSIERS = 24
KILLED_AT = 60
LATER = 8
VHOST = "/"


def test_a_killed_leader_is_followed_by_another_and_nothing_is_lost(
    servers: Servers, tmp_path: Path
) -> None:
    """Two of three members are enough; the dead one stays dead."""
    with private_cluster() as cluster, proxy(*cluster.ports) as line:
        first, second, _ = cluster.nodes
        there = line.through(first.url(VHOST))
        roads = Roads(first.url(VHOST), servers.database_url, hub_amqp=there, edge_amqp=there)
        with live_province(roads, tmp_path) as province:
            leaders = _leaders(second)
            province.hub.start()
            province.submit(DOSSIERS)
            province.wait_for_entries(KILLED_AT)

            first.kill()
            entries = province.entries()
            province.submit(LATER)

            assert set(leaders.values()) == {first.name}
            assert_whole(province)
            assert province.entries() > entries
            assert first.name not in _leaders(second).values()
            assert len(province.hub.logged("node.started")) == 1


def _leaders(asked: RabbitNode) -> dict[str, str]:
    """Return which node leads each queue, as one of them sees it."""
    rows = asked.rabbitmqctl("list_queues", "--vhost", VHOST, "name", "leader")
    return dict(row.split() for row in rows.splitlines()[1:])
