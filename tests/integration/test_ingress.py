"""What the hub does with what agencies send: accepted, refused, expected later, seen before."""

import json
from datetime import timedelta
from uuid import UUID

import pytest

from bus.ids import AgencyCode, DossierCode, StepId
from bus.ports import DeliveryState, Published, Received
from bus.routing import compose
from bus.routing.case import CaseState
from bus.schemas.address import control_key
from bus.schemas.base import WireModel
from bus.schemas.control import AdapterHeartbeatData, AdapterHeartbeatV1
from bus.schemas.directory import Role
from bus.schemas.dossier import DossierWithdrawnData
from bus.schemas.envelope import MAX_BODY_BYTES
from bus.schemas.receipt import (
    DeliveryFailedData,
    DeliveryFailedV1,
    DeliveryImportedData,
    DeliveryImportedV1,
    DeliveryRefusedData,
    DeliveryRefusedV1,
    FailureKind,
    MessageAcceptedV1,
    MessageExpectedV1,
    MessageRejectedV1,
)
from bus.schemas.step import StepCompletedData, StepReceivedData, StepRequestedV1
from bus.testing.fakes import SeededIds
from bus.workers.catalogues import Catalogues
from bus.workers.verify import verify
from tests.support.rows import heard
from tests.support.small_hub import SmallHub, account, without
from tests.support.walking import Walk, a_dossier, commune_unit, yen_bai

UNIT = commune_unit()


@pytest.fixture
def hub() -> SmallHub:
    return SmallHub()


@pytest.fixture
def walk() -> Walk:
    return Walk("1.001731")


def submission(hub: SmallHub, walk: Walk, sequence: int = 1) -> Received:
    data = a_dossier(walk.procedure, {}, walk.at)
    return hub.signed(data, by=UNIT, sequence=sequence, walk=walk)


def only(kind: type, messages: list) -> list:  # type: ignore[type-arg]
    return [message for message in messages if isinstance(message, kind)]


def rejected(messages: list) -> MessageRejectedV1:  # type: ignore[type-arg]
    (one,) = only(MessageRejectedV1, messages)
    assert isinstance(one, MessageRejectedV1)
    return one


def moved_nothing(hub: SmallHub) -> bool:
    counts = hub.queries.counts()
    return counts.ledger_entries == 0 and counts.dossiers.submitted == 0


def completed(hub: SmallHub) -> WireModel:
    return StepCompletedData(
        step=StepId("commune_forward"), round=1, outcome="done", completed_at=hub.clock.now()
    )


# --- accepted ---------------------------------------------------------------------------------


def test_a_dossier_is_ledgered_and_its_first_step_handed_over(hub: SmallHub, walk: Walk) -> None:
    message = submission(hub, walk)

    answers = hub.take(message)

    (accepted,) = only(MessageAcceptedV1, answers)
    (step,) = only(StepRequestedV1, answers)
    assert accepted.recipient == UNIT
    assert str(accepted.data.message) == message.message_id
    assert accepted.data.due_at is not None
    assert step.data.step == "commune_forward"
    assert hub.consumer.acked == [message]
    entries = hub.queries.entries_of([walk.code])
    assert [entry.body for entry in entries] == [message.body]
    assert accepted.data.ledger.hash == entries[0].hash


def test_a_repeat_gets_the_same_receipt_and_changes_nothing(hub: SmallHub, walk: Walk) -> None:
    message = submission(hub, walk)
    (first, _) = hub.take(message)
    hub.clock.advance(timedelta(minutes=5))

    again = hub.take(message)

    assert again == [first]
    assert hub.queries.counts().ledger_entries == 1


def test_a_repeat_inside_one_batch_is_taken_once(hub: SmallHub, walk: Walk) -> None:
    message = submission(hub, walk)

    answers = hub.take(message, message, message)

    assert len(only(MessageAcceptedV1, answers)) == 3
    assert len({answer.id for answer in only(MessageAcceptedV1, answers)}) == 1
    assert hub.queries.counts().ledger_entries == 1


def test_a_message_that_comes_too_early_is_expected_later(hub: SmallHub, walk: Walk) -> None:
    late = hub.signed(completed(hub), by=UNIT, sequence=2, walk=walk)

    (answer,) = hub.take(late)

    assert isinstance(answer, MessageExpectedV1)
    assert answer.data.expected == "0000000001"
    assert moved_nothing(hub)


def test_two_messages_of_a_lane_in_one_batch_are_taken_in_order(hub: SmallHub, walk: Walk) -> None:
    first = submission(hub, walk)
    second = hub.signed(completed(hub), by=UNIT, sequence=2, walk=walk)

    answers = hub.take(first, second)

    assert len(only(MessageAcceptedV1, answers)) == 2
    case = hub.queries.dossier(walk.code)
    assert case is not None
    assert case.steps[0].outcome == "done"


def test_a_place_used_by_another_message_is_an_error_never_a_silent_drop(
    hub: SmallHub, walk: Walk
) -> None:
    hub.take(submission(hub, walk))

    answer = rejected(hub.take(submission(hub, walk)))

    assert answer.data.code == "sequence.reused"
    assert not answer.data.uses_sequence


def test_the_id_of_another_message_is_refused(hub: SmallHub, walk: Walk) -> None:
    first = submission(hub, walk)
    hub.take(first)
    body = json.loads(first.body)
    body["data"]["title"] = "Khác"
    other = hub.raw(json.dumps(body).encode(), by=UNIT, id_=first.message_id)

    answer = rejected(hub.take(other))

    assert answer.data.code == "message.id_reused"
    assert hub.queries.counts().ledger_entries == 1


# --- refused ----------------------------------------------------------------------------------


def bad(name: str, hub: SmallHub, walk: Walk) -> Received:  # noqa: C901, PLR0911 -- one case per kind
    """One bad message of each kind."""
    good = submission(hub, walk)
    body = json.loads(good.body)
    match name:
        case "message.malformed":
            return hub.raw(b"\xff{", by=UNIT)
        case "message.too_large":
            return hub.raw(b" " * (MAX_BODY_BYTES + 1), by=UNIT)
        case "message.duplicate_key":
            return hub.raw(good.body[:-1] + b',"id":"x"}', by=UNIT)
        case "message.text_not_nfc":
            return hub.raw(good.body.replace("Đề nghị".encode(), "Đề nghi\u0323".encode()), by=UNIT)
        case "message.type_unknown":
            body["dataschema"] = "urn:lienthong:schema:agency:dossier.submitted:9"
        case "message.schema_invalid":
            del body["data"]["owner"]
        case "signature.missing":
            return without(good, jws=None)
        case "signature.invalid":
            return without(good, jws=hub.signers[UNIT].sign(b"other"))
        case "sender.mismatch":
            return without(good, account=account(other_unit()))
        case "procedure.unknown":
            body["data"]["procedure"] = "9.999999"
        case "receiving_unit.refused":
            body["data"]["area"] = "04252"
        case _:
            raise AssertionError(name)
    return hub.raw(json.dumps(body, ensure_ascii=False).encode(), by=UNIT)


def other_unit() -> AgencyCode:
    return next(
        unit.code for unit in yen_bai().directory.receiving_units(Walk("x").at) if unit.code != UNIT
    )


BAD = [
    ("message.malformed", ""),
    ("message.too_large", ""),
    ("message.duplicate_key", "id"),
    ("message.text_not_nfc", ""),
    ("message.type_unknown", "dataschema"),
    ("message.schema_invalid", "data.owner"),
    ("signature.missing", ""),
    ("signature.invalid", ""),
    ("sender.mismatch", ""),
    ("procedure.unknown", "data.procedure"),
    ("receiving_unit.refused", "data.area"),
]


@pytest.mark.parametrize(("code", "path"), BAD)
def test_bad_input_gets_a_receipt_with_code_path_and_a_vietnamese_sentence(
    hub: SmallHub, walk: Walk, code: str, path: str
) -> None:
    message = bad(code, hub, walk)

    answer = rejected(hub.take(message))

    assert (answer.data.code, answer.data.path) == (code, path)
    assert any(letter > "\x7f" for letter in answer.data.text_vi)
    assert moved_nothing(hub)
    (kept,) = hub.queries.evidence()
    assert (kept.code, kept.size) == (code, len(message.body))
    assert hub.consumer.acked == [message]


def test_the_receipt_goes_to_who_really_sent_it(hub: SmallHub, walk: Walk) -> None:
    """A forger must not learn, nor an innocent be told, what the forger did."""
    forged = bad("sender.mismatch", hub, walk)

    answer = rejected(hub.take(forged))

    assert answer.recipient == other_unit()


def test_a_message_without_a_broker_account_is_kept_and_not_answered(
    hub: SmallHub, walk: Walk
) -> None:
    answers = hub.take(without(submission(hub, walk), account=None))

    assert answers == []
    assert [line.code for line in hub.queries.evidence()] == ["sender.mismatch"]


def test_a_bad_message_does_not_hold_up_the_good_one_behind_it(hub: SmallHub, walk: Walk) -> None:
    wrong = bad("message.schema_invalid", hub, walk)
    right = submission(hub, walk, sequence=2)

    answers = hub.take(wrong, right)

    assert rejected(answers).data.uses_sequence
    assert len(only(MessageAcceptedV1, answers)) == 1


def test_the_repeat_of_a_refused_message_is_refused_the_same(hub: SmallHub, walk: Walk) -> None:
    wrong = bad("procedure.unknown", hub, walk)
    first = rejected(hub.take(wrong))
    hub.clock.advance(60.0)

    again = rejected(hub.take(wrong))

    assert again == first
    assert len(hub.queries.evidence()) == 1


def test_an_unsigned_message_uses_up_nothing(hub: SmallHub, walk: Walk) -> None:
    """Else anybody could block a lane."""
    good = submission(hub, walk)
    answer = rejected(hub.take(without(good, jws=None)))

    answers = hub.take(good)

    assert not answer.data.uses_sequence
    assert len(only(MessageAcceptedV1, answers)) == 1


def test_a_dossier_code_is_refused_for_a_second_dossier(hub: SmallHub, walk: Walk) -> None:
    hub.take(submission(hub, walk))

    answer = rejected(hub.take(submission(hub, walk, sequence=2)))

    assert (answer.data.code, answer.data.path) == ("dossier.code_reused", "subject")
    assert answer.data.uses_sequence


def test_what_only_an_operator_can_mend_is_kept_and_not_answered(walk: Walk) -> None:
    """No receipt: the sender keeps it and sends it again, until the directory is mended."""
    hub = SmallHub(without_role=Role.LABOUR_OFFICE)
    hub.take(submission(hub, walk))

    answers = hub.take(hub.signed(completed(hub), by=UNIT, sequence=2, walk=walk))

    assert answers == []
    assert [line.code for line in hub.queries.evidence()] == ["competence.none"]
    case = hub.queries.dossier(walk.code)
    assert case is not None
    assert case.steps[0].outcome is None


# --- deliveries and their receipts ------------------------------------------------------------


def handed(hub: SmallHub, walk: Walk) -> StepRequestedV1:
    (step,) = only(StepRequestedV1, hub.take(submission(hub, walk)))
    assert isinstance(step, StepRequestedV1)
    return step


def state_of(hub: SmallHub, delivery: UUID) -> DeliveryState:
    row = hub.queries.handoff(delivery)
    assert row is not None
    return row.state


def imported(hub: SmallHub, step: StepRequestedV1) -> Received:
    data = DeliveryImportedData(delivery=step.id, reference="12/CV", imported_at=hub.clock.now())
    return hub.receipt(DeliveryImportedV1, data, step)


def failed(
    hub: SmallHub, step: StepRequestedV1, kind: FailureKind = FailureKind.TRANSIENT, number: int = 1
) -> Received:
    data = DeliveryFailedData(
        delivery=step.id,
        attempt=number,
        kind=kind,
        code="destination.unavailable",
        failed_at=hub.clock.now(),
    )
    return hub.receipt(DeliveryFailedV1, data, step, number=number)


def test_the_receipt_settles_the_delivery(hub: SmallHub, walk: Walk) -> None:
    step = handed(hub, walk)

    answers = hub.take(imported(hub, step))

    assert answers == []
    row = hub.queries.handoff(step.id)
    assert row is not None
    assert (row.state, row.reference) == (DeliveryState.IMPORTED, "12/CV")


def test_a_second_receipt_changes_nothing(hub: SmallHub, walk: Walk) -> None:
    step = handed(hub, walk)
    receipt = imported(hub, step)

    hub.take(receipt, receipt)

    assert hub.queries.counts().ledger_entries == 2


def test_an_answer_that_overtakes_the_receipt_implies_it(hub: SmallHub, walk: Walk) -> None:
    step = handed(hub, walk)
    done = hub.signed(completed(hub), by=UNIT, sequence=2, walk=walk)

    hub.take(done)
    assert state_of(hub, step.id) is DeliveryState.IMPORTED
    hub.take(imported(hub, step))

    row = hub.queries.handoff(step.id)
    assert row is not None
    assert row.reference == "12/CV"


def test_the_next_delivery_of_a_lane_waits_until_the_one_before_is_settled(
    hub: SmallHub, walk: Walk
) -> None:
    step = handed(hub, walk)
    withdrawn = DossierWithdrawnData(reason="Đổi ý", withdrawn_at=hub.clock.now())

    answers = hub.take(hub.signed(withdrawn, by=UNIT, sequence=2, walk=walk))
    assert [type(a).__name__ for a in answers] == ["MessageAcceptedV1"]
    released = hub.take(imported(hub, step))

    assert [message.type for message in released] == ["step.cancelled"]


def test_a_failed_delivery_comes_again_by_the_schedule_with_the_same_bytes(
    hub: SmallHub, walk: Walk
) -> None:
    step = handed(hub, walk)
    first = hub.publisher.published[-1]
    hub.take(failed(hub, step))
    assert state_of(hub, step.id) is DeliveryState.DUE
    assert not hub.steps.redeliver.step()

    hub.clock.advance(3600.0)
    assert hub.steps.redeliver.step()

    again = hub.publisher.published[-1]
    assert (again.message_id, again.body, again.jws) == (first.message_id, first.body, first.jws)
    assert state_of(hub, step.id) is DeliveryState.SENT


@pytest.mark.parametrize("kind", [FailureKind.PERMANENT, FailureKind.UNKNOWN])
def test_a_failure_that_time_cannot_heal_is_parked_at_once(
    hub: SmallHub, walk: Walk, kind: FailureKind
) -> None:
    step = handed(hub, walk)

    hub.take(failed(hub, step, kind))

    assert state_of(hub, step.id) is DeliveryState.PARKED


def test_a_refused_hand_over_of_a_step_goes_back_as_a_refusal(hub: SmallHub, walk: Walk) -> None:
    step = handed(hub, walk)
    data = DeliveryRefusedData(
        delivery=step.id,
        code="destination.refused",
        reason="Không thuộc thẩm quyền.",
        refused_at=hub.clock.now(),
    )

    answers = hub.take(hub.receipt(DeliveryRefusedV1, data, step))

    case = hub.queries.dossier(walk.code)
    assert case is not None
    assert case.state is CaseState.REJECTED
    assert [message.type for message in answers] == ["dossier.completed"]


def test_an_unanswered_delivery_is_sent_again_only_to_an_agency_heard_of_since(
    hub: SmallHub, walk: Walk
) -> None:
    handed(hub, walk)
    hub.clock.advance(3600.0)
    assert not hub.steps.redeliver.step()
    other = Walk("1.001776")
    other.number = 500
    hub.take(
        hub.signed(
            DossierWithdrawnData(reason="x", withdrawn_at=hub.clock.now()),
            by=UNIT,
            sequence=1,
            walk=other,
        )
    )

    assert hub.steps.redeliver.step()


def test_a_receipt_for_somebody_elses_delivery_is_refused(hub: SmallHub, walk: Walk) -> None:
    step = handed(hub, walk)
    forged = step.model_copy(update={"recipient": other_unit()})

    answer = rejected(hub.take(imported(hub, forged)))

    assert answer.data.path == "data.delivery"
    assert state_of(hub, step.id) is DeliveryState.SENT


def test_a_heartbeat_says_that_the_agency_is_there_and_moves_nothing(hub: SmallHub) -> None:
    beat = compose.agency_message(
        AdapterHeartbeatV1,
        AdapterHeartbeatData(version="1.0", unanswered=0),
        id_=SeededIds(9).new(hub.clock.now()),
        source=UNIT,
        time=hub.clock.now(),
    )

    answers = hub.take(hub.raw(beat, by=UNIT, key=control_key(UNIT)))

    assert answers == []
    assert heard(hub.store) == {UNIT: hub.clock.now()}
    assert moved_nothing(hub)
    assert hub.queries.evidence() == []


# --- crash and storm --------------------------------------------------------------------------


def test_a_broker_that_refuses_costs_a_delay_and_no_message(hub: SmallHub, walk: Walk) -> None:
    hub.publisher.answer = Published.UNKNOWN

    (accepted, step) = hub.take(submission(hub, walk))

    assert isinstance(accepted, MessageAcceptedV1)
    assert state_of(hub, step.id) is DeliveryState.SENT
    row = hub.queries.handoff(step.id)
    assert row is not None
    assert row.next_at is not None


def test_the_ledger_holds_and_folds_to_the_cases(hub: SmallHub, walk: Walk) -> None:
    step = handed(hub, walk)
    hub.take(imported(hub, step))
    taken = StepReceivedData(step=StepId("commune_forward"), round=1, received_at=hub.clock.now())
    hub.take(hub.signed(taken, by=UNIT, sequence=2, walk=walk))
    hub.take(hub.signed(completed(hub), by=UNIT, sequence=3, walk=walk))

    found = verify(hub.queries, Catalogues(hub.store))

    assert found.holds
    assert (found.entries, found.cases) == (4, 1)


def test_overdue_cases_are_told_and_ledgered(hub: SmallHub, walk: Walk) -> None:
    handed(hub, walk)
    hub.clock.advance(timedelta(days=30))

    assert hub.steps.timers.step()

    types = [entry.type for entry in hub.queries.entries_of([walk.code])]
    assert types == ["dossier.submitted", "clock"]
    assert not hub.steps.timers.step()
    assert verify(hub.queries, Catalogues(hub.store)).holds


def test_a_dossier_nobody_knows_is_refused(hub: SmallHub, walk: Walk) -> None:
    message = hub.signed(completed(hub), by=UNIT, sequence=1, walk=walk)

    assert rejected(hub.take(message)).data.code == "dossier.unknown"
    assert hub.queries.dossier(DossierCode(walk.code)) is None
