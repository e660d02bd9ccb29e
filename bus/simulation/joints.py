"""What joins a rehearsal's hub and edges: embedded, or over real servers."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

from sqlalchemy import Engine, text

from bus.broker.apply import apply
from bus.broker.embedded import EmbeddedBroker
from bus.broker.rabbit import RabbitConsumer, RabbitPublisher
from bus.broker.remove import remove, require_unused
from bus.broker.topology import topology_of
from bus.ids import Account
from bus.ports import Consumer, Publisher
from bus.schemas.directory import AgencyEntry
from bus.storage.engine import open_engine, writing
from bus.storage.migrate import Kind, migrate

_SCHEMA: Final = "lienthong_demo"
_BATCH: Final = 2000


class Joints(Protocol):
    """Broker and databases of a rehearsal, between `opened` and its end."""

    account: Account
    wait: float
    hub_engine: Engine
    edge_engine: Engine

    def opened(
        self, agencies: Sequence[AgencyEntry], partitions: int
    ) -> AbstractContextManager[None]:
        """Prepare broker and databases; take down afterwards what was put up."""
        ...

    def consumer(self, queues: Sequence[str], name: str) -> Consumer:
        """Return a consumer that is closed at the end."""
        ...

    def publisher(self, name: str) -> Publisher:
        """Return a publisher that is closed at the end."""
        ...


class Embedded:
    """kombu in memory and two SQLite files."""

    account = Account("demo")
    wait = 0.0

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()

    @contextmanager
    def opened(self, agencies: Sequence[AgencyEntry], partitions: int) -> Iterator[None]:
        """Make both databases and the broker."""
        with self._stack:
            self.hub_engine = self._database("hub")
            self.edge_engine = self._database("edge")
            self._broker = EmbeddedBroker(topology_of(agencies, partitions))
            yield

    def consumer(self, queues: Sequence[str], name: str) -> Consumer:  # noqa: ARG002 -- the port's
        """Return a consumer of the embedded broker."""
        consumer = self._broker.consumer(queues, self.account)
        self._stack.callback(consumer.close)
        return consumer

    def publisher(self, name: str) -> Publisher:  # noqa: ARG002 -- the port's
        """Return a publisher of the embedded broker."""
        publisher = self._broker.publisher(self.account)
        self._stack.callback(publisher.close)
        return publisher

    def _database(self, kind: Kind) -> Engine:
        engine = open_engine(f"sqlite:///{self._folder / kind}.db")
        self._stack.callback(engine.dispose)
        migrate(engine, kind)
        return engine


class OverServers:
    """RabbitMQ and PostgreSQL; the edge keeps its SQLite file, as an edge does.

    Uses the standard names of exchanges and queues in the URL's virtual host, which nobody else
    may be using, and a schema of its own in the database; both are removed at the end.
    """

    wait = 0.02

    def __init__(self, amqp: str, database: str, folder: Path) -> None:
        self._amqp = amqp
        self._database = database
        self._folder = folder
        self._stack = ExitStack()
        self.account = Account(unquote(urlsplit(amqp).username or "guest"))

    @contextmanager
    def opened(self, agencies: Sequence[AgencyEntry], partitions: int) -> Iterator[None]:
        """Put up schema and topology; take both down at the end."""
        topology = topology_of(agencies, partitions, _vhost(self._amqp))
        with self._stack:
            self.hub_engine = open_engine(_in_schema(self._database))
            self._stack.callback(self.hub_engine.dispose)
            self._fresh_schema()
            self._stack.callback(self._drop_schema)
            migrate(self.hub_engine, "hub")
            self.edge_engine = open_engine(f"sqlite:///{self._folder / 'edge'}.db")
            self._stack.callback(self.edge_engine.dispose)
            migrate(self.edge_engine, "edge")
            require_unused(self._amqp, topology)
            self._stack.callback(remove, self._amqp, topology)
            apply(self._amqp, topology)
            yield

    def consumer(self, queues: Sequence[str], name: str) -> Consumer:
        """Return a consumer over RabbitMQ."""
        consumer = RabbitConsumer(self._amqp, list(queues), name=f"demo-{name}", prefetch=_BATCH)
        self._stack.callback(consumer.close)
        return consumer

    def publisher(self, name: str) -> Publisher:
        """Return a publisher over RabbitMQ."""
        publisher = RabbitPublisher(self._amqp, name=f"demo-{name}")
        self._stack.callback(publisher.close)
        return publisher

    def _fresh_schema(self) -> None:
        self._drop_schema()
        with writing(self.hub_engine) as connection:
            connection.execute(text(f"CREATE SCHEMA {_SCHEMA}"))

    def _drop_schema(self) -> None:
        with writing(self.hub_engine) as connection:
            connection.execute(text(f"DROP SCHEMA IF EXISTS {_SCHEMA} CASCADE"))


def _in_schema(database: str) -> str:
    """Return the URL with the rehearsal's schema as the only one searched."""
    mark = "&" if "?" in database else "?"
    return f"{database}{mark}options=-csearch_path%3D{_SCHEMA}"


def _vhost(amqp: str) -> str:
    """Return the virtual host an AMQP URL names; `/` where it names none."""
    return unquote(urlsplit(amqp).path.removeprefix("/")) or "/"
