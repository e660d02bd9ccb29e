"""What the broker could not deliver ends in the database, with its bytes."""

import pytest

from bus.errors import StorageUnavailable
from bus.schemas.address import DEAD
from bus.storage.engine import open_engine
from bus.storage.hub import SqlHubStore
from bus.workers.dead import CODE, Dead
from tests.support.small_hub import PARTITIONS, HandFedConsumer, SmallHub, without
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


def test_a_dead_letter_comes_again_where_it_could_not_be_kept() -> None:
    hub = SmallHub()
    letter = hub.raw(b"nobody took this", by=commune_unit())
    consumer = HandFedConsumer([letter])
    gone = SqlHubStore(open_engine("sqlite:////nonexistent/hub.db"), PARTITIONS)

    with pytest.raises(StorageUnavailable):
        Dead(consumer, gone, hub.clock).step()

    assert (consumer.acked, consumer.waiting) == ([], [letter])


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
