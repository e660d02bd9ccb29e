"""Receipts: each side's answer to what the other sent, repeated unchanged when asked again.

Nobody keeps a receipt: it is derived from the inbox row of the message it answers.
Source: section "guarantees" of our documentation; document axis status codes 01 and 02.
"""

from enum import StrEnum
from typing import Literal

from bus.schemas.base import (
    SAFE_INTEGER,
    BusinessState,
    Dossier,
    Line,
    PositiveCount,
    Sequence10,
    Sha256,
    Text,
    UtcDatetime,
    Uuid,
    WireModel,
    Word,
    term,
)
from bus.schemas.envelope import AgencyReceipt, HubReceipt

_OURS = "lienthong"
_AXIS = "Trục liên thông văn bản quốc gia, mã trạng thái"


class DeliveryImportedData(WireModel):
    """The agency's system has it."""

    delivery: Uuid = term("Id of the delivery.", vi="Mã lần giao", source=_OURS)
    reference: Line | None = term(
        "The system's own reference.", vi="Số tham chiếu nội bộ", source=_OURS, default=None
    )
    imported_at: UtcDatetime = term("When.", vi="Thời điểm nhận", source=f"{_AXIS} 01")


class DeliveryImportedV1(AgencyReceipt):
    """The delivery is in the agency's system for good."""

    type: Literal["delivery.imported"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:agency:delivery.imported:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: DeliveryImportedData = term("Content.", vi="Nội dung", source=_OURS)


class DeliveryRefusedData(WireModel):
    """The agency's system understood and said no."""

    delivery: Uuid = term("Id of the delivery.", vi="Mã lần giao", source=_OURS)
    code: Word = term("Code of the reason.", vi="Mã lý do", source=_OURS)
    reason: Text = term("Reason, for people.", vi="Lý do", source=f"{_AXIS} 02")
    refused_at: UtcDatetime = term("When.", vi="Thời điểm từ chối", source=f"{_AXIS} 02")


class DeliveryRefusedV1(AgencyReceipt):
    """The agency's system refuses the delivery; a business answer, never tried again."""

    type: Literal["delivery.refused"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:agency:delivery.refused:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: DeliveryRefusedData = term("Content.", vi="Nội dung", source=_OURS)


class FailureKind(StrEnum):
    """Whether trying again can help."""

    TRANSIENT = "transient"
    PERMANENT = "permanent"
    UNKNOWN = "unknown"


class DeliveryFailedData(WireModel):
    """The hand-over did not come about, for a technical reason."""

    delivery: Uuid = term("Id of the delivery.", vi="Mã lần giao", source=_OURS)
    attempt: PositiveCount = term("Which attempt.", vi="Lần thử", source=_OURS)
    kind: FailureKind = term(
        "Whether trying again can help, as the agency sees it.", vi="Loại lỗi", source=_OURS
    )
    code: Word = term("Code of the error.", vi="Mã lỗi", source=_OURS)
    detail: Line | None = term(
        "What happened, without content.", vi="Chi tiết", source=_OURS, default=None
    )
    failed_at: UtcDatetime = term("When.", vi="Thời điểm lỗi", source=_OURS)


class DeliveryFailedV1(AgencyReceipt):
    """The agency's system could not be reached or failed; the hub decides when to try again."""

    type: Literal["delivery.failed"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:agency:delivery.failed:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: DeliveryFailedData = term("Content.", vi="Nội dung", source=_OURS)


class LedgerMark(WireModel):
    """Where the hub's ledger holds the message; the agency can hold the hub to it."""

    partition: int = term("Partition.", vi="Phân vùng sổ cái", source=_OURS, ge=0, le=1023)
    position: int = term(
        "Position in the partition.", vi="Vị trí", source=_OURS, ge=1, le=SAFE_INTEGER
    )
    hash: Sha256 = term("Hash of the chain at that position.", vi="Mã băm chuỗi", source=_OURS)


class MessageAcceptedData(WireModel):
    """The hub has the message for good; the sender may forget it."""

    message: Uuid = term("Id of the message.", vi="Mã thông điệp", source=_OURS)
    dossier: Dossier = term(
        "Dossier code.", vi="Mã số hồ sơ", source="Nghị định 61/2018/NĐ-CP, Điều 26"
    )
    ledger: LedgerMark = term("Place in the ledger.", vi="Vị trí trong sổ cái", source=_OURS)
    state: BusinessState | None = term(
        "State of the dossier afterwards.", vi="Trạng thái hồ sơ", source=_OURS, default=None
    )
    due_at: UtcDatetime | None = term(
        "When the dossier is due, for the appointment slip.",
        vi="Ngày hẹn trả",
        source="Thông tư 01/2018/TT-VPCP, Mẫu 01",
        default=None,
    )


class MessageAcceptedV1(HubReceipt):
    """The message is in the ledger and has moved the case."""

    type: Literal["message.accepted"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:hub:message.accepted:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: MessageAcceptedData = term("Content.", vi="Nội dung", source=_OURS)


class MessageRejectedData(WireModel):
    """The hub refuses the message; only the sender can send a right one."""

    message: Uuid | None = term(
        "Id of the message, where it could be read.",
        vi="Mã thông điệp",
        source=_OURS,
        default=None,
    )
    dossier: Dossier | None = term(
        "Dossier code the message was about, where it could be read.",
        vi="Mã số hồ sơ",
        source="Nghị định 61/2018/NĐ-CP, Điều 26",
        default=None,
    )
    digest: Sha256 = term(
        "SHA-256 of the bytes, which the hub keeps as evidence.", vi="Mã băm", source=_OURS
    )
    code: Word = term("Stable code of the error.", vi="Mã lỗi", source=_OURS)
    path: str = term(
        "Dotted path of the field; empty where the whole is meant.",
        vi="Đường dẫn trường",
        source=_OURS,
        max_length=300,
    )
    text_vi: Line = term("What is wrong, in Vietnamese.", vi="Nội dung lỗi", source=_OURS)
    text_en: Line = term("What is wrong, in English.", vi="Nội dung lỗi (tiếng Anh)", source=_OURS)
    uses_sequence: bool = term(
        "True where the message used up its place in the lane: the next one is `sequence` + 1.",
        vi="Đã dùng số thứ tự",
        source=_OURS,
    )


class MessageRejectedV1(HubReceipt):
    """The message moved nothing; its bytes are kept as evidence."""

    type: Literal["message.rejected"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:hub:message.rejected:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: MessageRejectedData = term("Content.", vi="Nội dung", source=_OURS)


class MessageExpectedData(WireModel):
    """An earlier message of the lane has not come yet."""

    message: Uuid = term("Id of the message that came.", vi="Mã thông điệp", source=_OURS)
    dossier: Dossier = term(
        "Dossier code.", vi="Mã số hồ sơ", source="Nghị định 61/2018/NĐ-CP, Điều 26"
    )
    expected: Sequence10 = term(
        "The place the hub waits for; send again from there.",
        vi="Số thứ tự đang chờ",
        source=_OURS,
    )


class MessageExpectedV1(HubReceipt):
    """The message came too early and was not kept: send again, beginning with the expected one."""

    type: Literal["message.expected"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:hub:message.expected:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: MessageExpectedData = term("Content.", vi="Nội dung", source=_OURS)
