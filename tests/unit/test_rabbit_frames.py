"""What a sender puts into a message's properties must not end the reader's connection."""

import struct

import pytest
from pika import frame, spec

from bus.broker.headers import text_of
from bus.broker.rabbit_frames import read_frame
from tests.support.beyond import BEYOND_THE_CALENDAR


def header(**properties: object) -> bytes:
    written: bytes = frame.Header(3, 17, spec.BasicProperties(**properties)).marshal()  # type: ignore[arg-type]
    return written


def read(written: bytes) -> frame.Header:
    length, found = read_frame(written + b"the next one")
    assert length == len(written)
    assert isinstance(found, frame.Header)
    assert (found.channel_number, found.body_size) == (3, 17)
    return found


def test_headers_that_can_be_read_come_as_they_are() -> None:
    found = read(header(headers={"jws": "a..b"}, user_id="h63-01"))

    assert found.properties.headers == {"jws": "a..b"}


@pytest.mark.parametrize("before", [{}, {"content_type": "text/plain", "content_encoding": "x"}])
@pytest.mark.parametrize("value", [BEYOND_THE_CALENDAR, [{"deep": BEYOND_THE_CALENDAR}]])
def test_headers_that_no_calendar_has_are_left_out_and_the_rest_is_read(
    before: dict[str, str], value: object
) -> None:
    written = header(
        headers={"at": value, "jws": "a..b"}, user_id="h63-01", message_id="7", **before
    )

    properties = read(written).properties

    assert properties.headers is None
    assert (properties.user_id, properties.message_id) == ("h63-01", "7")
    assert properties.content_type == before.get("content_type")


def test_a_kind_of_header_that_pika_does_not_know_is_left_out_too() -> None:
    written = header(headers={"odd": True}, user_id="h63-01").replace(b"\x03oddt", b"\x03oddq")

    assert read(written).properties.headers is None


def test_half_a_frame_is_waited_for() -> None:
    assert read_frame(header(headers={"jws": "a..b"})[:-3]) == (0, None)


def test_what_is_broken_and_no_header_is_still_an_error() -> None:
    nonsense = struct.pack(">BHL", spec.FRAME_METHOD, 1, 2) + b"\x00\x01" + b"\xce"

    with pytest.raises(struct.error):
        read_frame(nonsense)


def test_a_short_text_that_is_not_utf8_is_still_a_text() -> None:
    """It comes as bytes then, and the evidence of it could not be stored."""
    assert text_of(b"\xffid") == "\ufffdid"
    assert text_of("id") == "id"
    assert text_of(None) is None
