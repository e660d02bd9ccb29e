"""What is wrong in a province's folder and where: the words for whoever keeps the folder.

Every sentence says what is wrong, what was expected and what to do, Vietnamese first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bus.storage.catalogue_words import words

_M = TypeVar("_M", bound=BaseModel)
Location = tuple[str | int, ...]
WHOLE: Final = "(cả tệp / whole file)"


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
        place = _place(fault)
        line, known = places.find(place)
        key = dotted(place if fault["type"] == "missing" else known) or WHOLE
        if (line, key) in told:
            continue
        told.add((line, key))
        vi, en = words(fault, quoted=places.quoted)
        yield Problem(places.file, line, key, vi, en)


def _place(fault: ErrorDetails) -> Location:
    """Return where a fault is; a check of several fields says itself which one it means."""
    return (*fault["loc"], *fault.get("ctx", {}).get("at", ()))


def _has_wrong_item(location: Location, faults: list[ErrorDetails]) -> bool:
    """Say whether a list only counts as short because what stands in it is wrong."""
    depth = len(location)
    return any(other["loc"][:depth] == location and len(other["loc"]) > depth for other in faults)


def dotted(location: Location) -> str:
    """Return a location as people write it: `steps[0].limit.amount`."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def explained(error: ValidationError, file: str) -> list[Problem]:
    """Return the problems of a model that was not read from one of the files."""
    return list(_explained(error, Places(file, None)))
