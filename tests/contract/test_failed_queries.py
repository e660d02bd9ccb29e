"""What operators read of failed hand-offs: groups, samples, backlogs."""

from typing import Any

import pytest
from sqlalchemy import Engine

from bus.ports import AttemptEnd, AttemptRow, DeliveryRow, DeliveryState, HubChanges
from bus.storage.failed import FailedQueries
from bus.storage.hub import SqlHubStore
from tests.support.rows import (
    A_COMMUNE,
    A_DISTRICT,
    NOW,
    a_handoff,
    dossier,
    minutes,
    partition,
    submitted,
)

ONE, TWO = "aaaa00000001", "bbbb00000002"
S = DeliveryState


@pytest.fixture
def failed(hub_engine: Engine) -> FailedQueries:
    return FailedQueries(hub_engine)


def parked(fingerprint: str = ONE, minute: float = 0, **changes: Any) -> DeliveryRow:
    defaults: dict[str, Any] = {
        "state": S.PARKED,
        "next_at": None,
        "fingerprint": fingerprint,
        "parked_at": NOW + minutes(minute),
        "error": "x.broken",
    }
    return a_handoff(**(defaults | changes))


def save(store: SqlHubStore, *rows: DeliveryRow, attempts: tuple[AttemptRow, ...] = ()) -> None:
    with store.transaction({row.partition for row in rows}) as transaction:
        transaction.save(HubChanges(new_deliveries=list(rows), attempts=list(attempts)))


def failure(row: DeliveryRow, detail: str, fingerprint: str = ONE) -> AttemptRow:
    return AttemptRow(
        row.id, 1, NOW, AttemptEnd.FAILED, "x.broken", detail, fingerprint=fingerprint
    )


def test_parked_hand_offs_are_grouped_by_fingerprint_the_largest_first(
    hub_store: SqlHubStore, failed: FailedQueries
) -> None:
    rows = [parked(TWO, 1), parked(ONE, 3), parked(ONE, 9), parked(ONE, 5, alarmed_at=NOW)]
    save(hub_store, *rows, parked(ONE, state=S.DUE), parked(ONE, state=S.DISCARDED))

    large, small = failed.groups()

    assert (large.fingerprint, large.count, large.alarmed) == (ONE, 3, 1)
    assert (large.first_parked_at, large.last_parked_at) == (NOW + minutes(3), NOW + minutes(9))
    assert (large.agency, large.type, large.step, large.error) == (
        A_COMMUNE,
        "step.requested",
        "review",
        "x.broken",
    )
    assert (small.fingerprint, small.count) == (TWO, 1)


def test_a_group_shows_the_last_one_parked_and_what_was_said_about_it(
    hub_store: SqlHubStore, failed: FailedQueries
) -> None:
    first, last = parked(ONE, 3), parked(ONE, 9)
    attempts = (
        failure(first, "an older saying"),
        failure(last, "no answer", TWO),
        failure(last, "permission denied"),
    )
    save(hub_store, first, last, attempts=attempts)

    (group,) = failed.groups()

    assert (group.sample, group.detail) == (last.id, "permission denied")


def test_groups_are_found_by_agency_and_fingerprint(
    hub_store: SqlHubStore, failed: FailedQueries
) -> None:
    save(hub_store, parked(ONE), parked(TWO, agency=A_DISTRICT))

    assert [group.fingerprint for group in failed.groups(agency=A_DISTRICT)] == [TWO]
    assert [group.fingerprint for group in failed.groups(fingerprint=ONE)] == [ONE]
    assert len(failed.groups(limit=1)) == 1
    assert failed.groups(agency=A_COMMUNE, fingerprint=TWO) == []


def test_the_hand_offs_of_a_group_come_first_parked_first(
    hub_store: SqlHubStore, failed: FailedQueries
) -> None:
    rows = [parked(ONE, minute) for minute in (4, 2, 6)]
    save(hub_store, *rows, parked(TWO))

    assert failed.parked(ONE) == [rows[1], rows[0], rows[2]]


def test_a_backlog_counts_what_is_not_settled_by_where_it_stands(
    hub_store: SqlHubStore, failed: FailedQueries
) -> None:
    states = (S.WAITING, S.DUE, S.DUE, S.SENT, S.PARKED, S.IMPORTED, S.RESOLVED, S.REROUTED)
    rows = [a_handoff(state=state, created_at=NOW + minutes(n)) for n, state in enumerate(states)]
    save(hub_store, *rows, a_handoff(state=S.IMPORTED, agency=A_DISTRICT))

    backlogs = failed.backlogs()

    one = backlogs.pop(A_COMMUNE)
    assert backlogs == {}
    assert (one.waiting, one.due, one.sent, one.parked, one.unsettled) == (1, 2, 1, 1, 5)
    assert one.oldest_at == NOW


def test_cases_are_read_many_at_once(hub_store: SqlHubStore, failed: FailedQueries) -> None:
    codes = [dossier(number) for number in (1, 2)]
    for code in codes:
        with hub_store.transaction({partition(code)}) as transaction:
            transaction.save(submitted(code, transaction.heads[partition(code)].position + 1))

    assert sorted(failed.cases([*codes, dossier(3)])) == codes
    assert failed.cases([]) == {}
