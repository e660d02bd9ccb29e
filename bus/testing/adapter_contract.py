# ruff: noqa: S101 -- a contract suite asserts; it is run by pytest and by nothing else
"""The contract of `bus.ports.Source` and `bus.ports.Sink` as tests: one for each sentence.

An adapter is done when it passes. Derive a class from a suite below, name it `Test…`, and give it
a fixture `world`: the legacy system as the test needs to hold it. Example:

    class TestTheRegister(SourceContract):
        @pytest.fixture
        def world(self, tmp_path: Path) -> SourceWorld:
            return RegisterWorld(tmp_path)

"One thread at a time uses a source (a sink)" is what the bus promises; nothing tests it here.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

import pytest

from bus.errors import DestinationRefused, DestinationUnavailable, SourceUnavailable
from bus.ids import DossierCode
from bus.ports import Change, Sink, Source
from bus.schemas.catalogue import DossierEvent, classes
from bus.schemas.envelope import Envelope
from bus.testing.builders import a_delivery, a_dossier
from bus.testing.fakes import SeededIds


def _content_of(message: type[Envelope]) -> object:
    data = message.model_fields["data"]
    return data.annotation


_CONTENTS = frozenset(_content_of(message) for message in classes(DossierEvent))


class SourceWorld(Protocol):
    """A legacy system in which things happen, as the suite holds it."""

    def happen(self, *dossiers: DossierCode) -> None:
        """Let one thing happen to each dossier, in this order, and be ready to be read."""
        ...

    def source(self) -> Source:
        """Return a new source over the same system, as after a restart of the adapter."""
        ...

    def go_down(self) -> None:
        """Let the system give no answer."""
        ...

    def come_back(self) -> None:
        """Let the system answer again; nothing was lost."""
        ...


class SinkWorld(Protocol):
    """A legacy system that takes deliveries, as the suite holds it."""

    def sink(self) -> Sink:
        """Return a new sink over the same system, as after a restart of the adapter."""
        ...

    def holds(self) -> Mapping[UUID, object]:
        """Return what the system has, by delivery id; equal contents compare equal."""
        ...

    def go_down(self) -> None:
        """Let the system give no answer."""
        ...

    def come_back(self) -> None:
        """Let the system answer again."""
        ...


class RefusingSinkWorld(SinkWorld, Protocol):
    """A legacy system that may say no."""

    def refuse(self) -> None:
        """Let the system say no to the next delivery."""
        ...


DOSSIERS = tuple(a_dossier(number) for number in range(1, 6))


class SourceContract:
    """What every source must do."""

    def test_changes_come_oldest_first_and_none_is_left_out(self, world: SourceWorld) -> None:
        """Contract: Return the oldest changes after the cursor, in order, none left out."""
        world.happen(*DOSSIERS)

        assert _dossiers(_drain(world.source(), limit=2)) == list(DOSSIERS)

    def test_never_more_than_the_limit_at_once(self, world: SourceWorld) -> None:
        """Contract: up to `limit` changes."""
        world.happen(*DOSSIERS)

        assert _dossiers(world.source().changes(after=None, limit=3)) == list(DOSSIERS[:3])

    def test_the_same_cursor_gives_the_same_changes_until_they_are_taken(
        self, world: SourceWorld
    ) -> None:
        """Contract: the same cursor gives the same changes first, until they are taken."""
        world.happen(*DOSSIERS)
        source = world.source()
        first = source.changes(after=None, limit=3)

        assert list(source.changes(after=None, limit=3)) == list(first)

    def test_a_crash_before_the_cursor_is_stored_only_repeats_work(
        self, world: SourceWorld
    ) -> None:
        """Contract: So a crash before the cursor is stored only repeats work."""
        world.happen(*DOSSIERS)
        before = world.source().changes(after=None, limit=3)

        assert list(world.source().changes(after=None, limit=3)) == list(before)

    def test_a_restart_leaves_out_nothing_that_was_not_taken(self, world: SourceWorld) -> None:
        """Contract: a source need not keep any state; what the bus keeps is enough."""
        world.happen(*DOSSIERS)
        source = world.source()
        first = source.changes(after=None, limit=2)
        source.taken(first)
        known = {change.key for change in first}

        again = _drain(world.source(), limit=5, after=first[-1].cursor)

        assert _dossiers([x for x in again if x.key not in known]) == list(DOSSIERS[2:])

    def test_a_key_names_one_change_for_ever(self, world: SourceWorld) -> None:
        """Contract: key names it for ever (the same change read again has the same key)."""
        world.happen(*DOSSIERS)

        keys = [change.key for change in world.source().changes(after=None, limit=5)]

        assert len(set(keys)) == len(DOSSIERS)
        assert [change.key for change in world.source().changes(after=None, limit=5)] == keys

    def test_every_change_is_something_an_agency_may_say(self, world: SourceWorld) -> None:
        """Contract: data is the content of one of the messages an agency sends about a dossier."""
        world.happen(*DOSSIERS)

        changes = world.source().changes(after=None, limit=5)

        assert {type(change.data) for change in changes} <= _CONTENTS

    def test_what_is_taken_is_not_given_again(self, world: SourceWorld) -> None:
        """Contract: Learn that the bus has these for good."""
        world.happen(*DOSSIERS)
        source = world.source()
        first = source.changes(after=None, limit=5)

        source.taken(first)

        assert list(source.changes(after=first[-1].cursor, limit=5)) == []

    def test_being_told_twice_changes_nothing(self, world: SourceWorld) -> None:
        """Contract: May be told twice."""
        world.happen(*DOSSIERS)
        source = world.source()
        first = source.changes(after=None, limit=2)

        source.taken(first)
        source.taken(first)

        rest = _drain(source, limit=5, after=first[-1].cursor)
        assert _dossiers(rest) == list(DOSSIERS[2:])

    def test_no_answer_is_said_and_heals(self, world: SourceWorld) -> None:
        """Contract: Raises SourceUnavailable: the system gave no answer; ask again later."""
        world.happen(*DOSSIERS)
        source = world.source()

        world.go_down()
        with pytest.raises(SourceUnavailable):
            source.changes(after=None, limit=5)
        world.come_back()

        assert _dossiers(_drain(source, limit=5)) == list(DOSSIERS)


class SinkContract:
    """What every sink must do."""

    def test_what_is_delivered_is_there(self, world: SinkWorld) -> None:
        """Contract: Hand over one message."""
        delivery = _ids(1)[0]

        world.sink().deliver(a_delivery(), delivery=delivery)

        assert list(world.holds()) == [delivery]

    def test_a_repeat_is_answered_like_the_first_time(self, world: SinkWorld) -> None:
        """Contract: A delivery id seen before is answered like the first time."""
        sink, (delivery,) = world.sink(), _ids(1)
        first = sink.deliver(a_delivery(), delivery=delivery)

        assert sink.deliver(a_delivery(), delivery=delivery) == first

    def test_a_repeat_changes_nothing(self, world: SinkWorld) -> None:
        """Contract: and changes nothing; not even where the message would be another."""
        sink, (delivery,) = world.sink(), _ids(1)
        sink.deliver(a_delivery(), delivery=delivery)
        before = dict(world.holds())

        sink.deliver(a_delivery(round=2), delivery=delivery)

        assert world.holds() == before

    def test_a_repeat_after_a_restart_changes_nothing(self, world: SinkWorld) -> None:
        """The edge may die between the delivery and its own inbox row."""
        (delivery,) = _ids(1)
        first = world.sink().deliver(a_delivery(), delivery=delivery)
        before = dict(world.holds())

        assert world.sink().deliver(a_delivery(), delivery=delivery) == first
        assert world.holds() == before

    def test_two_deliveries_with_the_same_content_are_two(self, world: SinkWorld) -> None:
        """Only the id says whether something was seen before."""
        sink, ids = world.sink(), _ids(2)

        for delivery in ids:
            sink.deliver(a_delivery(), delivery=delivery)

        assert set(world.holds()) == set(ids)

    def test_no_answer_leaves_nothing_and_heals(self, world: SinkWorld) -> None:
        """Contract: Raises DestinationUnavailable: no answer; the bus tries again."""
        sink, (delivery,) = world.sink(), _ids(1)

        world.go_down()
        with pytest.raises(DestinationUnavailable):
            sink.deliver(a_delivery(), delivery=delivery)
        world.come_back()
        assert dict(world.holds()) == {}

        sink.deliver(a_delivery(), delivery=delivery)
        assert list(world.holds()) == [delivery]


class RefusingSinkContract(SinkContract):
    """What a sink must do whose system may say no."""

    def test_a_refusal_is_said_and_leaves_nothing(self, world: RefusingSinkWorld) -> None:
        """Contract: Raises DestinationRefused: the system said no; the bus does not try again."""
        world.refuse()

        with pytest.raises(DestinationRefused):
            world.sink().deliver(a_delivery(), delivery=_ids(1)[0])

        assert dict(world.holds()) == {}


def _drain(source: Source, *, limit: int, after: str | None = None) -> list[Change]:
    """Read to the end as the bus does: take, store the cursor, tell the source."""
    read: list[Change] = []
    while batch := source.changes(after=after, limit=limit):
        read.extend(batch)
        after = batch[-1].cursor
        source.taken(batch)
    return read


def _dossiers(changes: Sequence[Change]) -> list[DossierCode]:
    return [change.dossier for change in changes]


def _ids(count: int) -> list[UUID]:
    ids, at = SeededIds(7), a_delivery().time
    return [ids.new(at) for _ in range(count)]
