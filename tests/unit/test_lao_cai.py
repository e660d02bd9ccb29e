"""Lào Cai from 1 July 2025 as data: what the folder must hold, and what must hold over the day."""

from collections import Counter

import pytest

from bus.ids import AgencyCode, AreaCode, new_form
from bus.routing.competence import Directory
from bus.routing.plan import examine
from bus.schemas.base import Level
from bus.schemas.directory import AgencyEntry, Extent, Role
from bus.schemas.route import ReceivingScope
from tests.support.reform import LAO_CAI, LAST_DAY, REFORM, lao_cai
from tests.support.walking import yen_bai

DIRECTORY: Directory = lao_cai().directory
TABLE = DIRECTORY.table
NEW = [entry for entry in TABLE.agencies if entry.valid_from == REFORM]


def with_role(role: Role) -> list[AgencyEntry]:
    return [entry for entry in NEW if role in entry.roles]


def test_from_1_july_there_are_99_communes_and_no_district() -> None:
    levels = Counter(unit.level for unit in TABLE.units if unit.covers(REFORM))

    assert levels == {Level.PROVINCE: 1, Level.COMMUNE: 99}


def test_all_319_old_communes_went_whole_into_one_of_them() -> None:
    communes = {unit.code for unit in TABLE.units if unit.covers(REFORM)} - {"15"}

    assert len(TABLE.succession) == len({row.old for row in TABLE.succession}) == 319
    assert {row.new for row in TABLE.succession} == communes
    assert {row.extent for row in TABLE.succession} == {Extent.WHOLE}


@pytest.mark.parametrize(
    "role",
    [
        Role.PEOPLE_COMMITTEE,
        Role.ONE_STOP_UNIT,
        Role.COMMUNE_POLICE,
        Role.LABOUR_OFFICE,
        Role.FINANCE_PLANNING,
        Role.TAX,
        Role.SOCIAL_INSURANCE,
        Role.LAND_REGISTRATION,
    ],
)
def test_every_commune_has_each_of_its_agencies_once(role: Role) -> None:
    areas = [area for entry in with_role(role) for area in entry.areas]

    assert len(areas) == len(set(areas)) == 99


def test_agencies_stand_under_several_level_1_codes() -> None:
    roots = Counter(entry.code.split(".")[0] for entry in NEW)

    assert set(roots) == {"H63", "G01", "G12", "G24"}
    assert all(entry.code.startswith("G12.18.") for entry in with_role(Role.TAX))


def test_whoever_ended_is_followed_by_somebody_everywhere() -> None:
    ended = [entry for entry in TABLE.agencies if entry.valid_to == LAST_DAY]

    assert len(ended) == 168 * 2 + 9 * 6 + 2
    for entry in ended:
        assert (entry.successor is None) is (entry.level is Level.DISTRICT)
        heir = DIRECTORY.heir(entry.code, AreaCode("04636"), REFORM)
        assert heir is not None, entry
        assert heir.covers(REFORM)


def test_every_agency_of_before_is_still_there_and_found_by_all_its_codes() -> None:
    """Dossier codes and receipts of before name them for years."""
    for entry in yen_bai().directory.table.agencies:
        for code in (entry.code, *entry.aliases, *(new_form(alias) for alias in entry.aliases)):
            found = DIRECTORY.agency(code)
            assert found is not None, code
            assert found.code == entry.code


def test_the_hub_and_the_centre_keep_their_codes() -> None:
    for code in ("H63.01.01", "H63.01.02"):
        before, after = (one.agency(code) for one in (yen_bai().directory, DIRECTORY))
        assert before is not None
        assert after is not None
        assert (after.roles, after.valid_to) == (before.roles, None)


def test_the_work_of_a_districts_labour_office_goes_to_each_dossiers_commune() -> None:
    office = AgencyCode("H63.140.81")
    heirs = {DIRECTORY.heir(office, AreaCode(area), REFORM) for area in ("04636", "04639")}

    assert {heir and heir.roles for heir in heirs} == {(Role.LABOUR_OFFICE,)}
    assert {heir and heir.level for heir in heirs} == {Level.COMMUNE}


def test_the_check_finds_nothing_to_say() -> None:
    checked = examine(lao_cai().province)

    assert checked.ok
    assert (checked.routes, checked.receiving_units) == (12, 277)
    assert list(checked.findings) == []


def test_the_old_routes_are_those_of_before_and_the_new_ones_follow_without_a_gap() -> None:
    old = {route.procedure: route for route in lao_cai().province.routes if route.version == 1}
    new = {route.procedure: route for route in lao_cai().province.routes if route.version == 2}

    assert sorted(old.values(), key=str) == sorted(yen_bai().province.routes, key=str)
    assert new.keys() == old.keys()
    for route in new.values():
        assert route.valid_from == REFORM
        levels = {step.performer.level for step in route.steps if step.performer}
        assert levels <= {Level.COMMUNE, Level.PROVINCE}
        commune, _ = route.receiving
        assert (commune.level, commune.scope) == (Level.COMMUNE, ReceivingScope.PROVINCE)


def test_names_are_told_apart() -> None:
    names = Counter(entry.name for entry in TABLE.agencies)

    assert [name for name, count in names.items() if count > 1] == []


def test_the_files_say_that_the_codes_are_sample_data() -> None:
    for name in ("agencies.csv", "README.md"):
        text = (LAO_CAI / name).read_text(encoding="utf-8")
        assert "SAMPLE DATA" in text.upper()
        assert "INVENTED" in text.upper()
