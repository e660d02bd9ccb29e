"""Between a row of a legacy file and what the bus says about a dossier. Pure.

A row without `Việc` is a new dossier. A row with it is what an official or the receiving unit says
about a dossier that is already under way; `events.EVENTS` lists the columns of each.

What the columns cannot say (files attached to a paper, fields of the electronic form) is not read
and not written.
"""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from bus.adapters.file_drop.events import AREA, DOSSIER, EVENT, EVENTS, HEADINGS, SUBMISSION, Event
from bus.adapters.file_drop.problem import Problem
from bus.adapters.file_drop.reading import Row
from bus.ids import DOSSIER_PATTERN, AreaCode, DossierCode
from bus.schemas.base import WireModel
from bus.schemas.dossier import DossierSubmittedData

_DOSSIER_CODE = re.compile(DOSSIER_PATTERN)


def from_row(row: Row, *, area: AreaCode) -> tuple[DossierCode, WireModel] | list[Problem]:
    """Return what a row says, or everything that is wrong with it.

    Args:
        row: The row.
        area: The agency's own area, for a dossier whose row names none.
    """
    name = row.cells.get(EVENT) or SUBMISSION
    event = EVENTS.get(name)
    if event is None:
        return [_wrong(row.number, EVENT, f"một trong: {_names()}", f"one of: {_names()}")]
    problems = _foreign(row, event)
    code = row.cells.get(DOSSIER, "")
    if not _DOSSIER_CODE.fullmatch(code):
        problems.append(
            _wrong(row.number, DOSSIER, "mã dạng H63.140.05-250303-0001", "a code of that form")
            if code
            else _missing(row.number, DOSSIER)
        )
    content = _content(row, event, {AREA: area}, problems)
    if problems:
        return problems
    try:
        return DossierCode(code), event.content.model_validate(content)
    except ValidationError as error:
        return _schema_problems(row.number, event, error)


def to_row(dossier: DossierCode, data: WireModel) -> dict[str, str]:
    """Return the cells, by heading, that `from_row` reads back to the same.

    Raises:
        KeyError: A file cannot say such a thing.
    """
    name = {event.content: name for name, event in EVENTS.items()}[type(data)]
    cells = {DOSSIER: str(dossier)} | ({} if name == SUBMISSION else {EVENT: name})
    for column in EVENTS[name].columns:
        value: Any = data
        for part in column.field.split("."):
            value = getattr(value, part)
        cells[column.heading] = "" if value == column.empty else column.kind.write(value)
    return cells


def _content(
    row: Row, event: Event, own: Mapping[str, str], problems: list[Problem]
) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if event.content is DossierSubmittedData:
        content["form"] = {}
    for column in event.columns:
        text = row.cells.get(column.heading) or own.get(column.heading, "")
        if text:
            try:
                value = column.kind.read(text)
            except ValueError:
                problems.append(_wrong(row.number, column.heading, column.kind.vi, column.kind.en))
                continue
        elif column.empty is ...:
            problems.append(_missing(row.number, column.heading))
            continue
        else:
            value = column.empty
        *inside, last = column.field.split(".")
        target = content
        for part in inside:
            target = target.setdefault(part, {})
        target[last] = value
    return content


def _foreign(row: Row, event: Event) -> list[Problem]:
    """Name the cells nobody would read: a typing error must not lose what they say."""
    known = {DOSSIER, EVENT, *(column.heading for column in event.columns)}
    problems = []
    for heading, text in row.cells.items():
        if heading in known or (heading in HEADINGS and not text):
            continue
        if heading in HEADINGS:
            vi, en = (
                "không dùng cho việc này; hãy để trống",
                "is not for this event; leave it empty",
            )
        else:
            near = get_close_matches(heading, HEADINGS, n=1)
            vi = "là cột không có trong mẫu" + (
                f"; có phải “{near[0]}”?" if near else "; hãy bỏ cột"
            )
            en = "is not in the form" + (f"; is “{near[0]}” meant?" if near else "; remove it")
        problems.append(Problem(vi, en, row.number, heading))
    return problems


def _schema_problems(number: int, event: Event, error: ValidationError) -> list[Problem]:
    """Say for each field the schema refuses which column it came from; never what stood there."""
    problems: dict[str, Problem] = {}
    for found in error.errors(include_url=False, include_context=False, include_input=False):
        path = ".".join(str(part) for part in found["loc"])
        column = next((x for x in event.columns if f"{path}.".startswith(f"{x.field}.")), None)
        heading = column.heading if column else path
        vi, en = (column.kind.vi, column.kind.en) if column else ("", "")
        problems.setdefault(heading, _wrong(number, heading, vi, en, kind=found["type"]))
    return list(problems.values())


def _wrong(number: int, heading: str, vi: str, en: str, kind: str = "") -> Problem:
    why = f" ({kind})" if kind else ""
    return Problem(
        f"không đúng{why}; cần: {vi}. Hãy sửa ô này.",
        f"is not as expected{why}; expected: {en}. Mend the cell.",
        number,
        heading,
    )


def _missing(number: int, heading: str) -> Problem:
    return Problem("đang để trống; hãy điền", "is empty; fill it in", number, heading)


def _names() -> str:
    return " | ".join(EVENTS)
