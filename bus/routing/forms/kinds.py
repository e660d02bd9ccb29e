"""Which statutory forms there are, under which circular, and since when.

Circular 01/2018/TT-VPCP has six forms, Circular 03/2025/TT-VPCP has seven. The register of a unit
(Mẫu 06, later 07) is about many dossiers, so it is none of a case.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final


class FormSet(StrEnum):
    """The circular a form belongs to, by its year."""

    CIRCULAR_2018 = "2018"
    CIRCULAR_2025 = "2025"


class FormKind(StrEnum):
    """What a form is for."""

    RECEIPT = "receipt"
    SUPPLEMENT = "supplement"
    REFUSAL = "refusal"
    APOLOGY = "apology"
    TERMINATION = "termination"
    CONTROL_SLIP = "control-slip"


class Paper(StrEnum):
    """Size of the sheet."""

    A4 = "A4"
    A5 = "A5"


@dataclass(frozen=True, slots=True)
class Form:
    """One form of one circular.

    `number` is its place in the circular's annex, `title` its name in Vietnamese, `circular` the
    circular that sets the form, `basis` the article that wants the document at all.
    """

    kind: FormKind
    set: FormSet
    number: str
    title: str
    circular: str
    basis: str
    paper: Paper


REPLACED_ON: Final = date(2025, 9, 15)
"""Day on which Circular 03/2025/TT-VPCP was issued and its forms took the place of the old."""

_2018: Final = "Thông tư số 01/2018/TT-VPCP ngày 23 tháng 11 năm 2018"
_2025: Final = "Thông tư số 03/2025/TT-VPCP ngày 15 tháng 9 năm 2025"
_DECREE_61: Final = "Nghị định số 61/2018/NĐ-CP"
_DECREE_118: Final = "Nghị định số 118/2025/NĐ-CP"

_APOLOGY_2018: Final = "Phiếu xin lỗi và hẹn lại ngày trả kết quả"
_APOLOGY_2025: Final = "Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết"
_SHARED: Final = {
    FormKind.RECEIPT: ("Giấy tiếp nhận hồ sơ và hẹn trả kết quả", "Điều 17"),
    FormKind.SUPPLEMENT: ("Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ", "Điều 19 khoản 4"),
    FormKind.REFUSAL: ("Phiếu từ chối tiếp nhận giải quyết hồ sơ", "Điều 19 khoản 8"),
    FormKind.CONTROL_SLIP: ("Phiếu kiểm soát quá trình giải quyết hồ sơ", "Điều 19"),
}


def _old(kind: FormKind, number: str, title: str, article: str, paper: Paper = Paper.A5) -> Form:
    basis = f"{article} {_DECREE_61}"
    return Form(kind, FormSet.CIRCULAR_2018, f"Mẫu số {number}", title, _2018, basis, paper)


def _new(kind: FormKind, number: str, title: str, paper: Paper = Paper.A5) -> Form:
    return Form(kind, FormSet.CIRCULAR_2025, f"Mẫu số {number}", title, _2025, _DECREE_118, paper)


_FORMS: Final = (
    _old(FormKind.RECEIPT, "01", *_SHARED[FormKind.RECEIPT]),
    _old(FormKind.SUPPLEMENT, "02", *_SHARED[FormKind.SUPPLEMENT]),
    _old(FormKind.REFUSAL, "03", *_SHARED[FormKind.REFUSAL]),
    _old(FormKind.APOLOGY, "04", _APOLOGY_2018, "Điều 19 khoản 9"),
    _old(FormKind.CONTROL_SLIP, "05", *_SHARED[FormKind.CONTROL_SLIP], Paper.A4),
    _new(FormKind.RECEIPT, "01", _SHARED[FormKind.RECEIPT][0]),
    _new(FormKind.SUPPLEMENT, "02", _SHARED[FormKind.SUPPLEMENT][0]),
    _new(FormKind.REFUSAL, "03", _SHARED[FormKind.REFUSAL][0]),
    _new(FormKind.APOLOGY, "04", _APOLOGY_2025),
    _new(FormKind.TERMINATION, "05", "Thông báo dừng giải quyết hồ sơ"),
    _new(FormKind.CONTROL_SLIP, "06", _SHARED[FormKind.CONTROL_SLIP][0], Paper.A4),
)
FORMS: Final = {(form.kind, form.set): form for form in _FORMS}
"""Every form of a case, by what it is for and whose it is."""


def set_on(day: date) -> FormSet:
    """Return the circular whose forms are used for a document made on that day, local.

    Circular 01/2018 took effect on 6 January 2019; nothing older is printed here, so a day before
    gets its forms too.
    """
    return FormSet.CIRCULAR_2018 if day < REPLACED_ON else FormSet.CIRCULAR_2025
