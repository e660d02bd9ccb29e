"""The check of a province: each thing that can be wrong, made wrong once in a province of three."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bus.ids import AgencyCode, StepId
from bus.routing.finding import Finding, Severity
from bus.routing.plan import MOST_RUNS, check, examine
from bus.schemas.base import Level
from bus.schemas.directory import DirectoryTable, Role
from bus.schemas.route import (
    Alternatives,
    Cover,
    FactRule,
    OnReject,
    Receiving,
    Route,
    RouteStep,
    Sees,
    TimeLimit,
)
from tests.support.small_province import (
    UNITS,
    VAN_CHAN,
    a_directory,
    a_province,
    a_route,
    a_step,
    a_wait,
    agencies,
    an_agency,
    days,
)

ROOT = Path(__file__).parents[2]
CHECKS = ("plan", "conditions", "ways", "limits", "coverage")
CODE = r'"([a-z]+\.[a-z_]+)"'
DISTRICT_ENDS = date(2025, 3, 31)


def land(**more: Any) -> Route:
    """Commune, then the tax branch, then a payment if due, then the commune again."""
    return a_route(
        a_step("appraise", outcomes=("clear", "obligation")),
        a_step(
            "tax",
            Role.TAX,
            level=Level.DISTRICT,
            needs=["appraise"],
            when="steps.appraise.outcome == 'obligation'",
            outcomes=("due", "exempt"),
            may_request_payment=True,
        ),
        a_wait("payment", needs=["tax"], when="steps.tax.outcome == 'due'"),
        a_step(
            "sign", needs=["payment"], sees=sees("tax", "appraise"), outcomes=("signed", "sent")
        ),
        **more,
    )


def without(*codes: str) -> DirectoryTable:
    return a_directory(entry for entry in agencies() if entry.code not in codes)


def sees(*steps: str, facts: tuple[str, ...] = ()) -> Sees:
    return Sees(results=tuple(StepId(step) for step in steps), facts=facts)


def found(*routes: Route, directory: DirectoryTable | None = None) -> list[Finding]:
    return check(a_province(*routes, directory=directory))


def codes(findings: list[Finding]) -> list[tuple[str, str | None]]:
    return [(finding.code, finding.step) for finding in findings]


def a_fact(name: str, *values: str, required: bool = True) -> FactRule:
    return FactRule(name=name, values=values or "boolean", required=required)


def test_a_whole_province_has_no_findings() -> None:
    checked = examine(a_province(land()))

    assert checked.findings == ()
    assert checked.ok
    assert (checked.routes, checked.receiving_units, checked.steps) == (1, 6, 4)
    assert checked.ways == 3  # clear · obligation and exempt · obligation, due and paid
    assert checked.questions == 9 * 3  # 3 communes seen from 3 levels, 3 tasks


# --- competence ------------------------------------------------------------------------------


def test_one_missing_tax_branch_is_one_finding_that_names_all_concerned() -> None:
    (finding,) = found(land(), directory=without("G12.18.140"))

    assert finding.severity is Severity.ERROR
    assert (finding.procedure, finding.version, finding.step) == ("1.012783", 1, "tax")
    assert finding.code == "competence.none"
    assert [unit.code for unit in finding.units] == ["H63.01", "H63.04636", "H63.04639", "H63.140"]
    assert finding.units[1].name == "Cơ quan H63.04636"
    assert finding.message_en == (
        "1.012783 version 1, step tax: no agency is competent (tax/district) for Huyện Văn Chấn"
        " (140) from 2025-01-01 to 2025-06-30; 4 receiving units are concerned; add it or a"
        " successor in the directory"
    )
    assert finding.message_vi == (
        "1.012783 phiên bản 1, bước tax: không có cơ quan nào có thẩm quyền (tax/district) cho"
        " Huyện Văn Chấn (140) từ 01/01/2025 đến 30/06/2025; 4 đơn vị tiếp nhận bị ảnh hưởng;"
        " bổ sung cơ quan hoặc cơ quan kế thừa trong danh bạ"
    )


def test_two_tax_branches_for_one_district_are_ambiguous() -> None:
    twin = an_agency("G12.18.9", Role.TAX, level=Level.DISTRICT, area=VAN_CHAN)

    (finding,) = found(land(), directory=a_directory([*agencies(), twin]))

    assert (finding.code, finding.step) == ("competence.ambiguous", "tax")
    assert len(finding.units) == 4
    assert "leave the role to one of them" in finding.message_en


def test_an_agency_that_ends_inside_the_validity_is_found_out() -> None:
    ending = [
        entry.model_copy(update={"valid_to": DISTRICT_ENDS})
        if entry.code == "G12.18.140"
        else entry
        for entry in agencies()
    ]

    (finding,) = found(land(), directory=a_directory(ending))

    assert finding.code == "competence.none"
    assert "from 2025-04-01 to 2025-06-30" in finding.message_en


def test_an_agency_that_begins_inside_the_validity_is_found_out() -> None:
    beginning = [
        entry.model_copy(update={"valid_from": date(2025, 4, 1)})
        if entry.code == "G12.18.140"
        else entry
        for entry in agencies()
    ]

    (finding,) = found(land(), directory=a_directory(beginning))

    assert "from 2025-01-01 to 2025-03-31" in finding.message_en


def test_an_agency_that_ends_with_a_successor_leaves_no_gap() -> None:
    ending = [
        entry.model_copy(update={"valid_to": DISTRICT_ENDS, "successor": AgencyCode("G12.18.141")})
        if entry.code == "G12.18.140"
        else entry
        for entry in agencies()
    ]

    assert found(land(), directory=a_directory(ending)) == []


def test_a_change_after_the_end_concerns_those_only_who_are_under_way_then() -> None:
    ending = [
        entry.model_copy(update={"valid_to": date(2025, 6, 30)})
        if entry.code == "G12.18.140"
        else entry
        for entry in agencies()
    ]

    findings = found(land(), directory=a_directory(ending))
    assert [(one.severity, one.code, one.step) for one in findings] == [
        (Severity.WARNING, "succession.none", "tax")
    ]
    (finding,) = found(land(valid_to=None), directory=a_directory(ending))
    assert "from 2025-07-01 on" in finding.message_en


def test_many_places_are_counted_after_the_first_five() -> None:
    more = [
        UNITS[3].model_copy(update={"code": f"0500{place}", "name": f"Xã {place}"})
        for place in range(4)
    ]

    finding, _idle = found(
        a_route(
            a_step("police", Role.COMMUNE_POLICE), receiving=(Receiving(level=Level.PROVINCE),)
        ),
        directory=a_directory(
            [entry for entry in agencies() if Role.COMMUNE_POLICE not in entry.roles],
            [*UNITS, *more],
        ),
    )

    assert finding.code == "competence.none"
    assert (
        "for Xã 0 (05000), Xã 1 (05001), Xã 2 (05002), Xã 3 (05003), Xã Cẩm Ân (04747) and 2 more"
        " from" in finding.message_en
    )


def test_days_that_do_not_follow_on_each_other_are_told_apart() -> None:
    """An agency with two short lives: before, between and after them there is nobody."""
    agency = next(entry for entry in agencies() if entry.code == "G12.18.140")
    lives = [
        agency.model_copy(
            update={"code": AgencyCode(code), "valid_from": first, "valid_to": last, "aliases": ()}
        )
        for code, first, last in (
            ("G12.18.140", date(2025, 1, 11), date(2025, 1, 31)),
            ("G12.18.7", date(2025, 3, 1), date(2025, 3, 31)),
        )
    ]
    others = [entry for entry in agencies() if entry.code != "G12.18.140"]
    others.append(  # a change that concerns nobody here divides no stretch
        an_agency(
            "H63.09",
            Role.JUSTICE,
            level=Level.PROVINCE,
            area=UNITS[0].code,
            valid_from=date(2025, 2, 10),
        )
    )

    (finding,) = found(land(), directory=a_directory([*others, *lives]))

    assert (
        "from 2025-01-01 to 2025-01-10, from 2025-02-01 to 2025-02-28, from 2025-04-01 to"
        " 2025-06-30;" in finding.message_en
    )


def test_two_upper_one_stop_units_cannot_both_get_the_copy() -> None:
    """The hub would have to choose, and stop at the first dossier that goes up."""
    twin = an_agency("H63.02", Role.ONE_STOP_UNIT, level=Level.PROVINCE, area=UNITS[0].code)
    upwards = a_route(a_step("decide", Role.LABOUR, level=Level.PROVINCE))

    (finding,) = found(upwards, directory=a_directory([*agencies(), twin]))

    assert (finding.code, finding.step) == ("supervision.ambiguous", "decide")
    assert "more than one upper one-stop unit would get the copy" in finding.message_en
    assert found(land(), directory=a_directory([*agencies(), twin])) == []


# --- who may file ----------------------------------------------------------------------------


def test_a_route_that_nobody_may_file_is_an_error() -> None:
    route = land(receiving=(Receiving(role=Role.JUSTICE, level=Level.PROVINCE),))

    first, idle = found(route)

    assert (first.severity, first.code) == (Severity.ERROR, "receiving.none")
    assert (idle.severity, idle.code, len(idle.units)) == (Severity.WARNING, "receiving.idle", 6)


def test_areas_for_which_nobody_may_file_are_named() -> None:
    route = land(receiving=(Receiving(level=Level.COMMUNE),))

    unserved, idle = found(route, directory=without("H63.04636", "G12.18.9"))[-2:]

    assert (unserved.severity, unserved.code) == (Severity.WARNING, "receiving.unserved")
    assert "for Xã Gia Hội (04636) from 2025-01-01" in unserved.message_en
    assert [unit.code for unit in idle.units] == ["H63.01", "H63.140", "H63.141"]


def test_days_on_which_the_directory_has_no_unit_are_said_not_to_be_checked() -> None:
    ended = [unit.model_copy(update={"valid_to": DISTRICT_ENDS}) for unit in UNITS]

    (finding,) = found(land(), directory=a_directory(units=ended))

    assert (finding.severity, finding.code) == (Severity.WARNING, "directory.silent")
    assert "from 2025-04-01 to 2025-06-30" in finding.message_en


# --- the graph -------------------------------------------------------------------------------


def test_steps_that_wait_for_each_other_never_end() -> None:
    route = a_route(
        a_step("first"), a_step("second", needs=["third"]), a_step("third", needs=["second"])
    )

    (finding,) = found(route)

    assert finding.code == "graph.cycle"
    assert "second → third → second wait for each other" in finding.message_en


def test_a_step_whose_condition_is_never_true_is_never_done() -> None:
    route = a_route(
        a_step("first", outcomes=("yes", "no")),
        a_step("second", needs=["first"], when="steps.first.outcome == 'yse'"),
    )

    assert codes(found(route)) == [
        ("condition.value_unknown", "second"),
        ("graph.unreachable", "second"),
    ]


def test_a_dossier_may_not_end_with_nothing_done() -> None:
    route = a_route(
        a_step("urgent", when="facts.urgent", may_request_payment=True),
        a_wait("payment", needs=["urgent"], when="facts.urgent"),
        facts=(a_fact("urgent"),),
    )

    (finding,) = found(route)

    assert finding.code == "graph.nothing_done"
    assert "when urgent=false" in finding.message_en


def a_fork() -> tuple[RouteStep, RouteStep, RouteStep]:
    return (
        a_step("death", outcomes=("done", "other")),
        a_step("insured", needs=["death"], when="facts.regime == 'insurance'"),
        a_step(
            "protected",
            needs=["death"],
            when="facts.regime == 'protection' && steps.death.outcome == 'done'",
        ),
    )


def test_alternatives_of_which_none_opens_are_a_gap() -> None:
    route = a_route(*a_fork(), facts=(a_fact("regime", "insurance", "protection", "none"),))

    (finding,) = found(route)

    assert (finding.severity, finding.code) == (Severity.WARNING, "graph.no_alternative")
    assert "none of insured, protected is done when" in finding.message_en
    assert "regime=protection, death=other" in finding.message_en


def test_steps_that_are_alternatives_without_gap_are_fine() -> None:
    assert found(a_choice("facts.regime != 'insurance'")) == []


def test_alternatives_after_a_refusal_or_a_skip_are_not_expected_to_open() -> None:
    route = a_route(
        a_step("ask", outcomes=("yes", "no")),
        a_step(
            "decide",
            needs=["ask"],
            when="steps.ask.outcome == 'yes'",
            outcomes=("up", "down"),
            on_reject=OnReject.CONTINUE,
        ),
        a_step("up", needs=["decide"], when="steps.decide.outcome == 'up'"),
        a_step("down", needs=["decide"], when="steps.decide.outcome == 'down'"),
    )

    checked = examine(a_province(route))

    assert checked.findings == ()
    assert checked.ways == 4


def test_first_steps_can_be_alternatives_too() -> None:
    route = a_route(
        a_step("always"),
        a_step("one", when="facts.kind == 'a'"),
        a_step("two", when="facts.kind == 'b'"),
        facts=(a_fact("kind", "a", "b", "c"),),
    )

    assert codes(found(route)) == [("graph.no_alternative", "one")]


def test_too_many_ways_are_cut_off_and_it_is_said() -> None:
    names = [f"fact{place}" for place in range(13)]
    route = a_route(
        a_step("first"),
        a_step("second", needs=["first"], when=" || ".join(f"facts.{name}" for name in names)),
        facts=tuple(a_fact(name) for name in names),
    )

    checked = examine(a_province(route))

    assert codes(list(checked.findings)) == [("graph.too_many_ways", None)]
    assert checked.ways == MOST_RUNS


# --- alternatives ----------------------------------------------------------------------------


def a_choice(other: str, cover: Cover | None = None, **more: Any) -> Route:
    """Two steps after one, by regime; declared to be alternatives where `cover` says how."""
    names = (StepId("insured"), StepId("other"))
    return a_route(
        a_step("death"),
        a_step("insured", needs=["death"], when="facts.regime == 'insurance'"),
        a_step("other", needs=["death"], when=other),
        facts=(a_fact("regime", "insurance", "protection", "none"),),
        alternatives=() if cover is None else (Alternatives(steps=names, cover=cover),),
        **more,
    )


GAP = "facts.regime == 'protection'"
OVERLAP = "facts.regime in ['insurance', 'none']"


@pytest.mark.parametrize(
    ("other", "cover", "code", "said"),
    [
        (GAP, None, "graph.no_alternative", "none of insured, other is done when regime=none"),
        (GAP, Cover.EXACTLY_ONE, "alternatives.gap", "is done when regime=none; let a `when`"),
        (GAP, Cover.AT_MOST_ONE, None, ""),
        (GAP, Cover.ANY, None, ""),
        (OVERLAP, None, "graph.both_done", "insured and other are done together when regime=ins"),
        (OVERLAP, Cover.AT_MOST_ONE, "alternatives.overlap", "together when regime=insurance;"),
        (OVERLAP, Cover.ANY, None, ""),
    ],
)
def test_a_combination_that_is_not_covered_or_covered_twice_is_named(
    other: str, cover: Cover | None, code: str | None, said: str
) -> None:
    """What the route calls alternatives must be; what only looks so is for somebody to look at."""
    findings = found(a_choice(other, cover))

    severity = Severity.WARNING if cover is None else Severity.ERROR
    assert [(finding.code, finding.severity) for finding in findings] == (
        [(code, severity)] if code else []
    )
    assert all(said in finding.message_en for finding in findings)


def test_gap_and_overlap_of_one_choice_are_both_told() -> None:
    findings = found(a_choice("facts.regime == 'insurance'", Cover.EXACTLY_ONE))

    assert [finding.code for finding in findings] == ["alternatives.gap", "alternatives.overlap"]
    assert {finding.key for finding in findings} == {"alternatives"}


@pytest.mark.parametrize("wrong", ["death", "nothing"])
def test_alternatives_are_steps_with_a_condition(wrong: str) -> None:
    named = (StepId("insured"), StepId(wrong))
    route = a_choice("facts.regime != 'insurance'")
    route = route.model_copy(update={"alternatives": (Alternatives(steps=named),)})

    (finding,) = found(route)

    assert finding.code == "alternatives.no_condition"
    assert f"names {wrong}, which is no step with a condition" in finding.message_en


@pytest.mark.parametrize(
    "other",
    [
        pytest.param("facts.regime in ['insurance']", id="they are done together or not at all"),
        pytest.param("facts.urgent && facts.regime != ''", id="they ask about different things"),
    ],
)
def test_conditions_that_do_not_look_like_alternatives_may_be_true_together(other: str) -> None:
    route = a_choice(other).model_copy(
        update={
            "facts": (
                a_fact("regime", "insurance", "protection", "none", ""),
                a_fact("urgent"),
            )
        }
    )

    assert found(route) == []


# --- conditions ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "code", "said"),
    [
        ("steps.first.outcome ==", "condition.unreadable", "character 23"),
        ("facts.regmie == 'x'", "condition.fact_unknown", "asks about regmie"),
        ("steps.third.outcome == 'done'", "condition.step_not_needed", "asks about third"),
        ("steps.fourth.outcome == 'done'", "condition.step_not_needed", "asks about fourth"),
        ("facts.regime > 3", "condition.fails", "when regime=x: condition"),
        ("facts.urgent == true", "condition.fails", "when urgent=–: condition"),
        ("facts.regime", "condition.fails", "gives str, expected true or false"),
    ],
)
def test_a_condition_that_cannot_be_asked_is_named(when: str, code: str, said: str) -> None:
    route = a_route(
        a_step("first"),
        a_step("second", needs=["first"], when=when),
        a_step("third"),
        facts=(a_fact("regime", "x", "y"), a_fact("urgent", required=False)),
    )

    (finding,) = found(route)

    assert (finding.severity, finding.code, finding.step) == (Severity.ERROR, code, "second")
    assert said in finding.message_en


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("facts.regime == 'xx' || facts.regime == 'x'", "facts.regime with “xx”, which it never"),
        ("'z' != facts.regime", "“z”, which it never is; expected one of: x, y;"),
        ("facts.regime in ['x', \"w\"]", "“w”"),
        ("steps.first.outcome != 'don'", "steps.first.outcome with “don”"),
    ],
)
def test_a_value_that_never_is_there_is_a_misspelling(when: str, said: str) -> None:
    """The step may still be done in some cases, so nothing else would show it."""
    route = a_route(
        a_step("first"),
        a_step("second", needs=["first"], when=when),
        facts=(a_fact("regime", "x", "y"),),
    )

    (finding,) = found(route)

    assert (finding.severity, finding.code) == (Severity.ERROR, "condition.value_unknown")
    assert said in finding.message_en


@pytest.mark.parametrize(
    "when",
    [
        "steps.first.outcome != ''",
        "facts.regime != 'x' && 'facts.regime == \\'q\\'' != facts.regime",
        "facts.urgent == true || facts.regime == 'x'",
    ],
)
def test_values_that_can_be_there_and_texts_that_look_like_a_comparison_are_fine(when: str) -> None:
    route = a_route(
        a_step("first", on_reject=OnReject.CONTINUE),
        a_step("second", needs=["first"], when=when),
        facts=(a_fact("regime", "x", "y"), a_fact("urgent")),
    )

    assert found(route) == []


def test_outputs_are_open_so_both_answers_are_tried_and_it_is_said() -> None:
    route = a_route(
        a_step("first"),
        a_step(
            "second",
            needs=["first"],
            when="has(steps.first.outputs.fee) && steps.first.outputs.fee > 0",
        ),
    )

    checked = examine(a_province(route))

    assert codes(list(checked.findings)) == [("condition.outputs_open", "second")]
    assert checked.ok
    assert checked.ways == 2


# --- what a step sees, pays, takes -----------------------------------------------------------


def test_a_step_sees_only_what_is_there_by_then() -> None:
    route = a_route(
        a_step("first"),
        a_step("beside", sees=Sees(results="all", facts="all")),
        a_step("second", needs=["first"], sees=sees("first", "beside", facts=("age",))),
    )

    findings = found(route)

    assert codes(findings) == [
        ("sees.result_not_there", "second"),
        ("sees.fact_unknown", "second"),
    ]
    assert "result of beside but does not wait for it" in findings[0].message_en
    assert "sees age, which is not among" in findings[1].message_en


def test_papers_are_checked_where_the_route_lists_them() -> None:
    step = a_step("first", sees=Sees(components=("CT01", "CT02")))

    assert found(a_route(step)) == []
    assert found(a_route(step, components=("CT01", "CT02"))) == []
    (finding,) = found(a_route(step, components=("CT01",)))
    assert (finding.code, finding.step, finding.key) == ("sees.component_unknown", "first", "sees")
    assert "sees the papers CT02, which are not among" in finding.message_en


def test_a_wait_opens_only_after_somebody_could_ask_for_the_payment() -> None:
    asker = a_step("tax", when="facts.due", may_request_payment=True)
    late = a_route(a_step("first"), asker, a_wait("payment"), facts=(a_fact("due"),))
    skipped = a_route(
        a_step("first"), asker, a_wait("payment", needs=["tax"]), facts=(a_fact("due"),)
    )

    assert codes(found(late)) == [("payment.never_requested", "payment")]
    (finding,) = found(skipped)
    assert (finding.code, finding.step) == ("payment.not_requested", "payment")
    assert "are skipped when due=false" in finding.message_en


def test_a_payment_that_nobody_may_request_would_be_waited_for_for_ever() -> None:
    route = a_route(a_step("first"), a_wait("payment", needs=["first"]))

    assert codes(found(route)) == [("payment.never_requested", "payment")]


@pytest.mark.parametrize(
    ("total", "most"),
    [
        (days("working_day", 9), "9"),
        (days("calendar_day", 13), "9.3"),
        (days("working_hour", 70), "9.3"),
    ],
)
def test_step_limits_along_the_longest_path_fit_the_total(total: TimeLimit, most: str) -> None:
    steps = (
        a_step("appraise", limit=days("working_day", 8)),
        a_step("beside", limit=days("working_day", 7), outcomes=("yes", "no")),
        a_step("decide", needs=["appraise", "beside"], limit=days("working_day", 2)),
        a_step("publish", needs=["decide"], when="steps.beside.outcome in ['yes', 'no']"),
    )

    assert found(a_route(*steps, total=days("working_day", 10))) == []
    (finding,) = found(a_route(*steps, total=total))
    assert finding.code == "limit.exceeds_total"
    assert finding.message_en == (
        "1.012783 version 1: the steps appraise → decide add up to 10 working days, more than the"
        f" total of {most}; correct the `limit` of a step or `total`"
    )


def test_limits_of_alternatives_are_not_added_up() -> None:
    route = a_route(
        a_step("ask", outcomes=("short", "long")),
        a_step(
            "short",
            needs=["ask"],
            when="steps.ask.outcome == 'short'",
            limit=days("working_day", 6),
        ),
        a_step(
            "long",
            needs=["ask", "short"],
            when="steps.ask.outcome == 'long'",
            limit=days("working_day", 6),
        ),
        total=days("working_day", 6),
    )

    assert found(route) == []


# --- versions and calendar -------------------------------------------------------------------


def test_two_versions_at_once_are_an_error_and_one_after_the_other_is_not() -> None:
    first = land(valid_to=date(2025, 3, 31))

    assert found(first, land(version=2, valid_from=date(2025, 4, 1))) == []
    findings = found(first, land(version=2, valid_from=date(2025, 3, 31)))
    assert [(finding.code, finding.version) for finding in findings] == [("route.overlap", 2)]
    (finding,) = found(land(valid_from=date(2025, 2, 1)), land(version=2))
    assert finding.code == "route.overlap"
    assert found(first, land(procedure="1.001776")) == []


def test_days_between_two_versions_are_told() -> None:
    first = land(valid_to=date(2025, 3, 31))

    findings = found(
        land(version=2, valid_from=date(2025, 4, 3)), first, land(procedure="1.001776")
    )

    assert [(finding.code, finding.version) for finding in findings] == [("route.gap", 2)]
    assert "no version is valid from 2025-04-01 to 2025-04-02" in findings[0].message_en
    assert found(land(valid_to=None)) == found(land(valid_to=None, version=2))


# --- everything at once ----------------------------------------------------------------------


def test_every_error_of_a_route_is_told_at_once() -> None:
    """Nobody should have to publish six times to hear of six errors."""
    route = a_route(
        a_step("one", needs=["two"]),
        a_step("two", needs=["one"]),
        a_step("three", needs=["four"]),
        a_step("four", needs=["three"]),
        a_step("behind", needs=["one"], sees=sees("three", facts=("age",))),
        a_step("long", limit=days("working_day", 9)),
        a_step("asks", when="facts.age ==", sees=sees("long")),
        a_step("wonders", when="facts.age == 'x' || steps.long.outcome == 'done'"),
        a_step("far", Role.TAX, level=Level.CENTRAL),
        a_wait("payment"),
        total=days("working_day", 5),
    )

    assert codes(found(route)) == [
        ("graph.cycle", "one"),
        ("graph.cycle", "three"),
        ("sees.fact_unknown", "behind"),
        ("sees.result_not_there", "asks"),
        ("payment.never_requested", "payment"),
        ("condition.unreadable", "asks"),
        ("condition.fact_unknown", "wonders"),
        ("condition.step_not_needed", "wonders"),
        ("limit.exceeds_total", None),
        ("competence.none", "far"),
    ]


@pytest.mark.parametrize(
    ("valid_from", "valid_to"),
    [(date(2024, 12, 31), None), (date(2025, 1, 1), date(2027, 1, 1))],
)
def test_a_route_outside_the_calendars_years_is_warned_about(
    valid_from: date, valid_to: date | None
) -> None:
    findings = found(land(valid_from=valid_from, valid_to=valid_to))

    assert [finding.code for finding in findings] == ["calendar.uncovered"]


# --- the guide -------------------------------------------------------------------------------


def test_the_guide_knows_every_code_and_no_other() -> None:
    source = "".join((ROOT / "bus/routing" / f"{name}.py").read_text("utf-8") for name in CHECKS)
    guide = (ROOT / "docs/guides/routes.md").read_text("utf-8").partition("## Check\n")[2]
    families = {code.partition(".")[0] for code in re.findall(CODE, source)}

    told = re.findall(CODE.replace('"', "`"), guide.partition("## Show\n")[0])

    assert {code for code in told if code.partition(".")[0] in families} == set(
        re.findall(CODE, source)
    )
