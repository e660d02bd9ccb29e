"""An edge killed before any one file operation: files are whole or not there, and none is twice."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bus.adapters.file_drop.adapter import file_drop
from bus.adapters.file_drop.options import FileDropOptions
from bus.adapters.file_drop.sink import FileDropSink
from bus.adapters.file_drop.source import REASON_ENDING
from bus.testing.builders import a_delivery
from bus.testing.fakes import ManualClock
from tests.integration.test_file_drop import DELIVERY, STABLE, Drop, as_csv
from tests.support.killed_child import survives

MOST = 40
"""More file operations than any of this takes."""


def _deliver(options: FileDropOptions) -> None:
    FileDropSink(options).deliver(a_delivery(), delivery=DELIVERY)


def _read_and_take(options: FileDropOptions) -> list[str]:
    clock = ManualClock()
    source, _ = file_drop(options, clock)
    source.changes(after=None, limit=100)
    clock.advance(STABLE)
    changes = source.changes(after=None, limit=100)
    source.taken(changes)
    return [change.dossier for change in changes]


def _drops(tmp_path: Path) -> Iterator[tuple[int, Drop]]:
    for number in range(1, MOST):
        folder = tmp_path / str(number)
        folder.mkdir()
        yield number, Drop(folder)


def test_a_hand_off_killed_anywhere_is_one_whole_file_after_the_repeat(tmp_path: Path) -> None:
    deaths = 0
    for number, drop in _drops(tmp_path):
        came_through = survives(partial(_deliver, drop.options), dies_before=number)
        left = [json.loads(file.read_text("utf-8")) for file in drop.outbox.glob("*.json")]
        assert [one["delivery"] for one in left] in ([], [str(DELIVERY)])

        _deliver(drop.options)

        assert [file.name for file in drop.outbox.glob("*.json")] == [f"{DELIVERY}.json"]
        if came_through:
            break
        deaths += 1

    assert deaths >= 5


def test_a_dropped_file_killed_anywhere_is_read_again_until_it_is_in_done(tmp_path: Path) -> None:
    deaths = 0
    for number, drop in _drops(tmp_path):
        drop.put("a.csv", as_csv(1, 2))
        came_through = survives(partial(_read_and_take, drop.options), dies_before=number)
        assert drop.names() in ({"a.csv"}, {"done/a.csv"})

        again = _read_and_take(drop.options)

        assert len(again) == (0 if came_through else 2)
        assert drop.names() == {"done/a.csv"}
        assert (drop.inbox / "done/a.csv").read_bytes() == as_csv(1, 2)
        if came_through:
            break
        deaths += 1

    assert deaths >= 3


def test_a_refused_file_killed_anywhere_ends_beside_its_reason(tmp_path: Path) -> None:
    deaths = 0
    for number, drop in _drops(tmp_path):
        drop.put("a.csv", b"no such columns")
        came_through = survives(partial(_read_and_take, drop.options), dies_before=number)

        _read_and_take(drop.options)

        rejected = {path.name for path in (drop.inbox / "rejected").glob("a*.csv")}
        assert len(rejected) == 1
        assert (drop.inbox / "rejected" / f"{min(rejected)}{REASON_ENDING}").read_bytes()
        if came_through:
            break
        deaths += 1

    assert deaths >= 4
