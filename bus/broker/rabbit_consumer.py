"""Takes messages from RabbitMQ's queues, and settles them in whatever order the caller is done."""

import threading
import time
from collections import deque
from collections.abc import Sequence
from functools import partial
from typing import Final

from pika import spec
from pika.channel import Channel
from pika.frame import Method

from bus.broker.address import parameters_of, patience_of, unavailable
from bus.broker.headers import jws_of, text_of
from bus.broker.rabbit_io import Link
from bus.broker.rabbit_settling import Handle, Settling
from bus.broker.rabbit_watch import Watch
from bus.errors import BrokerUnavailable
from bus.ids import Account
from bus.ports import ENOUGH_BYTES, Received

PREFETCH: Final = 400
REGISTER_TIMEOUT: Final = 30.0
"""Seconds until every consumer must be registered on a new connection."""

LOOKS_PER_HEARTBEAT: Final = 3
"""How often, in the time in which a dead line must be noticed, the consumers are looked after."""
SETTLE_GRACE: Final = 0.3
"""Seconds between the last acknowledgement and the goodbye: RabbitMQ's channel passes them on to a
quorum queue by and by, and forgets what it has not passed on when it is closed."""


class RabbitConsumer:
    """A `bus.ports.Consumer` over one connection.

    The broker holds a part of `prefetch` for each queue (a quorum queue knows no limit over
    several), at least one.

    Args:
        url: `amqp(s)://account:password@host:port/vhost`.
        queues: Names of the queues to read.
        name: Shown by the broker for this connection.
        prefetch: Most messages handed out and not settled.
    """

    def __init__(
        self, url: str, queues: Sequence[str], *, name: str, prefetch: int = PREFETCH
    ) -> None:
        parameters = parameters_of(url, name=name)
        self._prefetch = prefetch
        self._held: set[Handle] = set()
        self._settled_at = float("-inf")
        every = patience_of(parameters) / LOOKS_PER_HEARTBEAT
        self._driver = _Driver(tuple(queues), max(1, prefetch // max(1, len(queues))), every)
        self._link = Link(parameters, self._driver, name=name)
        self._driver.link = self._link
        self._closed = unavailable("this consumer was closed", parameters)
        self._link.start()

    def receive(self, limit: int, wait: float) -> Sequence[Received]:
        """Return up to `limit` messages; see `bus.ports.Consumer`."""
        room = min(limit, self._prefetch - len(self._held))
        try:
            messages = self._driver.take(room, wait)
        except BrokerUnavailable:
            self._held.clear()
            if not self._link.alive:
                raise self._closed from None
            raise
        self._held.update(message.handle for message in messages)  # type: ignore[misc]  # ours
        return messages

    def ack(self, messages: Sequence[Received]) -> None:
        """Settle messages for good; see `bus.ports.Consumer`."""
        if handles := self._release(messages):
            self._link.call(partial(self._driver.ack, handles))

    def reject(self, messages: Sequence[Received]) -> None:
        """Send messages to the dead-letter queue; see `bus.ports.Consumer`."""
        if handles := self._release(messages):
            self._link.call(partial(self._driver.reject, handles))

    def give_back(self, messages: Sequence[Received]) -> None:
        """Have messages handed out again; see `bus.ports.Consumer`.

        They stay here: to the broker every return is a failed attempt, and it allows few.
        """
        held = [message for message in messages if message.handle in self._held]
        self._held.difference_update(message.handle for message in held)
        self._driver.take_back(held)

    def close(self) -> None:
        """Give back what is unsettled and disconnect. May be called twice."""
        self._held.clear()
        lately = time.monotonic() - self._settled_at < SETTLE_GRACE
        self._link.close(after=SETTLE_GRACE if lately else 0.0)

    def _release(self, messages: Sequence[Received]) -> list[Handle]:
        """Return the handles that are still to be settled, each once."""
        handles = []
        self._settled_at = time.monotonic()
        for message in messages:
            if message.handle in self._held and isinstance(message.handle, Handle):
                self._held.remove(message.handle)
                handles.append(message.handle)
        return handles


class _Driver:
    """The consumer's half inside the connection's thread; what the caller's uses says so."""

    link: Link

    def __init__(self, queues: tuple[str, ...], share: int, every: float) -> None:
        self._queues = queues
        self._share = share
        self._every = every
        self._changed = threading.Condition()  # guards what `take` reads
        self._arrived: deque[Received] = deque()
        self._waiting = False
        self._gone: BrokerUnavailable | None = None
        self._untold: BrokerUnavailable | None = None
        self._channel: Channel | None = None
        self._incarnation = 0
        self._registered = 0
        self._opened_at = 0.0
        self._settling: Settling | None = None
        self._watch: Watch | None = None

    # --- the caller's thread -----------------------------------------------------------------

    def take(self, room: int, wait: float) -> list[Received]:
        """Return what has arrived, up to `room`; wait for the first.

        Nothing is handed out before every queue is read again: until then the next call may raise,
        and that makes void what was handed out.
        """
        end = time.monotonic() + wait
        with self._changed:
            self._waiting = True
            try:
                while True:
                    if self._untold is not None:
                        untold, self._untold = self._untold, None
                        raise _anew(untold)
                    if self._arrived and room > 0 and self._gone is None:
                        return self._portion(room)
                    left = end - time.monotonic()
                    if left <= 0:
                        break
                    self._changed.wait(left)
            finally:
                self._waiting = False
            if self._gone is not None:
                raise _anew(self._gone)
            return []

    def _portion(self, room: int) -> list[Received]:
        portion: list[Received] = []
        size = 0
        while self._arrived and len(portion) < room and size < ENOUGH_BYTES:
            portion.append(self._arrived.popleft())
            size += len(portion[-1].body)
        return portion

    def take_back(self, messages: Sequence[Received]) -> None:
        """Put messages before those that have arrived, where their channel is still there."""
        with self._changed:
            if self._channel is not None:
                self._arrived.extendleft(
                    message
                    for message in reversed(messages)
                    if isinstance(message.handle, Handle)
                    and message.handle.incarnation == self._incarnation
                )

    # --- the connection ----------------------------------------------------------------------

    def opened(self, channel: Channel) -> None:
        self._incarnation += 1
        self._channel = channel
        self._registered = 0
        self._opened_at = time.monotonic()
        self._settling = Settling(channel)
        self._watch = Watch(
            self._queues,
            room=self._share,
            every=self._every,
            ask=self._ask,
            fail=self.link.fail,
            now=self._opened_at,
        )
        channel.add_on_cancel_callback(self._on_cancelled)
        channel.basic_qos(prefetch_count=self._share, global_qos=False)
        for queue in self._queues:
            channel.basic_consume(
                queue,
                partial(self._on_message, queue, self._incarnation),
                callback=self._on_registered,
            )

    def lost(self, error: BrokerUnavailable) -> None:
        with self._changed:
            if self._gone is None:
                self._untold = error
            self._gone = error
            self._channel = None
            self._arrived.clear()
            self._changed.notify_all()

    def blocked(self, error: BrokerUnavailable | None) -> None:
        """Go on: only who publishes is blocked."""

    def tick(self) -> None:
        """Look whether every consumer is there: a connection alone proves nothing."""
        if self._channel is None:
            return
        now = time.monotonic()
        if self._registered < len(self._queues):
            if now - self._opened_at > REGISTER_TIMEOUT:
                self.link.fail(f"it did not register a consumer within {REGISTER_TIMEOUT:g} s")
        elif self._channel.is_open and len(self._channel.consumer_tags) < len(self._queues):
            self.link.fail("a consumer is no longer registered")
        elif self._channel.is_open and self._watch is not None:
            self._watch.tick(now)

    def leaving(self) -> None:
        """Forget the consumers, so that pika does not cancel them one by one before it closes.

        A cancelled consumer's standby would be given later messages before ours are back.
        """
        if self._channel is not None:
            # pika has no way to close without cancelling first.
            self._channel._consumers.clear()  # type: ignore[attr-defined]  # noqa: SLF001
            self._channel = None

    def _on_registered(self, _: object) -> None:
        self._registered += 1
        if self._registered == len(self._queues):
            with self._changed:
                self._gone = None
                self._changed.notify_all()

    def _ask(self, queue: str) -> None:
        if self._channel is not None and self._channel.is_open:
            self._channel.queue_declare(
                queue, passive=True, callback=partial(self._on_answer, queue, self._incarnation)
            )

    def _on_answer(self, queue: str, incarnation: int, frame: Method[spec.Queue.DeclareOk]) -> None:
        said = frame.method
        if self._watch is not None and incarnation == self._incarnation:
            self._watch.answered(queue, waiting=said.message_count, consumers=said.consumer_count)

    def _on_cancelled(self, _: object) -> None:
        self.link.fail("it cancelled a consumer: the queue was deleted or moved")

    def _on_message(
        self,
        queue: str,
        incarnation: int,
        _: Channel,
        delivery: spec.Basic.Deliver,
        properties: spec.BasicProperties,
        body: bytes,
    ) -> None:
        user = properties.user_id
        if self._watch is not None:
            self._watch.delivered(queue)
        self._arrived.append(
            Received(
                handle=Handle(incarnation, delivery.delivery_tag or 0, queue),
                queue=queue,
                routing_key=text_of(delivery.routing_key) or "",
                body=body,
                message_id=text_of(properties.message_id),
                jws=jws_of(properties.headers),
                account=None if user is None else Account(user),
                redelivered=delivery.redelivered,
            )
        )
        if self._waiting:
            with self._changed:
                self._changed.notify()

    # --- settling ----------------------------------------------------------------------------

    def ack(self, handles: Sequence[Handle]) -> None:
        """Acknowledge those of this incarnation; the others are void."""
        if self._settling is not None:
            self._settling.ack(self._ours(handles))

    def reject(self, handles: Sequence[Handle]) -> None:
        """Reject for good those of this incarnation: the broker dead-letters."""
        if self._settling is not None:
            self._settling.reject(self._ours(handles))

    def _ours(self, handles: Sequence[Handle]) -> list[Handle]:
        ours = [each for each in handles if each.incarnation == self._incarnation]
        if self._watch is not None:
            for each in ours:
                self._watch.settled(each.queue)
        return ours


def _anew(error: BrokerUnavailable) -> BrokerUnavailable:
    """Return the same trouble as a fresh exception, without the traceback of an earlier raise."""
    return BrokerUnavailable(str(error))
