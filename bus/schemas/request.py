"""Messages by which an agency needs something of the citizen: a supplement or a payment.

They never go straight to the citizen: the hub forwards them to the receiving one-stop unit.
Source: Decree 61/2018/NĐ-CP articles 5, 17.2 and 19.4; Decree 103/2024/NĐ-CP article 21 (land).
"""

from typing import Literal

from bus.schemas.base import (
    Agency,
    Line,
    Name,
    PositiveCount,
    Step,
    Text,
    UtcDatetime,
    WireModel,
    Word,
    term,
)
from bus.schemas.dossier import Document
from bus.schemas.envelope import DossierMessage, HubDelivery

_LAW = "Nghị định 61/2018/NĐ-CP"
_PORTAL = "QCVN 120:2019/BTTTT"
_FORM = "Thông tư 01/2018/TT-VPCP, Mẫu 02"
_OURS = "lienthong"


class SupplementItem(WireModel):
    """One thing that is missing or wrong."""

    component: Word | None = term(
        "Code of the paper meant.", vi="Mã thành phần", source=_PORTAL, default=None
    )
    content: Text = term("What is to be added or mended.", vi="Nội dung bổ sung", source=_FORM)


class SupplementRequestedData(WireModel):
    """One complete notice of everything that is missing (Decree 61 art. 17.2)."""

    step: Step = term("Step that asks.", vi="Bước", source=_OURS)
    round: PositiveCount = term("Round of the step.", vi="Lần thực hiện", source=_OURS)
    items: tuple[SupplementItem, ...] = term(
        "Everything that is missing, in one notice.",
        vi="Nội dung yêu cầu hoàn thiện",
        source=_FORM,
        min_length=1,
        max_length=50,
    )
    reason: Text = term("Reason.", vi="Lý do", source=_FORM)
    contact: Line | None = term(
        "Who guides, and telephone.", vi="Người hướng dẫn", source=_FORM, default=None
    )
    requested_at: UtcDatetime = term("When.", vi="Ngày yêu cầu", source=_FORM)


class SupplementRequestedV1(DossierMessage):
    """An agency found the dossier not complete after appraisal."""

    type: Literal["supplement.requested"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:agency:supplement.requested:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: SupplementRequestedData = term("Content.", vi="Nội dung", source=_OURS)


class SupplementForwardedData(SupplementRequestedData):
    """The notice, with who asks."""

    requested_by: Agency = term("Agency that asks.", vi="Cơ quan yêu cầu", source=_FORM)


class SupplementForwardedV1(HubDelivery):
    """The hub forwards a supplement request to the receiving unit (status 5)."""

    type: Literal["supplement.requested"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:hub:supplement.requested:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: SupplementForwardedData = term("Content.", vi="Nội dung", source=_OURS)


class PaymentRequestedData(WireModel):
    """What the citizen has to pay, by which notice."""

    step: Step = term("Step that asks.", vi="Bước", source=_OURS)
    round: PositiveCount = term("Round of the step.", vi="Lần thực hiện", source=_OURS)
    reference: Name = term(
        "Number of the notice; the payment names it.", vi="Số thông báo", source=_PORTAL
    )
    amount_vnd: int = term("Amount in đồng.", vi="Số tiền (đồng)", source=_PORTAL, ge=0, le=10**15)
    payee: Name = term("Who is paid.", vi="Đơn vị thụ hưởng", source=_PORTAL)
    notice: Document | None = term(
        "The notice.", vi="Thông báo nghĩa vụ tài chính", source=_PORTAL, default=None
    )
    requested_at: UtcDatetime = term("When.", vi="Ngày thông báo", source=_PORTAL)


class PaymentRequestedV1(DossierMessage):
    """An agency set what the citizen has to pay."""

    type: Literal["payment.requested"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:agency:payment.requested:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: PaymentRequestedData = term("Content.", vi="Nội dung", source=_OURS)


class PaymentForwardedData(PaymentRequestedData):
    """The demand, with who asks."""

    requested_by: Agency = term("Agency that asks.", vi="Cơ quan yêu cầu", source=_PORTAL)


class PaymentForwardedV1(HubDelivery):
    """The hub forwards a demand for payment to the receiving unit (status 6)."""

    type: Literal["payment.requested"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:hub:payment.requested:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: PaymentForwardedData = term("Content.", vi="Nội dung", source=_OURS)


class PaymentConfirmedData(WireModel):
    """That the citizen paid."""

    reference: Name = term("Number of the notice paid.", vi="Số thông báo", source=_PORTAL)
    amount_vnd: int = term("Amount in đồng.", vi="Số tiền (đồng)", source=_PORTAL, ge=0, le=10**15)
    receipt: Name = term("Number of the proof of payment.", vi="Số biên lai", source=_PORTAL)
    paid_at: UtcDatetime = term("When.", vi="Thời điểm thanh toán", source=_PORTAL)


class PaymentConfirmedV1(DossierMessage):
    """The receiving unit, or who asked for it, says that the payment was made."""

    type: Literal["payment.confirmed"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:agency:payment.confirmed:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: PaymentConfirmedData = term("Content.", vi="Nội dung", source=_OURS)
