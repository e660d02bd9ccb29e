"""Group retries on PostgreSQL or SQLite."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Engine, func, select, update

from bus.ports import ItemRow, ItemState, TaskRow, TaskState
from bus.storage.bulk import insert_rows, update_rows
from bus.storage.engine import reading, writing
from bus.storage.hub_tables import task, task_item
from bus.storage.records import record

TASK: Final = record(TaskRow, task)
ITEM: Final = record(ItemRow, task_item)
_ACTIVE: Final = (TaskState.CANARY, TaskState.RUNNING)


class SqlTaskStore:
    """A `bus.ports.TaskStore`. The schema must be there: `bus.storage.migrate`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, task: TaskRow, deliveries: Sequence[UUID]) -> None:
        """Stage a group retry of these hand-offs, in this order."""
        items = [
            ItemRow(task.id, place, delivery, ItemState.WAITING)
            for place, delivery in enumerate(deliveries, 1)
        ]
        with writing(self._engine) as connection:
            insert_rows(connection, TASK.table, TASK.columns, TASK.rows([task]))
            insert_rows(connection, task_item, ITEM.columns, ITEM.rows(items))

    def active(self) -> Sequence[TaskRow]:
        """Return the group retries that are neither stopped nor done, oldest first."""
        query = TASK.select().where(task.c.state.in_(_ACTIVE))
        with reading(self._engine) as connection:
            return TASK.values(connection.execute(query.order_by(task.c.created_at, task.c.id)))

    def tasks(self, limit: int) -> Sequence[TaskRow]:
        """Return group retries, last staged first."""
        query = TASK.select().order_by(task.c.created_at.desc(), task.c.id.desc()).limit(limit)
        with reading(self._engine) as connection:
            return TASK.values(connection.execute(query))

    def task(self, id_: UUID) -> TaskRow | None:
        """Return one group retry."""
        with reading(self._engine) as connection:
            found = TASK.values(connection.execute(TASK.select().where(task.c.id == id_)))
        return found[0] if found else None

    def first(self, id_: UUID) -> UUID:
        """Return the first hand-off of a group retry."""
        c = task_item.c
        with reading(self._engine) as connection:
            first: UUID = connection.execute(
                select(c.delivery).where(c.task == id_).order_by(c.place).limit(1)
            ).scalar_one()
        return first

    def items(self, id_: UUID, state: ItemState, limit: int) -> Sequence[ItemRow]:
        """Return hand-offs of a group retry that stand so, in the order they go."""
        c = task_item.c
        query = ITEM.select().where(c.task == id_, c.state == state)
        with reading(self._engine) as connection:
            return ITEM.values(connection.execute(query.order_by(c.place).limit(limit)))

    def counts(self, id_: UUID) -> Mapping[ItemState, int]:
        """Return how many hand-offs of a group retry stand how; states without any are left out."""
        c = task_item.c
        query = select(c.state, func.count()).where(c.task == id_).group_by(c.state)
        with reading(self._engine) as connection:
            return {ItemState(state): count for state, count in connection.execute(query)}

    def mark(self, id_: UUID, items: Mapping[int, ItemState]) -> None:
        """Write how some hand-offs of a group retry stand, by their place."""
        rows = [(id_, place, state) for place, state in items.items()]
        with writing(self._engine) as connection:
            update_rows(connection, task_item, ("task", "place"), ("task", "place", "state"), rows)

    def move(
        self,
        id_: UUID,
        *,
        since: Collection[TaskState],
        to: TaskState,
        at: datetime | None = None,
        note: str | None = None,
        failed_before: int | None = None,
    ) -> bool:
        """Move a group retry on, if it is in one of the states `since`; say whether it was."""
        seen = {} if failed_before is None else {"failed_before": failed_before}
        with writing(self._engine) as connection:
            moved = connection.execute(
                update(task)
                .where(task.c.id == id_, task.c.state.in_(list(since)))
                .values(state=to, ended_at=at, note=note, **seen)
            )
            return moved.rowcount == 1
