"""Reads what the broker sends, also where a sender put into the headers what pika cannot hold.

AMQP can write moments beyond the calendar, and numbers that are none. pika ends the connection
over them, and the broker hands the same message out again: one message would keep a hub from all
the others. Here it comes without its headers, which is a message without signature.
"""

import struct
from typing import Final

from pika import SelectConnection, exceptions, frame, spec

_UNREADABLE: Final = (
    ValueError,
    OverflowError,
    OSError,
    struct.error,
    exceptions.InvalidFieldTypeException,
)
_BEFORE_HEADERS: Final = (
    spec.BasicProperties.FLAG_CONTENT_TYPE,
    spec.BasicProperties.FLAG_CONTENT_ENCODING,
)
_START: Final = struct.Struct(">BHL")  # type, channel, size of what follows
_CONTENT: Final = struct.Struct(">HHQ")  # class, weight, size of the body
_FLAGS: Final = struct.Struct(">H")
_LENGTH: Final = struct.Struct(">I")


class TolerantConnection(SelectConnection):
    """A connection that no message's headers can end."""

    def _read_frame(self) -> tuple[int, object]:
        return read_frame(self._frame_buffer)  # type: ignore[attr-defined]  # pika's own


def read_frame(received: bytes) -> tuple[int, object]:
    """Return how many bytes the first frame takes, and the frame; 0 and None: not all is here."""
    try:
        return frame.decode_frame(received)
    except _UNREADABLE:
        kind, channel, size = _START.unpack_from(received)
        if kind != spec.FRAME_HEADER:
            raise
        begin = _START.size
        _, _, body_size = _CONTENT.unpack_from(received, begin)
        properties = spec.BasicProperties()
        properties.decode(_without_headers(received[begin + _CONTENT.size : begin + size]))
        return begin + size + spec.FRAME_END_SIZE, frame.Header(channel, body_size, properties)


def _without_headers(written: bytes) -> bytes:
    """Return the properties of a message as written, without their table of headers."""
    (flags,) = _FLAGS.unpack_from(written)
    begin = _FLAGS.size
    for flag in _BEFORE_HEADERS:
        if flags & flag:
            begin += 1 + written[begin]
    end = begin + _LENGTH.size + _LENGTH.unpack_from(written, begin)[0]
    flags &= ~spec.BasicProperties.FLAG_HEADERS
    return _FLAGS.pack(flags) + written[_FLAGS.size : begin] + written[end:]
