"""The reform of a storm: one commune ends, another takes over what is open there.

The new directory is published the evening before. From midnight on an operator runs the cutover,
until nothing is left to move; the hub may die at any call of it, like everywhere.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from bus.ids import AgencyCode
from bus.routing.province import Catalogue
from bus.schemas.directory import AgencyEntry, DirectoryTable
from bus.schemas.province import Province
from bus.simulation.turned_clock import LOCAL
from bus.simulation.workload import START

DAY: Final = START.date() + timedelta(days=2)
"""First day without the office."""
PUBLISHED: Final = datetime.combine(DAY - timedelta(days=1), time(18), LOCAL)
MIDNIGHT: Final = datetime.combine(DAY, time(0, 5), LOCAL)
_ANOTHER: Final = ".99"


@dataclass(frozen=True, slots=True)
class Reform:
    """Which office ends and who takes over, by the second version of the directory."""

    closes: AgencyCode
    heir: AgencyCode
    catalogue: Catalogue
    day: date = DAY


def heir_of(office: AgencyEntry) -> AgencyEntry:
    """Return the agency that may take over: known, and nobody's as long as nothing is decided."""
    code = AgencyCode(office.code.rpartition(".")[0] + _ANOTHER)
    some_day = {"valid_from": DAY + timedelta(days=365), "valid_to": None}
    return office.model_copy(update={"code": code, "aliases": (), **some_day})


def reformed(province: Province, office: AgencyEntry, heir: AgencyEntry) -> Province:
    """Return the province whose directory says that the office ends, and who goes on."""
    changes: dict[AgencyCode, dict[str, Any]] = {
        office.code: {"valid_to": DAY - timedelta(days=1), "successor": heir.code},
        heir.code: {"valid_from": DAY},
    }
    agencies = tuple(
        entry.model_copy(update=changes.get(entry.code, {}))
        for entry in province.directory.agencies
    )
    directory: DirectoryTable = province.directory.model_copy(update={"agencies": agencies})
    return province.model_copy(update={"directory": directory})
