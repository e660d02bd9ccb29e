"""What stands beside the days of a reckoning: each ground in Vietnamese, then in English."""

from typing import Final

from bus.routing.case import StepState
from bus.routing.explain import Beginning, Mark, Start, Stop
from bus.schemas.route import ClockPolicy

DECREE: Final = "Nghị định 61/2018/NĐ-CP"
CODE: Final = "Bộ luật Dân sự 2015"
WEEKDAYS: Final = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
START: Final = {
    Start.ACCEPTED: f"tiếp nhận hồ sơ hợp lệ ({DECREE}, Điều 17) / the complete dossier was"
    " accepted",
    Start.SUPPLEMENTED: f"đã bổ sung đủ, tính lại từ đầu ({DECREE}, Điều 19 khoản 4)"
    " / supplemented, counted anew from the start",
    Start.HANDED_OVER: f"bước trước xong, giao cho bước này ({DECREE}, Điều 19 khoản 6)"
    " / handed over when the step before was over",
}
NOBODY: Final = "chưa giao / not handed over"
NO_LIMIT: Final = "Quy trình không đặt thời hạn / The route sets no limit"
UNCOUNTED: Final[dict[StepState | None, str]] = {
    StepState.WAITING: "Chưa đến lượt nên chưa tính / Not its turn yet, so nothing is counted",
    StepState.SKIPPED: "Không phải thực hiện / Not to be done",
}
RESUMES: Final = {
    ClockPolicy.RESTART: "khi công dân bổ sung đủ, thời hạn được tính lại từ đầu, hạn trên không"
    " còn giá trị / once supplemented, the time is counted anew and the date above is void",
    ClockPolicy.PAUSE: "thời gian dừng sẽ được cộng thêm vào hạn trên / the time it stands will be"
    " added to the date above",
    ClockPolicy.NO_STOP: "theo quy trình, hạn trên không đổi / by the route the date above stays",
}
STOP: Final = {
    Stop.SUPPLEMENT: "chờ công dân bổ sung hồ sơ / waiting for a supplement",
    Stop.PAYMENT: "chờ công dân thực hiện nghĩa vụ tài chính / waiting for a payment",
}
BEGINNING: Final = {
    Beginning.AFTER_CUTOFF: "nhận sau giờ chốt, nên tính như nhận vào đầu giờ ngày làm việc kế tiếp"
    f" ({DECREE}, Điều 18 khoản 2) / received after the cut-off: as received at the opening of the"
    " next day the office works",
    Beginning.DAY_OFF: "nhận vào ngày nghỉ, nên tính như nhận vào đầu giờ ngày làm việc kế tiếp"
    f" ({DECREE}, Điều 18 khoản 2) / received on a day off: as received at the opening of the next"
    " day the office works",
    Beginning.VERY_MOMENT: "thời hạn theo giờ tính ngay từ thời điểm đó / a limit in hours counts"
    " from the very moment",
}
MARK: Final = {
    Mark.BEFORE: f"chưa bắt đầu tính ({DECREE}, Điều 18 khoản 2) / not begun yet",
    Mark.START: f"ngày bắt đầu, không tính ({CODE}, Điều 147) / day of the start, not counted",
    Mark.SKIPPED: "nghỉ, không tính / off, not counted",
    Mark.MOVED_ON: f"ngày cuối rơi vào ngày nghỉ, lùi tiếp ({CODE}, Điều 148)"
    " / the last day is off, so it moves on",
    Mark.LAST: "ngày đến hạn / the day it is due",
}
