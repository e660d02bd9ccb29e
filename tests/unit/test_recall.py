"""A hand-over taken back by who made it, or given on because it went to the wrong agency."""

from typing import Any

import pytest

from bus.errors import PerformerMismatch, SchemaInvalid, TransitionRefused
from bus.ids import AgencyCode, StepId
from bus.routing.case import Case, CaseState, StepState
from bus.routing.rerouting import StepRerouted
from bus.schemas.recall import RecallRequestedData
from bus.storage.cases import step_rows
from tests.support.walking import Walk, yen_bai, yen_bai_with

PROCEDURE = "2.000286"
FIRST, SECOND = "commune_review", "district_appraise"
LABOUR = AgencyCode("H63.140.81")
ANOTHER_LABOUR = AgencyCode("H63.132.81")
FINANCE = AgencyCode("H63.140.82")


def at_district() -> Walk:
    return Walk(PROCEDURE).submit().complete(FIRST)


def case_of(walk: Walk) -> Case:
    assert walk.case is not None
    return walk.case


def answers(walk: Walk) -> list[tuple[AgencyCode, bool]]:
    told: Any = walk.told("recall.answered")
    return [(owed.recipient, owed.data.agreed) for owed in told]


# --- asking ----------------------------------------------------------------------------------


def test_who_asks_for_a_step_back_asks_its_performer() -> None:
    walk = at_district().recall(SECOND, by=Walk(PROCEDURE).unit)

    (owed,) = walk.told("recall.requested")
    data: Any = owed.data
    assert (owed.recipient, data.requested_by, data.reason) == (LABOUR, walk.unit, "Chuyển nhầm.")
    assert walk.run(SECOND).state is StepState.RECALLING


def test_only_who_handed_a_step_over_asks_for_it_back() -> None:
    walk = at_district()

    with pytest.raises(PerformerMismatch, match="the performer of the step before"):
        walk.recall(SECOND, by=AgencyCode("H63.140.82"))
    with pytest.raises(PerformerMismatch):
        walk.recall(SECOND, by=LABOUR)


def test_a_step_the_route_does_not_have_is_not_asked_back() -> None:
    walk = at_district()
    data = walk.event(_request(walk, "no_such_step"), by=walk.unit)

    with pytest.raises(SchemaInvalid):
        walk.take(data)


def _request(walk: Walk, step: str) -> Any:
    return RecallRequestedData(step=StepId(step), round=1, reason="x", requested_at=walk.at)


def test_a_wait_is_with_nobody_who_could_give_it_back() -> None:
    walk = Walk("1.012783").submit().complete("appraise", "obligation").demand()
    walk.complete("tax", "due")

    with pytest.raises(TransitionRefused, match="with no agency"):
        walk.recall("payment", by=walk.unit)


def test_a_result_the_citizen_has_paid_for_is_not_taken_back() -> None:
    walk = Walk("1.012783").submit().complete("appraise", "obligation").demand()
    tax = walk.run("tax").agency
    assert tax is not None
    walk.complete("tax", "due").pay()

    with pytest.raises(TransitionRefused, match="payment followed from the same result"):
        walk.recall("sign_result", by=tax)


def test_a_step_that_is_over_is_not_asked_back() -> None:
    with pytest.raises(TransitionRefused):
        at_district().complete(SECOND).recall(SECOND, by=Walk(PROCEDURE).unit)


# --- refused ---------------------------------------------------------------------------------


def test_a_performer_may_keep_the_step_with_a_reason() -> None:
    walk = at_district().recall(SECOND, by=Walk(PROCEDURE).unit).keep(SECOND, "Đã xong.")

    (owed,) = walk.told("recall.answered")
    data: Any = owed.data
    assert (owed.recipient, data.agreed, data.reason) == (walk.unit, False, "Đã xong.")
    assert (walk.run(SECOND).state, walk.run(SECOND).recalled_by) == (StepState.IN_HAND, None)


def test_a_performer_who_ends_the_step_first_has_kept_it() -> None:
    walk = at_district().recall(SECOND, by=Walk(PROCEDURE).unit).complete(SECOND)

    assert answers(walk) == [(walk.unit, False)]
    assert walk.run(SECOND).recalled_by is None
    assert walk.run("district_decide").state is StepState.OPEN


def test_a_step_asked_back_that_goes_to_another_agency_is_not_given_back() -> None:
    walk = at_district().recall(SECOND, by=Walk(PROCEDURE).unit)

    walk.take(StepRerouted(StepId(SECOND), 1, ANOTHER_LABOUR, "Mất kết nối.", take_back=False))

    assert answers(walk) == [(walk.unit, False)]
    assert (walk.run(SECOND).state, walk.run(SECOND).recalled_by) == (StepState.OPEN, None)


# --- what crosses the request on its way -----------------------------------------------------


def test_what_a_performer_says_before_it_hears_of_the_request_is_taken() -> None:
    walk = at_district().recall(SECOND, by=Walk(PROCEDURE).unit)

    walk.progress(SECOND).consult(SECOND, FINANCE).extend(SECOND, days=90)

    assert walk.run(SECOND).state is StepState.RECALLING
    assert walk.agree(SECOND).run(SECOND).state is StepState.RECALLED


def test_a_performer_who_needs_a_supplement_first_has_kept_the_step() -> None:
    walk = at_district().recall(SECOND, by=Walk(PROCEDURE).unit).ask_more(SECOND)

    assert answers(walk) == [(walk.unit, False)]
    run = walk.run(SECOND)
    assert (run.state, run.recalled_by) == (StepState.SUPPLEMENTING, None)
    assert walk.supplement().run(SECOND).state is StepState.OPEN


def test_a_performer_who_gives_the_step_on_first_has_not_given_it_back() -> None:
    walk = at_district().recall(SECOND, by=Walk(PROCEDURE).unit).forward(SECOND, ANOTHER_LABOUR)

    assert answers(walk) == [(walk.unit, False)]
    run = walk.run(SECOND)
    assert (run.state, run.agency, run.recalled_by) == (StepState.OPEN, ANOTHER_LABOUR, None)


# --- given back to the receiving unit --------------------------------------------------------


def given_back() -> Walk:
    return at_district().recall(SECOND, by=Walk(PROCEDURE).unit).agree(SECOND)


def test_a_step_given_back_waits_and_the_dossiers_clock_runs_on() -> None:
    due = case_of(at_district()).due_at
    walk = given_back()

    assert answers(walk) == [(walk.unit, True)]
    assert walk.run(SECOND).state is StepState.RECALLED
    assert (case_of(walk).state, case_of(walk).paused_at) == (CaseState.PROCESSING, None)
    assert case_of(walk).due_at == due


def test_what_was_mended_is_handed_over_anew_and_no_due_date_moves() -> None:
    walk = given_back()
    step_due, due = walk.run(SECOND).due_at, case_of(walk).due_at

    walk.later(days=1).supplement()

    run = walk.run(SECOND)
    (slip,) = walk.told("step.requested")
    assert (run.state, run.round, slip.recipient) == (StepState.OPEN, 2, LABOUR)
    assert (run.due_at, case_of(walk).due_at) == (step_due, due)
    assert "BO-SUNG" in {paper.code for paper in case_of(walk).content.components}
    assert run.recalled_by is None


def test_a_step_given_back_takes_no_answer_until_it_is_handed_over_anew() -> None:
    with pytest.raises(TransitionRefused):
        given_back().complete(SECOND)


def test_a_dossier_taken_back_can_be_withdrawn() -> None:
    walk = given_back().withdraw()

    assert case_of(walk).state is CaseState.WITHDRAWN
    assert walk.told("step.cancelled") == [], "it was given back already"


# --- given back to who did the step before ---------------------------------------------------


def test_who_takes_its_own_result_back_does_its_step_again() -> None:
    walk = decided_and_taken_back()

    run = walk.run(SECOND)
    (slip,) = walk.told("step.requested")
    assert (run.state, run.round, run.outcome) == (StepState.OPEN, 2, None)
    assert (slip.recipient, slip.round) == (LABOUR, 2)
    assert walk.run("district_decide").state is StepState.RECALLED


def decided_and_taken_back() -> Walk:
    """The labour office takes back what it handed to the district's committee."""
    walk = at_district().complete(SECOND)
    return walk.recall("district_decide", by=LABOUR).later(hours=1).agree("district_decide")


def test_the_step_taken_back_begins_again_when_the_one_before_is_done_again() -> None:
    walk = decided_and_taken_back().later(hours=1).complete(SECOND)

    run = walk.run("district_decide")
    assert (run.state, run.round, run.recalled_by) == (StepState.OPEN, 2, None)
    assert [owed.round for owed in walk.told("step.requested")] == [2]


def test_a_supplement_does_not_begin_what_a_performer_took_back() -> None:
    with pytest.raises(TransitionRefused):
        decided_and_taken_back().supplement()


def test_the_step_that_is_done_again_keeps_its_due_date() -> None:
    due = at_district().run(SECOND).due_at

    assert decided_and_taken_back().run(SECOND).due_at == due


def with_a_branch(when: str) -> Walk:
    """A dossier at the province, with one more step that follows from the district's decision."""
    route = next(r for r in yen_bai().province.routes if r.procedure == PROCEDURE)
    (province,) = (step for step in route.steps if step.id == "province_appraise")
    branch = province.model_copy(update={"id": StepId("branch"), "when": when})
    catalogue = yen_bai_with(PROCEDURE, steps=(*route.steps, branch))
    walk = Walk(PROCEDURE, catalogue=catalogue).submit().complete(FIRST).complete(SECOND)
    return walk.complete("district_decide", "forward_province")


def test_steps_skipped_because_of_what_is_taken_back_are_looked_at_again() -> None:
    walk = with_a_branch("steps.district_decide.outcome == 'district_facility'")
    committee = walk.run("district_decide").agency
    assert committee is not None
    assert walk.run("branch").state is StepState.SKIPPED

    walk.recall("province_appraise", by=committee).agree("province_appraise")
    assert (walk.run("branch").state, walk.run("branch").ended_at) == (StepState.WAITING, None)
    walk.complete("district_decide", "district_facility")

    assert walk.run("branch").state is StepState.OPEN
    assert walk.run("province_appraise").state is StepState.SKIPPED


def test_a_result_more_than_one_step_followed_from_is_not_taken_back() -> None:
    walk = with_a_branch("steps.district_decide.outcome == 'forward_province'")
    committee = walk.run("district_decide").agency
    assert committee is not None

    with pytest.raises(TransitionRefused, match="branch"):
        walk.recall("province_appraise", by=committee)


def test_nothing_is_taken_back_when_more_has_begun_meanwhile() -> None:
    """Between asking and agreeing the performer's answer is what it was; others may have moved."""
    walk = at_district().complete(SECOND).recall("district_decide", by=LABOUR)
    walk.keep("district_decide").complete("district_decide", "forward_province")

    with pytest.raises(PerformerMismatch):
        walk.recall("province_appraise", by=LABOUR)


def test_the_rounds_of_a_step_taken_back_are_all_kept_as_rows() -> None:
    before = case_of(at_district().complete(SECOND))
    walk = decided_and_taken_back()

    rows = {(row[1], row[2]): row for row in step_rows(before, case_of(walk))}

    assert rows[SECOND, 1][7] is not None
    assert rows[SECOND, 2][4] is StepState.OPEN
    assert rows["district_decide", 1][4] is StepState.RECALLED


# --- the wrong agency ------------------------------------------------------------------------


def test_who_is_not_competent_hands_the_step_to_who_is_with_code_and_deadline_as_they_were() -> (
    None
):
    walk = at_district().receive(SECOND)
    before, due = walk.run(SECOND), case_of(walk).due_at

    walk.later(hours=2).forward(SECOND, ANOTHER_LABOUR)

    run = walk.run(SECOND)
    (slip,) = walk.told("step.requested")
    assert (slip.recipient, slip.round) == (ANOTHER_LABOUR, 1)
    assert (run.state, run.agency, run.declined) == (StepState.OPEN, ANOTHER_LABOUR, (LABOUR,))
    assert (run.due_at, case_of(walk).due_at) == (before.due_at, due)
    assert walk.unit in [owed.recipient for owed in walk.told("dossier.status")]


def test_who_declined_a_step_does_not_get_it_again() -> None:
    walk = at_district().forward(SECOND, ANOTHER_LABOUR)

    with pytest.raises(SchemaInvalid, match="not competent"):
        walk.forward(SECOND, LABOUR)


@pytest.mark.parametrize("to", ["H63.140.82", "H63.999", "H63.140.81"])
def test_a_step_goes_only_to_an_agency_that_does_such_steps(to: str) -> None:
    with pytest.raises(SchemaInvalid) as refused:
        at_district().forward(SECOND, AgencyCode(to))

    assert refused.value.path == "data.competent_agency"


def test_only_who_has_the_step_gives_it_on() -> None:
    walk = at_district().forward(SECOND, ANOTHER_LABOUR)

    with pytest.raises(PerformerMismatch):
        walk.take(walk.event(_request(walk, SECOND), by=LABOUR))


def test_the_right_agency_answers_the_step() -> None:
    walk = at_district().forward(SECOND, ANOTHER_LABOUR).complete(SECOND)

    assert walk.run("district_decide").state is StepState.OPEN
