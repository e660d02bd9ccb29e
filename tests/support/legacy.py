"""An agency's scripted legacy system that remembers what it was given, call by call, in order."""

import threading
from collections.abc import Sequence
from uuid import UUID

from bus.ports import Change
from bus.schemas.catalogue import FromHub
from bus.schemas.receipt import MessageAcceptedV1, MessageRejectedV1
from bus.simulation.officials import Officials, Planned

_SHOWN = (MessageAcceptedV1, MessageRejectedV1)


class RecordedOfficials:
    """Officials as `bus.ports.Source` and `bus.ports.Sink`, with a record; any thread may use it.

    `calls` holds the id of every hand-over that came through, in order, repeats included; `said`
    the key of everything the officials have said or will say.
    """

    def __init__(self, officials: Officials) -> None:
        self._officials = officials
        self._lock = threading.Lock()  # one thread delivers while another one asks for changes
        self.calls: list[UUID] = []
        self.said: set[str] = set()

    @property
    def silent(self) -> bool:
        """Whether they have nothing to say that the bus does not have."""
        with self._lock:
            return not self._officials.planned

    def hand_in(self, planned: Planned) -> None:
        """Let a citizen hand in a dossier."""
        with self._lock:
            self._officials.planned.append(planned)
            self._note()

    def deliver(self, message: FromHub, *, delivery: UUID) -> str | None:
        """Take a hand-over in hand, and write down that it came."""
        with self._lock:
            if isinstance(message, _SHOWN):
                return None
            reference = self._officials.deliver(message, delivery=delivery)
            self.calls.append(delivery)
            self._note()
            return reference

    def changes(self, *, after: str | None, limit: int) -> Sequence[Change]:
        """Return what officials have said by now."""
        with self._lock:
            return self._officials.changes(after=after, limit=limit)

    def taken(self, changes: Sequence[Change]) -> None:
        """Forget what the bus has for good."""
        with self._lock:
            self._officials.taken(changes)

    def _note(self) -> None:
        self.said.update(one.change.key for one in self._officials.planned)
