"""Whatever is done to a ledger afterwards is found."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bus.errors import LedgerBroken
from bus.ids import AgencyCode, DossierCode, Partition
from bus.routing.chain import GENESIS, Draft, check, effects_text, seal, sha256
from bus.routing.ledger import EntryKind, LedgerEntry, LedgerHead

START: Final = LedgerHead(Partition(3), 0, GENESIS)
TEXTS: Final = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
HASHES: Final = st.integers(0, 2**256 - 1).map(lambda number: f"{number:064x}")
TIMES: Final = st.datetimes(datetime(2018, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001 -- UTC is put on
    lambda moment: moment.replace(tzinfo=UTC)
)
ANY: Final[dict[str, st.SearchStrategy[Any]]] = {
    "partition": st.integers(0, 1023).map(Partition),
    "position": st.integers(0, 10_000),
    "kind": st.sampled_from(EntryKind),
    "id": st.uuids(),
    "dossier": TEXTS.map(DossierCode),
    "agency": TEXTS.map(AgencyCode),
    "type": TEXTS,
    "recorded_at": TIMES,
    "catalogue": st.integers(0, 10_000),
    "body": st.binary(max_size=40),
    "jws": TEXTS,
    "digest": HASHES,
    "effects": TEXTS,
    "previous": HASHES,
    "hash": HASHES,
}


@st.composite
def ledgers(draw: st.DrawFn) -> tuple[list[LedgerEntry], LedgerHead]:
    head, entries = START, []
    for _ in range(draw(st.integers(2, 5))):
        values = {name: draw(ANY[name]) for name in DRAFTED if name not in {"body", "digest"}}
        body = draw(ANY["body"])
        draft = Draft(body=body, digest=sha256(body), **values)
        effects = effects_text(draw(st.lists(st.tuples(st.uuids(), HASHES), max_size=2)))
        entries.append(seal(head, draft, effects))
        head = LedgerHead(head.partition, entries[-1].position, entries[-1].hash)
    return entries, head


DRAFTED: Final = [field.name for field in fields(Draft)]


def holds(entries: Sequence[LedgerEntry], head: LedgerHead) -> bool:
    """As `bus ledger verify` does: every entry from the first, and the end is the head."""
    last = START
    try:
        for entry in entries:
            last = check(last, entry)
    except LedgerBroken:
        return False
    return last == head


def test_every_field_of_an_entry_is_tried() -> None:
    assert set(ANY) == {field.name for field in fields(LedgerEntry)}


@given(ledgers())
def test_a_ledger_as_it_was_written_holds(ledger: tuple[list[LedgerEntry], LedgerHead]) -> None:
    assert holds(*ledger)


@pytest.mark.parametrize("name", sorted(ANY))
@given(ledger=ledgers(), data=st.data())
def test_a_changed_field_is_found(
    name: str, ledger: tuple[list[LedgerEntry], LedgerHead], data: st.DataObject
) -> None:
    entries, head = ledger
    place = data.draw(st.integers(0, len(entries) - 1))
    other = data.draw(ANY[name])
    assume(other != getattr(entries[place], name))

    entries[place] = replace(entries[place], **{name: other})

    assert not holds(entries, head)


@given(ledgers(), st.data())
def test_a_body_changed_together_with_its_digest_is_found(
    ledger: tuple[list[LedgerEntry], LedgerHead], data: st.DataObject
) -> None:
    entries, head = ledger
    place = data.draw(st.integers(0, len(entries) - 1))
    body = data.draw(ANY["body"].filter(lambda body: body != entries[place].body))

    entries[place] = replace(entries[place], body=body, digest=sha256(body))

    assert not holds(entries, head)


@given(ledgers(), st.data())
def test_a_dropped_entry_is_found(
    ledger: tuple[list[LedgerEntry], LedgerHead], data: st.DataObject
) -> None:
    """The last one too: the head remembers it."""
    entries, head = ledger
    del entries[data.draw(st.integers(0, len(entries) - 1))]

    assert not holds(entries, head)


@given(ledgers(), st.data())
def test_another_order_is_found(
    ledger: tuple[list[LedgerEntry], LedgerHead], data: st.DataObject
) -> None:
    entries, head = ledger
    other = data.draw(st.permutations(entries))
    assume(other != entries)

    assert not holds(other, head)


@given(ledgers(), st.data())
def test_an_entry_that_stands_twice_is_found(
    ledger: tuple[list[LedgerEntry], LedgerHead], data: st.DataObject
) -> None:
    entries, head = ledger
    place = data.draw(st.integers(0, len(entries) - 1))

    assert not holds([*entries[: place + 1], *entries[place:]], head)


@given(ledgers(), st.timedeltas(timedelta(hours=-12), timedelta(hours=12)))
def test_the_same_moment_in_another_zone_is_the_same_entry(
    ledger: tuple[list[LedgerEntry], LedgerHead], offset: timedelta
) -> None:
    """PostgreSQL gives moments back in the session's zone."""
    entries, head = ledger
    zone = timezone(offset)

    moved = [replace(one, recorded_at=one.recorded_at.astimezone(zone)) for one in entries]

    assert holds(moved, head)
