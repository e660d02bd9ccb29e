"""From a decision to bytes that the reader on the other side takes."""

import json
from datetime import timedelta

import pytest

from bus.ids import AgencyCode, derived_id
from bus.routing import compose
from bus.routing.effects import HandOver
from bus.schemas.catalogue import DossierEvent, classes, type_name
from bus.schemas.control import AdapterHeartbeatData, AdapterHeartbeatV1
from bus.schemas.envelope import Envelope
from bus.schemas.reader import read_from_agency, read_from_hub
from bus.schemas.receipt import (
    DeliveryImportedData,
    DeliveryImportedV1,
    LedgerMark,
    MessageAcceptedData,
    MessageExpectedData,
    MessageRejectedData,
)
from bus.testing.builders import A_COMMUNE, A_DOSSIER, THE_HUB, a_delivery
from bus.testing.fakes import A_MONDAY_MORNING as NOW
from tests.support.messages import golden

ID = derived_id("message")
DIGEST = "0" * 64
ACCEPTED = MessageAcceptedData(
    message=ID, dossier=A_DOSSIER, ledger=LedgerMark(partition=0, position=1, hash=DIGEST)
)
REJECTED = MessageRejectedData(
    digest=DIGEST,
    code="message.malformed",
    path="",
    text_vi="Sai.",
    text_en="Wrong.",
    uses_sequence=False,
)
EXPECTED = MessageExpectedData(message=ID, dossier=A_DOSSIER, expected="0000000002")


@pytest.mark.parametrize("message", classes(DossierEvent), ids=lambda one: one.__name__)
def test_what_an_agency_says_is_read_as_it_was_meant(message: type[Envelope]) -> None:
    data = read_from_agency(golden(message)).data

    body = compose.dossier_message(
        data, id_=ID, source=A_COMMUNE, subject=A_DOSSIER, sequence=12, time=NOW
    )

    read = read_from_agency(body)
    assert type(read) is message
    assert (read.id, read.source, read.time, read.data) == (ID, A_COMMUNE, NOW, data)
    assert json.loads(body)["sequence"] == "0000000012"
    assert compose.type_of(data) == type_name(message)


def test_a_receipt_of_an_agency_names_the_dossier_and_what_it_answers() -> None:
    data = DeliveryImportedData(delivery=ID, imported_at=NOW)

    body = compose.agency_message(
        DeliveryImportedV1,
        data,
        id_=derived_id("receipt"),
        source=A_COMMUNE,
        time=NOW,
        subject=A_DOSSIER,
        causation=ID,
    )

    read = read_from_agency(body)
    assert isinstance(read, DeliveryImportedV1)
    assert (read.subject, read.causationid, read.data) == (A_DOSSIER, ID, data)


def test_a_heartbeat_is_about_no_dossier() -> None:
    data = AdapterHeartbeatData(version="1.0", unanswered=3)

    body = compose.agency_message(AdapterHeartbeatV1, data, id_=ID, source=A_COMMUNE, time=NOW)

    assert isinstance(read_from_agency(body), AdapterHeartbeatV1)
    assert "subject" not in json.loads(body)


def test_what_the_hub_hands_over_names_its_cause_and_where_it_began() -> None:
    wanted = a_delivery()
    owed = HandOver(wanted.recipient, type(wanted), wanted.data, step=wanted.data.step, round=1)

    body = compose.delivery(
        owed,
        id_=ID,
        hub=THE_HUB,
        dossier=A_DOSSIER,
        submission=derived_id("submission"),
        cause=derived_id("cause"),
        time=NOW,
    )

    read = read_from_hub(body)
    assert read.data == wanted.data
    assert (read.correlationid, read.causationid) == (derived_id("submission"), derived_id("cause"))
    assert compose.name_of(owed.message) == "step.requested"


def receipt(
    data: compose.ReceiptData, recipient: AgencyCode = A_COMMUNE, minutes: int = 0
) -> tuple[object, str, bytes]:
    return compose.receipt(
        data, hub=THE_HUB, recipient=recipient, time=NOW + timedelta(minutes=minutes)
    )


@pytest.mark.parametrize("data", [ACCEPTED, REJECTED, EXPECTED])
def test_the_same_answer_is_the_same_receipt_byte_for_byte(data: compose.ReceiptData) -> None:
    id_, type_, body = receipt(data)

    assert receipt(data) == (id_, type_, body)
    read = read_from_hub(body)
    assert (read.id, read.type, read.data) == (id_, type_, data)


def test_different_answers_have_different_ids() -> None:
    later = EXPECTED.model_copy(update={"expected": "0000000003"})
    answers = [
        receipt(ACCEPTED),
        receipt(REJECTED),
        receipt(REJECTED, AgencyCode("H63.140")),
        receipt(EXPECTED),
        receipt(later),
    ]

    assert len({id_ for id_, _, _ in answers}) == len(answers)


def test_the_ledger_says_when_the_clock_looked() -> None:
    body = compose.clock_body(A_DOSSIER, NOW)

    assert json.loads(body) == {"clock": "2025-03-03T01:30:00+00:00", "dossier": A_DOSSIER}
