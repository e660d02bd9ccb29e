"""Stores for tests: each on SQLite and on a PostgreSQL server of our own."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import Engine

from bus.storage.edge import SqlEdgeStore
from bus.storage.engine import open_engine
from bus.storage.hub import SqlHubStore
from bus.storage.migrate import migrate
from tests.support.postgres import (
    Kind,
    PostgresMissing,
    drop_database,
    fresh_database,
    private_postgres,
)

PARTITIONS: Final = 4
"""How many partitions the hub's store of the tests has."""

DATABASES: Final = ("sqlite", pytest.param("postgresql", marks=pytest.mark.database))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """One private server for the whole session; missing package: a failure, unless allowed."""
    with ExitStack() as stack:
        try:
            url = stack.enter_context(private_postgres())
        except PostgresMissing as missing:
            may_skip = os.environ.get("LIENTHONG_ALLOW_SKIP") == "1"
            if may_skip and os.environ.get("CI") != "true":
                pytest.skip(str(missing))
            raise
        yield url


@pytest.fixture(params=DATABASES)
def hub_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated hub database of its own, on each kind of database in turn."""
    with _database(request, tmp_path, "hub") as url:
        yield url


@pytest.fixture
def hub_engine(hub_url: str) -> Iterator[Engine]:
    """The hub's database, opened."""
    engine = open_engine(hub_url)
    yield engine
    engine.dispose()


@pytest.fixture
def hub_store(hub_engine: Engine) -> SqlHubStore:
    """An empty hub store with `PARTITIONS` partitions."""
    store = SqlHubStore(hub_engine, PARTITIONS)
    store.prepare()
    return store


@pytest.fixture(params=DATABASES)
def edge_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated edge database of its own, on each kind of database in turn."""
    with _database(request, tmp_path, "edge") as url:
        yield url


@pytest.fixture
def edge_engine(edge_url: str) -> Iterator[Engine]:
    """The edge's database, opened."""
    engine = open_engine(edge_url)
    yield engine
    engine.dispose()


@pytest.fixture
def edge_store(edge_engine: Engine) -> SqlEdgeStore:
    """An empty edge store."""
    return SqlEdgeStore(edge_engine)


@contextmanager
def _database(request: pytest.FixtureRequest, folder: Path, kind: Kind) -> Iterator[str]:
    if request.param == "sqlite":
        url = f"sqlite:///{folder / kind}.db"
        engine = open_engine(url)
        migrate(engine, kind)
        engine.dispose()
        yield url
        return
    url = fresh_database(request.getfixturevalue("postgres_url"), kind)
    yield url
    drop_database(url)
