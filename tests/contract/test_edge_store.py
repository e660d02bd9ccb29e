"""The contract of `bus.ports.EdgeStore`, sentence by sentence."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import Engine

from bus.errors import UnexpectedFailure
from bus.ids import AgencyCode
from bus.ports import (
    EdgeInboxRow,
    EdgeOutcome,
    EdgeStore,
    LaneKey,
    OutboxRow,
    OutboxState,
)
from bus.storage.edge import OUTBOX
from bus.storage.engine import reading
from tests.support.rows import (
    A_COMMUNE,
    A_DISTRICT,
    NOW,
    SHA,
    THE_TAX_OFFICE,
    a_message,
    dossier,
    minutes,
    new_id,
)

SOON = NOW + minutes(1)
LATER = NOW + minutes(10)


def collect(store: EdgeStore, *rows: OutboxRow) -> None:
    store.collect(rows[0].agency, rows, cursor=None)


def lane_of(number: int, places: int, agency: AgencyCode = A_COMMUNE) -> list[OutboxRow]:
    code = dossier(number)
    return [a_message(place, code, agency=agency) for place in range(1, places + 1)]


def send(store: EdgeStore, rows: Sequence[OutboxRow]) -> None:
    store.sent([row.id for row in rows], at=NOW, next_at={row.id: LATER for row in rows})


def ids(rows: Sequence[OutboxRow]) -> list[UUID]:
    return [row.id for row in rows]


def sendable(
    store: EdgeStore, *, window: int = 100, minute: float = 1, agency: AgencyCode = A_COMMUNE
) -> list[UUID]:
    return ids(store.sendable([agency], now=NOW + minutes(minute), window=window))


def dealt(outcome: EdgeOutcome = EdgeOutcome.IMPORTED, attempts: int = 1) -> EdgeInboxRow:
    return EdgeInboxRow(new_id(), A_COMMUNE, SHA, outcome, attempts, '{"ghi_chú": "xong"}', NOW)


# --- collecting ------------------------------------------------------------------------------


def test_a_source_never_read_has_no_cursor(edge_store: EdgeStore) -> None:
    assert edge_store.cursor(A_COMMUNE) is None


def test_messages_and_cursor_are_stored_together(edge_store: EdgeStore) -> None:
    rows = lane_of(1, 2)

    edge_store.collect(A_COMMUNE, rows, cursor="tệp-0002")

    assert edge_store.cursor(A_COMMUNE) == "tệp-0002"
    assert edge_store.cursor(A_DISTRICT) is None
    assert list(edge_store.sendable([A_COMMUNE], now=SOON, window=10)) == rows


def test_a_cursor_goes_on_where_nothing_was_to_be_told(edge_store: EdgeStore) -> None:
    edge_store.collect(A_COMMUNE, [], cursor="1")

    edge_store.collect(A_COMMUNE, [], cursor="2")

    assert edge_store.cursor(A_COMMUNE) == "2"


def test_without_a_cursor_the_stored_one_stays(edge_store: EdgeStore) -> None:
    edge_store.collect(A_COMMUNE, [], cursor="1")

    collect(edge_store, a_message())

    assert edge_store.cursor(A_COMMUNE) == "1"


def test_changes_in_the_outbox_are_known_by_key(edge_store: EdgeStore) -> None:
    collect(edge_store, a_message(1, key="a"), a_message(2, key="b"))

    assert edge_store.known(A_COMMUNE, ["b", "c"]) == {"b"}
    assert edge_store.known(A_COMMUNE, []) == set()
    assert edge_store.known(A_DISTRICT, ["b"]) == set()


def test_a_lane_begins_at_1_and_advances_with_its_messages(edge_store: EdgeStore) -> None:
    first, other = LaneKey(A_COMMUNE, dossier(1)), LaneKey(A_COMMUNE, dossier(2))

    collect(edge_store, *lane_of(1, 3))

    assert edge_store.next_sequences([first, other]) == {first: 4, other: 1}
    assert edge_store.next_sequences([]) == {}


def test_one_lane_more_does_not_move_the_others(edge_store: EdgeStore) -> None:
    collect(edge_store, *lane_of(1, 2))
    collect(edge_store, a_message(3, dossier(1)), a_message(1, dossier(2)))

    lanes = [LaneKey(A_COMMUNE, dossier(number)) for number in (1, 2)]
    assert list(edge_store.next_sequences(lanes).values()) == [4, 2]


@pytest.mark.parametrize(
    "twice",
    [
        a_message(2, key="same"),
        a_message(1, key="another key for the same place"),
    ],
    ids=["key", "place"],
)
def test_a_change_or_place_used_twice_stores_nothing(
    edge_store: EdgeStore, twice: OutboxRow
) -> None:
    """An edge restored from an old backup is an error for an operator, never a silent drop."""
    collect(edge_store, a_message(1, key="same"))
    new = a_message(1, dossier(9))

    with pytest.raises(UnexpectedFailure):
        edge_store.collect(A_COMMUNE, [new, twice], cursor="9")

    assert edge_store.cursor(A_COMMUNE) is None
    assert edge_store.known(A_COMMUNE, [new.key]) == set()
    assert edge_store.next_sequences([LaneKey(A_COMMUNE, dossier(9))]) == {
        LaneKey(A_COMMUNE, dossier(9)): 1
    }


def test_nobody_collects_in_anothers_name(edge_store: EdgeStore) -> None:
    with pytest.raises(ValueError, match="in the name of"):
        edge_store.collect(A_DISTRICT, [a_message()], cursor=None)


# --- sending ---------------------------------------------------------------------------------


def test_new_messages_are_sendable_by_lane_order_oldest_first(edge_store: EdgeStore) -> None:
    """In the order of writing, even where a clock went back in between."""
    rows = [
        a_message(1, dossier(2), created_at=NOW),
        a_message(1, dossier(1), created_at=NOW - minutes(60)),
        a_message(2, dossier(2), created_at=NOW - minutes(90)),
    ]
    for row in rows:
        collect(edge_store, row)

    assert sendable(edge_store) == ids(rows)


def test_no_agency_is_sent_for_unasked(edge_store: EdgeStore) -> None:
    collect(edge_store, *lane_of(1, 1, A_COMMUNE))
    collect(edge_store, *lane_of(1, 1, A_DISTRICT))

    found = edge_store.sendable([A_DISTRICT, THE_TAX_OFFICE], now=SOON, window=10)

    assert [row.agency for row in found] == [A_DISTRICT]
    assert list(edge_store.sendable([], now=SOON, window=10)) == []


def test_a_sent_message_waits_for_its_moment(edge_store: EdgeStore) -> None:
    (row,) = lane_of(1, 1)
    collect(edge_store, row)

    send(edge_store, [row])

    assert sendable(edge_store, minute=9.9) == []
    (again,) = edge_store.sendable([A_COMMUNE], now=LATER, window=10)
    assert again == replace(row, state=OutboxState.SENT, sent_at=NOW, next_at=LATER, published=1)


def test_each_publication_is_counted(edge_store: EdgeStore) -> None:
    (row,) = lane_of(1, 1)
    collect(edge_store, row)

    send(edge_store, [row])
    send(edge_store, [row])

    (again,) = edge_store.sendable([A_COMMUNE], now=LATER, window=10)
    assert again.published == 2


def test_repeats_and_new_ones_come_in_one_order(edge_store: EdgeStore) -> None:
    rows = lane_of(1, 4)
    collect(edge_store, *rows)
    send(edge_store, [rows[2], rows[1]])

    assert sendable(edge_store, minute=10) == ids(rows)


def test_the_window_bounds_what_is_without_an_answer(edge_store: EdgeStore) -> None:
    rows = lane_of(1, 5)
    collect(edge_store, *rows)
    assert sendable(edge_store, window=3) == ids(rows[:3])

    send(edge_store, rows[:2])

    assert sendable(edge_store, window=3) == ids(rows[2:3])
    assert sendable(edge_store, window=2) == []


def test_repeats_need_no_room_in_the_window(edge_store: EdgeStore) -> None:
    rows = lane_of(1, 4)
    collect(edge_store, *rows)
    send(edge_store, rows[:2])

    assert sendable(edge_store, window=2, minute=10) == ids(rows[:2])


def test_an_answer_makes_room_in_the_window(edge_store: EdgeStore) -> None:
    rows = lane_of(1, 4)
    collect(edge_store, *rows)
    send(edge_store, rows[:2])

    edge_store.answered({rows[0].id: OutboxState.ACCEPTED})

    assert sendable(edge_store, window=2) == ids(rows[2:3])


def test_each_agency_has_a_window_of_its_own(edge_store: EdgeStore) -> None:
    """A node that serves a whole district: one agency's backlog holds up nobody else's."""
    many, few = lane_of(1, 20, A_COMMUNE), lane_of(1, 2, A_DISTRICT)
    collect(edge_store, *many)
    collect(edge_store, *few)
    send(edge_store, many[:3])

    found = edge_store.sendable([A_DISTRICT, A_COMMUNE], now=SOON, window=4)

    assert ids(found) == ids([many[3], *few])


# --- answers ---------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", [OutboxState.ACCEPTED, OutboxState.REJECTED])
def test_an_answered_message_is_never_sent_again(
    edge_store: EdgeStore, verdict: OutboxState
) -> None:
    rows = lane_of(1, 2)
    collect(edge_store, *rows)
    send(edge_store, rows)

    edge_store.answered({row.id: verdict for row in rows})

    assert sendable(edge_store, minute=60) == []
    assert edge_store.unanswered([A_COMMUNE]) == {}


def test_settled_messages_stay_as_they_are(edge_store: EdgeStore, edge_engine: Engine) -> None:
    """A receipt, a confirm or a call for repeats that comes too late changes nothing."""
    (row,) = lane_of(1, 1)
    collect(edge_store, row)
    edge_store.answered({row.id: OutboxState.REJECTED})

    edge_store.answered({row.id: OutboxState.ACCEPTED})
    send(edge_store, [row])
    edge_store.resend_from(LaneKey(A_COMMUNE, row.dossier), 1)

    with reading(edge_engine) as connection:
        (kept,) = OUTBOX.values(connection.execute(OUTBOX.select()).all())
    assert kept == replace(row, state=OutboxState.REJECTED)
    assert sendable(edge_store, minute=60) == []


def test_an_answer_to_something_unknown_changes_nothing(edge_store: EdgeStore) -> None:
    collect(edge_store, *lane_of(1, 1))

    edge_store.answered({new_id(): OutboxState.ACCEPTED})
    edge_store.answered({})

    assert edge_store.unanswered([A_COMMUNE]) == {A_COMMUNE: 1}


def test_only_a_final_verdict_settles(edge_store: EdgeStore) -> None:
    with pytest.raises(ValueError, match="accepted or rejected"):
        edge_store.answered({new_id(): OutboxState.QUEUED})


def test_a_lane_is_sent_again_from_the_place_the_hub_expects(edge_store: EdgeStore) -> None:
    rows, other = lane_of(1, 4), lane_of(2, 1)
    collect(edge_store, *rows)
    collect(edge_store, *other)
    send(edge_store, [*rows[:3], *other])

    edge_store.resend_from(LaneKey(A_COMMUNE, dossier(1)), 2)

    assert sendable(edge_store, window=4) == ids(rows[1:3])


def test_messages_without_a_final_answer_are_counted(edge_store: EdgeStore) -> None:
    rows = lane_of(1, 3)
    collect(edge_store, *rows)
    collect(edge_store, *lane_of(1, 1, A_DISTRICT))
    send(edge_store, rows[:2])
    edge_store.answered({rows[0].id: OutboxState.ACCEPTED})

    assert edge_store.unanswered([A_COMMUNE]) == {A_COMMUNE: 2}
    assert edge_store.unanswered([A_COMMUNE, A_DISTRICT]) == {A_COMMUNE: 2, A_DISTRICT: 1}
    assert edge_store.unanswered([]) == {}


# --- deliveries ------------------------------------------------------------------------------


def test_what_was_dealt_with_is_found(edge_store: EdgeStore) -> None:
    imported, refused = dealt(), dealt(EdgeOutcome.REFUSED)
    edge_store.deal([imported, refused])
    edge_store.deal([])

    found = edge_store.dealt_with([imported.id, refused.id, new_id()])

    assert found == {row.id: row for row in (imported, refused)}
    assert edge_store.dealt_with([]) == {}


def test_a_failed_delivery_may_be_written_again(edge_store: EdgeStore) -> None:
    failed = dealt(EdgeOutcome.FAILED)
    edge_store.deal([failed])
    healed = replace(failed, outcome=EdgeOutcome.IMPORTED, attempts=2, recorded_at=LATER)

    edge_store.deal([healed])

    assert edge_store.dealt_with([failed.id]) == {failed.id: healed}


@pytest.mark.parametrize("outcome", [EdgeOutcome.IMPORTED, EdgeOutcome.REFUSED])
def test_a_final_outcome_is_not_written_over(edge_store: EdgeStore, outcome: EdgeOutcome) -> None:
    """The repeat of a delivery gets the very receipt of the first time."""
    final = dealt(outcome)
    edge_store.deal([final])

    edge_store.deal([replace(final, outcome=EdgeOutcome.FAILED, receipt="{}")])

    assert edge_store.dealt_with([final.id]) == {final.id: final}


# --- any thread ------------------------------------------------------------------------------


def test_several_threads_work_for_several_agencies(edge_store: EdgeStore) -> None:
    agencies = [AgencyCode(f"H63.{number}") for number in range(10, 18)]

    def work(agency: AgencyCode) -> int:
        rows = lane_of(1, 5, agency)
        edge_store.collect(agency, rows, cursor="5")
        send(edge_store, edge_store.sendable([agency], now=SOON, window=3))
        edge_store.answered({row.id: OutboxState.ACCEPTED for row in rows[:2]})
        return edge_store.unanswered([agency])[agency]

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(work, agencies)) == [3] * len(agencies)
