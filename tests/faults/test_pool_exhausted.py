"""Somebody else has taken every connection the database gives out."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest

from bus.errors import StorageUnavailable
from tests.support.fixtures_faults import Servers
from tests.support.live_province import live_province
from tests.support.outage import assert_bounded, assert_over
from tests.support.proxy import proxy
from tests.support.whole import assert_whole

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]


def test_a_hub_that_gets_no_connection_waits_until_there_is_one(
    servers: Servers, tmp_path: Path
) -> None:
    """First when it starts; then it loses those it had, and others are quicker."""
    with (
        proxy(servers.database.port) as line,
        live_province(servers.roads_by(line, "database"), tmp_path) as province,
    ):
        province.submit(8)
        with _all_connections(servers):
            province.hub.start()
            province.wait("it waits", lambda: bool(province.hub.logged("node.waiting")))
            assert not province.hub.ready()
        province.wait_for_entries(10)
        assert len(province.hub.logged("node.waiting")) == 1

        line.refuse()
        with _all_connections(servers):
            line.admit()
            province.submit(8)
            assert_bounded(province, StorageUnavailable.code, seconds=1.5)
        assert_over(province)

        assert_whole(province)
        assert province.hub.stop() == 0


@contextmanager
def _all_connections(servers: Servers) -> Iterator[None]:
    """Hold every connection the server has left, those it keeps for superusers included."""
    with ExitStack() as stack:
        try:
            while True:
                stack.enter_context(psycopg.connect(servers.database.url, autocommit=True))
        except psycopg.OperationalError as full:
            assert "too many clients" in str(full)  # noqa: PT017 -- else it is another fault
        yield
