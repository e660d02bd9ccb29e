"""A province small enough to count by hand: two districts, three communes, one calendar.

Everything is valid by default; a test spells out only what it is about.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from bus.ids import AgencyCode, AreaCode, ProcedureCode, StepId
from bus.schemas.base import Level
from bus.schemas.calendar import CalendarDay, CalendarTable, DayKind, Shift
from bus.schemas.directory import AgencyEntry, DirectoryTable, Role, Unit
from bus.schemas.province import Province
from bus.schemas.route import (
    Bilingual,
    LimitUnit,
    Performer,
    Receiving,
    Route,
    RouteStep,
    StepKind,
    TimeLimit,
)

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
START = date(2024, 1, 1)

PROVINCE = AreaCode("15")
VAN_CHAN = AreaCode("140")
YEN_BINH = AreaCode("141")
GIA_HOI = AreaCode("04636")
NAM_BUNG = AreaCode("04639")
CAM_AN = AreaCode("04747")

UNITS = (
    Unit(code=PROVINCE, name="Tỉnh Mẫu", level=Level.PROVINCE, valid_from=START),
    Unit(
        code=VAN_CHAN,
        name="Huyện Văn Chấn",
        level=Level.DISTRICT,
        parent=PROVINCE,
        valid_from=START,
    ),
    Unit(
        code=YEN_BINH,
        name="Huyện Yên Bình",
        level=Level.DISTRICT,
        parent=PROVINCE,
        valid_from=START,
    ),
    Unit(code=GIA_HOI, name="Xã Gia Hội", level=Level.COMMUNE, parent=VAN_CHAN, valid_from=START),
    Unit(code=NAM_BUNG, name="Xã Nậm Búng", level=Level.COMMUNE, parent=VAN_CHAN, valid_from=START),
    Unit(code=CAM_AN, name="Xã Cẩm Ân", level=Level.COMMUNE, parent=YEN_BINH, valid_from=START),
)


def moment(text: str) -> datetime:
    """Return a moment written as local time: `20/01/2025 09:00`."""
    form = "%d/%m/%Y %H:%M:%S" if text.count(":") == 2 else "%d/%m/%Y %H:%M"
    local = datetime.strptime(text, form).replace(tzinfo=VIETNAM)
    return local.astimezone(UTC)


def local(at: datetime) -> str:
    """Return a moment as local time, the way `moment` reads it."""
    return f"{at.astimezone(VIETNAM):%d/%m/%Y %H:%M}"


def days(unit: str, amount: int) -> TimeLimit:
    return TimeLimit(amount=amount, unit=LimitUnit(unit))


def a_calendar(
    *listed: CalendarDay,
    first_year: int = 2025,
    last_year: int = 2026,
    cutoff: time = time(15),
    **more: Any,
) -> CalendarTable:
    return CalendarTable(
        version=1,
        timezone="Asia/Ho_Chi_Minh",
        first_year=first_year,
        last_year=last_year,
        office_hours=(
            Shift(opens=time(7, 30), closes=time(11, 30)),
            Shift(opens=time(13, 30), closes=time(17)),
        ),
        forward_cutoff=cutoff,
        days=tuple(sorted(listed, key=lambda entry: entry.day)),
        **more,
    )


def a_day(text: str, kind: DayKind = DayKind.HOLIDAY, name: str = "Ngày nghỉ") -> CalendarDay:
    return CalendarDay(day=date.fromisoformat(text), kind=kind, name=name, basis="Thông báo mẫu")


def tet_2025_and_2026() -> CalendarTable:
    """The days off of 2025 and 2026 with their swaps and make-up Saturdays."""
    holidays = (
        "2025-01-01 2025-01-27 2025-01-28 2025-01-29 2025-01-30 2025-01-31 2025-02-01"
        " 2025-04-07 2025-04-30 2025-05-01 2025-09-01 2025-09-02"
        " 2026-01-01 2026-02-16 2026-02-17 2026-02-18 2026-02-19 2026-02-20"
        " 2026-04-26 2026-04-27 2026-04-30 2026-05-01 2026-09-01 2026-09-02 2026-11-24"
    )
    return a_calendar(
        *(a_day(day) for day in holidays.split()),
        *(a_day(day, DayKind.SWAPPED_OFF) for day in ("2025-05-02", "2026-01-02", "2026-08-31")),
        *(a_day(day, DayKind.MAKEUP_WORKDAY) for day in ("2025-04-26", "2026-01-10", "2026-08-22")),
    )


def an_agency(code: str, *roles: Role, level: Level, area: str, **more: Any) -> AgencyEntry:
    more.setdefault("valid_from", START)
    return AgencyEntry(
        code=AgencyCode(code),
        name=more.pop("name", f"Cơ quan {code}"),
        level=level,
        roles=roles,
        area=AreaCode(area),
        **more,
    )


def agencies() -> tuple[AgencyEntry, ...]:
    """One-stop units everywhere, police in the communes, tax in the districts, labour on top."""
    found = [
        an_agency(
            "H63.01", Role.SERVICE_CENTRE, Role.ONE_STOP_UNIT, level=Level.PROVINCE, area=PROVINCE
        ),
        an_agency("H63.05", Role.LABOUR, level=Level.PROVINCE, area=PROVINCE),
    ]
    for district in (VAN_CHAN, YEN_BINH):
        code = f"H63.{district}"
        both = (Role.PEOPLE_COMMITTEE, Role.ONE_STOP_UNIT)
        found.append(
            an_agency(
                code,
                *both,
                level=Level.DISTRICT,
                area=district,
                aliases=(f"000.00.{district[1:]}.H63",),
            )
        )
        found.append(an_agency(f"G12.18.{district}", Role.TAX, level=Level.DISTRICT, area=district))
    for commune in (GIA_HOI, NAM_BUNG, CAM_AN):
        both = (Role.PEOPLE_COMMITTEE, Role.ONE_STOP_UNIT)
        found.append(an_agency(f"H63.{commune}", *both, level=Level.COMMUNE, area=commune))
        found.append(
            an_agency(f"G01.{commune}", Role.COMMUNE_POLICE, level=Level.COMMUNE, area=commune)
        )
    return tuple(found)


def a_directory(
    entries: Iterable[AgencyEntry] | None = None, units: Iterable[Unit] = UNITS
) -> DirectoryTable:
    return DirectoryTable(
        units=tuple(units), agencies=tuple(agencies() if entries is None else entries)
    )


def a_step(name: str, role: Role = Role.PEOPLE_COMMITTEE, **more: Any) -> RouteStep:
    level = more.pop("level", Level.COMMUNE)
    return RouteStep(
        id=StepId(name),
        name=Bilingual(vi=name, en=name),
        performer=Performer(role=role, level=level),
        task=f"Thực hiện {name}.",
        needs=tuple(more.pop("needs", ())),
        **more,
    )


def a_wait(name: str, **more: Any) -> RouteStep:
    return RouteStep(
        id=StepId(name),
        name=Bilingual(vi=name, en=name),
        kind=StepKind.AWAIT_PAYMENT,
        needs=tuple(more.pop("needs", ())),
        **more,
    )


def a_route(*steps: RouteStep, **more: Any) -> Route:
    receiving = (
        Receiving(level=Level.COMMUNE),
        Receiving(level=Level.DISTRICT),
        Receiving(level=Level.PROVINCE),
    )
    return Route(
        procedure=ProcedureCode(more.pop("procedure", "1.012783")),
        version=more.pop("version", 1),
        name=Bilingual(vi="Thủ tục mẫu", en="Sample procedure"),
        basis=("Quyết định mẫu",),
        receiving=more.pop("receiving", receiving),
        valid_from=more.pop("valid_from", date(2025, 1, 1)),
        valid_to=more.pop("valid_to", date(2025, 6, 30)),
        steps=steps,
        **more,
    )


def a_province(
    *routes: Route,
    directory: DirectoryTable | None = None,
    calendar: CalendarTable | None = None,
) -> Province:
    return Province(
        name="Tỉnh Mẫu",
        directory=directory or a_directory(),
        routes=routes,
        calendar=calendar or tet_2025_and_2026(),
    )
