"""The broker has no memory left: it blocks everybody who publishes, and later releases them."""

from pathlib import Path

import pytest

from bus.errors import BrokerUnavailable
from tests.support.fixtures_faults import Servers
from tests.support.live_province import live_province
from tests.support.outage import assert_bounded, assert_over
from tests.support.whole import assert_whole

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]

DOSSIERS = 24
ALARM_AT = 30
ALARM = 5.0


def test_blocked_publishers_wait_and_go_on_when_released(servers: Servers, tmp_path: Path) -> None:
    with live_province(servers.roads, tmp_path) as province:
        province.hub.start()
        province.submit(DOSSIERS)
        province.wait_for_entries(ALARM_AT)

        with servers.broker.without_memory():
            assert_bounded(province, BrokerUnavailable.code, ALARM, workers=("ingress",))
            assert any("it blocks everybody" in told for told in province.trouble)

        assert_over(province)
        assert_whole(province)
