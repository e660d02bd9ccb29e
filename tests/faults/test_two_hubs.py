"""Two hubs at once on the same partitions, as at a fail-over or by an operator's mistake."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.support.fixtures_faults import Servers
from tests.support.live_province import LiveProvince, Roads, live_province
from tests.support.node_process import HubProcess
from tests.support.proxy import Way, proxy
from tests.support.rabbitmq import eventually
from tests.support.whole import assert_whole

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]


def test_a_batch_that_two_hubs_hold_at_once_is_taken_once(servers: Servers, tmp_path: Path) -> None:
    """The first is about to write when the broker gives the same messages to the second."""
    with (
        proxy(servers.broker.port) as broker,
        proxy(servers.database.port) as database,
        live_province(servers.hub_by(broker, database), tmp_path) as province,
        _second(province, servers.roads) as second,
    ):
        province.hub.start()
        province.wait("the first is ready", province.hub.ready)
        trap = database.hold_at(Way.TO_SERVER, re.compile(b"COPY ledger"))
        second.start()
        province.wait("the second is ready", second.ready)
        province.submit(12)
        trap.wait()
        broker.cut()
        eventually(lambda: _waits_for_a_head(servers), within=20, what="the second waits")
        database.release()

        assert_whole(province)
        _undisturbed(province.hub, second)


def test_hubs_that_take_over_from_each_other_again_and_again_lose_and_repeat_nothing(
    servers: Servers, tmp_path: Path
) -> None:
    with (
        proxy(servers.broker.port) as one,
        proxy(servers.broker.port) as other,
        live_province(servers.roads_by(one, "hub"), tmp_path) as province,
        _second(province, servers.roads_by(other, "hub")) as second,
    ):
        province.hub.start()
        second.start()
        province.wait("both are ready", lambda: province.hub.ready() and second.ready())
        for _ in range(3):
            for line in (one, other):
                entries = province.entries()
                province.submit(3)
                province.wait_for_entries(entries + 5)
                line.cut()

        assert_whole(province)
        _undisturbed(province.hub, second)


@contextmanager
def _second(province: LiveProvince, roads: Roads) -> Iterator[HubProcess]:
    """Give one more hub, not started; it is stopped at the end, and must not mind."""
    second = province.another_hub("second", roads)
    try:
        yield second
    finally:
        code = second.stop()
    assert code == 0


def _waits_for_a_head(servers: Servers) -> bool:
    """Say whether somebody waits for a partition that another transaction holds."""
    with psycopg.connect(servers.database_url) as database:
        waiting = database.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%ledger_head%FOR UPDATE%'"
            " AND cardinality(pg_blocking_pids(pid)) > 0"
        ).fetchone()
    return bool(waiting and waiting[0])


def _undisturbed(*hubs: HubProcess) -> None:
    """Check that no hub met the other's rows where it had not locked: each looked first."""
    for hub in hubs:
        assert hub.logged("ingress.batch_failed") == []
        assert len(hub.logged("node.started")) == 1
