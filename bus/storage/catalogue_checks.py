"""What no single file of a province's folder can know: whether the files fit each other.

The schema says the same and stops at the first fault; here each fault is named with its place.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from bus.ids import new_form
from bus.schemas.calendar import CalendarTable
from bus.schemas.directory import AgencyEntry, Extent, SigningKey, Succession, Unit, Validity
from bus.schemas.route import Route
from bus.storage.catalogue_problems import Placed, Problem


def directory_faults(
    units: list[Placed[Unit]],
    agencies: list[Placed[AgencyEntry]],
    succession: list[Placed[Succession]],
    keys: list[Placed[SigningKey]],
) -> Iterator[Problem]:
    """Yield references that lead nowhere, codes that stand twice, dates that run backwards."""
    areas = {row.raw["code"] for row in units if "code" in row.raw}
    codes = {row.raw["code"] for row in agencies if "code" in row.raw}
    yield from _unknown(units, "parent", areas, "units.csv")
    yield from _unknown(agencies, "area", areas, "units.csv")
    yield from _unknown(agencies, "successor", codes, "agencies.csv")
    yield from _unserved(agencies, areas)
    yield from _unknown(succession, "new", areas, "units.csv")
    yield from _unsucceeded(succession)
    yield from _twice(
        (row, "code", f"{row.raw.get('code')} ({row.raw.get('valid_from')})") for row in units
    )
    yield from _twice((row, "code", row.raw.get("code", "")) for row in agencies)
    yield from _twice(
        (row, "aliases", alias) for row in agencies if row.value for alias in row.value.aliases
    )
    yield from _shadowed(agencies, codes)
    yield from _backwards([*units, *agencies])
    yield from _misplaced_keys(keys, codes)


def route_faults(routes: list[Placed[Route]]) -> Iterator[Problem]:
    """Yield routes that stand twice or end before they begin."""
    yield from _twice(
        (row, "version", f"{row.value.procedure} version {row.value.version}")
        for row in routes
        if row.value
    )
    yield from _backwards(routes)


def calendar_faults(calendar: Placed[CalendarTable] | None) -> Iterator[Problem]:
    """Yield days outside the years the calendar says it covers."""
    if calendar is None or calendar.value is None:
        return
    first, last = calendar.value.first_year, calendar.value.last_year
    for position, entry in enumerate(calendar.value.days):
        if not first <= entry.day.year <= last:
            yield Problem(
                calendar.file,
                calendar.line_of(("days", position, "day")),
                f"days[{position}].day",
                f"ngày {entry.day} nằm ngoài các năm {first}–{last}; hãy sửa ngày hoặc khoảng năm",
                f"{entry.day} lies outside the years {first}–{last}; correct the day or the years",
            )


def working_time_faults(
    calendar: Placed[CalendarTable] | None, agencies: Iterable[Placed[AgencyEntry]]
) -> Iterator[Problem]:
    """Yield working times of agencies nobody knows, and such that end before they begin."""
    if calendar is None or calendar.value is None:
        return
    codes = {row.raw["code"] for row in agencies if "code" in row.raw}
    for position, one in enumerate(calendar.value.working_times):
        place = f"working_times[{position}]"
        for number, code in enumerate(one.agencies):
            if code not in codes:
                yield Problem(
                    calendar.file,
                    calendar.line_of(("working_times", position, "agencies", number)),
                    f"{place}.agencies[{number}]",
                    f"mã «{code}» không có trong agencies.csv; hãy sửa hoặc thêm cơ quan",
                    f"«{code}» is not in agencies.csv; correct it or add the agency",
                )
        if one.valid_to is not None and one.valid_to < one.valid_from:
            yield Problem(
                calendar.file,
                calendar.line_of(("working_times", position, "valid_to")),
                f"{place}.valid_to",
                f"{one.valid_to} sớm hơn valid_from {one.valid_from}; hãy sửa một trong hai ngày",
                f"{one.valid_to} lies before valid_from {one.valid_from}; correct one of them",
            )


def _unknown(
    rows: Iterable[Placed[Any]], column: str, known: Collection[str], where: str
) -> Iterator[Problem]:
    for row in rows:
        code = row.raw.get(column)
        if code and code not in known:
            yield Problem(
                row.file,
                row.line,
                column,
                f"mã «{code}» không có trong {where}; cần một mã có trong đó, hãy sửa hoặc thêm",
                f"«{code}» is not in {where}; expected a code listed there, correct or add it",
            )


def _unserved(agencies: Iterable[Placed[AgencyEntry]], areas: Collection[str]) -> Iterator[Problem]:
    for row in agencies:
        for area in row.value.serves if row.value else ():
            if area not in areas:
                yield Problem(
                    row.file,
                    row.line,
                    "serves",
                    f"mã «{area}» không có trong units.csv; cần một mã có trong đó, hãy sửa",
                    f"«{area}» is not in units.csv; expected a code listed there, correct it",
                )


def _unsucceeded(rows: list[Placed[Succession]]) -> Iterator[Problem]:
    """A unit goes whole into one, or in parts into several of which one is usually meant."""
    after: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.value:
            after[row.value.old].add(row.value.new)
    for row in rows:
        if row.value is None:
            continue
        parts = after[row.value.old]
        if row.value.extent is Extent.WHOLE and len(parts) > 1:
            yield Problem(
                row.file,
                row.line,
                "extent",
                f"{row.value.old} đi vào {', '.join(sorted(parts))} nên không thể là whole; hãy ghi"
                " part ở mỗi dòng",
                f"{row.value.old} went into {', '.join(sorted(parts))}, which is not whole; write"
                " part in each row",
            )
        if row.value.extent is Extent.PART and row.value.default_when_part not in parts:
            yield Problem(
                row.file,
                row.line,
                "default_when_part",
                f"cần một trong {', '.join(sorted(parts))}: phần mặc định của {row.value.old};"
                " hãy điền",
                f"expected one of {', '.join(sorted(parts))}: the usual part of {row.value.old};"
                " fill it in",
            )


def _twice(named: Iterable[tuple[Placed[Any], str, str]]) -> Iterator[Problem]:
    first: dict[str, Placed[Any]] = {}
    for row, key, name in named:
        before = first.get(name)
        if before is None:
            first[name] = row
        else:
            begun = before.line_of((key,))
            place = before.file if begun is None else f"{before.file}:{begun}"
            yield Problem(
                row.file,
                row.line_of((key,)),
                key,
                f"«{name}» đã có ở {place}; mỗi mã chỉ đứng một lần, hãy sửa hoặc xoá một nơi",
                f"«{name}» stands at {place} already; expected once, correct or remove one",
            )


def _shadowed(agencies: Iterable[Placed[AgencyEntry]], codes: Collection[str]) -> Iterator[Problem]:
    """An old code must not turn into another agency's code when it is read left to right."""
    for row in agencies:
        for alias in row.value.aliases if row.value else ():
            meant = new_form(alias)
            if meant in codes and row.raw["code"] != meant:
                yield Problem(
                    row.file,
                    row.line,
                    "aliases",
                    f"mã cũ «{alias}» cũng chỉ cơ quan {meant}; cần mã của một cơ quan, hãy sửa",
                    f"«{alias}» stands for {meant} too; expected a code of one agency, correct it",
                )


def _backwards(rows: Iterable[Placed[Any]]) -> Iterator[Problem]:
    for row in rows:
        span: Validity | None = row.value
        if span is not None and span.valid_to is not None and span.valid_to < span.valid_from:
            yield Problem(
                row.file,
                row.line_of(("valid_to",)),
                "valid_to",
                f"{span.valid_to} sớm hơn valid_from {span.valid_from}; hãy sửa một trong hai ngày",
                f"{span.valid_to} lies before valid_from {span.valid_from}; correct one of them",
            )


def _misplaced_keys(
    keys: Iterable[Placed[SigningKey]], codes: Collection[str]
) -> Iterator[Problem]:
    for row in keys:
        if row.value is None:
            continue
        if row.file != f"keys/{row.value.kid}.json":
            yield Problem(
                row.file,
                None,
                "kid",
                f"kid là «{row.value.kid}»; tên tệp phải là {row.value.kid}.json, hãy đổi tên tệp",
                f"the kid is «{row.value.kid}»; expected the file {row.value.kid}.json, rename it",
            )
        if row.value.agency not in codes:
            yield Problem(
                row.file,
                None,
                "agency",
                f"mã «{row.value.agency}» không có trong agencies.csv; hãy sửa hoặc thêm cơ quan",
                f"«{row.value.agency}» is not in agencies.csv; correct it or add the agency",
            )
