"""The base of every model that crosses a border, and the value types its fields are made of."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from bus.ids import (
    AGENCY_PATTERN,
    AREA_PATTERN,
    DOSSIER_PATTERN,
    PROCEDURE_PATTERN,
    STEP_PATTERN,
    AgencyCode,
    AreaCode,
    DossierCode,
    ProcedureCode,
    StepId,
)


class WireModel(BaseModel):
    """Base of every model that crosses an agency's border.

    Strict, closed and frozen; error texts never show the input, which may be personal data.
    """

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", hide_input_in_errors=True, use_enum_values=False
    )


def term(
    description: str,
    *,
    vi: str,
    source: str,
    **limits: Any,  # noqa: ANN401 -- handed on to pydantic.Field, which checks them
) -> Any:  # noqa: ANN401 -- stands for a value of the field's type, as pydantic.Field does
    """Return a field with what a partner must know of it: meaning, Vietnamese term and source.

    Args:
        description: What the field says, in English, one sentence.
        vi: The field's term in Vietnamese, as officials use it.
        source: Article of law, RFC or standard the field comes from; "lienthong" for our own.
        limits: Whatever `pydantic.Field` takes besides.
    """
    return Field(
        description=description, json_schema_extra={"x-term-vi": vi, "x-source": source}, **limits
    )


UTC_PATTERN: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z$"
UUID_PATTERN: Final = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
AGENCY_LENGTH: Final = 35
DOSSIER_LENGTH: Final = 60
SAFE_INTEGER: Final = 2**53 - 1
"""Largest whole number that JSON carries unchanged between all languages (RFC 8259 section 6)."""

# A line has no control characters, a text has line breaks and tabs only: PostgreSQL keeps no NUL,
# and a line break in a line could make a log or a CSV row say something else. `[0-9]` and the
# letters named after `\s` make Rust's, Python's and ECMAScript's regular expressions agree.
_LINE: Final = r"^[^\x00-\x1F\x7F-\x9F]*$"
_VISIBLE_LINE: Final = (
    r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F\uFEFF][^\x00-\x1F\x7F-\x9F]*$"
)
_TEXT: Final = r"^[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F]*$"
_VISIBLE_TEXT: Final = (
    r"^[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F\uFEFF]"
    r"[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F]*$"
)

_UTC_FORM: Final = re.compile(UTC_PATTERN)
_UUID_FORM: Final = re.compile(UUID_PATTERN)


def _written_as_utc(moment: object) -> object:
    """Refuse the other ways pydantic reads a moment: seconds since 1970, a day, no seconds."""
    if not isinstance(moment, datetime) and not (
        isinstance(moment, str) and _UTC_FORM.fullmatch(moment)
    ):
        raise PydanticCustomError("not_utc", "expected UTC, RFC 3339 written with Z")
    return moment


def _utc_only(moment: datetime) -> datetime:
    if moment.tzinfo is UTC:
        return moment
    if moment.utcoffset() != timedelta(0):
        raise PydanticCustomError("not_utc", "expected UTC, RFC 3339 written with Z")
    return moment.astimezone(UTC)


def _written_with_hyphens(uuid: object) -> object:
    """Refuse the other ways of writing an id: one id has one text."""
    if isinstance(uuid, str) and not _UUID_FORM.fullmatch(uuid):
        raise PydanticCustomError("not_uuid", "expected a UUID, lower case, with hyphens")
    return uuid


def _nfc(text: str) -> str:
    if not unicodedata.is_normalized("NFC", text):
        raise PydanticCustomError("not_nfc", "expected Unicode form NFC")
    return text


def rfc3339(moment: datetime) -> str:
    """Return how a moment is written in a message: UTC, to the millisecond, with Z."""
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


UtcDatetime = Annotated[
    AwareDatetime,
    Field(strict=False),  # after a validator of ours, strict would refuse text even from JSON
    BeforeValidator(_written_as_utc),
    AfterValidator(_utc_only),
    PlainSerializer(rfc3339, return_type=str, when_used="json"),
]
"""A moment in UTC, RFC 3339 with Z; written to the millisecond."""

Uuid = Annotated[UUID, BeforeValidator(_written_with_hyphens)]
"""A UUID in its one canonical text form."""

Agency = Annotated[AgencyCode, StringConstraints(pattern=AGENCY_PATTERN, max_length=AGENCY_LENGTH)]
Area = Annotated[AreaCode, StringConstraints(pattern=AREA_PATTERN)]
Procedure = Annotated[ProcedureCode, StringConstraints(pattern=PROCEDURE_PATTERN)]
Dossier = Annotated[
    DossierCode, StringConstraints(pattern=DOSSIER_PATTERN, max_length=DOSSIER_LENGTH)
]
Step = Annotated[StepId, StringConstraints(pattern=STEP_PATTERN)]
Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, pattern=_VISIBLE_LINE),
    AfterValidator(_nfc),
]
Line = Annotated[
    str,
    StringConstraints(min_length=1, max_length=500, pattern=_VISIBLE_LINE),
    AfterValidator(_nfc),
]
Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=4000, pattern=_VISIBLE_TEXT),
    AfterValidator(_nfc),
]
Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,99}$")]
MediaType = Annotated[
    str,
    StringConstraints(
        pattern=r"^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$"
    ),
]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 .-]{2,19}$")]
FactName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Fact = (
    Annotated[str, StringConstraints(max_length=200, pattern=_LINE), AfterValidator(_nfc)]
    | bool
    | Annotated[int, Field(ge=-SAFE_INTEGER, le=SAFE_INTEGER)]
)
FormValue = Annotated[str, StringConstraints(max_length=2000, pattern=_TEXT), AfterValidator(_nfc)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Sequence10 = Annotated[str, StringConstraints(pattern=r"^[0-9]{10}$")]
PositiveCount = Annotated[int, Field(ge=1, le=1_000_000)]


class Level(StrEnum):
    """Administrative level (cấp). The district level ended on 30 June 2025."""

    CENTRAL = "central"
    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"


class Channel(StrEnum):
    """How the dossier was handed in (kênh thực hiện), national portal codes 1, 2, 3."""

    DIRECT = "direct"
    ONLINE = "online"
    POSTAL = "postal"


class PartyKind(StrEnum):
    """Who owns a dossier (loại đối tượng)."""

    CITIZEN = "citizen"
    ENTERPRISE = "enterprise"
    ORGANISATION = "organisation"


class BusinessState(StrEnum):
    """The ten national status codes of a dossier (TrangThaiHoSo 1 … 10)."""

    REGISTERED = "registered"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    PROCESSING = "processing"
    SUPPLEMENT_REQUESTED = "supplement_requested"
    PAYMENT_REQUESTED = "payment_requested"
    WITHDRAWN = "withdrawn"
    TERMINATED = "terminated"
    COMPLETED = "completed"
    RETURNED = "returned"

    @property
    def national_code(self) -> int:
        """The code the National Public Service Portal writes for this state."""
        return list(BusinessState).index(self) + 1
