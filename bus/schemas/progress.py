"""Messages about a step that is under way: how far it is, and that it will be late.

Source: Decree 61/2018/NĐ-CP article 19; Circular 01/2018/TT-VPCP article 17 and Mẫu 05.
"""

from typing import Literal

from bus.schemas.base import Agency, Name, PositiveCount, Step, Text, UtcDatetime, WireModel, term
from bus.schemas.dossier import Document
from bus.schemas.envelope import DossierMessage, HubDelivery

_SLIP = "Thông tư 01/2018/TT-VPCP, Mẫu 05"
_LATE = "Nghị định 61/2018/NĐ-CP, Điều 19 khoản 9"
_OURS = "lienthong"


class StepProgressedData(WireModel):
    """What was done at a step so far."""

    step: Step = term("Step.", vi="Bước", source=_OURS)
    round: PositiveCount = term("Round of the step.", vi="Lần thực hiện", source=_OURS)
    note: Text = term("What was done, in Vietnamese.", vi="Nội dung đã xử lý", source=_SLIP)
    officer: Name | None = term(
        "Who has it now.", vi="Cán bộ đang xử lý", source=_SLIP, default=None
    )
    progressed_at: UtcDatetime = term("When.", vi="Thời điểm", source=_SLIP)


class StepProgressedV1(DossierMessage):
    """The agency is at work on the step and says how far it is (document axis status 05)."""

    type: Literal["step.progressed"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:agency:step.progressed:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: StepProgressedData = term("Content.", vi="Nội dung", source=_OURS)


class ProgressForwardedData(StepProgressedData):
    """The progress, with who made it."""

    agency: Agency = term("Who does the step.", vi="Cơ quan thực hiện", source=_SLIP)


class ProgressForwardedV1(HubDelivery):
    """The hub tells the receiving unit how far a step is."""

    type: Literal["step.progressed"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:hub:step.progressed:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: ProgressForwardedData = term("Content.", vi="Nội dung", source=_OURS)


class StepExtendedData(WireModel):
    """Why a dossier will be late, the apology for it, and until when it will be done."""

    step: Step = term("Step that needs more time.", vi="Bước", source=_OURS)
    round: PositiveCount = term("Round of the step.", vi="Lần thực hiện", source=_OURS)
    reason: Text = term("Why it will be late.", vi="Lý do quá hạn", source=_LATE)
    apology: Text = term(
        "The apology, in words for the citizen.", vi="Nội dung xin lỗi", source=_LATE
    )
    letter: Document | None = term(
        "The signed apology letter.", vi="Văn bản xin lỗi", source=_LATE, default=None
    )
    extended_due_at: UtcDatetime = term(
        "The new appointment.", vi="Thời gian hẹn trả lại", source=_LATE
    )
    extended_at: UtcDatetime = term("When.", vi="Ngày thông báo", source=_LATE)


class StepExtendedV1(DossierMessage):
    """The performer will be late, says so in time and proposes one new appointment."""

    type: Literal["step.extended"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:agency:step.extended:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: StepExtendedData = term("Content.", vi="Nội dung", source=_OURS)


class ExtensionForwardedData(StepExtendedData):
    """The apology, with who is late and the due date it is judged by."""

    agency: Agency = term("Who does the step.", vi="Cơ quan thực hiện", source=_LATE)
    due_at: UtcDatetime = term(
        "The original due date; overdue is judged by it.", vi="Ngày hẹn trả ban đầu", source=_LATE
    )


class ExtensionForwardedV1(HubDelivery):
    """The hub tells the receiving unit of the new appointment; it tells the citizen."""

    type: Literal["step.extended"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:hub:step.extended:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: ExtensionForwardedData = term("Content.", vi="Nội dung", source=_OURS)
