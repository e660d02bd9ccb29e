"""The contract of `bus.ports.HubTransaction`, sentence by sentence."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC
from threading import Event

import pytest

from bus.errors import UnexpectedFailure
from bus.ids import Partition, StepId
from bus.ports import (
    AttemptEnd,
    AttemptRow,
    DeliveryState,
    HubChanges,
    HubStore,
    LaneKey,
    LedgerHead,
)
from bus.routing.case import Alarm, CaseState, Payment, StepRun, StepState
from bus.routing.chain import GENESIS
from bus.storage.engine import open_engine
from bus.storage.hub import SqlHubStore
from bus.storage.queries import HubQueries
from tests.support.fixtures_storage import PARTITIONS
from tests.support.postgres import fresh_database
from tests.support.rows import (
    A_COMMUNE,
    A_DISTRICT,
    NOW,
    THE_TAX_OFFICE,
    a_case,
    a_content,
    a_document,
    a_handoff,
    an_answer,
    an_entry,
    an_open_step,
    dossier,
    heard,
    minutes,
    new_id,
    partition,
    some_evidence,
    submitted,
)

ALL = [Partition(number) for number in range(PARTITIONS)]


def save(store: HubStore, changes: HubChanges) -> None:
    with store.transaction(ALL) as transaction:
        transaction.save(changes)


# --- a transaction ---------------------------------------------------------------------------


def test_a_fresh_ledger_begins_at_genesis_in_every_partition(hub_store: HubStore) -> None:
    with hub_store.transaction(ALL) as transaction:
        heads = dict(transaction.heads)

    assert heads == {number: LedgerHead(number, 0, GENESIS) for number in ALL}


def test_only_the_heads_asked_for_are_held(hub_store: HubStore) -> None:
    with hub_store.transaction([Partition(2), Partition(0), Partition(2)]) as transaction:
        assert sorted(transaction.heads) == [0, 2]


def test_a_transaction_over_no_partition_keeps_evidence_and_contacts(hub_store: HubStore) -> None:
    """A message whose dossier could not be read belongs to no partition."""
    with hub_store.transaction(()) as transaction:
        transaction.save(HubChanges(evidence=[some_evidence()], heard={A_COMMUNE: NOW}))

    assert heard(hub_store) == {A_COMMUNE: NOW}


def test_another_transaction_over_the_same_partition_waits(hub_store: HubStore) -> None:
    entered = Event()

    def second() -> int:
        with hub_store.transaction([Partition(1), Partition(2)]) as transaction:
            entered.set()
            return transaction.heads[Partition(1)].position

    with ThreadPoolExecutor() as threads:
        with hub_store.transaction([Partition(0), Partition(1)]) as transaction:
            seen_later = threads.submit(second)
            assert not entered.wait(0.3)
            transaction.save(HubChanges(heads=[LedgerHead(Partition(1), 5, "ff" * 32)]))
        assert seen_later.result(timeout=30) == 5


@pytest.mark.database
def test_a_transaction_over_other_partitions_does_not_wait(postgres_url: str) -> None:
    engine = open_engine(fresh_database(postgres_url, "hub"))
    store = SqlHubStore(engine, PARTITIONS)

    def second() -> list[Partition]:
        with store.transaction([Partition(1)]) as transaction:
            return list(transaction.heads)

    with ThreadPoolExecutor() as threads, store.transaction([Partition(0)]):
        assert threads.submit(second).result(timeout=20) == [1]
    engine.dispose()


def test_reads_see_what_the_transaction_began_with(hub_store: HubStore) -> None:
    answer = an_answer()

    with hub_store.transaction(ALL) as transaction:
        transaction.save(HubChanges(inbox=[answer], new_deliveries=[a_handoff()]))
        assert transaction.seen([answer.id]) == {}
        assert list(transaction.unsettled([dossier()])) == []


def test_changes_are_saved_once(hub_store: HubStore) -> None:
    with hub_store.transaction(ALL) as transaction:
        transaction.save(HubChanges())
        with pytest.raises(RuntimeError, match="saves once"):
            transaction.save(HubChanges())


def test_an_exception_in_the_context_writes_nothing(hub_store: HubStore) -> None:
    code = dossier()

    def work() -> None:
        with hub_store.transaction(ALL) as transaction:
            transaction.save(submitted(code, heard={A_COMMUNE: NOW}))
            raise LookupError

    with pytest.raises(LookupError):
        work()

    with hub_store.transaction(ALL) as transaction:
        assert transaction.cases([code]) == {}
        assert transaction.heads[partition(code)].position == 0
    assert heard(hub_store) == {}


def test_a_transaction_that_saves_nothing_changes_nothing(hub_store: HubStore) -> None:
    save(hub_store, submitted(dossier()))

    with hub_store.transaction(ALL) as transaction:
        before = dict(transaction.heads)

    with hub_store.transaction(ALL) as transaction:
        assert dict(transaction.heads) == before


def test_everything_is_there_after_the_context(hub_url: str, hub_store: HubStore) -> None:
    """Read by another connection, so that nothing is only remembered."""
    code = dossier()
    entry, answer, handoff = an_entry(code), an_answer(), a_handoff(code)
    attempt = AttemptRow(handoff.id, 1, NOW, AttemptEnd.FAILED, "legacy.down", "no answer", NOW)
    head = LedgerHead(entry.partition, 1, entry.hash)
    changes = submitted(
        code,
        heads=[head],
        ledger=[entry],
        inbox=[answer],
        lanes={LaneKey(A_COMMUNE, code): 2},
        new_deliveries=[handoff],
        attempts=[attempt],
    )

    save(hub_store, changes)

    engine = open_engine(hub_url)
    other, queries = SqlHubStore(engine, PARTITIONS), HubQueries(engine)
    with other.transaction(ALL) as transaction:
        assert transaction.heads[entry.partition] == head
        assert transaction.seen([answer.id]) == {answer.id: answer}
        assert transaction.lanes([LaneKey(A_COMMUNE, code)]) == {LaneKey(A_COMMUNE, code): 2}
        assert transaction.cases([code]) == {code: a_case(code)}
        assert transaction.deliveries([handoff.id]) == {handoff.id: handoff}
    assert queries.ledger(entry.partition) == [entry]
    assert queries.attempts(handoff.id) == [attempt]
    engine.dispose()


def test_moments_come_back_in_utc_to_the_microsecond(hub_store: HubStore) -> None:
    moment = NOW.replace(microsecond=123_456)
    answer = an_answer(recorded_at=moment)

    save(hub_store, HubChanges(inbox=[answer]))

    with hub_store.transaction(ALL) as transaction:
        (row,) = transaction.seen([answer.id]).values()
    assert (row.recorded_at, row.recorded_at.tzinfo) == (moment, UTC)


def test_of_many_messages_those_answered_before_are_found(hub_store: HubStore) -> None:
    answers = [an_answer() for _ in range(3)]
    save(hub_store, HubChanges(inbox=answers))

    with hub_store.transaction(ALL) as transaction:
        seen = transaction.seen([answers[0].id, answers[2].id, new_id()])

    assert seen == {row.id: row for row in (answers[0], answers[2])}


def test_a_lane_is_told_only_once_it_has_begun(hub_store: HubStore) -> None:
    begun, other = LaneKey(A_COMMUNE, dossier(1)), LaneKey(A_DISTRICT, dossier(1))
    save(hub_store, HubChanges(lanes={begun: 2}))
    save(hub_store, HubChanges(lanes={begun: 3}))

    with hub_store.transaction(ALL) as transaction:
        places = transaction.lanes([begun, other, LaneKey(A_COMMUNE, dossier(2))])

    assert places == {begun: 3}


def test_asking_for_nothing_returns_nothing(hub_store: HubStore) -> None:
    save(hub_store, submitted(dossier(), new_deliveries=[a_handoff()]))

    with hub_store.transaction(ALL) as transaction:
        assert not transaction.seen([])
        assert not transaction.lanes([])
        assert not transaction.cases([])
        assert not transaction.deliveries([])
        assert not transaction.unsettled([])


# --- cases -----------------------------------------------------------------------------------


def test_a_case_comes_back_equal_whatever_happened_to_it(hub_store: HubStore) -> None:
    code = dossier()
    done = an_open_step(
        state=StepState.COMPLETED,
        ended_at=NOW + minutes(5),
        outcome="approved",
        outputs={"amount": 750_000, "granted": True, "note": "đồng ý"},
        documents=(a_document(),),
        alarm=Alarm.WARNED,
    )
    moved = a_case(
        code,
        state=CaseState.AWAITING_PAYMENT,
        steps=(done, StepRun(id=StepId("appraise"), state=StepState.SKIPPED)),
        content=a_content(title="Hồ sơ đã bổ sung"),
        paused_at=NOW + minutes(6),
        payment=Payment("TB-01", 50_000, THE_TAX_OFFICE),
        reason="Chờ nộp lệ phí",
        due_at=None,
    )
    save(hub_store, submitted(code))

    with hub_store.transaction(ALL) as transaction:
        transaction.cases([code])
        transaction.save(HubChanges(cases={code: moved}))

    with hub_store.transaction(ALL) as transaction:
        assert transaction.cases([code]) == {code: moved}


def test_a_case_written_unread_loses_nothing(hub_store: HubStore) -> None:
    code = dossier()
    moved = a_case(code, content=a_content(title="Nội dung mới"), state=CaseState.COMPLETED)
    save(hub_store, submitted(code))

    save(hub_store, HubChanges(cases={code: moved}))

    with hub_store.transaction(ALL) as transaction:
        assert transaction.cases([code]) == {code: moved}


def test_a_moved_case_that_is_not_there_is_an_error(hub_store: HubStore) -> None:
    code = dossier()

    with pytest.raises(UnexpectedFailure, match="were to be updated"):
        save(hub_store, HubChanges(cases={code: a_case(code)}))


def test_text_from_outside_may_hold_a_nul(hub_store: HubStore) -> None:
    """PostgreSQL's text cannot: one such reason must not stop a batch of two hundred."""
    code = dossier()
    case = a_case(code, reason="a\0b")
    handoff = a_handoff(code, error="x\0y", state=DeliveryState.PARKED, next_at=None)

    save(hub_store, submitted(code, cases={code: case}, new_deliveries=[handoff]))

    with hub_store.transaction(ALL) as transaction:
        assert transaction.cases([code]) == {code: case}
        assert transaction.deliveries([handoff.id])[handoff.id].error == "x\ufffdy"


# --- deliveries ------------------------------------------------------------------------------


def test_deliveries_are_found_by_id(hub_store: HubStore) -> None:
    kept, other = a_handoff(reference="HS-1", settled_at=NOW), a_handoff(step=None, round=None)
    save(hub_store, HubChanges(new_deliveries=[kept, other]))

    with hub_store.transaction(ALL) as transaction:
        assert transaction.deliveries([kept.id, new_id()]) == {kept.id: kept}


def test_a_moved_delivery_keeps_its_bytes(hub_store: HubStore) -> None:
    handoff = a_handoff()
    save(hub_store, HubChanges(new_deliveries=[handoff]))
    moved = replace(
        handoff,
        state=DeliveryState.IMPORTED,
        next_at=None,
        failures=2,
        published=3,
        error="legacy.down",
        reference="HS-77",
        settled_at=NOW + minutes(9),
    )

    save(hub_store, HubChanges(deliveries={moved.id: replace(moved, body=b"forged", jws="x")}))

    with hub_store.transaction(ALL) as transaction:
        assert transaction.deliveries([moved.id]) == {moved.id: moved}


def test_a_delivery_made_and_moved_at_once_is_written_as_it_ended(hub_store: HubStore) -> None:
    handoff = a_handoff(state=DeliveryState.DUE)
    ended = replace(handoff, state=DeliveryState.DISCARDED, next_at=None)

    save(hub_store, HubChanges(new_deliveries=[handoff], deliveries={ended.id: ended}))

    with hub_store.transaction(ALL) as transaction:
        assert transaction.deliveries([ended.id]) == {ended.id: ended}


def test_unsettled_deliveries_come_by_lane_order(hub_store: HubStore) -> None:
    code = dossier()
    rows = [
        a_handoff(code, agency=A_COMMUNE, cause=12, part=0, state=DeliveryState.WAITING),
        a_handoff(code, agency=A_DISTRICT, cause=3, part=1, state=DeliveryState.PARKED),
        a_handoff(code, agency=A_COMMUNE, cause=9, part=1, state=DeliveryState.DUE),
        a_handoff(code, agency=A_COMMUNE, cause=9, part=0, state=DeliveryState.SENT),
    ]
    save(hub_store, HubChanges(new_deliveries=rows))

    with hub_store.transaction(ALL) as transaction:
        found = transaction.unsettled([code])

    assert list(found) == [rows[1], rows[3], rows[2], rows[0]]


@pytest.mark.parametrize(
    "final", [DeliveryState.IMPORTED, DeliveryState.REFUSED, DeliveryState.DISCARDED]
)
def test_a_final_delivery_is_never_unsettled(hub_store: HubStore, final: DeliveryState) -> None:
    save(hub_store, HubChanges(new_deliveries=[a_handoff(state=final)]))

    with hub_store.transaction(ALL) as transaction:
        assert list(transaction.unsettled([dossier()])) == []


def test_other_dossiers_deliveries_are_left_out(hub_store: HubStore) -> None:
    mine, other = a_handoff(dossier(1)), a_handoff(dossier(2))
    save(hub_store, HubChanges(new_deliveries=[mine, other]))

    with hub_store.transaction(ALL) as transaction:
        assert list(transaction.unsettled([dossier(1), dossier(3)])) == [mine]
