"""The same messages come again by the hundred, from agencies to the hub and from it to them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pika
import pytest

from bus.broker.rabbit import RabbitPublisher
from bus.ids import Account
from bus.ports import Outgoing, Published
from bus.schemas.address import AGENCY_IN, AGENCY_OUT, HUB_CONTROL, agency_key, dossier_key
from bus.storage.engine import reading
from bus.storage.hub_tables import delivery
from bus.storage.hub_transaction import DELIVERY
from tests.support.fixtures_faults import Servers
from tests.support.live_province import LiveProvince, live_province
from tests.support.published import PARTITIONS
from tests.support.whole import assert_whole, outbox_rows

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

EACH = 100


def test_what_comes_a_hundred_times_is_in_the_ledger_and_in_the_system_once(
    servers: Servers, tmp_path: Path
) -> None:
    """Each repeat is answered like the first time, so receipts come by the hundred too."""
    with live_province(servers.roads, tmp_path) as province, _publisher(servers) as storm:
        province.hub.start()
        province.submit(4)
        province.wait("hand-overs are made", lambda: len(_handed_over(province)) > 4)
        storm([*_said(province)[:6], *_handed_over(province)[:6]] * EACH)
        province.submit(4)
        assert_whole(province)
        entries, everything = province.entries(), _said(province)

        storm([*everything[-3:], *_handed_over(province)[-3:]] * EACH)
        storm(everything[::-1])
        _drained(servers, province)

        assert_whole(province)
        assert province.hub.stop() == 0
        _drained(servers, province)
        assert province.entries() == entries
        assert province.hub.logged("ingress.batch_failed") == []


@contextmanager
def _publisher(servers: Servers) -> Iterator[Callable[[Sequence[Outgoing]], None]]:
    """Give what publishes, once all is confirmed."""
    publisher = RabbitPublisher(servers.roads.amqp, name="storm")

    def storm(messages: Sequence[Outgoing]) -> None:
        assert messages
        assert set(publisher.publish(messages)) == {Published.CONFIRMED}

    try:
        yield storm
    finally:
        publisher.close()


def _said(province: LiveProvince) -> list[Outgoing]:
    """Return what the edges have sent, as they sent it."""
    account = Account(province.roads.account)
    return [
        Outgoing(
            exchange=AGENCY_OUT,
            routing_key=dossier_key(row.agency, row.dossier, PARTITIONS),
            body=row.body,
            message_id=str(row.id),
            type=row.type,
            jws=row.jws,
            timestamp=row.created_at,
            account=account,
        )
        for row in outbox_rows(province)
        if row.published
    ]


def _handed_over(province: LiveProvince) -> list[Outgoing]:
    """Return what the hub has handed over, as it did."""
    with reading(province.engine) as connection:
        rows = DELIVERY.values(
            connection.execute(DELIVERY.select().where(delivery.c.published > 0))
        )
    return [
        Outgoing(
            exchange=AGENCY_IN,
            routing_key=agency_key(row.agency),
            body=row.body,
            message_id=str(row.id),
            type=row.type,
            jws=row.jws,
            timestamp=row.created_at,
        )
        for row in rows
    ]


def _drained(servers: Servers, province: LiveProvince) -> None:
    """Wait until nothing waits in a queue, but for heartbeats."""
    queues = [queue.name for queue in province.topology.queues if queue.name != HUB_CONTROL]
    with pika.BlockingConnection(pika.URLParameters(servers.roads.amqp)) as connection:
        channel = connection.channel()

        def empty() -> bool:
            asked = (channel.queue_declare(queue, passive=True) for queue in queues)
            return not any(answer.method.message_count for answer in asked)

        province.wait("the storm is over", empty)
