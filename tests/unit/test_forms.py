"""What stands on each statutory form, who issues it, and which form it is."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bus.errors import FormUnavailable, NotFound
from bus.ids import AgencyCode
from bus.routing.forms.chronicle import chronicle
from bus.routing.forms.documents import (
    About,
    ApologySheet,
    ControlSlip,
    Mark,
    Owner,
    PaperLine,
    Receipt,
    RefusalSheet,
    SupplementSheet,
    TerminationSheet,
)
from bus.routing.forms.issue import Order, counts, issue
from bus.routing.forms.kinds import FORMS, FormKind, FormSet, Paper, set_on
from bus.routing.forms.letterhead import place_of
from bus.routing.forms.slip import control_slip
from bus.routing.forms.timeliness import Timeliness, finished, running
from bus.routing.forms.wording import is_technical, limit_in_words
from bus.schemas.base import Channel
from bus.schemas.dossier import CopyKind
from bus.schemas.route import ClockPolicy
from tests.support.sheets import COMMUNE, LABOUR, OWNER
from tests.support.small_province import days, moment
from tests.support.told import Told
from tests.support.walking import yen_bai, yen_bai_with

OLD, NEW = FormSet.CIRCULAR_2018, FormSet.CIRCULAR_2025
DESK = "Bộ phận Tiếp nhận và Trả kết quả"


@pytest.fixture
def walk() -> Told:
    """A dossier of 5 working days: commune 2, then the district's labour office 3."""
    walk = Told("1.001731")
    walk.submit(owner=OWNER)
    return walk


def unavailable(walk: Told, kind: FormKind, **more: object) -> str:
    with pytest.raises(FormUnavailable) as refused:
        walk.sheet(kind, **more)  # type: ignore[arg-type]
    return str(refused.value)


# --- which form ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "wanted"),
    [("2018-06-21", OLD), ("2025-09-14", OLD), ("2025-09-15", NEW), ("2026-11-27", NEW)],
)
def test_the_day_chooses_the_circular(day: str, wanted: FormSet) -> None:
    assert set_on(date.fromisoformat(day)) is wanted


def test_each_form_has_the_number_its_circular_gives_it() -> None:
    numbers = {(form.set, form.kind): form.number[-2:] for form in FORMS.values()}

    assert {kind: n for (of, kind), n in numbers.items() if of is OLD} == {
        FormKind.RECEIPT: "01",
        FormKind.SUPPLEMENT: "02",
        FormKind.REFUSAL: "03",
        FormKind.APOLOGY: "04",
        FormKind.CONTROL_SLIP: "05",
    }
    assert {kind: n for (of, kind), n in numbers.items() if of is NEW} == {
        FormKind.RECEIPT: "01",
        FormKind.SUPPLEMENT: "02",
        FormKind.REFUSAL: "03",
        FormKind.APOLOGY: "04",
        FormKind.TERMINATION: "05",
        FormKind.CONTROL_SLIP: "06",
    }


def test_each_form_names_its_legal_basis_and_all_but_the_slip_are_a5() -> None:
    for form in FORMS.values():
        assert f"/{form.set}/TT-VPCP" in form.circular
        assert "NĐ-CP" in form.basis
        assert (form.paper is Paper.A4) == (form.kind is FormKind.CONTROL_SLIP)


def test_a_document_made_on_the_day_of_the_change_is_on_the_new_form(walk: Told) -> None:
    """15 September begins at 17:00 UTC of the 14th."""
    late = datetime(2025, 9, 14, 16, 59, tzinfo=UTC)
    before = walk.sheet(FormKind.APOLOGY, at=late)
    after = walk.sheet(FormKind.APOLOGY, at=late.replace(hour=17, minute=0))

    assert (before.heading.form.set, before.heading.day) == (OLD, date(2025, 9, 14))
    assert (after.heading.form.set, after.heading.day) == (NEW, date(2025, 9, 15))


def test_a_slip_keeps_the_form_of_the_day_it_was_begun(walk: Told) -> None:
    slip = walk.sheet(FormKind.CONTROL_SLIP, at=datetime(2026, 1, 5, tzinfo=UTC))

    assert (slip.heading.form.set, slip.heading.day) == (OLD, date(2026, 1, 5))


def test_another_circular_may_be_chosen(walk: Told) -> None:
    slip = walk.sheet(FormKind.CONTROL_SLIP, of=NEW)

    assert slip.heading.form.number == "Mẫu số 06"


# --- the head --------------------------------------------------------------------------------


def test_a_commune_heads_its_sheets_as_one_stop_unit(walk: Told) -> None:
    heading = walk.sheet(FormKind.RECEIPT, number="12").heading

    assert (heading.superior, heading.unit, heading.place) == (COMMUNE, DESK, "Gia Hội")
    assert (heading.symbol, heading.number) == ("BPTNTKQ", "12")
    assert (heading.dossier, heading.agency) == (walk.code, walk.unit)
    assert heading.day == date(2025, 3, 3)


def test_the_service_centre_stands_below_the_province() -> None:
    walk = ByTheCentre("2.002622", {"regime": "none"})
    walk.submit()

    heading = walk.sheet(FormKind.RECEIPT).heading

    assert heading.superior == "Ủy ban nhân dân tỉnh Yên Bái"
    assert heading.unit == "Trung tâm Phục vụ hành chính công tỉnh Yên Bái"
    assert (heading.place, heading.symbol) == ("Yên Bái", "TTPVHCC")


class ByTheCentre(Told):
    @property
    def unit(self) -> AgencyCode:
        return AgencyCode("H63.01.01")


@pytest.mark.parametrize(
    ("unit", "place"),
    [
        ("Xã Gia Hội", "Gia Hội"),
        ("Thành phố Yên Bái", "Yên Bái"),
        ("Phường 1", "Phường 1"),
        ("Khu kinh tế Mẫu", "Khu kinh tế Mẫu"),
    ],
)
def test_a_place_is_named_without_its_kind(unit: str, place: str) -> None:
    assert place_of(unit) == place


def test_a_sheet_names_the_place_in_the_ledger_it_rests_on(walk: Told) -> None:
    walk.later(hours=2).complete("commune_forward")
    first, last = walk.book.entries

    assert walk.sheet(FormKind.RECEIPT).heading.mark == Mark(
        first.partition, 1, first.hash, catalogue=1
    )
    assert walk.sheet(FormKind.CONTROL_SLIP).heading.mark == Mark(
        last.partition, 2, last.hash, catalogue=1
    )


# --- personal data ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [FormKind.RECEIPT, FormKind.CONTROL_SLIP])
def test_whose_dossier_it_is_stays_off_the_sheet_unless_asked_for(
    walk: Told, kind: FormKind
) -> None:
    hidden, shown = walk.sheet(kind), walk.sheet(kind, with_owner=True)

    for text in (OWNER.name, OWNER.identity, OWNER.phone, OWNER.address):
        assert text is not None
        assert text not in repr(hidden)
        assert text in repr(shown)
    assert "Đề nghị giải quyết thủ tục" not in repr(hidden)


def test_what_it_is_about_is_the_procedure(walk: Told) -> None:
    assert walk.sheet(FormKind.RECEIPT, with_owner=True).about == About(
        owner=Owner("Nguyễn Thị Thử", "000000000001", "0900 000 001", "Thôn Mẫu, xã Gia Hội"),
        title="Đề nghị giải quyết thủ tục",
        procedure=walk.chronicle().case.procedure,
        procedure_name=walk.chronicle().route.name.vi,
    )


# --- receipt ---------------------------------------------------------------------------------


def test_a_receipt_says_what_was_handed_in_and_until_when(walk: Told) -> None:
    walk.later(days=30).strike()

    receipt = walk.sheet(FormKind.RECEIPT)

    assert isinstance(receipt, Receipt)
    assert receipt.papers == (PaperLine("Tờ khai", CopyKind.ORIGINAL, 1),)
    assert (receipt.sets, receipt.limit, receipt.channel) == (1, "5 ngày làm việc", Channel.DIRECT)
    assert receipt.accepted_at == moment("03/03/2025 08:25")
    assert receipt.due_at == moment("10/03/2025 17:00")
    assert receipt.return_at == f"{DESK}, {COMMUNE}"
    assert receipt.heading.form.title == "Giấy tiếp nhận hồ sơ và hẹn trả kết quả"


def test_a_receipt_keeps_the_first_appointment_and_the_first_papers(walk: Told) -> None:
    before = walk.sheet(FormKind.RECEIPT)
    walk.ask_more("commune_forward").later(days=7).supplement()

    assert walk.sheet(FormKind.RECEIPT) == before
    assert walk.chronicle().case.due_at != walk.chronicle().opened.due_at


def test_a_procedure_without_a_limit_has_no_appointment() -> None:
    walk = Told("1.001731", catalogue=yen_bai_with("1.001731", total=None))
    walk.submit()

    receipt = walk.sheet(FormKind.RECEIPT)

    assert isinstance(receipt, Receipt)
    assert (receipt.limit, receipt.due_at) == (None, None)
    assert "apology" in unavailable(walk.later(days=400), FormKind.APOLOGY)  # type: ignore[arg-type]


# --- supplement ------------------------------------------------------------------------------


def test_a_supplement_request_says_everything_that_is_missing(walk: Told) -> None:
    walk.later(hours=2).complete("commune_forward").later(hours=1).ask_more("district_decide")
    asked = walk.at
    walk.later(days=9).strike()

    sheet = walk.sheet(FormKind.SUPPLEMENT)

    assert isinstance(sheet, SupplementSheet)
    assert (sheet.items, sheet.reason) == (("Bổ sung giấy chứng tử.",), "Thiếu giấy tờ.")
    assert (sheet.asked_by, sheet.contact) == (LABOUR, None)
    assert sheet.step == walk.chronicle().step_name(walk.run("district_decide").id)
    assert (sheet.ordinal, sheet.requested_at, sheet.counted_again) == (1, asked, True)
    assert (sheet.heading.unit, sheet.heading.day) == (DESK, date(2025, 3, 3))


def test_the_last_of_several_requests_is_meant_unless_one_is_named(walk: Told) -> None:
    walk.ask_more("commune_forward").later(days=1).supplement().ask_more("commune_forward")

    assert [
        sheet.ordinal
        for sheet in (
            walk.sheet(FormKind.SUPPLEMENT),
            walk.sheet(FormKind.SUPPLEMENT, ordinal=1),
        )
        if isinstance(sheet, SupplementSheet)
    ] == [2, 1]
    assert "supplement 3" in unavailable(walk, FormKind.SUPPLEMENT, ordinal=3)


def test_time_is_not_counted_again_where_the_route_only_pauses() -> None:
    catalogue = yen_bai_with("1.001731", supplement_clock=ClockPolicy.PAUSE)
    walk = Told("1.001731", catalogue=catalogue)
    walk.submit().ask_more("commune_forward")

    sheet = walk.sheet(FormKind.SUPPLEMENT)

    assert isinstance(sheet, SupplementSheet)
    assert not sheet.counted_again


# --- refusal ---------------------------------------------------------------------------------


def test_a_refusal_says_who_refuses_and_why(walk: Told) -> None:
    walk.later(hours=2).complete("commune_forward").reject("district_decide", "Không đủ tuổi.")

    sheet = walk.sheet(FormKind.REFUSAL)

    assert isinstance(sheet, RefusalSheet)
    assert (sheet.refused_by, sheet.reason, sheet.whole) == (LABOUR, "Không đủ tuổi.", True)
    assert (sheet.legal_basis, sheet.refused_at) == (None, walk.at)
    assert sheet.heading.unit == DESK


def test_a_part_that_is_refused_has_its_own_sheet_while_the_rest_goes_on() -> None:
    walk = Told("2.002622", {"regime": "none"})
    walk.submit().complete("death").reject("residence_deletion", "Không có nơi thường trú.")

    sheet = walk.sheet(FormKind.REFUSAL)

    assert isinstance(sheet, RefusalSheet)
    assert (sheet.step, sheet.whole) == ("Xoá đăng ký thường trú", False)


def test_a_hand_over_that_a_system_refuses_is_a_refusal_in_its_words(walk: Told) -> None:
    walk.refuse("commune_forward", "Không thuộc thẩm quyền.")

    sheet = walk.sheet(FormKind.REFUSAL)

    assert isinstance(sheet, RefusalSheet)
    assert (sheet.reason, sheet.legal_basis) == ("Không thuộc thẩm quyền.", None)


def test_a_dossier_turned_away_at_reception_has_the_unit_s_refusal(walk: Told) -> None:
    walk.later(hours=1).turn_away("Không thuộc phạm vi tiếp nhận.")

    sheet = walk.sheet(FormKind.REFUSAL)

    assert isinstance(sheet, RefusalSheet)
    assert (sheet.step, sheet.whole, sheet.at_reception) == ("Tiếp nhận hồ sơ", True, True)
    assert sheet.reason == "Không thuộc phạm vi tiếp nhận."


def test_an_error_code_is_no_reason_for_a_refusal(walk: Told) -> None:
    walk.refuse("commune_forward", "destination.refused")

    said = unavailable(walk, FormKind.REFUSAL)

    assert "là mã lỗi của phần mềm" in said
    assert COMMUNE in said, "who must say it in words"
    assert "destination.refused" not in said


@pytest.mark.parametrize(
    "reason",
    [
        *("destination.refused", "ERR_500", "E1234", "ORA-00001: unique constraint", "500"),
        *("HTTP 503 từ máy chủ", "java.lang.NullPointerException tại dòng 3", "Lỗi 500", "..."),
        *("Mã lỗi: 17 khi lưu hồ sơ", "cột ma_ho_so không được rỗng", "Trùng."),
    ],
)
def test_what_a_program_says_is_technical(reason: str) -> None:
    assert is_technical(reason)


@pytest.mark.parametrize(
    "reason",
    [
        *("Không nhận.", "Thiếu tờ khai CT01.", "KHÔNG ĐỦ ĐIỀU KIỆN", "Nộp tại dichvucong.gov.vn"),
        "Không đúng đối tượng theo Điều 5 Nghị định 20/2021/NĐ-CP.",
        "Thửa đất số 12, tờ bản đồ 3 đang có tranh chấp (văn bản 45/UBND-ĐC).",
    ],
)
def test_what_an_official_says_is_words(reason: str) -> None:
    assert not is_technical(reason)


# --- apology ---------------------------------------------------------------------------------


def test_an_apology_is_owed_from_one_working_day_before_the_appointment(walk: Told) -> None:
    """Due Monday 10 March: owed from Friday the 7th, when the offices open."""
    assert "apology" in unavailable(walk, FormKind.APOLOGY, at=moment("07/03/2025 07:29"))

    sheet = walk.sheet(FormKind.APOLOGY, at=moment("07/03/2025 07:30"))

    assert isinstance(sheet, ApologySheet)
    assert (sheet.due_at, sheet.accepted_at) == (
        moment("10/03/2025 17:00"),
        moment("03/03/2025 08:25"),
    )
    assert sheet.extension is None
    assert (sheet.heading.form.number, sheet.heading.symbol) == ("Mẫu số 04", "PXL")


def test_whoever_is_late_apologises(walk: Told) -> None:
    walk.later(hours=2).complete("commune_forward").later(days=20).strike()

    sheet = walk.sheet(FormKind.APOLOGY)

    assert isinstance(sheet, ApologySheet)
    assert (sheet.heading.superior, sheet.heading.unit) == (None, LABOUR)
    assert sheet.late == (walk.chronicle().step_name(walk.run("district_decide").id),)
    assert sheet.received_by == COMMUNE


def test_the_unit_that_gave_the_appointment_apologises_where_no_step_has_a_limit() -> None:
    walk = Told("2.002622", {"regime": "none"})
    walk.submit().later(days=60).strike()

    sheet = walk.sheet(FormKind.APOLOGY)

    assert isinstance(sheet, ApologySheet)
    assert (sheet.late, sheet.heading.unit) == ((), COMMUNE)


def test_what_came_home_late_is_apologised_for_and_what_came_in_time_is_not() -> None:
    late, early = Told("1.001731"), Told("1.001731")
    for one, wait in ((late, 20), (early, 1)):
        one.submit().later(hours=2).complete("commune_forward").later(days=wait)
        one.complete("district_decide").later(days=90)

    assert FormKind.APOLOGY in counts(late.chronicle(), late.at)
    assert FormKind.APOLOGY not in counts(early.chronicle(), early.at)


def test_nobody_apologises_while_the_citizen_is_waited_for_or_took_it_back(walk: Told) -> None:
    walk.ask_more("commune_forward").later(days=60)
    assert FormKind.APOLOGY not in counts(walk.chronicle(), walk.at)

    walk.withdraw()
    assert FormKind.APOLOGY not in counts(walk.chronicle(), walk.at)


def test_a_step_taken_back_is_not_called_late(walk: Told) -> None:
    walk.later(days=20).withdraw()

    assert walk.chronicle().late(walk.at) == ()


def test_a_new_appointment_stands_on_the_apology_beside_the_old_one(walk: Told) -> None:
    before = walk.chronicle().case.due_at
    walk.later(hours=2).complete("commune_forward").later(hours=1).extend("district_decide", days=9)

    sheet = walk.sheet(FormKind.APOLOGY)

    assert isinstance(sheet, ApologySheet)
    assert sheet.due_at == before
    assert sheet.extension is not None
    assert sheet.extension.due_after == walk.at + timedelta(days=9)
    assert (sheet.extension.reason, sheet.extension.apology) == (
        "Phải xác minh lại.",
        "Cơ quan xin lỗi ông, bà.",
    )


def test_who_says_that_it_will_be_late_heads_the_apology(walk: Told) -> None:
    walk.later(hours=2).complete("commune_forward").later(hours=1).extend("district_decide", days=9)

    sheet = walk.sheet(FormKind.APOLOGY)

    assert sheet.heading.unit == LABOUR
    assert isinstance(sheet, ApologySheet)
    assert sheet.received_by.startswith("Ủy ban nhân dân xã")
    slip = walk.sheet(FormKind.CONTROL_SLIP)
    assert isinstance(slip, ControlSlip)
    assert slip.extended_due_at is not None


def test_a_procedure_without_a_limit_has_the_steps_appointment_replaced() -> None:
    walk = Told("1.001776")
    walk.submit()
    run = next(run for run in walk.chronicle().case.steps if run.due_at)

    walk.extend(run.id, days=200)
    history = walk.chronicle()

    assert history.extension is not None
    assert history.extension.due_before == (history.opened.due_at or run.due_at)


# --- termination -----------------------------------------------------------------------------


def test_what_the_citizen_takes_back_is_stopped_by_a_notice(walk: Told) -> None:
    walk.later(hours=2).complete("commune_forward").later(hours=1).withdraw("Đổi ý.")

    sheet = walk.sheet(FormKind.TERMINATION, of=NEW)

    assert isinstance(sheet, TerminationSheet)
    assert (sheet.reason, sheet.stopped_at, sheet.stopped_by) == ("Đổi ý.", walk.at, None)
    assert sheet.stage == (walk.chronicle().step_name(walk.run("district_decide").id),)


def test_what_an_agency_stops_has_the_notice_too(walk: Told) -> None:
    walk.later(hours=2).complete("commune_forward")
    performer = walk.run("district_decide").agency
    assert performer is not None
    walk.later(hours=1).terminate(by=performer)

    sheet = walk.sheet(FormKind.TERMINATION, of=NEW)

    assert isinstance(sheet, TerminationSheet)
    assert (sheet.reason, sheet.stopped_at) == ("Đã chuyển đi.", walk.at)
    assert sheet.stopped_by is not None
    assert sheet.stopped_by.startswith("Phòng Lao động")


def test_the_older_circular_has_no_such_notice(walk: Told) -> None:
    walk.withdraw()

    assert "bộ mẫu 2018 không có mẫu termination" in unavailable(walk, FormKind.TERMINATION)


# --- control slip ----------------------------------------------------------------------------


def slip_of(walk: Told, **more: object) -> ControlSlip:
    sheet = walk.sheet(FormKind.CONTROL_SLIP, **more)  # type: ignore[arg-type]
    assert isinstance(sheet, ControlSlip)
    return sheet


def test_the_slip_names_giver_receiver_work_and_how_the_limit_was_kept(walk: Told) -> None:
    walk.later(hours=2).complete("commune_forward").later(days=20).complete("district_decide")
    walk.later(hours=1).hand_back()  # type: ignore[attr-defined]

    slip = slip_of(walk)

    desk = f"Bộ phận Một cửa, {COMMUNE}"
    assert [(line.giver, line.receiver) for line in slip.lines] == [
        (desk, COMMUNE),
        (COMMUNE, LABOUR),
        (LABOUR, desk),
        (desk, "Người nộp hồ sơ"),
    ]
    assert [line.result for line in slip.lines] == [
        Timeliness.EARLY,
        Timeliness.OVERDUE,
        None,
        None,
    ]
    assert [line.note for line in slip.lines] == ["Đã giải quyết", "Đã giải quyết", "", ""]
    assert [line.task for line in slip.lines[2:]] == [
        "Kết thúc quá trình giải quyết",
        "Trả kết quả",
    ]
    assert (slip.state, slip.result) == ("đã trả kết quả", Timeliness.OVERDUE)
    assert (slip.accepted_at, slip.due_at) == (
        moment("03/03/2025 08:25"),
        moment("10/03/2025 17:00"),
    )


def test_the_slip_of_an_open_dossier_says_how_it_stands(walk: Told) -> None:
    before, after = slip_of(walk), slip_of(walk, at=moment("11/03/2025 08:00"))

    assert (before.result, before.lines[0].result) == (Timeliness.WITHIN_LIMIT,) * 2
    assert (after.result, after.lines[0].result) == (Timeliness.OVERDUE,) * 2


def test_a_dossier_that_waits_for_the_citizen_is_neither_early_nor_late(walk: Told) -> None:
    walk.ask_more("commune_forward").later(days=60)

    slip = slip_of(walk)

    assert slip.result is None
    assert [(line.result, line.note) for line in slip.lines] == [
        (None, "Yêu cầu bổ sung, hoàn thiện hồ sơ"),
        (None, ""),
    ]


def test_a_second_round_and_a_notice_stand_in_the_note_and_the_codes_of_a_route_do_not() -> None:
    walk = Told("1.012783")
    walk.submit().ask_more("appraise").later(days=1).supplement().later(hours=1)
    walk.complete("appraise", "obligation").later(hours=1).demand()
    walk.receive("tax")

    notes = [line.note for line in slip_of(walk).lines]

    assert notes[2] == "Đã giải quyết; lần 2"
    assert notes[3] == "thông báo nộp tiền số TB-1"


def test_who_took_a_step_in_hand_stands_in_the_note(walk: Told) -> None:
    history = walk.chronicle()
    leg = replace(history.legs[0], officer="Trần Văn Mẫu")
    heading, about = slip_of(walk).heading, slip_of(walk).about

    slip = control_slip(heading, about, replace(history, legs=(leg,)), walk.at, str)

    assert slip.lines[0].note == "người nhận: Trần Văn Mẫu"


def test_an_agency_only_the_newest_directory_knows_has_its_name_from_there(walk: Told) -> None:
    walk.reroute("commune_forward", "H63.999")
    named = {"H63.999": "Ủy ban nhân dân xã mới"}

    slip = issue(Order(FormKind.CONTROL_SLIP), walk.chronicle(), walk.at, named.__getitem__)

    assert isinstance(slip, ControlSlip)
    assert slip.lines[-1].receiver == "Ủy ban nhân dân xã mới"


def test_an_agency_nobody_knows_any_more_can_still_apologise(walk: Told) -> None:
    walk.reroute("commune_forward", "H63.999").later(days=30)

    sheet = walk.sheet(FormKind.APOLOGY)

    assert (sheet.heading.unit, sheet.heading.place) == ("H63.999", "")


# --- how a limit was kept --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ended", "kept"),
    [
        ("09/03/2025 23:59", Timeliness.EARLY),
        ("10/03/2025 00:00", Timeliness.ON_TIME),
        ("10/03/2025 17:00", Timeliness.ON_TIME),
        ("10/03/2025 17:01", Timeliness.OVERDUE),
    ],
)
def test_a_limit_of_days_is_compared_by_days(ended: str, kept: Timeliness) -> None:
    due = moment("10/03/2025 17:00")

    assert finished(moment(ended), due, days("working_day", 5), yen_bai().calendar) is kept


@pytest.mark.parametrize(
    ("ended", "kept"),
    [("10/03/2025 11:30", Timeliness.EARLY), ("10/03/2025 13:31", Timeliness.ON_TIME)],
)
def test_a_limit_of_hours_is_compared_by_office_hours(ended: str, kept: Timeliness) -> None:
    due = moment("10/03/2025 14:30")

    assert finished(moment(ended), due, days("working_hour", 4), yen_bai().calendar) is kept


def test_what_runs_is_overdue_only_after_its_end() -> None:
    due = moment("10/03/2025 17:00")

    assert running(due, due) is Timeliness.WITHIN_LIMIT
    assert running(moment("10/03/2025 17:00:01"), due) is Timeliness.OVERDUE


@pytest.mark.parametrize(
    ("unit", "words"),
    [
        ("working_day", "8 ngày làm việc"),
        ("calendar_day", "8 ngày"),
        ("working_hour", "8 giờ làm việc"),
    ],
)
def test_a_limit_is_said_in_words(unit: str, words: str) -> None:
    assert limit_in_words(days(unit, 8)) == words


# --- what is not there -----------------------------------------------------------------------


def test_a_document_that_is_not_there_is_refused_with_those_that_are(walk: Told) -> None:
    walk.ask_more("commune_forward").later(days=1).supplement().ask_more("commune_forward")

    said = unavailable(walk, FormKind.REFUSAL)

    assert "hiện có: receipt, supplement (2), control-slip / dossier" in said


def test_no_entries_are_no_history() -> None:
    with pytest.raises(NotFound):
        chronicle([], lambda _: yen_bai())
