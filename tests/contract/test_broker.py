"""The contract of `bus.ports.Consumer` and `bus.ports.Publisher`, a test for each sentence.

Every test that takes `broker` runs over the embedded broker, the simulator's and RabbitMQ. The
tests that take `rabbit` are about what the fakes have not: a connection to lose, a queue that is
full, a disk.
"""

import logging
import os
import random
import signal
import socket
import threading
import time

import pytest

from bus.broker.apply import apply
from bus.broker.rabbit import RabbitConsumer, RabbitPublisher
from bus.broker.topology import DELIVERY_LIMIT
from bus.errors import BrokerUnavailable
from bus.ports import ENOUGH_BYTES, Consumer, Published, Received
from tests.support.fixtures_broker import (
    POLICE,
    TAX,
    BrokerInHand,
    RabbitInHand,
    numbers,
    outgoing,
    receive_all,
)
from tests.support.proxy import CANCEL, proxy
from tests.support.rabbitmq import eventually

TAX_QUEUE = f"agency.{TAX}"
POLICE_QUEUE = f"agency.{POLICE}"
CONFIRMED, UNROUTABLE = Published.CONFIRMED, Published.UNROUTABLE
REFUSED, UNKNOWN = Published.REFUSED, Published.UNKNOWN


# --- Consumer --------------------------------------------------------------------------------


def test_messages_of_one_queue_come_in_the_order_published(broker: BrokerInHand) -> None:
    broker.publisher().publish([outgoing(n) for n in range(1, 1201)])

    received = receive_all(broker.consumer(TAX_QUEUE), 1200, ack=True)

    assert numbers(received) == list(range(1, 1201))


def test_what_is_not_acknowledged_comes_again_after_close_in_its_order(
    broker: BrokerInHand,
) -> None:
    broker.publisher().publish([outgoing(n) for n in range(1, 10)])
    first = broker.consumer(TAX_QUEUE)
    held = receive_all(first, 6)
    first.ack([held[0], held[3]])

    first.close()

    again = receive_all(broker.consumer(TAX_QUEUE), 7)
    assert [(int(m.message_id or 0), m.redelivered) for m in again[:4]] == [
        (2, True),
        (3, True),
        (5, True),
        (6, True),
    ]
    assert numbers(again[4:]) == [7, 8, 9]


def test_an_ordered_queue_has_one_reader_and_its_standby_goes_on_in_order(
    broker: BrokerInHand,
) -> None:
    queue = broker.topology.partition_queues[0]
    active = broker.consumer(queue, prefetch=3)
    assert active.receive(1, 0.2) == []
    standby = broker.consumer(queue)
    broker.publisher(TAX).publish(
        [outgoing(n, exchange="agency.out", key=f"{TAX}.p00") for n in range(1, 11)]
    )
    held = receive_all(active, 3)
    assert standby.receive(10, 0.2) == []

    active.ack(held[:1])
    active.close()

    assert numbers(receive_all(standby, 9)) == list(range(2, 11))


def test_not_more_than_prefetch_are_unsettled(broker: BrokerInHand) -> None:
    broker.publisher().publish([outgoing(n) for n in range(1, 10)])
    consumer = broker.consumer(TAX_QUEUE, prefetch=4)
    held = receive_all(consumer, 4)
    assert consumer.receive(10, 0.2) == []

    consumer.ack(held[:2])

    assert numbers(receive_all(consumer, 2)) == [5, 6]
    assert consumer.receive(10, 0.2) == []


def test_prefetch_holds_over_all_queues_together(broker: BrokerInHand) -> None:
    keys = [f"{TAX}.{last}" for last in ("p00", "p01", "receipt")] * 10
    broker.publisher(TAX).publish(
        [outgoing(n, exchange="agency.out", key=key) for n, key in enumerate(keys)]
    )
    consumer = broker.consumer(*broker.topology.partition_queues, "hub.receipts", prefetch=2)

    held = receive_all(consumer, 2)

    assert consumer.receive(10, 0.2) == []
    consumer.ack(held)


def test_receive_gives_at_most_the_limit(broker: BrokerInHand) -> None:
    broker.publisher().publish([outgoing(n) for n in range(1, 6)])
    consumer = broker.consumer(TAX_QUEUE)

    first = consumer.receive(2, 10)

    assert len(first) in {1, 2}
    assert numbers([*first, *receive_all(consumer, 5 - len(first))]) == [1, 2, 3, 4, 5]


def test_receive_adds_nothing_once_the_bodies_are_enough(broker: BrokerInHand) -> None:
    third = b"x" * (ENOUGH_BYTES // 3 - 1)
    bodies = [third, third, third, b"reaches it", b"is the next", b"so is this"]
    broker.publisher().publish([outgoing(n, body=body) for n, body in enumerate(bodies)])
    consumer = broker.consumer(TAX_QUEUE)
    everything = receive_all(consumer, len(bodies))
    consumer.give_back(everything)

    assert numbers(consumer.receive(100, 10)) == [0, 1, 2, 3]
    assert numbers(consumer.receive(100, 10)) == [4, 5]


def test_the_bodies_of_all_queues_count_together(broker: BrokerInHand) -> None:
    large = b"x" * (ENOUGH_BYTES * 3 // 4)
    keys = [f"{TAX}.{last}" for last in ("p00", "p00", "p01", "p01")]
    broker.publisher(TAX).publish(
        [
            outgoing(n, exchange="agency.out", key=key, body=body)
            for n, (key, body) in enumerate(zip(keys, [large, b"small"] * 2, strict=True))
        ]
    )
    consumer = broker.consumer(*broker.topology.partition_queues[:2])
    consumer.give_back(receive_all(consumer, 4))

    first = consumer.receive(100, 10)

    assert [len(one.body) == len(large) for one in first] == [True, False, True]
    assert len(consumer.receive(100, 10)) == 1


def test_receive_is_empty_after_the_wait(waiting_broker: BrokerInHand) -> None:
    consumer = waiting_broker.consumer(TAX_QUEUE)
    begin = time.monotonic()

    received = consumer.receive(10, 0.3)

    assert received == []
    assert 0.29 < time.monotonic() - begin < 5


def test_receive_returns_as_soon_as_something_is_there(waiting_broker: BrokerInHand) -> None:
    consumer, publisher = waiting_broker.consumer(TAX_QUEUE), waiting_broker.publisher()
    came: list[Received] = []
    reader = threading.Thread(target=lambda: came.extend(consumer.receive(10, 60)))
    reader.start()

    publisher.publish([outgoing(7)])
    reader.join(20)

    assert not reader.is_alive()
    assert numbers(came) == [7]


def test_acknowledged_in_any_order_nothing_comes_again(broker: BrokerInHand) -> None:
    broker.publisher().publish([outgoing(n) for n in range(1, 301)])
    consumer = broker.consumer(TAX_QUEUE)
    held = receive_all(consumer, 300)
    random.Random(7).shuffle(held)  # noqa: S311 - an order, not a secret
    for first in range(0, 300, 17):
        consumer.ack(held[first : first + 17])

    consumer.close()

    assert broker.consumer(TAX_QUEUE).receive(1, 0.3) == []


@pytest.mark.parametrize("kept", [0, 3, 9])
def test_acknowledging_the_others_leaves_the_one_that_was_kept(
    broker: BrokerInHand, kept: int
) -> None:
    """An acknowledgement of many in one frame must not take an unsettled one with it."""
    broker.publisher().publish([outgoing(n) for n in range(10)])
    consumer = broker.consumer(TAX_QUEUE)
    held = receive_all(consumer, 10)

    consumer.ack([message for message in reversed(held) if message is not held[kept]])
    consumer.close()

    assert numbers(receive_all(broker.consumer(TAX_QUEUE), 1)) == [kept]


def test_acknowledging_twice_does_nothing(broker: BrokerInHand) -> None:
    broker.publisher().publish([outgoing(1), outgoing(2)])
    consumer = broker.consumer(TAX_QUEUE)
    held = receive_all(consumer, 2)
    consumer.ack(held[:1])

    consumer.ack(held[:1])
    consumer.reject(held[:1])
    consumer.ack(held)

    broker.publisher().publish([outgoing(3)])
    assert numbers(receive_all(consumer, 1)) == [3]


def test_a_rejected_message_goes_to_the_dead_letter_queue_as_it_was(broker: BrokerInHand) -> None:
    body = b'\xff\x00{"n":1}'
    broker.publisher(TAX).publish([outgoing(1, exchange="agency.out", key=f"{TAX}.p01", body=body)])
    consumer = broker.consumer(broker.topology.partition_queues[1])

    consumer.reject(receive_all(consumer, 1))

    (dead,) = receive_all(broker.consumer("hub.dead"), 1)
    assert (dead.queue, dead.routing_key) == ("hub.dead", f"{TAX}.p01")
    assert (dead.body, dead.message_id, dead.account) == (body, "1", TAX)
    assert dead.jws == "header..signature-1"


def test_a_message_rejected_from_the_dead_letter_queue_stays_in_it(broker: BrokerInHand) -> None:
    broker.publisher(TAX).publish([outgoing(1, exchange="agency.out", key=f"{TAX}.nowhere")])
    consumer = broker.consumer("hub.dead")

    consumer.reject(receive_all(consumer, 1))

    assert numbers(receive_all(consumer, 1)) == [1]


def test_rejecting_between_acknowledgements_loses_nothing(broker: BrokerInHand) -> None:
    broker.publisher().publish([outgoing(n) for n in range(1, 8)])
    consumer = broker.consumer(TAX_QUEUE)
    held = receive_all(consumer, 7)

    consumer.ack([held[1]])
    consumer.reject([held[0], held[3]])
    consumer.ack([held[2], held[4], held[6]])
    consumer.close()

    assert sorted(numbers(receive_all(broker.consumer("hub.dead"), 2))) == [1, 4]
    again = broker.consumer(TAX_QUEUE)
    assert numbers(receive_all(again, 1)) == [6]
    assert again.receive(1, 0.2) == []


def test_what_is_given_back_comes_first_and_in_its_order(broker: BrokerInHand) -> None:
    broker.publisher().publish([outgoing(n) for n in range(1, 8)])
    consumer = broker.consumer(TAX_QUEUE)
    held = receive_all(consumer, 5)
    consumer.ack(held[1:2])

    consumer.give_back([held[0], *held[2:]])

    assert numbers(receive_all(consumer, 6, ack=True)) == [1, 3, 4, 5, 6, 7]
    assert consumer.receive(1, 0.2) == []


def test_giving_back_makes_room_and_counts_as_no_attempt(broker: BrokerInHand) -> None:
    """A database that is gone for a day must not send what waits for it to the dead letters."""
    broker.publisher().publish([outgoing(n) for n in range(1, 5)])
    consumer = broker.consumer(TAX_QUEUE, prefetch=2)

    for _ in range(DELIVERY_LIMIT + 5):
        consumer.give_back(receive_all(consumer, 2))

    assert numbers(receive_all(consumer, 4, ack=True)) == [1, 2, 3, 4]
    assert broker.consumer("hub.dead").receive(1, 0.2) == []


def test_what_was_given_back_or_settled_is_not_given_back_again(broker: BrokerInHand) -> None:
    broker.publisher().publish([outgoing(n) for n in range(1, 4)])
    consumer = broker.consumer(TAX_QUEUE)
    held = receive_all(consumer, 3)
    consumer.ack(held[:1])

    consumer.give_back(held)
    consumer.give_back(held)

    assert numbers(receive_all(consumer, 2, ack=True)) == [2, 3]
    assert consumer.receive(1, 0.2) == []


def test_what_was_given_back_is_another_consumers_after_close(broker: BrokerInHand) -> None:
    broker.publisher().publish([outgoing(1), outgoing(2)])
    consumer = broker.consumer(TAX_QUEUE)
    consumer.give_back(receive_all(consumer, 2))

    consumer.close()

    assert numbers(receive_all(broker.consumer(TAX_QUEUE), 2)) == [1, 2]


def test_a_closed_consumer_closes_again_and_receives_no_more(broker: BrokerInHand) -> None:
    broker.publisher().publish([outgoing(1)])
    consumer = broker.consumer(TAX_QUEUE)
    held = receive_all(consumer, 1)

    consumer.close()
    consumer.close()
    consumer.ack(held)

    with pytest.raises(BrokerUnavailable):
        consumer.receive(1, 0)
    assert numbers(receive_all(broker.consumer(TAX_QUEUE), 1)) == [1]


# --- Publisher -------------------------------------------------------------------------------


def test_outcomes_come_in_the_order_of_the_messages(broker: BrokerInHand) -> None:
    """A message that no queue takes leaves its neighbours alone."""
    messages = [outgoing(n, key="h63-99" if n % 5 == 0 else TAX) for n in range(1, 1001)]

    outcomes = broker.publisher().publish(messages)

    assert outcomes == [UNROUTABLE if n % 5 == 0 else CONFIRMED for n in range(1, 1001)]
    kept = receive_all(broker.consumer(TAX_QUEUE), 800, ack=True)
    assert numbers(kept) == [n for n in range(1, 1001) if n % 5]


def test_the_same_unroutable_message_twice_is_unroutable_twice(broker: BrokerInHand) -> None:
    """The hub may answer two repeats with the very same receipt in one batch."""
    repeats = [outgoing(1, key="h63-99") for _ in range(200)]

    outcomes = broker.publisher().publish([*repeats, outgoing(1), *repeats])

    assert outcomes == [UNROUTABLE] * 200 + [CONFIRMED] + [UNROUTABLE] * 200


@pytest.mark.parametrize(
    "body",
    [b"", b"\x00\xff\xfe", "hồ sơ".encode(), b"x" * (1024 * 1024)],
    ids=["empty", "no text", "letters", "one mebibyte"],
)
def test_the_body_arrives_byte_for_byte(broker: BrokerInHand, body: bytes) -> None:
    broker.publisher().publish([outgoing(1, body=body)])

    (received,) = receive_all(broker.consumer(TAX_QUEUE), 1)

    assert received.body == body


def test_the_receiver_learns_id_key_queue_signature_and_account(broker: BrokerInHand) -> None:
    broker.publisher(TAX).publish([outgoing(5, exchange="agency.out", key=f"{TAX}.receipt")])

    (received,) = receive_all(broker.consumer("hub.receipts"), 1)

    assert (received.queue, received.routing_key) == ("hub.receipts", f"{TAX}.receipt")
    assert (received.message_id, received.jws) == ("5", "header..signature-5")
    assert (received.account, received.redelivered) == (TAX, False)


def test_a_message_in_another_account_s_name_is_refused_alone(broker: BrokerInHand) -> None:
    key = f"{TAX}.receipt"
    messages = [
        outgoing(1, exchange="agency.out", key=key),
        outgoing(2, exchange="agency.out", key=key, account=POLICE),
        outgoing(3, exchange="agency.out", key=key, account=TAX),
    ]

    outcomes = broker.publisher(TAX).publish(messages)

    assert outcomes == [CONFIRMED, REFUSED, CONFIRMED]
    assert numbers(receive_all(broker.consumer("hub.receipts"), 2)) == [1, 3]


def test_an_agency_s_message_for_no_queue_is_kept_for_the_hub_s_operators(
    broker: BrokerInHand,
) -> None:
    outcomes = broker.publisher(TAX).publish([outgoing(1, exchange="agency.out", key=f"{TAX}.p77")])

    assert outcomes == [CONFIRMED]
    assert numbers(receive_all(broker.consumer("hub.dead"), 1)) == [1]


def test_publishing_nothing_has_no_outcome(broker: BrokerInHand) -> None:
    assert list(broker.publisher().publish([])) == []


def test_a_closed_publisher_closes_again_and_knows_of_nothing(broker: BrokerInHand) -> None:
    publisher = broker.publisher()

    publisher.close()
    publisher.close()

    assert publisher.publish([outgoing(1), outgoing(2)]) == [UNKNOWN, UNKNOWN]


# --- what only a broker elsewhere can do -----------------------------------------------------


@pytest.mark.broker
def test_a_lost_connection_leaves_outcomes_unknown_and_the_next_call_works(
    rabbit: RabbitInHand,
) -> None:
    publisher = rabbit.publisher()
    publisher.publish([outgoing(0)])
    endless = [outgoing(n, body=b"x" * 4096) for n in range(100_000)]
    outcomes: list[Published] = []
    sender = threading.Thread(target=lambda: outcomes.extend(publisher.publish(endless)))
    sender.start()

    rabbit.cut_connections()
    sender.join(60)

    assert len(outcomes) == len(endless)
    assert outcomes[-1] is UNKNOWN
    assert set(outcomes) <= {CONFIRMED, UNKNOWN}
    eventually(lambda: publisher.publish([outgoing(1)]) == [CONFIRMED], within=20, what="sent")


@pytest.mark.broker
def test_a_broker_that_does_not_answer_leaves_outcomes_unknown_in_time(
    rabbit: RabbitInHand,
) -> None:
    publisher = rabbit.publisher(confirm_timeout=1.0, connect_wait=0.2)
    assert publisher.publish([outgoing(0)]) == [CONFIRMED]
    os.kill(rabbit.node.pid, signal.SIGSTOP)
    begin = time.monotonic()

    outcomes = publisher.publish([outgoing(1), outgoing(2)])

    took = time.monotonic() - begin
    os.kill(rabbit.node.pid, signal.SIGCONT)
    assert outcomes == [UNKNOWN, UNKNOWN]
    assert took < 5
    eventually(lambda: publisher.publish([outgoing(3)]) == [CONFIRMED], within=20, what="sent")


@pytest.mark.broker
def test_a_broker_that_blocks_publishers_is_told_of_and_waited_for(rabbit: RabbitInHand) -> None:
    """It has no memory or disk left; to take more work would only lose its answers."""
    publisher = rabbit.publisher(connect_wait=0.2)
    assert publisher.publish([outgoing(0)]) == [CONFIRMED]

    with rabbit.node.without_memory():
        begin = time.monotonic()
        outcomes = publisher.publish([outgoing(1)])
        took = time.monotonic() - begin
        told = str(publisher.trouble)
        after = publisher.publish([outgoing(2)])

    assert (outcomes, after) == ([UNKNOWN], [UNKNOWN])
    assert took < 10
    assert "it blocks everybody who publishes" in told
    eventually(lambda: publisher.trouble is None, within=20, what="unblocked")
    assert publisher.publish([outgoing(3)]) == [CONFIRMED]


@pytest.mark.broker
def test_a_broker_that_blocks_for_a_moment_costs_nothing(rabbit: RabbitInHand) -> None:
    publisher = rabbit.publisher(connect_wait=0.2)
    publisher.publish([outgoing(0)])
    outcomes = publisher.start([outgoing(n) for n in range(5000)])
    driver = publisher._driver

    publisher._link.call(lambda: driver.blocked(BrokerUnavailable("for a moment")))
    publisher._link.call(lambda: driver.blocked(None))

    assert set(outcomes()) == {CONFIRMED}
    assert publisher.trouble is None
    assert publisher.publish([outgoing(1)]) == [CONFIRMED]


@pytest.mark.broker
def test_after_a_lost_connection_messages_come_again_and_old_handles_are_void(
    rabbit: RabbitInHand,
) -> None:
    rabbit.publisher().publish([outgoing(1), outgoing(2)])
    consumer = rabbit.consumer(TAX_QUEUE)
    before = receive_all(consumer, 2)

    rabbit.cut_connections()

    with pytest.raises(BrokerUnavailable):
        consumer.receive(10, 20)
    consumer.ack(before)
    assert numbers(_receive_again(consumer, 2)) == [1, 2]
    consumer.ack(before)
    consumer.close()
    assert numbers(receive_all(rabbit.consumer(TAX_QUEUE), 2)) == [1, 2]


@pytest.mark.broker
def test_a_handle_from_before_a_loss_nobody_has_noticed_yet_is_void(rabbit: RabbitInHand) -> None:
    """Its tag is another message's on the new connection."""
    rabbit.publisher().publish([outgoing(1), outgoing(2)])
    consumer = rabbit.consumer(TAX_QUEUE)
    before = receive_all(consumer, 2)
    rabbit.cut_connections()
    driver = consumer._driver
    eventually(
        lambda: (driver._incarnation, len(driver._arrived)) == (2, 2), within=20, what="back"
    )

    consumer.ack(before[:1])
    consumer.reject(before[1:])
    consumer.close()

    assert numbers(receive_all(rabbit.consumer(TAX_QUEUE), 2)) == [1, 2]


@pytest.mark.broker
def test_what_is_given_back_after_a_loss_is_void(rabbit: RabbitInHand) -> None:
    """The broker hands it out again by itself."""
    rabbit.publisher().publish([outgoing(1), outgoing(2)])
    consumer = rabbit.consumer(TAX_QUEUE)
    before = receive_all(consumer, 2)
    rabbit.cut_connections()
    driver = consumer._driver
    eventually(
        lambda: (driver._incarnation, len(driver._arrived)) == (2, 2), within=20, what="back"
    )

    consumer.give_back(before)

    assert numbers(_receive_again(consumer, 2)) == [1, 2]
    assert consumer.receive(1, 0.2) == []


@pytest.mark.broker
@pytest.mark.slow
def test_what_was_confirmed_outlives_the_broker(rabbit: RabbitInHand) -> None:
    """Publisher and consumer find the broker again by themselves."""
    publisher, consumer = rabbit.publisher(), rabbit.consumer(TAX_QUEUE)
    rabbit.node.remember_queues()
    outcomes = publisher.publish([outgoing(n) for n in range(1, 301)])

    rabbit.node.kill()
    during = publisher.publish([outgoing(301)])
    rabbit.node.start()

    assert set(outcomes) == {CONFIRMED}
    assert during == [UNKNOWN]
    assert sorted(numbers(_receive_again(consumer, 300))) == list(range(1, 301))
    eventually(lambda: publisher.publish([outgoing(302)]) == [CONFIRMED], within=60, what="sent")


@pytest.mark.broker
def test_a_deleted_queue_is_noticed_and_its_return_too(rabbit: RabbitInHand) -> None:
    consumer = rabbit.consumer(TAX_QUEUE)
    assert consumer.receive(1, 0.5) == []

    rabbit.management.delete("queues", rabbit.topology.vhost, TAX_QUEUE)

    def remedy_is_named() -> bool:
        with pytest.raises(BrokerUnavailable) as raised:
            consumer.receive(1, 5)
        return "`bus broker apply`" in str(raised.value)

    eventually(remedy_is_named, within=20, what="the remedy is named")
    apply(rabbit.admin_url, rabbit.topology)
    rabbit.publisher().publish([outgoing(1)])
    assert numbers(_receive_again(consumer, 1)) == [1]


@pytest.mark.broker
def test_a_consumer_the_broker_has_forgotten_is_registered_again(rabbit: RabbitInHand) -> None:
    """The word of it was lost: the queue was deleted and made anew behind its back."""
    with proxy(rabbit.node.port) as line:
        url = f"{line.through(rabbit.url(TAX))}?heartbeat=3"
        consumer = RabbitConsumer(url, [TAX_QUEUE], name="forgotten")
        assert consumer.receive(1, 0.5) == []
        dropped = line.drop(CANCEL)
        rabbit.management.delete("queues", rabbit.topology.vhost, TAX_QUEUE)
        dropped.wait()
        apply(rabbit.admin_url, rabbit.topology)
        rabbit.publisher().publish([outgoing(1)])

        with pytest.raises(BrokerUnavailable, match=f"has forgotten .* {TAX_QUEUE}"):
            consumer.receive(1, 10)

        assert numbers(_receive_again(consumer, 1)) == [1]
        consumer.close()


@pytest.mark.broker
@pytest.mark.parametrize("held_back", [(), ("a", "b")], ids=["idle", "with messages in hand"])
def test_a_consumer_that_is_well_is_left_alone(
    rabbit: RabbitInHand, held_back: tuple[str, ...]
) -> None:
    """One that takes no more, as its database is gone, is no consumer the broker starves."""
    rabbit.publisher().publish([outgoing(n) for n in range(1, 8)])
    url = f"{rabbit.url(TAX)}?heartbeat=1"
    consumer = RabbitConsumer(url, [TAX_QUEUE], name="well", prefetch=len(held_back) or 9)
    held = receive_all(consumer, len(held_back) or 7)
    watch = consumer._driver._watch
    assert watch is not None
    begun = watch._next

    eventually(lambda: watch._next > begun + 1.5, within=20, what="several rounds are over")

    assert consumer._driver._incarnation == 1
    consumer.ack(held)
    consumer.close()


@pytest.mark.broker
def test_a_line_that_carries_nothing_is_given_up(rabbit: RabbitInHand) -> None:
    with proxy(rabbit.node.port) as line:
        url = f"{line.through(rabbit.url(TAX))}?heartbeat=3"
        consumer = RabbitConsumer(url, [TAX_QUEUE], name="half open")
        assert consumer.receive(1, 0.5) == []
        begin = time.monotonic()

        line.hold()

        with pytest.raises(BrokerUnavailable, match="did not say within 1 s"):
            consumer.receive(1, 20)
        assert time.monotonic() - begin < 6
        line.release()
        consumer.close()


@pytest.mark.broker
def test_a_missing_exchange_is_said_with_its_remedy(rabbit: RabbitInHand) -> None:
    publisher = rabbit.publisher()
    rabbit.management.delete("exchanges", rabbit.topology.vhost, "agency.in")

    outcomes = publisher.publish([outgoing(1)])

    assert outcomes == [UNKNOWN]
    eventually(lambda: "`bus broker apply`" in str(publisher.trouble), within=10, what="said")


@pytest.mark.broker
def test_no_password_is_ever_said(
    rabbit: RabbitInHand, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = "sai-mat-khau"
    consumer = RabbitConsumer(rabbit.url(TAX, wrong), [TAX_QUEUE], name="stranger")

    with pytest.raises(BrokerUnavailable) as raised:
        consumer.receive(1, 20)

    consumer.close()
    said = capsys.readouterr()
    assert "refused the account h63-14" in str(raised.value)
    assert wrong not in str(raised.value) + caplog.text + said.out + said.err


def test_a_broker_that_is_not_there_is_said_and_closing_does_not_wait() -> None:
    nowhere = "amqp://hub:bi-mat@127.0.0.1:1/lienthong"
    consumer = RabbitConsumer(nowhere, [TAX_QUEUE], name="alone")
    publisher = RabbitPublisher(nowhere, name="alone", connect_wait=0.1)

    with pytest.raises(BrokerUnavailable, match=r"127\.0\.0\.1:1, .* lienthong: .*\(Conn"):
        consumer.receive(1, 10)
    outcomes = publisher.publish([outgoing(1)])
    begin = time.monotonic()
    consumer.close()
    publisher.close()

    assert outcomes == [UNKNOWN]
    assert time.monotonic() - begin < 3


def test_closing_does_not_wait_for_a_broker_that_never_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"amqp://hub:bi-mat@127.0.0.1:{silent.getsockname()[1]}/lienthong"
        consumer = RabbitConsumer(url, [TAX_QUEUE], name="waiting")
        line, _ = silent.accept()
        begin = time.monotonic()

        consumer.close()

        took = time.monotonic() - begin
        line.close()
    assert took < 2
    assert not consumer._link.alive


def _receive_again(consumer: Consumer, count: int) -> list[Received]:
    """Receive so many, over however many lost connections."""
    found: list[Received] = []

    def enough() -> bool:
        try:
            found.extend(consumer.receive(count - len(found), 2))
        except BrokerUnavailable:
            found.clear()
        return len(found) == count

    eventually(enough, within=60, what=f"{count} messages come")
    return found
