"""Begins, stops and resumes group retries; the hub works them off (`bus.workers.group_retry`)."""

from collections.abc import Sequence
from typing import Final

from bus.errors import ActRefused
from bus.ports import Clock, DeliveryRow, HubStore, Ids, ItemState, TaskRow, TaskState, TaskStore
from bus.routing.acts import ActKind
from bus.workers.operate import Operate, Operator

_ACTIVE: Final = frozenset({TaskState.CANARY, TaskState.RUNNING})


class Staging:
    """What an operator does with group retries; each act is a ledger entry."""

    def __init__(
        self, store: HubStore, tasks: TaskStore, operate: Operate, ids: Ids, clock: Clock
    ) -> None:
        self._store = store
        self._tasks = tasks
        self._operate = operate
        self._ids = ids
        self._clock = clock

    def begin(
        self, rows: Sequence[DeliveryRow], operator: Operator, *, canary: int, batch: int
    ) -> TaskRow:
        """Stage a retry of these parked hand-offs, in this order.

        Args:
            rows: Hand-offs of one group, as they stand.
            operator: Who, and why.
            canary: How many go first, alone; 0 for none.
            batch: How many are under way at once afterwards.

        Raises:
            ActRefused: There is none, or a retry of the group is under way.
        """
        if not rows:
            raise ActRefused(
                "nhóm này không còn lần giao nào chờ xử lý; xem `bus handoff groups`"
                " / nothing of this group is parked any more; see `bus handoff groups`"
            )
        fingerprint = rows[0].fingerprint or ""
        for other in self._tasks.active():
            if other.fingerprint == fingerprint:
                raise ActRefused(
                    f"nhóm {fingerprint} đang được gửi lại (tác vụ {other.id}); xem `bus handoff"
                    f" tasks` / group {fingerprint} is being retried already (task {other.id});"
                    " see `bus handoff tasks`"
                )
        now = self._clock.now()
        task = TaskRow(
            id=self._ids.new(now),
            fingerprint=fingerprint,
            state=TaskState.CANARY if canary else TaskState.RUNNING,
            canary=canary,
            batch=batch,
            actor=operator.actor,
            reason=operator.reason,
            created_at=now,
        )
        self._operate.note_group(rows[0], ActKind.GROUP_RETRY, operator, task=task.id)
        self._tasks.add(task, [row.id for row in rows])
        return task

    def stop(self, task: TaskRow, operator: Operator) -> None:
        """Let nothing more of a group retry go out; what is under way ends by itself.

        Raises:
            ActRefused: It is not under way.
        """
        stopped = self._tasks.move(
            task.id,
            since=_ACTIVE,
            to=TaskState.STOPPED,
            at=self._clock.now(),
            note=f"{operator.actor}: {operator.reason}",
        )
        if not stopped:
            raise ActRefused(_not_so(task, "đang chạy", "under way"))
        self._note(task, ActKind.GROUP_STOP, operator)

    def resume(self, task: TaskRow, operator: Operator) -> None:
        """Let a stopped group retry go on with what has not gone out yet.

        Where none of it arrived yet, it begins with a canary again.

        Raises:
            ActRefused: It is not stopped.
        """
        counts = self._tasks.counts(task.id)
        arrived = counts.get(ItemState.SUCCEEDED, 0)
        resumed = self._tasks.move(
            task.id,
            since={TaskState.STOPPED},
            to=TaskState.RUNNING if arrived or not task.canary else TaskState.CANARY,
            failed_before=counts.get(ItemState.FAILED, 0),
        )
        if not resumed:
            raise ActRefused(_not_so(task, "đã dừng", "stopped"))
        self._note(task, ActKind.GROUP_RESUME, operator)

    def _note(self, task: TaskRow, kind: ActKind, operator: Operator) -> None:
        first = self._tasks.first(task.id)
        row = self._store.handoffs([first])[first]
        self._operate.note_group(row, kind, operator, task=task.id)


def _not_so(task: TaskRow, vi: str, en: str) -> str:
    return (
        f"tác vụ {task.id} không {vi}; xem `bus handoff tasks`"
        f" / task {task.id} is not {en}; see `bus handoff tasks`"
    )
