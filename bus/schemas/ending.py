"""Messages by which a dossier ends otherwise than by its result, and what comes after the result.

A receiving unit finds that it should not have taken the dossier; an agency stops it; the citizen
says how it went.
Source: Decree 61/2018/NĐ-CP articles 17 and 19.8; Circular 01/2018/TT-VPCP article 13.
"""

from enum import StrEnum
from typing import Literal

from bus.schemas.base import Agency, Line, Text, UtcDatetime, WireModel, term
from bus.schemas.dossier import Document, StepResult
from bus.schemas.envelope import DossierMessage, HubDelivery

_LAW = "Nghị định 61/2018/NĐ-CP"
_PORTAL = "QCVN 120:2019/BTTTT"
_REFUSAL = "Thông tư 01/2018/TT-VPCP, Mẫu 03"
_RATING = "Thông tư 01/2018/TT-VPCP, Điều 13"
_OURS = "lienthong"


class DossierRejectedData(WireModel):
    """Why the receiving unit does not take the dossier after all."""

    reason: Text = term(
        "Reason, in words for the citizen.", vi="Lý do từ chối tiếp nhận", source=_REFUSAL
    )
    legal_basis: Line | None = term(
        "Article it rests on.", vi="Căn cứ pháp lý", source=_REFUSAL, default=None
    )
    rejected_at: UtcDatetime = term("When.", vi="Ngày từ chối", source=_PORTAL)


class DossierRejectedV1(DossierMessage):
    """The receiving unit does not take the dossier, before anybody else has worked on it."""

    type: Literal["dossier.rejected"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:agency:dossier.rejected:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: DossierRejectedData = term("Content.", vi="Nội dung", source=_OURS)


class DossierTerminatedData(WireModel):
    """Why the dossier is stopped, and the notice that says so."""

    reason: Text = term(
        "Reason, in words for the citizen.", vi="Lý do dừng giải quyết", source=_PORTAL
    )
    legal_basis: Line | None = term(
        "Article it rests on.", vi="Căn cứ pháp lý", source=f"{_LAW}, Điều 19", default=None
    )
    notice: Document | None = term(
        "The written notice.", vi="Thông báo dừng giải quyết", source=_PORTAL, default=None
    )
    terminated_at: UtcDatetime = term("When.", vi="Ngày dừng giải quyết", source=_PORTAL)


class DossierTerminatedV1(DossierMessage):
    """An agency that has the dossier stops it for good (status 8)."""

    type: Literal["dossier.terminated"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:agency:dossier.terminated:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: DossierTerminatedData = term("Content.", vi="Nội dung", source=_OURS)


class TerminationForwardedData(DossierTerminatedData):
    """The notice, with who stopped the dossier and what had been decided by then."""

    terminated_by: Agency = term(
        "Agency that stopped it.", vi="Cơ quan dừng giải quyết", source=_PORTAL
    )
    results: tuple[StepResult, ...] = term(
        "Results of the steps, in the order they were decided.",
        vi="Kết quả đã có",
        source=f"{_LAW}, Điều 20",
        max_length=100,
    )


class TerminationForwardedV1(HubDelivery):
    """The dossier has come home without a result: an agency stopped it."""

    type: Literal["dossier.terminated"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:hub:dossier.terminated:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: TerminationForwardedData = term("Content.", vi="Nội dung", source=_OURS)


class Satisfaction(StrEnum):
    """How content the citizen was (mức độ hài lòng)."""

    VERY_SATISFIED = "very_satisfied"
    SATISFIED = "satisfied"
    DISSATISFIED = "dissatisfied"


class DossierRatedData(WireModel):
    """How the citizen judges the way the dossier was dealt with."""

    satisfaction: Satisfaction = term("How content.", vi="Mức độ hài lòng", source=_RATING)
    comment: Text | None = term(
        "In the citizen's words.", vi="Ý kiến của công dân", source=_RATING, default=None
    )
    rated_at: UtcDatetime = term("When.", vi="Thời điểm đánh giá", source=_RATING)


class DossierRatedV1(DossierMessage):
    """The citizen rated the service, after the result was handed over."""

    type: Literal["dossier.rated"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:agency:dossier.rated:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: DossierRatedData = term("Content.", vi="Nội dung", source=_OURS)
