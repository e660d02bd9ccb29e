"""The topology on a real RabbitMQ: applied, compared, and what each account may do with it."""

import json
from collections.abc import Iterator

import pika
import pytest
from pika import exceptions
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection
from pika.exchange_type import ExchangeType

from bus.broker.apply import Applied, apply, compare
from bus.broker.definitions import definitions
from bus.broker.headers import properties_of
from bus.broker.management import Management, apply_permissions
from bus.errors import ActRefused, BrokerUnavailable, SettingInvalid, TopologyDrift
from bus.ports import Published
from tests.support.fixtures_broker import (
    PASSWORD,
    POLICE,
    TAX,
    RabbitInHand,
    numbers,
    outgoing,
    receive_all,
    small_topology,
)
from tests.support.rabbitmq import RabbitNode, eventually

pytestmark = pytest.mark.broker

THINGS = 3 + 3 + 2 + 2  # exchanges; hub.dead, hub.receipts, hub.control; partitions; agencies


@pytest.fixture
def admin(vhost_url: str) -> Iterator[BlockingConnection]:
    """An administrator's bare connection to an empty virtual host."""
    connection = BlockingConnection(pika.URLParameters(vhost_url))
    yield connection
    if connection.is_open:
        connection.close()


def vhost_of(url: str) -> str:
    """Return the virtual host a URL names."""
    return url.rsplit("/", 1)[1]


# --- applying --------------------------------------------------------------------------------


def test_applying_again_changes_nothing(vhost_url: str) -> None:
    topology = small_topology(vhost_of(vhost_url))

    first, second = apply(vhost_url, topology), apply(vhost_url, topology)

    assert (len(first.created), first.unchanged) == (THINGS, 0)
    assert second == Applied(created=(), unchanged=THINGS)


def test_what_was_applied_does_not_differ(rabbit: RabbitInHand) -> None:
    management = rabbit.node.management_url

    assert compare(rabbit.admin_url, rabbit.topology, management_url=management) == ()
    assert compare(rabbit.admin_url, rabbit.topology) == ()


def test_what_is_missing_is_found_and_applied(rabbit: RabbitInHand) -> None:
    rabbit.management.delete("queues", rabbit.topology.vhost, f"agency.{TAX}")
    without_api = compare(rabbit.admin_url, rabbit.topology)
    with_api = compare(rabbit.admin_url, rabbit.topology, management_url=rabbit.node.management_url)

    applied = apply(rabbit.admin_url, rabbit.topology)

    assert [str(each) for each in without_api] == [f"queue agency.{TAX}: missing"]
    assert [str(each) for each in with_api] == [
        f"queue agency.{TAX}: missing",
        f"binding agency.in → {TAX} → agency.{TAX}: missing",
    ]
    assert applied.created == (f"agency.{TAX}",)
    assert compare(rabbit.admin_url, rabbit.topology) == ()


def test_a_queue_of_another_shape_is_named_with_argument_and_values(
    vhost_url: str, admin: BlockingConnection
) -> None:
    topology = small_topology(vhost_of(vhost_url))
    queue = next(each for each in topology.queues if each.name == "hub.in.p01")
    other = {**queue.arguments, "x-delivery-limit": 5}
    admin.channel().queue_declare(queue.name, durable=True, arguments=other)

    with pytest.raises(TopologyDrift, match=r"hub\.in\.p01: x-delivery-limit is 5, expected 20"):
        apply(vhost_url, topology)


def test_an_exchange_of_another_shape_is_named(vhost_url: str, admin: BlockingConnection) -> None:
    admin.channel().exchange_declare("agency.out", ExchangeType("fanout"))

    with pytest.raises(TopologyDrift, match=r"exchange agency\.out"):
        apply(vhost_url, small_topology(vhost_of(vhost_url)))


def test_what_nobody_specified_is_found(rabbit: RabbitInHand) -> None:
    with BlockingConnection(pika.URLParameters(rabbit.admin_url)) as connection:
        channel = connection.channel()
        channel.queue_declare("left-over", durable=True)
        channel.queue_bind("left-over", "agency.out", "#")

    found = compare(rabbit.admin_url, rabbit.topology, management_url=rabbit.node.management_url)

    assert {str(each) for each in found} == {
        "queue left-over: unexpected",
        "binding agency.out → # → left-over: unexpected",
    }


def test_permissions_that_were_widened_are_found(rabbit: RabbitInHand) -> None:
    rabbit.management.put(
        "permissions",
        rabbit.topology.vhost,
        TAX,
        body={"configure": "^$", "write": ".*", "read": rf"^agency\.{TAX}$"},
    )

    found = compare(rabbit.admin_url, rabbit.topology, management_url=rabbit.node.management_url)

    assert [str(each) for each in found] == [
        rf"permission of {TAX}: write is .*, expected ^agency\.out$"
    ]


def test_the_definitions_file_makes_the_same_as_applying(
    rabbitmq: RabbitNode, vhost_url: str
) -> None:
    topology = small_topology(vhost_of(vhost_url))
    management = Management(rabbitmq.management_url)
    apply_permissions(rabbitmq.management_url, topology, dict.fromkeys(topology.accounts, PASSWORD))

    management.post("definitions", body=json.loads(json.dumps(definitions(topology))))

    assert apply(vhost_url, topology).created == ()
    assert compare(vhost_url, topology, management_url=rabbitmq.management_url) == ()


def test_an_account_that_may_not_configure_is_told_whom_to_ask(rabbit: RabbitInHand) -> None:
    with pytest.raises(ActRefused, match=f"{TAX} may not set up .* administrator"):
        apply(rabbit.url(TAX), rabbit.topology)


def test_another_virtual_host_than_the_topology_s_is_refused(rabbit: RabbitInHand) -> None:
    with pytest.raises(SettingInvalid, match="names the virtual host /, the topology"):
        apply(rabbit.node.amqp_url, rabbit.topology)


def test_permissions_of_an_account_that_is_not_there_are_refused_by_name(
    rabbitmq: RabbitNode, vhost_url: str
) -> None:
    topology = small_topology(vhost_of(vhost_url))
    stranger = topology.permissions[0].model_copy(update={"account": "nobody-there"})
    alone = topology.model_copy(update={"permissions": (stranger,), "topic_permissions": ()})

    with pytest.raises(ActRefused, match="nobody-there"):
        apply_permissions(rabbitmq.management_url, alone)


def test_a_wrong_management_password_is_not_repeated(rabbitmq: RabbitNode) -> None:
    url = rabbitmq.management_url.split("@")[1]

    with pytest.raises(ActRefused) as raised:
        Management(f"http://someone:sai-mat-khau@{url}").get("overview")

    assert "administrator" in str(raised.value)
    assert "sai-mat-khau" not in str(raised.value)


# --- what an agency's account may do ---------------------------------------------------------


def test_an_agency_cannot_publish_under_another_s_key(rabbit: RabbitInHand) -> None:
    publisher = rabbit.publisher(TAX)

    outcomes = publisher.publish([outgoing(1, exchange="agency.out", key=f"{POLICE}.receipt")])

    assert outcomes == [Published.UNKNOWN]
    eventually(lambda: "403" in str(publisher.trouble), within=10, what="refused by the broker")
    assert rabbit.consumer("hub.receipts").receive(1, 0.3) == []


def test_an_agency_cannot_publish_into_queues_or_the_hub_s_exchange(rabbit: RabbitInHand) -> None:
    publisher = rabbit.publisher(TAX)

    for exchange, key in (("", f"agency.{POLICE}"), ("agency.in", POLICE), ("hub.dead", TAX)):
        eventually(lambda: publisher.trouble is None, within=10, what="connected")
        outcomes = publisher.publish([outgoing(1, exchange=exchange, key=key)])
        assert outcomes == [Published.UNKNOWN]
        eventually(lambda: "403" in str(publisher.trouble), within=10, what="refused")


def test_an_agency_cannot_read_another_s_queue(rabbit: RabbitInHand) -> None:
    consumer = rabbit.consumer(f"agency.{POLICE}", account=TAX)

    with pytest.raises(BrokerUnavailable, match=f"403 .*agency.{POLICE}.*`bus broker apply`"):
        consumer.receive(1, 10)


def test_an_agency_reads_its_own_queue(rabbit: RabbitInHand) -> None:
    rabbit.publisher().publish([outgoing(1)])

    assert numbers(receive_all(rabbit.consumer(f"agency.{TAX}", account=TAX), 1)) == [1]


def test_the_broker_itself_refuses_a_false_account(rabbit: RabbitInHand) -> None:
    """Ours never sends one; another agency's program might."""
    message = outgoing(1, exchange="agency.out", key=f"{TAX}.receipt")
    false = pika.BasicProperties(**properties_of(message, account=POLICE))
    with BlockingConnection(pika.URLParameters(rabbit.url(TAX))) as connection:
        channel = connection.channel()
        channel.confirm_delivery()

        with pytest.raises(exceptions.ChannelClosedByBroker, match="user_id"):
            channel.basic_publish(message.exchange, message.routing_key, b"{}", false)


def test_an_agency_declares_nothing(rabbit: RabbitInHand) -> None:
    with BlockingConnection(pika.URLParameters(rabbit.url(TAX))) as connection:
        with pytest.raises(exceptions.ChannelClosedByBroker, match="403"):
            connection.channel().queue_declare(f"agency.{TAX}.more", durable=True)
        with pytest.raises(exceptions.ChannelClosedByBroker, match="403"):
            connection.channel().queue_delete(f"agency.{TAX}")


def test_the_hub_cannot_speak_for_an_agency(rabbit: RabbitInHand) -> None:
    publisher = rabbit.publisher()

    outcomes = publisher.publish([outgoing(1, exchange="agency.out", key=f"{TAX}.receipt")])

    assert outcomes == [Published.UNKNOWN]
    eventually(lambda: "403" in str(publisher.trouble), within=10, what="refused by the broker")


def _handed_back(channel: BlockingChannel, queue: str) -> bool:
    """Take a message and hand it back as a reader that fails does."""
    got, _, _ = channel.basic_get(queue)
    if got is None or got.delivery_tag is None:
        return False
    channel.basic_reject(got.delivery_tag, requeue=True)
    return True


def test_a_message_that_crashes_its_readers_ends_in_the_dead_letter_queue(
    rabbit: RabbitInHand,
) -> None:
    """The broker's own guard, for what our attempt rows cannot catch."""
    rabbit.publisher().publish([outgoing(1)])
    queue = f"agency.{TAX}"
    with BlockingConnection(pika.URLParameters(rabbit.admin_url)) as connection:
        channel = connection.channel()
        for _ in range(21):
            eventually(lambda: _handed_back(channel, queue), within=10, what="handed out")

    (dead,) = receive_all(rabbit.consumer("hub.dead"), 1)

    assert (dead.message_id, dead.routing_key) == ("1", TAX)
