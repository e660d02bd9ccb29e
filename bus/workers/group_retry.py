"""Works off group retries: parked hand-offs that failed alike go out again, a few at a time.

Everything stands in the database, so a group retry goes on after a crash of whoever began it, and
of the hub. A hand-off that was let go before the crash, and not noted, is seen to be under way.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import structlog

from bus.ports import (
    Clock,
    DeliveryRow,
    DeliveryState,
    HubStore,
    ItemRow,
    ItemState,
    TaskRow,
    TaskState,
    TaskStore,
)
from bus.routing.group import Done, Onward, Promote, Release, Stop, Tally, Wait, onward
from bus.workers.operate import Operate, Operator

log = structlog.get_logger()

_ACTIVE: Final = frozenset({TaskState.CANARY, TaskState.RUNNING})
_ENDS: Final[Mapping[DeliveryState, ItemState]] = {
    DeliveryState.IMPORTED: ItemState.SUCCEEDED,
    DeliveryState.REFUSED: ItemState.SUCCEEDED,
    DeliveryState.RESOLVED: ItemState.SKIPPED,
    DeliveryState.DISCARDED: ItemState.SKIPPED,
    DeliveryState.REROUTED: ItemState.SKIPPED,
    DeliveryState.PARKED: ItemState.FAILED,
}
"""What the state of a hand-off that was let go means; all others are still under way."""


class GroupRetry:
    """Moves every group retry on by one decision. One thread at a time uses it."""

    def __init__(self, store: HubStore, tasks: TaskStore, operate: Operate, clock: Clock) -> None:
        self._store = store
        self._tasks = tasks
        self._operate = operate
        self._clock = clock

    def step(self) -> bool:
        """Move each group retry on; say whether any was moved."""
        busy = False
        for task in self._tasks.active():
            busy = self._advance(task) or busy
        return busy

    def _advance(self, task: TaskRow) -> bool:
        ended = self._note_outcomes(task)
        verdict = onward(
            self._tally(task),
            canary=task.canary if task.state is TaskState.CANARY else None,
            batch=task.batch,
            failed_before=task.failed_before,
        )
        return self._act(task, verdict) or ended

    def _note_outcomes(self, task: TaskRow) -> bool:
        """See what became of the hand-offs that were let go."""
        released = self._tasks.items(task.id, ItemState.RELEASED, limit=task.batch + task.canary)
        rows = self._rows(released)
        ends = {
            item.place: end
            for item in released
            if (end := _ENDS.get(rows[item.delivery].state)) is not None
        }
        if ends:
            self._tasks.mark(task.id, ends)
        return bool(ends)

    def _tally(self, task: TaskRow) -> Tally:
        counts = self._tasks.counts(task.id)
        return Tally(
            waiting=counts.get(ItemState.WAITING, 0),
            released=counts.get(ItemState.RELEASED, 0),
            succeeded=counts.get(ItemState.SUCCEEDED, 0),
            failed=counts.get(ItemState.FAILED, 0),
            gone=counts.get(ItemState.SKIPPED, 0),
        )

    def _act(self, task: TaskRow, verdict: Onward) -> bool:
        match verdict:
            case Release(count):
                self._release(task, count)
            case Promote():
                self._tasks.move(task.id, since=_ACTIVE, to=TaskState.RUNNING)
            case Stop(failed):
                note = f"{failed} lần giao lại thất bại / {failed} failed again"
                self._move(task, TaskState.STOPPED, note)
            case Done():
                self._move(task, TaskState.DONE, None)
            case Wait():
                return False
        return True

    def _release(self, task: TaskRow, count: int) -> None:
        """Let the next ones go; what is settled or under way by now needs nothing."""
        items = self._tasks.items(task.id, ItemState.WAITING, limit=count)
        rows = self._rows(items)
        operator = Operator(task.actor, task.reason)
        after = self._operate.retry_parked(list(rows.values()), operator, task=task.id)
        self._tasks.mark(
            task.id,
            {item.place: _begun(after[item.delivery].state) for item in items},
        )

    def _move(self, task: TaskRow, to: TaskState, note: str | None) -> None:
        if self._tasks.move(task.id, since=_ACTIVE, to=to, at=self._clock.now(), note=note):
            log.warning("group_retry.ended", task=str(task.id), state=str(to), note=note)

    def _rows(self, items: Sequence[ItemRow]) -> Mapping[UUID, DeliveryRow]:
        return self._store.handoffs([item.delivery for item in items])


def _begun(state: DeliveryState) -> ItemState:
    """Return how a hand-off stands right after it was let go."""
    end = _ENDS.get(state, ItemState.RELEASED)
    return ItemState.SKIPPED if end is ItemState.SUCCEEDED else end
