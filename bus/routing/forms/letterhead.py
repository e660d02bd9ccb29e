"""Who a sheet comes from: the lines top left, the place beside the date, the symbol of the number.

The lay-out follows Decree 30/2020/NĐ-CP on clerical work: the body above in the first line, the
issuing unit in the second, and the place named without its kind.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bus.ids import AgencyCode
from bus.routing.forms.chronicle import Chronicle
from bus.routing.forms.kinds import Form, FormKind
from bus.schemas.directory import Role

_DESK: Final = "Bộ phận Tiếp nhận và Trả kết quả"
_KINDS: Final = (
    *("Thành phố", "Thị trấn", "Thị xã", "Đặc khu"),
    *("Tỉnh", "Quận", "Huyện", "Phường", "Xã"),
)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The lines of a letterhead."""

    superior: str | None
    unit: str
    place: str
    symbol: str


def letterhead(
    agency: AgencyCode, history: Chronicle, form: Form, name: Callable[[AgencyCode], str]
) -> Letterhead:
    """Return how an agency heads a sheet: as one-stop unit, unless it apologises for itself."""
    directory = history.catalogue.directory
    entry = directory.agency(agency)
    day = history.catalogue.calendar.local_date(history.opened.accepted_at)
    unit = directory.places.unit(entry.area, day) if entry else None
    place = place_of(unit.name) if unit else ""
    called = name(agency)
    if form.kind is FormKind.APOLOGY:
        return Letterhead(None, called, place, "PXL")
    if entry is not None and unit is not None and Role.SERVICE_CENTRE in entry.roles:
        above = f"Ủy ban nhân dân {unit.name[0].lower()}{unit.name[1:]}"
        return Letterhead(above, called, place, "TTPVHCC")
    return Letterhead(called, _DESK, place, "BPTNTKQ")


def place_of(unit: str) -> str:
    """Return the place named beside a date: `Gia Hội` for Xã Gia Hội, `Phường 1` as it is."""
    for kind in _KINDS:
        bare = unit.removeprefix(f"{kind} ")
        if bare != unit:
            return unit if bare[0].isdigit() else bare
    return unit
