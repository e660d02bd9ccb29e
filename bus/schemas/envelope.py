"""The envelope of every message: CloudEvents 1.0 in structured JSON.

Attribute names are those of CloudEvents and its extensions (sequence, correlation, distributed
tracing); `recipient` is ours. The body that was sent is the body that is signed and kept.
"""

from typing import Annotated, Literal

from pydantic import StringConstraints

from bus.schemas.base import Agency, Dossier, Sequence10, UtcDatetime, Uuid, WireModel, term

CONTENT_TYPE = "application/cloudevents+json"
"""AMQP content type of every message."""

MAX_BODY_BYTES = 1_048_576
"""Largest body the bus takes: 1 MiB. Larger documents travel by reference and digest."""

SCHEMA_PREFIX = "urn:lienthong:schema"

TraceParent = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")
]

_CE = "CloudEvents 1.0.2"


class Envelope(WireModel):
    """What every message carries, whoever sends it."""

    specversion: Literal["1.0"] = term(
        "Version of the CloudEvents specification.", vi="Phiên bản CloudEvents", source=_CE
    )
    id: Uuid = term(
        "Id of the message; stays the same on every repeat. UUID version 7, or version 8 for a"
        " receipt, which is derived from what it answers.",
        vi="Mã thông điệp",
        source=f"{_CE}; RFC 9562",
    )
    source: Agency = term(
        "Code of the agency that says this.",
        vi="Mã định danh cơ quan gửi",
        source=f"{_CE}; Quyết định 20/2020/QĐ-TTg",
    )
    time: UtcDatetime = term(
        "When the message was made, UTC.", vi="Thời điểm lập thông điệp", source=_CE
    )
    datacontenttype: Literal["application/json"] = term(
        "Media type of `data`.", vi="Kiểu nội dung", source=_CE
    )
    correlationid: Uuid | None = term(
        "Id of the message that began this exchange: the dossier's submission.",
        vi="Mã liên kết hồ sơ",
        source="CloudEvents correlation extension",
        default=None,
    )
    causationid: Uuid | None = term(
        "Id of the message this one answers or follows from.",
        vi="Mã thông điệp nguyên nhân",
        source="CloudEvents correlation extension",
        default=None,
    )
    traceparent: TraceParent | None = term(
        "Trace context of the sender.",
        vi="Ngữ cảnh theo vết",
        source="W3C Trace Context",
        default=None,
    )


class DossierMessage(Envelope):
    """What an agency says about a dossier: one place in its lane."""

    subject: Dossier = term(
        "Dossier code.", vi="Mã số hồ sơ", source="Nghị định 61/2018/NĐ-CP, Điều 26"
    )
    sequence: Sequence10 = term(
        "Place of the message among all this agency says about this dossier, from 1, zero-padded"
        " to ten digits. The hub takes only the next one.",
        vi="Số thứ tự trong luồng của hồ sơ",
        source="CloudEvents sequence extension",
    )


class AgencyReceipt(Envelope):
    """What an agency says about a delivery it got from the hub; has no place in a lane."""

    subject: Dossier = term(
        "Dossier code of the delivery.",
        vi="Mã số hồ sơ",
        source="Nghị định 61/2018/NĐ-CP, Điều 26",
    )


class HubDelivery(Envelope):
    """What the hub hands to an agency and keeps until the agency's receipt."""

    subject: Dossier = term(
        "Dossier code.", vi="Mã số hồ sơ", source="Nghị định 61/2018/NĐ-CP, Điều 26"
    )
    recipient: Agency = term(
        "Code of the agency this is for.",
        vi="Mã định danh cơ quan nhận",
        source="Quyết định 20/2020/QĐ-TTg",
    )


class HubReceipt(Envelope):
    """What the hub says about a message it got from an agency."""

    recipient: Agency = term(
        "Code of the agency this is for.",
        vi="Mã định danh cơ quan nhận",
        source="Quyết định 20/2020/QĐ-TTg",
    )
