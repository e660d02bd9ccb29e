"""Provinces that are reformed on a day: the real one, and a small one with a divided commune."""

from datetime import date
from functools import cache
from pathlib import Path

from bus.ids import AreaCode
from bus.routing.province import Catalogue
from bus.schemas.base import Level
from bus.schemas.directory import AgencyEntry, DirectoryTable, Extent, Role, Succession, Unit
from bus.storage.province import load_province
from tests.support.small_province import (
    CAM_AN,
    GIA_HOI,
    NAM_BUNG,
    PROVINCE,
    UNITS,
    agencies,
    an_agency,
)

LAO_CAI = Path(__file__).parents[2] / "deploy" / "lao-cai-2025"
LAST_DAY = date(2025, 6, 30)
REFORM = date(2025, 7, 1)
EAST, WEST = AreaCode("90001"), AreaCode("90002")
"""What Nậm Búng was divided into; the east is usually meant."""


@cache
def lao_cai() -> Catalogue:
    """The province after the reform, compiled once."""
    return Catalogue(2, load_province(LAO_CAI))


def reformed_units() -> tuple[Unit, ...]:
    """The small province without districts: Gia Hội keeps its code and takes Cẩm Ân in."""
    new = {GIA_HOI: "Xã Gia Hội mới", EAST: "Xã Đông", WEST: "Xã Tây"}
    return (
        *(unit.model_copy(update={"valid_to": LAST_DAY}) for unit in UNITS),
        UNITS[0].model_copy(update={"name": "Tỉnh Mới", "valid_from": REFORM}),
        *(
            Unit(code=code, name=name, level=Level.COMMUNE, parent=PROVINCE, valid_from=REFORM)
            for code, name in new.items()
        ),
    )


def reformed_succession() -> tuple[Succession, ...]:
    """Who went where."""
    whole = [(GIA_HOI, GIA_HOI), (CAM_AN, GIA_HOI)]
    return (
        *(Succession(old=old, new=new, since=REFORM, extent=Extent.WHOLE) for old, new in whole),
        *(
            Succession(
                old=NAM_BUNG,
                new=part,
                since=REFORM,
                extent=Extent.PART,
                default_when_part=EAST,
            )
            for part in (WEST, EAST)
        ),
    )


def reformed_agencies() -> tuple[AgencyEntry, ...]:
    """Districts end for good, communes have successors, one tax branch serves two communes."""
    old = []
    for entry in agencies():
        if entry.level is Level.PROVINCE:
            old.append(entry)
            continue
        level = Level.COMMUNE if entry.level is Level.DISTRICT else None
        old.append(
            entry.model_copy(
                update={"valid_to": LAST_DAY, "successor": None, "successor_level": level}
            )
        )
    new = []
    for area in (GIA_HOI, EAST, WEST):
        for code, role in (
            (f"H63.{area}N", Role.PEOPLE_COMMITTEE),
            (f"H63.{area}N.01", Role.ONE_STOP_UNIT),
            (f"G01.{area}N", Role.COMMUNE_POLICE),
        ):
            new.append(an_agency(code, role, level=Level.COMMUNE, area=area, valid_from=REFORM))
    for code, serves in (("G12.18.1", (GIA_HOI, EAST)), ("G12.18.2", (WEST,))):
        new.append(
            an_agency(
                code,
                Role.TAX,
                level=Level.COMMUNE,
                area=PROVINCE,
                serves=serves,
                valid_from=REFORM,
            )
        )
    return (*old, *new)


def a_reformed_directory(**changes: object) -> DirectoryTable:
    """The small province over its reform."""
    fields = {
        "units": reformed_units(),
        "agencies": reformed_agencies(),
        "succession": reformed_succession(),
    }
    return DirectoryTable(**(fields | changes))  # type: ignore[arg-type]
