"""Parked hand-offs go out again as a group: canary first, stoppable, through crashes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from bus.errors import ActRefused
from bus.ids import AgencyCode
from bus.ports import DeliveryRow, DeliveryState, ItemState, TaskRow, TaskState
from bus.routing.acts import load
from bus.routing.retry import RetryPolicy
from bus.schemas.receipt import FailureKind
from bus.storage.failed import FailedQueries
from bus.testing.fakes import SeededIds
from bus.workers.catalogues import Catalogues
from bus.workers.forecast import Standing, forecast
from bus.workers.operate import Operate, Operator
from bus.workers.staging import Staging
from bus.workers.verify import verify
from tests.support.failing_agency import Outage
from tests.support.small_hub import operate_of
from tests.support.walking import commune_unit, yen_bai

UNIT = commune_unit()
LAN = Operator("lan.nguyen", "Đơn vị đã sửa phần mềm")
NO_PROBE = RetryPolicy(probe_after=1000)
S, T = DeliveryState, TaskState


class Parked:
    """A hub with a group of hand-offs that were parked for the same reason."""

    def __init__(self, dossiers: int = 6) -> None:
        self.outage = Outage(NO_PROBE, dossiers)
        self.outage.fail(self.outage.steps, FailureKind.PERMANENT)
        self.hub = self.outage.hub
        self.failed = FailedQueries(self.hub.engine)
        self.operate: Operate = operate_of(self.hub)
        self.staging = Staging(
            self.hub.store, self.hub.tasks, self.operate, SeededIds(5), self.hub.clock
        )

    def rows(self) -> list[DeliveryRow]:
        (group,) = self.failed.groups()
        return self.failed.parked(group.fingerprint)

    def begin(self, *, canary: int = 1, batch: int = 2) -> TaskRow:
        return self.staging.begin(self.rows(), LAN, canary=canary, batch=batch)

    def turn(self) -> list[UUID]:
        """Let the hub work as long as there is something to do; return what went out."""
        before = len(self.hub.publisher.published)
        while self.hub.steps.group_retry.step() or self.hub.steps.redeliver.step():
            pass
        return [UUID(one.message_id) for one in self.hub.publisher.published[before:]]

    def arrive(self, ids: Sequence[UUID]) -> None:
        for step in self.outage.steps:
            if step.id in ids:
                self.outage.arrive(step)

    def break_again(self, ids: Sequence[UUID]) -> None:
        for step in self.outage.steps:
            if step.id in ids:
                self.outage.fail([step], FailureKind.PERMANENT)

    def state(self, task: TaskRow) -> TaskState:
        found = self.hub.tasks.task(task.id)
        assert found is not None
        return found.state


@pytest.fixture
def parked() -> Parked:
    return Parked()


def test_the_canary_goes_first_and_the_rest_follows_in_batches_when_it_arrived(
    parked: Parked,
) -> None:
    oldest_first = [row.id for row in parked.rows()]
    task = parked.begin()

    first = parked.turn()
    assert first == oldest_first[:1]
    assert parked.turn() == [], "the rest waits for it"
    parked.arrive(first)
    second = parked.turn()
    assert second == oldest_first[1:3]
    parked.arrive(second[:1])
    assert parked.turn() == oldest_first[3:4], "two are under way at most"
    while under_way := parked.turn() or [
        row.id for row in map(parked.outage.row, parked.outage.steps) if row.state is S.SENT
    ]:
        parked.arrive(under_way)

    assert parked.state(task) is T.DONE
    assert parked.hub.tasks.counts(task.id) == {ItemState.SUCCEEDED: 6}
    assert parked.failed.groups() == []


def test_a_canary_that_fails_again_stops_everything(parked: Parked) -> None:
    task = parked.begin()
    first = parked.turn()

    parked.break_again(first)

    assert parked.turn() == []
    assert parked.state(task) is T.STOPPED
    assert len(parked.rows()) == 6


def test_a_stopped_one_goes_on_with_a_new_canary_where_none_arrived(parked: Parked) -> None:
    task = parked.begin()
    parked.break_again(parked.turn())
    parked.turn()

    parked.staging.resume(task, LAN)

    assert len(parked.turn()) == 1
    assert parked.state(task) is T.CANARY


def test_an_operator_stops_it_and_what_is_under_way_ends_by_itself(parked: Parked) -> None:
    task = parked.begin(canary=0, batch=2)
    under_way = parked.turn()
    assert len(under_way) == 2

    parked.staging.stop(task, LAN)
    parked.arrive(under_way)

    assert parked.turn() == []
    assert parked.state(task) is T.STOPPED
    parked.staging.resume(task, LAN)
    assert len(parked.turn()) == 2
    assert parked.state(task) is T.RUNNING


def test_a_crash_between_letting_go_and_noting_it_lets_nothing_go_twice(parked: Parked) -> None:
    task = parked.begin(canary=0, batch=3)
    oldest = parked.rows()[:3]
    parked.operate.retry_parked(oldest, LAN, task=task.id)

    parked.turn()

    assert [parked.outage.row(step).published for step in parked.outage.steps] == [2, 2, 2, 1, 1, 1]
    assert parked.hub.tasks.counts(task.id)[ItemState.RELEASED] == 3


def test_what_was_settled_meanwhile_is_passed_over(parked: Parked) -> None:
    rows = parked.rows()
    task = parked.begin(canary=0, batch=10)
    parked.operate.discard(rows[0], LAN)
    parked.operate.resolve(rows[1], LAN)

    assert parked.turn() == [row.id for row in rows[2:]]
    assert parked.hub.tasks.counts(task.id) == {ItemState.SKIPPED: 2, ItemState.RELEASED: 4}


def test_every_release_stands_in_the_ledger_with_actor_reason_and_task(parked: Parked) -> None:
    task = parked.begin(canary=0, batch=10)
    parked.turn()

    codes = {step.subject for step in parked.outage.steps}
    acts = [load(e.body) for e in parked.hub.queries.entries_of(codes) if e.kind == "act"]
    assert sorted(act.act for act in acts) == ["handoff.group_retry", *["handoff.retry"] * 6]
    assert {(act.actor, act.reason, act.task) for act in acts} == {(LAN.actor, LAN.reason, task.id)}
    assert verify(parked.hub.queries, Catalogues(parked.hub.store)).holds


def test_a_group_is_retried_once_at_a_time(parked: Parked) -> None:
    parked.begin()

    with pytest.raises(ActRefused, match="is being retried already"):
        parked.begin()


def test_an_empty_group_is_refused(parked: Parked) -> None:
    with pytest.raises(ActRefused, match="nothing of this group is parked"):
        parked.staging.begin([], LAN, canary=1, batch=1)


@pytest.mark.parametrize("act", ["stop", "resume"])
def test_what_is_done_is_neither_stopped_nor_resumed(parked: Parked, act: str) -> None:
    task = parked.begin(canary=0, batch=10)
    parked.arrive(parked.turn())
    parked.turn()
    assert parked.state(task) is T.DONE

    with pytest.raises(ActRefused, match="see `bus handoff tasks`"):
        getattr(parked.staging, act)(task, LAN)


# --- what would happen ------------------------------------------------------------------------


def standing(parked: Parked, rows: Sequence[DeliveryRow]) -> Standing:
    now = parked.hub.clock.now()
    return Standing(
        cases=parked.failed.cases({row.dossier for row in rows}),
        contacts=parked.failed.contacts(),
        ahead={AgencyCode(UNIT): 3},
        newest=yen_bai(),
        now=now,
        silent_after=now - timedelta(minutes=2),
    )


def test_a_forecast_sends_nothing_and_says_what_the_receiver_would_have_to_take(
    parked: Parked,
) -> None:
    rows = parked.rows()

    seen = forecast(rows, standing(parked, rows))

    assert seen.going == tuple(row.id for row in rows)
    (load_,) = seen.loads
    assert (load_.agency, load_.handoffs, load_.ahead, load_.known) == (UNIT, 6, 3, True)
    assert load_.octets == sum(len(row.body) for row in rows)
    assert load_.silent_since is None
    assert parked.turn() == []


def test_a_forecast_knows_what_has_arrived_by_receipt_or_by_the_steps_answer(
    parked: Parked,
) -> None:
    rows = parked.rows()
    by_receipt, by_answer = parked.outage.steps[:2]
    parked.outage.arrive(by_receipt)
    parked.outage.receive(by_answer)

    now = list(parked.hub.store.handoffs([row.id for row in rows]).values())
    seen = forecast(now, standing(parked, now))

    assert set(seen.arrived) == {by_receipt.id, by_answer.id}
    assert len(seen.going) == 4


def test_a_forecast_finds_what_an_adapter_of_today_could_not_read(parked: Parked) -> None:
    rows = parked.rows()
    old = replace(rows[0], body=rows[0].body.replace(b"step.requested:1", b"step.requested:0"))

    seen = forecast([old, *rows[1:]], standing(parked, rows))

    (unfit,) = seen.unfit
    assert (unfit.delivery, unfit.dossier) == (old.id, old.dossier)
    assert unfit.code.startswith("message.")
    assert old.id not in seen.going


def test_a_forecast_says_that_an_adapter_is_silent(parked: Parked) -> None:
    rows = parked.rows()
    heard = parked.hub.clock.now()
    parked.hub.clock.advance(timedelta(hours=1))

    (load_,) = forecast(rows, standing(parked, rows)).loads

    assert load_.silent_since == heard
