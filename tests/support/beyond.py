"""What AMQP can write and Python cannot read."""

from datetime import UTC, datetime
from time import struct_time
from typing import Final


class _Late(datetime):
    def utctimetuple(self) -> struct_time:
        return struct_time((1970, 1, 1, 10**12, 0, 0, 0, 1, 0))


BEYOND_THE_CALENDAR: Final = _Late(2025, 1, 1, tzinfo=UTC)
"""A moment that pika writes as so many seconds that no calendar has its year."""
