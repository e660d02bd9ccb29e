"""Messages about waits that are no payment, and about work that a later refusal made void.

Source: Decree 20/2021/NĐ-CP article 28 (public posting, complaints); Decree 61/2018/NĐ-CP
articles 16 and 19.8.
"""

from typing import Literal

from bus.schemas.base import (
    BusinessState,
    PositiveCount,
    Step,
    Text,
    UtcDatetime,
    WireModel,
    Word,
    term,
)
from bus.schemas.envelope import DossierMessage, HubDelivery

_PORTAL = "QCVN 120:2019/BTTTT, TrangThaiHoSo"
_POSTING = "Nghị định 20/2021/NĐ-CP, Điều 28"
_LAW = "Nghị định 61/2018/NĐ-CP, Điều 19 khoản 8"
_OURS = "lienthong"


class WaitEndedData(WireModel):
    """Which wait ended by what happened outside."""

    step: Step = term("Step that waits.", vi="Bước chờ", source=_OURS)
    round: PositiveCount = term("Round of the step.", vi="Lần thực hiện", source=_OURS)
    outcome: Word = term(
        "What happened: one of the outcomes of the route's step.", vi="Kết quả chờ", source=_OURS
    )
    note: Text | None = term("More about it.", vi="Ghi chú", source=_POSTING, default=None)
    ended_at: UtcDatetime = term("When it happened.", vi="Thời điểm", source=_POSTING)


class WaitEndedV1(DossierMessage):
    """What a dossier waited for has happened, says the receiving unit: a complaint, a decision."""

    type: Literal["wait.ended"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:agency:wait.ended:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: WaitEndedData = term("Content.", vi="Nội dung", source=_OURS)


class CompensationRequestedData(WireModel):
    """What was done and is now void, and why."""

    step: Step = term("Step that was done.", vi="Bước đã thực hiện", source=_OURS)
    round: PositiveCount = term("Round of the step.", vi="Lần thực hiện", source=_OURS)
    outcome: Word = term("How it had ended.", vi="Kết quả bước", source=_OURS)
    state: BusinessState = term("How the dossier ended.", vi="Trạng thái hồ sơ", source=_PORTAL)
    reason: Text = term("Why.", vi="Lý do", source=_LAW)


class CompensationRequestedV1(HubDelivery):
    """The dossier ended without a result: who did a step decides what of it must be undone."""

    type: Literal["compensation.requested"] = term("Type.", vi="Loại thông điệp", source=_OURS)
    dataschema: Literal["urn:lienthong:schema:hub:compensation.requested:1"] = term(
        "Schema of the message.", vi="Lược đồ", source="CloudEvents 1.0.2"
    )
    data: CompensationRequestedData = term("Content.", vi="Nội dung", source=_OURS)
