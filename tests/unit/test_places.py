"""Places over time: a code borne twice, a commune that was divided, who took over what."""

from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from bus.errors import AmbiguousCompetence, NoCompetentAgency
from bus.ids import AgencyCode, AreaCode
from bus.routing.competence import Directory
from bus.routing.coverage import Coverage
from bus.routing.places import Places
from bus.schemas.base import Level
from bus.schemas.directory import Extent, Role, Succession
from bus.schemas.route import Performer, Receiving, ReceivingScope
from tests.support.reform import (
    EAST,
    LAST_DAY,
    REFORM,
    WEST,
    a_reformed_directory,
    reformed_agencies,
    reformed_succession,
)
from tests.support.small_province import (
    CAM_AN,
    GIA_HOI,
    NAM_BUNG,
    PROVINCE,
    VAN_CHAN,
    a_route,
    a_step,
    moment,
)

DIRECTORY = Directory(a_reformed_directory())
PLACES = DIRECTORY.places
NIGHT, MORNING = moment("30/06/2025 23:59"), moment("01/07/2025 00:00")
UNKNOWN = AreaCode("99999")


def performer(role: Role, level: Level = Level.COMMUNE) -> Performer:
    return Performer(role=role, level=level)


# --- units ------------------------------------------------------------------------------------


def test_a_code_borne_twice_is_told_apart_by_the_day() -> None:
    before, after = PLACES.unit(GIA_HOI, LAST_DAY), PLACES.unit(GIA_HOI, REFORM)

    assert before is not None
    assert after is not None
    assert (before.name, after.name) == ("Xã Gia Hội", "Xã Gia Hội mới")
    assert PLACES.ancestor(GIA_HOI, Level.DISTRICT, LAST_DAY) == VAN_CHAN
    assert PLACES.ancestor(GIA_HOI, Level.DISTRICT, REFORM) is None


def test_a_unit_of_the_future_is_known_before_it_begins() -> None:
    unit = PLACES.unit(EAST, LAST_DAY)

    assert unit is not None
    assert unit.name == "Xã Đông"


def test_after_the_reform_the_smallest_units_are_the_new_communes() -> None:
    assert PLACES.leaves(REFORM)[PROVINCE] == (GIA_HOI, EAST, WEST)
    assert PLACES.leaves(LAST_DAY)[PROVINCE] == (GIA_HOI, NAM_BUNG, CAM_AN)


@pytest.mark.parametrize(
    ("area", "day", "heirs", "usual"),
    [
        (CAM_AN, LAST_DAY, (CAM_AN,), CAM_AN),
        (CAM_AN, REFORM, (GIA_HOI,), GIA_HOI),
        (GIA_HOI, REFORM, (GIA_HOI,), GIA_HOI),
        (NAM_BUNG, REFORM, (EAST, WEST), EAST),
        (VAN_CHAN, REFORM, (), None),
        (UNKNOWN, REFORM, (), None),
    ],
)
def test_an_area_becomes_one_several_or_none(
    area: AreaCode, day: date, heirs: tuple[AreaCode, ...], usual: AreaCode | None
) -> None:
    assert PLACES.heirs(area, day) == heirs
    assert PLACES.usual(area, day) == usual


def test_areas_that_become_each_other_end_nowhere() -> None:
    """A mistake in the data must not make anybody wait for ever."""
    rows = [
        Succession(old=CAM_AN, new=NAM_BUNG, since=REFORM, extent=Extent.WHOLE),
        Succession(old=NAM_BUNG, new=CAM_AN, since=REFORM, extent=Extent.WHOLE),
    ]
    places = Places(a_reformed_directory(succession=tuple(rows)))

    assert places.heirs(CAM_AN, REFORM) == ()
    assert places.usual(CAM_AN, REFORM) is None


def test_what_lies_in_the_future_was_not_before() -> None:
    before = [chain[0].name for chain in PLACES.before(GIA_HOI, LAST_DAY)]
    after = [chain[0].name for chain in PLACES.before(GIA_HOI, REFORM)]

    assert before == ["Xã Gia Hội"]
    assert after == ["Xã Gia Hội mới", "Xã Gia Hội", "Xã Cẩm Ân"]


# --- competence -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "level", "area", "code"),
    [
        (Role.PEOPLE_COMMITTEE, Level.COMMUNE, CAM_AN, "H63.04636N"),
        (Role.COMMUNE_POLICE, Level.COMMUNE, CAM_AN, "G01.04636N"),
        (Role.PEOPLE_COMMITTEE, Level.DISTRICT, CAM_AN, "H63.04636N"),
        (Role.TAX, Level.DISTRICT, CAM_AN, "G12.18.1"),
        (Role.TAX, Level.DISTRICT, GIA_HOI, "G12.18.1"),
        (Role.LABOUR, Level.PROVINCE, CAM_AN, "H63.05"),
        (Role.TAX, Level.COMMUNE, WEST, "G12.18.2"),
    ],
)
def test_a_dossier_of_an_old_area_finds_who_took_over(
    role: Role, level: Level, area: AreaCode, code: str
) -> None:
    assert DIRECTORY.competent(performer(role, level), area, MORNING).code == code


def test_a_part_of_a_divided_commune_finds_who_took_over_from_the_district() -> None:
    """Its code never lay in a district, but what it came from did."""
    found = DIRECTORY.competent(performer(Role.TAX, Level.DISTRICT), WEST, MORNING)

    assert found.code == "G12.18.2"


def test_a_divided_commune_has_an_agency_in_each_part_until_it_is_decided() -> None:
    with pytest.raises(AmbiguousCompetence, match=r"H63\.90001N, H63\.90002N"):
        DIRECTORY.competent(performer(Role.PEOPLE_COMMITTEE), NAM_BUNG, MORNING)


def test_until_the_last_minute_the_old_agency_does_it() -> None:
    found = DIRECTORY.competent(performer(Role.PEOPLE_COMMITTEE), NAM_BUNG, NIGHT)

    assert found.code == f"H63.{NAM_BUNG}"


def test_work_that_went_to_its_own_level_went_nowhere() -> None:
    lost = [
        entry.model_copy(update={"successor_level": Level.DISTRICT}) if entry.valid_to else entry
        for entry in reformed_agencies()
    ]
    directory = Directory(a_reformed_directory(agencies=tuple(lost)))

    with pytest.raises(NoCompetentAgency):
        directory.competent(performer(Role.TAX, Level.DISTRICT), CAM_AN, MORNING)


# --- who stands in ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "area", "heir"),
    [
        (f"H63.{CAM_AN}", CAM_AN, "H63.04636N.01"),
        (f"H63.{NAM_BUNG}", NAM_BUNG, "H63.90001N.01"),
        (f"H63.{NAM_BUNG}", CAM_AN, "H63.90001N.01"),
        ("H63.140", GIA_HOI, "H63.04636N.01"),
        (f"G01.{CAM_AN}", CAM_AN, "G01.04636N"),
        ("G12.18.140", WEST, "G12.18.2"),
        ("H63.05", CAM_AN, "H63.05"),
        ("G12.18.1", EAST, "G12.18.1"),
    ],
)
def test_somebody_stands_in_for_an_agency_that_ended(code: str, area: AreaCode, heir: str) -> None:
    found = DIRECTORY.heir(AgencyCode(code), area, REFORM)

    assert found is not None
    assert found.code == heir


def test_an_agency_stands_for_itself_to_its_last_day() -> None:
    found = DIRECTORY.heir(AgencyCode("H63.140"), GIA_HOI, LAST_DAY)

    assert found is not None
    assert found.code == "H63.140"


def test_where_no_role_was_taken_over_the_named_successor_stands_in() -> None:
    named = [
        entry.model_copy(update={"successor": "H63.05", "successor_level": None})
        if entry.code == "H63.140"
        else entry
        for entry in reformed_agencies()
    ]
    directory = Directory(a_reformed_directory(agencies=tuple(named)))

    found = directory.heir(AgencyCode("H63.140"), UNKNOWN, REFORM)

    assert found is not None
    assert found.code == "H63.05"


def test_nobody_stands_in_for_whom_nobody_knows() -> None:
    assert DIRECTORY.heir(AgencyCode("H99"), GIA_HOI, REFORM) is None


# --- what the tables may say ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "change", "message"),
    [
        (0, {"new": UNKNOWN}, "99999, is not listed"),
        (-1, {"extent": Extent.WHOLE}, "into others too"),
        (-1, {"default_when_part": None}, "one of its parts"),
        (-1, {"default_when_part": GIA_HOI}, "one of its parts"),
    ],
)
def test_a_succession_that_leads_nowhere_is_refused(
    place: int, change: dict[str, object], message: str
) -> None:
    rows = list(reformed_succession())
    rows[place] = rows[place].model_copy(update=change)

    with pytest.raises(ValidationError, match=message):
        a_reformed_directory(succession=tuple(rows))


def test_an_area_served_is_one_that_is_listed() -> None:
    entries = list(reformed_agencies())
    entries[-1] = entries[-1].model_copy(update={"serves": (UNKNOWN,)})

    with pytest.raises(ValidationError, match=r"G12\.18\.2: its area 99999"):
        a_reformed_directory(agencies=tuple(entries))


# --- the check --------------------------------------------------------------------------------


def checked(*, directory: Directory = DIRECTORY, role: Role = Role.TAX) -> list[tuple[str, str]]:
    route = a_route(
        a_step("look", role, level=Level.DISTRICT), receiving=(Receiving(level=Level.COMMUNE),)
    )
    return [(one.code, one.message_en) for one in Coverage(directory).check(route).findings]


def test_dossiers_of_a_divided_commune_are_told_of_before_the_day() -> None:
    ((code, text),) = checked()

    assert code == "succession.divided"
    assert "(04639) need a decision from 2025-07-01" in text


def test_dossiers_under_way_that_find_nobody_are_told_of() -> None:
    """Six names are not listed: five, and how many more."""
    lost = [entry.model_copy(update={"successor_level": None}) for entry in reformed_agencies()]

    ((code, text),) = checked(directory=Directory(a_reformed_directory(agencies=tuple(lost))))

    assert code == "succession.none"
    assert "find nobody from 2025-07-01 on, areas 04636, 04639, 04747;" in text


def test_whoever_may_file_anywhere_is_asked_for_every_area() -> None:
    receiving = (Receiving(level=Level.COMMUNE, scope=ReceivingScope.PROVINCE),)
    route = a_route(
        a_step("look"), receiving=receiving, valid_from=REFORM, valid_to=REFORM + timedelta(days=9)
    )

    covered = Coverage(DIRECTORY).check(route)

    assert (covered.questions, len(covered.filers)) == (9, 3)
    assert covered.findings == ()
