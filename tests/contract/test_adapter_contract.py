"""The shipped contract suite, run on the file drop and on the scripted fakes."""

import json
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import pytest

from bus.adapters.file_drop.adapter import file_drop
from bus.adapters.file_drop.mapping import to_row
from bus.adapters.file_drop.options import FileDropOptions
from bus.adapters.file_drop.sink import FileDropSink
from bus.adapters.file_drop.source import FileDropSource
from bus.errors import DestinationRefused, DestinationUnavailable, SourceUnavailable
from bus.ids import DossierCode
from bus.testing.adapter_contract import (
    RefusingSinkContract,
    RefusingSinkWorld,
    SinkContract,
    SinkWorld,
    SourceContract,
    SourceWorld,
)
from bus.testing.builders import a_submission_content
from bus.testing.fakes import ManualClock, ScriptedSink, ScriptedSource


class FileWorld:
    """A folder pair; files are dropped two rows to a file and stand still at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._options = FileDropOptions(
            kind="file_drop",
            inbox=folder / "inbox",
            outbox=folder / "outbox",
            area="04636",
            stable_seconds=0,
        )
        self._options.inbox.mkdir()
        self._options.outbox.mkdir()

    def happen(self, *dossiers: DossierCode) -> None:
        rows = [to_row(dossier, a_submission_content()) for dossier in dossiers]
        for number, start in enumerate(range(0, len(rows), 2)):
            content = json.dumps(rows[start : start + 2], ensure_ascii=False)
            path = self._options.inbox / f"{number:03d}.json"
            path.write_text(content, encoding="utf-8")

    def source(self) -> FileDropSource:
        return file_drop(self._options, ManualClock())[0]

    def sink(self) -> FileDropSink:
        return file_drop(self._options, ManualClock())[1]

    def holds(self) -> Mapping[UUID, object]:
        return {UUID(path.stem): path.read_bytes() for path in self._options.outbox.glob("*.json")}

    def go_down(self) -> None:
        for name in ("inbox", "outbox"):
            (self._folder / name).rename(self._folder / f"{name}-gone")

    def come_back(self) -> None:
        for name in ("inbox", "outbox"):
            (self._folder / f"{name}-gone").rename(self._folder / name)


class ScriptedSourceWorld:
    """The fake keeps the system and the source in one object."""

    def __init__(self) -> None:
        self._source = ScriptedSource()

    def happen(self, *dossiers: DossierCode) -> None:
        for dossier in dossiers:
            self._source.happen(dossier, a_submission_content())

    def source(self) -> ScriptedSource:
        return self._source

    def go_down(self) -> None:
        self._source.down = SourceUnavailable("the register is down")

    def come_back(self) -> None:
        self._source.down = None


class ScriptedSinkWorld:
    """The fake keeps the system and the sink in one object."""

    def __init__(self) -> None:
        self._sink = ScriptedSink()

    def sink(self) -> ScriptedSink:
        return self._sink

    def holds(self) -> Mapping[UUID, object]:
        return self._sink.received

    def go_down(self) -> None:
        self._sink.down = DestinationUnavailable("the register is down")

    def come_back(self) -> None:
        self._sink.down = None

    def refuse(self) -> None:
        self._sink.fail_next(DestinationRefused("the register says no"))


class TestFileDropSource(SourceContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> SourceWorld:
        return FileWorld(tmp_path)


class TestFileDropSink(SinkContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> SinkWorld:
        return FileWorld(tmp_path)


class TestScriptedSource(SourceContract):
    @pytest.fixture
    def world(self) -> SourceWorld:
        return ScriptedSourceWorld()


class TestScriptedSink(RefusingSinkContract):
    @pytest.fixture
    def world(self) -> RefusingSinkWorld:
        return ScriptedSinkWorld()
