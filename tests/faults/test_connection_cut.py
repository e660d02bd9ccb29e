"""A connection is cut when the broker has taken a message and its word of it is on the way."""

from pathlib import Path

import pytest

from tests.support.fixtures_faults import Servers, Who
from tests.support.live_province import live_province
from tests.support.proxy import ACK, Way, proxy
from tests.support.whole import assert_whole

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]

CUTS = 3
DOSSIERS = 6


@pytest.mark.parametrize("who", ["edges", "hub"])
def test_what_the_broker_took_and_could_not_confirm_is_not_doubled(
    servers: Servers, tmp_path: Path, who: Who
) -> None:
    with (
        proxy(servers.broker.port) as line,
        live_province(servers.roads_by(line, who), tmp_path) as province,
    ):
        province.hub.start()
        for _ in range(CUTS):
            before_confirmed = line.cut_at(Way.TO_CLIENT, ACK)
            province.submit(DOSSIERS)
            before_confirmed.wait()

        assert_whole(province)
        assert line.cuts == CUTS
        assert len(province.hub.logged("node.started")) == 1
