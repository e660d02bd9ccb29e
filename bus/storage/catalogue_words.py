"""Words for what pydantic finds wrong in a catalogue file, Vietnamese first, then English."""

from collections.abc import Mapping
from typing import Final

from pydantic_core import ErrorDetails

_SHOWN: Final = 60
_QUOTE_VI: Final = "bị đọc thành số hoặc đúng/sai, cần là chữ; hãy đặt giá trị trong dấu ngoặc kép"
_QUOTE_EN: Final = "was read as a number or true/false, expected text; put the value in quotes"
_RULES_VI: Final[Mapping[str, str]] = {
    "enum": "cần một trong: {expected}",
    "literal_error": "cần: {expected}",
    "string_pattern_mismatch": "cần đúng dạng {pattern}",
    "string_too_short": "cần ít nhất {min_length} ký tự",
    "string_too_long": "nhiều nhất {max_length} ký tự",
    "too_long": "nhiều nhất {max_length} giá trị",
    "greater_than": "cần số lớn hơn {gt}",
    "greater_than_equal": "cần số từ {ge} trở lên",
    "less_than": "cần số nhỏ hơn {lt}",
    "less_than_equal": "cần số không quá {le}",
    "int_type": "cần số nguyên",
    "int_parsing": "cần số nguyên",
    "int_from_float": "cần số nguyên",
    "bool_type": "cần true hoặc false",
    "bool_parsing": "cần true hoặc false",
    "string_type": "cần chữ",
    "date_type": "cần ngày dạng NĂM-THÁNG-NGÀY, ví dụ 2025-03-03",
    "date_parsing": "cần ngày dạng NĂM-THÁNG-NGÀY, ví dụ 2025-03-03",
    "date_from_datetime_parsing": "cần ngày dạng NĂM-THÁNG-NGÀY, ví dụ 2025-03-03",
    "time_parsing": "cần giờ dạng GIỜ:PHÚT, ví dụ 07:30",
    "tuple_type": "cần một danh sách",
    "list_type": "cần một danh sách",
    "dict_type": "cần một nhóm khoá và giá trị",
    "model_type": "cần một nhóm khoá và giá trị",
    "model_attributes_type": "cần một nhóm khoá và giá trị",
    "unknown_step": "bước {step} cần bước {need}, nhưng quy trình không có bước đó",
}
"""What each kind of rule asks for; a rule of our own that is not here says both languages."""


def words(fault: ErrorDetails, *, quoted: bool) -> tuple[str, str]:
    """Return what is wrong with one value, in Vietnamese and in English."""
    match fault["type"], fault["input"]:
        case "missing", _:
            return "thiếu trường bắt buộc; hãy thêm", "the field is missing; add it"
        case "extra_forbidden", _:
            return (
                "trường lạ; cần đúng các trường của lược đồ, hãy xoá hoặc sửa tên",
                "the field is unknown; expected only fields of the schema, remove or rename it",
            )
        case (("string_type" | "time_type" | "date_type"), (bool() | int() | float())):
            return _QUOTE_VI, _QUOTE_EN
        case "too_short", _:
            return (
                "để trống; cần ít nhất một giá trị, hãy điền",
                "is empty; give at least one value",
            )
        case _, shown:
            rule = fault["msg"].removeprefix("Value error, ").rstrip(".")
            tellable = quoted and isinstance(shown, str | int | float)
            value = f" {_short(str(shown))}" if tellable else ""
            rule_vi = _rule_vi(fault, rule)
            return (
                f"giá trị{value} không đúng: {rule_vi}; hãy sửa",
                f"the value{value} is wrong: {rule}; correct it",
            )


def _rule_vi(fault: ErrorDetails, rule: str) -> str:
    template = _RULES_VI.get(fault["type"])
    if template is None:
        return f"yêu cầu “{rule}”"
    return template.format_map({name: str(value) for name, value in fault.get("ctx", {}).items()})


def _short(text: str) -> str:
    return f"«{text[:_SHOWN]}…»" if len(text) > _SHOWN else f"«{text}»"
