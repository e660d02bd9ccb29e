"""Scripted stand-ins for what a test must hold in its hand: time, chance, legacy systems.

They pass the same contract suite as the real ones and record what was done to them.
"""

import random
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from bus.errors import BusError
from bus.ids import DossierCode, uuid7
from bus.ports import Change
from bus.schemas.base import WireModel
from bus.schemas.catalogue import FromHub

A_MONDAY_MORNING: Final = datetime(2025, 3, 3, 1, 30, tzinfo=UTC)
"""Monday 3 March 2025, 08:30 in Việt Nam: where every test begins that does not say else."""


class ManualClock:
    """A clock that moves only when it is told to."""

    def __init__(self, now: datetime = A_MONDAY_MORNING) -> None:
        self._now = now

    def now(self) -> datetime:
        """Return the present moment."""
        return self._now

    def advance(self, by: timedelta | float) -> datetime:
        """Move forward by a span, or by so many seconds, and return the new moment."""
        self._now += by if isinstance(by, timedelta) else timedelta(seconds=by)
        return self._now

    def set(self, now: datetime) -> None:
        """Move to a moment, backwards too."""
        self._now = now


class SeededIds:
    """Ids that are the same in every run with the same seed."""

    def __init__(self, seed: int = 0) -> None:
        self._chance = random.Random(seed)  # noqa: S311 -- repeatable on purpose, no secret

    def new(self, at: datetime) -> UUID:
        """Return a new id for something made at that moment."""
        return uuid7(int(at.timestamp() * 1000), self._chance.randbytes(10))


class ScriptedSink:
    """A legacy system that takes deliveries and fails when the script says so.

    `received` holds what it has for good, each delivery id once, in order; `calls` every call.
    Each error of the script is raised by one call, before anything is taken.
    """

    def __init__(self, *failures: BusError | None) -> None:
        self.received: dict[UUID, FromHub] = {}
        self.calls: list[UUID] = []
        self.down: BusError | None = None
        self._script = deque(failures)

    def fail_next(self, *failures: BusError | None) -> None:
        """Append to the script: one entry a call, None for a call that goes well."""
        self._script.extend(failures)

    def deliver(self, message: FromHub, *, delivery: UUID) -> str | None:
        """Take the message, or fail as the script says."""
        self.calls.append(delivery)
        failure = self._script.popleft() if self._script else None
        if (error := self.down or failure) is not None:
            raise error
        if delivery not in self.received:
            self.received[delivery] = message
        return f"S-{list(self.received).index(delivery) + 1:06d}"


class ScriptedSource:
    """A legacy system in which things happen when a test says so; its cursor is a number.

    `told` holds the keys the bus said it has.
    """

    def __init__(self, happened: Iterable[tuple[DossierCode, WireModel]] = ()) -> None:
        self.told: list[str] = []
        self.down: BusError | None = None
        self._changes: list[Change] = []
        for dossier, data in happened:
            self.happen(dossier, data)

    def happen(self, dossier: DossierCode, data: WireModel) -> Change:
        """Let one thing happen and return the change it will be read as."""
        number = len(self._changes) + 1
        change = Change(key=f"scripted:{number}", dossier=dossier, data=data, cursor=str(number))
        self._changes.append(change)
        return change

    def changes(self, *, after: str | None, limit: int) -> Sequence[Change]:
        """Return the oldest changes after the cursor."""
        if self.down is not None:
            raise self.down
        start = int(after or 0)
        return self._changes[start : start + limit]

    def taken(self, changes: Sequence[Change]) -> None:
        """Remember what the bus has."""
        self.told.extend(change.key for change in changes if change.key not in self.told)
