"""Progress, and the ends of a dossier: not taken after all, stopped, handed out and rated."""

from datetime import timedelta
from typing import Any

import pytest

from bus.errors import PerformerMismatch, TransitionRefused
from bus.ids import AgencyCode
from bus.routing.case import Case, CaseState, StepState, at_reception, business_state
from bus.routing.province import Catalogue
from bus.schemas.ending import DossierRejectedData, Satisfaction
from tests.support.walking import MONDAY, Walk, yen_bai

PROCEDURE = "2.000286"


def at_district() -> Walk:
    """A dossier the district appraises."""
    return Walk(PROCEDURE).submit().complete("commune_review")


def case_of(walk: Walk) -> Case:
    assert walk.case is not None
    return walk.case


def performer(walk: Walk, step: str = "district_appraise") -> AgencyCode:
    agency = walk.run(step).agency
    assert agency is not None
    return agency


# --- progress --------------------------------------------------------------------------------


def test_progress_says_that_the_step_is_in_hand_and_is_told_to_the_receiving_unit() -> None:
    walk = at_district().progress("district_appraise", "Đã xác minh.")

    (owed,) = walk.told("step.progressed")
    data: Any = owed.data
    assert (owed.recipient, data.agency, data.note) == (walk.unit, performer(walk), "Đã xác minh.")
    assert (walk.run("district_appraise").state, walk.run("district_appraise").progress) == (
        StepState.IN_HAND,
        "Đã xác minh.",
    )


def test_progress_of_the_receiving_unit_itself_is_not_told_back() -> None:
    walk = Walk("1.001731").submit()
    assert walk.run("commune_forward").agency == walk.unit

    walk.progress("commune_forward")

    assert walk.owed == ()
    assert walk.run("commune_forward").state is StepState.IN_HAND


def test_progress_of_an_ended_step_is_refused() -> None:
    with pytest.raises(TransitionRefused):
        at_district().progress("commune_review")


# --- not taken after all ---------------------------------------------------------------------


def test_a_dossier_nobody_worked_on_can_be_turned_away_with_its_reason() -> None:
    walk = Walk(PROCEDURE).submit()
    first = performer(walk, "commune_review")

    walk.turn_away("Không thuộc phạm vi.")

    (home,) = walk.told("dossier.completed")
    data: Any = home.data
    assert (data.end, data.reason) == ("rejected", "Không thuộc phạm vi.")
    assert [owed.recipient for owed in walk.told("step.cancelled")] == [first]
    assert case_of(walk).state is CaseState.NOT_ACCEPTED
    assert business_state(case_of(walk)).national_code == 3


def test_what_the_receiving_unit_has_in_hand_itself_is_still_at_reception() -> None:
    walk = Walk("1.001731").submit().progress("commune_forward")
    assert at_reception(case_of(walk))

    walk.turn_away()

    assert case_of(walk).state is CaseState.NOT_ACCEPTED


def test_a_dossier_another_agency_worked_on_is_past_its_reception() -> None:
    walk = at_district().progress("district_appraise")
    before = walk.case

    with pytest.raises(TransitionRefused) as refused:
        walk.turn_away()

    assert "step.rejected" in refused.value.text_vi
    assert walk.case is before


def test_only_the_receiving_unit_turns_a_dossier_away() -> None:
    walk = Walk(PROCEDURE).submit()
    event = walk.event(DossierRejectedData(reason="x", rejected_at=walk.at), by=AgencyCode("H63"))

    with pytest.raises(PerformerMismatch) as refused:
        walk.take(event)

    assert "the receiving unit may" in str(refused.value)
    assert "đơn vị tiếp nhận" in refused.value.text_vi


# --- stopped ---------------------------------------------------------------------------------


def test_a_performer_stops_a_dossier_and_its_notice_comes_home() -> None:
    walk = at_district()
    stopped_by = performer(walk)

    walk.terminate(by=stopped_by)

    (home,) = walk.told("dossier.terminated")
    data: Any = home.data
    assert (home.recipient, data.terminated_by, data.reason) == (
        walk.unit,
        stopped_by,
        "Đã chuyển đi.",
    )
    assert [result.step for result in data.results] == ["commune_review"]
    assert walk.told("dossier.completed") == []
    assert (case_of(walk).state, case_of(walk).reason) == (CaseState.TERMINATED, "Đã chuyển đi.")
    assert business_state(case_of(walk)).national_code == 8


def test_who_stops_a_dossier_is_not_told_to_leave_it_but_the_others_are() -> None:
    walk = Walk("2.002621").submit().complete("birth")
    health = performer(walk, "health_card")

    walk.terminate(by=performer(walk, "residence"))

    assert [owed.recipient for owed in walk.told("step.cancelled")] == [health]
    assert {run.state for run in case_of(walk).steps} == {StepState.COMPLETED, StepState.CANCELLED}


def test_the_receiving_unit_may_stop_a_dossier_too() -> None:
    walk = at_district()
    district = performer(walk)

    walk.terminate(by=walk.unit)

    assert [owed.recipient for owed in walk.told("step.cancelled")] == [district]
    assert case_of(walk).state is CaseState.TERMINATED


def test_who_is_done_with_a_dossier_does_not_stop_it() -> None:
    walk = (
        at_district().complete("district_appraise").complete("district_decide", "forward_province")
    )
    before = walk.case

    with pytest.raises(PerformerMismatch):
        walk.terminate(by=performer(walk))

    assert walk.case is before


# --- who is told -----------------------------------------------------------------------------


def test_what_is_owed_to_an_agency_that_has_ended_goes_to_its_successor() -> None:
    province, heir = yen_bai().province, AgencyCode("H63.132.81")
    ended = {"valid_to": MONDAY.date() + timedelta(days=1), "successor": heir}
    agencies = tuple(
        entry.model_copy(update=ended) if entry.code == "H63.140.81" else entry
        for entry in province.directory.agencies
    )
    table = province.directory.model_copy(update={"agencies": agencies})
    catalogue = Catalogue(2, province.model_copy(update={"directory": table}))
    walk = Walk(PROCEDURE, catalogue=catalogue).submit().complete("commune_review")
    assert performer(walk) == "H63.140.81"

    walk.later(days=4).withdraw()

    assert [owed.recipient for owed in walk.told("step.cancelled")] == [heir]


# --- handed out, and rated -------------------------------------------------------------------


def finished() -> Walk:
    walk = Walk("1.001731").submit().complete("commune_forward").complete("district_decide")
    assert case_of(walk).state is CaseState.COMPLETED
    return walk


def test_a_rating_is_kept_and_changes_no_state() -> None:
    walk = finished().hand_out()

    walk.rate(Satisfaction.VERY_SATISFIED)

    assert (case_of(walk).state, case_of(walk).rating, walk.owed) == (
        CaseState.RETURNED,
        Satisfaction.VERY_SATISFIED,
        (),
    )


def test_a_citizen_rates_once() -> None:
    walk = finished().hand_out().rate()

    with pytest.raises(TransitionRefused) as refused:
        walk.rate(Satisfaction.DISSATISFIED)

    assert "once" in str(refused.value)


def test_nothing_is_rated_before_it_is_handed_out() -> None:
    with pytest.raises(TransitionRefused):
        finished().rate()
