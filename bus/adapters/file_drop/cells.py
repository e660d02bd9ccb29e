"""How one cell of a file is read and written: dates, lists of papers, facts. Pure.

`read` gets a text that is not empty and raises ValueError where it is not what `vi`/`en` say;
`write` gives back a text that reads the same. Inside lists `|` separates items; a backslash before
`|`, `:` or a backslash takes away its meaning.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from bus.schemas.base import SAFE_INTEGER, Channel, Fact, PartyKind
from bus.schemas.dossier import Component, CopyKind
from bus.schemas.ending import Satisfaction
from bus.schemas.request import SupplementItem

VIETNAM: Final = timezone(timedelta(hours=7))
"""Asia/Ho_Chi_Minh has been UTC+7 without daylight saving since 1975."""

PARTY_KINDS: Final = {
    "Cá nhân": PartyKind.CITIZEN,
    "Doanh nghiệp": PartyKind.ENTERPRISE,
    "Tổ chức": PartyKind.ORGANISATION,
}
CHANNELS: Final = {
    "Trực tiếp": Channel.DIRECT,
    "Trực tuyến": Channel.ONLINE,
    "Bưu chính": Channel.POSTAL,
}
RATINGS: Final = {
    "Rất hài lòng": Satisfaction.VERY_SATISFIED,
    "Hài lòng": Satisfaction.SATISFIED,
    "Không hài lòng": Satisfaction.DISSATISFIED,
}
COPY_KINDS: Final = {
    "bản chính": CopyKind.ORIGINAL,
    "bản sao": CopyKind.COPY,
    "bản điện tử": CopyKind.ELECTRONIC,
}

_MOMENT = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)
_INTEGER = re.compile(r"0|-?[1-9]\d{0,17}", re.ASCII)
_COUNT = re.compile(r"[1-9]\d{0,6}", re.ASCII)
_AMOUNT = re.compile(r"\d{1,3}(\.\d{3})+|\d{1,16}", re.ASCII)
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,99}")
_ESCAPED = re.compile(r"\\([\\|:])")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of cell: how it is read and written, and what is expected, in words."""

    read: Callable[[str], Any]
    write: Callable[[Any], str]
    vi: str
    en: str


def words(vi: str, en: str) -> Kind:
    """Return the kind of a plain text."""
    return Kind(str, str, vi, en)


def choice(names: Mapping[str, Any]) -> Kind:
    """Return the kind of a cell that holds one of some names; case does not matter."""
    by_name = {name.casefold(): value for name, value in names.items()}
    by_value = {value: name for name, value in names.items()}

    def read(text: str) -> object:
        try:
            return by_name[text.casefold()]
        except KeyError:
            raise ValueError("not one of the names") from None

    listed = " | ".join(names)
    return Kind(read, by_value.__getitem__, f"một trong: {listed}", f"one of: {listed}")


# --- moments and numbers ---------------------------------------------------------------------


def _read_moment(text: str) -> datetime:
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise ValueError("not a moment")
    day, month, year, hour, minute, second = (int(part or 0) for part in found.groups())
    local = datetime(year, month, day, hour, minute, second, tzinfo=VIETNAM)
    try:
        return local.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("before the calendar begins") from error


def _write_moment(moment: datetime) -> str:
    local = moment.astimezone(VIETNAM)
    text = f"{local:%d/%m}/{local.year:04d} {local:%H:%M}"
    return f"{text}:{local:%S}" if local.second else text


MOMENT: Final = Kind(
    _read_moment,
    _write_moment,
    "ngày/tháng/năm giờ:phút theo giờ Việt Nam, ví dụ 03/03/2025 08:30",
    "day/month/year hour:minute, Việt Nam time, as 03/03/2025 08:30",
)


def _matched(pattern: re.Pattern[str], text: str) -> str:
    if pattern.fullmatch(text) is None:
        raise ValueError("not as expected")
    return text


COUNT: Final = Kind(
    lambda text: int(_matched(_COUNT, text)),
    str,
    "số nguyên từ 1",
    "a whole number from 1",
)
AMOUNT: Final = Kind(
    lambda text: int(_matched(_AMOUNT, text).replace(".", "")),
    str,
    "số tiền bằng đồng, chỉ chữ số, có thể có dấu chấm phân cách hàng nghìn: 1.500.000",
    "an amount in đồng, digits only, dots between thousands allowed: 1.500.000",
)


# --- lists -----------------------------------------------------------------------------------


def _parts(text: str, separator: str) -> list[str]:
    """Split at separators that no backslash precedes; the backslashes stay."""
    parts, start, index = [], 0, 0
    while index < len(text):
        if text[index] == "\\":
            index += 1
        elif text[index] == separator:
            parts.append(text[start:index])
            start = index + 1
        index += 1
    return [*parts, text[start:]]


def _items(text: str) -> list[str]:
    items = [item.strip() for item in _parts(text, "|")]
    if "" in items:
        raise ValueError("an item is empty")
    return items


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", text.strip())


def _escaped(text: str, letters: str = r"\|:") -> str:
    return "".join(f"\\{letter}" if letter in letters else letter for letter in text)


def _joined(items: Iterable[str]) -> str:
    return " | ".join(items)


def _read_component(text: str) -> Component:
    code, *parts = _parts(text, ":")
    kind = COPY_KINDS.get(parts[-1].strip().casefold()) if parts else None
    if kind is not None:
        parts.pop()
    if len(parts) < 2:  # noqa: PLR2004 -- name and quantity
        raise ValueError("an item has three parts")
    quantity = COUNT.read(parts.pop().strip())
    return Component(
        code=_matched(_WORD, _plain(code)),
        name=_plain(":".join(parts)),
        kind=kind or CopyKind.ORIGINAL,
        quantity=quantity,
    )


def _write_component(component: Component) -> str:
    written = [_escaped(component.code), _escaped(component.name), str(component.quantity)]
    if component.kind is not CopyKind.ORIGINAL:
        written.append({kind: name for name, kind in COPY_KINDS.items()}[component.kind])
    return ":".join(written)


COMPONENTS: Final = Kind(
    lambda text: tuple(_read_component(item) for item in _items(text)),
    lambda components: _joined(map(_write_component, components)),
    "các mục MÃ:Tên giấy tờ:số lượng cách nhau bằng “ | ”,"
    " có thể thêm :bản sao hoặc :bản điện tử ở cuối mục",
    "items CODE:name of the paper:quantity, separated by “ | ”;"
    " :bản sao or :bản điện tử may follow",
)


def _read_supplement(text: str) -> SupplementItem:
    code, *rest = _parts(text, ":")
    if rest and _WORD.fullmatch(_plain(code)):
        return SupplementItem(component=_plain(code), content=_plain(":".join(rest)))
    return SupplementItem(content=_plain(text))


def _write_supplement(item: SupplementItem) -> str:
    content = _escaped(item.content)
    return content if item.component is None else f"{_escaped(item.component)}:{content}"


SUPPLEMENTS: Final = Kind(
    lambda text: tuple(_read_supplement(item) for item in _items(text)),
    lambda items: _joined(map(_write_supplement, items)),
    "các mục cần bổ sung cách nhau bằng “ | ”, có thể ghi MÃ: trước nội dung",
    "what is to be added, separated by “ | ”; CODE: may stand before it",
)


def _read_fact(text: str) -> Fact:
    if text in {"true", "false"}:
        return text == "true"
    if _INTEGER.fullmatch(text) and abs(int(text)) <= SAFE_INTEGER:
        return int(text)
    if len(text) > 1 and text[0] == text[-1] == '"':
        return _ESCAPED.sub(r"\1", text[1:-1])
    return _plain(text)


def _write_fact(value: Fact) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    written = _escaped(value, "\\|")
    plain = value == value.strip() and not value.startswith('"')
    return written if plain and _read_fact(written) == value else f'"{written}"'


def _read_facts(text: str) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    for item in _items(text):
        name, sign, value = item.partition("=")
        name = name.strip()
        if not sign or name in facts:
            raise ValueError("not name=value, or a name stands twice")
        facts[name] = _read_fact(value.strip())
    return facts


FACTS: Final = Kind(
    _read_facts,
    lambda facts: _joined(f"{name}={_write_fact(value)}" for name, value in facts.items()),
    "các mục tên=giá trị cách nhau bằng “ | ”, mỗi tên một lần,"
    " tên chỉ gồm a-z, 0-9 và dấu gạch dưới",
    "items name=value separated by “ | ”, each name once, names of a-z, 0-9 and underscore",
)
