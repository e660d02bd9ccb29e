"""A wrong setting in one line: where, which key, what is expected, what to do. Never its value."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from bus.errors import SettingInvalid
from bus.settings.node import DELIMITER, PREFIX, Node

_NO_FILE: Final = "(không có tệp cấu hình; dùng --config / no configuration file; use --config)"
_MEANT: Final = {
    "url_scheme": "url",
    "password_file": "password_file",
    "password_twice": "url",
    "one_of_two": "key",
}
"""Checks of a whole table, and the setting each is about."""

_SPECIAL: Final = {
    "password_file": (
        "không đọc được tệp mật khẩu. Hãy kiểm tra đường dẫn và quyền đọc",
        "the password file cannot be read. Check its path and rights",
    ),
    "password_twice": (
        "cần url có tài khoản, không có mật khẩu, khi dùng password_file. Hãy viết user@host",
        "with password_file the URL needs a user and no password. Write user@host",
    ),
    "one_of_two": (
        "cần đúng một trong hai: key hoặc province. Hãy bỏ hoặc thêm một mục",
        "exactly one of key and province is needed. Remove or add one",
    ),
    "json_invalid": (
        "không phải JSON. Hãy viết danh sách hoặc bảng dạng JSON",
        "is not JSON. Write the list or table as JSON",
    ),
}


@dataclass(frozen=True, slots=True)
class Where:
    """A place settings come from: a file, or variables and files named after the key."""

    file: str
    prefix: str = ""
    upper: bool = False

    def of(self, loc: Sequence[str | int]) -> str:
        """Return how the place of a key is called."""
        if self.file or not self.prefix:
            return self.file or _NO_FILE
        name = DELIMITER.join(str(part) for part in loc if not isinstance(part, int))
        return self.prefix + (name.upper() if self.upper else name)


def described(settings: type[Node], detail: ErrorDetails, where: Where) -> str:
    """Return the line for what pydantic found."""
    kind, loc = detail["type"], detail["loc"]
    if kind == "extra_forbidden":
        return unknown(settings, loc, where)
    if kind in _SPECIAL:
        vi, en = _SPECIAL[kind]
        return _line(where, (*loc, _MEANT[kind]) if kind in _MEANT else loc, vi, en)
    if kind in _MEANT:
        loc = (*loc, _MEANT[kind])
    vi, en = _expected(settings, loc)
    if kind == "missing":
        variable = _variable(settings, loc)
        return _line(
            where,
            loc,
            f"thiếu. Cần: {vi} Hãy thêm vào tệp"
            + (f" hoặc đặt biến {variable}" if variable else ""),
            f"is missing. Expected: {en} Add it to the file"
            + (f" or set {variable}" if variable else ""),
        )
    return _line(
        where,
        loc,
        f"giá trị không hợp lệ. Cần: {vi} Hãy sửa giá trị này",
        f"is not valid. Expected: {en} Correct it",
    )


def unknown(settings: type[Node], loc: Sequence[str | int], where: Where) -> str:
    """Return the line for a key that is no setting."""
    model = _model_at(settings, loc[:-1])
    names = list(model.model_fields) if model else []
    near = get_close_matches(str(loc[-1] if model is not settings else loc[0]), names, n=1)
    vi = f"có phải “{near[0]}”? Hãy sửa tên" if near else "Hãy xoá"
    en = f"is “{near[0]}” meant? Correct the name" if near else "Remove it"
    return _line(where, loc, f"không có thiết lập này; {vi}", f"there is no such setting; {en}")


def not_readable(place: str, vi: str, en: str) -> SettingInvalid:
    """Return the error for a file or folder of settings that cannot be read at all."""
    return SettingInvalid(
        f"{place}: không đọc được cấu hình: {vi}; hãy sửa rồi chạy lại"
        f" / {place}: the configuration cannot be read: {en}; mend it and start again",
        problems=1,
    )


def wrong_kind(file: str, meant: str) -> SettingInvalid:
    """Return the error for the configuration of one kind of node given to the other."""
    if meant == "edge":
        return SettingInvalid(
            f"{file}: đây là cấu hình của một nút biên (có [[agency]]), không phải của hub; hãy chỉ"
            f" tệp của hub bằng --config, hoặc dùng `bus adapter run {file}`"
            f" / {file}: this configures an edge node (it has [[agency]]), not a hub; name the"
            f" hub's file with --config, or use `bus adapter run {file}`",
            problems=1,
        )
    return SettingInvalid(
        f"{file}: đây là cấu hình của hub (có hub.key_file), không phải của nút biên; hãy chỉ tệp"
        f" có [[agency]], hoặc dùng `bus hub run --config {file}`"
        f" / {file}: this configures a hub (it has hub.key_file), not an edge node; name a file"
        f" with [[agency]], or use `bus hub run --config {file}`",
        problems=1,
    )


def _variable(settings: type[Node], loc: Sequence[str | int]) -> str:
    """Return the variable that could say what is missing; "" where only a file can, as in lists.

    A whole table is not given by one variable: its first setting stands for it.
    """
    if any(isinstance(part, int) for part in loc) or loc[0] == "agency":
        return ""
    field, model = _field_at(settings, loc), _model_at(settings, loc)
    own = field is not None and isinstance(field.json_schema_extra, dict)
    needed = [name for name, x in model.model_fields.items() if x.is_required()] if model else []
    path = loc if own or not needed else (*loc, needed[0])
    return Where("", prefix=PREFIX, upper=True).of(path)


def _line(where: Where, loc: Sequence[str | int], vi: str, en: str) -> str:
    key = ""
    for part in loc:
        key += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if key else part
    return f"{where.of(loc)}: {key}: {vi} / {key}: {en}."


def _expected(settings: type[Node], loc: Sequence[str | int]) -> tuple[str, str]:
    field = _field_at(settings, loc)
    if field is not None and isinstance(field.json_schema_extra, dict):
        return str(field.json_schema_extra["x-term-vi"]), str(field.description)
    model = _model_at(settings, loc)
    needed = [name for name, x in model.model_fields.items() if x.is_required()] if model else []
    table = ".".join(str(part) for part in loc if not isinstance(part, int))
    return (
        f"bảng [{table}] với {', '.join(needed) or 'các mục của nó'}.",
        f"a table [{table}] with {', '.join(needed) or 'its settings'}.",
    )


def _field_at(settings: type[Node], loc: Sequence[str | int]) -> FieldInfo | None:
    model: type[BaseModel] | None = settings
    field = None
    for part in loc:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part) if model else None
        model = _model_in(field.annotation) if field else None
    return field


def _model_at(settings: type[Node], loc: Sequence[str | int]) -> type[BaseModel] | None:
    if not any(isinstance(part, str) for part in loc):
        return settings
    field = _field_at(settings, loc)
    return _model_in(field.annotation) if field else None


def _model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 -- any annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for x in get_args(annotation) if (model := _model_in(x))), None)
