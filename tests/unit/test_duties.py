"""The statutory duties that software can compute, each under the number docs/duties.md gives it."""

from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from pydantic import ValidationError

from bus.errors import DossierCodeReused, LedgerBroken, TransitionRefused
from bus.ids import AgencyCode
from bus.routing.case import CaseState, Flag
from bus.routing.chain import GENESIS, check
from bus.routing.forms.custody import LegKind
from bus.routing.forms.documents import Receipt
from bus.routing.forms.kinds import FormKind
from bus.routing.ledger import LedgerHead
from bus.schemas.base import Level
from bus.schemas.directory import Role
from bus.schemas.dossier import Document, DossierCompletedData
from bus.schemas.request import SupplementForwardedV1
from bus.schemas.step import StepCompletedData, StepRejectedData, StepRequestedData
from tests.support.told import Told
from tests.support.walking import yen_bai

FUNERAL, BIRTH = "1.001731", "2.002621"


@pytest.fixture
def walk() -> Told:
    """A dossier of two steps: the commune's and the district's labour office's."""
    walk = Told(FUNERAL)
    walk.submit()
    return walk


def flags(walk: Told) -> tuple[Flag, ...]:
    assert walk.case is not None
    return walk.case.flags


def slips(walk: Told) -> list[StepRequestedData]:
    """Return what the last event asked of performers."""
    found = [owed.data for owed in walk.told("step.requested")]
    assert all(isinstance(data, StepRequestedData) for data in found)
    return cast("list[StepRequestedData]", found)


def test_r1_one_code_names_one_dossier_and_stands_on_the_receipt(walk: Told) -> None:
    sheet = walk.sheet(FormKind.RECEIPT)
    assert isinstance(sheet, Receipt)
    assert sheet.heading.dossier == walk.code

    with pytest.raises(DossierCodeReused):
        walk.submit()


def test_r2_a_second_request_at_the_reception_is_flagged(walk: Told) -> None:
    walk.ask_more("commune_forward").supplement()
    assert flags(walk) == ()

    walk.ask_more("commune_forward")

    assert flags(walk) == (Flag.SECOND_SUPPLEMENT,)


def test_r3_a_refusal_without_a_reason_is_no_refusal(walk: Told) -> None:
    run = walk.run("commune_forward")

    with pytest.raises(ValidationError, match="reason"):
        StepRejectedData.model_validate(
            {"step": run.id, "round": run.round, "reason": "", "rejected_at": walk.at}
        )


def test_r4_what_is_accepted_is_handed_on_in_the_same_decision() -> None:
    walk = Told(FUNERAL)

    walk.submit()

    assert [owed.step for owed in walk.told("step.requested")] == ["commune_forward"]


def test_r6_wrong_competence_goes_to_the_right_unit_under_the_same_code_and_clock(
    walk: Told,
) -> None:
    before = walk.run("commune_forward")
    other = AgencyCode("H63.140.06")

    walk.forward("commune_forward", other)

    after = walk.run("commune_forward")
    assert (after.agency, after.due_at, after.round) == (other, before.due_at, before.round)
    assert [owed.recipient for owed in walk.told("step.requested")] == [other]


def test_r7_after_a_supplement_the_time_is_counted_again_from_the_start(walk: Told) -> None:
    assert walk.case is not None and walk.case.due_at is not None  # noqa: PT018
    first = walk.case.due_at

    walk.later(hours=2).ask_more("commune_forward").later(days=7).supplement()

    assert walk.case.due_at == first + timedelta(days=7)


def test_r8_silence_of_who_was_asked_is_told_to_the_lead_and_the_unit_and_is_no_consent(
    walk: Told,
) -> None:
    walk.complete("commune_forward")
    walk.consult("district_decide", AgencyCode("H63.140.82"), days=2)

    walk.later(days=3).strike()

    late = walk.told("consultation.overdue")
    assert {owed.recipient for owed in late} == {walk.run("district_decide").agency, walk.unit}
    assert walk.run("district_decide").ended_at is None


def test_r9_every_hand_over_names_the_work_and_its_own_deadline(walk: Told) -> None:
    walk.complete("commune_forward")

    (slip,) = slips(walk)
    assert slip.task
    assert slip.due_at == walk.run("district_decide").due_at


def test_r10_where_several_can_begin_all_are_told_at_once_each_with_its_own_work() -> None:
    walk = Told(BIRTH)
    walk.submit().complete("birth")

    assert len({owed.recipient for owed in walk.told("step.requested")}) == 2
    assert len({slip.task for slip in slips(walk)}) == 2


def test_r11_a_step_of_a_higher_level_is_copied_to_the_one_stop_unit_there() -> None:
    walk = Told(FUNERAL)
    walk.submit().complete("commune_forward")

    told = {owed.recipient for owed in walk.told("dossier.status")} - {walk.unit}

    (above,) = (yen_bai().directory.agency(code) for code in told)
    assert above is not None
    assert (above.level, Role.ONE_STOP_UNIT in above.roles) == (Level.DISTRICT, True)


def test_r12_one_new_appointment_at_least_a_day_before_with_an_apology(walk: Told) -> None:
    walk.extend("commune_forward")
    with pytest.raises(TransitionRefused, match="one new appointment"):
        walk.extend("commune_forward", days=60)

    late = Told(FUNERAL)
    late.submit()
    assert late.case is not None and late.case.due_at is not None  # noqa: PT018
    late.at = late.case.due_at - timedelta(hours=20)
    with pytest.raises(TransitionRefused, match="one day"):
        late.extend("commune_forward", days=60)


def test_r13_a_result_before_its_time_is_told_to_the_unit_at_once(walk: Told) -> None:
    walk.complete("commune_forward").complete("district_decide")

    (home,) = walk.told("dossier.completed")

    assert home.recipient == walk.unit
    assert walk.case is not None and walk.case.due_at is not None  # noqa: PT018
    assert walk.at < walk.case.due_at


def test_r14_whoever_had_the_dossier_is_known_at_every_moment(walk: Told) -> None:
    walk.later(hours=1).receive("commune_forward").later(hours=1).complete("commune_forward")

    legs = [leg for leg in walk.chronicle().legs if leg.kind is LegKind.STEP]

    assert [leg.receiver.agency for leg in legs if leg.receiver] == [
        run.agency for run in walk.chronicle().case.steps
    ]
    assert legs[0].ended_at == legs[1].handed_at == walk.at


def test_r15_what_is_missing_is_asked_for_through_the_one_stop_unit_only(walk: Told) -> None:
    walk.complete("commune_forward").ask_more("district_decide")

    asked = [owed for owed in walk.owed if owed.message is SupplementForwardedV1]

    assert [owed.recipient for owed in asked] == [walk.unit]


def test_r16_an_entry_changed_afterwards_breaks_the_chain(walk: Told) -> None:
    walk.complete("commune_forward")
    first, second = walk.book.entries[0], walk.book.entries[1]
    head = check(LedgerHead(first.partition, 0, GENESIS), first)
    check(head, second)

    with pytest.raises(LedgerBroken):
        check(head, replace(second, body=second.body + b" "))


def test_r17_every_step_is_recorded_with_its_time_and_what_was_before_is_kept(walk: Told) -> None:
    walk.later(hours=1).receive("commune_forward").later(hours=1).complete("commune_forward")

    assert [entry.type for entry in walk.book.entries] == [
        *("dossier.submitted", "step.received", "step.completed")
    ]
    times = [entry.recorded_at for entry in walk.book.entries]
    assert times == sorted(times)


def test_r20_result_documents_are_kept_with_the_case_and_come_home(walk: Told) -> None:
    paper = Document(
        name="Quyết định hỗ trợ",
        media_type="application/pdf",
        size=1200,
        sha256="ab" * 32,
        uri="qd/12.pdf",
    )
    run = walk.complete("commune_forward").run("district_decide")
    data = StepCompletedData(
        step=run.id, round=run.round, outcome="done", documents=(paper,), completed_at=walk.at
    )

    walk.say(data, by=run.agency or walk.unit)

    (home,) = walk.told("dossier.completed")
    assert walk.case is not None
    assert walk.case.state is CaseState.COMPLETED
    assert walk.run("district_decide").documents == (paper,)
    assert isinstance(home.data, DossierCompletedData)
    assert [one.documents for one in home.data.results if one.step == run.id] == [(paper,)]
