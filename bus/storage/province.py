"""Reads a province's folder, the catalogue as people keep it, and writes it as one document.

A folder holds `province.yaml`, `units.csv`, `agencies.csv`, `calendar.yaml`, `succession.csv` where
units have become others, one file per procedure and version in `routes/`, one public key per file
in `keys/`; `legacy/` and the `README.md` files are for people and are not read.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from pydantic import ValidationError

from bus.errors import ActRefused, CatalogueInvalid
from bus.routing.clock import WorkingCalendar
from bus.routing.finding import Finding, Severity
from bus.routing.plan import check_route
from bus.schemas.base import Name, Text, WireModel
from bus.schemas.calendar import CalendarTable
from bus.schemas.directory import AgencyEntry, DirectoryTable, SigningKey, Succession, Unit
from bus.schemas.province import Province
from bus.schemas.route import Route
from bus.storage.catalogue_checks import (
    calendar_faults,
    directory_faults,
    route_faults,
    working_time_faults,
)
from bus.storage.catalogue_files import read_json, read_rows, read_yaml
from bus.storage.catalogue_problems import WHOLE, Location, Placed, Problem, explained

_FILES: Final = frozenset(
    {"README.md", "province.yaml", "units.csv", "agencies.csv", "calendar.yaml", "succession.csv"}
)
_FOLDERS: Final = {"routes": ".yaml", "keys": ".json", "legacy": ""}
_AGENCY_LISTS: Final = frozenset({"aliases", "roles", "serves"})
_SUCCESSION: Final = "succession.csv"
_T = TypeVar("_T", bound=WireModel)


class About(WireModel):
    """What `province.yaml` says of the province as a whole."""

    name: Name
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A province as its folder describes it, and where in the folder each route stands."""

    province: Province
    routes: tuple[Placed[Route], ...]

    def place(self, finding: Finding) -> tuple[str, int | None] | None:
        """Return the file and line a finding is about, None where it is about no one route."""
        return _place(self.routes, finding)


def load_province(folder: Path) -> Province:
    """Return the province that a folder describes.

    Raises:
        CatalogueInvalid: As `read_province`.
    """
    return read_province(folder).province


def read_province(folder: Path) -> Kept:
    """Return the province that a folder describes, with the places of its routes.

    Text is brought into Unicode form NFC.

    Raises:
        CatalogueInvalid: Something is wrong; the message has one line for everything that is,
            with file, line, key and remedy, Vietnamese first. What is wrong in the routes that
            could be read is among it, so that nobody corrects the folder twice.
    """
    problems: list[Problem] = []
    if not folder.is_dir():
        problems.append(
            Problem(
                str(folder),
                None,
                "(thư mục / folder)",
                "không có thư mục này; cần thư mục dữ liệu của tỉnh, hãy kiểm tra đường dẫn",
                "there is no such folder; expected the folder of a province, check the path",
            )
        )
        raise _invalid(folder, problems)
    _refuse_strangers(folder, problems)
    about = read_yaml(folder, "province.yaml", About, problems)
    units = read_rows(folder, "units.csv", Unit, lists=frozenset(), problems=problems)
    agencies = read_rows(
        folder, "agencies.csv", AgencyEntry, lists=_AGENCY_LISTS, problems=problems
    )
    succession = _succession(folder, problems)
    keys = [read_json(folder, name, SigningKey, problems) for name in _inside(folder, "keys")]
    routes = _there(read_yaml(folder, name, Route, problems) for name in _inside(folder, "routes"))
    calendar = read_yaml(folder, "calendar.yaml", CalendarTable, problems)
    problems += directory_faults(units, agencies, succession, _there(keys))
    problems += route_faults(routes)
    problems += calendar_faults(calendar)
    problems += working_time_faults(calendar, agencies)
    if problems or about is None or about.value is None or calendar is None:
        problems += _route_problems(routes, calendar)
        raise _invalid(folder, problems)
    try:
        province = Province(
            name=about.value.name,
            directory=DirectoryTable(
                units=_values(units),
                agencies=_values(agencies),
                keys=_values(_there(keys)),
                succession=_values(succession),
            ),
            routes=_values(routes),
            calendar=_values([calendar])[0],
        )
    except ValidationError as error:
        raise _invalid(folder, explained(error, str(folder))) from None
    return Kept(province, tuple(routes))


def read_route(file: Path) -> Route:
    """Return the route that one file describes.

    Raises:
        CatalogueInvalid: Something is wrong with it; the message has a line for everything.
    """
    problems: list[Problem] = []
    route = read_yaml(file.parent, file.name, Route, problems)
    if problems or route is None or route.value is None:
        raise _invalid(file, problems)
    return route.value


def write_key(folder: Path, key: SigningKey) -> Path:
    """Add a public key to the folder and return its file; the same key again changes nothing.

    Raises:
        ActRefused: Another key has this id (past keys stay), or the file cannot be written.
    """
    file = folder / "keys" / f"{key.kid}.json"
    body = key.model_dump_json(indent=2, exclude_none=True).encode() + b"\n"
    half = file.with_name(f".{file.name}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            half.write_bytes(body)
            half.replace(file)
        same = file.read_bytes() == body
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ActRefused(
            f"{file}: không ghi được khoá ({why}); hãy cấp quyền ghi hoặc chọn thư mục khác. | the"
            f" key cannot be written ({why}); allow writing there or choose another folder.",
            kid=key.kid,
        ) from error
    if not same:
        raise ActRefused(
            f"{file}: khoá {key.kid} đã có với nội dung khác; khoá cũ phải giữ nguyên, hãy chọn kid"
            f" mới. | key {key.kid} is there with other content; past keys stay, choose a new kid.",
            kid=key.kid,
        )
    return file


def province_json(province: Province) -> bytes:
    """Return the province as one JSON document; `province_from_json` gives it back equal."""
    return province.model_dump_json(exclude_none=True).encode()


def province_from_json(document: bytes) -> Province:
    """Return the province that a document holds.

    Raises:
        CatalogueInvalid: The document is not one that `province_json` wrote.
    """
    try:
        return Province.model_validate_json(document)
    except ValidationError as error:
        raise _invalid(Path("catalogue"), explained(error, "catalogue")) from None


# --- findings of the check, where the folder cannot be checked as a whole ---------------------


def _route_problems(
    routes: list[Placed[Route]], calendar: Placed[CalendarTable] | None
) -> Iterator[Problem]:
    """Yield what is wrong with the routes themselves, as far as it can be said without the rest."""
    if calendar is None or calendar.value is None:
        return
    working = WorkingCalendar(calendar.value)
    for row in routes:
        for finding in check_route(row.value, working)[0] if row.value else ():
            if finding.severity is Severity.ERROR:
                file, line = _place([row], finding) or (row.file, None)
                yield Problem(
                    file, line, finding.key or WHOLE, finding.message_vi, finding.message_en
                )


def _place(routes: Sequence[Placed[Route]], finding: Finding) -> tuple[str, int | None] | None:
    for row in routes:
        route = row.value
        if route and (route.procedure, route.version) == (finding.procedure, finding.version):
            location: Location = () if finding.key is None else (finding.key,)
            if finding.step is not None:
                steps = [step.id for step in route.steps]
                location = ("steps", steps.index(finding.step), *location)
            return row.file, row.line_of(location)
    return None


def _succession(folder: Path, problems: list[Problem]) -> list[Placed[Succession]]:
    """Return what units have become; a province whose units never changed has no such file."""
    if not (folder / _SUCCESSION).exists():
        return []
    return read_rows(folder, _SUCCESSION, Succession, lists=frozenset(), problems=problems)


# --- files -----------------------------------------------------------------------------------


def _inside(folder: Path, name: str) -> list[str]:
    found = (folder / name).glob(f"*{_FOLDERS[name]}")
    return sorted(f"{name}/{file.name}" for file in found if not file.name.startswith("."))


def _refuse_strangers(folder: Path, problems: list[Problem]) -> None:
    """A file nobody reads is a mistake somebody has not seen: `route/`, `agencies (2).csv`."""
    known = ", ".join([*sorted(_FILES), *(f"{name}/*{end}" for name, end in _FOLDERS.items())])
    for file in sorted(folder.rglob("*")):
        path = file.relative_to(folder)
        top = path.parts[0]
        hidden = any(part.startswith(".") for part in path.parts)
        if hidden or top == "legacy" or (file.is_dir() and path.as_posix() in _FOLDERS):
            continue
        in_folder = len(path.parts) == 2 and top in _FOLDERS  # noqa: PLR2004 -- folder and file
        suits = in_folder and (file.suffix == _FOLDERS[top] or file.name == "README.md")
        if file.is_file() and (suits or path.as_posix() in _FILES):
            continue
        problems.append(
            Problem(
                path.as_posix(),
                None,
                "(tệp lạ / unknown file)",
                f"không thuộc danh mục; cần một trong {known}, hãy xoá hoặc đổi tên",
                f"does not belong here; expected one of {known}, remove or rename it",
            )
        )


def _invalid(folder: Path, problems: list[Problem]) -> CatalogueInvalid:
    head = (
        f"{folder}: dữ liệu tỉnh không dùng được, {len(problems)} lỗi."
        f" | The province's data cannot be used, {len(problems)} faults."
    )
    return CatalogueInvalid(
        "\n".join([head, *(str(problem) for problem in problems)]), faults=len(problems)
    )


def _there(read: Iterable[Placed[_T] | None]) -> list[Placed[_T]]:
    return [placed for placed in read if placed is not None]


def _values(read: Iterable[Placed[_T]]) -> tuple[_T, ...]:
    return tuple(placed.value for placed in read if placed.value is not None)
