"""What a publisher makes of a refusal: RabbitMQ's queue is full, or seems so to one channel.

The embedded broker's queues are bounded by the outboxes' windows only.
"""

import pytest

from bus.broker.rabbit import RabbitPublisher
from bus.errors import BrokerUnavailable
from bus.ports import Published
from tests.support.fixtures_broker import HUB, POLICE, TAX, RabbitInHand, outgoing
from tests.support.proxy import proxy
from tests.support.rabbitmq import eventually

pytestmark = pytest.mark.broker

TAX_QUEUE = f"agency.{TAX}"
CONFIRMED, REFUSED = Published.CONFIRMED, Published.REFUSED


def test_a_full_queue_refuses_and_the_others_take(rabbit: RabbitInHand) -> None:
    _let_it_hold_two_messages(rabbit)
    publisher = rabbit.publisher()
    filling = [publisher.publish([outgoing(n)])[0] for n in range(6)]

    outcomes = publisher.publish([outgoing(7), outgoing(8, key=POLICE)])

    assert filling[0] is CONFIRMED
    assert outcomes == [REFUSED, CONFIRMED]


def test_after_a_refusal_the_connection_is_renewed_without_a_word(rabbit: RabbitInHand) -> None:
    """A channel may refuse for ever what a new one would take; a full queue is no trouble."""
    _let_it_hold_two_messages(rabbit)
    publisher = rabbit.publisher(renew_after=0.1)
    driver = publisher._driver
    eventually(lambda: publisher.publish([outgoing(1)]) == [REFUSED], within=10, what="it is full")
    refusing = driver._channel
    troubles: list[BrokerUnavailable | None] = []

    def renewed() -> bool:
        troubles.append(publisher.trouble)
        return driver._channel not in {None, refusing}

    eventually(renewed, within=10, what="there is another channel", every=0.001)

    assert set(troubles) == {None}
    assert publisher.publish([outgoing(2), outgoing(3, key=POLICE)]) == [REFUSED, CONFIRMED]


def test_a_broker_that_goes_while_a_connection_is_renewed_is_told_of(
    rabbit: RabbitInHand,
) -> None:
    _let_it_hold_two_messages(rabbit)
    with proxy(rabbit.node.port) as line:
        publisher = RabbitPublisher(line.through(rabbit.url(HUB)), name="renewed", renew_after=0.1)
        eventually(
            lambda: publisher.publish([outgoing(1)]) == [REFUSED], within=10, what="it is full"
        )

        line.refuse()

        eventually(lambda: publisher.trouble is not None, within=10, what="it is told of")
        line.admit()
        eventually(lambda: publisher.trouble is None, within=20, what="it is back")
        publisher.close()


def _let_it_hold_two_messages(rabbit: RabbitInHand) -> None:
    rabbit.management.put(
        "policies",
        rabbit.topology.vhost,
        "small",
        body={"pattern": f"^{TAX_QUEUE}$", "definition": {"max-length": 2}, "apply-to": "queues"},
    )
