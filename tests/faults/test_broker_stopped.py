"""The broker is stopped for longer than anybody would wait in one go."""

from pathlib import Path

import pytest

from bus.errors import BrokerUnavailable
from tests.support.fixtures_faults import Servers
from tests.support.live_province import live_province
from tests.support.outage import assert_bounded, assert_over
from tests.support.proxy import proxy
from tests.support.whole import assert_whole

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]

DOSSIERS = 24
STOPPED_AT = 60
OUTAGE = 8.0
"""Seconds: longer than the longest wait between two attempts to connect."""
CONNECTIONS = 4
MOST_ATTEMPTS = 25
"""Of one connection within the outage; a hub that did not back off would make hundreds."""


def test_a_stopped_broker_is_told_of_once_and_waited_for(servers: Servers, tmp_path: Path) -> None:
    with (
        proxy(servers.broker.port) as line,
        live_province(servers.roads_by(line, "hub"), tmp_path) as province,
    ):
        province.hub.start()
        province.submit(DOSSIERS)
        province.wait_for_entries(STOPPED_AT)

        servers.broker.stop()
        knocks = line.knocks
        assert_bounded(
            province, BrokerUnavailable.code, OUTAGE, workers=("ingress", "clock", "dead")
        )
        attempts = line.knocks - knocks
        servers.broker.start()

        assert CONNECTIONS <= attempts <= CONNECTIONS * MOST_ATTEMPTS
        assert_over(province)
        assert_whole(province)
