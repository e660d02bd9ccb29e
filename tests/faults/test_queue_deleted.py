"""Somebody deletes a queue that is being read, with what is in it."""

from pathlib import Path

import pytest

from bus.broker.apply import apply
from bus.errors import BrokerUnavailable
from bus.schemas.address import HUB_RECEIPTS, agency_queue, hub_queue
from bus.workers.dead import CODE
from tests.support.fixtures_faults import Servers
from tests.support.live_province import live_province
from tests.support.outage import assert_bounded, assert_over
from tests.support.whole import assert_whole

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]

DOSSIERS = 24
DELETED_AT = 60
GONE = 3.0
"""Seconds without the queue: the hub's attempts to read it fail, again and again."""


@pytest.mark.parametrize("queue", [hub_queue(0), HUB_RECEIPTS])
def test_a_deleted_queue_of_the_hub_is_named_and_what_was_in_it_comes_again(
    servers: Servers, tmp_path: Path, queue: str
) -> None:
    """What has no queue meanwhile goes to the dead letters, and is kept as evidence."""
    with live_province(servers.roads, tmp_path) as province:
        province.hub.start()
        province.submit(DOSSIERS)
        province.wait_for_entries(DELETED_AT)

        servers.management.delete("queues", servers.vhost, queue)
        assert_bounded(province, BrokerUnavailable.code, GONE, workers=("ingress",))
        said = province.hub.readiness()["checks"]["ingress"]["last_error"]
        apply(servers.roads.amqp, province.topology)

        assert queue in said
        assert "`bus broker apply`" in said
        assert_over(province)
        assert_whole(province, kept=[CODE])


def test_an_agency_s_deleted_queue_is_named_and_what_was_in_it_comes_again(
    servers: Servers, tmp_path: Path
) -> None:
    with live_province(servers.roads, tmp_path) as province:
        province.hub.start()
        province.submit(DOSSIERS)
        province.wait_for_entries(DELETED_AT)
        queue = agency_queue(province.queries.handoffs(limit=1)[0].agency)

        servers.management.delete("queues", servers.vhost, queue)
        province.wait("the edges name it", lambda: any(queue in one for one in province.trouble))
        entries = province.entries()
        apply(servers.roads.amqp, province.topology)

        assert any("`bus broker apply`" in one for one in province.trouble)
        assert_whole(province)
        assert province.entries() > entries
        assert province.hub.logged("worker.unfit") == []
