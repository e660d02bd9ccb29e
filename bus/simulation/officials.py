"""Scripted legacy systems: they stand in for the officials of one agency and answer steps.

What they decide follows from the seed, the dossier and the step alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from bus.errors import DestinationUnavailable
from bus.ids import AgencyCode, DossierCode
from bus.ports import Change, Clock, Source
from bus.routing import compose
from bus.schemas.base import Channel, WireModel
from bus.schemas.catalogue import FromHub
from bus.schemas.consultation import (
    ConsultationForwardedV1,
    ConsultationRepliedData,
    ConsultationRequestedData,
)
from bus.schemas.dossier import (
    Component,
    CopyKind,
    DossierCompletedV1,
    DossierReturnedData,
    DossierSupplementedData,
    EndKind,
)
from bus.schemas.ending import DossierRatedData, Satisfaction
from bus.schemas.progress import StepExtendedData, StepProgressedData
from bus.schemas.request import (
    PaymentConfirmedData,
    PaymentForwardedV1,
    PaymentRequestedData,
    SupplementForwardedV1,
    SupplementItem,
    SupplementRequestedData,
)
from bus.schemas.step import (
    StepCompletedData,
    StepReceivedData,
    StepRejectedData,
    StepRequestedV1,
)
from bus.simulation.turned_clock import draw


@dataclass(frozen=True, slots=True)
class Script:
    """How the officials of a rehearsal decide.

    `refused` and `supplemented` name dossiers whose fate is fixed; the shares hold for the rest,
    per step. With `talk_share` officials also say what need not be said: how far they are, what
    another agency thinks of it, that it will be late, how content the citizen is.
    """

    seed: int
    refused: frozenset[DossierCode] = frozenset()
    supplemented: frozenset[DossierCode] = frozenset()
    refusal_share: float = 0.01
    supplement_share: float = 0.03
    talk_share: float = 0.0

    def refuses(self, message: StepRequestedV1) -> bool:
        """Say whether the official refuses the dossier at this step."""
        if message.subject in self.refused:
            return True
        return self._chance(message, "refuse") < self.refusal_share

    def asks_more(self, message: StepRequestedV1) -> bool:
        """Say whether the official asks for a supplement; at most once per step."""
        if message.data.round > 1 or message.subject in self.refused:
            return False
        if message.subject in self.supplemented and not message.data.results:
            return True
        return self._chance(message, "supplement") < self.supplement_share

    def talks(self, message: StepRequestedV1 | DossierCompletedV1, about: str) -> bool:
        """Say whether somebody says something about a matter that need not be said."""
        step = message.data.step if isinstance(message, StepRequestedV1) else ""
        return draw(self.seed, message.subject, step, about) < self.talk_share

    def outcome(self, message: StepRequestedV1) -> str:
        """Return the outcome: the last one the slip names three times out of four."""
        outcomes = message.data.outcomes
        rest = outcomes[:-1]
        chance = self._chance(message, "outcome")
        if not rest or chance < 0.75:  # noqa: PLR2004 -- three out of four, as said
            return outcomes[-1]
        return rest[int((chance - 0.75) * 4 * len(rest))]

    def slots(self, message: FromHub, about: str, most: int) -> int:
        """Return how many office slots the official takes, from 1 to `most`."""
        subject = getattr(message, "subject", "")
        return 1 + int(draw(self.seed, subject, message.type, about) * most)

    def _chance(self, message: StepRequestedV1, about: str) -> float:
        return draw(self.seed, message.subject, message.data.step, about)


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
    taken in hand, in order.
    """

    agency: AgencyCode
    script: Script
    clock: Clock
    pace: Callable[[datetime, int], datetime]
    outage: Outage = field(default_factory=Outage)
    files: Source | None = None
    imported: dict[UUID, str] = field(default_factory=dict)
    effects: list[UUID] = field(default_factory=list)
    repeats: int = 0
    planned: list[Planned] = field(default_factory=list)
    _from_files: int = 0

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
        self._plan(message, delivery)
        return reference

    def _plan(self, message: FromHub, delivery: UUID) -> None:
        match message:
            case StepRequestedV1():
                self._work_on(message, delivery)
            case SupplementForwardedV1():
                at = self._slot(message, "supplement", 12)
                self._say(at, delivery, message.subject, _supplement(at))
            case PaymentForwardedV1():
                at = self._slot(message, "payment", 16)
                self._say(at, delivery, message.subject, _payment(message, at))
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
            case _:
                pass

    def _work_on(self, message: StepRequestedV1, delivery: UUID) -> None:
        data, script = message.data, self.script
        received = self._slot(message, f"{data.step}.received", 2)
        self._say(
            received,
            delivery,
            message.subject,
            StepReceivedData(step=data.step, round=data.round, received_at=received),
        )
        self._talk(message, delivery, received)
        done = self.pace(received, script.slots(message, f"{data.step}.{data.round}", 10))
        if script.asks_more(message):
            self._say(done, delivery, message.subject, _asks(message, done))
            return
        if script.refuses(message):
            self._say(done, delivery, message.subject, _refusal(message, done))
            return
        outcome = script.outcome(message)
        if outcome == "due":
            self._say(done, delivery, message.subject, _demand(message, done))
        self._say(
            done,
            delivery,
            message.subject,
            StepCompletedData(step=data.step, round=data.round, outcome=outcome, completed_at=done),
        )

    def _talk(self, message: StepRequestedV1, delivery: UUID, at: datetime) -> None:
        """Say what need not be said about a step that was taken in hand."""
        data, talks = message.data, self.script.talks
        if talks(message, "progress"):
            note = StepProgressedData(
                step=data.step, round=data.round, note="Đang thẩm định.", progressed_at=at
            )
            self._say(at, delivery, message.subject, note)
        if talks(message, "consultation") and data.receiving_unit != self.agency:
            self._say(at, delivery, message.subject, _question(message, at))
        if talks(message, "extension") and data.due_at is not None:
            self._say(at, delivery, message.subject, _excuse(message, data.due_at, at))

    def _slot(self, message: FromHub, about: str, most: int) -> datetime:
        return self.pace(self.clock.now(), self.script.slots(message, about, most))

    def _say(self, at: datetime, delivery: UUID, dossier: DossierCode, data: WireModel) -> None:
        key = f"{delivery}/{compose.type_of(data)}"
        change = Change(key=key, dossier=dossier, data=data, cursor="")
        self.planned.append(Planned(at, change))

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


def _supplement(at: datetime) -> DossierSupplementedData:
    paper = Component(
        code="BO-SUNG", name="Giấy tờ bổ sung theo yêu cầu", kind=CopyKind.COPY, quantity=1
    )
    return DossierSupplementedData(components=(paper,), accepted_at=at - timedelta(minutes=5))


def _payment(message: PaymentForwardedV1, at: datetime) -> PaymentConfirmedData:
    return PaymentConfirmedData(
        reference=message.data.reference,
        amount_vnd=message.data.amount_vnd,
        receipt=f"BL-{message.subject[-11:]}",
        paid_at=at,
    )


def _asks(message: StepRequestedV1, at: datetime) -> SupplementRequestedData:
    return SupplementRequestedData(
        step=message.data.step,
        round=message.data.round,
        items=(SupplementItem(content="Bổ sung bản sao giấy tờ còn thiếu."),),
        reason="Hồ sơ chưa đủ thành phần theo quy định.",
        requested_at=at,
    )


def _question(message: StepRequestedV1, at: datetime) -> ConsultationRequestedData:
    data = message.data
    return ConsultationRequestedData(
        step=data.step,
        round=data.round,
        reference=f"{data.step}-{data.round}/LYK",
        consulted=data.receiving_unit,
        content="Đề nghị cho ý kiến về hồ sơ.",
        due_at=at + timedelta(days=1),
        requested_at=at,
    )


def _excuse(message: StepRequestedV1, due: datetime, at: datetime) -> StepExtendedData:
    return StepExtendedData(
        step=message.data.step,
        round=message.data.round,
        reason="Cần xác minh thêm.",
        apology="Cơ quan xin lỗi ông, bà vì sự chậm trễ này.",
        extended_due_at=due + timedelta(days=200),
        extended_at=at,
    )


def _refusal(message: StepRequestedV1, at: datetime) -> StepRejectedData:
    return StepRejectedData(
        step=message.data.step,
        round=message.data.round,
        reason="Không đủ điều kiện theo quy định của thủ tục.",
        legal_basis="Nghị định 61/2018/NĐ-CP, Điều 19 khoản 8",
        rejected_at=at,
    )


def _demand(message: StepRequestedV1, at: datetime) -> PaymentRequestedData:
    return PaymentRequestedData(
        step=message.data.step,
        round=message.data.round,
        reference=f"TB-{message.subject[-11:]}",
        amount_vnd=1_250_000,
        payee="Kho bạc Nhà nước",
        requested_at=at,
    )
