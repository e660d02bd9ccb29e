"""What operators hear of: hand-offs that eat up a deadline, adapters that fall silent."""

from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bus.ports import DeliveryRow, DeliveryState, HubChanges
from bus.routing import compose
from bus.schemas.address import control_key
from bus.schemas.control import AdapterHeartbeatData, AdapterHeartbeatV1
from bus.schemas.receipt import DeliveryImportedData, DeliveryImportedV1
from bus.schemas.step import StepRequestedV1
from bus.testing.fakes import SeededIds
from tests.support.small_hub import SmallHub
from tests.support.walking import Walk, a_dossier, commune_unit

UNIT = commune_unit()


class Watched:
    """A hub that handed over one step of two working days, and what it says about it."""

    def __init__(self) -> None:
        self.hub = SmallHub()
        walk = Walk("1.001731")
        data = a_dossier(walk.procedure, {}, walk.at)
        sent = self.hub.take(self.hub.signed(data, by=UNIT, sequence=1, walk=walk))
        (self.step,) = (one for one in sent if isinstance(one, StepRequestedV1))

    @property
    def row(self) -> DeliveryRow:
        row = self.hub.queries.handoff(self.step.id)
        assert row is not None
        return row

    def watch(self, **later: float) -> list[dict[str, object]]:
        """Let time pass, looking all the while; return the log."""
        with capture_logs() as lines:
            end = self.hub.clock.now() + timedelta(**later)
            while self.hub.clock.now() < end:
                self.hub.clock.advance(timedelta(minutes=10))
                while self.hub.steps.watch.step():
                    pass
        return [dict(line) for line in lines if line["event"] != "agency.silent"]

    def arrive(self) -> None:
        data = DeliveryImportedData(delivery=self.step.id, imported_at=self.hub.clock.now())
        self.hub.take(self.hub.receipt(DeliveryImportedV1, data, self.step))


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_an_undelivered_hand_off_is_alarmed_once_when_half_its_time_is_gone(
    watched: Watched,
) -> None:
    """Handed over on Monday morning for Wednesday evening: on Tuesday a day and a half are left."""
    due = watched.step.data.due_at
    assert due is not None

    first = watched.watch(hours=25)
    alarms = watched.watch(hours=24)
    again = watched.watch(days=3)

    assert first == again == []
    (alarm,) = alarms
    assert (alarm["event"], alarm["log_level"]) == ("handoff.alarm", "error")
    assert (alarm["delivery"], alarm["agency"]) == (str(watched.step.id), UNIT)
    assert 0 < int(str(alarm["working_minutes_left"])) <= 450
    assert watched.row.alarmed_at is not None
    assert watched.row.state is DeliveryState.SENT, "an alarm settles nothing"


def test_an_alarm_moves_no_deadline(watched: Watched) -> None:
    before = watched.hub.queries.dossier(watched.step.subject)

    watched.watch(days=2)

    assert watched.hub.queries.dossier(watched.step.subject) == before


def test_what_arrived_in_time_is_not_looked_at(watched: Watched) -> None:
    watched.arrive()

    assert watched.row.alarm_at is None
    assert watched.watch(days=5) == []


def test_it_is_listed_among_the_alarmed_until_it_is_settled(watched: Watched) -> None:
    queries = watched.hub.queries
    assert queries.handoffs(alarmed=True) == []
    watched.watch(days=2)

    assert [line.id for line in queries.handoffs(alarmed=True)] == [watched.step.id]
    watched.arrive()
    assert queries.handoffs(alarmed=True) == []


def test_many_failures_are_alarmed_whatever_time_is_left(watched: Watched) -> None:
    failing = replace(watched.row, failures=50)
    with watched.hub.store.transaction({failing.partition}) as transaction:
        transaction.save(HubChanges(deliveries={failing.id: failing}))

    (alarm,) = watched.watch(hours=1)

    assert alarm["failures"] == 50


def beat(watched: Watched, *, unanswered: int = 0) -> None:
    hub = watched.hub
    body = compose.agency_message(
        AdapterHeartbeatV1,
        AdapterHeartbeatData(version="1.2.3", unanswered=unanswered),
        id_=SeededIds(int(hub.clock.now().timestamp())).new(hub.clock.now()),
        source=UNIT,
        time=hub.clock.now(),
    )
    hub.take(hub.raw(body, by=UNIT, key=control_key(UNIT)))


def silence(watched: Watched, **later: float) -> list[str]:
    watched.hub.clock.advance(timedelta(**later))
    with capture_logs() as lines:
        watched.hub.steps.watch.step()
    return [line["event"] for line in lines if line["event"].startswith("agency")]


def test_an_adapter_that_falls_silent_is_said_once_and_once_that_it_is_back(
    watched: Watched,
) -> None:
    beat(watched)
    assert silence(watched, seconds=60) == []

    assert silence(watched, seconds=61) == ["agency.silent"]
    assert silence(watched, minutes=30) == []
    beat(watched)
    assert silence(watched, seconds=11) == ["agency.back"]


def test_a_heartbeat_says_version_and_what_waits_at_the_edge(watched: Watched) -> None:
    beat(watched, unanswered=7)

    (contact,) = watched.hub.store.contacts()
    assert (contact.agency, contact.version, contact.unanswered) == (UNIT, "1.2.3", 7)
    assert contact.heard_at == watched.hub.clock.now()
