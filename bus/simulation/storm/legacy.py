"""The legacy systems in a storm: they are down, slow, broken, late, and say things twice.

Each remembers what it took, in order: that is what is checked at the end.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

from bus.errors import DestinationRefused, DestinationUnavailable, SourceUnavailable
from bus.ids import AgencyCode, DossierCode
from bus.ports import Change, LaneKey
from bus.routing.compose import type_of
from bus.schemas.catalogue import FromHub
from bus.schemas.consultation import ConsultationRequestedData
from bus.schemas.request import PaymentRequestedData
from bus.schemas.step import StepRequestedV1
from bus.simulation.officials import Officials, Planned
from bus.simulation.storm.faults import FaultKind, Faults
from bus.simulation.turned_clock import TurnedClock

_REFUSED: Final = 0.01
_SLOW: Final = timedelta(minutes=10)
_SAID_AGAIN_AFTER: Final = timedelta(hours=4)
_WHILE_IT_TAKES: Final = (
    FaultKind.LEGACY_FAILED,
    FaultKind.LEGACY_LATE,
    FaultKind.LEGACY_SLOW,
    FaultKind.LEGACY_BROKEN,
)
TWICE: Final = "/again"
"""How the key of what was said twice ends."""


@dataclass(slots=True)
class Book:
    """What the legacy systems of a run did, in order: `taken` has every effect they had."""

    taken: dict[LaneKey, list[UUID]] = field(default_factory=dict)
    moments: dict[UUID, int] = field(default_factory=dict)
    said: dict[str, int] = field(default_factory=dict)
    count: int = 0

    def take(self, agency: AgencyCode, dossier: DossierCode, delivery: UUID) -> None:
        """Note an effect."""
        self.count += 1
        self.taken.setdefault(LaneKey(agency, dossier), []).append(delivery)
        self.moments.setdefault(delivery, self.count)

    def say(self, agency: AgencyCode, changes: Sequence[Change]) -> None:
        """Note what was read from a system, when first."""
        self.count += 1
        for change in changes:
            self.said.setdefault(f"{agency}|{change.key}", self.count)


@dataclass(slots=True)
class Legacy:
    """One agency's system, as `bus.ports.Sink` and `bus.ports.Source` in one."""

    officials: Officials
    faults: Faults
    clock: TurnedClock
    book: Book
    tell: Callable[..., None]
    down: bool = False
    _times: Counter[UUID] = field(default_factory=Counter)

    def deliver(self, message: FromHub, *, delivery: UUID) -> str | None:
        """Take a hand-off, if the storm lets it."""
        agency, faults = self.officials.agency, self.faults
        if self.down:
            raise DestinationUnavailable("the system is down")
        self._times[delivery] += 1
        about = (agency, message.type, delivery, self._times[delivery])
        fault = faults.strikes_one(_WHILE_IT_TAKES, *about)
        if fault is FaultKind.LEGACY_SLOW:
            self.clock.turn(self.clock.now() + _SLOW * faults.throw("slow", *about))
        if fault is FaultKind.LEGACY_FAILED:
            raise DestinationUnavailable("the system gave no answer")
        if fault is FaultKind.LEGACY_BROKEN:
            raise RuntimeError("ORA-00600")
        if isinstance(message, StepRequestedV1) and self._refuses(message):
            raise DestinationRefused("the system does not take this dossier")
        reference = self._take(message, delivery)
        if fault is FaultKind.LEGACY_LATE:
            raise DestinationUnavailable("the system gave no answer in time")
        return reference

    def changes(self, *, after: str | None, limit: int) -> Sequence[Change]:
        """Return what officials have said by now."""
        if self.down:
            raise SourceUnavailable("the system is down")
        changes = self.officials.changes(after=after, limit=limit)
        self.book.say(self.officials.agency, changes)
        return changes

    def taken(self, changes: Sequence[Change]) -> None:
        """Forget what the bus has for good."""
        for change in changes:
            self.tell(self.officials.agency, "said", type_of(change.data), change.dossier)
        self.officials.taken(changes)

    def speaks(self) -> bool:
        """Say whether there is something to read now."""
        at = None if self.down else self.officials.next_at()
        return at is not None and at <= self.clock.now()

    def _refuses(self, message: StepRequestedV1) -> bool:
        data = message.data
        return self.faults.throw("refuses", message.subject, data.step, data.round) < _REFUSED

    def _take(self, message: FromHub, delivery: UUID) -> str | None:
        before = dict.fromkeys(one.change.key for one in self.officials.planned)
        count = len(self.officials.effects)
        reference = self.officials.deliver(message, delivery=delivery)
        dossier = getattr(message, "subject", None)
        if len(self.officials.effects) > count and dossier is not None:
            self.book.take(self.officials.agency, dossier, delivery)
            self.tell(self.officials.agency, "took", message.type, dossier, delivery)
        self._twice([one for one in self.officials.planned if one.change.key not in before])
        return reference

    def _twice(self, fresh: Sequence[Planned]) -> None:
        """Say something again under another name, as people do who do not trust their machine.

        A demand for payment or an opinion is left out: twice, it is two demands.
        """
        for one in fresh:
            change = one.change
            demand = isinstance(change.data, PaymentRequestedData | ConsultationRequestedData)
            if not demand and self.faults.strikes(FaultKind.LEGACY_REPEATED, change.key):
                at = one.at + _SAID_AGAIN_AFTER * self.faults.throw("later", change.key)
                again = Change(change.key + TWICE, change.dossier, change.data, change.cursor)
                self.officials.planned.append(Planned(at, again))
