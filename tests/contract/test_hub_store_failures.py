"""The contract of `bus.ports.HubStore` about failed hand-offs: probes, alarms, contacts, order."""

from datetime import datetime
from typing import Any

import pytest

from bus.ports import (
    ContactRow,
    DeliveryRow,
    DeliveryState,
    HeartbeatRow,
    HubChanges,
    HubStore,
    UndeliveredRow,
)
from bus.routing.retry import HEALTHY, Health
from bus.storage.hub import SqlHubStore
from tests.support.rows import (
    A_COMMUNE,
    A_DISTRICT,
    NOW,
    a_case,
    a_handoff,
    an_open_step,
    dossier,
    minutes,
    new_id,
    partition,
)

S = DeliveryState
PROBING = Health(7, NOW, NOW + minutes(5))


def save(store: HubStore, changes: HubChanges) -> None:
    with store.transaction([partition(dossier(number)) for number in range(1, 9)]) as transaction:
        transaction.save(changes)


def probing(
    store: HubStore, *rows: DeliveryRow, heard: datetime = NOW, health: Health = PROBING
) -> None:
    save(
        store,
        HubChanges(new_deliveries=list(rows), heard={A_COMMUNE: heard}, health={A_COMMUNE: health}),
    )


def due(minute: float, number: int = 1, **changes: object) -> DeliveryRow:
    return a_handoff(
        dossier(number), state=S.DUE, next_at=NOW, created_at=NOW + minutes(minute), **changes
    )


# --- probes -----------------------------------------------------------------------------------


def test_nothing_to_an_agency_on_probe_is_due(hub_store: HubStore) -> None:
    sent = a_handoff(sent_at=NOW - minutes(30), next_at=NOW)
    other = due(0, agency=A_DISTRICT)
    probing(hub_store, due(1), sent, other)

    assert list(hub_store.due_deliveries(now=NOW + minutes(60), limit=10)) == [other]


def test_the_oldest_delivery_to_it_is_the_probe_when_its_moment_has_come(
    hub_store: HubStore,
) -> None:
    oldest = due(1)
    probing(hub_store, due(3), oldest, due(2))

    assert list(hub_store.probes(now=NOW + minutes(4))) == []
    assert list(hub_store.probes(now=NOW + minutes(5))) == [oldest]


def test_there_is_no_probe_while_one_is_on_its_way_or_lies_in_a_silent_adapters_queue(
    hub_store: HubStore,
) -> None:
    at = NOW + minutes(10)
    on_its_way = a_handoff(sent_at=NOW + minutes(6), next_at=at + minutes(1))
    probing(hub_store, due(1), on_its_way, heard=NOW + minutes(7))
    assert list(hub_store.probes(now=at)) == []
    assert list(hub_store.probes(now=at + minutes(2))) != []

    silent = a_handoff(sent_at=NOW + minutes(8), next_at=at)
    save(hub_store, HubChanges(new_deliveries=[silent]))
    assert list(hub_store.probes(now=at + minutes(2))) == []


def test_an_unanswered_delivery_is_a_probe_when_its_agency_was_heard_since(
    hub_store: HubStore,
) -> None:
    unanswered = a_handoff(sent_at=NOW, next_at=NOW + minutes(1), created_at=NOW - minutes(9))
    probing(hub_store, due(1), unanswered, heard=NOW + minutes(3))

    assert list(hub_store.probes(now=NOW + minutes(10))) == [unanswered]


def test_an_agency_on_probe_for_which_nothing_is_due_has_no_probe(hub_store: HubStore) -> None:
    probing(hub_store, a_handoff(state=S.PARKED), a_handoff(state=S.WAITING, next_at=None))

    assert list(hub_store.probes(now=NOW + minutes(10))) == []


def test_all_to_the_agencies_named_is_left_out(hub_store: HubStore) -> None:
    one, other = due(1), due(1, agency=A_DISTRICT)
    save(hub_store, HubChanges(new_deliveries=[one, other], heard={A_COMMUNE: NOW}))

    found = hub_store.due_deliveries(now=NOW, limit=10, but=[A_COMMUNE])

    assert list(found) == [other]


# --- contacts ---------------------------------------------------------------------------------


def test_what_an_adapter_says_of_itself_and_how_it_fares_are_kept_apart(
    hub_store: HubStore,
) -> None:
    probing(hub_store)
    beat = HeartbeatRow("1.2 \x00", 5)
    save(hub_store, HubChanges(heard={A_COMMUNE: NOW + minutes(1)}, beats={A_COMMUNE: beat}))

    assert list(hub_store.contacts()) == [
        ContactRow(
            A_COMMUNE,
            NOW + minutes(1),
            7,
            NOW,
            NOW + minutes(5),
            version="1.2 \ufffd",
            unanswered=5,
        )
    ]


@pytest.mark.parametrize("health", [Health(1), PROBING])
def test_an_agency_whose_last_hand_off_failed_is_ailing_until_it_is_well(
    hub_store: HubStore, health: Health
) -> None:
    probing(hub_store, health=health)
    with hub_store.transaction(()) as transaction:
        assert dict(transaction.ailing()) == {A_COMMUNE: health}

    save(hub_store, HubChanges(health={A_COMMUNE: HEALTHY}))

    with hub_store.transaction(()) as transaction:
        assert dict(transaction.ailing()) == {}


# --- alarms -----------------------------------------------------------------------------------


def test_what_is_not_settled_comes_with_the_deadline_it_eats_into(hub_store: HubStore) -> None:
    """The step's own deadline, as far as it has one, else the dossier's."""
    code, other = dossier(1), dossier(2)
    case = a_case(code, steps=(an_open_step(due_at=NOW + minutes(30)),))
    whole = a_case(other, due_at=NOW + minutes(90), steps=(an_open_step(due_at=None),))
    of_step = a_handoff(code, alarm_at=NOW + minutes(1), failures=3)
    of_whole = a_handoff(other, alarm_at=NOW + minutes(2))
    copy = a_handoff(code, step=None, round=None, alarm_at=NOW + minutes(3))
    save(
        hub_store,
        HubChanges(
            cases={code: case, other: whole},
            new_cases={code, other},
            new_deliveries=[of_whole, copy, of_step],
        ),
    )

    found = hub_store.undelivered(now=NOW + minutes(3), limit=10)

    assert list(found) == [
        UndeliveredRow(of_step.id, of_step.partition, NOW, 3, NOW + minutes(30)),
        UndeliveredRow(of_whole.id, of_whole.partition, NOW, 0, NOW + minutes(90)),
        UndeliveredRow(copy.id, copy.partition, NOW, 0, case.due_at),
    ]
    assert len(hub_store.undelivered(now=NOW + minutes(3), limit=1)) == 1
    assert list(hub_store.undelivered(now=NOW, limit=10)) == []


def test_a_delivery_keeps_its_failure_its_alarm_and_what_it_took_the_place_of(
    hub_store: SqlHubStore,
) -> None:
    row = a_handoff(origin=new_id(), alarm_at=NOW)
    save(hub_store, HubChanges(new_deliveries=[row]))
    moved = a_handoff(
        id=row.id,
        origin=row.origin,
        state=S.PARKED,
        fingerprint="0123456789ab",
        parked_at=NOW,
        alarmed_at=NOW,
        alarm_at=None,
    )

    save(hub_store, HubChanges(deliveries={row.id: moved}))

    assert hub_store.handoffs([row.id, new_id()]) == {row.id: moved}
    assert hub_store.handoffs([]) == {}


# --- order ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("later", "overtaken"),
    [
        ({"cause": 2, "published": 1}, 1),
        ({"cause": 1, "part": 1, "published": 3, "state": S.IMPORTED}, 1),
        ({"cause": 2, "published": 0, "state": S.WAITING}, 0),
        ({"cause": 0, "published": 1}, 0),
        ({"cause": 2, "published": 1, "agency": A_DISTRICT}, 0),
    ],
)
def test_a_delivery_is_overtaken_by_later_ones_of_its_lane_that_went_out(
    hub_store: HubStore, later: dict[str, Any], overtaken: int
) -> None:
    row = a_handoff(cause=1, part=0)
    save(hub_store, HubChanges(new_deliveries=[row, a_handoff(**later)]))

    with hub_store.transaction({row.partition}) as transaction:
        assert transaction.overtaken(row) == overtaken
