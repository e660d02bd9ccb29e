"""The command line in this process, and a hub's database that real steps filled."""

import json
import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
import structlog
from sqlalchemy import update

from bus.cli.main import main
from bus.ports import DeliveryState
from bus.simulation.joints import Embedded
from bus.simulation.rehearsal import rehearse
from bus.storage.engine import open_engine, writing
from bus.storage.hub_tables import delivery
from bus.storage.province import load_province

ROOT: Final = Path(__file__).parents[2]
YEN_BAI: Final = ROOT / "deploy/yen-bai"
HUB_AGENCY: Final = "H63.01.02"
SUPPLEMENTED: Final = "H63.140.05-250303-0001"
ACTING: Final = ("--reason", "phần mềm đã sửa xong", "--operator", "chị Vận Hành")


@dataclass(frozen=True, slots=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The JSON on stdout; nothing else may be there."""
        return json.loads(self.out)


class Bus:
    """The command line, in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str | Path) -> Said:
        self._capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        printed = self._capsys.readouterr()
        return Said(code, printed.out, printed.err)


@pytest.fixture
def bus(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Bus]:
    """The commands, started in an empty folder; logging is put back, it is the process's."""
    for name in ("BUS_CONFIG", "BUS_OPERATOR", "BUS_DEBUG", "BUS_SECRETS", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield Bus(capsys)
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hub's database after six dossiers have come home."""
    folder = tmp_path_factory.mktemp("rehearsed")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    outcome = rehearse(
        load_province(YEN_BAI),
        dossiers=6,
        seed=7,
        folder=folder,
        joints=Embedded(folder),
        watch=lambda _: None,
    )
    structlog.reset_defaults()
    assert outcome.whole
    return folder


def configured(folder: Path, database: str, amqp: str = "amqp://hub@127.0.0.1:1/lienthong") -> Path:
    file = folder / "hub.toml"
    file.write_text(
        f"""
        health.listen = "127.0.0.1:0"
        [broker]
        url = "{amqp}"
        [database]
        url = "{database}"
        [hub]
        agency = "{HUB_AGENCY}"
        key_file = "{folder / "hub.pem"}"
        """,
        encoding="utf-8",
    )
    return file


@pytest.fixture
def hub(rehearsed: Path, tmp_path: Path) -> Path:
    """The configuration of a hub with a copy of that database; commands find it by themselves."""
    for file in rehearsed.glob("hub.db*"):
        shutil.copy(file, tmp_path / file.name)
    return configured(tmp_path, f"sqlite:///{tmp_path / 'hub.db'}")


def one_line(said: Said, code: str) -> bool:
    """Say whether a refusal is one line that begins with its code, and nothing else."""
    return (
        said.out == ""
        and said.err.startswith(f"{code}: ")
        and said.err.count("\n") == 1
        and "Traceback" not in said.err
    )


def change(hub: Path, statement: Any) -> None:
    engine = open_engine(f"sqlite:///{hub.with_name('hub.db')}")
    with writing(engine) as connection:
        connection.execute(statement)
    engine.dispose()


def parked(hub: Path, bus: Bus) -> str:
    """Park one hand-off, as a permanent failure would, and return its id."""
    line = bus("handoff", "list", "--json", "--limit", "1").data[0]
    this = update(delivery).where(delivery.c.id == UUID(line["id"]))
    parked_by = {"state": DeliveryState.PARKED, "settled_at": None, "error": "destination.broken"}
    change(hub, this.values(**parked_by))
    return str(line["id"])
