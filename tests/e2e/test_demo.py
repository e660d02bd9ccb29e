"""The rehearsal of a province: all come home, the same each time, embedded and on servers."""

import json
import subprocess
import sys
from typing import Any

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

DOSSIERS = 36


def demo(*options: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "bus", "demo", "--json", "--seed", "7"]
    command += ["--dossiers", str(DOSSIERS), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)

    assert done.returncode == 0, done.stderr[-3000:]
    outcome = json.loads(done.stdout)
    assert isinstance(outcome, dict)
    return outcome


def totals(outcome: dict[str, Any]) -> dict[str, Any]:
    return {key: outcome[key] for key in ("dossiers", "handoffs", "ledger", "agencies")}


@pytest.mark.broker
@pytest.mark.database
def test_the_same_seed_ends_the_same_embedded_and_over_real_servers(
    own_vhost: tuple[str, str], own_database: str
) -> None:
    once = demo()

    assert totals(demo()) == totals(once)
    assert totals(demo("--amqp", own_vhost[0], "--database", own_database)) == totals(once)


def test_the_province_crosses_1_july_2025_and_no_deadline_moves() -> None:
    outcome = demo("--scenario", "cutover")

    assert outcome["dossiers"]["open"] == 0
    assert outcome["dossiers"]["submitted"] == DOSSIERS
    assert outcome["ledger"]["verified"] is True
    crossed = outcome["cutover"]
    assert crossed["due_dates_changed"] == crossed["to_decide"] == 0
    assert crossed["moved"] >= crossed["open_before"] // 2 >= 1
    assert crossed["filed_after"] == DOSSIERS // 3


def test_everything_comes_home_and_the_demo_shows_what_went_wrong_and_healed() -> None:
    outcome = demo()

    dossiers, handoffs = outcome["dossiers"], outcome["handoffs"]
    assert dossiers["submitted"] == DOSSIERS
    assert dossiers["open"] == 0
    assert dossiers["submitted"] == dossiers["completed"] + dossiers["rejected"]
    assert dossiers["rejected"] >= 1
    assert handoffs["imported"] == handoffs["sent"]
    assert handoffs["parked"] == 0
    assert handoffs["retried"] >= 1
    assert outcome["ledger"]["verified"] is True
    story = "\n".join(outcome["events"])
    assert "ngừng" in story
    assert "bị từ chối" in story
    assert "phải bổ sung" in story
