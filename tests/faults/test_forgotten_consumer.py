"""The broker forgets who reads a queue, and its word of it, if there was one, is lost."""

from pathlib import Path

import pika
import pytest

from bus.broker.topology import Topology
from bus.errors import BrokerUnavailable
from bus.schemas.address import hub_queue
from bus.workers.dead import CODE
from tests.support.fixtures_faults import Servers
from tests.support.live_province import live_province
from tests.support.outage import assert_over
from tests.support.proxy import CANCEL, Way, proxy
from tests.support.whole import assert_whole

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]

DOSSIERS = 24
FORGOTTEN_AT = 60
HEARTBEAT = 6
"""Seconds within which a dead line must be noticed; the consumers are looked after more often."""
SAID = ("has forgotten the consumer of", "hands out nothing of")
"""RabbitMQ may still count a consumer of the queue that was there before."""


def test_a_forgotten_consumer_is_noticed_and_registered_again(
    servers: Servers, tmp_path: Path
) -> None:
    """The line is well and heartbeats come: only who asks for the consumers can know."""
    queue = hub_queue(0)
    with (
        proxy(servers.broker.port) as line,
        live_province(servers.roads_by(line, "hub", heartbeat=HEARTBEAT), tmp_path) as province,
    ):
        province.hub.start()
        province.submit(DOSSIERS)
        province.wait_for_entries(FORGOTTEN_AT)

        line.drop(CANCEL)
        line.hold(Way.TO_SERVER)  # nobody asks for the queue while it is not there
        _make_anew(servers.roads.amqp, province.topology, queue)
        line.release()

        assert_over(province)
        (told,) = province.hub.logged("worker.unfit", code=BrokerUnavailable.code)
        assert any(f"it {what} the queue {queue}" in told["why"] for what in SAID)
        assert_whole(province, kept=[CODE])


def _make_anew(amqp: str, topology: Topology, name: str) -> None:
    """Delete a queue and declare it again, faster than `bus broker apply` would."""
    (spec,) = (one for one in topology.queues if one.name == name)
    connection = pika.BlockingConnection(pika.URLParameters(amqp))
    channel = connection.channel()
    channel.queue_delete(name)
    channel.queue_declare(name, durable=True, arguments=spec.arguments)
    for binding in topology.bindings:
        if binding.queue == name:
            channel.queue_bind(name, binding.exchange, binding.key)
    connection.close()
