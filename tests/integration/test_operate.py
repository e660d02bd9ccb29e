"""What an operator does with a hand-off, and what stays in the ledger of it."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from bus.errors import ActRefused, LedgerBroken, NotFound
from bus.ids import AgencyCode
from bus.ports import DeliveryRow, DeliveryState, EntryKind
from bus.routing.acts import dump as dump_act
from bus.routing.acts import load as load_act
from bus.routing.case import StepState
from bus.routing.fold import fold
from bus.schemas.catalogue import FROM_HUB
from bus.schemas.dossier import DossierWithdrawnData
from bus.schemas.receipt import (
    DeliveryFailedData,
    DeliveryFailedV1,
    DeliveryImportedData,
    DeliveryImportedV1,
    DeliveryRefusedData,
    DeliveryRefusedV1,
    FailureKind,
)
from bus.schemas.step import StepCompletedData, StepRequestedV1
from bus.workers.catalogues import Catalogues
from bus.workers.operate import Operator
from bus.workers.verify import verify
from tests.support.small_hub import HUB, SmallHub, operate_of
from tests.support.walking import Walk, a_dossier, commune_unit

UNIT = commune_unit()
LAN = Operator("lan.nguyen", "Đơn vị đã sửa hệ thống")
S = DeliveryState


class Desk:
    """A hub with one dossier whose first step is handed over, and a notice that waits behind it."""

    def __init__(self) -> None:
        self.hub = SmallHub()
        self.walk = Walk("1.001731")
        self.operate = operate_of(self.hub)
        data = a_dossier(self.walk.procedure, {}, self.walk.at)
        answers = self.hub.take(self.hub.signed(data, by=UNIT, sequence=1, walk=self.walk))
        (self.step,) = (one for one in answers if isinstance(one, StepRequestedV1))
        withdrawn = DossierWithdrawnData(reason="Đổi ý", withdrawn_at=self.hub.clock.now())
        self.hub.take(self.hub.signed(withdrawn, by=UNIT, sequence=2, walk=self.walk))

    def row(self, id_: UUID | None = None) -> DeliveryRow:
        row = self.hub.queries.handoff(id_ or self.step.id)
        assert row is not None
        return row

    def behind(self) -> DeliveryRow:
        """The first of the hand-offs behind the step."""
        return self.waiting()[0]

    def waiting(self) -> list[DeliveryRow]:
        """The hand-offs behind the step, in the order of their lane."""
        lines = self.hub.queries.handoffs(dossier=self.walk.code)
        rows = [self.row(line.id) for line in lines if line.id != self.step.id]
        return sorted(rows, key=lambda row: (row.cause, row.part))

    def sent_again(self) -> list[str]:
        before = len(self.hub.publisher.published)
        self.hub.steps.redeliver.step()
        return [one.message_id for one in self.hub.publisher.published[before:]]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def failed(desk: Desk, kind: FailureKind) -> None:
    data = DeliveryFailedData(
        delivery=desk.step.id,
        attempt=1,
        kind=kind,
        code="destination.unavailable",
        detail="không kết nối được",
        failed_at=desk.hub.clock.now(),
    )
    desk.hub.take(desk.hub.receipt(DeliveryFailedV1, data, desk.step))


def imported(desk: Desk) -> None:
    data = DeliveryImportedData(delivery=desk.step.id, imported_at=desk.hub.clock.now())
    desk.hub.take(desk.hub.receipt(DeliveryImportedV1, data, desk.step, number=2))


def refused(desk: Desk) -> None:
    data = DeliveryRefusedData(
        delivery=desk.step.id, code="x", reason="Không", refused_at=desk.hub.clock.now()
    )
    desk.hub.take(desk.hub.receipt(DeliveryRefusedV1, data, desk.step, number=3))


BRING: dict[DeliveryState, Callable[[Desk], object]] = {
    S.SENT: lambda _: None,
    S.DUE: lambda desk: failed(desk, FailureKind.TRANSIENT),
    S.PARKED: lambda desk: failed(desk, FailureKind.PERMANENT),
    S.IMPORTED: imported,
    S.REFUSED: refused,
    S.DISCARDED: lambda desk: desk.operate.discard(desk.row(), LAN),
}


@pytest.mark.parametrize("state", list(BRING))
def test_a_hand_off_can_be_brought_into_each_state(desk: Desk, state: DeliveryState) -> None:
    """Else the tests below would say nothing."""
    BRING[state](desk)

    assert desk.row().state is state


# --- retry ------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [S.PARKED, S.DUE, S.SENT])
def test_a_hand_off_that_is_not_settled_goes_out_again_now(
    desk: Desk, state: DeliveryState
) -> None:
    BRING[state](desk)
    first = desk.row()

    again = desk.operate.retry(first, LAN)

    assert again == desk.row()
    assert (again.state, again.next_at, again.error) == (S.DUE, desk.hub.clock.now(), None)
    assert desk.sent_again() == [str(first.id)]
    assert (desk.row().body, desk.row().state) == (first.body, S.SENT)


@pytest.mark.parametrize("state", [S.IMPORTED, S.REFUSED, S.DISCARDED])
def test_a_settled_hand_off_is_not_sent_again(desk: Desk, state: DeliveryState) -> None:
    BRING[state](desk)
    before = desk.row()

    with pytest.raises(ActRefused, match="không thể gửi lại") as error:
        desk.operate.retry(before, LAN)

    assert f"is '{state}' and cannot be retried" in str(error.value)
    assert desk.row() == before


def test_a_hand_off_that_waits_for_the_one_before_it_keeps_its_place(desk: Desk) -> None:
    with pytest.raises(ActRefused):
        desk.operate.retry(desk.behind(), LAN)

    assert desk.behind().state is S.WAITING


def test_what_is_retried_is_retried_as_it_stands_now(desk: Desk) -> None:
    """The operator looked at it a while ago; its answer came in between."""
    seen = desk.row()
    imported(desk)

    with pytest.raises(ActRefused):
        desk.operate.retry(seen, LAN)


# --- discard ----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [S.PARKED, S.DUE, S.SENT])
def test_a_discarded_hand_off_frees_its_lane(desk: Desk, state: DeliveryState) -> None:
    BRING[state](desk)
    following = desk.behind()
    assert following.state is S.WAITING

    gone = desk.operate.discard(desk.row(), LAN)

    assert gone == desk.row()
    assert (gone.state, gone.next_at, gone.settled_at) == (
        S.DISCARDED,
        None,
        desk.hub.clock.now(),
    )
    assert desk.sent_again() == [str(following.id)]


def test_a_waiting_hand_off_is_discarded_without_moving_the_lane(desk: Desk) -> None:
    waiting = desk.behind()

    desk.operate.discard(waiting, LAN)

    assert desk.row(waiting.id).state is S.DISCARDED
    assert desk.row().state is S.SENT
    assert desk.sent_again() == []


def test_the_last_hand_off_of_a_lane_is_discarded_like_any_other(desk: Desk) -> None:
    for waiting in desk.waiting():
        desk.operate.discard(waiting, LAN)

    desk.operate.discard(desk.row(), LAN)

    assert desk.sent_again() == []


@pytest.mark.parametrize("state", [S.IMPORTED, S.REFUSED, S.DISCARDED])
def test_a_settled_hand_off_is_not_discarded(desk: Desk, state: DeliveryState) -> None:
    BRING[state](desk)
    before = desk.row()

    with pytest.raises(ActRefused, match="không thể bỏ") as error:
        desk.operate.discard(before, LAN)

    assert f"is '{state}' and cannot be discarded" in str(error.value)
    assert desk.row() == before


def test_what_comes_for_a_discarded_hand_off_changes_nothing(desk: Desk) -> None:
    desk.operate.discard(desk.row(), LAN)
    before = desk.hub.queries.dossier(desk.walk.code)

    refused(desk)
    failed(desk, FailureKind.TRANSIENT)

    assert desk.row().state is S.DISCARDED
    assert desk.hub.queries.dossier(desk.walk.code) == before
    assert verify(desk.hub.queries, Catalogues(desk.hub.store)).holds


@pytest.mark.parametrize("act", ["retry", "discard"])
def test_a_hand_off_that_is_not_there_is_not_found(desk: Desk, act: str) -> None:
    unknown = replace(desk.row(), id=uuid4())

    with pytest.raises(NotFound, match="không có lần giao"):
        getattr(desk.operate, act)(unknown, LAN)


# --- the ledger -------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["retry", "discard"])
def test_the_ledger_says_who_did_it_and_why(desk: Desk, act: str) -> None:
    desk.hub.clock.advance(timedelta(minutes=3))

    getattr(desk.operate, act)(desk.row(), LAN)

    entry = desk.hub.queries.entries_of([desk.walk.code])[-1]
    assert (entry.kind, entry.type, entry.agency) == (EntryKind.ACT, f"handoff.{act}", HUB)
    assert entry.recorded_at == desk.hub.clock.now()
    assert json.loads(entry.body) == {
        "act": f"handoff.{act}",
        "delivery": str(desk.step.id),
        "actor": "lan.nguyen",
        "reason": "Đơn vị đã sửa hệ thống",
    }


@pytest.mark.parametrize("act", ["retry", "discard"])
def test_chain_and_fold_hold_after_an_act(desk: Desk, act: str) -> None:
    failed(desk, FailureKind.UNKNOWN)
    getattr(desk.operate, act)(desk.row(), LAN)
    desk.hub.steps.redeliver.step()
    if act == "retry":
        imported(desk)

    found = verify(desk.hub.queries, Catalogues(desk.hub.store))

    assert found.faults == ()
    assert found.entries == (5 if act == "retry" else 4)


def test_an_act_that_was_refused_leaves_no_entry(desk: Desk) -> None:
    imported(desk)
    before = desk.hub.queries.counts().ledger_entries

    with pytest.raises(ActRefused):
        desk.operate.discard(desk.row(), LAN)

    assert desk.hub.queries.counts().ledger_entries == before


# --- restore ----------------------------------------------------------------------------------


def test_a_discarded_hand_off_comes_back_into_its_place_and_waits_for_a_decision(
    desk: Desk,
) -> None:
    desk.operate.discard(desk.row(), LAN)

    back = desk.operate.restore(desk.row(), LAN)

    assert back == desk.row()
    assert (back.state, back.settled_at, back.parked_at) == (S.PARKED, None, desk.hub.clock.now())
    assert back.fingerprint is not None, "so that it is seen among the groups"
    assert desk.behind().state is S.DUE, "what was let go meanwhile stays so"
    desk.operate.retry(desk.row(), LAN)
    assert str(desk.step.id) in desk.sent_again()


def test_what_was_overtaken_comes_back_only_where_that_is_accepted(desk: Desk) -> None:
    desk.operate.discard(desk.row(), LAN)
    assert desk.sent_again() == [str(desk.behind().id)]

    with pytest.raises(ActRefused, match="--out-of-order"):
        desk.operate.restore(desk.row(), LAN)
    assert desk.row().state is S.DISCARDED

    assert desk.operate.restore(desk.row(), LAN, out_of_order=True).state is S.PARKED


@pytest.mark.parametrize("state", [S.SENT, S.DUE, S.PARKED, S.IMPORTED, S.REFUSED])
def test_only_what_was_discarded_is_restored(desk: Desk, state: DeliveryState) -> None:
    BRING[state](desk)

    with pytest.raises(ActRefused, match="cannot be restored"):
        desk.operate.restore(desk.row(), LAN)


# --- resolve ----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [S.PARKED, S.DUE, S.SENT])
def test_what_the_agency_has_by_other_means_counts_as_settled_and_frees_its_lane(
    desk: Desk, state: DeliveryState
) -> None:
    BRING[state](desk)
    following = desk.behind()

    done = desk.operate.resolve(desk.row(), LAN, reference="12/CV-2025")

    assert done == desk.row()
    assert (done.state, done.reference, done.alarm_at) == (S.RESOLVED, "12/CV-2025", None)
    assert desk.sent_again() == [str(following.id)]
    with pytest.raises(ActRefused, match="cannot be resolved"):
        desk.operate.resolve(desk.row(), LAN)


# --- reroute ----------------------------------------------------------------------------------

OTHER = AgencyCode("H63.141.81")


class Underway:
    """A hub with one dossier whose first step is handed over; nothing waits behind it."""

    def __init__(self) -> None:
        self.hub = SmallHub()
        self.walk = Walk("1.001731")
        self.operate = operate_of(self.hub)
        data = a_dossier(self.walk.procedure, {}, self.walk.at)
        answers = self.hub.take(self.hub.signed(data, by=UNIT, sequence=1, walk=self.walk))
        (self.step,) = (one for one in answers if isinstance(one, StepRequestedV1))

    def rows(self) -> list[DeliveryRow]:
        lines = self.hub.queries.handoffs(dossier=self.walk.code)
        rows = (self.hub.queries.handoff(line.id) for line in lines)
        return sorted((row for row in rows if row), key=lambda row: (row.cause, row.part))

    def reroute(self, to: AgencyCode = OTHER) -> DeliveryRow:
        return self.operate.reroute(self.rows()[0], LAN, to=to)


@pytest.fixture
def underway() -> Underway:
    return Underway()


def test_a_rerouted_step_goes_to_the_other_agency_in_place_of_the_first(underway: Underway) -> None:
    new = underway.reroute()

    old = underway.rows()[0]
    assert (old.state, old.reference) == (S.REROUTED, str(new.id))
    assert (new.agency, new.origin, new.state) == (OTHER, old.id, S.DUE)
    assert (new.step, new.round) == (old.step, old.round)
    case = underway.hub.queries.dossier(underway.walk.code)
    assert case is not None
    assert case.steps[0].agency == OTHER


def test_what_was_on_its_way_is_taken_back(underway: Underway) -> None:
    underway.reroute()

    told = {(row.agency, row.type) for row in underway.rows()[1:]}
    assert told == {
        (OTHER, "step.requested"),
        (UNIT, "step.cancelled"),
        (UNIT, "dossier.status"),
    }


def test_the_other_agencys_answer_moves_the_dossier_on_and_the_ledger_holds(
    underway: Underway,
) -> None:
    hub, walk = underway.hub, underway.walk
    underway.reroute()
    hub.steps.redeliver.step()
    done = StepCompletedData(
        step=underway.step.data.step, round=1, outcome="done", completed_at=hub.clock.now()
    )

    hub.take(hub.signed(done, by=OTHER, sequence=1, walk=walk))

    case = hub.queries.dossier(walk.code)
    assert case is not None
    assert case.steps[0].state is StepState.COMPLETED
    assert verify(hub.queries, Catalogues(hub.store)).faults == ()


def test_what_is_no_step_is_rerouted_as_it_is(underway: Underway) -> None:
    """A copy of the status, say, to a unit that has no adapter any more."""
    hub = underway.hub
    underway.reroute()
    status = next(row for row in underway.rows() if row.type == "dossier.status")

    new = underway.operate.reroute(status, LAN, to=OTHER)

    assert (new.agency, new.type, new.origin) == (OTHER, "dossier.status", status.id)
    message = FROM_HUB.validate_json(new.body)
    assert message.recipient == OTHER
    assert message.data == FROM_HUB.validate_json(status.body).data
    assert verify(hub.queries, Catalogues(hub.store)).faults == ()


def test_a_hand_off_is_rerouted_once(underway: Underway) -> None:
    first = underway.rows()[0]
    underway.reroute()

    with pytest.raises(ActRefused, match="cannot be rerouted"):
        underway.operate.reroute(first, LAN, to=AgencyCode("H63.140"))


def test_a_forged_reroute_in_the_ledger_is_found(underway: Underway) -> None:
    """The fold must follow from the act; a case moved by hand does not."""
    underway.reroute()
    entries = underway.hub.queries.entries_of([underway.walk.code])
    forged = dump_act(replace(load_act(entries[-1].body), to=AgencyCode("H63.140.81")))
    changed = [*entries[:-1], replace(entries[-1], body=forged)]

    folded = fold(changed, Catalogues(underway.hub.store).version)

    assert folded != underway.hub.queries.dossier(underway.walk.code)


@pytest.mark.parametrize("delivery", [UUID(int=5), None])
def test_a_reroute_of_nothing_is_a_broken_ledger(underway: Underway, delivery: UUID | None) -> None:
    underway.reroute()
    entries = underway.hub.queries.entries_of([underway.walk.code])
    act = load_act(entries[-1].body)
    act = replace(act, delivery=delivery) if delivery else replace(act, to=None)
    changed = [*entries[:-1], replace(entries[-1], body=dump_act(act))]

    with pytest.raises(LedgerBroken, match="reroutes a hand-off that follows from no entry"):
        fold(changed, Catalogues(underway.hub.store).version)
