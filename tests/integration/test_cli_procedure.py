"""`bus procedure`: what is wrong with a route is told whole, with its place, before it counts."""

import shutil
import time
from pathlib import Path
from typing import Final

import pytest

from bus.cli import codes
from bus.cli.render_changes import FIELDS
from bus.schemas.route import Route, RouteStep, Sees
from tests.support.fixtures_cli import ACTING, YEN_BAI, Bus, configured, one_line

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


# --- show ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "begins", "holds"),
    [
        ("mermaid", "---\ntitle: ", "flowchart LR"),
        ("svg", "<svg ", "Chờ người sử dụng đất nộp"),
        ("bpmn", "<?xml ", "Chờ người sử dụng đất nộp tiền"),
    ],
)
def test_a_route_is_drawn_to_stdout_or_into_a_file(
    bus: Bus, tmp_path: Path, *, form: str, begins: str, holds: str
) -> None:
    file = tmp_path / "land"

    printed = bus("procedure", "show", YEN_BAI, "1.012783", "--format", form)
    written = bus("procedure", "show", YEN_BAI, "1.012783", "--format", form, "--output", file)

    assert printed.code == written.code == codes.DONE
    assert printed.out.startswith(begins)
    assert holds in printed.out
    assert file.read_text(encoding="utf-8") == printed.out
    assert (written.out, written.err) == ("", f"Đã ghi {file}. / Written: {file}.\n")
    assert [one.name for one in tmp_path.iterdir()] == ["land"], "no half-written file stays"


def test_a_drawing_that_cannot_be_written_is_told_in_one_line(bus: Bus, tmp_path: Path) -> None:
    nowhere = tmp_path / "none" / "land.svg"

    said = bus(*("procedure", "show", YEN_BAI, "1.012783", "--format", "svg", "--output", nowhere))

    assert said.code == codes.REFUSED
    assert one_line(said, "act.refused")


def test_a_drawing_is_a_value_for_programs_too(bus: Bus) -> None:
    show = ("procedure", "show", YEN_BAI, "1.012783")

    data = bus(*show, "--format", "svg", "--json").data

    assert (data["procedure"], data["version"], data["format"]) == ("1.012783", 1, "svg")
    assert data["drawing"] == bus(*show, "--format", "svg").out


def test_a_table_is_not_written_into_a_file(bus: Bus, tmp_path: Path) -> None:
    said = bus("procedure", "show", YEN_BAI, "1.012783", "--output", tmp_path / "x")

    assert said.code == codes.USAGE
    assert list(tmp_path.iterdir()) == []


def test_the_newest_version_is_drawn_unless_another_is_asked_for(bus: Bus, province: Path) -> None:
    second_version(province)
    show = ("procedure", "show", province, "1.012783")

    assert "phiên bản 2 · " in bus(*show, "--format", "mermaid").out
    assert "phiên bản 1 · " in bus(*show, "--format", "mermaid", "--version", "1").out
    assert bus(*show).out.count("Thủ tục ") == 2
    assert bus(*show, "--version", "2").out.count("Thủ tục ") == 1
    assert one_line(bus(*show, "--version", "3"), "not_found")


# --- diff ------------------------------------------------------------------------------------


def second_version(province: Path) -> Path:
    """Version 2 of the land route from 17 March: less time, less seen, one step less."""
    text = (province / LAND).read_text(encoding="utf-8")
    change(province, LAND, "valid_to: 2025-06-30", "valid_to: 2025-03-16")
    for old, new in (
        ("version: 1", "version: 2"),
        ("valid_from: 2024-08-01", "valid_from: 2025-03-17"),
        ("payment_clock: pause", "payment_clock: no_stop"),
        ("total: {amount: 10", "total: {amount: 8"),
        ("limit: {amount: 5", "limit: {amount: 4"),
        ("form: [parcel_number, map_sheet,", "form: [parcel_number, owner_count,"),
        ("- id: sign_result", "- id: sign_and_seal"),
        (TAX_WHEN, "when: \"steps.appraise.outcome != 'clear'\""),
        ("performer: {role: tax, level: district}", "performer: {role: tax, level: province}"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    file = province / "routes/1.012783.v2.yaml"
    file.write_text(text, encoding="utf-8")
    return file


EXPECTED: Final = """\
1.012783  phiên bản 1 → 2: phiên bản mới / new version
  ~ quy trình: hiệu lực từ (valid_from): 2024-08-01 → 2025-03-17
  ~ quy trình: tổng thời hạn (total): 10 ngày làm việc → 8 ngày làm việc
  ~ quy trình: thời hạn khi chờ nộp tiền (payment_clock): pause → no_stop
  − bước sign_result: bỏ “Ký Giấy chứng nhận, hoàn thiện kết quả”
  ~ bước tax: thực hiện (performer): Thuế (cấp huyện) → Thuế (cấp tỉnh)
  ~ bước tax: điều kiện (when): steps.appraise.outcome == 'obligation' →\
 steps.appraise.outcome != 'clear'
  ~ bước tax: thời hạn (limit): 5 ngày làm việc → 4 ngày làm việc
  ~ bước tax: được xem tờ khai (sees.form): −map_sheet, +owner_count
  + bước sign_and_seal: thêm “Ký Giấy chứng nhận, hoàn thiện kết quả”
"""


def test_two_files_are_compared_thing_by_thing(bus: Bus, province: Path) -> None:
    new = second_version(province)

    said = bus("procedure", "diff", YEN_BAI / LAND, new)

    assert said.code == codes.REFUSED
    assert said.out == EXPECTED
    assert said.err == "1 quy trình khác. / Routes that differ: 1.\n"


def test_two_folders_are_compared_version_by_version(bus: Bus, province: Path) -> None:
    second_version(province)
    (province / "routes/2.002621.yaml").unlink()

    said = bus("procedure", "diff", YEN_BAI, province)
    back = bus("procedure", "diff", province, YEN_BAI, "--json").data

    heads = [line for line in said.out.splitlines() if not line.startswith(" ")]
    assert heads == [
        "1.012783  phiên bản 1: đặt ngày hết hiệu lực / its last day was set",
        "1.012783  phiên bản 1 → 2: phiên bản mới / new version",
        "2.002621  phiên bản 1: không còn / gone",
    ]
    assert "CHÚ Ý" not in said.err
    assert [(one["procedure"], one["fate"]) for one in back["routes"]] == [
        ("1.012783", "ended"),
        ("1.012783", "removed"),
        ("2.002621", "added"),
    ]


def test_a_version_that_is_replaced_in_the_folder_is_only_a_new_version(
    bus: Bus, province: Path
) -> None:
    second_version(province)
    (province / LAND).unlink()

    said = bus("procedure", "diff", YEN_BAI, province)

    assert said.out == EXPECTED


def test_a_version_edited_after_the_fact_is_warned_about(bus: Bus, province: Path) -> None:
    change(province, LAND, "limit: {amount: 5", "limit: {amount: 4")
    change(province, LAND, "[due, exempt]", "[exempt, due]")
    change(province, LAND, "may_request_payment: true", "may_request_payment: false")
    change(province, DEATH, "    cover: at_most_one\n", "")

    said = bus("procedure", "diff", YEN_BAI, province)

    assert said.code == codes.REFUSED
    assert "1.012783  phiên bản 1: nội dung phiên bản bị sửa / edited" in said.out
    assert "  ~ bước tax: kết quả (outcomes): đổi thứ tự\n" in said.out
    assert "  ~ bước tax: được yêu cầu nộp tiền (may_request_payment): có → không\n" in said.out
    assert "cover: at_most_one" in said.out
    assert "CHÚ Ý / WARNING: 1.012783/1, 2.002622/1: " in said.err


def test_what_is_the_same_says_so_and_exits_0(bus: Bus) -> None:
    said = bus("procedure", "diff", YEN_BAI, YEN_BAI)
    data = bus("procedure", "diff", YEN_BAI / LAND, YEN_BAI / LAND, "--json").data

    assert (said.code, said.out) == (codes.DONE, "")
    assert said.err == "0 quy trình khác. / Routes that differ: 0.\n"
    assert data == {"same": True, "routes": []}


def test_differences_for_programs_have_both_values(bus: Bus, province: Path) -> None:
    said = bus("procedure", "diff", YEN_BAI / LAND, second_version(province), "--json")

    (route,) = said.data["routes"]
    assert (route["fate"], route["old_version"], route["new_version"]) == ("changed", 1, 2)
    assert {
        "fate": "changed",
        "step": "tax",
        "field": "limit",
        "old": {"amount": 5, "unit": "working_day"},
        "new": {"amount": 4, "unit": "working_day"},
    } in route["differences"]


def test_a_file_that_is_no_route_is_refused_with_its_faults(bus: Bus, province: Path) -> None:
    change(province, LAND, "version: 1", "version: one")

    said = bus("procedure", "diff", YEN_BAI / LAND, province / LAND)

    assert said.code == codes.REFUSED
    assert said.err.startswith("catalogue.invalid: ")
    assert "1.012783.yaml:4 version: " in said.err


def test_every_field_of_a_route_and_a_step_has_a_word() -> None:
    named = Route.model_fields.keys() - {"procedure", "version", "steps"}
    named |= RouteStep.model_fields.keys() - {"id", "sees"}

    assert named | {f"sees.{name}" for name in Sees.model_fields} == FIELDS.keys()
