"""Servers that fault tests may hurt: one broker and one database for all of them.

Whatever a test did to them, the next one finds them running.
"""

import itertools
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import pytest

from bus.broker.management import Management
from bus.schemas.address import hub_queues
from tests.support.live_province import Roads
from tests.support.postgres import (
    SURVIVES_KILL,
    PostgresNode,
    drop_database,
    fresh_database,
    postgres_node,
)
from tests.support.proxy import Proxy
from tests.support.published import PARTITIONS
from tests.support.rabbitmq import RabbitNode, private_rabbitmq

_numbers = itertools.count(1)
_ALL = {"configure": ".*", "write": ".*", "read": ".*"}


Who = Literal["hub", "edges", "database"]
"""Which way leads by a proxy: to the broker, the hub's or the edges'; or to the database."""


@dataclass(frozen=True)
class Servers:
    """A virtual host and a database of one test, and the servers they are on."""

    broker: RabbitNode
    database: PostgresNode
    vhost: str
    database_url: str

    @property
    def roads(self) -> Roads:
        """The straight ways to them."""
        return Roads(amqp=self.broker.url(self.vhost), database=self.database_url)

    def roads_by(self, line: Proxy, *who: Who, heartbeat: int | None = None) -> Roads:
        """Return the ways, where some go by a proxy, or ask for another heartbeat."""
        amqp, database = self.roads.amqp, self.roads.database
        wish = "" if heartbeat is None else f"?heartbeat={heartbeat}"
        return Roads(
            amqp=amqp,
            database=database,
            hub_amqp=(line.through(amqp) if "hub" in who else amqp) + wish,
            hub_database=line.through(database) if "database" in who else "",
            edge_amqp=(line.through(amqp) if "edges" in who else amqp) + wish,
        )

    def hub_by(self, broker: Proxy, database: Proxy) -> Roads:
        """Return the ways, where the hub goes to each server by a proxy of its own."""
        return replace(
            self.roads_by(broker, "hub"), hub_database=database.through(self.database_url)
        )

    def messages(self, queues: Iterable[str]) -> dict[str, int]:
        """Return how many messages queues hold, those handed out and not settled included."""
        wanted = set(queues)
        rows = self.broker.rabbitmqctl("list_queues", "--vhost", self.vhost, "name", "messages")
        counts = dict(row.split() for row in rows.splitlines()[1:])
        return {name: int(count) for name, count in counts.items() if name in wanted}

    def settled(self) -> bool:
        """Say whether the hub has settled everything it was handed."""
        return not any(self.messages(hub_queues(PARTITIONS)).values())

    @property
    def management(self) -> Management:
        return Management(self.broker.management_url)


@pytest.fixture(scope="session")
def broker_to_hurt() -> Iterator[RabbitNode]:
    """A private RabbitMQ for fault tests."""
    with private_rabbitmq() as node:
        yield node


@pytest.fixture(scope="session")
def database_to_hurt() -> Iterator[PostgresNode]:
    """A private PostgreSQL for fault tests; what it commits outlives a kill."""
    with postgres_node(SURVIVES_KILL) as node:
        yield node


@pytest.fixture
def servers(broker_to_hurt: RabbitNode, database_to_hurt: PostgresNode) -> Iterator[Servers]:
    """A fresh virtual host and a fresh database; both servers run before and after the test."""
    vhost = f"fault-{os.getpid()}-{next(_numbers)}"
    management = Management(broker_to_hurt.management_url)
    management.put("vhosts", vhost)
    management.put("permissions", vhost, broker_to_hurt.admin, body=_ALL)
    url = fresh_database(database_to_hurt.url, "hub")
    yield Servers(broker_to_hurt, database_to_hurt, vhost, url)
    if not broker_to_hurt.running:
        broker_to_hurt.start()
    if not database_to_hurt.running:
        database_to_hurt.start()
    management.delete("vhosts", vhost)
    drop_database(url)
