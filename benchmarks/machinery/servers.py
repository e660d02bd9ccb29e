"""The servers a benchmark runs on: private ones that end with it, or those it was given."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

import pika
import psycopg

from tests.support.postgres import private_postgres
from tests.support.rabbitmq import private_rabbitmq

SCHEMA: Final = "lienthong_bench"


@dataclass(frozen=True, slots=True)
class Servers:
    """Where RabbitMQ and PostgreSQL are; `private` ones need no tidying up."""

    amqp: str
    database: str
    private: bool

    @property
    def vhost(self) -> str:
        """The virtual host the benchmark plays in."""
        return pika.URLParameters(self.amqp).virtual_host

    @property
    def account(self) -> str:
        """The account everybody in the benchmark connects with."""
        credentials = pika.URLParameters(self.amqp).credentials
        assert isinstance(credentials, pika.PlainCredentials)
        return credentials.username

    @property
    def in_schema(self) -> str:
        """The database URL with the benchmark's own schema as the only one searched."""
        mark = "&" if "?" in self.database else "?"
        return f"{self.database}{mark}options=-csearch_path%3D{SCHEMA}"

    @property
    def libpq(self) -> str:
        """The same for a program that uses libpq and not SQLAlchemy."""
        return self.in_schema.replace("postgresql+psycopg://", "postgresql://")


@contextmanager
def servers(amqp: str | None, database: str | None) -> Iterator[Servers]:
    """Give servers with an empty schema of our own; what was given is left as it was found.

    A private PostgreSQL writes to disk as in service: its data must survive a power cut.
    """
    with ExitStack() as stack:
        if amqp is None:
            amqp = stack.enter_context(private_rabbitmq(management=False)).amqp_url
            private = True
        else:
            private = False
        if database is None:
            database = stack.enter_context(private_postgres(durable=True))
        found = Servers(amqp, database, private)
        _fresh_schema(found)
        stack.callback(_drop_schema, found)
        yield found


def versions(found: Servers) -> dict[str, str]:
    """Return the versions of both servers."""
    with psycopg.connect(_plain(found), connect_timeout=5) as database:
        number = database.info.server_version
    with pika.BlockingConnection(pika.URLParameters(found.amqp)) as broker:
        # pika keeps what the broker said of itself, but has no public way to ask for it.
        properties = broker._impl.server_properties  # type: ignore[attr-defined]  # noqa: SLF001
    said = properties.get("version", "?")
    return {
        "rabbitmq": said.decode() if isinstance(said, bytes) else str(said),
        "postgresql": f"{number // 10000}.{number % 10000}",
    }


def _fresh_schema(found: Servers) -> None:
    _drop_schema(found)
    with psycopg.connect(_plain(found), autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {SCHEMA}")


def _drop_schema(found: Servers) -> None:
    with psycopg.connect(_plain(found), autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")


def _plain(found: Servers) -> str:
    return found.database.replace("postgresql+psycopg://", "postgresql://")
