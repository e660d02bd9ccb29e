"""A backlog waits where it is: it does not come into the memory of whoever works it off.

`make backlog` is the full size, and shows the figures.
"""

import logging
import os
from pathlib import Path

import pytest

from tests.support.backlog import PAGE, edge_alone, hub_alone
from tests.support.fixtures_faults import Servers

log = logging.getLogger(__name__)

BACKLOG = int(os.environ.get("BACKLOG", "1200"))
pytestmark = [pytest.mark.faults, pytest.mark.timeout(240 + BACKLOG / 10)]

WARM = 500
"""Messages after which a process has all the memory it needs to go on."""
MOST_MB = 50.0
PAGES = 1 + int(1.5 * MOST_MB * 1e6 / BACKLOG / PAGE)
"""However many there are, all of them at once would be more than is allowed."""
SHOWN = "%d messages: steady %.1f MB, at most %.1f MB"


def test_a_backlog_in_the_broker_waits_there_and_is_worked_off_in_order(
    servers: Servers, tmp_path: Path
) -> None:
    with hub_alone(servers.roads, tmp_path, pages=PAGES) as town:
        town.publish(WARM)
        town.hub.start()
        town.wait_until_taken()
        steady = town.hub.rss_mb()
        town.hub.stop()
        town.publish(BACKLOG)
        queues = town.topology.partition_queues
        town.wait("all wait", lambda: sum(servers.messages(queues).values()) >= BACKLOG)

        town.hub.start()
        town.wait_until_taken()
        peak = town.hub.peak_rss_mb()

        log.warning(SHOWN, BACKLOG, steady, peak)
        assert peak - steady <= MOST_MB
        assert town.order_faults() == []
        assert town.destination_faults() == []


def test_a_backlog_in_an_outbox_waits_there_and_is_worked_off_in_order(
    servers: Servers, tmp_path: Path
) -> None:
    with hub_alone(servers.roads, tmp_path, pages=PAGES) as town, edge_alone(town) as edge:
        town.hub.start()
        edge.fill(WARM)
        edge.process.start()
        edge.wait_until_answered()
        steady = edge.process.rss_mb()
        edge.process.stop()
        edge.fill(BACKLOG)

        edge.process.start()
        edge.wait_until_answered()
        peak = edge.process.peak_rss_mb()

        log.warning(SHOWN, BACKLOG, steady, peak)
        assert peak - steady <= MOST_MB
        assert town.order_faults() == []
        town.wait("all is handed over", lambda: not town.under_way(town.unit))
        owed = town.queries.handoffs(agency=town.unit, limit=10 * (WARM + BACKLOG))
        assert {line.published for line in owed} == {1}
        assert {line.id for line in owed} <= edge.delivered()
