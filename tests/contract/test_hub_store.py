"""The contract of `bus.ports.HubStore`, sentence by sentence; its transactions are a file apart."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from bus.errors import NotFound
from bus.ids import DossierCode, Partition
from bus.ports import (
    DeliveryRow,
    DeliveryState,
    HubChanges,
    HubStore,
)
from bus.routing.case import CaseState
from bus.routing.deadline import next_alarm
from bus.storage.engine import writing
from bus.storage.hub_tables import catalogue
from tests.support.fixtures_storage import PARTITIONS
from tests.support.rows import (
    A_COMMUNE,
    A_DISTRICT,
    NOW,
    a_case,
    a_handoff,
    dossier,
    dossiers_of,
    heard,
    minutes,
    submitted,
)
from tests.support.small_province import a_province

ALL = [Partition(number) for number in range(PARTITIONS)]


def save(store: HubStore, changes: HubChanges) -> None:
    with store.transaction(ALL) as transaction:
        transaction.save(changes)


def publish(store: HubStore) -> int:
    return store.publish(a_province(), at=NOW, actor="Nguyễn Văn Mẫu", reason="đầu tiên")


def test_many_threads_chain_their_entries_without_a_gap(hub_store: HubStore) -> None:
    codes = dossiers_of(0, 20)

    def submit(code: DossierCode) -> None:
        with hub_store.transaction([Partition(0)]) as transaction:
            transaction.save(submitted(code, transaction.heads[Partition(0)].position + 1))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(submit, codes))

    with hub_store.transaction(ALL) as transaction:
        assert transaction.heads[Partition(0)].position == len(codes)
        assert set(transaction.cases(codes)) == set(codes)


# --- the catalogue ---------------------------------------------------------------------------


def test_no_catalogue_is_version_0(hub_store: HubStore) -> None:
    assert hub_store.catalogue_version() == 0


def test_a_published_catalogue_comes_back_equal(hub_store: HubStore) -> None:
    province = a_province()

    version = publish(hub_store)

    assert (version, hub_store.catalogue_version()) == (1, 1)
    assert hub_store.catalogue(1) == province


def test_each_catalogue_gets_the_next_version(hub_store: HubStore) -> None:
    publish(hub_store)

    assert publish(hub_store) == 2
    assert hub_store.catalogue_version() == 2


def test_of_two_publishing_at_once_the_second_waits_for_its_version(
    hub_store: HubStore, hub_engine: Engine
) -> None:
    body = a_province().model_dump_json()
    row = {"version": 1, "published_at": NOW, "actor": "a", "reason": "r", "body": body}

    with ThreadPoolExecutor() as threads:
        with writing(hub_engine) as connection:
            connection.execute(insert(catalogue).values(row))
            second = threads.submit(publish, hub_store)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.3)
        assert second.result(timeout=30) == 2


def test_a_version_never_published_is_not_found(hub_store: HubStore) -> None:
    with pytest.raises(NotFound, match="version 4 was never published"):
        hub_store.catalogue(4)


# --- what is due -----------------------------------------------------------------------------


def deliver(store: HubStore, *rows: DeliveryRow) -> None:
    save(store, HubChanges(new_deliveries=list(rows), heard={A_COMMUNE: NOW + minutes(1)}))


def test_due_and_sent_deliveries_whose_moment_has_come_are_returned_oldest_first(
    hub_store: HubStore,
) -> None:
    later = a_handoff(next_at=NOW + minutes(5))
    exactly_now = a_handoff(state=DeliveryState.DUE, next_at=NOW + minutes(10))
    sent_exactly_now = a_handoff(next_at=NOW + minutes(10))
    first = a_handoff(state=DeliveryState.DUE, next_at=NOW + minutes(2))
    not_yet = a_handoff(next_at=NOW + minutes(10.1))
    deliver(hub_store, later, exactly_now, sent_exactly_now, first, not_yet)

    due = hub_store.due_deliveries(now=NOW + minutes(10), limit=10)

    assert list(due) == [first, later, exactly_now, sent_exactly_now]


def test_no_more_deliveries_are_returned_than_asked_for(hub_store: HubStore) -> None:
    rows = [a_handoff(next_at=NOW + minutes(number)) for number in (3, 1, 2)]
    deliver(hub_store, *rows)

    assert list(hub_store.due_deliveries(now=NOW + minutes(10), limit=2)) == [rows[1], rows[2]]


@pytest.mark.parametrize(
    "state", [state for state in DeliveryState if state not in {"due", "sent"}]
)
def test_a_delivery_in_another_state_is_not_due(hub_store: HubStore, state: DeliveryState) -> None:
    deliver(hub_store, a_handoff(state=state, next_at=NOW))

    assert list(hub_store.due_deliveries(now=NOW + minutes(10), limit=10)) == []


@pytest.mark.parametrize("heard", [{}, {A_COMMUNE: NOW}, {A_DISTRICT: NOW + minutes(5)}])
def test_a_sent_delivery_is_not_due_while_its_agency_was_not_heard_since(
    hub_store: HubStore, heard: dict[Any, Any]
) -> None:
    """The first copy lies in its queue; a hundred more would drown its return."""
    handoff = a_handoff(sent_at=NOW)
    save(hub_store, HubChanges(new_deliveries=[handoff], heard=heard))
    assert list(hub_store.due_deliveries(now=NOW + minutes(60), limit=10)) == []

    save(hub_store, HubChanges(heard={A_COMMUNE: NOW + minutes(30)}))

    assert list(hub_store.due_deliveries(now=NOW + minutes(60), limit=10)) == [handoff]


def test_a_due_delivery_is_due_even_to_a_silent_agency(hub_store: HubStore) -> None:
    handoff = a_handoff(state=DeliveryState.DUE, sent_at=None, next_at=NOW)

    save(hub_store, HubChanges(new_deliveries=[handoff]))

    assert list(hub_store.due_deliveries(now=NOW, limit=10)) == [handoff]


def test_cases_wake_when_their_next_warning_is_due_oldest_first(hub_store: HubStore) -> None:
    early, late, ended = dossier(1), dossier(2), dossier(3)
    cases = {
        late: a_case(late, due_at=NOW + timedelta(days=30), steps=()),
        early: a_case(early, due_at=NOW + timedelta(days=10), steps=()),
        ended: a_case(ended, state=CaseState.COMPLETED, steps=(), due_at=None),
    }
    save(hub_store, HubChanges(cases=cases, new_cases=set(cases)))
    wakes = next_alarm(cases[early])
    assert wakes is not None

    a_year = NOW + timedelta(days=365)
    assert hub_store.due_cases(now=wakes, limit=10) == [early]
    assert hub_store.due_cases(now=wakes - minutes(1), limit=10) == []
    assert hub_store.due_cases(now=a_year, limit=10) == [early, late]
    assert hub_store.due_cases(now=a_year, limit=1) == [early]


def test_a_case_that_was_told_its_warnings_sleeps(hub_store: HubStore) -> None:
    code = dossier()
    save(hub_store, submitted(code))
    told = a_case(code, due_at=None, steps=())

    save(hub_store, HubChanges(cases={code: told}))

    assert hub_store.due_cases(now=NOW + timedelta(days=365), limit=10) == []


def test_an_agency_is_known_by_when_it_was_last_heard(hub_store: HubStore) -> None:
    """A clock that went back, or a slower transaction, does not make an agency silent."""
    save(hub_store, HubChanges(heard={A_COMMUNE: NOW, A_DISTRICT: NOW}))
    save(hub_store, HubChanges(heard={A_COMMUNE: NOW + minutes(2)}))

    save(hub_store, HubChanges(heard={A_COMMUNE: NOW + minutes(1)}))

    assert heard(hub_store) == {A_COMMUNE: NOW + minutes(2), A_DISTRICT: NOW}
