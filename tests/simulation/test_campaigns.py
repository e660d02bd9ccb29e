"""`bus simulate`: hundreds of storms that break no promise, each the same for its seed."""

import json
import os
import signal
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from tests.support.mutant import PROVINCE, SOURCE, Edit, Safeguard, copy_without, simulate
from tests.support.rabbitmq import eventually

HERE = SOURCE.parent
FORGETFUL = Safeguard(
    "an edge and its system remember what they took",
    [
        Edit(
            "workers/deliver.py",
            "row = rows.get(message.id) or before.get(message.id)",
            "row = None",
        ),
        Edit("simulation/officials.py", "if known is not None:\n", "if False:\n"),
    ],
)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_three_hundred_heavy_storms_break_no_promise() -> None:
    code, said = simulate(
        HERE, *["--seed", "1", "--runs", "300", "--faults", "heavy", "--jobs", "2"]
    )

    assert (code, said["violations"], said["found"]) == (0, 0, None)
    assert (said["runs"], said["filed"]) == (300, 6000)
    assert said["struck"] > 300 * 100


@pytest.mark.slow
@pytest.mark.parametrize(("faults", "fewest", "most"), [("none", 0, 0), ("light", 10, 100)])
def test_calmer_weather_breaks_no_promise_either(faults: str, fewest: int, most: int) -> None:
    code, said = simulate(HERE, "--runs", "4", "--faults", faults)

    assert (code, said["violations"]) == (0, 0)
    assert fewest <= said["struck"] / said["runs"] <= most


@pytest.mark.slow
def test_the_same_seed_gives_the_same_history_byte_for_byte(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"

    _, said = simulate(HERE, "--seed", "5", "--runs", "3", "--history", str(first))
    _, again = simulate(HERE, "--seed", "5", "--runs", "3", "--jobs", "2", "--history", str(second))

    assert first.read_bytes() == second.read_bytes()
    assert said["history"] == again["history"] == sha256(first.read_bytes()).hexdigest()
    assert len(first.read_text().splitlines()) > 1000


@pytest.mark.slow
def test_another_seed_gives_another_history() -> None:
    _, said = simulate(HERE, "--seed", "5", "--runs", "1")
    _, other = simulate(HERE, "--seed", "6", "--runs", "1")

    assert said["history"] != other["history"]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_broken_promise_is_shown_with_the_shortest_history_and_can_be_replayed(
    tmp_path: Path,
) -> None:
    folder = copy_without(FORGETFUL, tmp_path)

    code, said = simulate(folder, "--runs", "50")
    found = said["found"]
    again_code, again = simulate(folder, "--no-shrink", *found["replay"].split()[2:])

    assert code == again_code == 1
    assert found["violations"] == again["found"]["violations"]
    assert found["dossiers"] < said["dossiers"]
    assert len(found["struck"]) < 10
    assert any("took" in line for line in found["history"])


@pytest.mark.slow
def test_a_campaign_without_end_ends_with_its_figures_when_it_is_stopped() -> None:
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "bus", "simulate", "--runs", "0", "--dossiers", "1"),
            *("--json", "--province", str(PROVINCE)),
        ],
        cwd=HERE,
        env={**os.environ, "PYTHONPATH": str(HERE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("100 lần chạy")
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=60)

    assert process.returncode == 0
    assert json.loads(said)["runs"] >= 100
    assert json.loads(said)["violations"] == 0


@pytest.mark.slow
def test_an_interrupt_from_the_keyboard_reaches_all_processes_and_loses_none() -> None:
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "bus", "simulate", "--runs", "0", "--dossiers", "1"),
            *("--jobs", "2", "--json", "--province", str(PROVINCE)),
        ],
        cwd=HERE,
        env={**os.environ, "PYTHONPATH": str(HERE)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        eventually(lambda: len(children.read_text().split()) >= 2, within=60, what="it has begun")
        os.killpg(process.pid, signal.SIGINT)  # what a terminal does
        said, _ = process.communicate(timeout=60)

    assert process.returncode == 0
    assert json.loads(said)["violations"] == 0
