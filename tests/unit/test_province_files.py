"""The folder of a province: what is read, and what is said where it is wrong."""

import json
import tempfile
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bus.errors import ActRefused, CatalogueInvalid
from bus.schemas.directory import KeyAlgorithm, SigningKey
from bus.storage.province import load_province, province_from_json, province_json, write_key

# --- a small folder that is right, to be broken ----------------------------------------------

SMALL = {
    "province.yaml": 'name: "Tỉnh Mẫu"\n',
    "units.csv": (
        "# mẫu\n"
        "code,name,level,parent,valid_from,valid_to\n"
        "15,Tỉnh Mẫu,province,,2018-01-01,\n"
        "140,Huyện Mẫu,district,15,2018-01-01,2025-06-30\n"
        "04636,Xã Mẫu,commune,140,2018-01-01,2025-06-30\n"
    ),
    "agencies.csv": (
        "code,aliases,name,level,roles,area,valid_from,valid_to,successor,account\n"
        'H63.140,000.00.40.H63,"UBND huyện Mẫu",district,people_committee,140,2018-01-01,,,\n'
        "H63.140.05,000.05.40.H63,UBND xã Mẫu,commune,people_committee;one_stop_unit,04636,"
        "2018-01-01,,H63.140,\n"
    ),
    "calendar.yaml": (
        'version: 1\ntimezone: "Asia/Ho_Chi_Minh"\nfirst_year: 2025\nlast_year: 2025\n'
        'office_hours:\n  - {opens: "07:30", closes: "11:30"}\nforward_cutoff: "15:00"\n'
        "days:\n"
        '  - {day: 2025-01-01, kind: holiday, name: "Tết Dương lịch", basis: "Luật"}\n'
    ),
    "routes/1.001731.yaml": (
        'procedure: "1.001731"\n'
        "version: 1\n"
        'name: {vi: "Hỗ trợ", en: "Support"}\n'
        "valid_from: 2021-07-01\n"
        'basis: ["Điều 11"]\n'
        "receiving: [{level: commune}]\n"
        "steps:\n"
        "  - id: commune_forward\n"
        '    name: {vi: "Xã", en: "Commune"}\n'
        "    performer: {role: people_committee, level: commune}\n"
        '    task: "Xem xét"\n'
        "    sees: {components: [TO-KHAI]}\n"
    ),
}


def small_province(folder: Path) -> Path:
    for name, text in SMALL.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


def change(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def complaints(folder: Path) -> list[str]:
    with pytest.raises(CatalogueInvalid) as refused:
        load_province(folder)
    head, *lines = str(refused.value).splitlines()
    assert head.startswith(f"{folder}: dữ liệu tỉnh không dùng được, {len(lines)} lỗi.")
    assert refused.value.facts == {"faults": len(lines)}
    return lines


def a_key(kid: str = "h63-140-05.1", agency: str = "H63.140.05", x: str = "AA") -> SigningKey:
    return SigningKey.model_validate(
        {
            "kid": kid,
            "agency": agency,
            "algorithm": KeyAlgorithm.ES256,
            "jwk": {"kty": "EC", "crv": "P-256", "x": x, "y": "AA"},
            "valid_from": datetime(2025, 1, 1, tzinfo=UTC),
        }
    )


def test_a_small_folder_loads(tmp_path: Path) -> None:
    province = load_province(small_province(tmp_path))

    assert province.name == "Tỉnh Mẫu"
    assert [entry.code for entry in province.directory.agencies] == ["H63.140", "H63.140.05"]
    assert [step.id for step in province.routes[0].steps] == ["commune_forward"]


def test_a_byte_order_mark_and_decomposed_letters_make_no_difference(tmp_path: Path) -> None:
    plain = load_province(small_province(tmp_path))

    for name, text in SMALL.items():
        written = "\ufeff" + unicodedata.normalize("NFD", text)
        (tmp_path / name).write_text(written, encoding="utf-8")

    assert load_province(tmp_path) == plain


def test_sample_files_of_legacy_systems_and_hidden_files_are_not_read(tmp_path: Path) -> None:
    plain = load_province(small_province(tmp_path))
    (tmp_path / "legacy" / "xa").mkdir(parents=True)
    (tmp_path / "legacy" / "xa" / "hong.csv").write_bytes(b"\xff\xff")
    (tmp_path / ".gitkeep").touch()
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "README.md").write_text("khoá", encoding="utf-8")

    assert load_province(tmp_path) == plain


# --- what is said where it is wrong ----------------------------------------------------------

ROUTE = "routes/1.001731.yaml"
BREAKS = [
    ("units.csv", "140,Huyện", "0x8C,Huyện", "units.csv:4 code: ", "«0x8C»"),
    ("units.csv", ",commune,", ",xã,", "units.csv:5 level: ", "«xã»"),
    ("units.csv", ",140,2018", ",999,2018", "units.csv:5 parent: ", "«999»"),
    ("units.csv", "2018-01-01,\n", "1/1/2018,\n", "units.csv:3 valid_from: ", "«1/1/2018»"),
    ("units.csv", "2025-06-30", "2017-06-30", "units.csv:4 valid_to: ", "2018-01-01"),
    ("units.csv", "15,Tỉnh Mẫu", "140,Tỉnh Mẫu", "units.csv:4 code: ", "units.csv:3"),
    ("units.csv", "Xã Mẫu", "Xã, Mẫu", "units.csv:5 valid_to: ", "7 ô, cần 6"),
    ("units.csv", "Xã Mẫu", '"Xã Mẫu', "units.csv:5 (cả dòng", "ngoặc kép"),
    ("units.csv", ",parent,", ",cha,", "units.csv:2 cha: ", "cột lạ"),
    ("units.csv", "code,", "", "units.csv:2 code: ", "thiếu cột"),
    ("units.csv", ",parent,", ",name,", "units.csv:2 name: ", "cột lặp lại"),
    ("units.csv", "code,name,level", "code;name;level", "units.csv:2 code;name;level", "dấu phẩy"),
    ("agencies.csv", ";one_stop_unit", ";mot_cua", "agencies.csv:3 roles[1]: ", "«mot_cua»"),
    ("agencies.csv", "people_committee,140", ",140", "agencies.csv:2 roles: ", "để trống"),
    ("agencies.csv", ",04636,", ",04637,", "agencies.csv:3 area: ", "units.csv"),
    ("agencies.csv", ",H63.140,\n", ",H63.141,\n", "agencies.csv:3 successor: ", "«H63.141»"),
    ("agencies.csv", "H63.140.05,", "H63.140,", "agencies.csv:3 code: ", "agencies.csv:2"),
    ("agencies.csv", "000.05.40", "000.00.40", "agencies.csv:3 aliases: ", "agencies.csv:2"),
    ("agencies.csv", "000.00.40", "005.140", "agencies.csv:2 aliases[0]: ", "«005.140.H63»"),
    ("agencies.csv", "000.05.40.H63", "H63.7;H63.7", "agencies.csv:3 aliases: ", "«H63.7»"),
    ("agencies.csv", "000.05.40.H63", "H63.140", "agencies.csv:3 aliases: ", "H63.140"),
    ("province.yaml", "name:", "ten:", "province.yaml name: ", "thiếu trường"),
    ("province.yaml", "name:", "ten: 1\nname:", "province.yaml:1 ten: ", "trường lạ"),
    ("province.yaml", '"Tỉnh Mẫu"', "no", "province.yaml:1 name: ", "dấu ngoặc kép"),
    ("province.yaml", '"Tỉnh Mẫu"', '"Tỉnh', "province.yaml:2 (cả tệp", "không đọc được YAML"),
    ("province.yaml", '"Tỉnh Mẫu"', "&a [*a]", "province.yaml:1 (cả tệp", "aliases"),
    ("province.yaml", '"Tỉnh Mẫu"', "!!binary aGk=", "province.yaml (cả tệp", "JSON"),
    ("province.yaml", '"Tỉnh Mẫu"', ".nan", "province.yaml (cả tệp", "JSON"),
    (ROUTE, '"1.001731"', "1.001731", f"{ROUTE}:1 procedure: ", "dấu ngoặc kép"),
    (ROUTE, "version: 1", "version: 1\nversion: 2", f"{ROUTE}:3 version: ", "khoá lặp lại"),
    (ROUTE, "2021-07-01", "2021-13-45", f"{ROUTE}:4 valid_from: ", "«2021-13-45»"),
    (ROUTE, "2021-07-01", "2021-07-01\nvalid_to: 2020-01-01", f"{ROUTE}:5 valid_to: ", "sớm hơn"),
    (
        ROUTE,
        "role: people_committee",
        "role: ubnd",
        f"{ROUTE}:10 steps[0].performer.role",
        "cần một trong: ",
    ),
    (ROUTE, "components: [TO-KHAI]", "components: [1]", f"{ROUTE}:12 steps[0].sees", "dấu ngoặc"),
    (ROUTE, "    sees", "    limit: {unit: day}\n    sees", f"{ROUTE}:12 steps[0].limit", "thiếu"),
    (ROUTE, '    task: "Xem xét"\n', "", f"{ROUTE}:8 steps[0]: ", "a task names a performer"),
    (
        ROUTE,
        "    sees",
        "    needs: [khac]\n    sees",
        f"{ROUTE}:12 steps[0].needs[0]: ",
        "không có bước đó",
    ),
    ("calendar.yaml", "2025-01-01", "2026-01-01", "calendar.yaml:9 days[0].day: ", "2025–2025"),
    ("calendar.yaml", '"07:30"', "7:30", "calendar.yaml:6 office_hours[0].opens: ", "ngoặc kép"),
    ("calendar.yaml", "holiday", "makeup_workday", "calendar.yaml (cả tệp", "only a weekend day"),
    ("calendar.yaml", "last_year: 2025\n", "", "calendar.yaml last_year: ", "thiếu trường"),
]


@pytest.mark.parametrize(("name", "old", "new", "place", "told"), BREAKS)
def test_a_fault_is_told_with_its_file_line_and_key(
    tmp_path: Path, *, name: str, old: str, new: str, place: str, told: str
) -> None:
    change(small_province(tmp_path), name, old, new)

    lines = complaints(tmp_path)

    assert any(line.startswith(place) and told in line for line in lines), lines


def write(name: str, content: bytes = b"") -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)

    return act


def remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def key_file(name: str, **changed: object) -> Callable[[Path], None]:
    content = a_key().model_dump(mode="json") | changed
    return write(f"keys/{name}.json", json.dumps(content).encode())


FILE_BREAKS = [
    (remove("units.csv"), "units.csv (cả tệp", "không đọc được tệp"),
    (remove("calendar.yaml"), "calendar.yaml (cả tệp", "không đọc được tệp"),
    (write("units.csv"), "units.csv:1 code: ", "thiếu cột"),
    (write("units.csv", "Xã".encode("utf-16")), "units.csv:1 (cả tệp", "không phải UTF-8"),
    (write("province.yaml"), "province.yaml (cả tệp", "giá trị"),
    (write("province.yaml", b"name: x\nnote: \xff"), "province.yaml:2 (cả tệp", "UTF-8"),
    (write("province.yaml", b"[" * 20_000), "province.yaml (cả tệp", "YAML"),
    (write("agencies (2).csv"), "agencies (2).csv (tệp lạ", "đổi tên"),
    (write("routes/1.001776.yml"), "routes/1.001776.yml (tệp lạ", "routes/*.yaml"),
    (write("route/1.001776.yaml"), "route (tệp lạ", "routes/*.yaml"),
    (
        write("routes/again.yaml", SMALL[ROUTE].encode()),
        "routes/again.yaml:2 version: ",
        "1.001731 version 1",
    ),
    (write("keys/a.json", b"{"), "keys/a.json (cả tệp", "giá trị"),
    (key_file("other"), "keys/other.json kid: ", "h63-140-05.1.json"),
    (key_file("h63-140-05.1", agency="H63.999"), "keys/h63-140-05.1.json agency: ", "H63.999"),
    (key_file("h63-140-05.1", jwk={"d": "x"}), "keys/h63-140-05.1.json (cả tệp", "private part"),
    (key_file("h63-140-05.1", algorithm="none"), "keys/h63-140-05.1.json algorithm", "'ES256'"),
    (write("keys/a.json", b"\xff"), "keys/a.json:1 (cả tệp", "UTF-8"),
]


@pytest.mark.parametrize(("harm", "place", "told"), FILE_BREAKS)
def test_a_wrong_file_is_told_by_name(
    tmp_path: Path, harm: Callable[[Path], None], place: str, told: str
) -> None:
    harm(small_province(tmp_path))

    lines = complaints(tmp_path)

    assert any(line.startswith(place) and told in line for line in lines), lines


@pytest.mark.parametrize("wrong", ["-----BEGIN PRIVATE KEY-----", '{"jwk": "-----BEGIN PRIVATE"}'])
def test_a_private_key_in_the_wrong_place_is_not_repeated(tmp_path: Path, wrong: str) -> None:
    write("keys/a.json", wrong.encode())(small_province(tmp_path))

    assert "PRIVATE" not in "".join(complaints(tmp_path))


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    (line,) = complaints(tmp_path / "yen-bay")

    assert "không có thư mục này" in line


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    """Whoever keeps the folder corrects it once, not once for each fault."""
    folder = small_province(tmp_path)
    change(folder, "units.csv", "Xã Mẫu,commune", "Xã Mẫu,xa")
    change(folder, "agencies.csv", ",140,2018", ",141,2018")
    change(folder, "agencies.csv", ";one_stop_unit", ";mot_cua")
    change(folder, ROUTE, '"1.001731"', "1.001731")
    change(folder, "calendar.yaml", '"15:00"', '"15h00"')
    (folder / "keys").mkdir()
    (folder / "keys" / "k.json").write_bytes(b"[]")

    lines = complaints(folder)

    assert sorted(line.partition(": ")[0] for line in lines) == [
        "agencies.csv:2 area",
        "agencies.csv:3 roles[1]",
        "calendar.yaml:7 forward_cutoff",
        "keys/k.json (cả tệp / whole file)",
        f"{ROUTE}:1 procedure",
        "units.csv:5 level",
    ]


def test_a_working_time_is_of_an_agency_that_is_listed_and_ends_after_it_begins(
    tmp_path: Path,
) -> None:
    change(
        small_province(tmp_path),
        "calendar.yaml",
        "days:\n",
        'working_times:\n  - {name: "Sáng thứ Bảy", basis: "QĐ", agencies: [H63.140, H63.99],'
        " valid_from: 2025-02-01, valid_to: 2025-01-01,"
        ' saturday: {shifts: [{opens: "07:30", closes: "11:30"}]}}\ndays:\n',
    )

    lines = complaints(tmp_path)

    assert [line.partition(": ")[0] for line in lines] == [
        "calendar.yaml:9 working_times[0].agencies[1]",
        "calendar.yaml:9 working_times[0].valid_to",
    ]
    assert "«H63.99» không có trong agencies.csv" in lines[0]
    assert "2025-01-01 sớm hơn valid_from 2025-02-01" in lines[1]


def test_every_fault_is_told_in_vietnamese_and_then_in_english(tmp_path: Path) -> None:
    change(small_province(tmp_path), "units.csv", ",140,2018", ",999,2018")

    (line,) = complaints(tmp_path)

    assert line == (
        "units.csv:5 parent: mã «999» không có trong units.csv; cần một mã có trong đó, hãy sửa"
        " hoặc thêm. | «999» is not in units.csv; expected a code listed there, correct or add it."
    )


def test_a_value_that_may_have_two_forms_is_told_once(tmp_path: Path) -> None:
    """`components` is a list or the word all; a wrong word is one fault, not two."""
    change(small_province(tmp_path), ROUTE, "[TO-KHAI]", "none")

    (line,) = complaints(tmp_path)

    assert line.startswith(f"{ROUTE}:12 steps[0].sees.components: ")


@given(
    name=st.sampled_from(sorted(SMALL)),
    at=st.floats(0, 1),
    put=st.binary(max_size=12)
    | st.text(max_size=8).map(lambda text: text.encode("utf-8", "replace")),
    over=st.integers(0, 40),
)
@settings(max_examples=60, deadline=None)
def test_no_damage_to_a_file_ends_in_a_traceback(
    name: str, at: float, put: bytes, over: int
) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = small_province(Path(place))
        content = (folder / name).read_bytes()
        cut = int(at * len(content))
        (folder / name).write_bytes(content[:cut] + put + content[cut + over :])

        try:
            province = load_province(folder)
        except CatalogueInvalid:
            return
        assert province_from_json(province_json(province)) == province


# --- keys, and the province as one document --------------------------------------------------


def test_a_written_key_is_part_of_the_province(tmp_path: Path) -> None:
    folder = small_province(tmp_path)

    file = write_key(folder, a_key())

    assert file == folder / "keys" / "h63-140-05.1.json"
    assert load_province(folder).directory.keys == (a_key(),)


def test_the_same_key_again_changes_nothing(tmp_path: Path) -> None:
    write_key(tmp_path, a_key())

    write_key(tmp_path, a_key())

    assert [file.name for file in (tmp_path / "keys").iterdir()] == ["h63-140-05.1.json"]


def test_a_key_id_is_never_given_another_key(tmp_path: Path) -> None:
    """A receipt signed with the first key must still verify years later."""
    file = write_key(tmp_path, a_key())
    before = file.read_bytes()

    with pytest.raises(ActRefused, match="đã có với nội dung khác"):
        write_key(tmp_path, a_key(x="BB"))

    assert file.read_bytes() == before


def test_a_key_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(b"a file where the folder should be")

    with pytest.raises(ActRefused, match="không ghi được khoá"):
        write_key(tmp_path, a_key())


def test_a_document_that_is_no_province_is_refused() -> None:
    with pytest.raises(CatalogueInvalid, match="catalogue name: thiếu trường bắt buộc"):
        province_from_json(b'{"routes": []}')
