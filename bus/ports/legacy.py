"""What an adapter offers: a source of changes, and a sink for what the hub hands over."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from bus.ids import DossierCode
from bus.schemas.base import WireModel
from bus.schemas.catalogue import FromHub


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened in a legacy system and is to be told.

    `key` names it for ever (the same change read again has the same key); `data` is the content
    of one of the messages an agency sends about a dossier.
    """

    key: str
    dossier: DossierCode
    data: WireModel
    cursor: str


class Source(Protocol):
    """Reads what happened in one agency's system.

    One thread at a time uses a source. The cursor is kept by the bus, so a source need not keep
    any state of its own.
    """

    def changes(self, *, after: str | None, limit: int) -> Sequence[Change]:
        """Return the oldest changes after the cursor, in order, none left out.

        The same cursor gives the same changes first, until `taken` was called for them; so a
        crash before the cursor is stored only repeats work.

        Raises:
            SourceUnavailable: The system gave no answer; ask again later.
        """
        ...

    def taken(self, changes: Sequence[Change]) -> None:
        """Learn that the bus has these for good. May be told twice, or never after a crash."""
        ...


class Sink(Protocol):
    """Puts messages into one agency's system.

    One thread at a time uses a sink. A delivery id seen before is answered like the first time
    and changes nothing.
    """

    def deliver(self, message: FromHub, *, delivery: UUID) -> str | None:
        """Hand over one message and return the system's own reference for it, if it has one.

        Raises:
            DestinationUnavailable: No answer; the bus tries again.
            DestinationRefused: The system said no; the bus does not try again.
        """
        ...
