"""The broker has no memory left: it blocks everybody who publishes, and later releases them."""

from pathlib import Path

import pytest

from bus.errors import BrokerUnavailable
from tests.support.fixtures_faults import Servers
from tests.support.live_province import live_province
from tests.support.outage import assert_bounded, assert_over
from tests.support.proxy import DELIVER, Way, proxy
from tests.support.whole import assert_whole

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]

DOSSIERS = 12
ALARM = 5.0
BLOCKED = "it blocks everybody"


def test_blocked_publishers_wait_and_go_on_when_released(servers: Servers, tmp_path: Path) -> None:
    with (
        proxy(servers.broker.port) as line,
        live_province(servers.roads_by(line, "hub"), tmp_path) as province,
    ):
        province.hub.start()
        held = line.hold_at(Way.TO_CLIENT, DELIVER)
        province.submit(DOSSIERS)
        held.wait()  # the hub has yet to answer all

        with servers.broker.without_memory():
            line.release()
            province.submit(DOSSIERS)
            assert_bounded(province, BrokerUnavailable.code, ALARM, workers=("ingress",))
            province.wait(
                "the edges say it", lambda: any(BLOCKED in one for one in province.trouble)
            )

        assert_over(province)
        assert_whole(province)
