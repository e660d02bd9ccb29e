"""What changed between routes, in the words of officials."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from bus.cli import words
from bus.cli.render import NOTHING
from bus.cli.route_changes import Difference, Fate, RouteChange

_FATES: Final = {
    Fate.ADDED: "quy trình mới / new route",
    Fate.REMOVED: "không còn / gone",
    Fate.CHANGED: "phiên bản mới / new version",
    Fate.ENDED: "đặt ngày hết hiệu lực / its last day was set",
    Fate.EDITED: "nội dung phiên bản bị sửa / edited within its version",
}
FIELDS: Final = {
    "name": "tên",
    "note": "ghi chú",
    "basis": "căn cứ",
    "valid_from": "hiệu lực từ",
    "valid_to": "hiệu lực đến",
    "receiving": "tiếp nhận",
    "total": "tổng thời hạn",
    "supplement_clock": "thời hạn khi bổ sung",
    "payment_clock": "thời hạn khi chờ nộp tiền",
    "facts": "thông tin phân nhánh",
    "components": "thành phần hồ sơ",
    "alternatives": "các bước thay thế nhau",
    "kind": "loại bước",
    "performer": "thực hiện",
    "needs": "sau bước",
    "when": "điều kiện",
    "limit": "thời hạn",
    "task": "nội dung việc",
    "outcomes": "kết quả",
    "on_reject": "khi từ chối",
    "act_first": "làm trước, bổ sung thủ tục sau",
    "may_request_payment": "được yêu cầu nộp tiền",
    "sees.owner": "được xem chủ hồ sơ",
    "sees.components": "được xem giấy tờ",
    "sees.facts": "được xem thông tin",
    "sees.form": "được xem tờ khai",
    "sees.results": "được xem kết quả bước",
}
"""What a field of a route or of a step is called."""


def lines(found: Sequence[RouteChange]) -> Iterator[str]:
    """Yield each route that changed, then what differs, one thing a line."""
    for change in found:
        yield f"{change.procedure}  {_versions(change)}: {_FATES[change.fate]}"
        for difference in change.differences:
            yield f"  {_line(difference)}"


def summary(found: Sequence[RouteChange]) -> list[str]:
    """Return how much changed, and a warning where a version was edited."""
    told = [f"{len(found)} quy trình khác. / Routes that differ: {len(found)}."]
    edited = [f"{one.procedure}/{one.new}" for one in found if one.fate is Fate.EDITED]
    if edited:
        names = ", ".join(edited)
        told.append(
            f"CHÚ Ý / WARNING: {names}: nếu phiên bản này đã công bố, hãy tăng `version` để biết hồ"
            " sơ nào theo bản nào. / If this version was published, raise `version`, so that it can"
            " be told which dossier follows which."
        )
    return told


def as_json(found: Sequence[RouteChange]) -> dict[str, Any]:
    """Return the whole as JSON values."""
    return {
        "same": not found,
        "routes": [
            {
                "procedure": change.procedure,
                "fate": change.fate.value,
                "old_version": change.old,
                "new_version": change.new,
                "differences": [
                    {
                        "fate": one.fate.value,
                        "step": one.step,
                        "field": one.field or None,
                        "old": one.old,
                        "new": one.new,
                    }
                    for one in change.differences
                ],
            }
            for change in found
        ],
    }


def _versions(change: RouteChange) -> str:
    if change.old is not None and change.new is not None and change.old != change.new:
        return f"phiên bản {change.old} → {change.new}"
    return f"phiên bản {change.new if change.old is None else change.old}"


def _line(one: Difference) -> str:
    where = f"bước {one.step}" if one.step else "quy trình"
    if not one.field:
        step = one.new or one.old
        sign, word = ("+", "thêm") if one.fate is Fate.ADDED else ("−", "bỏ")
        return f"{sign} {where}: {word} “{step['name']['vi']}”"
    name = f"{FIELDS.get(one.field, one.field)} ({one.field})"
    if isinstance(one.old, list) and isinstance(one.new, list):
        gone = [f"−{_text(item)}" for item in one.old if item not in one.new]
        come = [f"+{_text(item)}" for item in one.new if item not in one.old]
        return f"~ {where}: {name}: {', '.join(gone + come) or 'đổi thứ tự'}"
    return f"~ {where}: {name}: {_text(one.old)} → {_text(one.new)}"


def _text(value: Any) -> str:  # noqa: ANN401 -- a JSON value
    match value:
        case None | []:
            text = NOTHING
        case bool():
            text = "có" if value else "không"
        case {"amount": amount, "unit": unit}:
            text = f"{amount} {words.called(words.LIMIT, unit)}"
        case {"role": role, "level": level}:
            text = f"{words.called(words.ROLE, role)} ({words.called(words.LEVEL, level)})"
            text += words.SCOPE.get(value.get("scope", ""), "")
        case {"vi": vietnamese}:
            text = str(vietnamese)
        case dict():
            text = "; ".join(f"{key}: {_text(item)}" for key, item in value.items())
        case list():
            text = ", ".join(_text(item) for item in value)
        case _:
            text = str(value)
    return text
