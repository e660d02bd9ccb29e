"""`bus procedure`: what is wrong with a route is told whole, with its place, before it counts."""

import shutil
import time
from pathlib import Path
from typing import Final

import pytest

from bus.cli import codes
from tests.support.fixtures_cli import ACTING, YEN_BAI, Bus, configured

LAND: Final = "routes/1.012783.yaml"
DEATH: Final = "routes/2.002622.yaml"
FACILITY: Final = "routes/2.000286.yaml"
MOST_SECONDS: Final = 10.0


@pytest.fixture
def province(tmp_path: Path) -> Path:
    """A copy of the sample province, to be broken."""
    folder = tmp_path / "tinh"
    shutil.copytree(YEN_BAI, folder)
    return folder


def change(folder: Path, name: str, old: str, new: str) -> int:
    """Change the first place that has a text, and return its line."""
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


# --- check: an error of every kind, put into a province that holds ----------------------------

TAX_WHEN: Final = "when: \"steps.appraise.outcome == 'obligation'\""
INSURED: Final = "when: \"facts.regime == 'social_insurance'\""
PROTECTED: Final = "when: \"facts.regime == 'social_protection'\""

INJECTED = [
    ("graph.cycle", LAND, "needs: [appraise]", "needs: [appraise, sign_result]"),
    ("graph.unreachable", LAND, TAX_WHEN, "when: \"steps.appraise.outcome == ''\""),
    ("condition.unreadable", LAND, TAX_WHEN, 'when: "steps.appraise.outcome =="'),
    ("condition.value_unknown", LAND, TAX_WHEN, "when: \"steps.appraise.outcome == 'obligated'\""),
    ("condition.step_not_needed", LAND, TAX_WHEN, "when: \"steps.sign_result.outcome == 'done'\""),
    ("condition.fact_unknown", DEATH, INSURED, "when: \"facts.regmie == 'none'\""),
    ("condition.fails", DEATH, INSURED, 'when: "facts.regime > 3"'),
    ("alternatives.overlap", DEATH, PROTECTED, INSURED),
    ("alternatives.gap", DEATH, "at_most_one", "exactly_one"),
    ("alternatives.no_condition", DEATH, "[funeral_social_insurance,", "[death,"),
    ("sees.result_not_there", DEATH, "results: [death]", "results: [death, residence_deletion]"),
    ("sees.fact_unknown", DEATH, "facts: [regime]", "facts: [regime, age]"),
    ("sees.component_unknown", DEATH, "alternatives:", "components: [CT01]\nalternatives:"),
    ("payment.never_requested", LAND, "may_request_payment: true", "may_request_payment: false"),
    ("limit.exceeds_total", FACILITY, "amount: 27", "amount: 26"),
    ("competence.none", LAND, "role: tax, level: district", "role: tax, level: commune"),
    ("receiving.none", LAND, "level: district}", "level: central}"),
]


def everywhere(folder: Path, code: str) -> None:
    """Some faults need a second change to be one."""
    if code == "receiving.none":
        change(folder, LAND, "  - {role: one_stop_unit, level: commune}\n", "")


@pytest.mark.parametrize(("code", "name", "old", "new"), INJECTED, ids=[row[0] for row in INJECTED])
def test_an_injected_error_is_told_with_its_file_and_line(
    bus: Bus, province: Path, *, code: str, name: str, old: str, new: str
) -> None:
    everywhere(province, code)
    change(province, name, old, new)

    said = bus("procedure", "check", province)
    data = bus("procedure", "check", province, "--json").data

    assert said.code == codes.REFUSED
    (finding, *_) = [one for one in data["findings"] if one["code"] == code]
    assert finding["severity"] == "error"
    assert finding["file"] == name
    text = (province / name).read_text(encoding="utf-8").splitlines()
    assert finding["key"] in text[finding["line"] - 1]
    assert f"LỖI / ERROR [{code}] {name}:{finding['line']}: " in said.out


def test_two_agencies_for_one_step_are_told_with_the_receiving_units(
    bus: Bus, province: Path
) -> None:
    file = province / "agencies.csv"
    rows = file.read_text(encoding="utf-8").splitlines()
    tax = next(row for row in rows if row.startswith("G12.18.15.040,"))
    twin = tax.replace("G12.18.15.040,040.15.18.G12", "G12.18.15.940,940.15.18.G12")
    file.write_text("\n".join([*rows, twin, ""]), encoding="utf-8")

    said = bus("procedure", "check", province)

    assert said.code == codes.REFUSED
    text = (province / LAND).read_text(encoding="utf-8")
    line = text[: text.index("role: tax")].count("\n") + 1
    assert f"[competence.ambiguous] {LAND}:{line}: 1.012783 phiên bản 1, bước tax: " in said.out
    assert "    H63.140.05  Ủy ban nhân dân xã Gia Hội, huyện Văn Chấn" in said.out


def test_an_agency_that_ends_before_the_route_is_found_without_waiting_for_the_day(
    bus: Bus, province: Path
) -> None:
    file = province / "agencies.csv"
    rows = file.read_text(encoding="utf-8").splitlines()
    heads = next(row for row in rows if row.startswith("code,")).split(",")
    place = next(at for at, row in enumerate(rows) if row.startswith("G12.18.15.040,"))
    cells = rows[place].split(",")
    cells[heads.index("valid_to")] = "2025-03-31"
    rows[place] = ",".join(cells)
    file.write_text("\n".join([*rows, ""]), encoding="utf-8")

    said = bus("procedure", "check", province)

    assert said.code == codes.REFUSED
    assert "từ 01/04/2025 đến 30/06/2025" in said.out


def test_all_errors_of_all_files_are_told_at_once_even_where_a_file_cannot_be_read(
    bus: Bus, province: Path
) -> None:
    """A wrong row in the directory does not hide what is wrong with a route, or the other way."""
    change(province, "units.csv", ",commune,", ",xã,")
    change(province, LAND, "needs: [appraise]", "needs: [appraise, sign_result]")
    change(province, FACILITY, "amount: 27", "amount: 26")
    line = change(province, DEATH, INSURED, "when: \"facts.regmie == 'none'\"")
    change(province, "routes/1.001731.yaml", "valid_from:", "valid_form:")

    said = bus("procedure", "check", province)

    assert (said.code, said.out) == (codes.REFUSED, "")
    for told in (
        "units.csv:",
        f"{LAND}:",
        f"{FACILITY}:",
        f"{DEATH}:{line} when: 2.002622 phiên bản 1, bước funeral_social_insurance: điều kiện hỏi",
        "routes/1.001731.yaml:",
    ):
        assert f"\n{told}" in said.err


def test_a_publish_with_errors_is_refused_whole_and_the_running_version_stays(
    bus: Bus, province: Path, tmp_path: Path
) -> None:
    configured(tmp_path, f"sqlite:///{tmp_path / 'hub.db'}")
    bus("db", "migrate")
    bus("directory", "publish", province, *ACTING)
    change(province, FACILITY, "amount: 27", "amount: 26")
    change(province, DEATH, PROTECTED, INSURED)
    (province / "routes/2.002621.yaml").unlink()  # what is right in it is not published either

    said = bus("directory", "publish", province, *ACTING)

    assert said.code == codes.REFUSED
    assert {"[limit.exceeds_total]", "[alternatives.overlap]"} <= set(said.out.split())
    (province / FACILITY).write_bytes((YEN_BAI / FACILITY).read_bytes())
    (province / DEATH).write_bytes((YEN_BAI / DEATH).read_bytes())
    mended = bus("directory", "publish", province, *ACTING, "--json").data
    assert mended["version"] == 2, "the refused one was never a version"
    assert mended["changes"]["routes"] == {"total": 5, "added": 0, "removed": 1, "changed": 0}


def test_the_whole_province_is_checked_in_less_than_ten_seconds(bus: Bus) -> None:
    began = time.process_time()

    bus("procedure", "check", YEN_BAI)

    assert time.process_time() - began < MOST_SECONDS
