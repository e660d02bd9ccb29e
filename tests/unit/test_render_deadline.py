"""How the arithmetic of a due date reads."""

import re
from datetime import datetime, time
from typing import Any

from bus.cli.deadline_account import Account, Told
from bus.cli.render_deadline import as_json, lines
from bus.ids import AgencyCode, StepId
from bus.routing.case import StepState
from bus.routing.clock import WorkingCalendar
from bus.routing.explain import Counted, Happening, Moved, Start, Stood, Stop, explain
from bus.schemas.calendar import Counting
from bus.schemas.route import ClockPolicy
from tests.support.small_province import days, moment, tet_2025_and_2026
from tests.support.walking import Walk

OFFICE = AgencyCode("H63.01")
BEGUN = Counted(moment("20/01/2025 09:00"), days("working_hour", 4), Start.ACCEPTED, OFFICE)


def read(
    *happenings: Happening,
    stored: str | None = None,
    agency: AgencyCode | None = OFFICE,
    state: StepState = StepState.OPEN,
    resumes: ClockPolicy | None = None,
    **rule: object,
) -> tuple[str, list[dict[str, Any]]]:
    """Return the account of one due date as text and as JSON values."""
    table = tet_2025_and_2026()
    if rule:
        counting = Counting.model_validate({"basis": "Quyết định mẫu 11", **rule})
        table = table.model_copy(update={"counting": counting})
    calendar = WorkingCalendar(table)
    explanation = explain(happenings, lambda _: calendar)
    due: datetime | None = explanation.due if explanation else None
    counts = moment(stored) if stored else due
    told = Told(StepId("tax"), 1, agency, state, counts, explanation, None, resumes)
    case = Walk("1.001731").submit().case
    assert case is not None
    account = Account(case, 1, 1, (told,))
    return "\n".join(lines(account, lambda code: code or "")), as_json(account)["due_dates"]


def test_hours_are_told_day_by_day() -> None:
    text, _ = read(
        Counted(moment("24/01/2025 15:00"), days("working_hour", 4), Start.ACCEPTED, OFFICE)
    )

    assert "Thời hạn / Limit: 4 giờ làm việc" in text
    assert "thời hạn theo giờ tính ngay từ thời điểm đó" in text
    assert "Thứ Sáu 24/01/2025    2:00 giờ / hours" in text
    assert "→ Thứ Hai 03/02/2025 09:30, khi hết số giờ làm việc" in text


def test_a_stand_that_is_given_back_tells_what_was_lost_and_where_it_is_added() -> None:
    stood = Stood(
        moment("20/01/2025 10:00"),
        Stop.PAYMENT,
        OFFICE,
        moment("21/01/2025 10:00"),
        given_back=True,
    )

    text, (told,) = read(BEGUN, stood)

    assert "chờ công dân thực hiện nghĩa vụ tài chính" in text
    assert "mất 7:30 giờ làm việc, cộng thêm từ hạn cũ" in text
    assert "→ Thứ Ba 21/01/2025 15:00" in text.splitlines()[-1]
    assert told["parts"][1]["lost_minutes"] == 450


def test_a_stand_over_a_night_loses_nothing() -> None:
    stood = Stood(
        moment("20/01/2025 18:00"),
        Stop.SUPPLEMENT,
        OFFICE,
        moment("20/01/2025 19:00"),
        given_back=True,
    )

    text, _ = read(BEGUN, stood)

    assert "mất 0:00 giờ làm việc, hạn không đổi" in text


def test_a_clock_that_stands_says_since_when() -> None:
    text, _ = read(BEGUN, Stood(moment("20/01/2025 10:00"), Stop.SUPPLEMENT, OFFICE))

    assert "Đồng hồ đang dừng từ / The clock stands since Thứ Hai 20/01/2025 10:00" in text


def test_what_else_moved_it_is_named() -> None:
    moved = Moved(moment("21/01/2025 08:00"), moment("24/01/2025 17:00"), "dossier.extended")

    text, (told,) = read(BEGUN, moved)

    assert "Thứ Ba 21/01/2025 08:00: dossier.extended → Thứ Sáu 24/01/2025 17:00" in text
    assert told["parts"][1]["by"] == "dossier.extended"


def test_an_own_rule_of_counting_is_named() -> None:
    one = Counted(moment("20/01/2025 09:00"), days("working_day", 1), Start.ACCEPTED, OFFICE)

    text, _ = read(one, cutoff=time(16))

    assert "cách tính riêng / own rule of counting: Quyết định mẫu 11" in text


def test_a_stored_date_that_is_not_the_reckoned_one_is_not_hidden() -> None:
    text, (told,) = read(BEGUN, stored="24/01/2025 17:00")

    assert "tính lại ra Thứ Hai 20/01/2025 15:00" in text
    assert "khác hạn đã lưu Thứ Sáu 24/01/2025 17:00; hạn đã lưu có giá trị" in text
    assert told["agrees"] is False


def test_what_was_never_counted_says_so() -> None:
    text, (told,) = read()

    assert "hạn / due: –" in text
    assert "Quy trình không đặt thời hạn" in text
    assert told["parts"] == []


def test_a_step_whose_turn_has_not_come_is_nobodys_yet() -> None:
    text, (told,) = read(agency=None, state=StepState.WAITING)

    assert "BƯỚC / STEP tax · chưa giao / not handed over · hạn / due: –" in text
    assert "Chưa đến lượt nên chưa tính" in text
    assert told["agency"] is None


def test_while_the_clock_stands_it_is_said_what_becomes_of_the_date() -> None:
    stands = Stood(moment("20/01/2025 10:00"), Stop.SUPPLEMENT, OFFICE)

    text, (told,) = read(BEGUN, stands, resumes=ClockPolicy.RESTART)

    assert "Thứ Hai 20/01/2025 15:00, đang dừng / stands" in text
    assert "thời hạn được tính lại từ đầu" in text.splitlines()[-1]
    assert told["resumes"] == "restart"


def test_what_was_counted_before_a_supplement_is_called_void() -> None:
    stood = Stood(moment("20/01/2025 10:00"), Stop.SUPPLEMENT, OFFICE, moment("21/01/2025 10:00"))
    anew = Counted(moment("21/01/2025 10:00"), days("working_hour", 4), Start.SUPPLEMENTED, OFFICE)

    text, _ = read(BEGUN, stood, anew)

    assert "cách tính trên không còn giá trị, thời hạn được tính lại từ đầu" in text
    assert "không được cộng thêm" not in text


def test_a_new_appointment_stands_beside_the_date_it_does_not_replace() -> None:
    walk = Walk("1.001731").submit().extend("commune_forward", days=30)
    assert walk.case is not None
    assert walk.case.extended_due_at is not None
    told = Told(None, 1, OFFICE, None, walk.case.due_at, None, None, None)
    account = Account(walk.case, 1, 1, (told,))

    text = "\n".join(lines(account, lambda code: code or ""))

    assert re.search(r"ĐÃ HẸN LẠI / NEW APPOINTMENT: Thứ .* \(.*Điều 19 khoản 9\)", text)
    assert as_json(account)["extended_due_at"] == walk.case.extended_due_at
