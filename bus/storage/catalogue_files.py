"""Reads one text file of a province's folder.

Nothing here raises for a wrong file: every fault becomes a `Problem`, so that whoever keeps the
folder sees all of them in one go.
"""

import csv
import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar

import yaml
from pydantic import BaseModel

from bus.storage.catalogue_problems import (
    WHOLE,
    Location,
    Placed,
    Places,
    Problem,
    dotted,
    validated,
)

_M = TypeVar("_M", bound=BaseModel)
_TIMESTAMP: Final = "tag:yaml.org,2002:timestamp"


# --- text ------------------------------------------------------------------------------------


def _text(folder: Path, name: str, problems: list[Problem]) -> str | None:
    """Return the file's text in Unicode form NFC, without a byte order mark."""
    try:
        text = (folder / name).read_bytes().decode("utf-8-sig")
    except OSError as error:
        why = error.strerror or type(error).__name__
        problems.append(
            Problem(
                name,
                None,
                WHOLE,
                f"không đọc được tệp ({why}); hãy thêm tệp hoặc cấp quyền đọc",
                f"the file cannot be read ({why}); add it or allow reading it",
            )
        )
        return None
    except UnicodeDecodeError as error:
        problems.append(
            Problem(
                name,
                error.object.count(b"\n", 0, error.start) + 1,
                WHOLE,
                "tệp không phải UTF-8; cần bảng mã UTF-8, hãy lưu lại tệp dưới dạng UTF-8",
                "the file is not UTF-8; expected UTF-8, save the file as UTF-8",
            )
        )
        return None
    return unicodedata.normalize("NFC", text)


# --- tables ----------------------------------------------------------------------------------


def read_rows(
    folder: Path, name: str, model: type[_M], *, lists: frozenset[str], problems: list[Problem]
) -> list[Placed[_M]]:
    """Return the rows of a comma-separated file; lines that begin with `#` are remarks.

    The columns `lists` names hold several values, separated by semicolons.
    """
    text = _text(folder, name, problems)
    if text is None:
        return []
    lines = _cells(text, name, problems)
    header_line, header = next(lines, (1, []))
    faults = list(_header_faults(name, header_line, header, model))
    problems += faults
    if faults:
        return []
    rows: list[Placed[_M]] = []
    for line, cells in lines:
        places = Places(name, line)
        raw = {key: cell.strip() for key, cell in zip(header, cells, strict=False)}
        if len(cells) != len(header):
            problems.append(_wrong_width(places, header, len(cells)))
            rows.append(Placed(places, raw, None))
            continue
        value = validated(model, _row_json(raw, lists), problems, places)
        rows.append(Placed(places, raw, value))
    return rows


def _wrong_width(places: Places, header: Sequence[str], width: int) -> Problem:
    return Problem(
        places.file,
        places.find(())[0],
        header[min(width, len(header) - 1)],
        f"dòng có {width} ô, cần {len(header)}; hãy kiểm tra dấu phẩy, ô có dấu phẩy phải đặt trong"
        " dấu ngoặc kép",
        f"the row has {width} cells, expected {len(header)}; check the commas and put a cell that"
        " holds one in quotes",
    )


def _cells(text: str, name: str, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    for line, row in enumerate(text.splitlines(), start=1):
        if not row.strip() or row.startswith("#"):
            continue
        try:
            cells = next(csv.reader([row], strict=True))
        except csv.Error:
            problems.append(
                Problem(
                    name,
                    line,
                    "(cả dòng / whole row)",
                    "dấu ngoặc kép không khép; cần đúng một cặp cho mỗi ô, hãy sửa dòng này",
                    "a quote is not closed; expected one pair for each cell, correct the row",
                )
            )
            continue
        yield line, cells


def _header_faults(
    name: str, line: int, header: Sequence[str], model: type[BaseModel]
) -> Iterator[Problem]:
    fields = model.model_fields
    columns = ", ".join(fields)
    wrong = [
        (column, "cột lạ", "is no known column", "xoá hoặc sửa tên cột", "remove or rename it")
        for column in header
        if column not in fields
    ]
    wrong += [
        (column, "cột lặp lại", "stands twice", "giữ một cột", "keep one of them")
        for column in dict.fromkeys(header)
        if header.count(column) > 1
    ]
    wrong += [
        (column, "thiếu cột", "is missing", "thêm cột này", "add the column")
        for column, field in fields.items()
        if field.is_required() and column not in header
    ]
    for column, vi, en, do_vi, do_en in wrong:
        yield Problem(
            name,
            line,
            column,
            f"{vi}; cần các cột {columns}, cách nhau bằng dấu phẩy; hãy {do_vi}",
            f"{en}; expected the columns {columns}, separated by commas; {do_en}",
        )


def _row_json(raw: Mapping[str, str], lists: frozenset[str]) -> str:
    """Return a row as JSON: an empty cell is an absent field, so its default applies."""
    filled: dict[str, str | list[str]] = {}
    for key, cell in raw.items():
        if key in lists:
            filled[key] = [part.strip() for part in cell.split(";") if part.strip()]
        elif cell:
            filled[key] = cell
    return json.dumps(filled)


# --- documents -------------------------------------------------------------------------------


class _PlainLoader(yaml.SafeLoader):
    """YAML without aliases, and with dates left as text for the schema to read."""

    yaml_implicit_resolvers = {  # noqa: RUF012 -- PyYAML looks for this attribute of the class
        first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="aliases are not allowed", problem_mark=mark)
        return super().compose_node(parent, index)


def read_yaml(
    folder: Path, name: str, model: type[_M], problems: list[Problem]
) -> Placed[_M] | None:
    """Return the content of a YAML file; every key may stand once, aliases are refused."""
    text = _text(folder, name, problems)
    if text is None:
        return None
    places = Places(name, None)
    try:
        loader = _PlainLoader(text)
        node = loader.get_single_node()
        if node is not None:
            _index(node, (), places, problems)
        data = None if node is None else loader.construct_document(node)
        content = json.dumps(data, allow_nan=False)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "a value has a form that JSON does not know"
        problems.append(
            Problem(
                name,
                None if mark is None else mark.line + 1,
                WHOLE,
                "không đọc được YAML; cần YAML đơn giản (khoá, danh sách, chữ), hãy sửa tại đây",
                f"the YAML cannot be read ({what}); expected plain YAML, correct it here",
            )
        )
        return None
    return Placed(places, {}, validated(model, content, problems, places))


def read_json(
    folder: Path, name: str, model: type[_M], problems: list[Problem]
) -> Placed[_M] | None:
    """Return the content of a JSON file. No value is quoted: a private key may have got there."""
    text = _text(folder, name, problems)
    if text is None:
        return None
    places = Places(name, None, quoted=False)
    return Placed(places, {}, validated(model, text, problems, places))


def _index(node: yaml.Node, path: Location, places: Places, problems: list[Problem]) -> None:
    """Remember the lines of all below a node; report keys that stand twice."""
    if isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            places.put((*path, position), item.start_mark.line + 1)
            _index(item, (*path, position), places, problems)
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            below = (*path, name)
            if name in seen:
                problems.append(
                    Problem(
                        places.file,
                        line,
                        dotted(below),
                        "khoá lặp lại; mỗi khoá chỉ đứng một lần, hãy giữ một",
                        "the key stands twice; expected once, keep one of them",
                    )
                )
            seen.add(name)
            places.put(below, line)
            _index(value, below, places, problems)
