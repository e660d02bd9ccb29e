"""A dossier walked through its route by hand: say something, look at the case and what is owed."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID

from bus.ids import AgencyCode, AreaCode, DossierCode, ProcedureCode, StepId, uuid7
from bus.routing import compose
from bus.routing.case import Case, StepRun
from bus.routing.effects import HandOver
from bus.routing.machine import ClockStruck, Event, advance
from bus.routing.opening import Context
from bus.routing.province import Catalogue
from bus.schemas.base import Channel, PartyKind, WireModel
from bus.schemas.catalogue import FROM_AGENCY, DossierEvent
from bus.schemas.consultation import ConsultationRepliedData, ConsultationRequestedData
from bus.schemas.dossier import (
    Component,
    CopyKind,
    DossierReturnedData,
    DossierSubmittedData,
    DossierSupplementedData,
    DossierWithdrawnData,
    Party,
)
from bus.schemas.ending import (
    DossierRatedData,
    DossierRejectedData,
    DossierTerminatedData,
    Satisfaction,
)
from bus.schemas.progress import StepExtendedData, StepProgressedData
from bus.schemas.recall import (
    RecallAgreedData,
    RecallRefusedData,
    RecallRequestedData,
    StepForwardedData,
)
from bus.schemas.request import (
    PaymentConfirmedData,
    PaymentRequestedData,
    SupplementItem,
    SupplementRequestedData,
)
from bus.schemas.route import Route
from bus.schemas.step import StepCompletedData, StepReceivedData, StepRejectedData
from bus.schemas.wait import WaitEndedData
from bus.simulation.turned_clock import LOCAL
from bus.storage.province import load_province

YEN_BAI = Path(__file__).parents[2] / "deploy" / "yen-bai"
MONDAY = datetime(2025, 3, 3, 8, 30, tzinfo=LOCAL).astimezone(UTC)
GIA_HOI = AreaCode("04636")


@cache
def yen_bai() -> Catalogue:
    """The sample province, compiled once."""
    return Catalogue(1, load_province(YEN_BAI))


def yen_bai_with(procedure: str, **changes: object) -> Catalogue:
    """The sample province with something changed in the route of a procedure."""
    province = yen_bai().province
    routes = tuple(
        Route.model_validate(dict(route) | changes) if route.procedure == procedure else route
        for route in province.routes
    )
    return Catalogue(2, province.model_copy(update={"routes": routes}))


def commune_unit(area: AreaCode = GIA_HOI) -> AgencyCode:
    """The one-stop unit of a commune."""
    (unit,) = (u for u in yen_bai().directory.receiving_units(MONDAY) if u.area == area)
    return unit.code


@dataclass
class Walk:
    """One dossier; `owed` is what the last event made due."""

    procedure: str
    facts: dict[str, str | bool | int] = field(default_factory=dict)
    at: datetime = MONDAY
    case: Case | None = None
    owed: tuple[HandOver, ...] = ()
    number: int = 0
    catalogue: Catalogue = field(default_factory=yen_bai)

    @property
    def unit(self) -> AgencyCode:
        return commune_unit()

    @property
    def code(self) -> DossierCode:
        return DossierCode(f"{self.unit}-250303-0001")

    def submit(self, **changes: object) -> "Walk":
        """Hand the dossier in, complete and valid unless changed."""
        dossier = a_dossier(self.procedure, self.facts, self.at)
        return self.say(dossier.model_copy(update=changes), by=self.unit)

    def say(self, data: WireModel, *, by: AgencyCode) -> "Walk":
        """Let an agency say something and move the case."""
        return self.take(self.event(data, by=by))

    def take(self, event: Event) -> "Walk":
        """Let something happen to the case."""
        self.case, self.owed = advance(self.case, event, Context(self.catalogue, self.at))
        return self

    def event(self, data: WireModel, *, by: AgencyCode) -> DossierEvent:
        """Return what an agency says, as it comes off the wire."""
        self.number += 1
        body = compose.dossier_message(
            data,
            id_=self.id(),
            source=by,
            subject=self.code,
            sequence=self.number,
            time=self.at,
        )
        event = FROM_AGENCY.validate_json(body)
        assert isinstance(event, DossierEvent)
        return event

    def id(self) -> UUID:
        return uuid7(int(self.at.timestamp() * 1000), self.number.to_bytes(10, "big"))

    def strike(self) -> "Walk":
        """Let the clock look at the case."""
        return self.take(ClockStruck())

    def later(self, **time: float) -> "Walk":
        """Let time pass."""
        self.at += timedelta(**time)
        return self

    def run(self, step: str) -> StepRun:
        """Return the run of a step."""
        assert self.case is not None
        run = self.case.step(StepId(step))
        assert run is not None
        return run

    def receive(self, step: str) -> "Walk":
        run = self.run(step)
        data = StepReceivedData(step=run.id, round=run.round, received_at=self.at)
        return self.say(data, by=self._performer(step))

    def complete(self, step: str, outcome: str = "done", **outputs: str) -> "Walk":
        run = self.run(step)
        data = StepCompletedData(
            step=run.id,
            round=run.round,
            outcome=outcome,
            outputs=dict(outputs),
            completed_at=self.at,
        )
        return self.say(data, by=self._performer(step))

    def reject(self, step: str, reason: str = "Không đủ điều kiện.") -> "Walk":
        run = self.run(step)
        data = StepRejectedData(step=run.id, round=run.round, reason=reason, rejected_at=self.at)
        return self.say(data, by=self._performer(step))

    def ask_more(self, step: str) -> "Walk":
        run = self.run(step)
        data = SupplementRequestedData(
            step=run.id,
            round=run.round,
            items=(SupplementItem(content="Bổ sung giấy chứng tử."),),
            reason="Thiếu giấy tờ.",
            requested_at=self.at,
        )
        return self.say(data, by=self._performer(step))

    def supplement(self, **changes: object) -> "Walk":
        paper = Component(code="BO-SUNG", name="Giấy tờ", kind=CopyKind.COPY, quantity=1)
        data = DossierSupplementedData(components=(paper,), accepted_at=self.at)
        return self.say(data.model_copy(update=changes), by=self.unit)

    def demand(self, step: str = "tax", reference: str = "TB-1") -> "Walk":
        run = self.run(step)
        data = PaymentRequestedData(
            step=run.id,
            round=run.round,
            reference=reference,
            amount_vnd=500_000,
            payee="Kho bạc Nhà nước",
            requested_at=self.at,
        )
        return self.say(data, by=self._performer(step))

    def pay(self, amount: int = 500_000) -> "Walk":
        data = PaymentConfirmedData(
            reference="TB-1", amount_vnd=amount, receipt="BL-1", paid_at=self.at
        )
        return self.say(data, by=self.unit)

    def withdraw(self, reason: str = "Đổi ý.") -> "Walk":
        return self.say(DossierWithdrawnData(reason=reason, withdrawn_at=self.at), by=self.unit)

    def turn_away(self, reason: str = "Không thuộc phạm vi tiếp nhận.") -> "Walk":
        """Let the receiving unit find that it should not have taken the dossier."""
        return self.say(DossierRejectedData(reason=reason, rejected_at=self.at), by=self.unit)

    def terminate(self, *, by: AgencyCode) -> "Walk":
        data = DossierTerminatedData(reason="Đã chuyển đi.", terminated_at=self.at)
        return self.say(data, by=by)

    def hand_out(self) -> "Walk":
        """Give the citizen the result."""
        data = DossierReturnedData(returned_at=self.at, channel=Channel.DIRECT)
        return self.say(data, by=self.unit)

    def rate(self, how: Satisfaction = Satisfaction.SATISFIED) -> "Walk":
        return self.say(DossierRatedData(satisfaction=how, rated_at=self.at), by=self.unit)

    def progress(self, step: str, note: str = "Đang xác minh.") -> "Walk":
        run = self.run(step)
        data = StepProgressedData(step=run.id, round=run.round, note=note, progressed_at=self.at)
        return self.say(data, by=self._performer(step))

    def extend(self, step: str, *, days: float = 30, **changes: object) -> "Walk":
        """Let a performer say that it will be late, and when it will be done."""
        run = self.run(step)
        data = StepExtendedData(
            step=run.id,
            round=run.round,
            reason="Phải xác minh lại.",
            apology="Cơ quan xin lỗi ông, bà.",
            extended_due_at=self.at + timedelta(days=days),
            extended_at=self.at,
        )
        return self.say(data.model_copy(update=changes), by=self._performer(step))

    def consult(
        self, step: str, consulted: AgencyCode, reference: str = "1/LYK", *, days: float = 3
    ) -> "Walk":
        run = self.run(step)
        data = ConsultationRequestedData(
            step=run.id,
            round=run.round,
            reference=reference,
            consulted=consulted,
            content="Xin ý kiến.",
            due_at=self.at + timedelta(days=days),
            requested_at=self.at,
        )
        return self.say(data, by=self._performer(step))

    def reply(self, *, by: AgencyCode, reference: str = "1/LYK") -> "Walk":
        data = ConsultationRepliedData(reference=reference, opinion="Nhất trí.", replied_at=self.at)
        return self.say(data, by=by)

    def recall(self, step: str, *, by: AgencyCode) -> "Walk":
        run = self.run(step)
        data = RecallRequestedData(
            step=run.id, round=run.round, reason="Chuyển nhầm.", requested_at=self.at
        )
        return self.say(data, by=by)

    def agree(self, step: str) -> "Walk":
        """Give back a step that was asked back."""
        run = self.run(step)
        data = RecallAgreedData(step=run.id, round=run.round, agreed_at=self.at)
        return self.say(data, by=self._performer(step))

    def keep(self, step: str, reason: str = "Đã thẩm định xong.") -> "Walk":
        """Keep a step that was asked back."""
        run = self.run(step)
        data = RecallRefusedData(step=run.id, round=run.round, reason=reason, refused_at=self.at)
        return self.say(data, by=self._performer(step))

    def forward(self, step: str, to: AgencyCode) -> "Walk":
        run = self.run(step)
        data = StepForwardedData(
            step=run.id,
            round=run.round,
            competent_agency=to,
            reason="Không thuộc địa bàn.",
            forwarded_at=self.at,
        )
        return self.say(data, by=self._performer(step))

    def happened(self, step: str, outcome: str) -> "Walk":
        """Let the receiving unit say what a dossier waited for."""
        run = self.run(step)
        data = WaitEndedData(step=run.id, round=run.round, outcome=outcome, ended_at=self.at)
        return self.say(data, by=self.unit)

    def told(self, message: str) -> list[HandOver]:
        """Return what the last event made due of one message type."""
        return [owed for owed in self.owed if compose.name_of(owed.message) == message]

    def _performer(self, step: str) -> AgencyCode:
        return self.run(step).agency or self.unit


def a_dossier(
    procedure: str, facts: dict[str, str | bool | int], at: datetime
) -> DossierSubmittedData:
    """Return a complete dossier, valid by default."""
    return DossierSubmittedData(
        procedure=ProcedureCode(procedure),
        channel=Channel.DIRECT,
        area=GIA_HOI,
        title="Đề nghị giải quyết thủ tục",
        owner=Party(kind=PartyKind.CITIZEN, name="Nguyễn Thị Thử", identity="000000000001"),
        components=(Component(code="TO-KHAI", name="Tờ khai", kind=CopyKind.ORIGINAL, quantity=1),),
        facts=facts,
        form={},
        submitted_at=at - timedelta(minutes=30),
        accepted_at=at - timedelta(minutes=5),
    )
