"""The ledger's chain: how an entry is sealed, and what a check finds."""

import hashlib
import json
from dataclasses import fields, replace

import pytest

from bus.errors import LedgerBroken
from bus.ids import Partition
from bus.routing.chain import FIELDS, GENESIS, UNSEALED, check, effects_text, sha256
from bus.routing.ledger import LedgerEntry, LedgerHead
from bus.testing.builders import a_dossier, a_submission, a_withdrawal
from bus.testing.fakes import A_MONDAY_MORNING as NOW
from tests.support.book import Book

START = LedgerHead(Partition(0), 0, GENESIS)


@pytest.fixture
def entries() -> list[LedgerEntry]:
    book = Book()
    book.write(a_submission(), (), NOW)
    book.write(a_withdrawal(), (), NOW)
    return book.entries


def test_an_entry_follows_from_the_one_before_it(entries: list[LedgerEntry]) -> None:
    first, second = entries

    assert (first.position, first.previous) == (1, GENESIS)
    assert (second.position, second.previous) == (2, first.hash)
    assert check(check(START, first), second) == LedgerHead(Partition(0), 2, second.hash)


def test_the_hash_is_what_any_language_computes(entries: list[LedgerEntry]) -> None:
    """SHA-256 over a JSON array of the fields in their documented order."""
    (entry, _) = entries
    told = {
        "previous": entry.previous,
        "partition": 0,
        "position": 1,
        "kind": "message",
        "id": str(entry.id),
        "dossier": entry.dossier,
        "agency": entry.agency,
        "type": "dossier.submitted",
        "recorded_at": "2025-03-03T01:30:00.000000+00:00",
        "catalogue": 1,
        "digest": sha256(entry.body),
        "jws": entry.jws,
        "effects": "[]",
    }

    text = json.dumps([told[name] for name in FIELDS], ensure_ascii=False, separators=(",", ":"))

    assert entry.hash == hashlib.sha256(text.encode()).hexdigest()


def test_no_field_of_an_entry_is_left_unsealed() -> None:
    assert set() == UNSEALED
    assert {*FIELDS, "body", "hash"} == {field.name for field in fields(LedgerEntry)}


def test_effects_are_written_as_pairs_of_id_and_digest(entries: list[LedgerEntry]) -> None:
    ids = [entry.id for entry in entries]

    text = effects_text((id_, "00ff") for id_ in ids)

    assert text == f'[["{ids[0]}","00ff"],["{ids[1]}","00ff"]]'


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"position": 7}, "an entry is missing, position 1 was expected"),
        ({"previous": "f" * 64}, "does not follow from the entry before it"),
        ({"body": b"{}"}, "the body is not the one that was recorded"),
        ({"dossier": a_dossier(9)}, "a field is not the one that was recorded"),
    ],
)
def test_a_check_says_where_and_what_does_not_hold(
    entries: list[LedgerEntry], change: dict[str, object], said: str
) -> None:
    changed = replace(entries[0], **change)  # type: ignore[arg-type]

    with pytest.raises(LedgerBroken, match=said) as broken:
        check(START, changed)

    assert f"partition 0 position {changed.position}" in str(broken.value)
