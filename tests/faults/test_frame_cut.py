"""A connection breaks in the middle of a frame: half a message has come."""

from pathlib import Path

import pytest

from tests.support.fixtures_faults import Servers, Who
from tests.support.live_province import live_province
from tests.support.proxy import ACK, DELIVER, PUBLISH, Way, proxy
from tests.support.whole import assert_whole

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]

DOSSIERS = 6
FRAMES = {
    "half a message published": (Way.TO_SERVER, PUBLISH, 200),
    "half a message handed out": (Way.TO_CLIENT, DELIVER, 200),
    "half an acknowledgement": (Way.TO_SERVER, ACK, 9),
    "half a confirmation": (Way.TO_CLIENT, ACK, 9),
}
"""Which way, what form, and how many bytes come through: more than a method, less than a body."""


@pytest.mark.parametrize("who", ["edges", "hub"])
def test_a_message_that_came_in_half_comes_again_whole(
    servers: Servers, tmp_path: Path, who: Who
) -> None:
    with (
        proxy(servers.broker.port) as line,
        live_province(servers.roads_by(line, who), tmp_path) as province,
    ):
        province.hub.start()
        for way, form, keep in FRAMES.values():
            cut = line.cut_at(way, form, keep=keep)
            province.submit(DOSSIERS)
            cut.wait()

        assert_whole(province)
        assert line.cuts == len(FRAMES)
        assert len(province.hub.logged("node.started")) == 1
