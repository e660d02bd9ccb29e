"""The commands against a hub's database that real steps filled, and against wrong circumstances."""

import json
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from sqlalchemy import update

from bus.cli import codes
from bus.cli.main import main
from bus.crypto.keys import load_signer
from bus.ids import AgencyCode
from bus.schemas.directory import KeyAlgorithm
from bus.storage.hub_tables import ledger
from bus.storage.province import load_province
from tests.support.fixtures_cli import (
    ACTING,
    HUB_AGENCY,
    ROOT,
    SUPPLEMENTED,
    YEN_BAI,
    Bus,
    Said,
    change,
    configured,
    one_line,
    parked,
)

# --- dossiers --------------------------------------------------------------------------------


@pytest.mark.usefixtures("hub")
def test_dossiers_are_listed_last_accepted_first(bus: Bus) -> None:
    said = bus("dossier", "list", "--json")

    assert said.code == codes.DONE
    assert len(said.data) == 6
    accepted = [line["accepted_at"] for line in said.data]
    assert accepted == sorted(accepted, reverse=True)
    assert {"code", "procedure", "state", "receiving_unit", "due_at"} <= said.data[0].keys()


@pytest.mark.usefixtures("hub")
def test_a_list_is_plain_text_with_vietnamese_headings_where_nobody_watches(bus: Bus) -> None:
    said = bus("dossier", "list", "--state", "rejected")

    heading, line = said.out.splitlines()
    assert heading.split("  ")[0] == "Mã hồ sơ"
    assert "từ chối giải quyết" in line
    assert re.search(r"\d\d/03/2025 \d\d:\d\d", line)
    assert "\x1b" not in said.out
    assert "─" not in said.out


@pytest.mark.usefixtures("hub")
def test_an_empty_list_says_what_to_do(bus: Bus) -> None:
    said = bus("dossier", "list", "--state", "withdrawn")

    assert (said.code, said.out) == (codes.DONE, "")
    assert "thả tệp vào" in said.err


@pytest.mark.usefixtures("hub")
def test_where_everything_is_home_nothing_is_late(bus: Bus) -> None:
    assert bus("dossier", "list", "--overdue", "--json").data == []
    assert {line["overdue"] for line in bus("dossier", "list", "--json").data} == {False}


@pytest.mark.usefixtures("hub")
def test_a_dossier_is_shown_with_its_steps_and_without_its_owner(bus: Bus) -> None:
    shown = bus("dossier", "show", SUPPLEMENTED)
    data = bus("dossier", "show", SUPPLEMENTED, "--json").data

    assert "10 · đã trả kết quả" in shown.out
    axes = ("returned", 10, "none", "settled", "never")
    names = ("state", "national_code", "financial", "delivery", "synchronisation")
    assert tuple(data[name] for name in names) == axes
    assert "Ủy ban nhân dân xã Gia Hội" in shown.out
    assert [step["round"] for step in data["steps"] if step["step"] == "commune_forward"] == [1, 2]
    assert not {"owner", "content", "title"} & data.keys()


@pytest.mark.usefixtures("hub")
def test_a_trace_reads_like_a_story(bus: Bus) -> None:
    story = bus("dossier", "trace", SUPPLEMENTED).out

    told = [
        r"Ủy ban nhân dân xã Gia Hội.*: Nộp hồ sơ \(dossier\.submitted\)",
        r"→ .*: Phiếu chuyển hồ sơ giải quyết, bước commune_forward — đã nhận",
        r"Nhận xử lý bước \(step\.received\)",
        r"Yêu cầu bổ sung, hoàn thiện hồ sơ \(supplement\.requested\)",
        r"Bổ sung hồ sơ \(dossier\.supplemented\)",
        r"Hoàn thành bước \(step\.completed\)",
        r"→ .*: Kết thúc hồ sơ",
        r"Trả kết quả \(dossier\.returned\)",
    ]
    places = [match.start() for line in told if (match := re.search(line, story))]
    assert len(places) == len(told)
    assert places == sorted(places)
    assert re.search(r"^03/03/2025 \d\d:\d\d  #\d+/\d+  ", story, re.MULTILINE)


@pytest.mark.usefixtures("hub")
def test_a_trace_says_whose_deadline_a_notice_tells_of(bus: Bus) -> None:
    codes = [line["code"] for line in bus("dossier", "list", "--json", "--limit", "12").data]
    told = [line for code in codes for line in bus("dossier", "trace", code).out.splitlines()]
    notices = [line for line in told if re.search(r"→ .*: Cảnh báo sắp đến hạn", line)]

    assert any("Cảnh báo sắp đến hạn, bước " in line for line in notices)
    assert any("Cảnh báo sắp đến hạn, cả hồ sơ" in line for line in notices)
    assert all(re.search(r"hạn, (bước \w+|cả hồ sơ) — ", line) for line in notices)


@pytest.mark.usefixtures("hub")
def test_a_trace_tells_the_attempts_that_failed(bus: Bus) -> None:
    failing = next(
        line for line in bus("handoff", "list", "--json", "--limit", "500").data if line["failures"]
    )

    story = bus("dossier", "trace", failing["dossier"])
    events = bus("dossier", "trace", failing["dossier"], "--json").data["events"]

    assert story.out.count("thất bại destination.unavailable") == failing["failures"] == 6
    positions = [event["position"] for event in events if event["partition"]]
    assert positions == sorted(positions)
    (told,) = [one for event in events for one in event["handoffs"] if one["id"] == failing["id"]]
    assert [attempt["end"] for attempt in told["attempts"]] == ["failed"] * 6 + ["imported"]


@pytest.mark.usefixtures("hub")
def test_an_unknown_dossier_is_refused_in_one_line(bus: Bus) -> None:
    said = bus("dossier", "trace", "H63.140.05-250303-9999")

    assert said.code == codes.REFUSED
    assert one_line(said, "not_found")


# --- hand-offs -------------------------------------------------------------------------------


def test_a_parked_hand_off_is_listed_and_shown_with_what_failed(hub: Path, bus: Bus) -> None:
    handoff = parked(hub, bus)

    (line,) = bus("handoff", "list", "--state", "parked", "--json").data
    shown = bus("handoff", "show", handoff).out

    assert line["id"] == handoff
    assert "chờ người xử lý" in shown
    assert "destination.broken" in shown
    assert "body" not in bus("handoff", "show", handoff, "--json").data


def test_a_retried_hand_off_is_due_again_and_the_act_is_in_the_ledger(hub: Path, bus: Bus) -> None:
    handoff = parked(hub, bus)

    said = bus("handoff", "retry", handoff, *ACTING, "--json")

    assert (said.code, said.data["state"]) == (codes.DONE, "due")
    assert "chị Vận Hành: phần mềm đã sửa xong" in bus("dossier", "trace", said.data["dossier"]).out
    assert bus("ledger", "verify").code == codes.DONE


def test_a_discarded_hand_off_stays_discarded(hub: Path, bus: Bus) -> None:
    handoff = parked(hub, bus)

    assert bus("handoff", "discard", handoff, *ACTING).code == codes.DONE
    again = bus("handoff", "discard", handoff, *ACTING)

    assert again.code == codes.REFUSED
    assert one_line(again, "act.refused")


def test_acting_on_a_hand_off_needs_a_reason_and_a_name(hub: Path, bus: Bus) -> None:
    handoff = parked(hub, bus)

    said = bus("handoff", "retry", handoff, "--reason", "xong")

    assert said.code == codes.USAGE
    assert "--operator" in said.err


def test_the_operators_name_may_come_from_the_environment(
    hub: Path, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUS_OPERATOR", "anh Trực Ca")

    assert bus("handoff", "retry", parked(hub, bus), "--reason", "xong").code == codes.DONE


# --- the ledger ------------------------------------------------------------------------------


@pytest.mark.usefixtures("hub")
def test_a_whole_ledger_verifies(bus: Bus) -> None:
    said = bus("ledger", "verify", "--json")

    assert said.code == codes.DONE
    assert said.data["verified"]
    assert said.data["entries"] > 50
    assert (said.data["cases"], said.data["faults"]) == (6, [])


def test_a_changed_entry_is_named_by_partition_and_position(hub: Path, bus: Bus) -> None:
    entry = bus("dossier", "trace", SUPPLEMENTED, "--json").data["events"][2]
    where = (ledger.c.partition == entry["partition"]) & (ledger.c.position == entry["position"])
    change(hub, update(ledger).where(where).values(agency="H63.02"))

    said = bus("ledger", "verify")

    assert said.code == codes.REFUSED
    assert f"partition {entry['partition']} position {entry['position']}" in said.out
    assert "SỔ CÁI SAI" in said.err


# --- the directory and its routes ------------------------------------------------------------


@pytest.fixture
def province(tmp_path: Path) -> Path:
    return Path(shutil.copytree(YEN_BAI, tmp_path / "yen-bai"))


def without_a_tax_branch(province: Path) -> Path:
    file = province / "agencies.csv"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("G12.18.15.040,")]
    assert len(kept) == len(lines) - 1
    file.write_text("".join(kept), encoding="utf-8")
    return province


def empty_hub(folder: Path, bus: Bus) -> Path:
    file = configured(folder, f"sqlite:///{folder / 'hub.db'}")
    assert bus("db", "migrate").code == codes.DONE
    return file


def test_the_routes_of_yen_bai_hold_for_every_receiving_unit(bus: Bus) -> None:
    said = bus("procedure", "check", YEN_BAI)

    assert said.code == codes.DONE
    assert re.search(
        r"6 routes, 178 receiving units, \d+ steps, \d+ combinations checked",
        said.out.splitlines()[0],
    )


def test_without_one_tax_branch_the_check_names_route_step_and_units(
    bus: Bus, province: Path
) -> None:
    said = bus("procedure", "check", without_a_tax_branch(province))
    data = bus("procedure", "check", province, "1.012783", "--json").data

    assert said.code == codes.REFUSED
    assert "1.012783 phiên bản 1, bước tax" in said.out
    assert "H63.140.05  Ủy ban nhân dân xã Gia Hội" in said.out
    errors = [finding for finding in data["findings"] if finding["severity"] == "error"]
    assert {finding["step"] for finding in errors} == {"tax"}
    assert "H63.140.05" in {unit["code"] for finding in errors for unit in finding["units"]}
    assert all(finding["procedure"] == "1.012783" for finding in data["findings"])


def test_a_route_is_shown_step_by_step(bus: Bus) -> None:
    said = bus("procedure", "show", YEN_BAI, "1.012783")

    steps = [line.split("  ")[0] for line in said.out.splitlines()][-4:]
    assert steps == ["appraise", "tax", "payment", "sign_result"]
    assert [line["procedure"] for line in bus("procedure", "list", YEN_BAI, "--json").data] == [
        *("1.001731", "1.001776", "1.012783", "2.000286", "2.002621", "2.002622")
    ]


def test_a_directory_is_published_once_and_a_repeat_says_nothing_changed(
    bus: Bus, province: Path, tmp_path: Path
) -> None:
    empty_hub(tmp_path, bus)

    first = bus("directory", "publish", province, *ACTING, "--json").data
    again = bus("directory", "publish", province, *ACTING)

    assert (first["version"], first["published"]) == (1, True)
    assert first["changes"]["agencies"] == {"total": 401, "added": 401, "removed": 0, "changed": 0}
    assert (again.code, again.out) == (codes.DONE, "")
    assert "Không có gì thay đổi" in again.err


def test_publishing_says_what_changed(bus: Bus, province: Path, tmp_path: Path) -> None:
    empty_hub(tmp_path, bus)
    bus("directory", "publish", province, *ACTING)
    (province / "routes/1.001731.yaml").unlink()

    said = bus("directory", "publish", province, *ACTING)

    assert (said.code, said.out) == (codes.DONE, "2\n")
    assert "quy trình / routes: 5 (+0 −1 ~0)" in said.err


def test_a_directory_with_a_gap_is_not_published(bus: Bus, province: Path, tmp_path: Path) -> None:
    empty_hub(tmp_path, bus)

    said = bus("directory", "publish", without_a_tax_branch(province), *ACTING)

    assert said.code == codes.REFUSED
    assert "Chưa công bố" in said.err
    assert one_line(bus("broker", "show"), "not_found"), "nothing is published"


def test_a_directory_is_counted(bus: Bus) -> None:
    data = bus("directory", "check", YEN_BAI, "--json").data

    assert (data["agencies"], data["units"], data["routes"]) == (401, 178, 6)
    assert data["check"]["ok"]


# --- keys ------------------------------------------------------------------------------------


def test_a_new_key_is_private_on_one_side_and_published_on_the_other(
    bus: Bus, province: Path, tmp_path: Path
) -> None:
    private = tmp_path / "gia-hoi.pem"

    said = bus(
        *("key", "new", "H63.140.05", "--province", province, "--out", private),
        *("--from", "2025-03-01", "--days", "10"),
    )

    kid = said.out.strip()
    assert said.code == codes.DONE
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    (key,) = load_province(province).directory.keys
    assert (key.kid, key.agency, key.algorithm) == (
        kid,
        AgencyCode("H63.140.05"),
        KeyAlgorithm.ES256,
    )
    assert key.valid_from == datetime(2025, 2, 28, 17, tzinfo=UTC), "midnight in Vietnam"
    assert load_signer(private, kid).sign(b"{}")


def test_a_key_in_a_folder_is_named_by_its_kid(bus: Bus, province: Path, tmp_path: Path) -> None:
    said = bus("key", "new", "H63.140.05", "--province", province, "--out", tmp_path, "--json")

    assert Path(said.data["private"]) == tmp_path / f"{said.data['kid']}.pem"


def test_a_key_is_never_overwritten(bus: Bus, province: Path, tmp_path: Path) -> None:
    private = tmp_path / "gia-hoi.pem"
    private.write_text("khoá cũ", encoding="utf-8")

    said = bus("key", "new", "H63.140.05", "--province", province, "--out", private)

    assert said.code == codes.REFUSED
    assert one_line(said, "act.refused")
    assert private.read_text(encoding="utf-8") == "khoá cũ"
    assert load_province(province).directory.keys == ()


def test_a_key_for_nobody_is_refused(bus: Bus, province: Path, tmp_path: Path) -> None:
    said = bus("key", "new", "H99.1", "--province", province, "--out", tmp_path / "x.pem")

    assert said.code == codes.REFUSED
    assert one_line(said, "not_found")


def test_an_unknown_algorithm_is_wrong_usage(bus: Bus, province: Path, tmp_path: Path) -> None:
    said = bus(
        *("key", "new", "H63.140.05", "--province", province, "--out", tmp_path / "x.pem"),
        *("--algorithm", "HS256"),
    )

    assert said.code == codes.USAGE


# --- schemas, databases, topology ------------------------------------------------------------


def test_schemas_are_written_as_files(bus: Bus, tmp_path: Path) -> None:
    said = bus("schema", "export", tmp_path / "out", "--partitions", "4", "--json")

    files = [tmp_path / "out" / name for name in said.data["files"]]
    assert tmp_path / "out/agency/dossier.submitted.1.json" in files
    assert json.loads((tmp_path / "out/asyncapi.json").read_text())["asyncapi"] == "3.0.0"
    assert all(json.loads(file.read_text(encoding="utf-8")) for file in files)


def test_schemas_cannot_be_written_into_a_file(bus: Bus, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")

    assert one_line(bus("schema", "export", tmp_path / "out"), "act.refused")


@pytest.mark.parametrize("kind", ["hub", "edge"])
def test_a_database_is_old_until_it_is_migrated(bus: Bus, tmp_path: Path, kind: str) -> None:
    where = ("--url", f"sqlite:///{tmp_path / 'node.db'}", "--kind", kind)

    before = bus("db", "current", *where, "--json")
    applied = bus("db", "migrate", *where, "--json").data["applied"]
    after = bus("db", "current", *where, "--json")

    assert (before.code, before.data["current"]) == (codes.REFUSED, None)
    assert (after.code, after.data["current"]) == (codes.DONE, applied[-1])
    assert bus("db", "migrate", *where, "--json").data["applied"] == []


def test_the_topology_is_shown_as_a_definitions_file(bus: Bus) -> None:
    data = bus("broker", "show", "--province", YEN_BAI, "--partitions", "2", "--json").data

    queues = {queue["name"] for queue in data["queues"]}
    assert {"hub.in.p00", "hub.in.p01", "agency.h63-140-05"} <= queues
    assert "hub.in.p02" not in queues


# --- when things are wrong -------------------------------------------------------------------


@pytest.fixture
def closed_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


def test_an_unreachable_database_exits_3(bus: Bus, tmp_path: Path, closed_port: int) -> None:
    configured(tmp_path, f"postgresql+psycopg://bus:secret@127.0.0.1:{closed_port}/bus")

    said = bus("dossier", "list")

    assert said.code == codes.UNREACHABLE
    assert one_line(said, "storage.unavailable")
    assert "secret" not in said.err


def test_a_passwords_file_that_is_missing_wrong_or_names_a_stranger_creates_nothing(
    bus: Bus, tmp_path: Path, closed_port: int
) -> None:
    def apply(file: Path) -> Said:
        management = f"http://guest:guest@127.0.0.1:{closed_port}"
        target = ("--province", YEN_BAI, "--url", f"amqp://guest:guest@127.0.0.1:{closed_port}/x")
        return bus("broker", "apply", *target, "--management", management, "--passwords", str(file))

    (malformed := tmp_path / "malformed.toml").write_text("h63-140-05", encoding="utf-8")
    (strange := tmp_path / "strange.toml").write_text('h63-140-99 = "x"', encoding="utf-8")

    for file, told in (
        (tmp_path / "nope.toml", "No such file"),
        (malformed, 'account = "password"'),
        (strange, "no agency of the directory has the account h63-140-99"),
    ):
        said = apply(file)
        assert one_line(said, "setting.invalid")
        assert told in said.err


def test_an_unreachable_broker_exits_3(bus: Bus, closed_port: int) -> None:
    said = bus(
        *("broker", "apply", "--province", YEN_BAI),
        *("--url", f"amqp://admin:secret@127.0.0.1:{closed_port}/lienthong"),
    )

    assert said.code == codes.UNREACHABLE
    assert one_line(said, "broker.unavailable")
    assert "secret" not in said.err


def test_a_wrong_setting_stops_every_hub_command_with_one_line(bus: Bus, tmp_path: Path) -> None:
    file = configured(tmp_path, "sqlite:///hub.db")
    file.write_text(file.read_text().replace("key_file", "key_fil"))

    for command in (["hub", "run"], ["dossier", "list"], ["ledger", "verify"], ["db", "current"]):
        said = bus(*command)
        assert said.code == codes.REFUSED, command
        assert said.out == ""
        assert "Traceback" not in said.err
        assert all("hub.toml" in line for line in said.err.splitlines())
        assert "key_fil" in said.err


def test_an_edge_file_that_is_not_there_is_refused(bus: Bus, tmp_path: Path) -> None:
    said = bus("adapter", "run", tmp_path / "edge.toml")

    assert said.code == codes.REFUSED
    assert one_line(said, "setting.invalid")


def test_a_province_that_is_not_there_is_refused(bus: Bus) -> None:
    said = bus("demo", "--province", "atlantis")

    assert said.code == codes.REFUSED
    assert one_line(said, "not_found")


def failing() -> None:
    """Fail in a way nobody foresaw."""
    raise ZeroDivisionError


def test_an_unexpected_failure_says_where_its_details_are(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    commands = typer.Typer()
    commands.command()(failing)

    code = main([], commands)

    assert code == codes.REFUSED
    assert one_line(Said(code, *capsys.readouterr()), "unexpected")
    (details,) = tmp_path.glob("bus-error-*.log")
    assert "ZeroDivisionError" in details.read_text()
    assert stat.S_IMODE(details.stat().st_mode) == 0o600


def test_a_developer_sees_the_failure_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUS_DEBUG", "1")
    commands = typer.Typer()
    commands.command()(failing)

    with pytest.raises(ZeroDivisionError):
        main([], commands)


# --- a hub that starts, or refuses to ---------------------------------------------------------


def a_hub_ready_to_run(bus: Bus, province: Path, folder: Path, amqp: str) -> Path:
    """Return the configuration of a hub with database, directory and key."""
    file = configured(folder, f"sqlite:///{folder / 'hub.db'}", amqp)
    said = bus("key", "new", HUB_AGENCY, "--province", province, "--out", folder / "hub.pem")
    with file.open("a", encoding="utf-8") as more:
        more.write(f'kid = "{said.out.strip()}"\n')
    assert bus("db", "migrate").code == codes.DONE
    assert bus("directory", "publish", province, *ACTING).code == codes.DONE
    return file


def test_a_hub_without_its_key_file_refuses_to_start(
    bus: Bus, province: Path, tmp_path: Path
) -> None:
    a_hub_ready_to_run(bus, province, tmp_path, "amqp://hub@127.0.0.1:1/x")
    (tmp_path / "hub.pem").unlink()

    assert one_line(bus("hub", "run"), "setting.invalid")


def test_a_hub_over_a_database_that_was_not_migrated_refuses_to_start(
    bus: Bus, province: Path, tmp_path: Path
) -> None:
    a_hub_ready_to_run(bus, province, tmp_path, "amqp://hub@127.0.0.1:1/x")
    (tmp_path / "hub.db").unlink()

    assert one_line(bus("hub", "run"), "schema.outdated")


def test_a_hub_without_a_directory_refuses_to_start(
    bus: Bus, province: Path, tmp_path: Path
) -> None:
    a_hub_ready_to_run(bus, province, tmp_path, "amqp://hub@127.0.0.1:1/x")
    (tmp_path / "hub.db").unlink()
    bus("db", "migrate")

    said = bus("hub", "run")

    assert one_line(said, "not_found")
    assert "bus directory publish" in said.err


def test_a_hub_whose_key_nobody_knows_refuses_to_start(
    bus: Bus, province: Path, tmp_path: Path
) -> None:
    file = a_hub_ready_to_run(bus, province, tmp_path, "amqp://hub@127.0.0.1:1/x")
    file.write_text(re.sub(r'kid = ".*"', 'kid = "another"', file.read_text("utf-8")))

    said = bus("hub", "run")

    assert one_line(said, "setting.invalid")
    assert "another" in said.err


def stopped_after(file: Path, event: str, count: int) -> tuple[int, list[dict[str, Any]]]:
    """Run a hub until it logged an event so many times, tell it to stop, return all it logged."""
    program = "import sys; from bus.cli.main import main; sys.exit(main(sys.argv[1:]))"
    events: list[dict[str, Any]] = []
    with subprocess.Popen(
        [sys.executable, "-c", program, "hub", "run", "--config", str(file), "--json"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stderr is not None
        for line in running.stderr:
            events.append(json.loads(line))
            if sum(one["event"] == event for one in events) == count:
                break
        running.send_signal(signal.SIGTERM)
        try:
            _, rest = running.communicate(timeout=30)
        finally:
            running.kill()
    return running.returncode, events + [json.loads(line) for line in rest.splitlines()]


def test_a_hub_waits_for_its_broker_with_one_line_and_stops_when_told(
    bus: Bus, province: Path, tmp_path: Path, closed_port: int
) -> None:
    nowhere = f"amqp://hub:secret@127.0.0.1:{closed_port}/x"
    file = a_hub_ready_to_run(bus, province, tmp_path, nowhere)

    code, events = stopped_after(file, "worker.unfit", 1)

    unfit = [event for event in events if event["event"] == "worker.unfit"]
    assert code == codes.DONE
    assert [event["code"] for event in unfit] == ["broker.unavailable"]
    assert events[-1]["event"] == "node.stopped"
    assert "secret" not in json.dumps(events)


def test_a_hub_waits_for_its_database_and_stops_when_told(
    bus: Bus, province: Path, tmp_path: Path, closed_port: int
) -> None:
    a_hub_ready_to_run(bus, province, tmp_path, "amqp://hub@127.0.0.1:1/x")
    file = configured(tmp_path, f"postgresql://hub:secret@127.0.0.1:{closed_port}/bus")

    code, events = stopped_after(file, "node.waiting", 1)

    assert (code, [event["event"] for event in events]) == (codes.DONE, ["node.waiting"])
    assert events[0]["code"] == "storage.unavailable"
    assert "secret" not in json.dumps(events)


# --- the demo --------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_demo_prints_json_and_nothing_else(bus: Bus) -> None:
    said = bus("demo", "--dossiers", "6", "--json")

    data = said.data
    assert said.code == codes.DONE
    assert data["dossiers"]["submitted"] == 6
    assert data["dossiers"]["completed"] + data["dossiers"]["rejected"] == 6
    assert (data["dossiers"]["open"], data["handoffs"]["parked"]) == (0, 0)
    assert data["ledger"]["verified"]
    assert {"agencies", "seconds", "procedures", "events"} <= data.keys()
    assert "03/03/2025" in said.err, "progress is told in simulated days"


def test_what_a_demo_keeps_can_be_asked_about(bus: Bus, tmp_path: Path) -> None:
    kept = tmp_path / "kept"

    said = bus("demo", "--dossiers", "6", "--keep", str(kept))

    assert said.code == codes.DONE
    config = str(kept / "hub.toml")
    assert f"BUS_CONFIG={config}" in said.err
    lines = bus("dossier", "list", "--json", "--config", config).data
    assert len(lines) == 6
    assert bus("deadline", "explain", lines[0]["code"], "--config", config).code == codes.DONE
    assert bus("ledger", "verify", "--config", config).code == codes.DONE
    again = bus("demo", "--dossiers", "6", "--keep", str(kept))
    assert (again.code, "không rỗng" in again.err) == (codes.REFUSED, True)


def test_a_demo_over_servers_keeps_nothing(bus: Bus, tmp_path: Path) -> None:
    servers = ("--amqp", "amqp://hub@localhost/x", "--database", "postgresql://x@localhost/x")

    assert bus("demo", *servers, "--keep", str(tmp_path / "kept")).code == codes.USAGE


def test_the_demo_over_servers_needs_both_of_them(bus: Bus) -> None:
    assert bus("demo", "--amqp", "amqp://hub@localhost/x").code == codes.USAGE
