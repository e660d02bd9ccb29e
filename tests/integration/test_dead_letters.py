"""What the broker could not deliver ends in the database, with its bytes."""

from bus.schemas.address import DEAD
from bus.workers.dead import CODE, Dead
from tests.support.small_hub import HandFedConsumer, SmallHub, without
from tests.support.walking import commune_unit


def test_a_dead_letter_is_kept_as_evidence_and_acknowledged() -> None:
    hub = SmallHub()
    letter = without(hub.raw(b"nobody took this", by=commune_unit()), queue=DEAD)
    consumer = HandFedConsumer([letter])

    worked = Dead(consumer, hub.store, hub.clock).step()

    assert worked
    assert consumer.acked == [letter]
    (kept,) = hub.queries.evidence()
    assert (kept.code, kept.size) == (CODE, len(letter.body))


def test_an_empty_queue_is_no_work() -> None:
    hub = SmallHub()

    assert not Dead(HandFedConsumer(), hub.store, hub.clock).step()
    assert hub.queries.evidence() == []


def test_the_same_letter_twice_is_kept_once() -> None:
    hub = SmallHub()
    letter = hub.raw(b"nobody took this", by=commune_unit())
    consumer = HandFedConsumer([letter, letter])

    Dead(consumer, hub.store, hub.clock).step()

    assert len(hub.queries.evidence()) == 1
