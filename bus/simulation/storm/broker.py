"""A broker that loses, repeats, reorders and delays, inside this process and over virtual time.

Without faults it passes the contract of `bus.ports.Consumer` and `bus.ports.Publisher`; it never
waits: the time of a run moves only when nothing is left to do.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bus.broker.topology import Topology
from bus.errors import BrokerUnavailable
from bus.ids import Account
from bus.ports import ENOUGH_BYTES, Clock, Outgoing, Published, Received, Sending
from bus.schemas.address import DEAD
from bus.simulation.storm.faults import Countdown, FaultKind, Faults

_LONGEST_DELAY: Final = timedelta(hours=8)
_REPEATED_WITHIN: Final = timedelta(hours=2)
_ON_THE_WAY: Final = (
    FaultKind.LOST,
    FaultKind.REFUSED,
    FaultKind.DELAYED,
    FaultKind.REORDERED,
    FaultKind.REPEATED,
)
_GONE: Final = "the connection to the broker is gone"


@dataclass(slots=True, eq=False)
class Letter:
    """One message in one queue, handed out from `at` on."""

    queue: str
    key: str
    body: bytes
    message_id: str
    jws: str
    account: Account
    at: datetime
    returns: int = 0
    """How often whoever had it was lost before settling it."""


@dataclass(slots=True)
class Line:
    """What joins one machine to the broker; `cut` while the broker is out of its reach."""

    machine: str
    cut: bool = False
    disconnected: Countdown | None = None


@dataclass(slots=True)
class StormBroker:
    """Queues of one topology. `tell` hears what becomes of messages."""

    topology: Topology
    clock: Clock
    faults: Faults
    tell: Callable[..., None]
    queues: dict[str, list[Letter]] = field(default_factory=dict)
    readers: dict[str, "list[StormConsumer]"] = field(default_factory=dict)
    """Who reads each queue that has one reader at a time: the first has it, the others wait."""
    _limits: dict[str, int] = field(default_factory=dict)
    _times: Counter[str] = field(default_factory=Counter)
    _routes: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the queues."""
        self.queues = {queue.name: [] for queue in self.topology.queues}
        self.readers = {queue.name: [] for queue in self.topology.queues if queue.single_active}
        self._limits = {queue.name: queue.delivery_limit for queue in self.topology.queues}

    def publisher(self, account: Account, line: Line) -> "StormPublisher":
        """Return a publisher whose messages carry this account."""
        return StormPublisher(self, account, line)

    def consumer(self, queues: Sequence[str], line: Line, *, prefetch: int) -> "StormConsumer":
        """Return a consumer of these queues."""
        return StormConsumer(self, queues, line, prefetch)

    def ready(self, queues: Sequence[str]) -> bool:
        """Say whether one of the queues has a message to hand out now."""
        now = self.clock.now()
        return any(letter.at <= now for name in queues for letter in self.queues[name])

    def next_at(self, now: datetime) -> datetime | None:
        """Return when a message becomes ready next after that moment, or None where none does."""
        waiting = (one.at for queue in self.queues.values() for one in queue if one.at > now)
        return min(waiting, default=None)

    def put(self, message: Outgoing, account: Account) -> bool:
        """Put a message into the queues its key leads to; say whether there is one."""
        names = self._to(message.exchange, message.routing_key)
        for name in names:
            self._put(name, message, account, self.clock.now())
        return bool(names)

    def take(self, message: Outgoing, account: Account) -> Published:
        """Take a published message, as far as the storm lets it, and answer."""
        names = self._to(message.exchange, message.routing_key)
        if not names:
            return Published.UNROUTABLE
        self._times[message.message_id] += 1
        about = (message.type, message.message_id, self._times[message.message_id])
        faults, now = self.faults, self.clock.now()
        fault = faults.strikes_one(_ON_THE_WAY, *about)
        if fault is FaultKind.REFUSED:
            return Published.REFUSED
        if fault is FaultKind.LOST:
            return Published.CONFIRMED
        at = now
        if fault is FaultKind.DELAYED:
            at += _LONGEST_DELAY * faults.throw("delay", *about)
        early = fault is FaultKind.REORDERED
        for name in names:
            place = int(faults.throw("place", *about) * len(self.queues[name])) if early else None
            self._put(name, message, account, at, place)
        if fault is FaultKind.REPEATED:
            again = now + _REPEATED_WITHIN * max(0.0, faults.throw("again", *about) - 0.5)
            for name in names:
                self._put(name, message, account, again)
        return Published.CONFIRMED

    def hand_back(self, letters: Iterable[Letter]) -> None:
        """Put back what a lost consumer held, in its order; bury what came back too often."""
        for letter in reversed(list(letters)):
            letter.returns += 1
            if letter.returns > self._limits[letter.queue]:
                self.bury(letter)
            else:
                self.queues[letter.queue].insert(0, letter)

    def bury(self, letter: Letter) -> None:
        """Move a message to the dead-letter queue."""
        for name in self._to(DEAD, letter.key):
            self.queues[name].append(
                Letter(
                    name,
                    letter.key,
                    letter.body,
                    letter.message_id,
                    letter.jws,
                    letter.account,
                    letter.at,
                )
            )

    def _to(self, exchange: str, key: str) -> tuple[str, ...]:
        known = self._routes.get((exchange, key))
        if known is None:
            known = self._routes[exchange, key] = tuple(self.topology.routes(exchange, key))
        return known

    def _put(
        self,
        name: str,
        message: Outgoing,
        account: Account,
        at: datetime,
        place: int | None = None,
    ) -> None:
        letter = Letter(
            name,
            message.routing_key,
            message.body,
            message.message_id,
            message.jws,
            account,
            at,
        )
        queue = self.queues[name]
        queue.insert(len(queue) if place is None else place, letter)


class StormPublisher:
    """A `bus.ports.Publisher` into a storm."""

    def __init__(self, broker: StormBroker, account: Account, line: Line) -> None:
        self._broker = broker
        self._account = account
        self._line = line
        self._closed = False
        self._turn = 0

    def publish(self, messages: Sequence[Outgoing]) -> Sequence[Published]:
        """Publish all and return one outcome for each; see `bus.ports.Publisher`."""
        if self._closed or self._line.cut:
            return [Published.UNKNOWN] * len(messages)
        self._turn += 1
        heard = self._heard(len(messages))
        return [self._one(message, heard=n < heard) for n, message in enumerate(messages)]

    def start(self, messages: Sequence[Outgoing]) -> Sending:
        """Publish all now; the outcomes are told to whoever calls what is returned."""
        outcomes = self.publish(messages)
        return lambda: outcomes

    def close(self) -> None:
        """Publish nothing more. May be called twice."""
        self._closed = True

    def _heard(self, count: int) -> int:
        """Return for how many messages the answer comes; the connection goes behind them."""
        about = (self._line.machine, self._account, self._turn)
        if count and self._broker.faults.strikes(FaultKind.UNANSWERED, *about):
            return int(self._broker.faults.throw("heard", *about) * count)
        return count

    def _one(self, message: Outgoing, *, heard: bool) -> Published:
        if message.account not in {None, self._account}:
            return Published.REFUSED
        if not heard and self._broker.faults.throw("arrived", message.message_id, self._turn) < 0.5:  # noqa: PLR2004 -- a coin
            return Published.UNKNOWN
        outcome = self._broker.take(message, self._account)
        if outcome is not Published.CONFIRMED:
            self._broker.tell(self._line.machine, "publish", message.message_id, outcome)
        return outcome if heard else Published.UNKNOWN


class StormConsumer:
    """A `bus.ports.Consumer` of a storm."""

    def __init__(
        self, broker: StormBroker, queues: Sequence[str], line: Line, prefetch: int
    ) -> None:
        self.queues = tuple(queues)
        self._broker = broker
        self._line = line
        self._prefetch = prefetch
        self._held: dict[object, Letter] = {}
        self._tags = 0
        self._closed = False
        self._wait_in_line()

    def receive(self, limit: int, wait: float) -> Sequence[Received]:
        """Return up to `limit` messages, without waiting; see `bus.ports.Consumer`."""
        del wait
        if self._closed:
            raise BrokerUnavailable("this consumer was closed")
        cut = self._line.disconnected
        if self._line.cut or (cut is not None and cut.struck(self.queues[0])):
            self.disconnect()
            raise BrokerUnavailable(_GONE)
        now, room = self._broker.clock.now(), min(limit, self._prefetch - len(self._held))
        found: list[Received] = []
        size = 0
        for name in self.queues:
            queue = self._broker.queues[name]
            if queue and self._is_served(name):
                for letter in [one for one in queue if one.at <= now]:
                    if len(found) >= room or size >= ENOUGH_BYTES:
                        return found
                    size += len(letter.body)
                    queue.remove(letter)
                    found.append(self._hand_out(letter))
        return found

    def ack(self, messages: Sequence[Received]) -> None:
        """Settle messages for good; see `bus.ports.Consumer`."""
        for message in messages:
            self._held.pop(message.handle, None)

    def reject(self, messages: Sequence[Received]) -> None:
        """Send messages to the dead-letter queue; see `bus.ports.Consumer`."""
        for message in messages:
            letter = self._held.pop(message.handle, None)
            if letter is not None:
                self._broker.bury(letter)

    def give_back(self, messages: Sequence[Received]) -> None:
        """Have messages handed out again; see `bus.ports.Consumer`."""
        for message in reversed(messages):
            letter = self._held.pop(message.handle, None)
            if letter is not None:
                self._broker.queues[letter.queue].insert(0, letter)

    def close(self) -> None:
        """Give back what is unsettled. May be called twice."""
        if not self._closed:
            self._lose()
            self._closed = True

    def disconnect(self) -> None:
        """Lose the connection: what is unsettled goes back to the head of its queue."""
        self._lose()
        self._wait_in_line()

    def _lose(self) -> None:
        for name in self._broker.readers.keys() & set(self.queues):
            self._broker.readers[name].remove(self)
        self._broker.hand_back(self._held.values())
        self._held.clear()

    def _wait_in_line(self) -> None:
        for name in self.queues:
            if name in self._broker.readers:
                self._broker.readers[name].append(self)

    def _is_served(self, name: str) -> bool:
        readers = self._broker.readers.get(name)
        return readers is None or readers[0] is self

    def _hand_out(self, letter: Letter) -> Received:
        self._tags += 1
        self._held[self._tags] = letter
        return Received(
            handle=self._tags,
            queue=letter.queue,
            routing_key=letter.key,
            body=letter.body,
            message_id=letter.message_id,
            jws=letter.jws,
            account=letter.account,
            redelivered=letter.returns > 0,
        )
