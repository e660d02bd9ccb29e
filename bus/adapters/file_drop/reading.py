"""From a file's bytes to rows of text. Pure: the bytes are handed in.

UTF-8 only. A legacy encoding is named where it can be recognised, but never converted: a wrong
guess would change a citizen's name.
"""

import csv
import io
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bus.adapters.file_drop.options import FileFormat
from bus.adapters.file_drop.problem import FileRefused, Problem

_HEADER_ROW: Final = 1
_ALLOWED_CONTROLS: Final = frozenset("\t\n\r")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it, and its cells by heading, in form NFC."""

    number: int
    cells: Mapping[str, str]


def read_rows(content: bytes, written_as: FileFormat) -> list[Row]:
    """Return the rows of a file, empty ones left out.

    Args:
        content: The file's bytes.
        written_as: CSV or JSON.

    Raises:
        FileRefused: The bytes are not such a file.
    """
    text = _decoded(content)
    rows = _json_rows(text) if written_as is FileFormat.JSON else _csv_rows(text)
    if not rows:
        raise _refused("tệp không có dòng dữ liệu nào", "the file has no row of data")
    return rows


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        vi, en = _suspicion(content)
        raise _refused(
            f"tệp không phải UTF-8{vi}; hãy chuyển mã sang Unicode dựng sẵn và lưu lại dạng UTF-8",
            f"the file is not UTF-8{en}; convert it to composed Unicode and save it as UTF-8",
        ) from error


def _suspicion(content: bytes) -> tuple[str, str]:
    """Recognise the two letters of `Mã`/`hồ sơ` in the first line, or a byte order mark."""
    first = content.partition(b"\n")[0].lower()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return " (có vẻ là UTF-16)", " (it looks like UTF-16)"
    if b"m\xb7 h\xe5" in first or b"h\xe5 s\xac" in first:
        return " (có vẻ là TCVN3/ABC)", " (it looks like TCVN3/ABC)"
    if b"ma\xf5 ho" in first or b"ho\xe0 s\xf4" in first:
        return " (có vẻ là VNI)", " (it looks like VNI)"
    return " (có thể là TCVN3, VNI hoặc Windows-1258)", " (perhaps TCVN3, VNI or Windows-1258)"


# --- CSV -------------------------------------------------------------------------------------


def _csv_rows(text: str) -> list[Row]:
    header_line = text.partition("\n")[0]
    delimiter = ";" if header_line.count(";") > header_line.count(",") else ","
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise _refused(
            "không đọc được như tệp CSV: dấu ngoặc kép hoặc xuống dòng sai chỗ, hay ô quá dài",
            "cannot be read as CSV: a quote or line break is misplaced, or a cell is too long",
        ) from error
    if not records:
        return []
    headings = _headings(records[0])
    numbered = [
        (n, record) for n, record in enumerate(records[1:], 2) if any(map(str.strip, record))
    ]
    problems = [
        Problem(
            f"có {len(record)} ô, cần đúng {len(headings)} ô như dòng tiêu đề;"
            f" hãy đặt ô có dấu “{delimiter}” trong ngoặc kép",
            f"has {len(record)} cells, expected {len(headings)} as in the heading;"
            f" put quotes around a cell that contains “{delimiter}”",
            row=n,
        )
        for n, record in numbered
        if len(record) != len(headings)
    ]
    if problems:
        raise FileRefused(problems)
    return _checked(
        [Row(n, dict(zip(headings, map(normal, record), strict=True))) for n, record in numbered]
    )


def _headings(record: Sequence[str]) -> list[str]:
    headings = [normal(cell) for cell in record]
    if len(set(headings)) != len(headings) or "" in headings:
        raise FileRefused(
            [
                Problem(
                    "có tiêu đề cột trống hoặc trùng nhau; mỗi cột cần một tiêu đề riêng",
                    "a heading is empty or stands twice; each column needs a heading of its own",
                    row=_HEADER_ROW,
                )
            ]
        )
    return headings


# --- JSON ------------------------------------------------------------------------------------


def _json_rows(text: str) -> list[Row]:
    try:
        content = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise _refused(
            "không đọc được như tệp JSON, hoặc một khoá xuất hiện hai lần trong cùng đối tượng",
            "cannot be read as JSON, or an object names a key twice",
        ) from error
    items = content if isinstance(content, list) else [content]
    rows, problems = [], []
    for number, item in enumerate(items, 1):
        if not isinstance(item, dict):
            problems.append(
                Problem(
                    "không phải đối tượng JSON; cần {“tiêu đề cột”: giá trị}",
                    "is not a JSON object; expected {“heading”: value}",
                    row=number,
                )
            )
            continue
        cells = {normal(heading): _cell(value) for heading, value in item.items()}
        problems += [
            Problem(
                "giá trị phải là chuỗi, số nguyên, true, false hoặc null",
                "a value must be a string, an integer, true, false or null",
                row=number,
                column=heading,
            )
            for heading, value in cells.items()
            if value is None
        ]
        rows.append(Row(number, {heading: value or "" for heading, value in cells.items()}))
    if problems:
        raise FileRefused(problems)
    return _checked([row for row in rows if any(row.cells.values())])


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len({normal(key) for key in content}) != len(pairs):
        raise ValueError("a key stands twice")
    return content


def _cell(value: object) -> str | None:
    """Return the value as a cell's text, or None where no cell can hold it."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return normal(value)
        case _:
            return None


# --- both ------------------------------------------------------------------------------------


def normal(text: str) -> str:
    """Return a text as the bus keeps it: without space around it, in Unicode form NFC."""
    return unicodedata.normalize("NFC", text.strip())


def _checked(rows: list[Row]) -> list[Row]:
    problems = [
        Problem(
            "có ký tự điều khiển hoặc ký tự hỏng; hãy xoá và gõ lại ô này",
            "holds a control character or a broken one; clear the cell and type it again",
            row=row.number,
            column=heading,
        )
        for row in rows
        for heading, value in row.cells.items()
        if any(map(_unfit, value))
    ]
    if problems:
        raise FileRefused(problems)
    return rows


def _unfit(letter: str) -> bool:
    if letter in _ALLOWED_CONTROLS:
        return False
    return letter == "\ufffd" or unicodedata.category(letter) in {"Cc", "Cs"}


def _refused(vi: str, en: str) -> FileRefused:
    return FileRefused([Problem(vi, en)])
