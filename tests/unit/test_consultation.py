"""Asking another agency for its opinion: who may be asked, who answers, and what silence means."""

from datetime import timedelta
from typing import Any

import pytest

from bus.errors import PerformerMismatch, SchemaInvalid, TransitionRefused
from bus.ids import AgencyCode
from bus.routing import consultation
from bus.routing.case import Case, StepState
from bus.routing.deadline import next_alarm
from bus.schemas.consultation import ConsultationRequestedData
from tests.support.walking import Walk

PROCEDURE = "2.000286"
STEP = "district_appraise"
FINANCE = AgencyCode("H63.140.82")
LABOUR = AgencyCode("H63.140.81")


def asked(days: float = 3) -> Walk:
    """A dossier whose lead asked the finance office."""
    return Walk(PROCEDURE).submit().complete("commune_review").consult(STEP, FINANCE, days=days)


def case_of(walk: Walk) -> Case:
    assert walk.case is not None
    return walk.case


def test_the_agency_asked_gets_the_question_and_of_the_dossier_its_title_alone() -> None:
    walk = asked()

    (owed,) = walk.told("consultation.requested")
    data: Any = owed.data
    assert (owed.recipient, data.asked_by, data.content) == (FINANCE, LABOUR, "Xin ý kiến.")
    assert data.title == case_of(walk).content.title
    assert "Nguyễn Thị Thử" not in data.model_dump_json()
    assert walk.run(STEP).state is StepState.IN_HAND


def test_the_opinion_goes_to_the_lead_and_moves_no_step() -> None:
    walk = asked()
    before = walk.run(STEP)

    walk.reply(by=FINANCE)

    (owed,) = walk.told("consultation.replied")
    data: Any = owed.data
    assert (owed.recipient, data.replied_by, data.step) == (LABOUR, FINANCE, STEP)
    assert walk.run(STEP) == before
    assert case_of(walk).consultations[0].replied


def test_an_opinion_is_given_once_by_who_was_asked() -> None:
    walk = asked()

    with pytest.raises(PerformerMismatch, match="the agency that was asked"):
        walk.reply(by=LABOUR)
    walk.reply(by=FINANCE)
    with pytest.raises(TransitionRefused, match="once"):
        walk.reply(by=FINANCE)


def test_an_opinion_nobody_asked_for_is_refused() -> None:
    with pytest.raises(SchemaInvalid) as refused:
        asked().reply(by=FINANCE, reference="9/LYK")

    assert refused.value.path == "data.reference"


def test_silence_is_told_to_the_lead_and_the_one_stop_unit_once_and_is_no_consent() -> None:
    walk = asked(days=1)
    late = case_of(walk).consultations[0].due_at
    assert next_alarm(case_of(walk)) == late
    before = walk.run(STEP)

    walk.at = late
    walk.strike()

    assert [owed.recipient for owed in walk.told("consultation.overdue")] == [LABOUR, walk.unit]
    assert walk.run(STEP).state is before.state is StepState.IN_HAND
    assert walk.strike().told("consultation.overdue") == []


def test_a_late_opinion_is_still_handed_to_the_lead() -> None:
    walk = asked(days=1).later(days=2).strike()

    walk.reply(by=FINANCE)

    assert [owed.recipient for owed in walk.told("consultation.replied")] == [LABOUR]


def test_an_opinion_is_not_waited_for_once_the_step_is_over() -> None:
    walk = asked(days=1).complete(STEP).later(days=2).strike()

    assert walk.told("consultation.overdue") == []
    walk.reply(by=FINANCE)
    assert [owed.recipient for owed in walk.told("consultation.replied")] == [LABOUR]


def test_a_dossier_that_has_ended_takes_no_opinion() -> None:
    with pytest.raises(TransitionRefused, match="withdrawn"):
        asked().withdraw().reply(by=FINANCE)


@pytest.mark.parametrize("consulted", [LABOUR, AgencyCode("H63.999")])
def test_an_agency_that_is_not_there_or_asks_itself_is_not_asked(consulted: AgencyCode) -> None:
    walk = Walk(PROCEDURE).submit().complete("commune_review")

    with pytest.raises(SchemaInvalid) as refused:
        walk.consult(STEP, consulted)

    assert refused.value.path == "data.consulted"


def test_an_opinion_is_asked_until_a_time_to_come() -> None:
    walk = Walk(PROCEDURE).submit().complete("commune_review")

    with pytest.raises(SchemaInvalid) as refused:
        walk.consult(STEP, FINANCE, days=-1)

    assert refused.value.path == "data.due_at"


def test_a_question_that_was_long_on_its_way_is_handed_on_and_its_silence_told() -> None:
    walk = Walk(PROCEDURE).submit().complete("commune_review")
    run = walk.run(STEP)
    data = ConsultationRequestedData(
        step=run.id,
        round=run.round,
        reference="1/LYK",
        consulted=FINANCE,
        content="Xin ý kiến.",
        due_at=walk.at + timedelta(days=1),
        requested_at=walk.at,
    )
    walk.later(days=2).say(data, by=LABOUR)
    assert [owed.recipient for owed in walk.told("consultation.requested")] == [FINANCE]

    walk.strike()

    assert LABOUR in {owed.recipient for owed in walk.told("consultation.overdue")}


def test_every_question_of_a_dossier_has_its_own_number() -> None:
    with pytest.raises(SchemaInvalid) as refused:
        asked().consult(STEP, FINANCE)

    assert refused.value.path == "data.reference"


def test_a_dossier_has_no_more_questions_than_it_may() -> None:
    walk = asked()
    for number in range(1, consultation.MOST):
        walk.consult(STEP, FINANCE, f"{number}/X")

    with pytest.raises(TransitionRefused, match=str(consultation.MOST)):
        walk.consult(STEP, FINANCE, "last")


def test_two_questions_are_answered_each_by_its_number() -> None:
    walk = asked().consult(STEP, FINANCE, "2/LYK").later(hours=1).reply(by=FINANCE)

    assert [one.replied for one in case_of(walk).consultations] == [True, False]
    assert next_alarm(case_of(walk)) is not None
    walk.at += timedelta(days=4)
    assert len(walk.strike().told("consultation.overdue")) == 2
