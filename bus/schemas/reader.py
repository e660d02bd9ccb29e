"""From received bytes to a message, or to the one error that says what is wrong.

Order matters: size, UTF-8 and JSON with each key once, Unicode form, type, schema. What could be
read of the lane is told even when the rest is wrong, so that a bad message does not hold up the
good ones behind it.
"""

import json
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from bus.errors import (
    DuplicateKey,
    MessageMalformed,
    MessageTooLarge,
    SchemaInvalid,
    SenderMustAct,
    TextNotNormalised,
    TypeUnknown,
)
from bus.ids import AGENCY_PATTERN, DOSSIER_PATTERN, AgencyCode, DossierCode
from bus.schemas.base import AGENCY_LENGTH, DOSSIER_LENGTH, UUID_PATTERN
from bus.schemas.catalogue import FROM_AGENCY, FROM_HUB, FromAgency, FromHub
from bus.schemas.envelope import MAX_BODY_BYTES

_AGENCY: Final = re.compile(AGENCY_PATTERN)
_DOSSIER: Final = re.compile(DOSSIER_PATTERN)
_SEQUENCE: Final = re.compile(r"^[0-9]{10}$")
_UUID: Final = re.compile(UUID_PATTERN)
_FIELD_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}|[0-9]{1,3}")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Lane:
    """What could be read of a message's identity and place, before its schema is asked."""

    id: UUID | None
    source: AgencyCode | None
    subject: DossierCode | None
    sequence: int | None


NOTHING_READ: Final = Lane(None, None, None, None)


class Unreadable(Exception):
    """A message that cannot be taken, with what could be read of its lane."""

    def __init__(self, error: SenderMustAct, lane: Lane) -> None:
        super().__init__(str(error))
        self.error = error
        self.lane = lane


def read_from_agency(body: bytes) -> FromAgency:
    """Return the message an agency sent.

    Raises:
        Unreadable: The bytes are not a message an agency may send.
    """
    return _read(body, FROM_AGENCY)


def read_from_hub(body: bytes) -> FromHub:
    """Return the message the hub sent.

    Raises:
        Unreadable: The bytes are not a message the hub may send.
    """
    return _read(body, FROM_HUB)


def _read(body: bytes, adapter: TypeAdapter[_T]) -> _T:
    if len(body) > MAX_BODY_BYTES:
        raise Unreadable(
            MessageTooLarge(
                f"the message has {len(body)} bytes; at most {MAX_BODY_BYTES} are taken."
                " Send large documents by reference and digest",
                text_vi=f"Thông điệp dài {len(body)} byte, vượt giới hạn {MAX_BODY_BYTES} byte."
                " Hãy gửi tài liệu lớn bằng đường dẫn và mã băm.",
            ),
            NOTHING_READ,
        )
    try:
        content = _parse(body)
    except SenderMustAct as error:
        raise Unreadable(error, NOTHING_READ) from error
    if not _normalised(body, content):
        raise Unreadable(
            TextNotNormalised(
                "a text is not in Unicode form NFC; normalise before signing",
                text_vi="Có văn bản chưa ở dạng Unicode NFC (dựng sẵn)."
                " Hãy chuẩn hoá trước khi ký.",
            ),
            _lane(content),
        )
    try:
        return adapter.validate_json(body)
    except ValidationError as error:
        raise Unreadable(_first_error(error, content), _lane(content)) from None


def _parse(body: bytes) -> dict[str, Any]:
    try:
        content = _DECODER.decode(body.decode("utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise _malformed()
    return content


def _malformed() -> MessageMalformed:
    return MessageMalformed(
        "the body is not one JSON object in UTF-8",
        text_vi="Nội dung không phải là một đối tượng JSON mã hoá UTF-8.",
    )


def _not_in_json(constant: str) -> None:
    """Python's reader takes NaN and Infinity, which RFC 8259 does not know."""
    raise ValueError(constant)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        [(repeated, _)] = Counter(key for key, _ in pairs).most_common(1)
        raise DuplicateKey(
            "a JSON object names a key twice; each key may stand once",
            text_vi="Một đối tượng JSON lặp lại cùng một khoá;"
            " mỗi khoá chỉ được xuất hiện một lần.",
            path=_printable(repeated),
        )
    return content


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_not_in_json)


def _lane(content: dict[str, Any]) -> Lane:
    source = _text(content, "source", _AGENCY, AGENCY_LENGTH)
    subject = _text(content, "subject", _DOSSIER, DOSSIER_LENGTH)
    sequence = _text(content, "sequence", _SEQUENCE)
    uuid = _text(content, "id", _UUID)
    return Lane(
        id=None if uuid is None else UUID(uuid),
        source=None if source is None else AgencyCode(source),
        subject=None if subject is None else DossierCode(subject),
        sequence=None if sequence is None else int(sequence),
    )


def _text(
    content: dict[str, Any], key: str, form: re.Pattern[str], longest: int = MAX_BODY_BYTES
) -> str | None:
    text = content.get(key)
    right = isinstance(text, str) and len(text) <= longest and form.fullmatch(text)
    return text if right else None


def _normalised(body: bytes, content: dict[str, Any]) -> bool:
    """Say whether every text and key is in form NFC, also where it is written with escapes.

    Without such escapes a body that is in form NFC as a whole holds no text that is not, and that
    is quick to find out.
    """
    if b"\\u" not in body and unicodedata.is_normalized("NFC", body.decode("utf-8")):
        return True
    open_values: list[Any] = [content]
    while open_values:
        value = open_values.pop()
        if isinstance(value, str) and not unicodedata.is_normalized("NFC", value):
            return False
        if isinstance(value, dict):
            open_values += [*value.keys(), *value.values()]
        if isinstance(value, list):
            open_values += value
    return True


def _first_error(error: ValidationError, content: dict[str, Any]) -> SenderMustAct:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    kind = first["type"]
    if kind == "json_invalid":
        return _malformed()
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        return TypeUnknown(
            "the attribute `dataschema` names no type and version that may be sent here",
            text_vi="Thuộc tính “dataschema” không phải loại và phiên bản thông điệp"
            " được phép gửi.",
            path="dataschema",
        )
    path = _path(first["loc"][1:], content, missing=kind == "missing")
    return SchemaInvalid(
        f"field `{path}` is not as its schema asks ({kind}); see the published JSON Schema",
        text_vi=f"Trường “{path}” {_VIETNAMESE.get(kind, 'không đúng lược đồ')} ({kind}).",
        path=path,
        errors=error.error_count(),
    )


def _path(loc: tuple[int | str, ...], content: dict[str, Any], *, missing: bool) -> str:
    """Return the part of pydantic's path that leads through the message.

    The rest are pydantic's own words for the members of a union or for a key.
    """
    here: Any = content
    steps = []
    for part in loc:
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            if not missing:
                break
        steps.append(_printable(str(part)))
    return ".".join(steps)[:300]


def _printable(key: str) -> str:
    """A key comes from outside and may be content: only what looks like a field's name goes on."""
    return key if _FIELD_NAME.fullmatch(key) else "?"


_VIETNAMESE: Final = {
    "missing": "bị thiếu",
    "extra_forbidden": "không có trong lược đồ",
    "string_pattern_mismatch": "không đúng định dạng",
    "string_too_long": "quá dài",
    "string_too_short": "quá ngắn",
    "string_type": "phải là chuỗi ký tự",
    "int_type": "phải là số nguyên",
    "bool_type": "phải là đúng hoặc sai",
    "enum": "không thuộc danh mục cho phép",
    "literal_error": "không có giá trị được phép",
    "too_long": "có quá nhiều phần tử",
    "too_short": "có quá ít phần tử",
    "greater_than_equal": "nhỏ hơn mức cho phép",
    "less_than_equal": "lớn hơn mức cho phép",
    "datetime_parsing": "không phải thời điểm hợp lệ",
    "dict_type": "phải là đối tượng JSON",
    "model_type": "phải là đối tượng JSON",
    "tuple_type": "phải là mảng JSON",
    "not_utc": "phải là thời điểm UTC theo RFC 3339, kết thúc bằng Z",
    "not_uuid": "không phải UUID viết thường có gạch nối",
}
