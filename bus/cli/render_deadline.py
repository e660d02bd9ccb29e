"""Why something is due when it is, as an official would reckon it on paper."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from typing import Any, Final

from bus.cli import words
from bus.cli.deadline_account import Account, Told
from bus.cli.render import LOCAL, NOTHING
from bus.ids import AgencyCode
from bus.routing.explain import (
    Beginning,
    Counted,
    DayLine,
    Explanation,
    Mark,
    Moved,
    Part,
    Start,
    Stood,
    Stop,
)
from bus.schemas.route import LimitUnit

Naming = Callable[[AgencyCode | None], str]

_DECREE: Final = "Nghị định 61/2018/NĐ-CP"
_CODE: Final = "Bộ luật Dân sự 2015"
_WEEKDAYS: Final = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
_START: Final = {
    Start.ACCEPTED: f"tiếp nhận hồ sơ hợp lệ ({_DECREE}, Điều 17) / the complete dossier was"
    " accepted",
    Start.SUPPLEMENTED: f"đã bổ sung đủ, tính lại từ đầu ({_DECREE}, Điều 19 khoản 4)"
    " / supplemented, counted anew from the start",
    Start.HANDED_OVER: f"bước trước xong, giao cho bước này ({_DECREE}, Điều 19 khoản 6)"
    " / handed over when the step before was over",
}
_STOP: Final = {
    Stop.SUPPLEMENT: "chờ công dân bổ sung hồ sơ / waiting for a supplement",
    Stop.PAYMENT: "chờ công dân thực hiện nghĩa vụ tài chính / waiting for a payment",
}
_BEGINNING: Final = {
    Beginning.AFTER_CUTOFF: "nhận sau giờ chốt, nên tính như nhận vào đầu giờ ngày làm việc kế tiếp"
    f" ({_DECREE}, Điều 18 khoản 2) / received after the cut-off: as received at the opening of the"
    " next day the office works",
    Beginning.DAY_OFF: "nhận vào ngày nghỉ, nên tính như nhận vào đầu giờ ngày làm việc kế tiếp"
    f" ({_DECREE}, Điều 18 khoản 2) / received on a day off: as received at the opening of the next"
    " day the office works",
    Beginning.VERY_MOMENT: "thời hạn theo giờ tính ngay từ thời điểm đó / a limit in hours counts"
    " from the very moment",
}
_MARK: Final = {
    Mark.BEFORE: f"chưa bắt đầu tính ({_DECREE}, Điều 18 khoản 2) / not begun yet",
    Mark.START: f"ngày bắt đầu, không tính ({_CODE}, Điều 147) / day of the start, not counted",
    Mark.SKIPPED: "nghỉ, không tính / off, not counted",
    Mark.MOVED_ON: f"ngày cuối rơi vào ngày nghỉ, lùi tiếp ({_CODE}, Điều 148)"
    " / the last day is off, so it moves on",
    Mark.LAST: "ngày đến hạn / the day it is due",
}


def lines(account: Account, names: Naming) -> Iterator[str]:
    """Yield the account of a dossier's due dates, line by line."""
    case = account.case
    yield f"Hồ sơ {case.code} · thủ tục {case.procedure} · {names(case.receiving_unit)}"
    yield f"Theo lịch của danh mục phiên bản {account.catalogue} / By catalogue {account.catalogue}"
    for told in account.due:
        yield ""
        yield from _told(told, account, names)


def as_json(account: Account) -> dict[str, Any]:
    """Return the same as JSON values."""
    return {
        "code": account.case.code,
        "catalogue": account.catalogue,
        "newest_catalogue": account.newest,
        "due_dates": [
            {
                "step": told.step,
                "round": told.round,
                "agency": told.agency,
                "due_at": told.stored,
                "agrees": told.agrees,
                "by_newest_calendar": told.today,
                "parts": [_part_json(part) for part in _parts(told.explanation)],
            }
            for told in account.due
        ],
    }


def _told(told: Told, account: Account, names: Naming) -> Iterator[str]:
    again = f" lần {told.round}" if told.round > 1 else ""
    what = "TOÀN BỘ HỒ SƠ / THE WHOLE" if told.step is None else f"BƯỚC / STEP {told.step}{again}"
    due = _moment(told.stored)
    yield f"{what} · {names(told.agency)} · hạn / due: {due}"
    if told.explanation is None:
        yield "  Chưa tính hoặc không có thời hạn / Not counted yet, or no limit is set"
        return
    for part in told.explanation.parts:
        yield from _part(part, names)
    if not told.agrees:
        reckoned = _moment(told.explanation.due)
        yield (
            f"  CHÚ Ý: tính lại ra {reckoned}, khác hạn đã lưu {due}; hạn đã lưu có giá trị, hãy"
            f" chạy `bus ledger verify` / NOTE: reckoned again it is {reckoned}, not what is"
            f" stored; the stored date counts, run `bus ledger verify`"
        )
    if told.moved_since:
        today = _moment(told.today)
        yield (
            f"  CHÚ Ý: lịch công bố sau (danh mục phiên bản {account.newest}) sẽ cho {today}; hạn"
            f" đã chốt khi bắt đầu tính vẫn có giá trị: {due} / NOTE: the calendar published later"
            f" (catalogue {account.newest}) would give {today}; the date frozen when the time began"
            f" counts"
        )


def _part(part: Part, names: Naming) -> Iterator[str]:
    one = part.happening
    if isinstance(one, Counted):
        unit = words.LIMIT[one.limit.unit]
        yield f"  Thời hạn / Limit: {one.limit.amount} {unit}, lịch của {names(one.agency)}"
        yield f"  Bắt đầu / Starts: {_moment(one.start)}, {_START[one.why]}"
        if part.beginning in _BEGINNING:
            cutoff = f"{part.cutoff:%H:%M} – " if part.cutoff else ""
            yield f"    {cutoff}{_BEGINNING[part.beginning]}"
        if part.rule:
            yield f"    cách tính riêng / own rule of counting: {part.rule.basis}"
        yield from _days(part.days)
        yield f"  → {_moment(part.due)}{_closing(one)}"
    elif isinstance(one, Stood):
        yield from _stood(one, part)
    else:
        yield f"  {_moment(one.at)}: {one.by} → {_moment(one.due)}"


def _closing(one: Counted) -> str:
    if one.limit.unit is LimitUnit.WORKING_HOUR:
        return ", khi hết số giờ làm việc / when the working hours are used up"
    return ", khi hết ngày cuối của thời hạn / at the end of the last day of the limit"


def _stood(one: Stood, part: Part) -> Iterator[str]:
    if one.until is None:
        since = _moment(one.since)
        yield f"  Đồng hồ đang dừng từ / The clock stands since {since}: {_STOP[one.why]}"
        return
    until = _moment(one.until)
    yield f"  Đồng hồ dừng / The clock stood {_moment(one.since)} – {until}: {_STOP[one.why]}"
    if not one.given_back:
        yield (
            "    theo quy trình, thời gian dừng không được cộng thêm"
            " / by the route the time it stood is not added"
        )
        return
    yield from _days(part.days)
    lost = _span(part.lost_minutes)
    if not part.further:
        yield (
            f"    mất {lost} giờ làm việc, hạn không đổi"
            f" / {lost} of working time lost, the due date stays"
        )
        return
    yield f"    mất {lost} giờ làm việc, cộng thêm từ hạn cũ / {lost} lost, added from the old date"
    yield from _days(part.further)
    yield f"  → {_moment(part.due)}"


def _days(days: Iterable[DayLine]) -> Iterator[str]:
    for line in days:
        facts = line.facts
        yield f"    {_day(facts.day):<20}  {_what(line)} · {facts.name} ({facts.basis})"


def _what(line: DayLine) -> str:
    if line.number is not None:
        return f"ngày thứ {line.number} / day {line.number}"
    if line.minutes:
        return f"{_span(line.minutes)} giờ / hours"
    return _MARK.get(line.mark, "")


def _span(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return f"{hours}:{rest:02}"


def _day(day: date) -> str:
    return f"{_WEEKDAYS[day.weekday()]} {day:%d/%m/%Y}"


def _moment(at: datetime | None) -> str:
    if at is None:
        return NOTHING
    local = at.astimezone(LOCAL)
    return f"{_day(local.date())} {local:%H:%M}"


def _parts(explanation: Explanation | None) -> tuple[Part, ...]:
    return explanation.parts if explanation else ()


def _part_json(part: Part) -> dict[str, Any]:
    one = part.happening
    found: dict[str, Any] = {"kind": type(one).__name__.lower(), "due_at": part.due}
    if isinstance(one, Counted):
        found |= {
            "start": one.start,
            "why": one.why,
            "limit": one.limit.model_dump(mode="json"),
            "agency": one.agency,
            "beginning": part.beginning,
            "rule": part.rule.basis if part.rule else None,
        }
    elif isinstance(one, Stood):
        found |= {
            "since": one.since,
            "until": one.until,
            "why": one.why,
            "given_back": one.given_back,
            "lost_minutes": part.lost_minutes,
            "agency": one.agency,
        }
    elif isinstance(one, Moved):
        found |= {"at": one.at, "by": one.by}
    for name, days in (("days", part.days), ("further", part.further)):
        found[name] = [_day_json(line) for line in days]
    return found


def _day_json(line: DayLine) -> dict[str, Any]:
    return {
        "day": line.facts.day,
        "mark": line.mark,
        "number": line.number,
        "minutes": line.minutes,
        "kind": line.facts.kind,
        "name": line.facts.name,
        "basis": line.facts.basis,
    }
