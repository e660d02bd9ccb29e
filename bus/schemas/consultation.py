"""Messages by which the lead of a step asks another agency for its opinion.

Silence is no consent: a consultation that is not answered in time is told, and nothing else.
Source: Decree 61/2018/NĐ-CP article 19.5.
"""

from typing import Literal

from bus.schemas.base import (
    Agency,
    Line,
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

_LAW = "Nghị định 61/2018/NĐ-CP, Điều 19 khoản 5"
_OURS = "lienthong"


class _About(WireModel):
    """Which consultation of which step."""

    step: Step = term("Step whose lead asks.", vi="Bước", source=_OURS)
    round: PositiveCount = term("Round of the step.", vi="Lần thực hiện", source=_OURS)
    reference: Word = term(
        "Number of the request, once in a dossier; the reply names it.",
        vi="Số văn bản lấy ý kiến",
        source=_OURS,
    )
    consulted: Agency = term("Agency that is asked.", vi="Cơ quan được lấy ý kiến", source=_LAW)
    due_at: UtcDatetime = term("Until when it answers.", vi="Thời hạn trả lời", source=_LAW)


class ConsultationRequestedData(_About):
    """What is asked of whom, until when."""

    content: Text = term("What is asked.", vi="Nội dung lấy ý kiến", source=_LAW)
    documents: tuple[Document, ...] = term(
        "What the one asked needs to see.",
        vi="Tài liệu kèm theo",
        source=_LAW,
        max_length=20,
        default=(),
    )
    requested_at: UtcDatetime = term("When.", vi="Ngày lấy ý kiến", source=_LAW)


class ConsultationRequestedV1(DossierMessage):
    """The lead of a step asks another agency for its opinion."""

    type: Literal["consultation.requested"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:agency:consultation.requested:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: ConsultationRequestedData = term("Content.", vi="Nội dung", source=_OURS)


class ConsultationForwardedData(ConsultationRequestedData):
    """The question, with who asks and what the dossier is about; nothing else of the dossier."""

    asked_by: Agency = term("Agency that asks.", vi="Cơ quan lấy ý kiến", source=_LAW)
    title: Line = term(
        "Summary of what the dossier asks.", vi="Trích yếu hồ sơ", source="QCVN 120:2019/BTTTT"
    )


class ConsultationForwardedV1(HubDelivery):
    """The hub asks an agency for its opinion, for the lead of a step."""

    type: Literal["consultation.requested"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:hub:consultation.requested:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: ConsultationForwardedData = term("Content.", vi="Nội dung", source=_OURS)


class ConsultationRepliedData(WireModel):
    """The opinion."""

    reference: Word = term(
        "Number of the request answered.", vi="Số văn bản lấy ý kiến", source=_OURS
    )
    opinion: Text = term("The opinion.", vi="Nội dung ý kiến", source=_LAW)
    documents: tuple[Document, ...] = term(
        "Documents of the reply.",
        vi="Tài liệu kèm theo",
        source=_LAW,
        max_length=20,
        default=(),
    )
    replied_at: UtcDatetime = term("When.", vi="Ngày trả lời", source=_LAW)


class ConsultationRepliedV1(DossierMessage):
    """The agency that was asked gives its opinion."""

    type: Literal["consultation.replied"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:agency:consultation.replied:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: ConsultationRepliedData = term("Content.", vi="Nội dung", source=_OURS)


class ReplyForwardedData(ConsultationRepliedData):
    """The opinion, with who gives it and for which step."""

    step: Step = term("Step whose lead asked.", vi="Bước", source=_OURS)
    round: PositiveCount = term("Round of the step.", vi="Lần thực hiện", source=_OURS)
    replied_by: Agency = term("Agency that answers.", vi="Cơ quan trả lời", source=_LAW)


class ReplyForwardedV1(HubDelivery):
    """The hub hands the opinion to the lead of the step."""

    type: Literal["consultation.replied"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:hub:consultation.replied:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: ReplyForwardedData = term("Content.", vi="Nội dung", source=_OURS)


class ConsultationOverdueData(_About):
    """Which consultation was not answered in time."""


class ConsultationOverdueV1(HubDelivery):
    """An opinion is late: for the lead of the step, and for the head of the one-stop unit."""

    type: Literal["consultation.overdue"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:hub:consultation.overdue:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: ConsultationOverdueData = term("Content.", vi="Nội dung", source=_OURS)
