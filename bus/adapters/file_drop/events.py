"""What a legacy file may say, as tables: the events, their columns, and the headings.

To let files say something new, add a line here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bus.adapters.file_drop.cells import (
    AMOUNT,
    CHANNELS,
    COMPONENTS,
    COUNT,
    FACTS,
    MOMENT,
    PARTY_KINDS,
    RATINGS,
    SUPPLEMENTS,
    Kind,
    choice,
    words,
)
from bus.schemas.base import WireModel
from bus.schemas.consultation import ConsultationRepliedData, ConsultationRequestedData
from bus.schemas.dossier import (
    DossierReturnedData,
    DossierSubmittedData,
    DossierSupplementedData,
    DossierWithdrawnData,
)
from bus.schemas.ending import DossierRatedData, DossierRejectedData, DossierTerminatedData
from bus.schemas.progress import StepExtendedData, StepProgressedData
from bus.schemas.recall import (
    RecallAgreedData,
    RecallRefusedData,
    RecallRequestedData,
    StepForwardedData,
)
from bus.schemas.request import (
    PaymentConfirmedData,
    PaymentRequestedData,
    SupplementRequestedData,
)
from bus.schemas.step import StepCompletedData, StepReceivedData, StepRejectedData
from bus.schemas.wait import WaitEndedData

DOSSIER: Final = "Mã hồ sơ"
EVENT: Final = "Việc"
AREA: Final = "Địa bàn"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, the field it fills (dots lead inside) and its kind of cell.

    An empty cell stands for `empty`; where that is `...`, the cell must not be empty.
    """

    heading: str
    field: str
    kind: Kind
    empty: Any = ...


@dataclass(frozen=True, slots=True)
class Event:
    """What may be said in a row: the message's content and its columns."""

    content: type[WireModel]
    columns: tuple[Column, ...]


_BREAKS = re.compile(r"[\r\n\t]+")

_CODE = words("mã gồm chữ không dấu, chữ số và . _ / -", "a code of letters, digits and . _ / -")
_LINE = Kind(
    lambda text: _BREAKS.sub(" ", text),
    str,
    "văn bản một dòng, không quá 200 ký tự (tên) hoặc 500 ký tự",
    "one line of text, at most 200 characters (names) or 500",
)
_TEXT = words("văn bản, tối đa 4000 ký tự", "a text of at most 4000 characters")
_PHONE = words("số điện thoại, ví dụ 0216 3800 000", "a telephone number, as 0216 3800 000")
_STEP = Column(
    "Bước", "step", words("tên bước như trong phiếu giao", "a step as the slip names it")
)
_ROUND = Column("Lần", "round", COUNT)
_REASON = Column("Lý do", "reason", _TEXT)
_BASIS = Column("Căn cứ", "legal_basis", _LINE, empty=None)
_OFFICER = Column("Cán bộ", "officer", _LINE, empty=None)
_PAPERS = Column("Thành phần", "components", COMPONENTS, empty=())
_ANSWERS = Column("Thông tin", "facts", FACTS, empty={})
_CHANNEL = Column("Kênh", "channel", choice(CHANNELS))
_AGENCY = words("mã cơ quan, ví dụ H63.140.81", "the code of an agency, as H63.140.81")
_QUESTION = Column("Số văn bản", "reference", _CODE)
_OUTCOME = Column("Kết quả", "outcome", _CODE)
_NOTICE = Column("Số thông báo", "reference", _CODE)
_AMOUNT = Column("Số tiền", "amount_vnd", AMOUNT)


def _when(field: str) -> Column:
    return Column("Thời điểm", field, MOMENT)


SUBMISSION: Final = "dossier.submitted"
EVENTS: Final[Mapping[str, Event]] = {
    SUBMISSION: Event(
        DossierSubmittedData,
        (
            Column("Mã TTHC", "procedure", words("mã dạng 2.000286", "a code as 2.000286")),
            Column(
                AREA,
                "area",
                words("mã đơn vị hành chính, 2 đến 5 chữ số", "a statistical code, 2 to 5 digits"),
            ),
            Column("Trích yếu", "title", _LINE),
            Column("Chủ hồ sơ", "owner.name", _LINE),
            Column("Loại đối tượng", "owner.kind", choice(PARTY_KINDS)),
            Column("Số định danh", "owner.identity", _CODE, empty=None),
            Column("Điện thoại", "owner.phone", _PHONE, empty=None),
            Column("Địa chỉ", "owner.address", _LINE, empty=None),
            Column("Ngày nộp", "submitted_at", MOMENT),
            Column("Ngày tiếp nhận", "accepted_at", MOMENT),
            _CHANNEL,
            _PAPERS,
            _ANSWERS,
        ),
    ),
    "dossier.supplemented": Event(
        DossierSupplementedData, (_PAPERS, _ANSWERS, _when("accepted_at"))
    ),
    "dossier.withdrawn": Event(DossierWithdrawnData, (_REASON, _when("withdrawn_at"))),
    "dossier.rejected": Event(DossierRejectedData, (_REASON, _BASIS, _when("rejected_at"))),
    "dossier.terminated": Event(DossierTerminatedData, (_REASON, _BASIS, _when("terminated_at"))),
    "dossier.returned": Event(DossierReturnedData, (_CHANNEL, _when("returned_at"))),
    "dossier.rated": Event(
        DossierRatedData,
        (
            Column("Hài lòng", "satisfaction", choice(RATINGS)),
            Column("Ý kiến", "comment", _TEXT, empty=None),
            _when("rated_at"),
        ),
    ),
    "step.received": Event(
        StepReceivedData,
        (_STEP, _ROUND, _OFFICER, _when("received_at")),
    ),
    "step.progressed": Event(
        StepProgressedData,
        (_STEP, _ROUND, Column("Nội dung", "note", _TEXT), _OFFICER, _when("progressed_at")),
    ),
    "step.completed": Event(
        StepCompletedData,
        (
            _STEP,
            _ROUND,
            _OUTCOME,
            Column("Thông tin", "outputs", FACTS, empty={}),
            _when("completed_at"),
        ),
    ),
    "step.rejected": Event(
        StepRejectedData,
        (
            _STEP,
            _ROUND,
            _REASON,
            _BASIS,
            _when("rejected_at"),
        ),
    ),
    "step.extended": Event(
        StepExtendedData,
        (
            _STEP,
            _ROUND,
            _REASON,
            Column("Lời xin lỗi", "apology", _TEXT),
            Column("Hẹn lại", "extended_due_at", MOMENT),
            _when("extended_at"),
        ),
    ),
    "step.forwarded": Event(
        StepForwardedData,
        (
            _STEP,
            _ROUND,
            Column("Cơ quan có thẩm quyền", "competent_agency", _AGENCY),
            _REASON,
            _when("forwarded_at"),
        ),
    ),
    "supplement.requested": Event(
        SupplementRequestedData,
        (
            _STEP,
            _ROUND,
            Column("Nội dung", "items", SUPPLEMENTS),
            _REASON,
            Column("Liên hệ", "contact", _LINE, empty=None),
            _when("requested_at"),
        ),
    ),
    "payment.requested": Event(
        PaymentRequestedData,
        (
            _STEP,
            _ROUND,
            _NOTICE,
            _AMOUNT,
            Column("Đơn vị thụ hưởng", "payee", _LINE),
            _when("requested_at"),
        ),
    ),
    "payment.confirmed": Event(
        PaymentConfirmedData,
        (_NOTICE, _AMOUNT, Column("Số biên lai", "receipt", _CODE), _when("paid_at")),
    ),
    "wait.ended": Event(
        WaitEndedData,
        (
            _STEP,
            _ROUND,
            _OUTCOME,
            Column("Ghi chú", "note", _TEXT, empty=None),
            _when("ended_at"),
        ),
    ),
    "consultation.requested": Event(
        ConsultationRequestedData,
        (
            _STEP,
            _ROUND,
            _QUESTION,
            Column("Cơ quan được hỏi", "consulted", _AGENCY),
            Column("Nội dung", "content", _TEXT),
            Column("Hạn trả lời", "due_at", MOMENT),
            _when("requested_at"),
        ),
    ),
    "consultation.replied": Event(
        ConsultationRepliedData,
        (_QUESTION, Column("Ý kiến", "opinion", _TEXT), _when("replied_at")),
    ),
    "recall.requested": Event(RecallRequestedData, (_STEP, _ROUND, _REASON, _when("requested_at"))),
    "recall.agreed": Event(RecallAgreedData, (_STEP, _ROUND, _when("agreed_at"))),
    "recall.refused": Event(RecallRefusedData, (_STEP, _ROUND, _REASON, _when("refused_at"))),
}

HEADINGS: Final = tuple(
    dict.fromkeys(
        [DOSSIER, EVENT, *(x.heading for event in EVENTS.values() for x in event.columns)]
    )
)
"""Every heading a file may have."""

SUBMISSION_HEADINGS: Final = (DOSSIER, *(x.heading for x in EVENTS[SUBMISSION].columns))
"""The headings of a file of new dossiers, in the order they are written."""
