"""Imports go one way, and the contract that says so can fail."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]


def linted(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the copy of `bus` in a folder, not on the one that is installed."""
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "bus", tmp_path / "bus", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_are_kept() -> None:
    run = linted(ROOT)

    assert run.returncode == 0, run.stdout
    assert "0 broken" in run.stdout


def test_a_core_that_reads_the_time_breaks_them(copy: Path) -> None:
    machine = copy / "bus" / "routing" / "machine.py"
    machine.write_text(machine.read_text("utf-8") + "\nimport time\n", "utf-8")

    run = linted(copy)

    assert run.returncode == 1
    assert "The core decides and touches nothing BROKEN" in run.stdout
    assert "bus.routing is not allowed to import time" in run.stdout


def test_an_import_against_the_stream_breaks_them(copy: Path) -> None:
    machine = copy / "bus" / "routing" / "machine.py"
    machine.write_text(machine.read_text("utf-8") + "\nimport bus.storage.engine\n", "utf-8")

    run = linted(copy)

    assert run.returncode == 1
    assert "bus.routing is not allowed to import bus.storage" in run.stdout


def test_a_folder_without_a_place_breaks_them(copy: Path) -> None:
    (copy / "bus" / "novelty.py").write_text('"""New."""\n', "utf-8")

    run = linted(copy)

    assert run.returncode == 1
    assert "- bus.novelty" in run.stdout
