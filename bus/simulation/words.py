"""What officials and citizens say in a rehearsal, word for word."""

from datetime import datetime, timedelta

from bus.ids import AgencyCode, StepId
from bus.schemas.consultation import ConsultationRequestedData
from bus.schemas.dossier import Component, CopyKind, DossierSupplementedData
from bus.schemas.ending import DossierTerminatedData
from bus.schemas.progress import StepExtendedData
from bus.schemas.recall import (
    RecallAgreedData,
    RecallForwardedV1,
    RecallRefusedData,
    RecallRequestedData,
    StepForwardedData,
)
from bus.schemas.request import (
    PaymentConfirmedData,
    PaymentForwardedV1,
    PaymentRequestedData,
    SupplementItem,
    SupplementRequestedData,
)
from bus.schemas.step import StepRejectedData, StepRequestedV1
from bus.schemas.wait import WaitEndedData


def supplement(at: datetime) -> DossierSupplementedData:
    """Return what a citizen adds."""
    paper = Component(
        code="BO-SUNG", name="Giấy tờ bổ sung theo yêu cầu", kind=CopyKind.COPY, quantity=1
    )
    return DossierSupplementedData(components=(paper,), accepted_at=at - timedelta(minutes=5))


def payment(message: PaymentForwardedV1, at: datetime) -> PaymentConfirmedData:
    """Return what a payee says when the money is there."""
    return PaymentConfirmedData(
        reference=message.data.reference,
        amount_vnd=message.data.amount_vnd,
        receipt=f"BL-{message.subject[-11:]}",
        paid_at=at,
    )


def notice_of_missing(message: StepRequestedV1, at: datetime) -> SupplementRequestedData:
    """Return the one notice of what is missing."""
    return SupplementRequestedData(
        step=message.data.step,
        round=message.data.round,
        items=(SupplementItem(content="Bổ sung bản sao giấy tờ còn thiếu."),),
        reason="Hồ sơ chưa đủ thành phần theo quy định.",
        requested_at=at,
    )


def question(message: StepRequestedV1, by: AgencyCode, at: datetime) -> ConsultationRequestedData:
    """Return a question for another's opinion."""
    data = message.data
    return ConsultationRequestedData(
        step=data.step,
        round=data.round,
        reference=f"{data.step}-{data.round}/LYK-{by}",
        consulted=data.receiving_unit,
        content="Đề nghị cho ý kiến về hồ sơ.",
        due_at=at + timedelta(days=1),
        requested_at=at,
    )


def apology(message: StepRequestedV1, due: datetime, at: datetime) -> StepExtendedData:
    """Return the notice that it will be late."""
    return StepExtendedData(
        step=message.data.step,
        round=message.data.round,
        reason="Cần xác minh thêm.",
        apology="Cơ quan xin lỗi ông, bà vì sự chậm trễ này.",
        extended_due_at=due + timedelta(days=200),
        extended_at=at,
    )


def refusal(message: StepRequestedV1, at: datetime) -> StepRejectedData:
    """Return a refusal after appraisal."""
    return StepRejectedData(
        step=message.data.step,
        round=message.data.round,
        reason="Không đủ điều kiện theo quy định của thủ tục.",
        legal_basis="Nghị định 61/2018/NĐ-CP, Điều 19 khoản 8",
        rejected_at=at,
    )


def demand(message: StepRequestedV1, at: datetime) -> PaymentRequestedData:
    """Return a demand for payment."""
    return PaymentRequestedData(
        step=message.data.step,
        round=message.data.round,
        reference=f"TB-{message.subject[-11:]}",
        amount_vnd=1_250_000,
        payee="Kho bạc Nhà nước",
        requested_at=at,
    )


def termination(at: datetime) -> DossierTerminatedData:
    """Return the notice that a dossier is stopped."""
    return DossierTerminatedData(
        reason="Thửa đất đang có tranh chấp.", legal_basis="Luật Đất đai 2024", terminated_at=at
    )


def wrong_office(message: StepRequestedV1, to: AgencyCode, at: datetime) -> StepForwardedData:
    """Return a step given on to the agency that is competent."""
    return StepForwardedData(
        step=message.data.step,
        round=message.data.round,
        competent_agency=to,
        reason="Không thuộc địa bàn được giao.",
        forwarded_at=at,
    )


def recall(step: StepId, at: datetime) -> RecallRequestedData:
    """Return a request to have a step back in its first round."""
    return RecallRequestedData(
        step=step, round=1, reason="Chuyển thiếu thành phần hồ sơ.", requested_at=at
    )


def agreement(message: RecallForwardedV1, at: datetime) -> RecallAgreedData:
    """Return the word that a step is given back."""
    return RecallAgreedData(step=message.data.step, round=message.data.round, agreed_at=at)


def keeping(message: RecallForwardedV1, at: datetime) -> RecallRefusedData:
    """Return the word that a step is kept."""
    return RecallRefusedData(
        step=message.data.step, round=message.data.round, reason="Đã thẩm định.", refused_at=at
    )


def outside(step: StepId, outcome: str, at: datetime) -> WaitEndedData:
    """Return the word that something a dossier waits for has happened."""
    return WaitEndedData(step=step, round=1, outcome=outcome, ended_at=at)
