"""A broker inside this process, for one machine with nothing installed: kombu's `memory://`.

The same topology and the same two ports as RabbitMQ. Permissions and delivery limits are not
modelled, no queue is ever full, and nothing survives the process: the senders send again.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Final

from bus.broker.embedded_queues import Queues
from bus.broker.topology import Topology
from bus.errors import BrokerUnavailable
from bus.ports import ENOUGH_BYTES, Outgoing, Published, Received

PREFETCH: Final = 400


class EmbeddedPublisher:
    """A `bus.ports.Publisher` into an embedded broker; every message carries the account."""

    def __init__(self, queues: Queues, account: str) -> None:
        self._queues = queues
        self._account = account
        self._closed = False

    def publish(self, messages: Sequence[Outgoing]) -> Sequence[Published]:
        """Publish all and return one outcome for each; see `bus.ports.Publisher`."""
        if self._closed:
            return [Published.UNKNOWN] * len(messages)
        with self._queues.lock:
            return [self._one(message) for message in messages]

    def close(self) -> None:
        """Publish nothing more. May be called twice."""
        self._closed = True

    def _one(self, message: Outgoing) -> Published:
        if message.account not in {None, self._account}:
            return Published.REFUSED
        return self._queues.publish(message, self._account)


class EmbeddedConsumer:
    """A `bus.ports.Consumer` of an embedded broker."""

    def __init__(self, queues: Queues, names: Sequence[str], *, prefetch: int) -> None:
        self._queues = queues
        self._prefetch = prefetch
        self._names = list(dict.fromkeys(names))  # the one served longest ago comes first
        self._missing = [name for name in self._names if name not in queues.depths]
        self._held: dict[object, str] = {}  # tag → queue, in the order handed out
        self._wake = threading.Condition(queues.lock)
        self._closed = False
        with self._wake:
            for name in self._names:
                queues.attach(self._wake, name)

    def receive(self, limit: int, wait: float) -> Sequence[Received]:
        """Return up to `limit` messages; see `bus.ports.Consumer`."""
        if self._missing:
            raise BrokerUnavailable(
                f"queue {self._missing[0]} is not there; the broker is not set up for this: "
                "an administrator runs `bus broker apply`"
            )
        end = time.monotonic() + wait
        with self._wake:
            while not self._closed:
                found = self._gather(min(limit, self._prefetch - len(self._held)))
                left = end - time.monotonic()
                if found or left <= 0:
                    return found
                self._wake.wait(left)
        raise BrokerUnavailable("this consumer was closed")

    def ack(self, messages: Sequence[Received]) -> None:
        """Settle messages for good; see `bus.ports.Consumer`."""
        with self._wake:
            for message in messages:
                if self._held.pop(message.handle, None) is not None:
                    self._queues.settle(message.handle)

    def reject(self, messages: Sequence[Received]) -> None:
        """Send messages to the dead-letter queue; see `bus.ports.Consumer`."""
        with self._wake:
            for message in messages:
                if self._held.pop(message.handle, None) is not None:
                    self._queues.bury(message.handle)

    def give_back(self, messages: Sequence[Received]) -> None:
        """Have messages handed out again; see `bus.ports.Consumer`."""
        with self._wake:
            for message in reversed(messages):
                if self._held.pop(message.handle, None) is not None:
                    self._queues.give_back(message.handle, message.queue)

    def close(self) -> None:
        """Give back what is unsettled. May be called twice."""
        with self._wake:
            if self._closed:
                return
            self._closed = True
            for tag, name in reversed(self._held.items()):
                self._queues.give_back(tag, name)
            self._held.clear()
            for name in self._names:
                self._queues.detach(self._wake, name)
            self._wake.notify_all()

    def _gather(self, room: int) -> list[Received]:
        found: list[Received] = []
        size = 0
        depths = self._queues.depths
        for name in [name for name in self._names if depths[name]]:
            if len(found) >= room or size >= ENOUGH_BYTES:
                break
            if self._queues.serves(self._wake, name):
                while depths[name] and len(found) < room and size < ENOUGH_BYTES:
                    found.append(self._queues.take(name))
                    size += len(found[-1].body)
                self._names.remove(name)
                self._names.append(name)
        for message in found:
            self._held[message.handle] = message.queue
        return found


class EmbeddedBroker:
    """Holds the queues of one topology. Two brokers of one process know nothing of each other."""

    def __init__(self, topology: Topology) -> None:
        self._queues = Queues(topology)

    def publisher(self, account: str) -> EmbeddedPublisher:
        """Return a publisher whose messages carry this account."""
        return EmbeddedPublisher(self._queues, account)

    def consumer(
        self, queues: Sequence[str], account: str, *, prefetch: int = PREFETCH
    ) -> EmbeddedConsumer:
        """Return a consumer of these queues; whether the account may read them is not checked."""
        del account
        return EmbeddedConsumer(self._queues, queues, prefetch=prefetch)

    def depths(self) -> Mapping[str, int]:
        """Return how many messages wait in each queue."""
        with self._queues.lock:
            return dict(self._queues.depths)

    def close(self) -> None:
        """Forget everything. May be called twice."""
        self._queues.close()
