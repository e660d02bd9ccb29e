"""A stranger's transaction and the hub's wait for each other, and PostgreSQL aborts the hub's."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from bus.errors import StorageUnavailable
from tests.support.fixtures_faults import Servers
from tests.support.live_province import live_province
from tests.support.outage import assert_over
from tests.support.rabbitmq import eventually
from tests.support.whole import assert_whole

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

_LOOKS_AFTER = "2s"
"""How long the hub waits for a lock before PostgreSQL looks for a deadlock: until then the
stranger must have closed the ring."""


def test_a_hub_that_is_the_victim_of_a_deadlock_takes_the_batch_again(
    servers: Servers, tmp_path: Path
) -> None:
    name = make_url(servers.database_url).database
    with psycopg.connect(servers.database_url, autocommit=True) as database:
        database.execute(f"ALTER DATABASE {name} SET deadlock_timeout = '{_LOOKS_AFTER}'")
    with live_province(servers.roads, tmp_path) as province:
        province.hub.start()
        province.submit(8)
        assert_whole(province)
        province.submit(8)
        province.wait("cases are open", lambda: province.queries.counts().dossiers.open > 0)

        with _stranger(servers.database_url) as stranger:
            # The hub holds the head of a partition when it writes cases: here they wait crosswise.
            stranger.execute('SELECT code FROM "case" FOR UPDATE')
            eventually(lambda: _blocks(stranger), within=20, what="the hub waits", every=0.02)
            stranger.execute("SELECT partition FROM ledger_head FOR UPDATE")
        province.wait("it is told", lambda: bool(province.hub.logged("worker.unfit")), within=10)
        assert_over(province)

        assert_whole(province)
        (told,) = province.hub.logged("worker.unfit")
        assert told["code"] == StorageUnavailable.code
        assert "DeadlockDetected" in told["why"]
        assert province.hub.logged("ingress.batch_failed") == []
        assert province.hub.stop() == 0


@contextmanager
def _stranger(url: str) -> Iterator[psycopg.Connection]:
    """Another's transaction, which never looks for deadlocks itself: the hub is always the victim.

    It ends with the context.
    """
    with psycopg.connect(url) as connection:
        connection.execute("SET deadlock_timeout = '1h'")
        yield connection
        connection.rollback()


def _blocks(stranger: psycopg.Connection) -> bool:
    """Say whether anybody waits for the stranger."""
    waiting = stranger.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))"
    ).fetchone()
    return bool(waiting and waiting[0])
