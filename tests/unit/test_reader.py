"""From received bytes to a message, or to the one error that says what is wrong."""

import json
from typing import Any
from uuid import UUID

import pytest

from bus.errors import (
    DuplicateKey,
    MessageMalformed,
    MessageTooLarge,
    SchemaInvalid,
    SenderMustAct,
    TextNotNormalised,
    TypeUnknown,
)
from bus.ids import AgencyCode, DossierCode
from bus.schemas.dossier import DossierSubmittedV1
from bus.schemas.envelope import MAX_BODY_BYTES, Envelope
from bus.schemas.reader import NOTHING_READ, Lane, Unreadable, read_from_agency, read_from_hub
from bus.schemas.receipt import MessageAcceptedV1
from bus.schemas.step import StepCompletedV1
from tests.support.messages import (
    FROM_AGENCY_CLASSES,
    FROM_HUB_CLASSES,
    body,
    case_name,
    golden,
)

ITS_LANE = Lane(
    id=UUID("01955a2f-6e80-7a31-8c55-0d1f6a2b3c01"),
    source=AgencyCode("H63.140.05"),
    subject=DossierCode("H63.140.05-250303-0001"),
    sequence=1,
)


def refusal(sent: bytes) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read_from_agency(sent)
    return caught.value


def outcome(sent: bytes) -> tuple[type[SenderMustAct], str, Lane]:
    refused = refusal(sent)
    return type(refused.error), refused.error.path, refused.lane


# --- what is read ----------------------------------------------------------------------------


@pytest.mark.parametrize("message", FROM_AGENCY_CLASSES, ids=case_name)
def test_every_message_of_an_agency_is_read(message: type[Envelope]) -> None:
    assert type(read_from_agency(golden(message))) is message


@pytest.mark.parametrize("message", FROM_HUB_CLASSES, ids=case_name)
def test_every_message_of_the_hub_is_read(message: type[Envelope]) -> None:
    assert type(read_from_hub(golden(message))) is message


def test_nobody_may_send_what_only_the_other_side_says() -> None:
    assert outcome(golden(MessageAcceptedV1))[:2] == (TypeUnknown, "dataschema")
    with pytest.raises(Unreadable):
        read_from_hub(golden(DossierSubmittedV1))


def test_escapes_and_spaces_do_not_matter() -> None:
    loose = json.dumps(json.loads(golden(DossierSubmittedV1)), indent=2).encode()

    assert read_from_agency(loose) == read_from_agency(golden(DossierSubmittedV1))


def test_the_largest_message_is_read() -> None:
    sent = golden(DossierSubmittedV1)
    padded = sent[:-1] + b" " * (MAX_BODY_BYTES - len(sent)) + b"}"

    assert len(padded) == MAX_BODY_BYTES
    assert read_from_agency(padded) == read_from_agency(sent)


# --- bytes that are no message ---------------------------------------------------------------


def test_one_byte_more_is_too_large() -> None:
    refused = refusal(golden(DossierSubmittedV1).ljust(MAX_BODY_BYTES + 1))

    assert type(refused.error) is MessageTooLarge
    assert refused.lane == NOTHING_READ
    assert str(MAX_BODY_BYTES) in refused.error.text_vi


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"12",
        b"{",
        b"{}{}",
        b"\xff\xfe{}",
        b'{"source": "\xc3"}',
        b"\xef\xbb\xbf{}",
        '{"id": 1}'.encode("utf-16"),
        b'{"n": NaN}',
        b'{"n": Infinity}',
        b'{"n": -Infinity}',
        b'{"n": ' + b"9" * 5000 + b"}",
        b'{"n": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b"[" * 500_000,
    ],
    ids=lambda sent: repr(sent[:20]),
)
def test_bytes_that_are_not_one_json_object_are_malformed(sent: bytes) -> None:
    assert outcome(sent) == (MessageMalformed, "", NOTHING_READ)


@pytest.mark.parametrize("value", [b'"\\ud800"', b"[" * 250 + b"]" * 250])
def test_json_that_only_one_of_two_readers_takes_is_malformed(value: bytes) -> None:
    """Half a surrogate pair, or nesting deeper than the second reader goes."""
    sent = golden(DossierSubmittedV1)[:-1] + b', "more": ' + value + b"}"

    assert outcome(sent) == (MessageMalformed, "", ITS_LANE)


@pytest.mark.parametrize(
    "sent",
    [
        b'{"source": "a", "source": "b"}',
        b'{"source": "a", "source": "a"}',
        b'{"data": {"source": 1, "source": 2}}',
        b'{"data": [[{"deep": {"source": 1, "x": 0, "source": 2}}]]}',
        b'{"source": "a", "s\\u006furce": "b"}',
    ],
)
def test_a_key_may_stand_once_at_any_depth(sent: bytes) -> None:
    """Pydantic silently takes the last one, and a signed text would have two meanings."""
    assert outcome(sent) == (DuplicateKey, "source", NOTHING_READ)


def test_many_repeated_keys_are_refused_quickly() -> None:
    keys = b",".join(b'"%d":0' % n for n in range(90_000))

    assert outcome(b"{" + keys + b',"89999":1}')[0] is DuplicateKey


# --- Unicode form ----------------------------------------------------------------------------

DECOMPOSED = "Xa\u0303 Gia Ho\u0323\u0302i"


@pytest.mark.parametrize("escaped", [False, True])
@pytest.mark.parametrize(
    "change",
    [
        {"data__title": DECOMPOSED},
        {"data__owner__name": DECOMPOSED},
        {"data__form": {"note": DECOMPOSED}},
        {"data__form": {DECOMPOSED: "x"}},
        {"unknown": [[DECOMPOSED]]},
    ],
    ids=["title", "name", "value", "key", "unknown"],
)
def test_text_that_is_not_nfc_is_refused_before_its_schema_is_asked(
    change: dict[str, Any], *, escaped: bool
) -> None:
    sent = body(DossierSubmittedV1, **change)
    if escaped:
        sent = json.dumps(json.loads(sent)).encode()

    assert outcome(sent) == (TextNotNormalised, "", ITS_LANE)


def test_a_line_break_before_a_combining_sign_is_normal() -> None:
    """Written as an escape it looks like the letter n with a tilde, which it is not."""
    text = '"a\\n\u0303"'
    sent = body(DossierSubmittedV1, data__form={"note": "HERE"}).replace(b'"HERE"', text.encode())

    read = read_from_agency(sent)

    assert isinstance(read, DossierSubmittedV1)
    assert read.data.form == {"note": "a\n\u0303"}


# --- type and schema -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "dataschema",
    [..., None, 1, "", "dossier.submitted", "urn:lienthong:schema:agency:dossier.submitted:2"],
)
def test_an_unknown_type_or_version_is_named_as_such(dataschema: object) -> None:
    sent = body(DossierSubmittedV1, dataschema=dataschema)

    assert outcome(sent) == (TypeUnknown, "dataschema", ITS_LANE)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"time": ...}, "time"),
        ({"time": "yesterday"}, "time"),
        ({"data__procedure": "1.2"}, "data.procedure"),
        ({"data__procedure": ...}, "data.procedure"),
        ({"data__owner__name": ...}, "data.owner.name"),
        ({"data__components": [{"code": "1"}]}, "data.components.0.name"),
        ({"data__components": {"0": 1}}, "data.components"),
        ({"data__owner": []}, "data.owner"),
        ({"data__facts": {"urgent": None}}, "data.facts.urgent"),
        ({"data__facts": {"urgent": [1]}}, "data.facts.urgent"),
        ({"data__facts": {"urgent": {"bool": 1}}}, "data.facts.urgent"),
        ({"data__facts": {"BAD KEY": 1}}, "data.facts.?"),
        ({"data__facts": {"Bad": 1}}, "data.facts.Bad"),
        ({"extra": 1}, "extra"),
        ({"data__extra": 1}, "data.extra"),
        ({"data__Nguyễn Văn Mẫu": 1}, "data.?"),
        ({"data__012345678901": 1}, "data.?"),
        ({"data": "text"}, "data"),
    ],
    ids=str,
)
def test_a_wrong_field_is_named_by_its_path(change: dict[str, Any], path: str) -> None:
    assert outcome(body(DossierSubmittedV1, **change)) == (SchemaInvalid, path, ITS_LANE)


def test_true_is_not_taken_for_one() -> None:
    assert outcome(body(StepCompletedV1, data__round=True))[:2] == (SchemaInvalid, "data.round")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"data__title": ...}, "Trường “data.title” bị thiếu (missing)."),
        ({"data__title": 1}, "Trường “data.title” phải là chuỗi ký tự (string_type)."),
        (
            {"data__facts": {f"f{n}": 1 for n in range(51)}},
            "Trường “data.facts” có quá nhiều phần tử (too_long).",
        ),
        (
            {"time": 1},
            "Trường “time” phải là thời điểm UTC theo RFC 3339, kết thúc bằng Z (not_utc).",
        ),
    ],
)
def test_an_official_reads_in_vietnamese_what_is_wrong(change: dict[str, Any], words: str) -> None:
    assert refusal(body(DossierSubmittedV1, **change)).error.text_vi == words


def test_the_number_of_wrong_fields_is_told() -> None:
    error = refusal(body(DossierSubmittedV1, time=..., data__title=..., data__area=...)).error

    assert error.facts == {"errors": 3}


# --- the lane of a message that cannot be taken ----------------------------------------------


@pytest.mark.parametrize(
    ("change", "lane"),
    [
        ({}, ITS_LANE),
        ({"id": "{01955a2f-6e80-7a31-8c55-0d1f6a2b3c01}"}, {"id": None}),
        ({"id": "１1955a2f-6e80-7a31-8c55-0d1f6a2b3c01"}, {"id": None}),
        ({"id": 7}, {"id": None}),
        ({"source": "somebody"}, {"source": None}),
        ({"source": "H63\n"}, {"source": None}),
        ({"source": "H63" + ".123456" * 5}, {"source": None}),
        ({"subject": ["H63.140.05-250303-0001"]}, {"subject": None}),
        ({"subject": ...}, {"subject": None}),
        ({"sequence": "1"}, {"sequence": None}),
        ({"sequence": "٠٠٠٠٠٠٠٠٠١"}, {"sequence": None}),
        ({"sequence": 1}, {"sequence": None}),
    ],
    ids=str,
)
def test_the_lane_is_read_as_far_as_it_can_be(change: dict[str, Any], lane: Any) -> None:
    """A bad message must not hold up the good ones behind it."""
    expected = lane
    if isinstance(lane, dict):
        expected = Lane(**{name: getattr(ITS_LANE, name) for name in ITS_LANE.__slots__} | lane)

    assert refusal(body(DossierSubmittedV1, data="wrong", **change)).lane == expected


def test_the_refusal_shows_the_errors_words_and_hides_what_caused_it() -> None:
    refused = refusal(body(DossierSubmittedV1, data__title=17))

    assert str(refused) == str(refused.error)
    assert refused.__cause__ is None
    assert refused.__suppress_context__
