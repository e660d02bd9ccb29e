"""How a case moves: every route to every end, and what is refused on the way."""

import json
from collections.abc import Iterator
from copy import copy
from datetime import timedelta

import pytest

from bus.errors import (
    DossierCodeReused,
    DossierUnknown,
    PerformerMismatch,
    ProcedureUnknown,
    ReceivingUnitRefused,
    SchemaInvalid,
    SenderMustAct,
    TransitionRefused,
)
from bus.ids import AgencyCode, ProcedureCode
from bus.routing.case import (
    ACTIVE_STEPS,
    Alarm,
    CaseState,
    Financial,
    StepState,
    business_state,
    dump,
    load,
)
from bus.routing.deadline import next_alarm
from bus.routing.machine import StepRefused, advance
from bus.routing.opening import Context
from bus.routing.states import CASE_ALLOWS, STEP_GOES, EventName
from bus.schemas.base import BusinessState, Channel
from bus.schemas.dossier import DossierReturnedData, DossierWithdrawnData
from bus.schemas.request import PaymentConfirmedData, PaymentRequestedData
from bus.schemas.step import StepReceivedData
from tests.support.walking import MONDAY, Walk, a_dossier, commune_unit, yen_bai

FACTS = {"2.002622": [{"regime": v} for v in ("social_insurance", "social_protection", "none")]}
PROCEDURES = sorted({route.procedure for route in yen_bai().province.routes})


def facts_of(procedure: str) -> list[dict[str, str | bool | int]]:
    route = yen_bai().route(ProcedureCode(procedure), MONDAY)
    assert route is not None
    choices: list[dict[str, str | bool | int]] = [{}]
    for rule in route.facts:
        values = (True, False) if rule.values == "boolean" else rule.values
        choices = [choice | {rule.name: value} for choice in choices for value in values]
    return choices


def every_way(walk: Walk) -> Iterator[Walk]:
    """Go on with every outcome the next open step may have, to the end."""
    assert walk.case is not None
    route = yen_bai().route_version(walk.case.procedure, walk.case.route_version)
    opened = next((run for run in walk.case.steps if run.state in ACTIVE_STEPS), None)
    if opened is None:
        yield walk
        return
    if opened.agency is None:
        yield from every_way(pay(copy(walk)))
        return
    step = next(step for step in route.steps if step.id == opened.id)
    for outcome in step.outcomes:
        yield from every_way(copy(walk).later(hours=1).complete(opened.id, outcome))
    yield from every_way(copy(walk).later(hours=1).reject(opened.id))


def pay(walk: Walk, amount: int = 500_000) -> Walk:
    return walk.say(
        PaymentConfirmedData(reference="TB-1", amount_vnd=amount, receipt="BL-1", paid_at=walk.at),
        by=walk.unit,
    )


def demand(walk: Walk) -> Walk:
    run = walk.run("tax")
    return walk.say(
        PaymentRequestedData(
            step=run.id,
            round=run.round,
            reference="TB-1",
            amount_vnd=500_000,
            payee="Kho bạc Nhà nước",
            requested_at=walk.at,
        ),
        by=run.agency or AgencyCode("H63"),
    )


@pytest.mark.parametrize("procedure", [p for p in PROCEDURES if p != "1.012783"])
def test_every_route_reaches_an_end_whatever_its_officials_decide(procedure: str) -> None:
    ends = {
        walk.case.state
        for facts in facts_of(procedure)
        for walk in every_way(Walk(procedure, facts).submit())
        if walk.case is not None
    }

    assert ends == {CaseState.COMPLETED, CaseState.REJECTED}


def test_the_land_route_waits_for_the_payment_the_tax_branch_asked_for() -> None:
    walk = Walk("1.012783").submit().complete("appraise", "obligation")

    demand(walk)
    forwarded = walk.told("payment.requested")
    walk.complete("tax", "due")

    assert [owed.recipient for owed in forwarded] == [walk.unit]
    assert walk.case is not None
    assert walk.case.state is CaseState.AWAITING_PAYMENT
    assert walk.case.financial is Financial.REQUESTED
    assert business_state(walk.case).national_code == 6


def test_time_in_which_the_citizen_pays_is_not_counted() -> None:
    walk = Walk("1.012783").submit().complete("appraise", "obligation")
    demand(walk).complete("tax", "due")
    assert walk.case is not None
    before = walk.case.due_at

    pay(walk.later(days=7))

    assert walk.case.due_at is not None
    assert before is not None
    assert walk.case.due_at == before + timedelta(days=7)
    assert walk.case.financial is Financial.CONFIRMED
    assert walk.run("sign_result").state is StepState.OPEN


def test_a_payment_confirmed_before_the_wait_opens_is_not_waited_for() -> None:
    walk = Walk("1.012783").submit().complete("appraise", "obligation")
    pay(demand(walk))

    walk.complete("tax", "due")

    assert walk.run("payment").outcome == "paid"
    assert walk.run("sign_result").state is StepState.OPEN


def test_a_payment_of_another_notice_or_amount_is_refused() -> None:
    walk = demand(Walk("1.012783").submit().complete("appraise", "obligation"))

    with pytest.raises(SchemaInvalid) as refused:
        pay(walk, amount=1)

    assert refused.value.path == "data.reference"


def test_a_step_that_may_not_ask_for_money_does_not() -> None:
    walk = Walk("1.001731").submit()
    run = walk.run("commune_forward")

    with pytest.raises(TransitionRefused):
        walk.say(
            PaymentRequestedData(
                step=run.id,
                round=1,
                reference="TB-1",
                amount_vnd=1,
                payee="Kho bạc",
                requested_at=walk.at,
            ),
            by=run.agency or walk.unit,
        )


def test_admission_crosses_commune_district_province_and_facility() -> None:
    walk = Walk("2.000286").submit().complete("commune_review")
    walk.complete("district_appraise").complete("district_decide", "forward_province")
    walk.complete("province_appraise").complete("facility_decide")

    assert walk.case is not None
    levels = [
        entry.level
        for run in walk.case.steps
        if run.agency and (entry := yen_bai().directory.agency(run.agency))
    ]
    assert levels == ["commune", "district", "district", "province", "province"]
    assert [owed.recipient for owed in walk.told("dossier.completed")] == [walk.unit]
    assert walk.case.state is CaseState.COMPLETED


def test_a_higher_level_one_stop_unit_gets_a_copy_for_supervision() -> None:
    walk = Walk("2.000286").submit().complete("commune_review")

    copies = [one for one in walk.told("dossier.status") if one.data.supervision]  # type: ignore[attr-defined]

    (district,) = (yen_bai().directory.agency(one.recipient) for one in copies)
    assert district is not None
    assert district.level == "district"
    assert "one_stop_unit" in district.roles


def test_a_district_decision_that_stays_in_the_district_skips_the_province() -> None:
    walk = Walk("2.000286").submit().complete("commune_review").complete("district_appraise")

    walk.complete("district_decide", "district_facility")

    assert walk.run("province_appraise").state is StepState.SKIPPED
    assert walk.case is not None
    assert walk.case.state is CaseState.COMPLETED


def test_birth_opens_residence_and_health_card_at_once() -> None:
    walk = Walk("2.002621", facts_of("2.002621")[0]).submit().complete("birth")

    assert walk.run("residence").state is StepState.OPEN
    assert walk.run("health_card").state is StepState.OPEN
    assert len(walk.told("step.requested")) == 2


def test_the_order_of_independent_answers_does_not_matter() -> None:
    def ended(first: str, second: str) -> set[tuple[str, str | None]]:
        walk = Walk("2.002621", facts_of("2.002621")[0]).submit().complete("birth")
        walk.complete(first).complete(second)
        assert walk.case is not None
        return {(run.id, run.outcome) for run in walk.case.steps} | {("case", walk.case.state)}

    assert ended("residence", "health_card") == ended("health_card", "residence")


def test_the_death_group_branches_by_regime() -> None:
    opened = {}
    for facts in facts_of("2.002622"):
        walk = Walk("2.002622", facts).submit().complete("death")
        assert walk.case is not None
        opened[facts["regime"]] = {r.id for r in walk.case.steps if r.state is StepState.OPEN}

    assert opened["social_insurance"] - opened["none"] == {"funeral_social_insurance"}
    assert opened["social_protection"] - opened["none"] == {"funeral_social_protection"}


def test_a_refusal_ends_the_dossier_and_tells_the_receiving_unit_why() -> None:
    walk = Walk("2.000286").submit().complete("commune_review")

    walk.reject("district_appraise", "Không thuộc đối tượng.")

    assert walk.case is not None
    assert walk.case.state is CaseState.REJECTED
    (home,) = walk.told("dossier.completed")
    assert home.recipient == walk.unit
    assert home.data.reason == "Không thuộc đối tượng."  # type: ignore[attr-defined]
    assert {run.state for run in walk.case.steps[2:]} == {StepState.CANCELLED}


def test_a_refused_side_step_does_not_undo_the_main_one() -> None:
    walk = Walk("2.002621", facts_of("2.002621")[0]).submit().complete("birth")

    walk.reject("residence").complete("health_card")

    assert walk.case is not None
    assert walk.case.state is CaseState.COMPLETED


def test_a_system_that_refuses_the_hand_over_of_a_step_refuses_the_step() -> None:
    walk = Walk("1.001731").submit()
    run = walk.run("commune_forward")
    assert run.agency is not None

    case, _ = advance(
        walk.case,
        StepRefused(run.agency, run.id, 1, "Hệ thống từ chối."),
        Context(yen_bai(), walk.at),
    )

    assert case.state is CaseState.REJECTED
    assert case.reason == "Hệ thống từ chối."


def test_withdrawal_takes_open_steps_back() -> None:
    walk = Walk("2.000286").submit().complete("commune_review")
    performer = walk.run("district_appraise").agency

    walk.say(DossierWithdrawnData(reason="Đổi ý", withdrawn_at=walk.at), by=walk.unit)

    assert walk.case is not None
    assert walk.case.state is CaseState.WITHDRAWN
    assert [owed.recipient for owed in walk.told("step.cancelled")] == [performer]


def test_a_supplement_goes_through_the_receiving_unit_and_time_counts_again() -> None:
    walk = Walk("2.000286").submit().complete("commune_review")
    first_due = walk.run("district_appraise").due_at

    walk.later(days=2).ask_more("district_appraise")
    assert [owed.recipient for owed in walk.told("supplement.requested")] == [walk.unit]
    assert walk.case is not None
    assert walk.case.state is CaseState.SUPPLEMENTING
    walk.later(days=5).supplement()

    run = walk.run("district_appraise")
    (slip,) = walk.told("step.requested")
    assert (run.state, run.round) == (StepState.OPEN, 2)
    assert slip.round == 2
    assert run.due_at is not None
    assert first_due is not None
    assert run.due_at >= first_due + timedelta(days=7)
    assert "BO-SUNG" in {component.code for component in walk.case.content.components}


def test_an_answer_to_another_round_is_refused_and_changes_nothing() -> None:
    walk = Walk("1.001731").submit()
    run = walk.run("commune_forward")
    old = walk.event(
        StepReceivedData(step=run.id, round=2, received_at=walk.at), by=run.agency or walk.unit
    )
    before = walk.case

    with pytest.raises(TransitionRefused):
        advance(walk.case, old, Context(yen_bai(), walk.at))

    assert walk.case == before


def test_a_step_sees_no_more_than_its_route_says() -> None:
    walk = Walk("2.002621", facts_of("2.002621")[0]).submit().complete("birth")
    route = yen_bai().route(ProcedureCode("2.002621"), MONDAY)
    assert route is not None
    sees = {step.id: step.sees for step in route.steps}

    for slip in walk.told("step.requested"):
        assert slip.step is not None
        seen = sees[slip.step]
        data = slip.data
        assert (data.owner is not None) == seen.owner  # type: ignore[attr-defined]
        if seen.components != "all":
            assert {c.code for c in data.components} <= set(seen.components)  # type: ignore[attr-defined]


def test_the_result_handed_over_is_the_last_word() -> None:
    walk = Walk("1.001731").submit().complete("commune_forward")
    assert walk.case is not None
    last = walk.case.steps[-1]
    walk.complete(last.id)

    walk.say(DossierReturnedData(returned_at=walk.at, channel=Channel.DIRECT), by=walk.unit)

    assert walk.case.state is CaseState.RETURNED
    assert business_state(walk.case) is BusinessState.RETURNED


def test_the_clock_warns_once_and_tells_once_that_a_step_is_late() -> None:
    walk = Walk("2.000286").submit()
    assert walk.case is not None
    warn = next_alarm(walk.case)
    assert warn is not None
    walk.at = warn
    walk.strike()
    assert [owed.step for owed in walk.owed] == [None]
    assert walk.run("commune_review").alarm is Alarm.WARNED

    last = next_alarm(walk.case)
    assert last is not None
    walk.at = last
    walk.strike()
    assert walk.run("commune_review").alarm is Alarm.APOLOGY

    passed = next_alarm(walk.case)
    assert passed is not None
    walk.at = passed
    walk.strike()

    assert len(walk.told("deadline.passed")) == 1
    assert walk.run("commune_review").alarm is Alarm.PASSED
    assert walk.strike().owed == ()


def test_a_case_survives_being_written_and_read() -> None:
    walk = demand(Walk("1.012783").submit().complete("appraise", "obligation"))

    assert walk.case is not None
    assert load(dump(walk.case)) == walk.case


SINCE_THE_FIRST_VERSION = {"rating", "extended_due_at", "consultations", "flags"}
OF_STEPS_SINCE = {"progress", "recalled_by", "declined", "awaits"}


def test_a_case_stored_before_its_newer_fields_were_there_is_still_read() -> None:
    walk = demand(Walk("1.012783").submit().complete("appraise", "obligation"))
    assert walk.case is not None
    stored = json.loads(dump(walk.case))
    assert stored.keys() >= SINCE_THE_FIRST_VERSION

    old = {key: value for key, value in stored.items() if key not in SINCE_THE_FIRST_VERSION}
    old["steps"] = [
        {key: value for key, value in run.items() if key not in OF_STEPS_SINCE}
        for run in stored["steps"]
    ]

    assert load(json.dumps(old)) == walk.case


REFUSED_SUBMISSIONS = [
    ({"procedure": "9.999999"}, ProcedureUnknown, "data.procedure"),
    ({"area": "15"}, ReceivingUnitRefused, "data.area"),
    ({"area": "04252"}, ReceivingUnitRefused, "data.area"),
    ({"accepted_at": MONDAY + timedelta(days=1)}, SchemaInvalid, "data.accepted_at"),
    ({"accepted_at": MONDAY - timedelta(days=9)}, SchemaInvalid, "data.accepted_at"),
]


@pytest.mark.parametrize(("changes", "error", "path"), REFUSED_SUBMISSIONS)
def test_a_dossier_that_may_not_be_filed_is_refused_with_the_field(
    changes: dict[str, object], error: type[SenderMustAct], path: str
) -> None:
    with pytest.raises(error) as refused:
        Walk("2.000286").submit(**changes)

    assert refused.value.path == path
    assert refused.value.text_vi


def test_a_fact_the_route_asks_for_must_be_one_of_its_values() -> None:
    with pytest.raises(SchemaInvalid) as refused:
        Walk("2.002622", {"regime": "khác"}).submit()

    assert refused.value.path == "data.facts.regime"


def test_a_unit_that_may_not_file_the_procedure_is_refused() -> None:
    walk = Walk("2.000286")
    police = next(
        entry.code
        for entry in yen_bai().province.directory.agencies
        if "commune_police" in entry.roles and entry.area == "04636"
    )
    event = walk.event(a_dossier("2.000286", {}, MONDAY), by=police)

    with pytest.raises(ReceivingUnitRefused) as refused:
        advance(None, event, Context(yen_bai(), walk.at))

    assert refused.value.path == "source"


def test_a_dossier_code_is_used_once() -> None:
    walk = Walk("1.001731").submit()

    with pytest.raises(DossierCodeReused):
        walk.submit()


def test_nothing_can_be_said_about_a_dossier_nobody_submitted() -> None:
    walk = Walk("1.001731")

    with pytest.raises(DossierUnknown):
        walk.say(DossierWithdrawnData(reason="x", withdrawn_at=walk.at), by=walk.unit)


def test_only_the_performer_answers_a_step() -> None:
    walk = Walk("2.000286").submit().complete("commune_review")
    run = walk.run("district_appraise")
    other = walk.event(
        DossierWithdrawnData(reason="x", withdrawn_at=walk.at), by=run.agency or walk.unit
    )

    with pytest.raises(PerformerMismatch):
        advance(walk.case, other, Context(yen_bai(), walk.at))


def test_an_outcome_the_route_does_not_name_is_refused() -> None:
    with pytest.raises(SchemaInvalid) as refused:
        Walk("2.000286").submit().complete("commune_review", "perhaps")

    assert refused.value.path == "data.outcome"


def test_an_ended_step_takes_no_second_answer() -> None:
    walk = Walk("2.000286").submit().complete("commune_review")

    with pytest.raises(TransitionRefused) as refused:
        walk.complete("commune_review")

    assert "hoàn thành" in refused.value.text_vi


def test_every_state_has_a_row_in_the_tables() -> None:
    assert set(CASE_ALLOWS) == set(CaseState)
    assert set(STEP_GOES) == set(StepState)


@pytest.mark.parametrize("state", [s for s in CaseState if not CASE_ALLOWS[s]])
def test_a_final_case_allows_no_event(state: CaseState) -> None:
    assert not any(event in CASE_ALLOWS[state] for event in EventName)


def test_the_receiving_unit_of_gia_hoi_is_there() -> None:
    entry = yen_bai().directory.agency(commune_unit())

    assert entry is not None
    assert "Gia Hội" in entry.name
