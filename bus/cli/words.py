"""States, roles and levels as officials call them. Vietnamese, by the value in the data."""

from collections.abc import Mapping
from typing import Final

from bus.routing.states import CASE_VI, STEP_VI

CASE: Final[Mapping[str, str]] = {state.value: word for state, word in CASE_VI.items()}
STEP: Final[Mapping[str, str]] = {state.value: word for state, word in STEP_VI.items()}
HANDOFF: Final[Mapping[str, str]] = {
    "waiting": "chờ lượt",
    "due": "sắp gửi",
    "sent": "đã gửi, chờ hồi báo",
    "imported": "đã nhận",
    "refused": "bị từ chối nhận",
    "parked": "chờ người xử lý",
    "discarded": "đã bỏ",
    "resolved": "đã giao bằng cách khác",
    "rerouted": "đã chuyển cơ quan khác",
}
ATTEMPT: Final[Mapping[str, str]] = {
    "imported": "đã nhận",
    "refused": "bị từ chối nhận",
    "failed": "thất bại",
    "timed_out": "không có hồi báo",
}
TASK: Final[Mapping[str, str]] = {
    "canary": "đang thử trước",
    "running": "đang gửi lại",
    "stopped": "đã dừng",
    "done": "đã xong",
}
FINANCIAL: Final[Mapping[str, str]] = {
    "none": "không có",
    "requested": "chờ nộp tiền",
    "confirmed": "đã nộp tiền",
}
NATIONAL: Final[Mapping[str, str]] = {
    "registered": "mới đăng ký",
    "accepted": "được tiếp nhận",
    "not_accepted": "không được tiếp nhận",
    "processing": "đang xử lý",
    "supplement_requested": "yêu cầu bổ sung giấy tờ",
    "payment_requested": "yêu cầu thực hiện nghĩa vụ tài chính",
    "withdrawn": "công dân yêu cầu rút hồ sơ",
    "terminated": "dừng xử lý",
    "completed": "đã xử lý xong",
    "returned": "đã trả kết quả",
}
TRANSPORT: Final[Mapping[str, str]] = {
    "settled": "đã giao hết",
    "under_way": "đang giao",
    "stuck": "có lần giao chờ người xử lý",
}
SYNCHRONISATION: Final[Mapping[str, str]] = {
    "never": "chưa báo",
    "behind": "trạng thái đã báo không còn đúng",
    "up_to_date": "đã báo",
}
FLAG: Final[Mapping[str, str]] = {
    "second_supplement": "yêu cầu bổ sung lần thứ hai khi tiếp nhận",
}
LEVEL: Final[Mapping[str, str]] = {
    "central": "trung ương",
    "province": "cấp tỉnh",
    "district": "cấp huyện",
    "commune": "cấp xã",
}
SCOPE: Final[Mapping[str, str]] = {
    "province": ", nhận hồ sơ của cả tỉnh",
}
"""What is said beside a receiving unit that files for more than its own area."""
ROLE: Final[Mapping[str, str]] = {
    "hub": "Trục liên thông",
    "one_stop_unit": "Bộ phận Một cửa",
    "service_centre": "Trung tâm Phục vụ hành chính công",
    "people_committee": "Ủy ban nhân dân",
    "people_committee_office": "Văn phòng Ủy ban nhân dân",
    "commune_police": "Công an xã",
    "labour_office": "Phòng Lao động",
    "social_insurance": "Bảo hiểm xã hội",
    "land_registration": "Văn phòng đăng ký đất đai",
    "tax": "Thuế",
    "finance_planning": "Phòng Tài chính – Kế hoạch",
    "home_affairs": "Sở Nội vụ",
    "construction": "Sở Xây dựng",
    "finance": "Sở Tài chính",
    "labour": "Sở Lao động",
    "social_facility": "Cơ sở trợ giúp xã hội",
    "health": "Sở Y tế",
    "justice": "Sở Tư pháp",
    "land_environment": "Sở Nông nghiệp và Môi trường",
}
LIMIT: Final[Mapping[str, str]] = {
    "working_day": "ngày làm việc",
    "calendar_day": "ngày",
    "working_hour": "giờ làm việc",
}
EVENT: Final[Mapping[str, str]] = {
    "clock": "Đến mốc thời hạn",
    "handoff.retry": "Người vận hành cho gửi lại",
    "handoff.discard": "Người vận hành bỏ lần giao",
    "handoff.restore": "Người vận hành lấy lại lần giao đã bỏ",
    "handoff.resolve": "Người vận hành ghi nhận đã giao bằng cách khác",
    "dossier.place": "Người vận hành xác định địa bàn mới",
    "handoff.reroute": "Người vận hành chuyển cho cơ quan khác",
    "handoff.group_retry": "Người vận hành cho gửi lại cả nhóm",
    "handoff.group_stop": "Người vận hành dừng gửi lại cả nhóm",
    "handoff.group_resume": "Người vận hành tiếp tục gửi lại cả nhóm",
}
"""What the ledger records besides messages; those have their terms in the schemas."""


def called(words: Mapping[str, str], value: str) -> str:
    """Return the word for a value; the value itself where it has none yet."""
    return words.get(value, value)
