"""The database stops answering and closes nothing: its disk hangs, or the way to it is lost.

Nothing fails then, so nothing is raised; what tells is that a step does not come back.
"""

import threading
from pathlib import Path

import pytest

from bus.errors import StorageUnavailable
from bus.workers.loop import STALLED
from tests.support.fixtures_faults import Servers
from tests.support.live_province import LiveProvince, live_province
from tests.support.outage import assert_bounded, assert_over
from tests.support.proxy import ACK, COMMITTED, Proxy, Way, proxy
from tests.support.whole import assert_whole

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]


def test_a_database_that_stands_still_is_told_and_goes_on_where_it_stood(
    servers: Servers, tmp_path: Path
) -> None:
    with (
        proxy(servers.broker.port) as broker,
        live_province(servers.roads_by(broker, "hub"), tmp_path) as province,
    ):
        _at_work(province)
        assert_whole(province)
        province.wait("all is acknowledged", servers.settled)

        with servers.database.frozen():
            acknowledged = broker.note(Way.TO_SERVER, ACK)
            province.submit(8)
            assert_bounded(
                province,
                (STALLED, StorageUnavailable.code),  # the latter where a new connection is needed
                seconds=0.5,
                nothing_settled=lambda: not acknowledged.sprung.is_set(),
            )
            assert province.hub.logged("worker.unfit", code=STALLED)
        assert_over(province)

        assert_whole(province)
        assert province.hub.stop() == 0


def test_an_answer_that_comes_late_costs_nothing_and_a_lost_one_is_asked_for_again(
    servers: Servers, tmp_path: Path
) -> None:
    """The commit is made and its answer does not come: the hub must not take it for refused."""
    with (
        proxy(servers.database.port) as line,
        live_province(servers.roads_by(line, "database"), tmp_path) as province,
    ):
        _at_work(province)

        _hold_an_answer(province, line)
        threading.Event().wait(1.5)  # the fault itself
        line.release()
        assert_whole(province)
        assert province.hub.logged("worker.unfit") == []

        _hold_an_answer(province, line)
        line.cut()
        province.wait("it is told", lambda: bool(province.hub.logged("worker.unfit")), within=10)
        assert_over(province)
        assert_whole(province)
        (told,) = province.hub.logged("worker.unfit")
        assert told["code"] == StorageUnavailable.code
        assert province.hub.stop() == 0


def _at_work(province: LiveProvince) -> None:
    province.hub.start()
    province.submit(8)
    province.wait_for_entries(10)


def _hold_an_answer(province: LiveProvince, line: Proxy) -> None:
    trap = line.hold_at(Way.TO_CLIENT, COMMITTED)
    province.submit(8)
    trap.wait()
