"""Conditions: what they may ask, how they answer, and how they fail in words."""

from datetime import date
from traceback import format_exception

import pytest

from bus.errors import CatalogueInvalid, ConditionFailed, NotFound
from bus.ids import ProcedureCode, StepId
from bus.routing.case import StepRun
from bus.routing.condition import compile_condition
from bus.routing.province import Catalogue
from bus.schemas.base import Fact
from tests.support.small_province import a_province, a_route, a_step, moment

APPRAISE = StepId("appraise")
ANSWER = "hiv_positive"
"""What a citizen answered and no error may quote."""
LAND = ProcedureCode("1.012783")


def after(outcome: str | None, **outputs: Fact) -> dict[StepId, StepRun]:
    return {APPRAISE: StepRun(APPRAISE, outcome=outcome, outputs=outputs)}


@pytest.mark.parametrize(
    ("text", "outcome", "holds"),
    [
        ("facts.regime == 'none'", None, False),
        ("facts.regime in ['social_insurance', 'none']", None, True),
        ("facts.urgent && facts.children > 1", None, True),
        ("steps.appraise.outcome == 'forward'", "forward", True),
        ("steps.appraise.outcome == 'forward'", "refuse", False),
        ("steps.appraise.outcome == ''", None, True),
        ("has(steps.appraise.outputs.fee) && steps.appraise.outputs.fee > 0", "forward", False),
        ("facts.regime != \"ask facts of 'steps'\"", None, True),
    ],
)
def test_a_condition_asks_facts_and_steps(text: str, outcome: str | None, *, holds: bool) -> None:
    facts: dict[str, Fact] = {"regime": "social_insurance", "urgent": True, "children": 2}
    expected = holds

    assert compile_condition(text).holds(facts, after(outcome)) is expected


def test_a_condition_reads_what_a_step_produced() -> None:
    condition = compile_condition("steps.appraise.outputs.fee > 0")

    assert condition.holds({}, after("forward", fee=5))
    assert not condition.holds({}, after("forward", fee=0))


def test_a_condition_names_what_it_asks_about() -> None:
    condition = compile_condition(
        "facts.regime == 'facts.other' && steps.appraise.outcome == '' || steps.tax.outputs.fee > 1"
    )

    assert condition.facts == {"regime"}
    assert condition.steps == {"appraise", "tax"}
    assert condition.outputs == {"tax.fee"}


def test_a_mistake_in_the_language_is_shown_with_its_place() -> None:
    with pytest.raises(CatalogueInvalid) as error:
        compile_condition("facts.regime ==")

    assert str(error.value) == (
        "condition 'facts.regime ==' cannot be read at line 1, character 16 (Syntax error:"
        " mismatched input the end of the text); expected CEL, for example facts.regime =="
        " 'social_insurance'"
    )


def test_a_text_that_is_no_unicode_is_refused_too() -> None:
    with pytest.raises(CatalogueInvalid, match="cannot be read; expected CEL"):
        compile_condition("facts.regime == '\ud800'")


@pytest.mark.parametrize(
    "text",
    [
        "true",
        "dossier.title == 'x'",
        "facts['regime'] == 'x'",
        "size(facts) > 1",
        "steps.appraise.state == 'open'",
        "steps.appraise.outputs['fee'] > 1",
        "steps.appraise.outcomes == 'x'",
    ],
)
def test_a_condition_may_ask_about_nothing_else(text: str) -> None:
    with pytest.raises(CatalogueInvalid, match="must ask about facts"):
        compile_condition(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("facts.children > 1", "the dossier has no fact children: make it required"),
        ("facts.regime > 1", "TypeError: compare texts with texts"),
        ("facts.regime", "gives str, expected true or false"),
        ("steps.appraise.outputs.fee > 0", "KeyError.*ask has.* before an output"),
        ("steps.tax.outcome == ''", "asks about tax, which is no step of the route"),
        ("facts.regime == other", "RuntimeError"),
        ("duration(facts.regime) > duration('1s')", "RuntimeError"),
    ],
)
def test_a_condition_that_cannot_be_answered_says_why_and_quotes_no_answer(
    text: str, why: str
) -> None:
    condition = compile_condition(text)

    with pytest.raises(ConditionFailed, match=why) as error:
        condition.holds({"regime": ANSWER}, after("forward"))

    assert error.value.facts == {"condition": text}
    assert ANSWER not in "".join(format_exception(error.value))


# --- the catalogue that holds them -------------------------------------------------------------


def test_a_dossier_gets_the_route_of_its_local_day() -> None:
    first = a_route(a_step("old"), valid_to=date(2025, 3, 31))
    second = a_route(a_step("new"), version=2, valid_from=date(2025, 4, 1))
    catalogue = Catalogue(7, a_province(first, second))

    assert catalogue.version == 7
    assert catalogue.route(LAND, moment("31/03/2025 23:59")) is first
    assert catalogue.route(LAND, moment("01/04/2025 00:00")) is second
    assert catalogue.route(LAND, moment("01/07/2025 00:00")) is None
    assert catalogue.route(ProcedureCode("9.999999"), moment("01/04/2025 00:00")) is None


def test_of_two_routes_at_once_the_newer_counts() -> None:
    routes = [a_route(a_step("one"), version=version) for version in (2, 3, 1)]
    catalogue = Catalogue(1, a_province(*routes))

    found = catalogue.route(LAND, moment("01/04/2025 08:00"))

    assert found is not None
    assert found.version == 3


def test_a_dossier_keeps_the_version_it_was_opened_on() -> None:
    first, second = a_route(a_step("one")), a_route(a_step("one"), version=2)
    catalogue = Catalogue(4, a_province(first, second))

    assert catalogue.route_version(LAND, 1) is first
    with pytest.raises(NotFound, match=r"catalogue 4 has no route 1\.012783 version 3"):
        catalogue.route_version(LAND, 3)


def test_a_condition_is_compiled_once() -> None:
    route = a_route(
        a_step("first"), a_step("second", needs=["first"], when="steps.first.outcome == 'done'")
    )
    catalogue = Catalogue(1, a_province(route))

    condition = catalogue.condition(route, StepId("second"))

    assert condition is not None
    assert condition is catalogue.condition(route, StepId("second"))
    assert catalogue.condition(route, StepId("first")) is None
    with pytest.raises(NotFound, match="no step third"):
        catalogue.condition(route, StepId("third"))
