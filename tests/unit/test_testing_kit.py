"""The shipped builders and fakes: what they make is valid, and the same each time."""

from datetime import timedelta
from uuid import UUID

import pytest

from bus.ports import Change
from bus.schemas.catalogue import DossierEvent, classes
from bus.schemas.control import AdapterHeartbeatData
from bus.schemas.envelope import Envelope
from bus.schemas.reader import read_from_agency, read_from_hub
from bus.testing import builders
from bus.testing.fakes import A_MONDAY_MORNING, ManualClock, ScriptedSource, SeededIds

DELIVERY = UUID("01956000-0000-7000-8000-000000000001")


class ReversingSigner:
    """Signs by turning the body round: enough to see what was signed."""

    def sign(self, body: bytes) -> str:
        return body[::-1].hex()


@pytest.mark.parametrize(
    "message",
    [
        builders.a_submission(facts={"khan_cap": True}),
        builders.a_step_received(),
        builders.a_step_completed(outputs={"diem": 8}),
        builders.a_step_rejected(),
        builders.a_withdrawal(),
        builders.an_imported_receipt(DELIVERY),
    ],
    ids=lambda message: str(message.type),
)
def test_what_an_agency_says_is_read_back_from_its_bytes(message: Envelope) -> None:
    assert read_from_agency(builders.body_of(message)) == message


def test_what_the_hub_hands_over_is_read_back_from_its_bytes() -> None:
    message = builders.a_delivery(task="Thẩm định hồ sơ")

    assert read_from_hub(builders.body_of(message)) == message


def test_the_same_message_is_built_each_time_and_another_one_has_another_id() -> None:
    first = builders.a_submission()

    assert builders.a_submission() == first
    assert builders.a_submission(sequence=2).id != first.id
    assert builders.a_submission(title="Trích yếu khác").id != first.id


def test_the_signature_is_over_the_very_bytes() -> None:
    body, jws = builders.signed(builders.a_submission(), ReversingSigner())

    assert bytes.fromhex(jws)[::-1] == body


def test_a_change_becomes_the_message_it_is_the_content_of() -> None:
    told = builders.a_step_completed(sequence=3)
    change = ScriptedSource().happen(told.subject, told.data)

    message = builders.message_of(change, sequence=3)

    assert message == told
    assert type(message) in classes(DossierEvent)


def test_a_change_that_is_no_dossier_event_is_refused() -> None:
    beat = AdapterHeartbeatData(version="1", unanswered=0)

    with pytest.raises(TypeError, match="AdapterHeartbeatData"):
        builders.message_of(Change("key", builders.A_DOSSIER, beat, "1"))


def test_a_manual_clock_stands_until_it_is_told() -> None:
    clock = ManualClock()
    assert clock.now() == clock.now() == A_MONDAY_MORNING

    clock.advance(90)
    clock.advance(timedelta(minutes=1))

    assert clock.now() == A_MONDAY_MORNING + timedelta(seconds=150)
    clock.set(A_MONDAY_MORNING)
    assert clock.now() == A_MONDAY_MORNING


def test_seeded_ids_repeat_with_the_seed_and_never_within_a_run() -> None:
    def ids(seed: int) -> list[UUID]:
        source = SeededIds(seed)
        return [source.new(A_MONDAY_MORNING) for _ in range(50)]

    assert ids(1) == ids(1)
    assert ids(1) != ids(2)
    assert len(set(ids(1))) == 50
    assert {x.version for x in ids(1)} == {7}
