"""The dossiers of a rehearsal: who files what, where and when, in files of an old system."""

import csv
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from bus.adapters.file_drop.events import SUBMISSION_HEADINGS
from bus.adapters.file_drop.mapping import to_row
from bus.ids import AgencyCode, AreaCode, DossierCode, slug
from bus.routing.province import Catalogue
from bus.schemas.base import Channel, PartyKind
from bus.schemas.directory import AgencyEntry
from bus.schemas.dossier import Component, CopyKind, DossierSubmittedData, Party
from bus.schemas.route import Route
from bus.simulation.turned_clock import LOCAL, draw, office_slot

START: Final = datetime(2025, 3, 3, 7, 45, tzinfo=LOCAL)
"""A Monday on which the sample province has all its routes and agencies."""

_SPREAD_SLOTS: Final = 8
_FAMILY: Final = ("Nguyễn", "Trần", "Hoàng", "Lò", "Giàng", "Đặng", "Vàng", "Phùng")
_Counters = dict[tuple[AgencyCode, str], int]
_GIVEN: Final = ("Thị Thử", "Văn Mẫu", "A Thử", "Thị Mẫu", "Văn Thử", "Thị Ví Dụ")


@dataclass(frozen=True, slots=True)
class Filing:
    """One dossier that a citizen hands in at a one-stop unit."""

    at: datetime
    unit: AgencyCode
    code: DossierCode
    data: DossierSubmittedData


def plan(
    catalogue: Catalogue,
    *,
    dossiers: int,
    seed: int,
    units: Sequence[AgencyEntry] = (),
    start: datetime = START,
) -> list[Filing]:
    """Return so many filings, spread over two working days, the same for the same seed.

    The first ones go round all routes and begin at one commune, so that even a handful shows
    every procedure and meets at one district. They are filed at `units`, or else at any commune.
    """
    routes = sorted({route.procedure for route in catalogue.province.routes})
    units = list(units) or commune_units(catalogue, start)
    counters: _Counters = defaultdict(int)
    filings = []
    for number in range(dossiers):
        chance = draw(seed, "filing", str(number))
        route = catalogue.route(routes[number % len(routes)], start)
        unit = units[int(chance * len(units))] if number >= len(routes) else _first(units)
        if route is not None:
            slot = 1 + int(draw(seed, "slot", str(number)) * _SPREAD_SLOTS)
            at = office_slot(start, slot, catalogue.calendar)
            data = _data(number, route, unit, at, seed)
            filings.append(Filing(at, unit.code, _code(unit, at, counters), data))
    return sorted(filings, key=lambda filing: (filing.at, filing.code))


def commune_units(catalogue: Catalogue, at: datetime = START) -> list[AgencyEntry]:
    """Return the one-stop units of all communes of a day, by code."""
    units = catalogue.directory.receiving_units(at)
    of_communes = [unit for unit in units if _lowest(unit, catalogue, at) == unit.area]
    return sorted(of_communes, key=lambda unit: unit.code)


def drop(filings: Sequence[Filing], inboxes: Path) -> int:
    """Write the filings into the inboxes of their units, one file per unit; return how many.

    Every third file is JSON, the others CSV; each is written whole and renamed into place.
    """
    by_unit: dict[AgencyCode, list[Filing]] = defaultdict(list)
    for filing in filings:
        by_unit[filing.unit].append(filing)
    for number, (unit, some) in enumerate(sorted(by_unit.items())):
        rows = [to_row(filing.code, filing.data) for filing in some]
        name = f"ho-so-{some[0].at.astimezone(LOCAL):%Y%m%d-%H%M}-{some[0].code[-4:]}"
        _write(inboxes / slug(unit), name, rows, as_json=number % 3 == 2)  # noqa: PLR2004 -- as said
    return len(by_unit)


def _write(folder: Path, name: str, rows: Sequence[dict[str, str]], *, as_json: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    suffix = ".json" if as_json else ".csv"
    hidden = folder / f".{name}{suffix}.part"
    with hidden.open("w", encoding="utf-8", newline="") as file:
        if as_json:
            json.dump(list(rows), file, ensure_ascii=False, indent=1)
        else:
            writer = csv.DictWriter(file, SUBMISSION_HEADINGS, delimiter=";")
            writer.writeheader()
            writer.writerows(rows)
    hidden.replace(folder / f"{name}{suffix}")


def _first(units: Sequence[AgencyEntry]) -> AgencyEntry:
    """Return the one-stop unit of xã Gia Hội where it is there, else the first."""
    return next((unit for unit in units if unit.area == AreaCode("04636")), units[0])


def _lowest(unit: AgencyEntry, catalogue: Catalogue, at: datetime) -> AreaCode | None:
    """Return the unit's own area where it is a commune's, else None."""
    place = catalogue.directory.places.unit(unit.area, at.date())
    return unit.area if place is not None and place.level == unit.level == "commune" else None


def _code(unit: AgencyEntry, at: datetime, counters: _Counters) -> DossierCode:
    """Return the next dossier code of a unit that day."""
    day = f"{at.astimezone(LOCAL):%y%m%d}"
    counters[unit.code, day] += 1
    return DossierCode(f"{unit.code}-{day}-{counters[unit.code, day]:04d}")


def _data(
    number: int, route: Route, unit: AgencyEntry, at: datetime, seed: int
) -> DossierSubmittedData:
    chance = draw(seed, "who", str(number))
    name = f"{_FAMILY[number % len(_FAMILY)]} {_GIVEN[int(chance * len(_GIVEN))]} {number + 1:04d}"
    return DossierSubmittedData(
        procedure=route.procedure,
        channel=Channel.DIRECT,
        area=unit.area,
        title=route.name.vi,
        owner=Party(
            kind=PartyKind.CITIZEN,
            name=name,
            identity=f"{number + 1:012d}",
            address=unit.name.removeprefix("Ủy ban nhân dân "),
        ),
        components=(
            Component(code="TO-KHAI", name="Tờ khai", kind=CopyKind.ORIGINAL, quantity=1),
            Component(code="GIAY-TO", name="Giấy tờ kèm theo", kind=CopyKind.COPY, quantity=2),
        ),
        facts={
            rule.name: (chance < 0.5)  # noqa: PLR2004 -- a coin
            if rule.values == "boolean"
            else rule.values[int(chance * len(rule.values))]
            for rule in route.facts
        },
        form={},
        submitted_at=at - timedelta(minutes=20),
        accepted_at=at - timedelta(minutes=5),
    )
