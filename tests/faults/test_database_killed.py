"""The database is killed while the hub commits: before it has the commit, and after it."""

import re
from pathlib import Path

import pytest

from bus.errors import StorageUnavailable
from tests.support.fixtures_faults import Servers
from tests.support.live_province import live_province
from tests.support.outage import assert_bounded, assert_over
from tests.support.proxy import ACK, COMMIT, COMMITTED, Way, proxy
from tests.support.whole import assert_whole

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]


@pytest.mark.parametrize(
    ("way", "form"),
    [
        pytest.param(Way.TO_SERVER, COMMIT, id="before it has committed"),
        pytest.param(Way.TO_CLIENT, COMMITTED, id="after it has committed"),
    ],
)
def test_a_database_killed_during_the_commit_costs_waiting_and_nothing_else(
    servers: Servers, tmp_path: Path, way: Way, form: re.Pattern[bytes]
) -> None:
    with (
        proxy(servers.broker.port) as broker,
        proxy(servers.database.port) as database,
        live_province(servers.hub_by(broker, database), tmp_path) as province,
    ):
        province.hub.start()
        province.submit(8)
        province.wait_for_entries(10)
        trap = database.hold_at(way, form)
        province.submit(8)
        trap.wait()

        servers.database.kill()
        acknowledged = broker.note(Way.TO_SERVER, ACK)
        database.cut()
        assert_bounded(
            province,
            StorageUnavailable.code,
            seconds=1.5,
            nothing_settled=lambda: not acknowledged.sprung.is_set(),
        )
        servers.database.start()
        assert_over(province)

        assert_whole(province)
        assert province.hub.stop() == 0
