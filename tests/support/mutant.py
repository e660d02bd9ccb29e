"""The product with one of its safeguards taken out: a copy of the source with a changed line.

A simulator that finds nothing in such a copy would find nothing at all.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bus

SOURCE = Path(bus.__file__).parent
PROVINCE = SOURCE.parent / "deploy" / "yen-bai"


@dataclass(frozen=True)
class Edit:
    """One text of one file, which must be there exactly once, and what stands there instead."""

    file: str
    text: str
    instead: str


@dataclass(frozen=True)
class Safeguard:
    """A rule of the design, how the source reads without it, and the seed to begin with."""

    name: str
    without: Sequence[Edit]
    first: int = 1

    def __str__(self) -> str:
        return self.name


def copy_without(safeguard: Safeguard, folder: Path) -> Path:
    """Write the package into the folder, without the safeguard; return the folder."""
    shutil.copytree(SOURCE, folder / "bus", ignore=shutil.ignore_patterns("__pycache__"))
    for edit in safeguard.without:
        path = folder / "bus" / edit.file
        text = path.read_text(encoding="utf-8")
        assert text.count(edit.text) == 1, f"{edit.file} has {text.count(edit.text)} × {edit.text}"
        path.write_text(text.replace(edit.text, edit.instead), encoding="utf-8")
    return folder


def simulate(folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Run `bus simulate` from the source in the folder; return its exit code and what it said."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "bus", "simulate", "--json"),
            *("--province", str(PROVINCE), *arguments),
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONHASHSEED": "random"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr[-2000:]
    return done.returncode, json.loads(done.stdout)
