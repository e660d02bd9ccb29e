"""What each message is called in Vietnamese, when it is sent, and what it rests on.

The same words stand in the JSON Schemas, the AsyncAPI document and `docs/reference/messages.md`.
"""

from dataclasses import dataclass
from typing import Final

from bus.schemas.catalogue import schema_urn
from bus.schemas.envelope import SCHEMA_PREFIX, Envelope

_LAW = "Nghị định 61/2018/NĐ-CP"
_PORTAL = "QCVN 120:2019/BTTTT, TrangThaiHoSo"
_AXIS = "Trục liên thông văn bản quốc gia, mã trạng thái"
_OURS = "lienthong"


@dataclass(frozen=True, slots=True)
class Term:
    """A message in an official's words."""

    vi: str
    source: str


@dataclass(frozen=True, slots=True)
class Place:
    """Which side may send a message, its type and version: the parts of its `dataschema`."""

    side: str
    type: str
    version: int

    @property
    def file(self) -> str:
        """Name of the message's JSON Schema inside an export: `agency/dossier.submitted.1.json`."""
        return f"{self.side}/{self.type}.{self.version}.json"

    @property
    def key(self) -> str:
        """The same as one word: `agency.dossier.submitted.1`."""
        return f"{self.side}.{self.type}.{self.version}"


def place(message: type[Envelope]) -> Place:
    """Return the parts of a message class's `dataschema`."""
    side, type_, version = schema_urn(message).removeprefix(f"{SCHEMA_PREFIX}:").split(":")
    return Place(side, type_, int(version))


def term_of(message: type[Envelope]) -> Term:
    """Return what a message class is called and what it rests on."""
    where = place(message)
    return _TERMS[where.side, where.type]


_TERMS: Final = {
    ("agency", "dossier.submitted"): Term("Nộp hồ sơ", f"{_LAW}, Điều 17"),
    ("agency", "dossier.supplemented"): Term(
        "Bổ sung hồ sơ", f"{_LAW}, Điều 17 khoản 2, Điều 19 khoản 4"
    ),
    ("agency", "dossier.withdrawn"): Term("Rút hồ sơ", f"{_PORTAL} 7"),
    ("agency", "dossier.rejected"): Term("Từ chối tiếp nhận hồ sơ", f"{_LAW}, Điều 17 khoản 1"),
    ("agency", "dossier.terminated"): Term("Dừng giải quyết hồ sơ", f"{_PORTAL} 8"),
    ("agency", "dossier.returned"): Term("Trả kết quả", f"{_LAW}, Điều 20"),
    ("agency", "dossier.rated"): Term(
        "Đánh giá mức độ hài lòng", "Thông tư 01/2018/TT-VPCP, Điều 13"
    ),
    ("agency", "step.received"): Term("Nhận xử lý bước", "Thông tư 01/2018/TT-VPCP, Mẫu 05"),
    ("agency", "step.progressed"): Term(
        "Cập nhật tiến độ bước", "Thông tư 01/2018/TT-VPCP, Điều 17"
    ),
    ("agency", "step.completed"): Term("Hoàn thành bước", f"{_LAW}, Điều 19"),
    ("agency", "step.rejected"): Term("Từ chối giải quyết", f"{_LAW}, Điều 19 khoản 8"),
    ("agency", "step.extended"): Term("Xin lỗi và hẹn lại ngày trả", f"{_LAW}, Điều 19 khoản 9"),
    ("agency", "step.forwarded"): Term(
        "Chuyển hồ sơ đến cơ quan có thẩm quyền", f"{_LAW}, Điều 18 khoản 3"
    ),
    ("agency", "supplement.requested"): Term(
        "Yêu cầu bổ sung, hoàn thiện hồ sơ", f"{_LAW}, Điều 19 khoản 4"
    ),
    ("agency", "payment.requested"): Term(
        "Thông báo nghĩa vụ tài chính", "Nghị định 103/2024/NĐ-CP, Điều 21"
    ),
    ("agency", "payment.confirmed"): Term("Xác nhận đã nộp tiền", f"{_PORTAL} 6"),
    ("agency", "wait.ended"): Term("Kết thúc thời gian chờ", "Nghị định 20/2021/NĐ-CP, Điều 28"),
    ("agency", "consultation.requested"): Term("Lấy ý kiến", f"{_LAW}, Điều 19 khoản 5"),
    ("agency", "consultation.replied"): Term("Trả lời lấy ý kiến", f"{_LAW}, Điều 19 khoản 5"),
    ("agency", "recall.requested"): Term("Đề nghị thu hồi hồ sơ đã chuyển", f"{_AXIS} 13"),
    ("agency", "recall.agreed"): Term("Đồng ý thu hồi", f"{_AXIS} 15"),
    ("agency", "recall.refused"): Term("Từ chối thu hồi", f"{_AXIS} 16"),
    ("agency", "delivery.imported"): Term("Hồi báo đã nhận", f"{_AXIS} 01"),
    ("agency", "delivery.refused"): Term("Hồi báo từ chối nhận", f"{_AXIS} 02"),
    ("agency", "delivery.failed"): Term("Hồi báo lỗi kỹ thuật", _OURS),
    ("agency", "adapter.heartbeat"): Term("Tín hiệu hoạt động", _OURS),
    ("hub", "step.requested"): Term(
        "Phiếu chuyển hồ sơ giải quyết", f"{_LAW}, Điều 18; Thông tư 01/2018/TT-VPCP, Mẫu 05"
    ),
    ("hub", "step.cancelled"): Term("Huỷ yêu cầu giải quyết", _OURS),
    ("hub", "compensation.requested"): Term(
        "Báo hồ sơ không thành để xử lý kết quả đã làm", f"{_LAW}, Điều 19 khoản 8"
    ),
    ("hub", "dossier.status"): Term("Trạng thái hồ sơ", f"{_LAW}, Điều 19 khoản 7"),
    ("hub", "dossier.completed"): Term("Kết thúc hồ sơ", f"{_LAW}, Điều 20"),
    ("hub", "dossier.terminated"): Term("Chuyển thông báo dừng giải quyết", f"{_PORTAL} 8"),
    ("hub", "step.progressed"): Term("Chuyển tiến độ bước", "Thông tư 01/2018/TT-VPCP, Điều 17"),
    ("hub", "supplement.requested"): Term(
        "Chuyển yêu cầu bổ sung, hoàn thiện hồ sơ", f"{_LAW}, Điều 5, Điều 19 khoản 4"
    ),
    ("hub", "payment.requested"): Term(
        "Chuyển thông báo nghĩa vụ tài chính",
        f"{_LAW}, Điều 5; Nghị định 103/2024/NĐ-CP, Điều 21",
    ),
    ("hub", "step.extended"): Term(
        "Chuyển xin lỗi và hẹn lại ngày trả", f"{_LAW}, Điều 19 khoản 9"
    ),
    ("hub", "consultation.requested"): Term("Chuyển lấy ý kiến", f"{_LAW}, Điều 19 khoản 5"),
    ("hub", "consultation.replied"): Term("Chuyển trả lời lấy ý kiến", f"{_LAW}, Điều 19 khoản 5"),
    ("hub", "consultation.overdue"): Term("Báo quá hạn lấy ý kiến", f"{_LAW}, Điều 19 khoản 5"),
    ("hub", "recall.requested"): Term("Chuyển đề nghị thu hồi", f"{_AXIS} 13"),
    ("hub", "recall.answered"): Term("Trả lời đề nghị thu hồi", f"{_AXIS} 15, 16"),
    ("hub", "deadline.warning"): Term("Cảnh báo sắp đến hạn", f"{_LAW}, Điều 19 khoản 9"),
    ("hub", "deadline.passed"): Term("Báo quá hạn", f"{_LAW}, Điều 19 khoản 9"),
    ("hub", "message.accepted"): Term("Hồi báo chấp nhận thông điệp", _OURS),
    ("hub", "message.rejected"): Term("Hồi báo từ chối thông điệp", _OURS),
    ("hub", "message.expected"): Term("Hồi báo đang chờ thông điệp trước", _OURS),
}
