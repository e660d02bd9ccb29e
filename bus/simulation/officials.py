"""Scripted legacy systems: they stand in for the officials of one agency and answer steps.

What they decide follows from the seed, the dossier and the step alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from bus.errors import DestinationUnavailable
from bus.ids import AgencyCode, DossierCode, StepId
from bus.ports import Change, Clock, Source
from bus.routing import compose
from bus.schemas.base import Channel, WireModel
from bus.schemas.catalogue import FromHub
from bus.schemas.consultation import ConsultationForwardedV1, ConsultationRepliedData
from bus.schemas.dossier import (
    DossierCompletedV1,
    DossierReturnedData,
    DossierStatusV1,
    DossierSubmittedData,
    EndKind,
)
from bus.schemas.ending import DossierRatedData, DossierTerminatedData, Satisfaction
from bus.schemas.progress import StepProgressedData
from bus.schemas.recall import RecallAnsweredV1, RecallForwardedV1
from bus.schemas.request import PaymentForwardedV1, SupplementForwardedV1
from bus.schemas.step import (
    StepCompletedData,
    StepReceivedData,
    StepRejectedData,
    StepRequestedV1,
)
from bus.simulation import words
from bus.simulation.script import Around, Script

_ENDINGS: Final = StepCompletedData | StepRejectedData | DossierTerminatedData


@dataclass(slots=True)
class Outage:
    """A legacy system that is down for the first so many attempts, then heals."""

    attempts_left: int = 0

    def strike(self) -> None:
        """Fail while the outage lasts.

        Raises:
            DestinationUnavailable: The system is down.
        """
        if self.attempts_left > 0:
            self.attempts_left -= 1
            raise DestinationUnavailable("hệ thống của đơn vị đang ngừng / the system is down")


@dataclass(slots=True)
class Planned:
    """What an official will say, and when."""

    at: datetime
    change: Change


@dataclass(slots=True)
class Officials:
    """One agency's legacy system, as `bus.ports.Sink` and `bus.ports.Source` in one.

    `pace` says when somebody who takes so many slots of office time is done. `files` is where
    the agency's dropped files come from, where it has such a folder. `effects` has what was
    taken in hand, in order; `names` are the agencies whose work it took over.
    """

    agency: AgencyCode
    script: Script
    clock: Clock
    pace: Callable[[datetime, int], datetime]
    outage: Outage = field(default_factory=Outage)
    files: Source | None = None
    imported: dict[UUID, str] = field(default_factory=dict)
    effects: list[UUID] = field(default_factory=list)
    around: Around = field(default_factory=Around)
    closed: bool = False
    names: set[AgencyCode] = field(default_factory=set)
    repeats: int = 0
    planned: list[Planned] = field(default_factory=list)
    _from_files: int = 0
    wanted_back: set[tuple[DossierCode, StepId]] = field(default_factory=set)

    # --- sink ---------------------------------------------------------------------------------

    def deliver(self, message: FromHub, *, delivery: UUID) -> str | None:
        """Take a hand-off in hand once; answer a repeat as the first time."""
        self.outage.strike()
        known = self.imported.get(delivery)
        if known is not None:
            self.repeats += 1
            return known
        reference = f"{len(self.imported) + 1:06d}/{self.agency}"
        self.imported[delivery] = reference
        self.effects.append(delivery)
        if not self.closed:
            self._plan(message, delivery)
        return reference

    def _plan(self, message: FromHub, delivery: UUID) -> None:
        match message:
            case StepRequestedV1():
                self._work_on(message, delivery)
            case SupplementForwardedV1():
                at = self._slot(message, "supplement", 12)
                self._say(at, delivery, message.subject, words.supplement(at))
            case PaymentForwardedV1():
                at = self._slot(message, "payment", 16)
                self._say(at, delivery, message.subject, words.payment(message, at))
            case ConsultationForwardedV1(data=data):
                at = self._slot(message, "opinion", 6)
                opinion = ConsultationRepliedData(
                    reference=data.reference, opinion="Nhất trí.", replied_at=at
                )
                self._say(at, delivery, message.subject, opinion)
            case DossierCompletedV1(data=data) if data.end is EndKind.COMPLETED:
                at = self._slot(message, "return", 4)
                returned = DossierReturnedData(returned_at=at, channel=Channel.DIRECT)
                self._say(at, delivery, message.subject, returned)
                if self.script.talks(message, "rating"):
                    rated = DossierRatedData(satisfaction=Satisfaction.SATISFIED, rated_at=at)
                    self._say(at, delivery, message.subject, rated)
            case DossierStatusV1():
                self._want_back(message, delivery)
                self._see(message, delivery)
            case RecallForwardedV1():
                self._answer_recall(message, delivery)
            case RecallAnsweredV1():
                self._mend(message, delivery)
            case _:
                pass

    def _want_back(self, message: DossierStatusV1, delivery: UUID) -> None:
        """Ask, as the receiving unit, for a step that another has now."""
        data = message.data
        if data.supervision or data.step is None or data.agency in {None, self.agency}:
            return
        if self.script.talks(message, "recall", rarely=True):
            at = self._slot(message, "recall", 4)
            self.wanted_back.add((message.subject, data.step))
            self._say(at, delivery, message.subject, words.recall(data.step, at))

    def _see(self, message: DossierStatusV1, delivery: UUID) -> None:
        """Say what has happened outside that a dossier waits for, if it has."""
        step = message.data.step
        if step is not None and step in self.around.waits and self.script.happens(message):
            at = self._slot(message, "outside", 12)
            ended = words.outside(step, self.around.waits[step][0], at)
            self._say(at, delivery, message.subject, ended)

    def _mend(self, message: RecallAnsweredV1, delivery: UUID) -> None:
        """Add what was missing to a step that was given back for it."""
        if message.data.agreed and (message.subject, message.data.step) in self.wanted_back:
            at = self._slot(message, "supplement", 4)
            self._say(at, delivery, message.subject, words.supplement(at))

    def _answer_recall(self, message: RecallForwardedV1, delivery: UUID) -> None:
        """Give a step back, or keep it; who has said all about it leaves it at that."""
        about = (message.subject, message.data.step, message.data.round)
        mine = [one for one in self.planned if _about(one.change) == about]
        ends = any(isinstance(one.change.data, _ENDINGS) for one in mine)
        at = self._slot(message, "recall answer", 2)
        if not ends:
            return
        if self.script.gives_back(message):
            self.planned = [one for one in self.planned if one not in mine]
            self._say(at, delivery, message.subject, words.agreement(message, at))
        elif at < min(one.at for one in mine if isinstance(one.change.data, _ENDINGS)):
            self._say(at, delivery, message.subject, words.keeping(message, at))

    def _work_on(self, message: StepRequestedV1, delivery: UUID) -> None:
        data, script = message.data, self.script
        received = self._slot(message, f"{data.step}.received", 2)
        self._say(
            received,
            delivery,
            message.subject,
            StepReceivedData(step=data.step, round=data.round, received_at=received),
        )
        if self._gives_on(message):
            to = words.wrong_office(message, self.around.neighbours[0], received)
            self._say(received, delivery, message.subject, to)
            return
        self._talk(message, delivery, received)
        done = self.pace(received, script.slots(message, f"{data.step}.{data.round}", 10))
        if script.asks_more(message):
            self._say(done, delivery, message.subject, words.notice_of_missing(message, done))
            return
        if script.refuses(message):
            self._say(done, delivery, message.subject, words.refusal(message, done))
            return
        if data.round == 1 and script.talks(message, "stop", rarely=True):
            self._say(done, delivery, message.subject, words.termination(done))
            return
        outcome = script.outcome(message)
        if outcome == "due":
            self._say(done, delivery, message.subject, words.demand(message, done))
        self._say(
            done,
            delivery,
            message.subject,
            StepCompletedData(step=data.step, round=data.round, outcome=outcome, completed_at=done),
        )
        following = self.around.following(message)
        if data.round == 1 and following and script.talks(message, "regret"):
            at = self.pace(done, script.slots(message, "regret", 4))
            if self._is_own(data.receiving_unit):
                self.wanted_back.add((message.subject, following[0]))
            self._say(at, delivery, message.subject, words.recall(following[0], at))

    def _is_own(self, unit: AgencyCode) -> bool:
        return unit == self.agency or unit in self.names

    def _gives_on(self, message: StepRequestedV1) -> bool:
        others = self.around.neighbours and not self._is_own(message.data.receiving_unit)
        return bool(others) and self.script.talks(message, "wrong office", rarely=True)

    def _talk(self, message: StepRequestedV1, delivery: UUID, at: datetime) -> None:
        """Say what need not be said about a step that was taken in hand."""
        data, talks = message.data, self.script.talks
        if talks(message, "progress"):
            note = StepProgressedData(
                step=data.step, round=data.round, note="Đang thẩm định.", progressed_at=at
            )
            self._say(at, delivery, message.subject, note)
        if talks(message, "consultation") and not self._is_own(data.receiving_unit):
            self._say(at, delivery, message.subject, words.question(message, self.agency, at))
        if talks(message, "extension") and data.due_at is not None:
            self._say(at, delivery, message.subject, words.apology(message, data.due_at, at))

    def _slot(self, message: FromHub, about: str, most: int) -> datetime:
        return self.pace(self.clock.now(), self.script.slots(message, about, most))

    def _say(self, at: datetime, delivery: UUID, dossier: DossierCode, data: WireModel) -> None:
        key = f"{delivery}/{compose.type_of(data)}"
        change = Change(key=key, dossier=dossier, data=data, cursor="")
        self.planned.append(Planned(at, change))

    def close(self) -> None:
        """Close the office: it says what citizens handed in there before, and no more."""
        self.closed = True
        self.planned = [
            one for one in self.planned if isinstance(one.change.data, DossierSubmittedData)
        ]

    def inherit(self, other: "Officials") -> None:
        """Take over another's papers: what it wanted back, and why."""
        self.wanted_back |= other.wanted_back
        self.names.add(other.agency)

    # --- source -------------------------------------------------------------------------------

    def changes(self, *, after: str | None, limit: int) -> Sequence[Change]:
        """Return what was dropped as files, then what officials have said by now."""
        dropped = list(self.files.changes(after=after, limit=limit)) if self.files else []
        self._from_files = len(dropped)
        if not self.planned:
            return dropped
        now = self.clock.now()
        said = [one for one in self.planned if one.at <= now]
        said.sort(key=lambda one: one.at)
        return [*dropped, *(one.change for one in said)][:limit]

    def taken(self, changes: Sequence[Change]) -> None:
        """Forget what the bus has for good."""
        if self.files and self._from_files:
            self.files.taken(changes[: self._from_files])
        keys = {change.key for change in changes}
        self.planned = [one for one in self.planned if one.change.key not in keys]

    def next_at(self) -> datetime | None:
        """Return when an official speaks next, or None."""
        return min((one.at for one in self.planned), default=None)


def _about(change: Change) -> tuple[DossierCode, str, int]:
    """Return which dossier, step and round something is about; what is about no step, none."""
    data = change.data
    if isinstance(data, DossierTerminatedData):
        return change.dossier, "", 0
    return change.dossier, getattr(data, "step", ""), getattr(data, "round", 0)
