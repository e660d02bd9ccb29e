"""The contract of `bus.ports.TaskStore`, sentence by sentence."""

from uuid import UUID

import pytest
from sqlalchemy import Engine

from bus.ports import ItemState, TaskRow, TaskState, TaskStore
from bus.storage.tasks import SqlTaskStore
from tests.support.rows import NOW, minutes, new_id

ACTIVE = (TaskState.CANARY, TaskState.RUNNING)


@pytest.fixture
def tasks(hub_engine: Engine) -> TaskStore:
    return SqlTaskStore(hub_engine)


def a_task(minute: float = 0, state: TaskState = TaskState.CANARY) -> TaskRow:
    return TaskRow(
        id=new_id(),
        fingerprint="0123456789ab",
        state=state,
        canary=1,
        batch=10,
        actor="chị Vận Hành \x00",
        reason="đã sửa",
        created_at=NOW + minutes(minute),
    )


def staged(
    tasks: TaskStore, deliveries: int = 3, *, minute: float = 0
) -> tuple[TaskRow, list[UUID]]:
    task, ids = a_task(minute), [new_id() for _ in range(deliveries)]
    tasks.add(task, ids)
    return task, ids


def test_a_staged_group_retry_comes_back_with_its_hand_offs_in_order(tasks: TaskStore) -> None:
    task, ids = staged(tasks)

    found = tasks.task(task.id)

    assert found is not None
    assert (found.id, found.state, found.canary, found.batch) == (
        task.id,
        TaskState.CANARY,
        1,
        10,
    )
    assert found.actor == "chị Vận Hành \ufffd"
    items = tasks.items(task.id, ItemState.WAITING, limit=10)
    assert [(item.place, item.delivery) for item in items] == list(enumerate(ids, 1))
    assert tasks.first(task.id) == ids[0]
    assert tasks.task(new_id()) is None


def test_the_active_ones_are_returned_oldest_first(tasks: TaskStore) -> None:
    young, _ = staged(tasks, minute=5)
    old, _ = staged(tasks, minute=1)
    done, _ = staged(tasks, minute=0)
    tasks.move(done.id, since=ACTIVE, to=TaskState.DONE, at=NOW)

    assert [task.id for task in tasks.active()] == [old.id, young.id]
    assert [task.id for task in tasks.tasks(limit=2)] == [young.id, old.id]


def test_items_are_found_by_state_and_counted(tasks: TaskStore) -> None:
    task, ids = staged(tasks, deliveries=4)

    tasks.mark(task.id, {1: ItemState.SUCCEEDED, 3: ItemState.RELEASED})

    assert [item.delivery for item in tasks.items(task.id, ItemState.WAITING, limit=1)] == [ids[1]]
    assert tasks.counts(task.id) == {
        ItemState.WAITING: 2,
        ItemState.SUCCEEDED: 1,
        ItemState.RELEASED: 1,
    }


def test_a_group_retry_moves_only_from_where_it_is_thought_to_be(tasks: TaskStore) -> None:
    task, _ = staged(tasks)

    assert tasks.move(task.id, since=ACTIVE, to=TaskState.STOPPED, at=NOW, note="lỗi")
    assert not tasks.move(task.id, since=ACTIVE, to=TaskState.RUNNING)

    found = tasks.task(task.id)
    assert found is not None
    assert (found.state, found.ended_at, found.note) == (TaskState.STOPPED, NOW, "lỗi")


def test_failures_seen_before_stay_unless_they_are_given(tasks: TaskStore) -> None:
    task, _ = staged(tasks)
    tasks.move(task.id, since=ACTIVE, to=TaskState.RUNNING, failed_before=4)

    tasks.move(task.id, since=ACTIVE, to=TaskState.STOPPED)

    found = tasks.task(task.id)
    assert found is not None
    assert found.failed_before == 4
