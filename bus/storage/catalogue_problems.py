"""What is wrong in a province's folder and where: the words for whoever keeps the folder.

Every sentence says what is wrong, what was expected and what to do, Vietnamese first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

_M = TypeVar("_M", bound=BaseModel)
Location = tuple[str | int, ...]
WHOLE: Final = "(cả tệp / whole file)"
_SHOWN: Final = 60
_QUOTE_VI: Final = "bị đọc thành số hoặc đúng/sai, cần là chữ; hãy đặt giá trị trong dấu ngoặc kép"
_QUOTE_EN: Final = "was read as a number or true/false, expected text; put the value in quotes"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where, what, what was expected, what to do."""

    file: str
    line: int | None
    key: str
    vi: str
    en: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place} {self.key}: {self.vi}. | {self.en}."


class Places:
    """Where each key of a file stands. Without an index, everything stands at one line."""

    def __init__(self, file: str, line: int | None, *, quoted: bool = True) -> None:
        self.file = file
        self.quoted = quoted
        self._line = line
        self._lines: dict[Location, int] = {}

    def put(self, location: Location, line: int) -> None:
        """Remember where a key stands."""
        self._lines[location] = line

    def find(self, location: Location) -> tuple[int | None, Location]:
        """Return the line of a location, and as much of it as a reader finds in the file."""
        if not self._lines:
            return self._line, location
        for length in range(len(location), 0, -1):
            if location[:length] in self._lines:
                return self._lines[location[:length]], location[:length]
        return self._line, ()


@dataclass(frozen=True, slots=True)
class Placed(Generic[_M]):
    """What was read, and where it stands. `value` is None where it is wrong."""

    places: Places
    raw: Mapping[str, str]
    value: _M | None

    @property
    def file(self) -> str:
        """Name of the file inside the folder."""
        return self.places.file

    @property
    def line(self) -> int | None:
        """Line it begins at, None where nobody counted."""
        return self.line_of(())

    def line_of(self, location: Location) -> int | None:
        """Return the line of one of its keys."""
        return self.places.find(location)[0]


def validated(model: type[_M], content: str, problems: list[Problem], places: Places) -> _M | None:
    """Return the model that a JSON text holds, or None and a problem for each fault."""
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        problems += _explained(error, places)
        return None


def _explained(error: ValidationError, places: Places) -> Iterator[Problem]:
    """Give one problem for each place; the branches of a union all speak about the same one."""
    told: set[tuple[int | None, str]] = set()
    faults = error.errors(include_url=False)
    for fault in faults:
        if fault["type"] == "too_short" and _has_wrong_item(fault["loc"], faults):
            continue
        line, known = places.find(fault["loc"])
        key = dotted(fault["loc"] if fault["type"] == "missing" else known) or WHOLE
        if (line, key) in told:
            continue
        told.add((line, key))
        vi, en = _words(fault, quoted=places.quoted)
        yield Problem(places.file, line, key, vi, en)


def _has_wrong_item(location: Location, faults: list[ErrorDetails]) -> bool:
    """Say whether a list only counts as short because what stands in it is wrong."""
    depth = len(location)
    return any(other["loc"][:depth] == location and len(other["loc"]) > depth for other in faults)


def _words(fault: ErrorDetails, *, quoted: bool) -> tuple[str, str]:
    match fault["type"], fault["input"]:
        case "missing", _:
            return "thiếu trường bắt buộc; hãy thêm", "the field is missing; add it"
        case "extra_forbidden", _:
            return (
                "trường lạ; cần đúng các trường của lược đồ, hãy xoá hoặc sửa tên",
                "the field is unknown; expected only fields of the schema, remove or rename it",
            )
        case (("string_type" | "time_type" | "date_type"), (bool() | int() | float())):
            return _QUOTE_VI, _QUOTE_EN
        case "too_short", _:
            return (
                "để trống; cần ít nhất một giá trị, hãy điền",
                "is empty; give at least one value",
            )
        case _, shown:
            rule = fault["msg"].removeprefix("Value error, ").rstrip(".")
            tellable = quoted and isinstance(shown, str | int | float)
            value = f" {_short(str(shown))}" if tellable else ""
            return (
                f"giá trị{value} không đúng; yêu cầu ghi ở phần tiếng Anh, hãy sửa",
                f"the value{value} is wrong: {rule}; correct it",
            )


def _short(text: str) -> str:
    return f"«{text[:_SHOWN]}…»" if len(text) > _SHOWN else f"«{text}»"


def dotted(location: Location) -> str:
    """Return a location as people write it: `steps[0].limit.amount`."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def explained(error: ValidationError, file: str) -> list[Problem]:
    """Return the problems of a model that was not read from one of the files."""
    return list(_explained(error, Places(file, None)))
