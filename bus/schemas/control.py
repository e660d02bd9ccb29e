"""Messages about the machinery itself: heartbeats, tests, and warnings about deadlines."""

from enum import StrEnum
from typing import Literal

from bus.schemas.base import (
    SAFE_INTEGER,
    Agency,
    PositiveCount,
    Step,
    UtcDatetime,
    WireModel,
    Word,
    term,
)
from bus.schemas.envelope import Envelope, HubDelivery

_OURS = "lienthong"
_LAW = "Nghị định 61/2018/NĐ-CP"


class AdapterHeartbeatData(WireModel):
    """How an adapter is doing."""

    version: Word = term("Version of the adapter.", vi="Phiên bản", source=_OURS)
    unanswered: int = term(
        "Messages without a receipt.",
        vi="Số thông điệp chưa có hồi báo",
        source=_OURS,
        ge=0,
        le=SAFE_INTEGER,
    )


class AdapterHeartbeatV1(Envelope):
    """The adapter is there; says nothing about the system behind it."""

    type: Literal["adapter.heartbeat"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:agency:adapter.heartbeat:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: AdapterHeartbeatData = term("Content.", vi="Nội dung", source=_OURS)


class DeadlineNotice(StrEnum):
    """Which of the notices about a deadline it is."""

    WARNING = "warning"
    """Two working days are left."""
    APOLOGY = "apology"
    """One working day is left: who will be late must say so to the one-stop unit and apologise."""
    OVERDUE = "overdue"
    """It has passed."""


class DeadlineData(WireModel):
    """Which deadline, and which notice about it."""

    step: Step | None = term(
        "Step; absent where the whole dossier is meant.", vi="Bước", source=_OURS, default=None
    )
    round: PositiveCount | None = term(
        "Round of the step.", vi="Lần thực hiện", source=_OURS, default=None
    )
    due_at: UtcDatetime = term("When it is due.", vi="Hạn xử lý", source=f"{_LAW}, Điều 19")
    notice: DeadlineNotice | None = term(
        "warning: two working days are left; apology: one is left, and who will be late owes the"
        " one-stop unit notice and an apology; overdue. Absent in messages of before.",
        vi="Loại báo hạn",
        source=f"{_LAW}, Điều 19 khoản 9",
        default=None,
    )
    agency: Agency | None = term(
        "Who does the step; absent where the whole dossier is meant.",
        vi="Cơ quan thực hiện bước",
        source=f"{_LAW}, Điều 19 khoản 9",
        default=None,
    )


class DeadlineWarningV1(HubDelivery):
    """A deadline is near: a late agency owes an apology at least one day before expiry."""

    type: Literal["deadline.warning"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:hub:deadline.warning:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: DeadlineData = term("Content.", vi="Nội dung", source=f"{_LAW}, Điều 19 khoản 9")


class DeadlinePassedV1(HubDelivery):
    """A deadline has passed; overdue stays overdue."""

    type: Literal["deadline.passed"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:hub:deadline.passed:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: DeadlineData = term("Content.", vi="Nội dung", source=f"{_LAW}, Điều 19 khoản 9")
