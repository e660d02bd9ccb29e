"""Messages by which a hand-over is taken back, or given on because it went to the wrong agency.

Who handed a step over asks for it back; who has it agrees or refuses (statuses 13, 15 and 16 of
the national document axis). Who is not competent says who is.
Source: Decree 61/2018/NĐ-CP article 18.3; QCVN 102:2016/BTTTT.
"""

from typing import Literal

from bus.schemas.base import Agency, PositiveCount, Step, Text, UtcDatetime, WireModel, term
from bus.schemas.envelope import DossierMessage, HubDelivery

_AXIS = "Trục liên thông văn bản quốc gia"
_LAW = "Nghị định 61/2018/NĐ-CP, Điều 18 khoản 3"
_OURS = "lienthong"


class _About(WireModel):
    """Which hand-over."""

    step: Step = term("Step that was handed over.", vi="Bước", source=_OURS)
    round: PositiveCount = term("Round of the step.", vi="Lần thực hiện", source=_OURS)


class RecallRequestedData(_About):
    """Which hand-over is asked back, and why."""

    reason: Text = term("Why.", vi="Lý do thu hồi", source=f"{_AXIS}, BussinessDocReason")
    requested_at: UtcDatetime = term("When.", vi="Thời điểm đề nghị", source=_AXIS)


class RecallRequestedV1(DossierMessage):
    """Who handed a step over asks for it back (document axis status 13)."""

    type: Literal["recall.requested"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:agency:recall.requested:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: RecallRequestedData = term("Content.", vi="Nội dung", source=_OURS)


class RecallForwardedData(RecallRequestedData):
    """The request, with who asks."""

    requested_by: Agency = term("Agency that asks.", vi="Cơ quan đề nghị thu hồi", source=_AXIS)


class RecallForwardedV1(HubDelivery):
    """The hub asks the performer of a step to give it back."""

    type: Literal["recall.requested"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:hub:recall.requested:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: RecallForwardedData = term("Content.", vi="Nội dung", source=_OURS)


class RecallAgreedData(_About):
    """Which hand-over is given back."""

    agreed_at: UtcDatetime = term("When.", vi="Thời điểm đồng ý", source=_AXIS)


class RecallAgreedV1(DossierMessage):
    """The performer gives the step back and does no more about it (document axis status 15)."""

    type: Literal["recall.agreed"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:agency:recall.agreed:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: RecallAgreedData = term("Content.", vi="Nội dung", source=_OURS)


class RecallRefusedData(_About):
    """Which hand-over is not given back, and why."""

    reason: Text = term("Why.", vi="Lý do từ chối thu hồi", source=_AXIS)
    refused_at: UtcDatetime = term("When.", vi="Thời điểm từ chối", source=_AXIS)


class RecallRefusedV1(DossierMessage):
    """The performer keeps the step and goes on with it (document axis status 16)."""

    type: Literal["recall.refused"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:agency:recall.refused:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: RecallRefusedData = term("Content.", vi="Nội dung", source=_OURS)


class RecallAnsweredData(_About):
    """What became of a request to take a hand-over back."""

    agreed: bool = term("True: it is given back.", vi="Đồng ý thu hồi", source=_AXIS)
    reason: Text | None = term(
        "Why it is not given back.", vi="Lý do từ chối thu hồi", source=_AXIS, default=None
    )
    answered_by: Agency = term("Who had the step.", vi="Cơ quan trả lời", source=_AXIS)


class RecallAnsweredV1(HubDelivery):
    """The hub tells who asked for a hand-over back what became of it."""

    type: Literal["recall.answered"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:hub:recall.answered:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: RecallAnsweredData = term("Content.", vi="Nội dung", source=_OURS)


class StepForwardedData(_About):
    """Which step went to the wrong agency, and which is the right one."""

    competent_agency: Agency = term(
        "Agency that is competent.", vi="Cơ quan có thẩm quyền", source=_LAW
    )
    reason: Text = term("Why.", vi="Lý do chuyển", source=_LAW)
    forwarded_at: UtcDatetime = term("When.", vi="Thời điểm chuyển", source=_LAW)


class StepForwardedV1(DossierMessage):
    """The performer is not competent and names who is; the deadline stays as it is."""

    type: Literal["step.forwarded"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:agency:step.forwarded:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: StepForwardedData = term("Content.", vi="Nội dung", source=_OURS)
