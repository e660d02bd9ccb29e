"""The hub is killed at ten moments of its work, each chosen by what was just on the wire."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.fixtures_faults import Servers
from tests.support.live_province import LiveProvince, live_province
from tests.support.proxy import ACK, COMMIT, COMMITTED, DELIVER, PUBLISH, Way, proxy
from tests.support.whole import assert_whole

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]


@dataclass(frozen=True)
class Moment:
    """What goes by when the hub is killed, on which line; it is held, so nothing follows it."""

    what: str
    line: str
    way: Way
    form: re.Pattern[bytes]


MOMENTS = (
    Moment("messages are handed out", "broker", Way.TO_CLIENT, DELIVER),
    Moment(
        "it takes the head of a partition", "database", Way.TO_SERVER, re.compile(b"FOR UPDATE")
    ),
    Moment("it reads what it has seen", "database", Way.TO_SERVER, re.compile(b"FROM inbox")),
    Moment("it writes the ledger", "database", Way.TO_SERVER, re.compile(b"COPY ledger")),
    Moment("it writes the deliveries", "database", Way.TO_SERVER, re.compile(b"COPY delivery")),
    Moment("it commits", "database", Way.TO_SERVER, COMMIT),
    Moment("it has committed and not heard so", "database", Way.TO_CLIENT, COMMITTED),
    Moment("it publishes", "broker", Way.TO_SERVER, PUBLISH),
    Moment("what it published is confirmed", "broker", Way.TO_CLIENT, ACK),
    Moment("it acknowledges", "broker", Way.TO_SERVER, ACK),
)


def test_a_hub_killed_at_ten_moments_of_its_work_loses_and_repeats_nothing(
    servers: Servers, tmp_path: Path
) -> None:
    with (
        proxy(servers.broker.port) as broker,
        proxy(servers.database.port) as database,
        live_province(servers.hub_by(broker, database), tmp_path) as province,
    ):
        lines = {"broker": broker, "database": database}
        for moment in MOMENTS:
            _start(province)
            trap = lines[moment.line].hold_at(moment.way, moment.form)
            province.submit(2)
            trap.wait()
            province.hub.kill()
            for line in lines.values():
                line.cut()
        _start(province)

        assert_whole(province)
        assert province.hub.stop() == 0


def _start(province: LiveProvince) -> None:
    province.hub.start()
    province.wait("it is ready", province.hub.ready)
