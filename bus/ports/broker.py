"""What the workers need of a broker: messages in batches, each with its outcome."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from bus.ids import Account

ENOUGH_BYTES: Final = 4 * 1_048_576
"""Bytes of bodies after which no further message joins a batch: 4 MiB.

A batch is held several times over while it is decided on; what only waits is held once, and
`prefetch` bounds that.
"""


@dataclass(frozen=True, slots=True)
class Received:
    """One message handed out by the broker and not settled yet."""

    handle: object
    queue: str
    routing_key: str
    body: bytes
    message_id: str | None
    jws: str | None
    account: Account | None
    redelivered: bool = False


@dataclass(frozen=True)
class Outgoing:
    """One message to publish. `body` goes out byte for byte."""

    exchange: str
    routing_key: str
    body: bytes
    message_id: str
    type: str
    jws: str
    timestamp: datetime
    account: Account | None = None


class Published(StrEnum):
    """What became of a published message."""

    CONFIRMED = "confirmed"
    """The broker has it on disk, in a queue."""
    UNROUTABLE = "unroutable"
    """No queue takes this routing key; nothing was kept."""
    REFUSED = "refused"
    """The broker said no: a queue is full."""
    UNKNOWN = "unknown"
    """The connection went before the answer came; it may or may not be there."""


class Consumer(Protocol):
    """Hands out messages of some queues.

    One thread at a time uses a consumer. Messages of one queue come in the order the broker has
    them. A message that is not acknowledged is handed out again, to this or another consumer,
    after `close` or after the connection is lost. At most `prefetch` messages are unsettled.
    """

    def receive(self, limit: int, wait: float) -> Sequence[Received]:
        """Return up to `limit` messages; wait at most `wait` seconds for the first.

        Returns what is there as soon as something is there; empty after the wait. Once the bodies
        have `ENOUGH_BYTES` together, no further message is added.

        Raises:
            BrokerUnavailable: The connection is gone; it is being built up again behind this
                call with backoff, and a later call may succeed. Handles handed out before are
                void.
        """
        ...

    def ack(self, messages: Sequence[Received]) -> None:
        """Settle messages for good. Acknowledging a void handle does nothing."""
        ...

    def reject(self, messages: Sequence[Received]) -> None:
        """Send messages to the dead-letter queue. Rejecting a void handle does nothing."""
        ...

    def give_back(self, messages: Sequence[Received]) -> None:
        """Have messages handed out again: the next `receive` begins with them, in their order.

        For a caller who can settle them neither well nor ill now. It counts as no attempt, as
        often as it is done. Giving back a void handle does nothing.
        """
        ...

    def close(self) -> None:
        """Give back what is unsettled and disconnect. May be called twice."""
        ...


Sending = Callable[[], Sequence[Published]]
"""Waits for what became of messages that are being published, and returns it as `publish` does."""


class Publisher(Protocol):
    """Publishes persistent messages and tells what became of each.

    One thread at a time uses a publisher. Messages to one routing key arrive in the order given.
    """

    def publish(self, messages: Sequence[Outgoing]) -> Sequence[Published]:
        """Publish all, pipelined, and return one outcome for each, in the same order.

        Never raises for a lost connection: the messages without an answer are `UNKNOWN`, and the
        connection is built up again behind the next call.
        """
        ...

    def close(self) -> None:
        """Disconnect. May be called twice."""
        ...
