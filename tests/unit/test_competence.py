"""Who does what, where and when: by hand, in a province of three communes."""

from datetime import date

import pytest

from bus.errors import AmbiguousCompetence, CatalogueInvalid, NoCompetentAgency
from bus.ids import Account, AreaCode
from bus.routing.competence import Directory
from bus.schemas.base import Level
from bus.schemas.directory import AgencyEntry, Role, Unit
from bus.schemas.route import Performer
from tests.support.small_province import (
    CAM_AN,
    GIA_HOI,
    NAM_BUNG,
    PROVINCE,
    START,
    UNITS,
    VAN_CHAN,
    YEN_BINH,
    a_directory,
    agencies,
    an_agency,
    moment,
)

DIRECTORY = Directory(a_directory())
LAST_DAY = date(2025, 6, 30)
NEXT_DAY = date(2025, 7, 1)
TAX = Performer(role=Role.TAX, level=Level.DISTRICT)
BEFORE_MIDNIGHT, AFTER_MIDNIGHT = moment("30/06/2025 23:59"), moment("01/07/2025 00:00")


def with_tax(*entries: AgencyEntry) -> Directory:
    """The small province with these tax branches instead of its own."""
    others = [entry for entry in agencies() if Role.TAX not in entry.roles]
    return Directory(a_directory([*others, *entries]))


def a_tax_branch(code: str, **more: object) -> AgencyEntry:
    return an_agency(code, Role.TAX, level=Level.DISTRICT, area=VAN_CHAN, **more)


@pytest.mark.parametrize(
    ("role", "level", "code"),
    [
        (Role.PEOPLE_COMMITTEE, Level.COMMUNE, "H63.04636"),
        (Role.PEOPLE_COMMITTEE, Level.DISTRICT, "H63.140"),
        (Role.TAX, Level.DISTRICT, "G12.18.140"),
        (Role.LABOUR, Level.PROVINCE, "H63.05"),
    ],
)
def test_a_dossier_of_a_commune_goes_up_to_the_agency_of_each_level(
    role: Role, level: Level, code: str
) -> None:
    found = DIRECTORY.competent(Performer(role=role, level=level), GIA_HOI, AFTER_MIDNIGHT)

    assert found.code == code


def test_nobody_competent_is_said_with_role_unit_day_and_remedy() -> None:
    police = Performer(role=Role.COMMUNE_POLICE, level=Level.DISTRICT)

    with pytest.raises(NoCompetentAgency) as error:
        DIRECTORY.competent(police, GIA_HOI, BEFORE_MIDNIGHT)

    assert str(error.value) == (
        "no agency has role commune_police at district level for Huyện Văn Chấn (140) on"
        " 2025-06-30; add the agency, or a successor of the one that ended, to the directory and"
        " publish it"
    )
    assert error.value.facts == {"role": "commune_police", "level": "district", "area": "04636"}


def test_a_dossier_of_a_district_has_no_commune() -> None:
    committee = Performer(role=Role.PEOPLE_COMMITTEE, level=Level.COMMUNE)

    with pytest.raises(NoCompetentAgency, match=r"Huyện Văn Chấn .140., which lies in no unit of"):
        DIRECTORY.competent(committee, VAN_CHAN, BEFORE_MIDNIGHT)


def test_an_unknown_area_is_named_as_such() -> None:
    with pytest.raises(NoCompetentAgency, match="area 99999, which is not in the directory"):
        DIRECTORY.competent(TAX, AreaCode("99999"), BEFORE_MIDNIGHT)


def test_two_competent_agencies_are_both_named() -> None:
    directory = with_tax(a_tax_branch("G12.18.1"), a_tax_branch("G12.18.2"))

    with pytest.raises(AmbiguousCompetence, match=r"2 agencies .* Huyện Văn Chấn .*G12.18.1, G12"):
        directory.competent(TAX, GIA_HOI, BEFORE_MIDNIGHT)


def test_competence_changes_hands_at_local_midnight() -> None:
    directory = with_tax(
        a_tax_branch("G12.18.1", valid_to=LAST_DAY),
        a_tax_branch("G12.18.2", valid_from=NEXT_DAY),
    )

    assert directory.competent(TAX, GIA_HOI, BEFORE_MIDNIGHT).code == "G12.18.1"
    assert directory.competent(TAX, GIA_HOI, AFTER_MIDNIGHT).code == "G12.18.2"


def test_a_successor_takes_over_whatever_its_own_role_and_area() -> None:
    directory = with_tax(a_tax_branch("G12.18.1", valid_to=LAST_DAY, successor="H63.05"))

    assert directory.competent(TAX, GIA_HOI, AFTER_MIDNIGHT).code == "H63.05"


def test_a_successor_that_ended_too_is_followed_by_its_own() -> None:
    directory = with_tax(
        a_tax_branch("G12.18.1", valid_to=date(2024, 12, 31), successor="G12.18.2"),
        an_agency(
            "G12.18.2",
            Role.TAX,
            level=Level.PROVINCE,
            area=PROVINCE,
            valid_to=LAST_DAY,
            successor="H63.05",
        ),
    )

    assert directory.competent(TAX, GIA_HOI, AFTER_MIDNIGHT).code == "H63.05"


def test_the_last_to_have_ended_names_the_successor() -> None:
    directory = with_tax(
        a_tax_branch("G12.18.1", valid_to=date(2024, 12, 31), successor="H63.01"),
        a_tax_branch("G12.18.2", valid_to=LAST_DAY, successor="H63.05"),
    )

    assert directory.competent(TAX, GIA_HOI, AFTER_MIDNIGHT).code == "H63.05"


def test_two_that_ended_together_may_have_one_successor_but_not_two() -> None:
    first = a_tax_branch("G12.18.1", valid_to=LAST_DAY, successor="H63.05")
    same = a_tax_branch("G12.18.2", valid_to=LAST_DAY, successor="H63.05")
    other = a_tax_branch("G12.18.2", valid_to=LAST_DAY, successor="H63.01")

    assert with_tax(first, same).competent(TAX, GIA_HOI, AFTER_MIDNIGHT).code == "H63.05"
    with pytest.raises(AmbiguousCompetence):
        with_tax(first, other).competent(TAX, GIA_HOI, AFTER_MIDNIGHT)


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param([a_tax_branch("G12.18.1", valid_to=LAST_DAY)], id="no successor"),
        pytest.param(
            [
                a_tax_branch("G12.18.1", valid_to=LAST_DAY, successor="G12.18.2"),
                a_tax_branch("G12.18.2", valid_to=LAST_DAY, successor="G12.18.1"),
            ],
            id="successors in a circle",
        ),
        pytest.param([a_tax_branch("G12.18.1", valid_from=date(2026, 1, 1))], id="not yet begun"),
    ],
)
def test_what_ended_without_an_heir_is_nobodys(entries: list[AgencyEntry]) -> None:
    with pytest.raises(NoCompetentAgency):
        with_tax(*entries).competent(TAX, GIA_HOI, AFTER_MIDNIGHT)


def test_an_agency_is_found_by_code_alias_and_old_form() -> None:
    tax = a_tax_branch("G12.18.1", aliases=("002.01.18.G12", "G12.OLD"))
    directory = with_tax(tax)

    codes = ("G12.18.1", "002.01.18.G12", "G12.OLD", "G12.18.01.002")
    assert [directory.agency(code) for code in codes] == [tax] * 4
    old_form_of_its_own_code = DIRECTORY.agency("000.00.05.H63")
    assert old_form_of_its_own_code is not None
    assert old_form_of_its_own_code.code == "H63.05"
    assert directory.agency("H99.1") is None


@pytest.mark.parametrize("alias", ["H63.05", "000.00.05.H63"])
def test_an_alias_that_is_the_code_of_another_is_refused(alias: str) -> None:
    with pytest.raises(CatalogueInvalid, match=f"G12.18.1: its alias {alias} stands for H63.05"):
        with_tax(a_tax_branch("G12.18.1", aliases=(alias,)))


def test_units_whose_parents_lead_in_a_circle_are_refused() -> None:
    circle = Unit(
        code=PROVINCE, name="Tỉnh Mẫu", level=Level.PROVINCE, parent=GIA_HOI, valid_from=START
    )

    with pytest.raises(CatalogueInvalid, match="circle"):
        Directory(a_directory(units=[circle, *UNITS[1:]]))


def test_a_unit_is_its_own_ancestor_at_its_level() -> None:
    assert DIRECTORY.places.ancestor(GIA_HOI, Level.COMMUNE, LAST_DAY) == GIA_HOI
    assert DIRECTORY.places.ancestor(GIA_HOI, Level.DISTRICT, LAST_DAY) == VAN_CHAN
    assert DIRECTORY.places.ancestor(GIA_HOI, Level.PROVINCE, LAST_DAY) == PROVINCE
    assert DIRECTORY.places.ancestor(GIA_HOI, Level.CENTRAL, LAST_DAY) is None
    assert DIRECTORY.places.ancestor(VAN_CHAN, Level.COMMUNE, LAST_DAY) is None


def test_an_area_is_covered_by_itself_and_by_what_it_lies_in() -> None:
    assert [
        DIRECTORY.places.covers(area, GIA_HOI, LAST_DAY) for area in (GIA_HOI, VAN_CHAN, PROVINCE)
    ] == [True] * 3
    assert not DIRECTORY.places.covers(YEN_BINH, GIA_HOI, LAST_DAY)
    assert not DIRECTORY.places.covers(GIA_HOI, VAN_CHAN, LAST_DAY)
    assert not DIRECTORY.places.covers(PROVINCE, AreaCode("99999"), LAST_DAY)


def test_a_unit_is_found_by_its_code() -> None:
    unit = DIRECTORY.places.unit("04636", LAST_DAY)

    assert unit is not None
    assert unit.name == "Xã Gia Hội"
    assert DIRECTORY.places.unit("99999", LAST_DAY) is None


def test_the_smallest_units_of_a_day_are_where_dossiers_belong_to() -> None:
    ended = UNITS[3].model_copy(update={"valid_to": LAST_DAY})
    directory = Directory(a_directory(units=[*UNITS[:3], ended, *UNITS[4:]]))

    assert directory.places.leaves(LAST_DAY)[VAN_CHAN] == (GIA_HOI, NAM_BUNG)
    assert directory.places.leaves(NEXT_DAY)[VAN_CHAN] == (NAM_BUNG,)
    assert directory.places.leaves(NEXT_DAY)[PROVINCE] == (NAM_BUNG, CAM_AN)
    assert GIA_HOI not in directory.places.leaves(NEXT_DAY)


def test_a_district_whose_communes_all_ended_is_its_own_smallest_unit() -> None:
    ended = UNITS[5].model_copy(update={"valid_to": LAST_DAY})
    directory = Directory(a_directory(units=[*UNITS[:5], ended]))

    assert directory.places.leaves(LAST_DAY)[YEN_BINH] == (CAM_AN,)
    assert directory.places.leaves(NEXT_DAY)[YEN_BINH] == (YEN_BINH,)


@pytest.mark.parametrize(
    ("level", "code"),
    [(Level.COMMUNE, "H63.04747"), (Level.DISTRICT, "H63.141"), (Level.PROVINCE, "H63.01")],
)
def test_each_level_has_the_one_stop_unit_that_watches(level: Level, code: str) -> None:
    unit = DIRECTORY.one_stop_unit(level, CAM_AN, BEFORE_MIDNIGHT)

    assert unit is not None
    assert unit.code == code


def test_a_level_without_one_stop_unit_has_none() -> None:
    assert DIRECTORY.one_stop_unit(Level.CENTRAL, CAM_AN, BEFORE_MIDNIGHT) is None


def test_receiving_units_are_the_one_stop_units_of_the_day() -> None:
    closed = [
        entry.model_copy(update={"valid_to": LAST_DAY}) if entry.level is Level.DISTRICT else entry
        for entry in agencies()
    ]
    directory = Directory(a_directory(closed))

    assert len(directory.receiving_units(BEFORE_MIDNIGHT)) == 6
    assert [unit.code for unit in directory.receiving_units(AFTER_MIDNIGHT)] == [
        "H63.01",
        "H63.04636",
        "H63.04639",
        "H63.04747",
    ]


def test_one_account_may_speak_for_several_agencies() -> None:
    shared = Account("thue-tinh")
    one, other = (a_tax_branch(code, account=shared) for code in ("G12.18.1", "G12.18.2"))
    directory = with_tax(one, other)

    assert directory.by_account(shared) == (one, other)
    assert [entry.code for entry in directory.by_account(Account("h63-05"))] == ["H63.05"]
    assert directory.by_account(Account("nobody")) == ()
