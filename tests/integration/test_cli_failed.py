"""The commands for failed hand-offs, against a hub's database that real steps filled."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from bus.cli import codes
from bus.crypto.keys import new_key, write_private
from bus.ids import AgencyCode
from bus.ports import DeliveryState
from bus.schemas.directory import KeyAlgorithm
from bus.storage.engine import open_engine, reading
from bus.storage.hub_tables import contact, delivery
from tests.support.fixtures_cli import ACTING, HUB_AGENCY, Bus, change, one_line
from tests.support.walking import MONDAY

GROUP = "0123456789ab"
pytestmark = pytest.mark.usefixtures("hub")


@pytest.fixture(autouse=True)
def _in_march(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rehearsal was in March 2025; so are its operators."""
    days = (date(2025, 3, 20) - datetime.now(UTC).date()).days
    monkeypatch.setenv("BUS_CLOCK__SHIFT_DAYS", str(days))


def park(hub: Path, bus: Bus, count: int = 3, kind: str = "dossier.status") -> list[str]:
    """Park the last hand-offs of one kind to one agency, as if they had failed alike."""
    lines = bus("handoff", "list", "--json", "--limit", "500").data
    fit = [line for line in lines if line["type"] == kind]
    agency = fit[0]["agency"]
    ids = [line["id"] for line in fit if line["agency"] == agency][:count]
    assert len(ids) == count
    for id_ in ids:
        values: dict[str, Any] = {
            "state": DeliveryState.PARKED,
            "settled_at": None,
            "error": "destination.broken",
            "fingerprint": GROUP,
            "parked_at": select(delivery.c.created_at)
            .where(delivery.c.id == UUID(id_))
            .scalar_subquery(),
        }
        change(hub, update(delivery).where(delivery.c.id == UUID(id_)).values(**values))
    return ids


def state_of(hub: Path, id_: str) -> str:
    engine = open_engine(f"sqlite:///{hub.with_name('hub.db')}")
    with reading(engine) as connection:
        query = select(delivery.c.state).where(delivery.c.id == UUID(id_))
        state = connection.execute(query).scalar_one()
    engine.dispose()
    return str(state)


# --- groups -----------------------------------------------------------------------------------


def test_parked_hand_offs_are_shown_as_a_group(hub: Path, bus: Bus) -> None:
    ids = park(hub, bus)

    (group,) = bus("handoff", "groups", "--json").data
    shown = bus("handoff", "groups").out

    assert (group["fingerprint"], group["count"], group["error"]) == (
        GROUP,
        3,
        "destination.broken",
    )
    assert group["sample"] in ids
    assert GROUP in shown
    assert "Ủy ban nhân dân" in shown
    listed = bus("handoff", "list", "--group", GROUP, "--json").data
    assert {line["id"] for line in listed} == set(ids)


def test_where_nothing_is_parked_that_is_said(bus: Bus) -> None:
    said = bus("handoff", "groups")

    assert (said.code, said.out) == (codes.DONE, "")
    assert "No hand-off waits" in said.err


def test_a_dry_run_sends_nothing_and_says_what_would_happen(hub: Path, bus: Bus) -> None:
    ids = park(hub, bus)

    said = bus("handoff", "retry-group", GROUP, *ACTING, "--dry-run")
    data = bus("handoff", "retry-group", GROUP, *ACTING, "--dry-run", "--json").data

    assert said.code == codes.DONE
    assert "would go out" in said.out
    assert (len(data["going"]), data["arrived"], data["unfit"]) == (3, [], [])
    assert {state_of(hub, id_) for id_ in ids} == {"parked"}
    assert bus("handoff", "tasks").err.startswith("Chưa có")


def test_a_dry_run_finds_what_would_fail_todays_schema(hub: Path, bus: Bus) -> None:
    ids = park(hub, bus)
    change(hub, update(delivery).where(delivery.c.id == UUID(ids[0])).values(body=b"{}"))

    said = bus("handoff", "retry-group", GROUP, *ACTING, "--dry-run")

    assert said.code == codes.REFUSED
    assert f"  {ids[0]} " in said.out


def test_a_group_retry_is_staged_listed_stopped_and_resumed(hub: Path, bus: Bus) -> None:
    ids = park(hub, bus)

    staged = bus("handoff", "retry-group", GROUP[:5], *ACTING, "--canary", "2", "--json").data
    task = staged["task"]

    assert (staged["handoffs"], staged["state"]) == (3, "canary")
    assert {state_of(hub, id_) for id_ in ids} == {"parked"}, "the hub lets them go"
    (listed,) = bus("handoff", "tasks", "--json").data
    assert (listed["id"], listed["items"]["waiting"], listed["canary"]) == (task, 3, 2)
    assert "đang thử trước" in bus("handoff", "tasks").out
    assert bus("handoff", "stop", task, *ACTING, "--json").data["state"] == "stopped"
    assert one_line(bus("handoff", "stop", task, *ACTING), "act.refused")
    assert "đã dừng" in bus("handoff", "tasks", task).out
    assert bus("handoff", "resume", task, *ACTING).code == codes.DONE
    assert one_line(bus("handoff", "retry-group", GROUP, *ACTING), "act.refused")
    assert bus("ledger", "verify").code == codes.DONE


@pytest.mark.parametrize("given", ["ffff", "0"])
def test_a_group_that_is_not_there_or_not_named_well_is_not_found(
    hub: Path, bus: Bus, given: str
) -> None:
    park(hub, bus)

    assert one_line(bus("handoff", "retry-group", given, *ACTING), "not_found")


def test_a_task_that_is_not_there_is_not_found(bus: Bus) -> None:
    nobody = "01955e78-0000-7000-8000-000000000000"

    for command in ("stop", "resume"):
        assert one_line(bus("handoff", command, nobody, *ACTING), "not_found")
    assert one_line(bus("handoff", "tasks", nobody), "not_found")


def test_what_is_no_id_is_wrong_usage_said_in_both_languages(bus: Bus) -> None:
    said = bus("handoff", "show", "abc")

    assert said.code == codes.USAGE
    assert "không phải mã" in said.err
    assert "is no id" in said.err


# --- one hand-off -----------------------------------------------------------------------------


def test_a_discarded_hand_off_is_taken_back(hub: Path, bus: Bus) -> None:
    (handoff,) = park(hub, bus, 1)
    bus("handoff", "discard", handoff, *ACTING)

    said = bus("handoff", "restore", handoff, *ACTING, "--out-of-order", "--json")

    assert said.data["state"] == "parked"
    assert bus("handoff", "groups").code == codes.DONE


def test_a_hand_off_made_by_other_means_is_noted_with_its_reference(hub: Path, bus: Bus) -> None:
    (handoff,) = park(hub, bus, 1)

    said = bus("handoff", "resolve", handoff, *ACTING, "--reference", "12/CV")

    assert said.out == f"{handoff} resolved\n"
    assert "12/CV" in bus("handoff", "show", handoff).out
    assert bus("ledger", "verify").code == codes.DONE


def test_a_rerouted_hand_off_goes_elsewhere_under_the_hubs_signature(hub: Path, bus: Bus) -> None:
    (handoff,) = park(hub, bus, 1)
    _, pem = new_key(AgencyCode(HUB_AGENCY), KeyAlgorithm.ES256, MONDAY, 900)
    write_private(hub.with_name("hub.pem"), pem)

    said = bus("handoff", "reroute", handoff, *ACTING, "--to", "H63.141.81", "--json")

    assert (said.data["agency"], said.data["state"]) == ("H63.141.81", "due")
    assert "Phòng Lao động" in said.err
    assert state_of(hub, handoff) == "rerouted"
    assert handoff in bus("handoff", "show", said.data["id"]).out
    assert bus("ledger", "verify").code == codes.DONE


def test_only_signing_needs_the_hubs_key(hub: Path, bus: Bus) -> None:
    """Who looks, or lets something go, need not be able to read it."""
    first, second = park(hub, bus, 2)

    assert bus("handoff", "retry", first, *ACTING).code == codes.DONE
    assert one_line(
        bus("handoff", "reroute", second, *ACTING, "--to", "H63.141.81"), "setting.invalid"
    )
    assert state_of(hub, second) == "parked"


# --- agencies ---------------------------------------------------------------------------------


def test_agencies_are_listed_with_how_their_adapters_stand(hub: Path, bus: Bus) -> None:
    (handoff, *_) = park(hub, bus)
    agency = bus("handoff", "show", handoff, "--json").data["agency"]
    change(
        hub,
        update(contact)
        .where(contact.c.agency == agency)
        .values(failures=9, probing_since=contact.c.heard_at, probe_at=contact.c.heard_at),
    )

    lines = bus("agency", "list", "--json").data
    (failing,) = bus("agency", "list", "--failing", "--json").data

    assert len(lines) > 5
    assert (failing["code"], failing["failures"], failing["parked"]) == (agency, 9, 3)
    assert failing["probing"]
    assert "giao thử từng hồ sơ" in bus("agency", "list", "--failing").out
    assert len(bus("agency", "list", "--silent", "--json").data) == len(lines)


def test_where_no_agency_fails_that_is_said(bus: Bus) -> None:
    said = bus("agency", "list", "--failing")

    assert (said.code, said.out) == (codes.DONE, "")
    assert "drop a condition" in said.err
