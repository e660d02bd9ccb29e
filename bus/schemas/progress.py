"""Messages about a step that is under way: how far it is, and that it will be late.

Source: Decree 61/2018/NĐ-CP article 19; Circular 01/2018/TT-VPCP article 17 and Mẫu 05.
"""

from typing import Literal

from bus.schemas.base import Agency, Name, PositiveCount, Step, Text, UtcDatetime, WireModel, term
from bus.schemas.envelope import DossierMessage, HubDelivery

_SLIP = "Thông tư 01/2018/TT-VPCP, Mẫu 05"
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
