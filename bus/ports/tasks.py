"""A group retry: many hand-offs that failed alike, let go a few at a time, by one decision."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID


class TaskState(StrEnum):
    """Where a group retry stands."""

    CANARY = "canary"
    """The first few are under way; the rest waits for what becomes of them."""
    RUNNING = "running"
    """The rest goes out, a batch at a time."""
    STOPPED = "stopped"
    """An operator, or a failure, stopped it; it can be resumed."""
    DONE = "done"
    """Every hand-off of it has its outcome. Final."""


class ItemState(StrEnum):
    """Where one hand-off of a group retry stands. The last three are final."""

    WAITING = "waiting"
    RELEASED = "released"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A group retry: what, by whom, why, and how it is paced.

    `canary` is how many go first; `batch` how many are under way at once afterwards. `note` says
    why it stopped, `failed_before` how many failures its operator has seen when it was resumed.
    """

    id: UUID
    fingerprint: str
    state: TaskState
    canary: int
    batch: int
    actor: str
    reason: str
    created_at: datetime
    ended_at: datetime | None = None
    note: str | None = None
    failed_before: int = 0


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One hand-off of a group retry, in the order they go."""

    task: UUID
    place: int
    delivery: UUID
    state: ItemState


class TaskStore(Protocol):
    """Keeps group retries. Any thread may use it.

    Every method is one transaction and raises StorageUnavailable when the database is gone.
    """

    def add(self, task: TaskRow, deliveries: Sequence[UUID]) -> None:
        """Stage a group retry of these hand-offs, in this order."""
        ...

    def active(self) -> Sequence[TaskRow]:
        """Return the group retries that are neither stopped nor done, oldest first."""
        ...

    def tasks(self, limit: int) -> Sequence[TaskRow]:
        """Return group retries, last staged first."""
        ...

    def task(self, id_: UUID) -> TaskRow | None:
        """Return one group retry."""
        ...

    def first(self, id_: UUID) -> UUID:
        """Return the first hand-off of a group retry."""
        ...

    def items(self, id_: UUID, state: ItemState, limit: int) -> Sequence[ItemRow]:
        """Return hand-offs of a group retry that stand so, in the order they go."""
        ...

    def counts(self, id_: UUID) -> Mapping[ItemState, int]:
        """Return how many hand-offs of a group retry stand how; states without any are left out."""
        ...

    def mark(self, id_: UUID, items: Mapping[int, ItemState]) -> None:
        """Write how some hand-offs of a group retry stand, by their place."""
        ...

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
        """Move a group retry on, if it is in one of the states `since`; say whether it was.

        So neither the hub nor an operator overrides what the other has decided meanwhile.
        `failed_before` stays as it is where it is not given.
        """
        ...
