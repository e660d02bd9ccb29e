"""What an official reads and writes in a file: one example for each rule."""

import json
import re
from datetime import UTC, datetime

import pytest

from bus.adapters.file_drop.events import EVENTS, HEADINGS
from bus.adapters.file_drop.mapping import from_row
from bus.adapters.file_drop.options import FileFormat
from bus.adapters.file_drop.problem import FileRefused, Problem, reason_text
from bus.adapters.file_drop.reading import Row, read_rows
from bus.ids import AreaCode, ProcedureCode, StepId
from bus.schemas.base import Channel, PartyKind
from bus.schemas.dossier import Component, CopyKind, DossierSubmittedData, Party
from bus.schemas.request import PaymentRequestedData, SupplementItem, SupplementRequestedData
from bus.schemas.step import StepCompletedData, StepRejectedData

GIA_HOI = AreaCode("04636")
REVIEW = StepId("commune_review")

SUBMITTED = {
    "Mã hồ sơ": "H63.140.05-250303-0001",
    "Mã TTHC": "2.000286",
    "Địa bàn": "",
    "Trích yếu": "Tiếp nhận đối tượng vào cơ sở trợ giúp xã hội",
    "Chủ hồ sơ": "Hoàng Thị Mẫu",
    "Loại đối tượng": "Cá nhân",
    "Số định danh": "015099000001",
    "Điện thoại": "0900 000 001",
    "Địa chỉ": "Thôn Mẫu, xã Gia Hội",
    "Ngày nộp": "03/03/2025 08:00",
    "Ngày tiếp nhận": "03/03/2025 08:30",
    "Kênh": "Trực tiếp",
    "Thành phần": "TK01:Tờ khai:1 | CCCD:Thẻ căn cước:2:bản sao",
    "Thông tin": "khan_cap=true | so_nguoi=3 | ma_ho=007",
}
STEP = {"Mã hồ sơ": "H63.140.05-250303-0001", "Bước": "commune_review", "Lần": "1"}
AT = {"Thời điểm": "04/03/2025 15:00"}
AT_UTC = datetime(2025, 3, 4, 8, 0, tzinfo=UTC)


def said(cells: dict[str, str]) -> object:
    result = from_row(Row(2, cells), area=GIA_HOI)
    assert not isinstance(result, list), [problem.lines() for problem in result]
    return result[1]


def wrong(cells: dict[str, str]) -> list[tuple[str | None, str]]:
    result = from_row(Row(7, cells), area=GIA_HOI)
    assert isinstance(result, list)
    assert {problem.row for problem in result} == {7}
    return [(problem.column, problem.vi) for problem in result]


def refusal(content: bytes, written: FileFormat = FileFormat.CSV) -> str:
    with pytest.raises(FileRefused) as caught:
        read_rows(content, written)
    return reason_text("tệp.csv", caught.value.problems)


def test_a_row_becomes_a_dossier() -> None:
    assert said(SUBMITTED) == DossierSubmittedData(
        title="Tiếp nhận đối tượng vào cơ sở trợ giúp xã hội",
        owner=Party(
            kind=PartyKind.CITIZEN,
            name="Hoàng Thị Mẫu",
            identity="015099000001",
            phone="0900 000 001",
            address="Thôn Mẫu, xã Gia Hội",
        ),
        components=(
            Component(code="TK01", name="Tờ khai", kind=CopyKind.ORIGINAL, quantity=1),
            Component(code="CCCD", name="Thẻ căn cước", kind=CopyKind.COPY, quantity=2),
        ),
        facts={"khan_cap": True, "so_nguoi": 3, "ma_ho": "007"},
        form={},
        procedure=ProcedureCode("2.000286"),
        channel=Channel.DIRECT,
        area=GIA_HOI,
        submitted_at=datetime(2025, 3, 3, 1, 0, tzinfo=UTC),
        accepted_at=datetime(2025, 3, 3, 1, 30, tzinfo=UTC),
    )


def test_a_row_may_name_another_area() -> None:
    data = said(SUBMITTED | {"Địa bàn": "04639"})

    assert isinstance(data, DossierSubmittedData)
    assert data.area == "04639"


def test_a_line_break_inside_a_cell_becomes_a_space() -> None:
    data = said(SUBMITTED | {"Địa chỉ": "Thôn Mẫu,\r\nxã Gia Hội"})

    assert isinstance(data, DossierSubmittedData)
    assert data.owner.address == "Thôn Mẫu, xã Gia Hội"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("9007199254740991", 9007199254740991),
        ("9007199254740993", "9007199254740993"),
        ("-5", -5),
        ("05", "05"),
        ("1.5", "1.5"),
        ("True", "True"),
        ('"12"', "12"),
    ],
)
def test_a_fact_is_a_number_only_where_nothing_is_lost(text: str, value: object) -> None:
    """Other languages cannot carry larger numbers; a leading zero belongs to a code."""
    data = said(SUBMITTED | {"Thông tin": f"x={text}"})

    assert isinstance(data, DossierSubmittedData)
    assert data.facts == {"x": value}


def test_an_official_completes_a_step() -> None:
    cells = STEP | AT | {"Việc": "step.completed", "Kết quả": "approved", "Thông tin": "diem=8"}

    assert said(cells) == StepCompletedData(
        step=REVIEW,
        round=1,
        outcome="approved",
        outputs={"diem": 8},
        completed_at=AT_UTC,
    )


def test_an_official_rejects_a_step() -> None:
    cells = STEP | AT | {"Việc": "step.rejected", "Lý do": "Không đủ điều kiện"}

    assert said(cells) == StepRejectedData(
        step=REVIEW, round=1, reason="Không đủ điều kiện", rejected_at=AT_UTC
    )


def test_an_official_asks_for_a_supplement() -> None:
    cells = (
        STEP
        | AT
        | {
            "Việc": "supplement.requested",
            "Nội dung": "CCCD:Bản sao bị mờ: chụp lại | Thiếu chữ ký",
            "Lý do": "Hồ sơ chưa đầy đủ",
        }
    )

    assert said(cells) == SupplementRequestedData(
        step=REVIEW,
        round=1,
        items=(
            SupplementItem(component="CCCD", content="Bản sao bị mờ: chụp lại"),
            SupplementItem(content="Thiếu chữ ký"),
        ),
        reason="Hồ sơ chưa đầy đủ",
        requested_at=AT_UTC,
    )


def test_an_amount_may_have_dots_between_thousands() -> None:
    cells = (
        STEP
        | AT
        | {
            "Việc": "payment.requested",
            "Số thông báo": "TB-15/2025",
            "Số tiền": "1.500.000",
            "Đơn vị thụ hưởng": "Kho bạc Nhà nước",
        }
    )

    data = said(cells)

    assert isinstance(data, PaymentRequestedData)
    assert data.amount_vnd == 1_500_000


def test_everything_wrong_with_a_row_is_said_at_once() -> None:
    cells = SUBMITTED | {
        "Mã hồ sơ": "",
        "Kênh": "Fax",
        "Ngày nộp": "2025-03-03",
        "Thành phần": "TK01:Tờ khai",
    }

    assert [column for column, _ in wrong(cells)] == [
        "Mã hồ sơ",
        "Ngày nộp",
        "Kênh",
        "Thành phần",
    ]


@pytest.mark.parametrize(
    ("heading", "text"),
    [
        ("Mã hồ sơ", "H63.140.05/1"),
        ("Mã TTHC", "2.28"),
        ("Địa bàn", "Gia Hội"),
        ("Loại đối tượng", "Hộ gia đình"),
        ("Số định danh", "không có"),
        ("Điện thoại", "nhà"),
        ("Ngày nộp", "31/02/2025 08:00"),
        ("Ngày nộp", "03/03/2025"),
        ("Ngày tiếp nhận", "03/03/2025 24:00"),
        ("Kênh", "Zalo"),
        ("Thành phần", "TK01:Tờ khai:một"),
        ("Thành phần", "Tờ khai:Tờ khai:1"),
        ("Thành phần", "TK01:Tờ khai:1 | "),
        ("Thông tin", "khan_cap"),
        ("Thông tin", "a=1 | a=2"),
        ("Thông tin", "Khẩn cấp=true"),
        ("Trích yếu", "x" * 501),
        ("Chủ hồ sơ", ""),
        ("Việc", "step.finished"),
    ],
)
def test_a_wrong_cell_is_named_with_its_column(heading: str, text: str) -> None:
    assert [column for column, _ in wrong(SUBMITTED | {heading: text})] == [heading]


def test_a_problem_says_where_what_and_how_to_mend_in_both_languages() -> None:
    problems = from_row(Row(7, SUBMITTED | {"Kênh": "Zalo"}), area=GIA_HOI)

    assert isinstance(problems, list)
    assert "\n".join(problem.lines() for problem in problems) == (
        "Dòng 7, cột “Kênh”: không đúng; cần: một trong: Trực tiếp | Trực tuyến | Bưu chính."
        " Hãy sửa ô này.\n"
        "    Row 7, column “Kênh”: is not as expected; expected: one of: Trực tiếp | Trực tuyến"
        " | Bưu chính. Mend the cell."
    )


def test_a_problem_never_repeats_what_stood_there() -> None:
    """The reason is read by others than those who may read the dossier."""
    cells = SUBMITTED | {"Số định danh": "bí mật 123", "Thông tin": "BÍ MẬT=1"}
    problems = from_row(Row(2, cells), area=GIA_HOI)

    assert isinstance(problems, list)
    assert "mật" not in reason_text("tệp.csv", problems).lower()


def test_a_cell_nobody_would_read_is_not_lost_in_silence() -> None:
    cells = STEP | AT | {"Việc": "step.received", "Lý do": "Chờ bổ sung"}

    assert wrong(cells) == [("Lý do", "không dùng cho việc này; hãy để trống")]


def test_a_misspelt_column_is_named_with_the_right_one() -> None:
    assert wrong(SUBMITTED | {"Qwerty": "x", "Trích yêu": "x"}) == [
        ("Qwerty", "là cột không có trong mẫu; hãy bỏ cột"),
        ("Trích yêu", "là cột không có trong mẫu; có phải “Trích yếu”?"),
    ]


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_says_what_it_needs(event: str) -> None:
    empty = dict.fromkeys(HEADINGS, "") | {"Việc": event}
    needed = {x.heading for x in EVENTS[event].columns if x.empty is ...} - {"Địa bàn"}

    assert {column for column, _ in wrong(empty)} == {"Mã hồ sơ", *needed}


# --- files -----------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_csv_is_read_as_spreadsheets_write_it(delimiter: str, mark: bytes, ending: str) -> None:
    text = ending.join(
        [
            delimiter.join(["Mã hồ sơ", "Trích yếu"]),
            delimiter.join(["H63-250303-0001", '"a, b; ""c"""']),
            delimiter,
            delimiter.join(["H63-250303-0002", "d"]),
            "",
        ]
    )

    assert read_rows(mark + text.encode(), FileFormat.CSV) == [
        Row(2, {"Mã hồ sơ": "H63-250303-0001", "Trích yếu": 'a, b; "c"'}),
        Row(4, {"Mã hồ sơ": "H63-250303-0002", "Trích yếu": "d"}),
    ]


def test_the_delimiter_is_told_by_the_heading_alone() -> None:
    """A row may be full of the other one."""
    content = "Mã hồ sơ;Trích yếu\n1;a,b,c,d,e,f\n".encode()

    assert read_rows(content, FileFormat.CSV)[0].cells["Trích yếu"] == "a,b,c,d,e,f"


def test_json_is_one_object_or_a_list_of_them() -> None:
    one = {"Mã hồ sơ": "1", "Lần": 2, "Cán bộ": None}
    row = Row(1, {"Mã hồ sơ": "1", "Lần": "2", "Cán bộ": ""})

    assert read_rows(json.dumps(one).encode(), FileFormat.JSON) == [row]
    assert read_rows(json.dumps([one]).encode(), FileFormat.JSON) == [row]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("Mã hồ sơ".encode("utf-16"), "UTF-16"),
        (b"M\xb7 h\xe5 s\xac;M\xb7 TTHC\n1;2\n", "TCVN3"),
        (b"Ma\xf5 ho\xe0 s\xf4;Ma\xf5 TTHC\n1;2\n", "VNI"),
        (b"M\xe2\xde", "TCVN3, VNI hoặc Windows-1258"),
    ],
)
def test_a_legacy_encoding_is_refused_by_its_name(content: bytes, name: str) -> None:
    assert re.search(rf"không phải UTF-8 \(có (vẻ là|thể là) {name}", refusal(content))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "không có dòng dữ liệu"),
        ("Mã hồ sơ;Lần\n", "không có dòng dữ liệu"),
        ("Mã hồ sơ;Lần\n;\n", "không có dòng dữ liệu"),
        ("Mã hồ sơ;Mã hồ sơ\n1;2\n", "trống hoặc trùng nhau"),
        ("Mã hồ sơ;\n1;2\n", "trống hoặc trùng nhau"),
        ("Mã hồ sơ;Lần\n1;2;3\n", "Dòng 2: có 3 ô, cần đúng 2 ô"),
        ("Mã hồ sơ;Lần\n1\n", "Dòng 2: có 1 ô, cần đúng 2 ô"),
        ('Mã hồ sơ;Lần\n"1;2\n', "không đọc được như tệp CSV"),
        ("Mã hồ sơ;Lần\n1;\x07\n", "Dòng 2, cột “Lần”: có ký tự điều khiển"),
        ("Mã hồ sơ;Lần\n1;\ufffd\n", "Dòng 2, cột “Lần”: có ký tự điều khiển"),
    ],
)
def test_a_csv_file_that_is_none_says_why(text: str, reason: str) -> None:
    assert reason in refusal(text.encode())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "không đọc được như tệp JSON"),
        ("[" * 100_000, "không đọc được như tệp JSON"),
        ('{"Lần": 1, "Lần": 2}', "xuất hiện hai lần"),
        ("[1]", "Dòng 1: không phải đối tượng JSON"),
        ('{"Lần": 1.5}', "Dòng 1, cột “Lần”: giá trị phải là"),
        ('{"Lần": [1]}', "Dòng 1, cột “Lần”: giá trị phải là"),
        ('{"Lần": "\\ud800"}', "Dòng 1, cột “Lần”: có ký tự điều khiển hoặc ký tự hỏng"),
        ("[]", "không có dòng dữ liệu"),
    ],
)
def test_a_json_file_that_is_none_says_why(text: str, reason: str) -> None:
    assert reason in refusal(text.encode(), FileFormat.JSON)


def test_a_long_list_of_problems_is_cut() -> None:
    text = reason_text("tệp.csv", [Problem("sai", "wrong", row) for row in range(2, 500)])

    assert "Dòng 101:" in text
    assert "Dòng 102:" not in text
    assert "398 lỗi khác" in text
