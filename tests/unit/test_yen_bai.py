"""Yên Bái as data: what the folder must hold, and where it differs from its sources."""

import csv
import io
import json
import unicodedata
from collections import Counter
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import holidays
import pytest

from bus.ids import new_form
from bus.routing.plan import examine
from bus.schemas.base import Level
from bus.schemas.calendar import DayKind
from bus.schemas.directory import AgencyEntry, Role
from bus.schemas.province import Province
from bus.storage.province import load_province, province_from_json, province_json

YEN_BAI = Path(__file__).parents[2] / "deploy" / "yen-bai"
LAST_DAY_OF_THE_DISTRICTS = date(2025, 6, 30)
DISTRICT_ROLES = {
    Role.PEOPLE_COMMITTEE,
    Role.LABOUR_OFFICE,
    Role.SOCIAL_INSURANCE,
    Role.LAND_REGISTRATION,
    Role.TAX,
    Role.FINANCE_PLANNING,
}
COLUMNS = [
    *("Mã hồ sơ", "Mã TTHC", "Địa bàn", "Trích yếu", "Chủ hồ sơ", "Loại đối tượng"),
    *("Số định danh", "Điện thoại", "Địa chỉ", "Ngày nộp", "Ngày tiếp nhận", "Kênh"),
    *("Thành phần", "Thông tin"),
]

SWAPPED_IN_DECEMBER_2025 = "document 12729/VPCP-KGVX of 25/12/2025, unknown to holidays 0.109"
DIFFERENCES_FROM_THE_PACKAGE = {
    (date(2026, 1, 2), DayKind.SWAPPED_OFF): SWAPPED_IN_DECEMBER_2025,
    (date(2026, 1, 10), DayKind.MAKEUP_WORKDAY): SWAPPED_IN_DECEMBER_2025,
}


@cache
def yen_bai() -> Province:
    return load_province(YEN_BAI)


def agencies_with(role: Role, level: Level) -> list[AgencyEntry]:
    found = yen_bai().directory.agencies
    return [entry for entry in found if role in entry.roles and entry.level is level]


# --- the directory of Yên Bái ----------------------------------------------------------------


def test_yen_bai_has_nine_districts_and_168_communes() -> None:
    levels = Counter(unit.level for unit in yen_bai().directory.units)

    assert levels == {Level.PROVINCE: 1, Level.DISTRICT: 9, Level.COMMUNE: 168}


def test_every_commune_has_one_peoples_committee_and_one_police() -> None:
    communes = {unit.code for unit in yen_bai().directory.units if unit.level is Level.COMMUNE}

    for role in (Role.PEOPLE_COMMITTEE, Role.ONE_STOP_UNIT, Role.COMMUNE_POLICE):
        areas = [entry.area for entry in agencies_with(role, Level.COMMUNE)]
        assert (len(areas), set(areas)) == (168, communes)


def test_every_district_has_its_six_agencies() -> None:
    districts = [unit.code for unit in yen_bai().directory.units if unit.level is Level.DISTRICT]
    entries = [e for e in yen_bai().directory.agencies if e.level is Level.DISTRICT]

    assert len(entries) == 9 * 6
    for district in districts:
        roles = [role for entry in entries if entry.area == district for role in entry.roles]
        assert Counter(roles) == Counter(DISTRICT_ROLES | {Role.ONE_STOP_UNIT})


def test_every_role_of_the_province_stands_once() -> None:
    roles = Counter(
        role
        for entry in yen_bai().directory.agencies
        if entry.level is Level.PROVINCE
        for role in entry.roles
    )

    assert roles == Counter(set(Role) - DISTRICT_ROLES - {Role.COMMUNE_POLICE})


def test_all_178_one_stop_units_are_served_by_the_routes() -> None:
    checked = examine(yen_bai())

    assert checked.ok
    assert (checked.routes, checked.receiving_units) == (6, 178)


def test_gia_hoi_lies_in_van_chan() -> None:
    (unit,) = [unit for unit in yen_bai().directory.units if unit.code == "04636"]
    (committee,) = [
        entry
        for entry in agencies_with(Role.PEOPLE_COMMITTEE, Level.COMMUNE)
        if entry.area == "04636"
    ]

    assert (unit.name, unit.parent) == ("Xã Gia Hội", "140")
    assert (committee.code, committee.aliases) == ("H63.140.05", ("000.05.40.H63",))
    assert committee.name == "Ủy ban nhân dân xã Gia Hội, huyện Văn Chấn"


def test_vertical_sectors_stand_under_the_roots_of_their_ministries() -> None:
    roots = {
        Role.COMMUNE_POLICE: "G01.",
        Role.SOCIAL_INSURANCE: "G24.",
        Role.TAX: "G12.18.",
    }

    for entry in yen_bai().directory.agencies:
        root = next((roots[role] for role in entry.roles if role in roots), "H63.")
        assert entry.code.startswith(root), entry


def test_every_agency_has_an_old_code_that_is_nobody_elses_new_one() -> None:
    entries = yen_bai().directory.agencies
    codes = {entry.code for entry in entries}

    for entry in entries:
        (alias,) = entry.aliases
        assert len(alias) == 13
        assert new_form(alias) == entry.code or new_form(alias) not in codes


def test_only_what_the_reform_ended_ends_on_30_june_2025() -> None:
    ending = {
        role
        for entry in yen_bai().directory.agencies
        if entry.valid_to is not None
        for role in entry.roles
    }

    assert {e.valid_to for e in yen_bai().directory.agencies} == {None, LAST_DAY_OF_THE_DISTRICTS}
    assert ending == {
        Role.PEOPLE_COMMITTEE,
        Role.ONE_STOP_UNIT,
        Role.LABOUR_OFFICE,
        Role.FINANCE_PLANNING,
    }


def test_names_are_told_apart() -> None:
    """Two communes are called Tân Thịnh; a person choosing an agency must see which is which."""
    names = Counter(entry.name for entry in yen_bai().directory.agencies)

    assert [name for name, count in names.items() if count > 1] == []


def test_every_file_of_the_province_is_written_in_composed_unicode() -> None:
    for file in YEN_BAI.rglob("*"):
        if file.is_file():
            assert unicodedata.is_normalized("NFC", file.read_text(encoding="utf-8")), file


# --- the routes of Yên Bái -------------------------------------------------------------------


def test_the_six_linked_procedures_are_there() -> None:
    assert {route.procedure: [step.id for step in route.steps] for route in yen_bai().routes} == {
        "2.000286": [
            "commune_review",
            "district_appraise",
            "district_decide",
            "province_appraise",
            "facility_decide",
        ],
        "1.001776": ["commune_review", "commune_forward", "district_appraise", "district_decide"],
        "1.001731": ["commune_forward", "district_decide"],
        "2.002621": ["birth", "residence", "health_card"],
        "2.002622": [
            "death",
            "residence_deletion",
            "funeral_social_insurance",
            "funeral_social_protection",
        ],
        "1.012783": ["appraise", "tax", "payment", "sign_result"],
    }


def test_time_limits_are_those_of_the_decrees() -> None:
    limits = {
        route.procedure: (
            route.total and route.total.amount,
            [step.limit.amount for step in route.steps if step.limit],
        )
        for route in yen_bai().routes
    }

    assert limits == {
        "2.000286": (27, [10, 7, 3, 7]),
        "1.001776": (20, [7, 3, 7, 3]),
        "1.001731": (5, [2, 3]),
        "2.002621": (3, []),
        "2.002622": (18, []),
        "1.012783": (10, [5]),
    }


# --- the calendar of Yên Bái -----------------------------------------------------------------


def test_the_calendar_differs_from_the_package_only_where_a_document_says_so() -> None:
    calendar = yen_bai().calendar
    package = holidays.country_holidays("VN", years=range(2018, 2028), language="vi")
    drafted = {
        (day, DayKind.MAKEUP_WORKDAY)
        for day in package.weekend_workdays
        if calendar.first_year <= day.year <= calendar.last_year
    }
    for day, name in package.items():
        swapped = name.startswith("Ngày nghỉ (thay cho")
        drafted.add((day, DayKind.SWAPPED_OFF if swapped else DayKind.HOLIDAY))

    ours = {(entry.day, entry.kind) for entry in calendar.days}

    assert ours ^ drafted == DIFFERENCES_FROM_THE_PACKAGE.keys()
    assert (calendar.first_year, calendar.last_year) == (2018, 2027)


def test_every_worked_saturday_names_the_day_it_stands_for() -> None:
    days = {entry.day: entry for entry in yen_bai().calendar.days}
    worked = [e for e in days.values() if e.kind is DayKind.MAKEUP_WORKDAY]

    for entry in worked:
        off = datetime.strptime(entry.name[-10:], "%d/%m/%Y").replace(tzinfo=UTC).date()
        assert days[off].kind is DayKind.SWAPPED_OFF
        assert days[off].name.endswith(entry.day.strftime("%d/%m/%Y"))
    assert len(worked) == sum(e.kind is DayKind.SWAPPED_OFF for e in days.values())


# --- the sample files of legacy systems ------------------------------------------------------


def sample_rows(file: Path) -> list[dict[str, str]]:
    text = file.read_text(encoding="utf-8-sig")
    if file.suffix == ".json":
        rows: list[dict[str, str]] = json.loads(text)
        return rows
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    return list(csv.DictReader(io.StringIO(text), delimiter=delimiter))


@pytest.mark.parametrize(
    "name",
    [
        "gia-hoi/ho-so-2025-03-03.csv",
        "trung-tam/ho-so-2025-03-04.csv",
        "thanh-pho-yen-bai/ho-so-2025-03-04.json",
    ],
)
def test_sample_dossiers_may_be_filed_by_the_unit_that_numbered_them(name: str) -> None:
    entries = yen_bai().directory.agencies
    codes = {code: entry for entry in entries for code in (entry.code, *entry.aliases)}
    routes = {str(route.procedure): route for route in yen_bai().routes}
    communes = {unit.code for unit in yen_bai().directory.units if unit.level is Level.COMMUNE}

    for row in sample_rows(YEN_BAI / "legacy" / name):
        unit = codes[row["Mã hồ sơ"].rsplit("-", 2)[0]]
        assert list(row) == COLUMNS
        assert unit.level in {rule.level for rule in routes[row["Mã TTHC"]].receiving}
        assert (row["Địa bàn"] or unit.area) in communes


def test_sample_people_are_nobody() -> None:
    """Identity numbers of real citizens begin with a province's code; these begin with zeros."""
    files = [file for file in (YEN_BAI / "legacy").rglob("ho-so-*") if file.is_file()]

    for row in (row for file in files for row in sample_rows(file)):
        assert row["Số định danh"].startswith("00000000")
        assert row["Điện thoại"][:8] in {"", "00000000"}
    assert len(files) == 4


# --- as one document ------------------------------------------------------------------------


def test_the_whole_province_comes_back_from_its_document() -> None:
    document = province_json(yen_bai())

    assert province_from_json(document) == yen_bai()
    assert province_json(province_from_json(document)) == document
