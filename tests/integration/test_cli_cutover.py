"""`bus directory cutover`: what an operator types on the night, and what is answered."""

from datetime import datetime
from pathlib import Path

import pytest

from bus.crypto.keys import new_key, write_private
from bus.schemas.directory import KeyAlgorithm
from bus.simulation.turned_clock import LOCAL
from bus.storage.engine import open_engine
from bus.storage.migrate import migrate
from tests.support.fixtures_cli import ACTING, Bus, configured
from tests.support.reform import a_reformed_directory
from tests.support.reform_town import HUB, Town
from tests.support.small_province import NAM_BUNG, a_province, a_route, a_step

pytestmark = pytest.mark.usefixtures("divided")

CUTOVER = ("directory", "cutover", "--at", "2025-07-01", *ACTING)
DOSSIER = "H63.04639-250626-0001"


@pytest.fixture
def divided(tmp_path: Path) -> Path:
    """A hub whose one dossier lies in a commune that was divided."""
    database = f"sqlite:///{tmp_path / 'hub.db'}"
    engine = open_engine(database)
    migrate(engine, "hub")
    route = a_route(a_step("look"), procedure="1.001731")
    town = Town(engine, a_province(route))
    town.submit(DOSSIER, area=NAM_BUNG)
    town.reform(a_province(route, directory=a_reformed_directory()))
    engine.dispose()
    _, pem = new_key(HUB, KeyAlgorithm.ES256, datetime(2025, 1, 1, tzinfo=LOCAL), 3650)
    write_private(tmp_path / "hub.pem", pem)
    file = configured(tmp_path, database)
    with file.open("a", encoding="utf-8") as settings:
        settings.write("partitions = 4\n")
    return file


def test_the_list_of_what_is_undecided_is_the_file_that_decides_it(
    bus: Bus, tmp_path: Path
) -> None:
    asked = bus(*CUTOVER, "--apply")

    assert (asked.code, asked.out) == (1, f"dossier,area,to\n{DOSSIER},04639,90001\n")
    assert "1 hồ sơ cần quyết định địa bàn" in asked.err
    decisions = tmp_path / "quyet-dinh.csv"
    decisions.write_text(asked.out.replace("90001", "90002"), encoding="utf-8")

    done = bus(*CUTOVER, "--apply", "--decisions", decisions, "--json")

    assert done.code == 0
    assert {name: done.data[name] for name in ("placed", "moved", "kept", "to_decide")} == {
        "placed": 1,
        "moved": 1,
        "kept": 0,
        "to_decide": 0,
    }
    assert done.data["due_dates_changed"] == 0
    assert bus("ledger", "verify").code == 0
    trace = bus("dossier", "trace", DOSSIER).out
    assert "Người vận hành xác định địa bàn mới" in trace
    assert "chị Vận Hành: phần mềm đã sửa xong" in trace


def test_looking_first_says_what_would_happen(bus: Bus, tmp_path: Path) -> None:
    decisions = tmp_path / "quyet-dinh.csv"
    decisions.write_text("dossier,area,to\n,04639,90001\n", encoding="utf-8")

    looked = bus(*CUTOVER, "--dry-run", "--decisions", decisions)

    assert (looked.code, looked.out) == (0, "")
    assert "Sẽ chuyển 1 bước của 1 hồ sơ" in looked.err
    assert bus(*CUTOVER, "--dry-run").code == 1


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("dossier,area\n", "thiếu cột"),
        ("dossier,area,to\nx,04639,90001\n", "dossier"),
        (f"dossier,area,to\n{DOSSIER},04639,90001\n{DOSSIER},04639,90002\n", "chỉ giữ một dòng"),
    ],
)
def test_a_file_of_decisions_with_a_mistake_is_refused_whole(
    bus: Bus, tmp_path: Path, rows: str, told: str
) -> None:
    decisions = tmp_path / "sai.csv"
    decisions.write_text(rows, encoding="utf-8")

    refused = bus(*CUTOVER, "--apply", "--decisions", decisions)

    assert refused.code == 1
    assert "catalogue.invalid" in refused.err
    assert told in refused.err


def test_a_day_is_a_day_and_one_says_whether_to_do_it(bus: Bus) -> None:
    assert bus("directory", "cutover", "--at", "1/7/2025", *ACTING, "--apply").code == 2
    neither = bus("directory", "cutover", "--at", "2025-07-01", *ACTING)
    assert (neither.code, "--dry-run" in neither.err, "--apply" in neither.err) == (2, True, True)
    assert bus(*CUTOVER).code == 2


def test_several_processes_do_it_as_one(bus: Bus, tmp_path: Path) -> None:
    decisions = tmp_path / "quyet-dinh.csv"
    decisions.write_text("dossier,area,to\n,04639,90001\n", encoding="utf-8")

    done = bus(*CUTOVER, "--apply", "--decisions", decisions, "--processes", "2", "--json")

    assert (done.code, done.data["moved"], done.data["placed"]) == (0, 1, 1)
    assert bus("ledger", "verify").code == 0
