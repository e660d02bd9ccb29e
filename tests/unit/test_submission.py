"""Whether a dossier may be filed, and supplemented, as it was."""

from datetime import UTC, datetime, timedelta

import pytest

from bus.errors import ProcedureUnknown, ReceivingUnitRefused, SchemaInvalid
from bus.ids import AgencyCode, DossierCode
from bus.routing.province import Catalogue
from bus.routing.submission import CLOCK_TOLERANCE, route_for
from bus.schemas.base import Fact
from bus.schemas.dossier import Component, CopyKind, DossierSubmittedV1
from bus.schemas.route import FactRule
from bus.testing.builders import envelope, sequence10
from tests.support.walking import MONDAY, Walk, a_dossier, commune_unit, yen_bai, yen_bai_with

UNIT = commune_unit()
PROCEDURE = "2.000286"


def filed(
    facts: dict[str, Fact] | None = None,
    *,
    source: AgencyCode = UNIT,
    subject: str = f"{UNIT}-250303-0001",
    procedure: str = PROCEDURE,
    **changes: object,
) -> DossierSubmittedV1:
    data = a_dossier(procedure, facts or {}, MONDAY).model_copy(update=changes)
    return envelope(
        DossierSubmittedV1,
        data,
        source=source,
        at=MONDAY,
        subject=DossierCode(subject),
        sequence=sequence10(1),
    )


def with_rule(rule: FactRule) -> Catalogue:
    return yen_bai_with(PROCEDURE, facts=(rule,))


REGIME = FactRule(name="regime", values=("1", "2"))
POOR = FactRule(name="poor", values="boolean")


def test_the_route_is_the_one_of_the_day_of_acceptance() -> None:
    route = route_for(filed(), yen_bai(), MONDAY)

    assert (route.procedure, route.version) == (PROCEDURE, 1)


def test_a_day_on_which_no_route_is_valid_is_refused() -> None:
    long_ago = datetime(2020, 1, 2, 3, tzinfo=UTC)

    with pytest.raises(ProcedureUnknown) as refused:
        route_for(filed(submitted_at=long_ago, accepted_at=long_ago), yen_bai(), MONDAY)

    assert "02/01/2020" in refused.value.text_vi


def test_a_clock_that_runs_a_little_ahead_is_forgiven() -> None:
    ahead = MONDAY + CLOCK_TOLERANCE

    assert route_for(filed(accepted_at=ahead), yen_bai(), MONDAY).version == 1
    with pytest.raises(SchemaInvalid) as refused:
        route_for(filed(accepted_at=ahead + timedelta(seconds=1)), yen_bai(), MONDAY)
    assert refused.value.path == "data.accepted_at"


def test_a_code_of_another_agency_is_refused() -> None:
    other = next(e for e in yen_bai().directory.receiving_units(MONDAY) if e.code != UNIT)

    with pytest.raises(ReceivingUnitRefused) as refused:
        route_for(filed(subject=f"{other.code}-250303-0001"), yen_bai(), MONDAY)

    assert refused.value.path == "subject"
    assert other.code in refused.value.text_vi


def test_a_code_in_the_old_form_of_the_same_unit_is_taken() -> None:
    entry = yen_bai().directory.agency(UNIT)
    assert entry is not None
    old = entry.aliases[0]

    assert route_for(filed(subject=f"{old}-250303-0001"), yen_bai(), MONDAY).version == 1


def test_a_code_whose_issuer_nobody_knows_is_taken() -> None:
    """Codes of national systems do not name an agency of the province."""
    assert route_for(filed(subject="G22.99.77-250303-0001"), yen_bai(), MONDAY).version == 1


def ended(before: datetime) -> Catalogue:
    """The province, its receiving unit of Gia Hội gone the day before."""
    province = yen_bai().province
    last = (before - timedelta(days=1)).date()
    agencies = tuple(
        entry.model_copy(update={"valid_to": last}) if entry.code == UNIT else entry
        for entry in province.directory.agencies
    )
    directory = province.directory.model_copy(update={"agencies": agencies})
    return Catalogue(3, province.model_copy(update={"directory": directory}))


def test_a_unit_that_has_ended_files_nothing_any_more() -> None:
    with pytest.raises(ReceivingUnitRefused) as refused:
        route_for(filed(), ended(MONDAY), MONDAY)

    assert refused.value.path == "source"
    assert "03/03/2025" in refused.value.text_vi


def test_what_a_unit_accepted_before_it_ended_may_still_come_in() -> None:
    catalogue = ended(MONDAY + timedelta(days=1))

    assert route_for(filed(), catalogue, MONDAY + timedelta(days=1)).version == 1


@pytest.mark.parametrize(("rule", "value"), [(REGIME, "1"), (POOR, True), (POOR, False)], ids=str)
def test_a_fact_within_its_values_is_taken(rule: FactRule, value: Fact) -> None:
    assert route_for(filed({rule.name: value}), with_rule(rule), MONDAY).version == 1


@pytest.mark.parametrize(
    ("rule", "value"), [(REGIME, "3"), (REGIME, 1), (REGIME, True), (POOR, "true"), (POOR, 1)]
)
def test_a_fact_outside_its_values_is_refused(rule: FactRule, value: Fact) -> None:
    """A number where texts are compared would make a condition fail much later."""
    with pytest.raises(SchemaInvalid) as refused:
        route_for(filed({rule.name: value}), with_rule(rule), MONDAY)

    assert refused.value.path == f"data.facts.{rule.name}"


@pytest.mark.parametrize("rule", [REGIME, POOR], ids=str)
def test_a_fact_that_is_not_required_may_be_absent(rule: FactRule) -> None:
    optional = rule.model_copy(update={"required": False})

    assert route_for(filed(), with_rule(optional), MONDAY).version == 1
    with pytest.raises(SchemaInvalid):
        route_for(filed(), with_rule(rule), MONDAY)


# --- supplements ------------------------------------------------------------------------------


@pytest.fixture
def asked() -> Walk:
    return Walk(PROCEDURE).submit().ask_more("commune_review").later(hours=2)


@pytest.mark.parametrize("hours", [-100, 2])
def test_a_supplement_is_accepted_after_the_dossier_and_not_in_the_future(
    asked: Walk, hours: int
) -> None:
    before = asked.case

    with pytest.raises(SchemaInvalid) as refused:
        asked.supplement(accepted_at=asked.at + timedelta(hours=hours))

    assert refused.value.path == "data.accepted_at"
    assert asked.case is before


def test_a_supplement_may_not_bring_a_fact_the_route_cannot_read() -> None:
    walk = Walk(PROCEDURE, {"regime": "1"}, catalogue=with_rule(REGIME)).submit()
    walk.ask_more("commune_review").later(hours=2)

    with pytest.raises(SchemaInvalid) as refused:
        walk.supplement(facts={"regime": 1})

    assert refused.value.path == "data.facts.regime"


def papers(first: int, count: int) -> tuple[Component, ...]:
    return tuple(
        Component(code=f"C{n}", name="Giấy", kind=CopyKind.COPY, quantity=1)
        for n in range(first, first + count)
    )


def fields_named(first: int, count: int) -> dict[str, str]:
    return {f"f{n}": "" for n in range(first, first + count)}


@pytest.mark.parametrize(
    ("field", "there", "more"),
    [
        ("components", papers(0, 100), papers(100, 101)),
        ("facts", fields_named(0, 30), fields_named(30, 21)),
        ("form", fields_named(0, 100), fields_named(100, 101)),
    ],
)
def test_a_supplement_that_makes_a_dossier_too_large_is_refused(
    field: str, there: object, more: object
) -> None:
    """Each message is within its limits; together they would break the next hand-over slip."""
    asked = Walk(PROCEDURE).submit(**{field: there}).ask_more("commune_review")

    with pytest.raises(SchemaInvalid) as refused:
        asked.supplement(**{field: more})

    assert refused.value.path == f"data.{field}"


def test_a_paper_of_the_same_code_is_replaced(asked: Walk) -> None:
    paper = Component(code="TO-KHAI", name="Tờ khai mới", kind=CopyKind.COPY, quantity=1)

    asked.supplement(components=(paper,), form={"phone": "1"}, facts={"x": True})

    assert asked.case is not None
    assert asked.case.content.components == (paper,)
    assert (asked.case.content.form, asked.case.content.facts) == ({"phone": "1"}, {"x": True})
