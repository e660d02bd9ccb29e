"""Publishes to RabbitMQ: a window of messages under way, every one of them answered for."""

import threading
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import takewhile
from typing import Final

import pika
from pika import exceptions, spec
from pika.channel import Channel
from pika.frame import Method

from bus.broker.address import account_of, parameters_of, patience_of
from bus.broker.headers import properties_of
from bus.broker.rabbit_io import Link
from bus.errors import BrokerUnavailable
from bus.ports import Outgoing, Published, Sending

WINDOW: Final = 512
CONNECT_WAIT: Final = 5.0
BLOCKED_GRACE: Final = 2.0
"""Seconds that messages under way may wait for a broker that has blocked us before it is said."""
RENEW_AFTER: Final = 10.0
"""Seconds a connection is kept that had a message refused. A refusal need not mean a full queue: a
channel opened while a queue elects its leader takes the dead one for it, and then RabbitMQ refuses
everything for this queue on this channel, for ever."""


class RabbitPublisher:
    """A `bus.ports.Publisher` over one connection.

    A message in another account's name is refused here: the broker would close the channel on it
    and so leave every other message under way without an answer. Where the broker closes the
    channel for a fault of configuration, `trouble` says which and what to do.

    Args:
        url: `amqp(s)://account:password@host:port/vhost`; every message carries this account.
        name: Shown by the broker for this connection.
        window: Most messages sent and not answered yet.
        confirm_timeout: Seconds a message may wait for an answer; then the connection is given up.
            None: as long as a heartbeat.
        connect_wait: Seconds `publish` waits for a connection that is being built up.
        renew_after: Seconds after which a connection is built anew if a message was refused on it.
    """

    def __init__(
        self,
        url: str,
        *,
        name: str,
        window: int = WINDOW,
        confirm_timeout: float | None = None,
        connect_wait: float = CONNECT_WAIT,
        renew_after: float = RENEW_AFTER,
    ) -> None:
        parameters = parameters_of(url, name=name)
        self._connect_wait = connect_wait
        self._turn = threading.Lock()
        self._last = _Batch(())
        timeout = confirm_timeout or patience_of(parameters)
        self._driver = _Driver(account_of(parameters), window, timeout, renew_after)
        self._link = Link(parameters, self._driver, name=name)
        self._driver.link = self._link
        self._link.start()

    @property
    def trouble(self) -> BrokerUnavailable | None:
        """Why there is no connection; None where there is one."""
        return self._driver.trouble

    def publish(self, messages: Sequence[Outgoing]) -> Sequence[Published]:
        """Publish all and return one outcome for each; see `bus.ports.Publisher`."""
        return self.start(messages)()

    def start(self, messages: Sequence[Outgoing]) -> Sending:
        """Begin to publish, and return what waits for the outcomes; see `bus.ports.Sending`.

        One call at a time is under way: this one first waits until the one before is answered.
        """
        batch = _Batch(messages)
        with self._turn:
            self._answered(self._last)
            self._last = batch
            connected = self._link.alive and self._driver.ready.wait(self._connect_wait)
            if not (connected and self._link.call(partial(self._driver.begin, batch))):
                batch.done.set()
        return partial(self._answered, batch)

    def close(self) -> None:
        """Disconnect. May be called twice."""
        self._link.close()

    def _answered(self, batch: "_Batch") -> Sequence[Published]:
        while not batch.done.wait(1.0) and self._link.alive:
            pass
        return batch.known()


class _Batch:
    """Messages handed in together, and what is known of each."""

    def __init__(self, messages: Sequence[Outgoing]) -> None:
        self.messages = messages
        self.outcomes: list[Published | None] = [None] * len(messages)
        self.left = len(messages)
        self.next = 0
        self.done = threading.Event()
        if not messages:
            self.done.set()

    def settle(self, index: int, outcome: Published) -> None:
        self.outcomes[index] = outcome
        self.left -= 1

    def known(self) -> list[Published]:
        return [outcome or Published.UNKNOWN for outcome in self.outcomes]


class _Driver:
    """The publisher's half inside the connection's thread; `ready` and `trouble` are for others."""

    link: Link

    def __init__(
        self, account: str, window: int, confirm_timeout: float, renew_after: float
    ) -> None:
        self.ready = threading.Event()
        self.trouble: BrokerUnavailable | None = None
        self._batch: _Batch | None = None
        self._account = account
        self._window = window
        self._timeout = confirm_timeout
        self._channel: Channel | None = None
        self._tag = 0
        self._under_way: dict[int, tuple[int, float]] = {}  # tag → index, when sent; by tag
        self._returned: Counter[tuple[str, str, str]] = Counter()
        self._blocked_at: float | None = None
        self._gave_up = False
        self._renew_after = renew_after
        self._opened_at = 0.0
        self._refused = False
        self._renewing = False
        self._renewal: BrokerUnavailable | None = None

    # --- the connection ----------------------------------------------------------------------

    def opened(self, channel: Channel) -> None:
        self._tag = 0
        self._blocked_at, self._gave_up = None, False
        self._opened_at, self._refused = time.monotonic(), False
        channel.add_on_return_callback(self._on_return)
        channel.confirm_delivery(self._on_answer, callback=lambda _: self._on_ready(channel))

    def lost(self, error: BrokerUnavailable) -> None:
        if self._renewing:
            self._renewing, self._renewal = False, error
        self.ready.clear()
        self.trouble = None if error is self._renewal else error
        self._channel = None
        self._under_way.clear()
        self._returned.clear()
        self._finish()

    def blocked(self, error: BrokerUnavailable | None) -> None:
        """Take no batch while the broker takes none; its short fits of weakness cost nothing."""
        if error is not None:
            self.ready.clear()
            self.trouble = error
            self._blocked_at = time.monotonic()
        elif self._gave_up:  # late answers on this channel would belong to nobody
            self.link.fail("a batch was given up while it blocked this connection")
        elif self._channel is not None:
            self._blocked_at = None
            self._on_ready(self._channel)

    def tick(self) -> None:
        if self._blocked_at is not None:
            if self._batch is not None and time.monotonic() - self._blocked_at > BLOCKED_GRACE:
                self._gave_up = True
                self._finish()
            return
        now = time.monotonic()
        oldest = next(iter(self._under_way.values()), None)
        if oldest is not None and now - oldest[1] > self._timeout:
            self.link.fail(f"it did not confirm a message within {self._timeout:g} s")
        elif self._refused and self._batch is None and now - self._opened_at > self._renew_after:
            self._renewing = True  # no trouble: whoever publishes meanwhile waits a moment
            self.link.fail("it refused a message; a new connection asks again who leads its queue")

    def leaving(self) -> None:
        self._channel = None

    def _on_ready(self, channel: Channel) -> None:
        self._channel = channel
        self.trouble = None
        self.ready.set()

    # --- a batch -----------------------------------------------------------------------------

    def begin(self, batch: _Batch) -> None:
        """Start on a batch; the one before it is finished."""
        self._batch = batch
        self._fill(batch)

    def _fill(self, batch: _Batch) -> None:
        """Send while the window is open; finish where nothing is left to send or to hear."""
        channel = self._channel
        if channel is None:
            self._finish()
            return
        now = time.monotonic()
        try:
            while batch.next < len(batch.messages) and len(self._under_way) < self._window:
                batch.next += 1
                self._send(channel, batch, batch.next - 1, now)
        except exceptions.AMQPError:  # the channel is closing; `lost` follows and says why
            self._channel = None
            self._finish()
        if batch.left == 0:
            self._finish()

    def _send(self, channel: Channel, batch: _Batch, index: int, now: float) -> None:
        message = batch.messages[index]
        if message.account not in {None, self._account}:
            batch.settle(index, Published.REFUSED)
            return
        properties = pika.BasicProperties(**properties_of(message, account=self._account))
        try:
            channel.basic_publish(
                message.exchange, message.routing_key, message.body, properties, mandatory=True
            )
        except exceptions.ShortStringTooLong:  # a name over 255 bytes; nothing was sent
            batch.settle(index, Published.REFUSED)
            return
        self._tag += 1
        self._under_way[self._tag] = (index, now)

    def _finish(self) -> None:
        """Hand the batch back as it is: what has no outcome is unknown."""
        batch, self._batch = self._batch, None
        if batch is not None:
            batch.done.set()

    # --- answers -----------------------------------------------------------------------------

    def _on_return(
        self, _: Channel, how: spec.Basic.Return, properties: spec.BasicProperties, body: bytes
    ) -> None:
        """Note an unroutable message; its confirmation follows."""
        del body
        key = (str(how.exchange), str(how.routing_key), str(properties.message_id))
        self._returned[key] += 1

    def _on_answer(self, frame: Method[spec.Basic.Ack | spec.Basic.Nack]) -> None:
        answer = frame.method
        tags = [answer.delivery_tag]
        if answer.multiple:
            tags = list(takewhile(lambda tag: tag <= answer.delivery_tag, self._under_way))
        confirmed = isinstance(answer, spec.Basic.Ack)
        batch = self._batch
        for each in tags:
            entry = self._under_way.pop(each, None)
            if entry is not None and batch is not None:
                batch.settle(entry[0], self._outcome(batch.messages[entry[0]], confirmed=confirmed))
        if batch is not None:
            self._fill(batch)

    def _outcome(self, message: Outgoing, *, confirmed: bool) -> Published:
        if not confirmed:
            self._refused = True
            return Published.REFUSED
        key = (message.exchange, message.routing_key, message.message_id)
        if key in self._returned:
            self._returned -= Counter([key])  # drops the key with its last one
            return Published.UNROUTABLE
        return Published.CONFIRMED
