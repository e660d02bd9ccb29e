"""`RabbitPublisher.start`: publishing that goes on behind the caller, every outcome told later."""

import pytest

from bus.ports import Published
from tests.support.fixtures_broker import TAX, RabbitInHand, numbers, outgoing, receive_all

pytestmark = pytest.mark.broker
TAX_QUEUE = f"agency.{TAX}"


def test_outcomes_can_be_asked_for_later_and_again(rabbit: RabbitInHand) -> None:
    publisher = rabbit.publisher()

    first = publisher.start([outgoing(1), outgoing(2)])
    second = publisher.start([outgoing(3)])

    assert second() == [Published.CONFIRMED]
    assert first() == [Published.CONFIRMED] * 2
    assert first() == [Published.CONFIRMED] * 2


def test_what_is_begun_one_after_the_other_arrives_in_that_order(rabbit: RabbitInHand) -> None:
    publisher = rabbit.publisher()
    for number in range(0, 300, 100):
        publisher.start([outgoing(number + n) for n in range(100)])

    received = receive_all(rabbit.consumer(TAX_QUEUE), 300, ack=True)

    assert numbers(received) == list(range(300))


def test_nothing_to_publish_is_answered_at_once(rabbit: RabbitInHand) -> None:
    assert rabbit.publisher().start([])() == []
