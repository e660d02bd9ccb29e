"""Messages about a dossier as a whole, and the values a dossier is made of.

The one-stop unit that received a dossier says what the citizen did (submitted, supplemented,
withdrew, took the result); the hub tells it how the dossier stands and how it ended.
Source: Decree 61/2018/NĐ-CP articles 16 to 20, Circular 01/2018/TT-VPCP articles 9, 16, 17, 19.
"""

from enum import StrEnum
from typing import Literal

from bus.schemas.base import (
    Agency,
    Area,
    BusinessState,
    Channel,
    Fact,
    FactName,
    FormValue,
    Line,
    MediaType,
    Name,
    PartyKind,
    Phone,
    PositiveCount,
    Procedure,
    Sha256,
    Step,
    Text,
    UtcDatetime,
    WireModel,
    Word,
    term,
)
from bus.schemas.envelope import DossierMessage, HubDelivery

_LAW = "Nghị định 61/2018/NĐ-CP"
_PORTAL = "QCVN 120:2019/BTTTT"
_OURS = "lienthong"


class Document(WireModel):
    """A file by reference and digest; the bytes stay where they are and are never re-encoded."""

    name: Name = term("Name of the file.", vi="Tên tệp", source=_PORTAL)
    media_type: MediaType = term("Media type.", vi="Kiểu tệp", source="RFC 6838")
    size: int = term("Length in bytes.", vi="Dung lượng (byte)", source=_OURS, ge=0, le=10**12)
    sha256: Sha256 = term(
        "SHA-256 of the bytes, lower-case hex.", vi="Mã băm SHA-256 (HashTepTin)", source=_PORTAL
    )
    uri: Word = term(
        "Where the bytes can be had: a path in the document store.",
        vi="Đường dẫn tải tệp",
        source=_PORTAL,
    )


class CopyKind(StrEnum):
    """What kind of paper was handed in (loại bản)."""

    ORIGINAL = "original"
    COPY = "copy"
    ELECTRONIC = "electronic"


class Component(WireModel):
    """One paper a procedure asks for (thành phần hồ sơ)."""

    code: Word = term("Code of the paper in the procedure.", vi="Mã thành phần", source=_PORTAL)
    name: Name = term("Name of the paper.", vi="Tên giấy tờ", source=_PORTAL)
    kind: CopyKind = term("Original, copy or electronic.", vi="Loại bản (LoaiBan)", source=_PORTAL)
    quantity: PositiveCount = term("How many.", vi="Số lượng", source=_PORTAL)
    documents: tuple[Document, ...] = term(
        "Files of this paper.", vi="Tệp đính kèm", source=_PORTAL, max_length=50, default=()
    )


class Party(WireModel):
    """Who a dossier belongs to. Personal data: only steps that need it see it."""

    kind: PartyKind = term(
        "Citizen, enterprise, organisation.", vi="Loại đối tượng", source=_PORTAL
    )
    name: Name = term("Name in full.", vi="Chủ hồ sơ", source=_PORTAL)
    identity: Word | None = term(
        "Personal identification number, tax or registration number.",
        vi="Số định danh / mã số thuế",
        source=_PORTAL,
        default=None,
    )
    phone: Phone | None = term("Telephone.", vi="Số điện thoại", source=_PORTAL, default=None)
    address: Line | None = term("Address.", vi="Địa chỉ", source=_PORTAL, default=None)


class DossierContent(WireModel):
    """What the citizen handed in: the part of a dossier that steps read."""

    title: Line = term("Summary of what is asked.", vi="Trích yếu hồ sơ", source=_PORTAL)
    owner: Party = term("Owner of the dossier.", vi="Chủ hồ sơ", source=_PORTAL)
    components: tuple[Component, ...] = term(
        "Papers handed in.", vi="Thành phần hồ sơ", source=f"{_LAW}, Điều 17", max_length=200
    )
    facts: dict[FactName, Fact] = term(
        "Answers a route's conditions may ask about.",
        vi="Thông tin dùng để rẽ nhánh quy trình",
        source=_OURS,
        max_length=50,
    )
    form: dict[FactName, FormValue] = term(
        "Other fields of the electronic form.",
        vi="Thông tin tờ khai điện tử",
        source=_PORTAL,
        max_length=200,
    )


class DossierSubmittedData(DossierContent):
    """A complete dossier, as the one-stop unit accepted it."""

    procedure: Procedure = term("Procedure code.", vi="Mã thủ tục hành chính", source=_PORTAL)
    channel: Channel = term("How it was handed in.", vi="Kênh thực hiện", source=_PORTAL)
    area: Area = term(
        "Administrative unit whose agencies are competent, by statistical code.",
        vi="Địa bàn giải quyết",
        source="Quyết định 124/2004/QĐ-TTg",
    )
    submitted_at: UtcDatetime = term(
        "When the citizen handed it in.", vi="Ngày nộp hồ sơ", source=_PORTAL
    )
    accepted_at: UtcDatetime = term(
        "When the complete dossier was accepted; the clock starts here.",
        vi="Ngày tiếp nhận",
        source=f"{_LAW}, Điều 17",
    )


class DossierSubmittedV1(DossierMessage):
    """A one-stop unit hands a complete dossier to the bus."""

    type: Literal["dossier.submitted"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:agency:dossier.submitted:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: DossierSubmittedData = term("Content.", vi="Nội dung", source=_OURS)


class DossierSupplementedData(WireModel):
    """What the citizen handed in on a supplement request."""

    components: tuple[Component, ...] = term(
        "Papers added or replaced; a code that was there before is replaced.",
        vi="Giấy tờ bổ sung",
        source=f"{_LAW}, Điều 17",
        max_length=200,
    )
    facts: dict[FactName, Fact] = term(
        "Answers added or replaced.",
        vi="Thông tin rẽ nhánh bổ sung",
        source=_OURS,
        max_length=50,
        default={},
    )
    form: dict[FactName, FormValue] = term(
        "Form fields added or replaced.",
        vi="Thông tin tờ khai bổ sung",
        source=_PORTAL,
        max_length=200,
        default={},
    )
    accepted_at: UtcDatetime = term(
        "When the completed dossier was accepted; time is counted again from here.",
        vi="Ngày tiếp nhận bổ sung",
        source=f"{_LAW}, Điều 19 khoản 4",
    )


class DossierSupplementedV1(DossierMessage):
    """The receiving unit passes on what the citizen added."""

    type: Literal["dossier.supplemented"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:agency:dossier.supplemented:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: DossierSupplementedData = term("Content.", vi="Nội dung", source=_OURS)


class DossierWithdrawnData(WireModel):
    """Why and when the citizen took the dossier back."""

    reason: Text = term("Reason as given.", vi="Lý do rút hồ sơ", source=_PORTAL)
    withdrawn_at: UtcDatetime = term("When.", vi="Thời điểm rút", source=_PORTAL)


class DossierWithdrawnV1(DossierMessage):
    """The citizen withdrew the dossier at the receiving unit (status 7)."""

    type: Literal["dossier.withdrawn"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:agency:dossier.withdrawn:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: DossierWithdrawnData = term("Content.", vi="Nội dung", source=_OURS)


class DossierReturnedData(WireModel):
    """When and how the result reached the citizen."""

    returned_at: UtcDatetime = term("When.", vi="Ngày trả kết quả", source=_PORTAL)
    channel: Channel = term("How.", vi="Hình thức trả", source=_PORTAL)


class DossierReturnedV1(DossierMessage):
    """The receiving unit handed the result to the citizen (status 10)."""

    type: Literal["dossier.returned"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:agency:dossier.returned:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: DossierReturnedData = term("Content.", vi="Nội dung", source=_OURS)


class StepResult(WireModel):
    """What one step of the route decided and produced."""

    step: Step = term("Step of the route.", vi="Bước", source=_OURS)
    agency: Agency = term("Who did it.", vi="Cơ quan thực hiện", source="Quyết định 20/2020/QĐ-TTg")
    outcome: Word = term("Outcome, one the route names.", vi="Kết quả bước", source=_OURS)
    outputs: dict[FactName, Fact] = term(
        "Facts later steps may need.", vi="Thông tin kết quả", source=_OURS, max_length=50
    )
    documents: tuple[Document, ...] = term(
        "Result documents.", vi="Giấy tờ kết quả", source=_PORTAL, max_length=50
    )
    completed_at: UtcDatetime = term(
        "When it was decided.", vi="Ngày kết thúc xử lý", source=_PORTAL
    )


class DossierStatusData(WireModel):
    """How a dossier stands."""

    state: BusinessState = term(
        "State; the national code is its place in the list of ten.",
        vi="Trạng thái hồ sơ",
        source=f"{_PORTAL}, TrangThaiHoSo",
    )
    step: Step | None = term("Step it is at.", vi="Bước hiện tại", source=_OURS, default=None)
    agency: Agency | None = term(
        "Who has it now.", vi="Đơn vị đang xử lý", source=_PORTAL, default=None
    )
    due_at: UtcDatetime | None = term(
        "When the whole is due.", vi="Ngày hẹn trả", source=_PORTAL, default=None
    )
    step_due_at: UtcDatetime | None = term(
        "When the step is due.",
        vi="Hạn xử lý của bước",
        source=f"{_LAW}, Điều 19 khoản 6",
        default=None,
    )
    supervision: bool = term(
        "True for the copy that the upper one-stop unit gets.",
        vi="Bản gửi để theo dõi, giám sát",
        source=f"{_LAW}, Điều 19 khoản 7",
    )


class DossierStatusV1(HubDelivery):
    """The hub tells the receiving unit, or supervising one-stop unit, how the dossier stands."""

    type: Literal["dossier.status"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:hub:dossier.status:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: DossierStatusData = term("Content.", vi="Nội dung", source=_OURS)


class EndKind(StrEnum):
    """How a dossier's way through its route ended."""

    COMPLETED = "completed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class DossierCompletedData(WireModel):
    """The end of a dossier's way, with everything the citizen is to get."""

    end: EndKind = term("How it ended.", vi="Kết thúc", source=_OURS)
    reason: Text | None = term(
        "Why, where it was refused or withdrawn.",
        vi="Lý do từ chối / rút",
        source=f"{_LAW}, Điều 19 khoản 8",
        default=None,
    )
    results: tuple[StepResult, ...] = term(
        "Results of the steps, in the order they were decided.",
        vi="Kết quả giải quyết",
        source=f"{_LAW}, Điều 20",
        max_length=100,
    )
    due_at: UtcDatetime | None = term(
        "When the whole was due.", vi="Ngày hẹn trả", source=_PORTAL, default=None
    )


class DossierCompletedV1(HubDelivery):
    """The dossier has come home: the receiving unit gets the result or the reason."""

    type: Literal["dossier.completed"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:hub:dossier.completed:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: DossierCompletedData = term("Content.", vi="Nội dung", source=_OURS)
