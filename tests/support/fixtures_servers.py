"""A virtual host and a database of its own on the session's private servers."""

import itertools
import os
from collections.abc import Iterator

import pytest

from bus.broker.management import Management
from tests.support.postgres import drop_database, fresh_database
from tests.support.rabbitmq import RabbitNode

_numbers = itertools.count(1)
_ALL = {"configure": ".*", "write": ".*", "read": ".*"}


@pytest.fixture
def own_vhost(rabbitmq: RabbitNode) -> Iterator[tuple[str, str]]:
    """An AMQP URL with an empty virtual host, and the account in it; removed afterwards."""
    name = f"own-{os.getpid()}-{next(_numbers)}"
    management = Management(rabbitmq.management_url)
    management.put("vhosts", name)
    management.put("permissions", name, rabbitmq.admin, body=_ALL)
    yield rabbitmq.url(name), rabbitmq.admin
    management.delete("vhosts", name)


@pytest.fixture
def own_database(postgres_url: str) -> Iterator[str]:
    """The URL of an empty database; removed afterwards."""
    url = fresh_database(postgres_url)
    yield url
    drop_database(url)
