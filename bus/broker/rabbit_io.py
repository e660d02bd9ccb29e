"""One RabbitMQ connection in one thread of its own, built up again for ever.

pika allows one thread per connection. Everything that touches pika happens in that thread: the
`Driver`'s methods are called there, and others come in by `Link.call`.
"""

import random
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

import pika
import structlog
from pika import exceptions, spec
from pika.adapters.select_connection import IOLoop, SelectConnection
from pika.channel import Channel
from pika.frame import Method

from bus.broker.address import blocked, place_of, unavailable
from bus.broker.rabbit_frames import TolerantConnection
from bus.errors import BrokerUnavailable

log = structlog.get_logger()

TICK: Final = 0.5
"""Seconds between two looks at deadlines and consumers."""
STABLE: Final = 5.0
"""A connection that served this long starts the next backoff anew."""
FIRST_WAIT: Final = 0.2
LONGEST_WAIT: Final = 5.0
GOODBYE: Final = 3.0
"""Seconds for an orderly goodbye; after them the line is dropped."""


class Driver(Protocol):
    """What uses the connection. Every method is called in the connection's thread."""

    def opened(self, channel: Channel) -> None:
        """Take the new channel; nothing was sent on it."""
        ...

    def lost(self, error: BrokerUnavailable) -> None:
        """Learn that channel and connection are gone. May be told twice."""
        ...

    def blocked(self, error: BrokerUnavailable | None) -> None:
        """Learn why the broker takes nothing from this connection for now; None: it does again."""
        ...

    def tick(self) -> None:
        """Look after deadlines."""
        ...

    def leaving(self) -> None:
        """Use the channel no more: it is about to be closed by us."""
        ...


class Link:
    """Keeps one connection with one channel open, with backoff and full jitter between attempts."""

    def __init__(
        self, parameters: pika.connection.Parameters, driver: Driver, *, name: str
    ) -> None:
        self._parameters = parameters
        self._driver = driver
        self._name = name
        self._lock = threading.Lock()  # guards _loop and who may add to _acts
        self._loop: IOLoop | None = None
        self._acts: deque[Callable[[], None]] = deque()
        self._connection: SelectConnection | None = None
        self._reason: BrokerUnavailable | None = None
        self._opened_at: float | None = None
        self._closing = threading.Event()
        self._jitter = random.Random()  # noqa: S311 - no secret
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def call(self, act: Callable[[], None]) -> bool:
        """Do something in the connection's thread; False where there is no connection.

        What is taken is done once: where the connection goes first, right after `lost`.
        """
        with self._lock:
            if self._loop is None:
                return False
            self._acts.append(act)
            self._loop.add_callback_threadsafe(self._work)
            return True

    def fail(self, reason: str) -> None:
        """Give the connection up and build a new one. To be called in its thread."""
        self._drop(unavailable(reason, self._parameters))

    def close(self, *, after: float = 0.0) -> None:
        """Say goodbye and end the thread. Acts called before are done first.

        Args:
            after: Seconds to leave the line open, for what the broker still has to do.
        """
        self._closing.set()
        self.call(lambda: self._take_leave(after))
        self._thread.join(after + GOODBYE * 3)

    # --- in the thread ------------------------------------------------------------------------

    def _run(self) -> None:
        attempt = 0
        while not self._closing.is_set():
            error = self._serve()
            self._driver.lost(error)
            self._work()
            if self._closing.is_set():
                return
            attempt = 0 if self._was_stable() else attempt + 1
            log.debug("broker.lost", connection=self._name, attempt=attempt, reason=str(error))
            ceiling = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempt, 16))
            self._closing.wait(self._jitter.uniform(0, ceiling))
        self._driver.lost(unavailable("this connection was closed", self._parameters))

    def _serve(self) -> BrokerUnavailable:
        """Connect and serve until the connection is gone; return why it went."""
        self._reason = None
        self._opened_at = None
        loop = IOLoop()
        connection = TolerantConnection(
            self._parameters,
            on_open_callback=self._on_open,
            on_open_error_callback=self._on_gone,
            on_close_callback=self._on_gone,
            custom_ioloop=loop,
        )
        self._connection = connection
        with self._lock:
            self._loop = loop
        if self._closing.is_set():  # close() came before there was a loop to call
            loop.add_callback(self._goodbye)
        loop.call_later(TICK, self._on_tick)
        try:
            loop.start()
        except Exception as error:  # noqa: BLE001 - a fault of ours must not end the thread
            self._recover(error, connection)
        finally:
            with self._lock:
                self._loop = None
            loop.close()
        return self._why()

    def _recover(self, error: Exception, connection: SelectConnection) -> None:
        """Bring the connection to its end after an exception left its loop."""
        if self._opened_at is None and connection.is_closed:
            return  # pika 1.4 ends so where a connection is given up before it was open
        last = traceback.extract_tb(error.__traceback__)[-1]
        kind = type(error).__name__  # no traceback: it may be rendered with the password in it
        log.error("broker.fault", connection=self._name, kind=kind, at=f"{last.name}:{last.lineno}")
        self._drop(unavailable(f"{kind} in the driver", self._parameters))
        connection.ioloop.call_later(GOODBYE, connection.ioloop.stop)
        connection.ioloop.start()

    def _work(self) -> None:
        while self._acts:
            self._acts.popleft()()

    def _was_stable(self) -> bool:
        return self._opened_at is not None and time.monotonic() - self._opened_at > STABLE

    def _on_open(self, connection: object) -> None:
        del connection
        if self._connection is not None:
            self._connection.add_on_connection_blocked_callback(self._on_blocked)
            self._connection.add_on_connection_unblocked_callback(self._on_unblocked)
            self._connection.channel(on_open_callback=self._on_channel)

    def _on_channel(self, channel: Channel) -> None:
        channel.add_on_close_callback(self._on_channel_gone)
        self._opened_at = time.monotonic()
        log.debug("broker.connected", connection=self._name, at=place_of(self._parameters))
        self._driver.opened(channel)

    def _on_blocked(self, _: object, frame: Method[spec.Connection.Blocked]) -> None:
        self._driver.blocked(blocked(frame.method.reason or "", self._parameters))

    def _on_unblocked(self, _: object, frame: object) -> None:
        del frame
        self._driver.blocked(None)

    def _on_channel_gone(self, channel: Channel, error: Exception) -> None:
        del channel
        if not isinstance(error, exceptions.ChannelClosedByClient):
            self._note(unavailable(error, self._parameters))
        self._goodbye()

    def _on_gone(self, connection: object, error: str | BaseException) -> None:
        del connection
        self._note(unavailable(error, self._parameters))
        if self._connection is not None:
            self._connection.ioloop.stop()

    def _on_tick(self) -> None:
        if self._connection is not None:
            self._connection.ioloop.call_later(TICK, self._on_tick)
        self._driver.tick()

    def _why(self) -> BrokerUnavailable:
        return self._reason or unavailable("the connection was closed", self._parameters)

    def _note(self, reason: BrokerUnavailable) -> None:
        """Keep the first reason; what follows from it says less."""
        self._reason = self._reason or reason

    def _take_leave(self, after: float) -> None:
        if self._connection is not None:
            self._connection.ioloop.call_later(after, self._goodbye)

    def _goodbye(self) -> None:
        connection = self._connection
        if connection is None or connection.is_closing or connection.is_closed:
            return
        self._driver.leaving()
        connection.ioloop.call_later(GOODBYE, self._hang_up)
        connection.close()

    def _drop(self, reason: BrokerUnavailable) -> None:
        """End the connection without waiting for a broker that does not answer."""
        self._note(reason)
        self._driver.lost(reason)
        self._hang_up()

    def _hang_up(self) -> None:
        connection = self._connection
        if connection is None or connection.is_closed:
            return
        # pika has no public way to leave a silent broker; this calls `_on_gone` soon after.
        terminate: Callable[[Exception | None], None] = connection._terminate_stream  # type: ignore[attr-defined]  # noqa: SLF001
        terminate(self._reason)
