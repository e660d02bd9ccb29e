"""Brokers for tests: one private RabbitMQ node a session, one virtual host a test, or embedded."""

import itertools
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import pytest

from bus.broker.apply import apply
from bus.broker.embedded import EmbeddedBroker
from bus.broker.management import Management, apply_permissions
from bus.broker.rabbit import RabbitConsumer, RabbitPublisher
from bus.broker.topology import Topology, topology_of
from bus.ids import Account
from bus.ports import Consumer, Outgoing, Publisher, Received
from bus.schemas.directory import AgencyEntry
from bus.simulation.storm.broker import Line, StormBroker
from bus.simulation.storm.faults import Faults, Level
from bus.simulation.turned_clock import TurnedClock
from tests.support.rabbitmq import RabbitMissing, RabbitNode, private_rabbitmq

HUB: Final = "h63-01"
TAX: Final = "h63-14"
POLICE: Final = "h63-20-05"
PARTITIONS: Final = 2
PASSWORD: Final = "mat-khau-bi-mat"

_numbers = itertools.count(1)


def agency(code: str, *, role: str = "tax", account: str | None = None) -> AgencyEntry:
    """Return an agency of a directory."""
    return AgencyEntry.model_validate(
        {
            "code": code,
            "name": "Cơ quan thử nghiệm",
            "level": "province",
            "roles": [role],
            "area": "15",
            "valid_from": "2025-07-01",
            "account": account,
        },
        strict=False,
    )


def small_topology(vhost: str) -> Topology:
    """Return a hub and two agencies over two partitions."""
    agencies = (agency("H63.01", role="hub"), agency("H63.14"), agency("H63.20.05"))
    return topology_of(agencies, PARTITIONS, vhost)


def outgoing(
    number: int = 1,
    *,
    exchange: str = "agency.in",
    key: str = TAX,
    body: bytes | None = None,
    account: str | None = None,
) -> Outgoing:
    """Return a message to publish; its number is its id and, if none is given, its body."""
    return Outgoing(
        exchange=exchange,
        routing_key=key,
        body=f'{{"n":{number}}}'.encode() if body is None else body,
        message_id=str(number),
        type="test.ping",
        jws=f"header..signature-{number}",
        timestamp=datetime(2026, 3, 2, 8, 0, tzinfo=UTC),
        account=account,  # type: ignore[arg-type]  # an account is text
    )


def numbers(messages: Sequence[Received]) -> list[int]:
    """Return the numbers of received messages."""
    return [int(message.message_id or 0) for message in messages]


def receive_all(consumer: Consumer, count: int, *, ack: bool = False) -> list[Received]:
    """Receive until there are so many."""
    found: list[Received] = []
    while len(found) < count:
        more = consumer.receive(count - len(found), 10)
        if not more:
            raise TimeoutError(f"{len(found)} of {count} messages came")
        if ack:
            consumer.ack(more)
        found.extend(more)
    return found


class BrokerInHand(Protocol):
    """A broker with `small_topology` on it."""

    topology: Topology

    def publisher(self, account: str = HUB, **options: Any) -> Publisher:
        """Return a publisher of an account; closed after the test."""
        ...

    def consumer(self, *queues: str, account: str = HUB, prefetch: int = 400) -> Consumer:
        """Return a consumer; closed after the test."""
        ...

    def close(self) -> None:
        """Close what was handed out."""
        ...


class EmbeddedInHand:
    """The embedded broker."""

    def __init__(self) -> None:
        self.topology = small_topology("embedded")
        self._broker = EmbeddedBroker(self.topology)

    def publisher(self, account: str = HUB, **options: Any) -> Publisher:
        """Return a publisher of an account."""
        del options
        return self._broker.publisher(account)

    def consumer(self, *queues: str, account: str = HUB, prefetch: int = 400) -> Consumer:
        """Return a consumer."""
        return self._broker.consumer(queues, account, prefetch=prefetch)

    def close(self) -> None:
        """Forget everything."""
        self._broker.close()


class StormInHand:
    """The simulator's broker, in calm weather."""

    def __init__(self) -> None:
        self.topology = small_topology("storm")
        clock = TurnedClock(datetime(2026, 3, 2, 8, 0, tzinfo=UTC))
        calm = Faults(1, Level.NONE)
        self._broker = StormBroker(self.topology, clock, calm, lambda *_said: None)
        self._open: list[Publisher | Consumer] = []

    def publisher(self, account: str = HUB, **options: Any) -> Publisher:
        """Return a publisher of an account."""
        del options
        publisher = self._broker.publisher(Account(account), Line(account))
        self._open.append(publisher)
        return publisher

    def consumer(self, *queues: str, account: str = HUB, prefetch: int = 400) -> Consumer:
        """Return a consumer."""
        consumer = self._broker.consumer(queues, Line(account), prefetch=prefetch)
        self._open.append(consumer)
        return consumer

    def close(self) -> None:
        """Close what was handed out."""
        for each in self._open:
            each.close()


class RabbitInHand:
    """A virtual host of its own on the session's node, with real accounts and permissions."""

    def __init__(self, node: RabbitNode) -> None:
        self.node = node
        self.topology = small_topology(f"test-{os.getpid()}-{next(_numbers)}")
        self.management = Management(node.management_url)
        accounts = dict.fromkeys(self.topology.accounts, PASSWORD)
        apply_permissions(node.management_url, self.topology, accounts)
        self.management.put("permissions", self.topology.vhost, node.admin, body=_ALL)
        self.admin_url = node.url(self.topology.vhost)
        apply(self.admin_url, self.topology)
        self._open: list[Publisher | Consumer] = []

    def url(self, account: str, password: str = PASSWORD) -> str:
        """Return where an account connects."""
        return self.node.url(self.topology.vhost, user=account, password=password)

    def publisher(self, account: str = HUB, **options: Any) -> RabbitPublisher:
        """Return a publisher of an account."""
        publisher = RabbitPublisher(self.url(account), name=f"test {account} out", **options)
        self._open.append(publisher)
        return publisher

    def consumer(self, *queues: str, account: str = HUB, prefetch: int = 400) -> RabbitConsumer:
        """Return a consumer; an agency's queue is read by the agency."""
        if account == HUB and queues[0].startswith("agency."):
            account = queues[0].removeprefix("agency.")
        consumer = RabbitConsumer(
            self.url(account), queues, name=f"test {account} in", prefetch=prefetch
        )
        self._open.append(consumer)
        return consumer

    def cut_connections(self) -> None:
        """Let the broker close every connection to this virtual host."""
        self.node.rabbitmqctl(
            "close_all_connections", "--vhost", self.topology.vhost, "cut by a test"
        )

    def depth(self, queue: str) -> int:
        """Return how many messages wait in a queue, at this moment."""
        rows = self.node.rabbitmqctl(
            "list_queues", "--vhost", self.topology.vhost, "name", "messages_ready"
        )
        counts = dict(row.split() for row in rows.splitlines()[1:])
        return int(counts[queue])

    def close(self) -> None:
        """Close what was handed out and remove the virtual host."""
        for each in self._open:
            each.close()
        self.management.delete("vhosts", self.topology.vhost)


_ALL: Final = {"configure": ".*", "write": ".*", "read": ".*"}


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitNode]:
    """One private node for the whole session; missing package: a failure, unless allowed."""
    try:
        with private_rabbitmq() as node:
            yield node
    except RabbitMissing as missing:
        if os.environ.get("LIENTHONG_ALLOW_SKIP") == "1":
            pytest.skip(str(missing))
        raise


@pytest.fixture
def vhost_url(rabbitmq: RabbitNode) -> Iterator[str]:
    """A fresh virtual host, as an administrator reaches it."""
    vhost = f"empty-{os.getpid()}-{next(_numbers)}"
    management = Management(rabbitmq.management_url)
    management.put("vhosts", vhost)
    management.put("permissions", vhost, rabbitmq.admin, body=_ALL)
    yield rabbitmq.url(vhost)
    management.delete("vhosts", vhost)


@pytest.fixture
def rabbit(rabbitmq: RabbitNode) -> Iterator[RabbitInHand]:
    """RabbitMQ with the small topology."""
    broker = RabbitInHand(rabbitmq)
    yield broker
    broker.close()


@pytest.fixture(params=["embedded", "storm", pytest.param("rabbitmq", marks=pytest.mark.broker)])
def broker(request: pytest.FixtureRequest) -> Iterator[BrokerInHand]:
    """Every kind of broker in turn, with the small topology; the storm's without any fault."""
    if request.param == "rabbitmq":
        yield request.getfixturevalue("rabbit")
        return

    fake = EmbeddedInHand() if request.param == "embedded" else StormInHand()
    yield fake
    fake.close()


@pytest.fixture(params=["embedded", pytest.param("rabbitmq", marks=pytest.mark.broker)])
def waiting_broker(request: pytest.FixtureRequest) -> Iterator[BrokerInHand]:
    """Every kind of broker over which time passes by itself."""
    if request.param == "rabbitmq":
        yield request.getfixturevalue("rabbit")
        return
    embedded = EmbeddedInHand()
    yield embedded
    embedded.close()
