"""`docs/journey.md` tells the way of a message in names that are there."""

import ast
import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
JOURNEY: Final = (ROOT / "docs" / "journey.md").read_text("utf-8")
NAMED: Final = sorted(set(re.findall(r"`(bus/[\w/]+)(\.py)?(?::([\w.]+))?`", JOURNEY)))
HOPS: Final = ("Collect", "Relay", "Admit", "Route", "Deliver", "Settle", "Redeliver", "Time")


def defined(path: Path) -> set[str]:
    """The functions and classes of a module, methods as `Class.method`."""
    found: set[str] = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{one.name}" for one in node.body if hasattr(one, "name")}
    return found


@pytest.mark.parametrize(("path", "suffix", "name"), NAMED)
def test_what_the_journey_names_is_there(path: str, suffix: str, name: str) -> None:
    place = ROOT / f"{path}{suffix}"

    assert place.is_file() if suffix else place.is_dir()
    assert not name or name in defined(place)


def test_every_hop_is_told_once_and_in_order() -> None:
    told = re.findall(r"^\*\*(\d)\. (\w+)\.\*\*", JOURNEY, re.MULTILINE)

    assert told == [(str(number), name) for number, name in enumerate(HOPS, start=1)]


def test_every_worker_that_is_a_hop_is_on_the_way() -> None:
    workers = {"collect", "relay", "gate", "ingress", "desk", "deliver", "redeliver", "timers"}

    assert {f"bus/workers/{worker}" for worker in workers} <= {path for path, _, _ in NAMED}


def test_it_names_enough_to_be_worth_reading() -> None:
    assert len([name for _, _, name in NAMED if name]) > 25
