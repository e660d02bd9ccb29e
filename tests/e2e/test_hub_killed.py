"""The hub of a whole province is killed in the middle of a run, again and again.

The same at ten chosen moments, in a small province: `tests/faults/test_hub_killed.py`.
"""

from pathlib import Path

import pytest

from tests.support.live_province import Roads, live_province
from tests.support.whole import assert_whole

DOSSIERS = 24
KILLS_AT = (10, 60, 140, 220)
"""How many ledger entries there are when the hub is killed."""


@pytest.mark.broker
@pytest.mark.database
@pytest.mark.timeout(180)
def test_a_hub_killed_at_any_moment_loses_and_repeats_nothing(
    own_vhost: tuple[str, str], own_database: str, tmp_path: Path
) -> None:
    amqp, _account = own_vhost
    with live_province(Roads(amqp, own_database), tmp_path, small=False) as province:
        province.hub.start()
        province.submit(DOSSIERS)
        for entries in KILLS_AT:
            province.wait_for_entries(entries)
            province.hub.kill()
            province.hub.start()

        assert_whole(province)
        assert province.hub.stop() == 0
