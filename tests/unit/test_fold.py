"""From the ledger back to the case, and what a ledger that was tampered with is told to be."""

from dataclasses import replace
from typing import Any

import pytest

from bus.errors import LedgerBroken, NotFound
from bus.ids import DossierCode, derived_id
from bus.routing import acts
from bus.routing.acts import Act, ActKind
from bus.routing.case import Case
from bus.routing.fold import fold
from bus.routing.ledger import LedgerEntry
from bus.routing.machine import StepRefused
from bus.routing.province import Catalogue
from bus.schemas.receipt import (
    DeliveryFailedData,
    DeliveryFailedV1,
    DeliveryImportedData,
    DeliveryImportedV1,
    FailureKind,
)
from bus.schemas.step import StepReceivedData
from bus.testing.builders import envelope
from tests.support.book import HUB
from tests.support.kept import Kept
from tests.support.walking import Walk, a_dossier, yen_bai


def refusal(walk: Kept, step: str, round_: int = 1) -> StepRefused:
    run = walk.run(step)
    return StepRefused(run.agency or walk.unit, run.id, round_, "Không nhận.")


def version(number: int) -> Catalogue:
    assert number == 1
    return yen_bai()


def folded(entries: list[LedgerEntry]) -> Case | None:
    return fold(entries, version)


@pytest.fixture
def walk() -> Kept:
    walk = Kept("2.000286")
    walk.submit()
    return walk


def test_no_entries_are_no_case() -> None:
    assert folded([]) is None


def test_the_entries_of_a_dossier_amount_to_its_case(walk: Kept) -> None:
    walk.receive("commune_review").ask_more("commune_review").later(days=1).supplement()
    walk.complete("commune_review").later(days=30).strike().withdraw()

    assert folded(walk.entries) == walk.case


def test_a_refused_hand_over_is_folded_as_the_refusal_of_its_step(walk: Kept) -> None:
    walk.take(refusal(walk, "commune_review"))

    assert folded(walk.entries) == walk.case


def test_a_refusal_that_came_too_late_moves_nothing_here_too(walk: Kept) -> None:
    """The hub took the receipt and let the case be."""
    late = refusal(walk, "commune_review")
    walk.complete("commune_review")

    walk.book.note(late, (), dossier=walk.code, at=walk.at)

    assert folded(walk.entries) == walk.case


def test_a_refused_notice_moves_nothing(walk: Kept) -> None:
    walk.ask_more("commune_review")
    (notice,) = (id_ for id_, owed in walk.book.handed.items() if owed in walk.owed)
    refused = walk.book.refusal(refusal(walk, "commune_review"), walk.code, walk.at, notice)

    walk.book.write(refused, (), walk.at)

    assert folded(walk.entries) == walk.case


def test_receipts_and_acts_of_operators_move_no_case(walk: Kept) -> None:
    (step,) = walk.book.handed
    done = DeliveryImportedData(delivery=step, imported_at=walk.at)
    failed = DeliveryFailedData(
        delivery=step, attempt=1, kind=FailureKind.TRANSIENT, code="x", failed_at=walk.at
    )
    said: dict[str, Any] = {"source": walk.unit, "at": walk.at, "subject": walk.code}
    walk.book.write(envelope(DeliveryFailedV1, failed, **said), (), walk.at)
    walk.book.write(envelope(DeliveryImportedV1, done, **said), (), walk.at)
    walk.book.act(walk.code, walk.at)

    assert folded(walk.entries) == walk.case


# --- tampered with ----------------------------------------------------------------------------


def broken(entries: list[LedgerEntry]) -> str:
    with pytest.raises(LedgerBroken) as found:
        folded(entries)
    assert found.value.facts["dossier"] == DossierCode(Walk("").code)
    return str(found.value)


def test_an_entry_that_hides_what_followed_is_found(walk: Kept) -> None:
    (entry,) = walk.entries

    said = broken([replace(entry, effects="[]")])

    assert said == "partition 0 position 1: 0 hand-offs are recorded, 1 follow from it"


@pytest.mark.parametrize("change", [{"body": b"{"}, {"effects": "?"}, {"effects": '[["x","y"]]'}])
def test_an_entry_that_cannot_be_read_is_found_without_quoting_it(
    walk: Kept, change: dict[str, object]
) -> None:
    (entry,) = walk.entries

    said = broken([replace(entry, **change)])  # type: ignore[arg-type]

    assert said == "partition 0 position 1: it cannot be read"


def test_an_entry_the_case_does_not_allow_is_found(walk: Kept) -> None:
    """The first entry of the dossier is missing."""
    walk.complete("commune_review")

    assert "no dossier with this code was submitted" in broken(walk.entries[1:])


def test_a_refusal_of_what_was_never_handed_over_is_found(walk: Kept) -> None:
    never = walk.book.refusal(
        refusal(walk, "commune_review"), walk.code, walk.at, derived_id("never")
    )
    walk.book.write(never, (), walk.at)

    assert "follows from no entry before it" in broken(walk.entries)


def test_an_entry_under_a_catalogue_nobody_published_is_found(walk: Kept) -> None:
    def unpublished(number: int) -> Catalogue:
        raise NotFound(f"catalogue version {number} was never published")

    with pytest.raises(LedgerBroken, match="never published"):
        fold(walk.entries, unpublished)


def test_an_answer_under_another_dossiers_code_is_found(walk: Kept) -> None:
    run = walk.run("commune_review")
    data = StepReceivedData(step=run.id, round=7, received_at=walk.at)
    event = walk.event(data, by=run.agency or HUB)

    walk.book.write(event, (), walk.at)

    assert "in round 7 is not allowed" in broken(walk.entries)


def test_a_second_submission_under_the_same_code_is_found(walk: Kept) -> None:
    walk.book.write(
        walk.event(a_dossier(walk.procedure, {}, walk.at), by=walk.unit), walk.owed, walk.at
    )

    assert "was submitted before" in broken(walk.entries)


def test_an_act_that_places_a_dossier_nowhere_is_a_broken_ledger(walk: Kept) -> None:
    walk.book.act(walk.code, walk.at)
    *before, act = walk.entries
    nowhere = acts.dump(Act(ActKind.PLACE, "lan", "Chia xã"))

    with pytest.raises(LedgerBroken, match="places a dossier nowhere"):
        folded([*before, replace(act, body=nowhere)])
