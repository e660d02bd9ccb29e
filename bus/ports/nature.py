"""Time, and ids made of time and chance."""

from datetime import datetime
from typing import Protocol
from uuid import UUID


class Clock(Protocol):
    """Tells the time, UTC, aware. Never read by `schemas` or `routing`."""

    def now(self) -> datetime:
        """Return the present moment."""
        ...


class Ids(Protocol):
    """Makes message ids: UUID version 7, never the same twice."""

    def new(self, at: datetime) -> UUID:
        """Return a new id for something made at that moment."""
        ...
