"""Reads the decisions on dossiers of divided communes: a CSV that an operator has looked at."""

from pathlib import Path

from pydantic import Field

from bus.errors import CatalogueInvalid
from bus.ids import AreaCode
from bus.schemas.base import Area, Dossier, WireModel
from bus.storage.catalogue_files import read_rows
from bus.storage.catalogue_problems import Problem


class _Decision(WireModel):
    """One row: a dossier, or every dossier of an old area, belongs to a new one."""

    dossier: Dossier | None = Field(default=None, description="Absent: every one of the area.")
    area: Area = Field(description="The area that was divided.")
    to: Area = Field(description="The part it belongs to.")


def read_decisions(file: Path) -> dict[str, AreaCode]:
    """Return which part a dossier belongs to, or else every dossier of an area.

    Raises:
        CatalogueInvalid: The file cannot be read, or says two things of one; the message has a
            line for each fault, Vietnamese first.
    """
    problems: list[Problem] = []
    rows = read_rows(file.parent, file.name, _Decision, lists=frozenset(), problems=problems)
    found: dict[str, AreaCode] = {}
    for row in rows:
        if row.value is None:
            continue
        key = row.value.dossier or row.value.area
        if found.setdefault(key, row.value.to) != row.value.to:
            problems.append(
                Problem(
                    file.name,
                    row.line,
                    "to",
                    f"{key} đã được quyết định là {found[key]}; chỉ giữ một dòng",
                    f"{key} was decided to be {found[key]} above; keep one row",
                )
            )
    if problems:
        raise CatalogueInvalid(
            "\n".join(
                [
                    f"{file}: không dùng được / cannot be used",
                    *(str(problem) for problem in problems),
                ]
            ),
            faults=len(problems),
        )
    return found
