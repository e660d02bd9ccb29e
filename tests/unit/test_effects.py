"""What is owed because of a decision: who gets it, and what it may tell."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bus.ids import AgencyCode
from bus.routing.case import Alarm, Case
from bus.routing.effects import HandOver, home, status, whole_deadline
from bus.schemas.base import BusinessState, FormValue
from bus.schemas.dossier import Component, CopyKind, EndKind
from bus.schemas.route import Sees
from bus.schemas.step import StepRequestedData
from tests.support.walking import Walk, yen_bai, yen_bai_with

PROCEDURE = "1.001731"


def with_sees(**sees: object) -> Walk:
    """A dossier whose last step may see just that."""
    route = next(r for r in yen_bai().province.routes if r.procedure == PROCEDURE)
    steps = (
        *route.steps[:-1],
        route.steps[-1].model_copy(update={"sees": Sees.model_validate(sees)}),
    )
    walk = Walk(PROCEDURE, {"poor": True}, catalogue=yen_bai_with(PROCEDURE, steps=steps))
    form: dict[str, FormValue] = {"bank": "VN01", "note": "x"}
    papers = tuple(
        Component(code=code, name=code, kind=CopyKind.COPY, quantity=1) for code in ("A", "B")
    )
    return walk.submit(form=form, components=papers).complete("commune_forward", note="ok")


def slip(walk: Walk) -> StepRequestedData:
    (owed,) = walk.told("step.requested")
    assert isinstance(owed.data, StepRequestedData)
    return owed.data


def test_a_step_sees_nothing_that_is_not_listed() -> None:
    data = slip(with_sees())

    assert data.owner is None
    assert (data.components, data.facts, data.form, data.results) == ((), {}, {}, ())
    assert "owner" not in data.model_dump_json(exclude_none=True)


def test_a_step_sees_what_is_listed_and_no_more() -> None:
    data = slip(
        with_sees(
            owner=True, components=("B", "C"), facts=("poor",), form=("bank",), results=("x_x",)
        )
    )

    assert data.owner is not None
    assert [paper.code for paper in data.components] == ["B"]
    assert (data.facts, data.form, data.results) == ({"poor": True}, {"bank": "VN01"}, ())


def test_a_step_that_sees_all_gets_what_earlier_steps_produced() -> None:
    data = slip(with_sees(components="all", facts="all", form="all", results="all"))

    assert [paper.code for paper in data.components] == ["A", "B"]
    assert data.form == {"bank": "VN01", "note": "x"}
    (result,) = data.results
    assert (result.step, result.outcome, result.outputs) == (
        "commune_forward",
        "done",
        {"note": "ok"},
    )


@pytest.fixture
def birth() -> Walk:
    return Walk("2.002621").submit().complete("birth")


def at_home(walk: Walk) -> Any:
    (owed,) = walk.told("dossier.completed")
    assert owed.recipient == walk.unit
    return owed.data


def test_results_come_home_in_the_order_they_were_decided(birth: Walk) -> None:
    birth.later(hours=1).complete("health_card").later(hours=1).complete("residence")

    data = at_home(birth)

    assert [result.step for result in data.results] == ["birth", "health_card", "residence"]
    assert (data.end, data.reason) == (EndKind.COMPLETED, None)


def test_a_refused_side_step_brings_no_result_home(birth: Walk) -> None:
    birth.reject("residence").complete("health_card")

    assert [result.step for result in at_home(birth).results] == ["birth", "health_card"]


def test_what_is_handed_over_names_the_step_and_its_round() -> None:
    walk = Walk("2.000286").submit().ask_more("commune_review").later(hours=1).supplement()

    (owed,) = walk.told("step.requested")

    assert (owed.step, owed.round) == ("commune_review", 2)


def test_other_messages_hand_over_no_step() -> None:
    """So that a refusal of a mere notice never counts as a refusal of the step."""
    walk = Walk("2.000286").submit().ask_more("commune_review")

    assert [(owed.step, owed.round) for owed in walk.owed] == [(None, None)]


def test_a_status_names_the_whole_where_no_step_is_meant() -> None:
    walk = Walk(PROCEDURE).submit()

    owed = status(_case(walk), walk.unit, None)

    data: Any = owed.data
    assert (data.state, data.step, data.agency, data.supervision) == (
        BusinessState.ACCEPTED,
        None,
        None,
        False,
    )


def test_an_overdue_dossier_is_told_to_its_receiving_unit_once() -> None:
    walk = Walk(PROCEDURE).submit()
    case = _case(walk)
    assert case.due_at is not None
    walk.at = case.due_at + timedelta(seconds=1)
    walk.strike()

    overdue = [owed for owed in walk.told("deadline.passed") if owed.data == _whole(case)]
    assert [owed.recipient for owed in overdue] == [walk.unit]
    assert walk.strike().owed == ()


@pytest.mark.parametrize("end", ["withdrawn", "rejected"])
def test_the_reason_comes_home(end: str) -> None:
    walk = Walk(PROCEDURE).submit()
    if end == "rejected":
        walk.reject("commune_forward", "Lý do.")
    else:
        walk.withdraw("Lý do.")

    data: Any = home(_case(walk)).data
    assert (data.end, data.reason) == (EndKind(end), "Lý do.")


def _whole(case: Case) -> object:
    owed: HandOver = whole_deadline(replace(case, alarm=Alarm.PASSED), case.receiving_unit)
    return owed.data


def _case(walk: Walk) -> Case:
    assert walk.case is not None
    assert AgencyCode(walk.unit) == walk.case.receiving_unit
    return walk.case
