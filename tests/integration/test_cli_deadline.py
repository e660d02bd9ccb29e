"""`bus deadline explain` against a hub's database that real steps filled."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import update

from bus.cli import codes
from bus.storage.hub_tables import ledger
from tests.support.fixtures_cli import ACTING, SUPPLEMENTED, YEN_BAI, Bus, change, one_line


@pytest.mark.usefixtures("hub")
def test_an_official_reads_why_it_is_due_then(bus: Bus) -> None:
    said = bus("deadline", "explain", SUPPLEMENTED, "--step", "district_decide")

    assert said.code == codes.DONE
    lines = [line.strip() for line in said.out.splitlines()]
    assert lines[3].endswith("hạn / due: Thứ Tư 12/03/2025 17:00")
    assert lines[4].startswith("Thời hạn / Limit: 3 ngày làm việc, lịch của Phòng Lao động")
    assert "Điều 19 khoản 6" in lines[5]
    assert [line.partition("  ")[0] for line in lines[6:12]] == [
        "Thứ Sáu 07/03/2025",
        "Thứ Bảy 08/03/2025",
        "Chủ nhật 09/03/2025",
        "Thứ Hai 10/03/2025",
        "Thứ Ba 11/03/2025",
        "Thứ Tư 12/03/2025",
    ]
    assert "Bộ luật Dân sự 2015, Điều 147" in lines[6]
    assert "nghỉ, không tính" in lines[7]
    assert "188/1999/QĐ-TTg" in lines[7]
    assert "ngày thứ 3 / day 3" in lines[11]
    assert lines[12].startswith("→ Thứ Tư 12/03/2025 17:00")
    assert "CHÚ Ý" not in said.out


@pytest.mark.usefixtures("hub")
def test_a_supplement_after_15_00_is_told_with_its_articles(bus: Bus) -> None:
    said = bus("deadline", "explain", SUPPLEMENTED)

    assert "TOÀN BỘ HỒ SƠ" in said.out
    assert "BƯỚC / STEP commune_forward lần 2" in said.out
    assert "chờ công dân bổ sung hồ sơ" in said.out
    assert "Điều 19 khoản 4" in said.out
    assert "15:00 – nhận sau giờ chốt" in said.out


@pytest.mark.usefixtures("hub")
def test_a_program_reads_the_same_arithmetic(bus: Bus) -> None:
    shown = bus("dossier", "show", SUPPLEMENTED, "--json").data
    data = bus("deadline", "explain", SUPPLEMENTED, "--json").data

    whole, *steps = data["due_dates"]
    assert whole["due_at"] == shown["due_at"] == whole["parts"][-1]["due_at"]
    assert [one["kind"] for one in whole["parts"]] == ["counted", "stood", "counted"]
    assert all(one["agrees"] for one in data["due_dates"])
    assert {one["step"]: one["due_at"] for one in steps} == {
        line["step"]: line["due_at"] for line in shown["steps"] if line["round"] == 2
    } | {
        line["step"]: line["due_at"] for line in shown["steps"] if line["step"] != "commune_forward"
    }
    assert whole["parts"][-1]["days"][-1]["number"] == 5


@pytest.mark.usefixtures("hub")
def test_a_calendar_published_later_is_told_and_the_frozen_date_counts(
    bus: Bus, tmp_path: Path
) -> None:
    province = Path(shutil.copytree(YEN_BAI, tmp_path / "yen-bai"))
    file = province / "calendar.yaml"
    text = file.read_text(encoding="utf-8")
    day = '  - day: 2025-03-11\n    kind: holiday\n    name: "Nghỉ thêm"\n    basis: "Mẫu"\n'
    before = "  - day: 2025-04-07\n"
    file.write_text(text.replace(before, day + before), encoding="utf-8")
    due = bus("dossier", "show", SUPPLEMENTED, "--json").data["due_at"]
    assert bus("directory", "publish", province, *ACTING).code == codes.DONE

    said = bus("deadline", "explain", SUPPLEMENTED)
    whole = bus("deadline", "explain", SUPPLEMENTED, "--json").data["due_dates"][0]

    assert whole["due_at"] == due
    assert whole["agrees"]
    assert whole["by_newest_calendar"] == "2025-03-17T10:00:00+00:00"
    assert "sẽ cho Thứ Hai 17/03/2025 17:00" in said.out
    assert "hạn đã chốt khi bắt đầu tính vẫn có giá trị: Thứ Sáu 14/03/2025 17:00" in said.out


@pytest.mark.usefixtures("hub")
def test_what_is_not_there_is_named_with_what_is(bus: Bus) -> None:
    assert one_line(bus("deadline", "explain", "H63.140.05-250303-9999"), "not_found")

    step = bus("deadline", "explain", SUPPLEMENTED, "--step", "nowhere")

    assert one_line(step, "not_found")
    assert "commune_forward, district_decide" in step.err


def test_a_dossier_without_entries_is_a_matter_for_verify(hub: Path, bus: Bus) -> None:
    change(hub, update(ledger).values(dossier="H63.140.05-250303-9999"))

    said = bus("deadline", "explain", SUPPLEMENTED)

    assert one_line(said, "not_found")
    assert "bus ledger verify" in said.err
