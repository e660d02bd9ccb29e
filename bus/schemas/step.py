"""Messages about one step of a linked procedure.

The hub hands a step to the competent agency (the hand-over slip); the agency says that it has it,
what it decided, or why it refuses.
Source: Decree 61/2018/NĐ-CP articles 18 and 19, Circular 01/2018/TT-VPCP Mẫu 05.
"""

from typing import Literal

from bus.schemas.base import (
    Agency,
    Area,
    Fact,
    FactName,
    FormValue,
    Line,
    Name,
    PositiveCount,
    Procedure,
    Step,
    Text,
    UtcDatetime,
    WireModel,
    Word,
    term,
)
from bus.schemas.dossier import Component, Document, Party, StepResult
from bus.schemas.envelope import DossierMessage, HubDelivery

_LAW = "Nghị định 61/2018/NĐ-CP"
_PORTAL = "QCVN 120:2019/BTTTT"
_SLIP = "Thông tư 01/2018/TT-VPCP, Mẫu 05"
_OURS = "lienthong"


class StepRequestedData(WireModel):
    """The hand-over slip: what to do, what may be seen of the dossier, until when."""

    procedure: Procedure = term("Procedure code.", vi="Mã thủ tục hành chính", source=_PORTAL)
    route_version: PositiveCount = term(
        "Version of the route the dossier keeps.", vi="Phiên bản quy trình", source=_OURS
    )
    step: Step = term("Step to do.", vi="Bước", source=_OURS)
    round: PositiveCount = term(
        "1, and one more each time the step begins again after a supplement.",
        vi="Lần thực hiện",
        source=f"{_LAW}, Điều 19 khoản 4",
    )
    task: Line = term("What is asked, in Vietnamese.", vi="Nội dung công việc", source=_SLIP)
    outcomes: tuple[Word, ...] = term(
        "Outcomes the step may end with.", vi="Các kết quả có thể", source=_OURS, max_length=20
    )
    receiving_unit: Agency = term(
        "One-stop unit that received the dossier.",
        vi="Bộ phận Một cửa tiếp nhận",
        source=f"{_LAW}, Điều 17",
    )
    area: Area = term(
        "Administrative unit the dossier belongs to.",
        vi="Địa bàn giải quyết",
        source="Quyết định 124/2004/QĐ-TTg",
    )
    due_at: UtcDatetime | None = term(
        "When the step is due; absent where the law sets no limit.",
        vi="Hạn xử lý của bước",
        source=f"{_LAW}, Điều 19 khoản 6",
        default=None,
    )
    title: Line = term("Summary of what is asked.", vi="Trích yếu hồ sơ", source=_PORTAL)
    owner: Party | None = term(
        "Owner, where the step may see it.", vi="Chủ hồ sơ", source=_PORTAL, default=None
    )
    components: tuple[Component, ...] = term(
        "Papers the step may see.", vi="Thành phần hồ sơ", source=_PORTAL, max_length=200
    )
    facts: dict[FactName, Fact] = term(
        "Answers the step may see.", vi="Thông tin rẽ nhánh", source=_OURS, max_length=50
    )
    form: dict[FactName, FormValue] = term(
        "Form fields the step may see.", vi="Thông tin tờ khai", source=_PORTAL, max_length=200
    )
    results: tuple[StepResult, ...] = term(
        "Results of earlier steps the step may see.",
        vi="Kết quả các bước trước",
        source=_OURS,
        max_length=100,
    )


class StepRequestedV1(HubDelivery):
    """The hub hands a step to the agency that must do it."""

    type: Literal["step.requested"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:hub:step.requested:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: StepRequestedData = term("Content.", vi="Nội dung", source=_OURS)


class StepCancelledData(WireModel):
    """Which step need not be done any more, and why."""

    step: Step = term("Step.", vi="Bước", source=_OURS)
    round: PositiveCount = term("Round of the step.", vi="Lần thực hiện", source=_OURS)
    reason: Text = term("Why, in Vietnamese.", vi="Lý do", source=_OURS)


class StepCancelledV1(HubDelivery):
    """The hub takes a step back: the dossier was withdrawn or refused elsewhere."""

    type: Literal["step.cancelled"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:hub:step.cancelled:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: StepCancelledData = term("Content.", vi="Nội dung", source=_OURS)


class StepReceivedData(WireModel):
    """Which step the agency took in hand."""

    step: Step = term("Step.", vi="Bước", source=_OURS)
    round: PositiveCount = term("Round of the step.", vi="Lần thực hiện", source=_OURS)
    received_at: UtcDatetime = term("When.", vi="Thời điểm nhận", source=_SLIP)
    officer: Name | None = term("Who took it.", vi="Người nhận", source=_SLIP, default=None)


class StepReceivedV1(DossierMessage):
    """The agency has taken the step in hand (document axis status 03)."""

    type: Literal["step.received"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:agency:step.received:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: StepReceivedData = term("Content.", vi="Nội dung", source=_OURS)


class StepCompletedData(WireModel):
    """What the agency decided and produced."""

    step: Step = term("Step.", vi="Bước", source=_OURS)
    round: PositiveCount = term("Round of the step.", vi="Lần thực hiện", source=_OURS)
    outcome: Word = term("One of the outcomes the slip names.", vi="Kết quả bước", source=_OURS)
    outputs: dict[FactName, Fact] = term(
        "Facts later steps may need.",
        vi="Thông tin kết quả",
        source=_OURS,
        max_length=50,
        default={},
    )
    documents: tuple[Document, ...] = term(
        "Result documents.", vi="Giấy tờ kết quả", source=_PORTAL, max_length=50, default=()
    )
    completed_at: UtcDatetime = term(
        "When it was decided.", vi="Ngày kết thúc xử lý", source=_PORTAL
    )


class StepCompletedV1(DossierMessage):
    """The agency has done the step (document axis status 06)."""

    type: Literal["step.completed"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:agency:step.completed:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: StepCompletedData = term("Content.", vi="Nội dung", source=_OURS)


class StepRejectedData(WireModel):
    """Why the agency refuses."""

    step: Step = term("Step.", vi="Bước", source=_OURS)
    round: PositiveCount = term("Round of the step.", vi="Lần thực hiện", source=_OURS)
    reason: Text = term(
        "Reason, in words for the citizen.", vi="Lý do từ chối", source=f"{_LAW}, Điều 19 khoản 8"
    )
    legal_basis: Line | None = term(
        "Article it rests on.", vi="Căn cứ pháp lý", source=f"{_LAW}, Điều 19 khoản 8", default=None
    )
    rejected_at: UtcDatetime = term("When.", vi="Ngày từ chối", source=_PORTAL)


class StepRejectedV1(DossierMessage):
    """The agency refuses, with a written reason (Mẫu 03)."""

    type: Literal["step.rejected"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:agency:step.rejected:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: StepRejectedData = term("Content.", vi="Nội dung", source=_OURS)
