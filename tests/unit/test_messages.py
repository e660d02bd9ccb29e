"""Every message type and version: what it takes, how it is written, what it tells a partner."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from cloudevents.core.formats.json import JSONFormat
from pydantic import BaseModel, TypeAdapter, ValidationError, create_model
from pydantic.fields import FieldInfo

from bus.schemas.base import (
    BusinessState,
    Fact,
    FormValue,
    Line,
    MediaType,
    Name,
    Phone,
    Text,
    UtcDatetime,
    Uuid,
    WireModel,
)
from bus.schemas.catalogue import FROM_AGENCY, FROM_HUB, schema_urn, type_name
from bus.schemas.dossier import DossierSubmittedV1
from bus.schemas.envelope import Envelope
from bus.schemas.export.terms import place
from bus.schemas.request import SupplementRequestedV1
from bus.schemas.step import StepCompletedV1
from tests.support.messages import (
    FROM_AGENCY_CLASSES,
    FROM_HUB_CLASSES,
    GOLDEN,
    MESSAGE_CLASSES,
    body,
    case_name,
    golden,
)

every_message = pytest.mark.parametrize("message", MESSAGE_CLASSES, ids=case_name)


# --- golden files: a published version never changes -----------------------------------------


@every_message
@pytest.mark.parametrize("minimal", [False, True], ids=["whole", "minimal"])
def test_a_golden_message_is_read_and_written_back_byte_for_byte(
    message: type[Envelope], *, minimal: bool
) -> None:
    stored = golden(message, minimal=minimal)

    read = message.model_validate_json(stored)

    assert read.model_dump_json(exclude_none=True).encode() == stored


def test_there_is_no_golden_file_of_a_message_that_is_gone() -> None:
    """A published version stays for ever; deleting its class leaves its golden file behind."""
    stored = {path.relative_to(GOLDEN).as_posix() for path in GOLDEN.rglob("*.json")}

    names = {place(message).file for message in MESSAGE_CLASSES}
    assert stored == names | {name.replace(".json", ".minimal.json") for name in names}


@every_message
def test_the_official_sdk_reads_a_golden_message_as_the_same_event(
    message: type[Envelope],
) -> None:
    ours = message.model_validate_json(golden(message)).model_dump(
        mode="json", exclude={"time"}, exclude_none=True
    )

    event = JSONFormat().read(None, golden(message))

    assert event.get_time() == message.model_validate_json(golden(message)).time
    theirs = {key: value for key, value in event.get_attributes().items() if key != "time"}
    assert theirs | {"data": event.get_data()} == ours


# --- the catalogue ---------------------------------------------------------------------------


@pytest.mark.parametrize("message", FROM_AGENCY_CLASSES, ids=case_name)
def test_the_agencys_union_finds_the_class_by_dataschema(message: type[Envelope]) -> None:
    assert type(FROM_AGENCY.validate_json(golden(message))) is message


@pytest.mark.parametrize("message", FROM_HUB_CLASSES, ids=case_name)
def test_the_hubs_union_finds_the_class_by_dataschema(message: type[Envelope]) -> None:
    assert type(FROM_HUB.validate_json(golden(message))) is message


@every_message
def test_dataschema_names_side_type_and_version(message: type[Envelope]) -> None:
    side = "hub" if message in FROM_HUB_CLASSES else "agency"
    version = message.__name__.rpartition("V")[2]

    assert schema_urn(message) == f"urn:lienthong:schema:{side}:{type_name(message)}:{version}"


def test_no_dataschema_stands_twice() -> None:
    assert len({schema_urn(message) for message in MESSAGE_CLASSES}) == len(MESSAGE_CLASSES)


# --- what a partner is told ------------------------------------------------------------------


def _models_of(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _models_of(part)


def _fields(model: type[BaseModel], path: str) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        yield f"{path}.{name}", field
        for part in _models_of(field.annotation):
            yield from _fields(part, f"{path}.{name}")


@every_message
def test_every_field_says_what_it_means_and_where_it_comes_from(message: type[Envelope]) -> None:
    untold = [
        path
        for path, field in _fields(message, case_name(message) or "")
        if not field.description
        or not isinstance(field.json_schema_extra, dict)
        or not field.json_schema_extra.get("x-term-vi")
        or not field.json_schema_extra.get("x-source")
    ]

    assert untold == []


@every_message
def test_every_model_of_a_message_is_strict_closed_and_frozen(message: type[Envelope]) -> None:
    models = {message} | {
        model for _, field in _fields(message, "") for model in _models_of(field.annotation)
    }

    assert all(issubclass(model, WireModel) for model in models)
    for model in models:
        assert model.model_config["strict"]
        assert model.model_config["extra"] == "forbid"
        assert model.model_config["frozen"]


# --- value types -----------------------------------------------------------------------------

A_UUID = "01955a2f-6e80-7a31-8c55-0d1f6a2b3c01"


def _takes(annotation: Any, json: str) -> bool:
    model = create_model("One", __base__=WireModel, value=(annotation, ...))
    try:
        model.model_validate_json(f'{{"value": {json}}}')
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    "moment",
    ["2025-03-03T01:46:00Z", "2025-03-03T01:46:00.5Z", "2025-03-03T01:46:00.123456789Z"],
)
def test_a_moment_is_written_as_rfc_3339_with_z(moment: str) -> None:
    assert _takes(UtcDatetime, f'"{moment}"')


@pytest.mark.parametrize(
    "moment",
    [
        '"1740966360"',
        "1740966360",
        "1740966360.5",
        '"2025-03-03"',
        '"2025-03-03T01:46Z"',
        '"2025-03-03 01:46:00Z"',
        '"2025-03-03T01:46:00"',
        '"2025-03-03T01:46:00+00:00"',
        '"2025-03-03T08:46:00+07:00"',
        '"2025-03-03t01:46:00z"',
        '"2025-02-30T01:46:00Z"',
        '"2025-03-03T01:46:00Z\\n"',
        '"２０２５-03-03T01:46:00Z"',
        "null",
    ],
)
def test_other_ways_of_writing_a_moment_are_refused(moment: str) -> None:
    assert not _takes(UtcDatetime, moment)


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2025, 3, 3, 8, 46, tzinfo=timezone(timedelta(hours=7))),
        datetime(2025, 3, 3, 8, 46),  # noqa: DTZ001 -- without a zone on purpose
    ],
)
def test_a_moment_of_another_zone_is_refused_also_from_python(moment: datetime) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(UtcDatetime).validate_python(moment)


def test_a_moment_is_written_to_the_millisecond() -> None:
    adapter = TypeAdapter(UtcDatetime)
    moment = datetime(2025, 3, 3, 1, 46, 0, 123_999, UTC)

    assert adapter.dump_json(moment) == b'"2025-03-03T01:46:00.123Z"'


@pytest.mark.parametrize(
    "text",
    [
        A_UUID.upper(),
        A_UUID.replace("-", ""),
        "{" + A_UUID + "}",
        f"urn:uuid:{A_UUID}",
        f"{A_UUID} ",
    ],
)
def test_an_id_has_one_text(text: str) -> None:
    assert _takes(Uuid, f'"{A_UUID}"')
    assert not _takes(Uuid, f'"{text}"')


def test_an_id_is_taken_as_a_uuid_from_python() -> None:
    assert TypeAdapter(Uuid).validate_python(UUID(A_UUID), strict=True) == UUID(A_UUID)


@pytest.mark.parametrize("kind", [Name, Line, Text])
@pytest.mark.parametrize("text", ["", " ", "\\u00a0", "\\ufeff", "a\\u0000b", "e\\u0301"])
def test_words_for_people_are_visible_normalised_and_hold_no_nul(kind: Any, text: str) -> None:
    assert _takes(kind, '"Xã Gia Hội"')
    assert not _takes(kind, f'"{text}"')


def test_only_a_text_has_several_lines() -> None:
    assert _takes(Text, '"a\\nb\\tc"')
    assert _takes(FormValue, '"a\\nb"')
    assert not _takes(Line, '"a\\nb"')
    assert not _takes(Name, '"a\\nb"')
    assert not _takes(FormValue, '"a\\u0000b"')


@pytest.mark.parametrize("fact", ['"đúng"', '""', "true", "0", "-9007199254740991"])
def test_a_fact_is_a_line_a_truth_or_a_whole_number(fact: str) -> None:
    assert _takes(Fact, fact)


@pytest.mark.parametrize(
    "fact", ["null", "1.5", "9007199254740992", "[]", "{}", '"a\\nb"', "NaN", '"e\\u0301"']
)
def test_other_facts_are_refused(fact: str) -> None:
    """A whole number above 2^53 - 1 is another number in JavaScript."""
    assert not _takes(Fact, fact)


def test_a_media_type_may_hold_a_plus_sign_and_a_telephone_may_begin_with_one() -> None:
    assert _takes(MediaType, '"image/svg+xml"')
    assert not _takes(MediaType, '"pdf"')
    assert _takes(Phone, '"+84 000 000 000"')
    assert not _takes(Phone, '"call me"')


@pytest.mark.parametrize(
    "change",
    [
        {"data__procedure": "٢.000286"},
        {"sequence": "٠٠٠٠٠٠٠٠٠١"},
        {"subject": "H63.140.05-25030٣-0001"},
        {"data__area": "٠٤٦٣٦"},
        {"data__owner__kind": "robot"},
        {"data__components": None},
        {"data__facts": {"Đúng": True}},
        {"data__facts": {f"f{n}": True for n in range(51)}},
        {"type": "dossier.withdrawn"},
        {"specversion": "0.3"},
        {"more": 1},
        {"data__more": 1},
        {"data": ...},
    ],
    ids=str,
)
def test_what_a_submission_may_not_hold(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DossierSubmittedV1.model_validate_json(body(DossierSubmittedV1, **change))


def test_true_is_not_a_number() -> None:
    with pytest.raises(ValidationError):
        SupplementRequestedV1.model_validate_json(body(SupplementRequestedV1, data__round=True))


def test_a_supplement_request_names_at_least_one_thing() -> None:
    with pytest.raises(ValidationError):
        SupplementRequestedV1.model_validate_json(body(SupplementRequestedV1, data__items=[]))


def test_null_counts_as_absent() -> None:
    """CloudEvents' JSON format asks it of every reader; we never write it."""
    with_null = body(DossierSubmittedV1, traceparent=None, data__owner__phone=None)

    read = DossierSubmittedV1.model_validate_json(with_null)

    assert read.traceparent is None
    assert b"null" not in read.model_dump_json(exclude_none=True).encode()


def test_messages_do_not_share_what_they_leave_out() -> None:
    """A default of an empty mapping is each message's own."""
    without = body(StepCompletedV1, data__outputs=...)

    first, second = (StepCompletedV1.model_validate_json(without) for _ in range(2))

    assert first.data.outputs == {}
    assert first.data.outputs is not second.data.outputs


def test_a_state_knows_its_national_code() -> None:
    assert [state.national_code for state in BusinessState] == list(range(1, 11))
