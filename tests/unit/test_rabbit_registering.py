"""What a consumer of several queues hands out while the broker registers it again, one by one."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from pika import spec
from pika.channel import Channel

from bus.broker.rabbit_consumer import _Driver
from bus.errors import BrokerUnavailable

QUEUES = ("hub.in.p00", "hub.in.p01")


class SlowBroker:
    """As much of a channel as a consumer needs; it registers a queue, or hands out, when told."""

    is_open = True

    def __init__(self) -> None:
        self.registered: dict[str, Callable[[object], None]] = {}
        self.handed: dict[str, Callable[..., None]] = {}

    def basic_consume(self, queue: str, on_message: Callable[..., None], **how: Any) -> None:
        self.handed[queue] = on_message
        self.registered[queue] = how["callback"]

    def basic_qos(self, **_: object) -> None:
        return

    def add_on_cancel_callback(self, _: object) -> None:
        return

    def register(self, *queues: str) -> None:
        for queue in queues:
            self.registered[queue](None)

    def hand_out(self, queue: str, tag: int) -> None:
        delivery = spec.Basic.Deliver("c", tag, False, "", "x.p00")  # noqa: FBT003 -- pika's order
        self.handed[queue](self, delivery, spec.BasicProperties(message_id=str(tag)), b"{}")


class NoLink:
    """A link nobody has to give up."""

    def fail(self, reason: str) -> None:
        raise AssertionError(reason)


def test_nothing_is_handed_out_that_the_next_call_makes_void() -> None:
    """Else its caller would hold a batch it can settle no more, and the broker would wait."""
    driver = _Driver(QUEUES, 5, 10.0)
    driver.link = cast("Any", NoLink())
    first, again = SlowBroker(), SlowBroker()
    driver.opened(cast("Channel", first))
    first.register(*QUEUES)
    driver.lost(BrokerUnavailable("cut"))
    with pytest.raises(BrokerUnavailable):
        driver.take(10, 0)

    driver.opened(cast("Channel", again))
    again.register(QUEUES[0])
    again.hand_out(QUEUES[0], 1)

    with pytest.raises(BrokerUnavailable):
        driver.take(10, 0)
    again.register(QUEUES[1])
    assert [message.message_id for message in driver.take(10, 0)] == ["1"]
    assert driver.take(10, 0) == []
