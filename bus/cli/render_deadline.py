"""Why something is due when it is, as an official would reckon it on paper."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from itertools import zip_longest
from typing import Any

from bus.cli import deadline_words as said
from bus.cli import words
from bus.cli.deadline_account import Account, Told
from bus.cli.render import LOCAL, NOTHING
from bus.ids import AgencyCode
from bus.routing.explain import (
    Counted,
    DayLine,
    Explanation,
    Moved,
    Part,
    Stood,
)
from bus.schemas.route import LimitUnit

Naming = Callable[[AgencyCode | None], str]


def lines(account: Account, names: Naming) -> Iterator[str]:
    """Yield the account of a dossier's due dates, line by line."""
    case = account.case
    yield f"Hồ sơ {case.code} · thủ tục {case.procedure} · {names(case.receiving_unit)}"
    yield f"Theo lịch của danh mục phiên bản {account.catalogue} / By catalogue {account.catalogue}"
    for told in account.due:
        yield ""
        yield from _told(told, account, names)
        if told.step is None and case.extended_due_at is not None:
            appointment = _moment(case.extended_due_at)
            yield (
                f"  ĐÃ HẸN LẠI / NEW APPOINTMENT: {appointment} ({said.DECREE}, Điều 19 khoản 9);"
                f" có quá hạn hay không vẫn xét theo hạn trên / whether it is late still goes by"
                f" the date above"
            )


def as_json(account: Account) -> dict[str, Any]:
    """Return the same as JSON values."""
    return {
        "code": account.case.code,
        "catalogue": account.catalogue,
        "newest_catalogue": account.newest,
        "extended_due_at": account.case.extended_due_at,
        "due_dates": [
            {
                "step": told.step,
                "round": told.round,
                "agency": told.agency,
                "state": told.state,
                "resumes": told.resumes,
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
    stands = ", đang dừng / stands" if told.resumes else ""
    yield f"{what} · {_who(told, names)} · hạn / due: {due}{stands}"
    if told.explanation is None:
        yield f"  {said.UNCOUNTED.get(told.state, said.NO_LIMIT)}"
        return
    for part, after in zip_longest(told.explanation.parts, told.explanation.parts[1:]):
        void = after is not None and isinstance(after.happening, Counted)
        yield from _part(part, names, void=void)
    if told.resumes:
        yield f"    {said.RESUMES[told.resumes]}"
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


def _who(told: Told, names: Naming) -> str:
    if told.agency is not None:
        return names(told.agency)
    return "không giao cơ quan nào / with no agency" if told.stored else said.NOBODY


def _part(part: Part, names: Naming, *, void: bool) -> Iterator[str]:
    one = part.happening
    if isinstance(one, Counted):
        unit = words.LIMIT[one.limit.unit]
        yield f"  Thời hạn / Limit: {one.limit.amount} {unit}, lịch của {names(one.agency)}"
        yield f"  Bắt đầu / Starts: {_moment(one.start)}, {said.START[one.why]}"
        if part.beginning in said.BEGINNING:
            cutoff = f"{part.cutoff:%H:%M} – " if part.cutoff else ""
            yield f"    {cutoff}{said.BEGINNING[part.beginning]}"
        if part.rule:
            yield f"    cách tính riêng / own rule of counting: {part.rule.basis}"
        yield from _days(part.days)
        yield f"  → {_moment(part.due)}{_closing(one)}"
    elif isinstance(one, Stood):
        yield from _stood(one, part, void=void)
    else:
        yield f"  {_moment(one.at)}: {one.by} → {_moment(one.due)}"


def _closing(one: Counted) -> str:
    if one.limit.unit is LimitUnit.WORKING_HOUR:
        return ", khi hết số giờ làm việc / when the working hours are used up"
    return ", khi hết ngày cuối của thời hạn / at the end of the last day of the limit"


def _stood(one: Stood, part: Part, *, void: bool) -> Iterator[str]:
    if one.until is None:
        since = _moment(one.since)
        yield f"  Đồng hồ đang dừng từ / The clock stands since {since}: {said.STOP[one.why]}"
        return
    until = _moment(one.until)
    yield f"  Đồng hồ dừng / The clock stood {_moment(one.since)} – {until}: {said.STOP[one.why]}"
    if void:
        yield (
            "    cách tính trên không còn giá trị, thời hạn được tính lại từ đầu"
            " / what was counted above is void: the time is counted anew"
        )
        return
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
    return said.MARK.get(line.mark, "")


def _span(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return f"{hours}:{rest:02}"


def _day(day: date) -> str:
    return f"{said.WEEKDAYS[day.weekday()]} {day:%d/%m/%Y}"


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
