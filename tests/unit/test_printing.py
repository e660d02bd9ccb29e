"""How a sheet looks: strict HTML that needs nothing else."""

import re
import sys
from dataclasses import replace
from datetime import date

import html5lib
import pytest

from bus.errors import PrintingUnavailable
from bus.printing import html as pages
from bus.printing.html import CHANNELS, COPIES, TIMELINESS, day_in_words, html, moment_in_words
from bus.printing.pdf import pdf
from bus.routing.forms.documents import Document, Extension
from bus.routing.forms.issue import Order, issue
from bus.routing.forms.kinds import FORMS, Form, FormKind, FormSet
from bus.routing.forms.timeliness import Timeliness
from bus.schemas.base import Channel
from bus.schemas.dossier import CopyKind
from tests.support.sheets import COMMUNE, LABOUR, MOTTO, OWNER, every_form, made, told
from tests.support.small_province import moment
from tests.support.told import Told
from tests.support.walking import yen_bai_with

OLD, NEW = FormSet.CIRCULAR_2018, FormSet.CIRCULAR_2025


def text_of(document: Document) -> str:
    """What a reader reads of the page: without tags, style and runs of space."""
    body = html(document).partition("<body")[2]
    plain = re.sub(r"<[^>]*>", " ", body.partition(">")[2])
    for escaped, mark in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"), ("&#34;", '"')):
        plain = plain.replace(escaped, mark)
    return " ".join(plain.split())


# --- the page --------------------------------------------------------------------------------


@every_form
def test_a_page_is_strict_html(form: Form) -> None:
    page = html5lib.HTMLParser(strict=True).parse(html(made(form)))

    assert page.get("lang") == "vi"


@every_form
def test_a_page_needs_nothing_from_anywhere(form: Form) -> None:
    page = html(made(form))

    assert re.findall(r"<script|<link|<img|@import|url\(|https?:|src=", page) == []


@every_form
def test_each_sheet_has_motto_title_number_date_basis_and_a_place_to_sign(form: Form) -> None:
    document = made(form, number="17")
    text = text_of(document)

    for wanted in (
        *(
            "Cộng hòa xã hội chủ nghĩa Việt Nam",
            MOTTO,
            form.title,
            form.number,
            form.circular,
            form.basis,
        ),
        *(document.heading.unit, document.heading.place, document.heading.dossier),
        f"Số: 17/{document.heading.symbol}",
        day_in_words(document.heading.day),
        f"vị trí {document.heading.mark.position}",
        document.heading.mark.hash[:16],
        "(Ký",
    ):
        assert wanted in text


@every_form
def test_what_is_not_known_or_not_shown_is_left_to_a_pen(form: Form) -> None:
    text = text_of(made(form, with_owner=False))

    assert "…" in text
    assert OWNER.name not in text
    assert "None" not in text


def test_what_is_handed_in_cannot_become_markup() -> None:
    page = html(made(FORMS[FormKind.RECEIPT, OLD]))

    assert "Tờ khai &lt;mẫu 1đ&gt; &amp; phụ lục" in page
    assert "<mẫu" not in page


def test_a_receipt_has_every_field_of_its_circular() -> None:
    text = text_of(made(FORMS[FormKind.RECEIPT, OLD]))

    assert re.search(
        r"Tiếp nhận hồ sơ của: Nguyễn Thị Thử .*"
        r"Số định danh cá nhân/Mã số thuế: 000000000001; điện thoại: 0900 000 001 .*"
        r"Địa chỉ: Thôn Mẫu, xã Gia Hội .*Nội dung yêu cầu giải quyết: .*mã thủ tục 1\.001731.*"
        r"1\. Thành phần hồ sơ .*1 Tờ khai <mẫu 1đ> & phụ lục Bản chính 01 "
        r"2 Trích lục khai tử Bản sao 02 .*2\. Số lượng hồ sơ: 01 \(bộ\) "
        r"3\. .*: 5 ngày làm việc 4\. .*: 08 giờ 25 phút, ngày 03 tháng 3 năm 2025 "
        r"5\. .*: 17 giờ 00 phút, ngày 10 tháng 3 năm 2025 6\. Đăng ký nhận kết quả tại: "
        r"Bộ phận Tiếp nhận và Trả kết quả, .*7\. Phí, lệ phí",
        text,
    )
    assert "8. Kênh tiếp nhận: Trực tiếp" in text_of(made(FORMS[FormKind.RECEIPT, NEW]))


def test_a_supplement_request_has_every_field_of_its_circular() -> None:
    text = text_of(made(FORMS[FormKind.SUPPLEMENT, NEW]))

    for wanted in (
        *("Hồ sơ của: Nguyễn Thị Thử", "gồm những nội dung sau: Bổ sung giấy chứng tử."),
        *("Lý do: Thiếu giấy tờ.", f"Cơ quan yêu cầu: {COMMUNE}", "lần yêu cầu: 01"),
        *("được tính lại từ đầu", "xin liên hệ: …"),
    ):
        assert wanted in text
    assert "lần yêu cầu" not in text_of(made(FORMS[FormKind.SUPPLEMENT, OLD]))


def test_a_refusal_says_why_in_words() -> None:
    text = text_of(made(FORMS[FormKind.REFUSAL, OLD]))

    assert f"Cơ quan từ chối: {COMMUNE}" in text
    assert "Lý do: Không đúng đối tượng được hưởng." in text
    assert "Phần bị từ chối" not in text


def test_a_refusal_of_a_part_says_that_the_rest_goes_on() -> None:
    walk = Told("2.002622", {"regime": "none"})
    walk.submit().complete("death").reject("residence_deletion", "Không có nơi thường trú.")

    text = text_of(walk.sheet(FormKind.REFUSAL))

    assert "từ chối giải quyết một phần hồ sơ" in text
    assert "Phần bị từ chối: Xoá đăng ký thường trú. Các phần khác" in text


def test_an_apology_leaves_reason_and_new_appointment_to_the_signer() -> None:
    text = text_of(made(FORMS[FormKind.APOLOGY, OLD]))

    assert "Kính gửi: Nguyễn Thị Thử" in text
    assert "Thời gian hẹn trả kết quả: 17 giờ 00 phút, ngày 10 tháng 3 năm 2025." in text
    assert "Thời gian hẹn lại trả kết quả: … giờ … phút" in text
    assert f"{LABOUR} xin lỗi" in text


def test_an_apology_names_the_new_appointment_where_there_is_one() -> None:
    walk = told(FormKind.APOLOGY)
    given = Extension(moment("10/03/2025 17:00"), moment("17/03/2025 17:00"), "Chờ ý kiến của Sở.")
    history = replace(walk.chronicle(), extension=given)

    sheet = issue(Order(FormKind.APOLOGY, NEW), history, walk.at, names=str)

    text = text_of(sheet)
    assert "Lý do chậm trễ và đề nghị gia hạn: Chờ ý kiến của Sở." in text
    assert "gia hạn đến: 17 giờ 00 phút, ngày 17 tháng 3 năm 2025." in text
    assert f"{LABOUR} xin lỗi" in text


def test_an_apology_is_made_in_the_agencys_own_words_where_it_has_some() -> None:
    walk = told(FormKind.APOLOGY)
    due = moment("10/03/2025 17:00")
    given = Extension(due, due, "Chờ ý kiến của Sở.", "Chúng tôi thành thật xin lỗi gia đình.")

    sheet = issue(
        Order(FormKind.APOLOGY), replace(walk.chronicle(), extension=given), walk.at, names=str
    )

    assert "Chúng tôi thành thật xin lỗi gia đình." in text_of(sheet)
    assert "vì sự chậm trễ này" not in text_of(sheet)


def test_a_notice_of_termination_says_why_and_where_it_stood() -> None:
    text = text_of(made(FORMS[FormKind.TERMINATION, NEW]))

    assert "Lý do đề nghị dừng: Gia đình đổi ý." in text
    assert "Công việc đang thực hiện khi dừng: UBND cấp xã" in text


def test_a_notice_of_termination_by_an_agency_says_which() -> None:
    walk = Told("1.001731")
    walk.submit()
    walk.complete("commune_forward")
    performer = walk.run("district_decide").agency
    assert performer is not None
    walk.terminate(by=performer)

    text = text_of(walk.sheet(FormKind.TERMINATION, of=NEW))

    assert f"Cơ quan dừng giải quyết: {LABOUR}" in text
    assert "Lý do đề nghị dừng" not in text


def test_who_did_not_take_a_dossier_does_not_say_that_it_was_sent_on() -> None:
    walk = Told("1.001731")
    walk.submit()
    walk.turn_away("Không thuộc phạm vi tiếp nhận.")

    text = text_of(walk.sheet(FormKind.REFUSAL))

    assert "đã kiểm tra hồ sơ; nay thông báo từ chối tiếp nhận, giải quyết hồ sơ" in text
    assert "chuyển hồ sơ đến cơ quan" not in text


def test_the_control_slip_names_each_giver_and_receiver_with_times_and_result() -> None:
    text = text_of(made(FORMS[FormKind.CONTROL_SLIP, OLD]))

    assert re.search(
        rf"1\. Giao: Bộ phận Một cửa, {COMMUNE} 2\. Nhận: {COMMUNE} "
        r"1\. Giao: 08:30 03/03/2025 2\. Nhận: 10:30 03/03/2025 .*"
        r"Hạn: 17:00 05/03/2025 Xong: 10:30 03/03/2025 Trước hạn Đã giải quyết .*"
        rf"1\. Giao: {COMMUNE} 2\. Nhận: {LABOUR} .*Trước hạn .*"
        rf"1\. Giao: {LABOUR} 2\. Nhận: Bộ phận Một cửa, {COMMUNE}",
        text,
    )
    assert "đã xử lý xong – trước hạn" in text


def test_a_slip_without_appointment_says_so() -> None:
    walk = Told("1.001731", catalogue=yen_bai_with("1.001731", total=None))
    walk.submit()

    assert "không có thời hạn chung" in text_of(walk.sheet(FormKind.CONTROL_SLIP))
    assert "kết quả giải quyết hồ sơ: … giờ" in text_of(walk.sheet(FormKind.RECEIPT))


# --- words -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2025-03-03", "ngày 03 tháng 3 năm 2025"),
        ("2025-02-28", "ngày 28 tháng 02 năm 2025"),
        ("2025-12-10", "ngày 10 tháng 12 năm 2025"),
    ],
)
def test_small_days_and_months_have_two_digits(day: str, words: str) -> None:
    assert day_in_words(date.fromisoformat(day)) == words


def test_moments_are_those_of_viet_nam() -> None:
    assert (
        moment_in_words(moment("01/01/2025 06:05")) == "06 giờ 05 phút, ngày 01 tháng 01 năm 2025"
    )


def test_every_value_a_sheet_may_have_has_a_word() -> None:
    for words, kind in ((TIMELINESS, Timeliness), (CHANNELS, Channel), (COPIES, CopyKind)):
        assert set(words) == set(kind)


# --- what is not installed -------------------------------------------------------------------


def test_without_the_extra_a_form_is_refused_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document = made(FORMS[FormKind.RECEIPT, OLD])
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(PrintingUnavailable, match="libpangoft2"):
        pdf(document)

    monkeypatch.setitem(sys.modules, "jinja2", None)
    pages._environment.cache_clear()
    with pytest.raises(PrintingUnavailable, match=r"requirements/forms\.txt"):
        html(document)
