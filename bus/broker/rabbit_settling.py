"""Settles messages of one channel, in whatever order their caller is done, with few frames."""

from collections.abc import Sequence
from dataclasses import dataclass

from pika.channel import Channel


@dataclass(frozen=True, slots=True)
class Handle:
    """A delivery: void on any other incarnation of the channel."""

    incarnation: int
    tag: int
    queue: str


class Settling:
    """What was settled on one channel; used in the connection's thread."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._floor = 0  # every tag up to here is settled
        self._settled: set[int] = set()  # and these above it

    def ack(self, handles: Sequence[Handle]) -> None:
        """Acknowledge, with as few frames as is right.

        A run of tags that begins right above the floor is acknowledged by its last: everything
        below was settled by the caller. That last tag must be one of these, as the broker does
        not know a tag that was settled before. All others go one by one.
        """
        tags = sorted(each.tag for each in handles)
        if not self._channel.is_open or not tags:
            return
        self._settled.update(tags)
        self._raise_floor()
        below = [tag for tag in tags if tag <= self._floor]
        if below:
            self._channel.basic_ack(below[-1], multiple=True)
        for tag in tags[len(below) :]:
            self._channel.basic_ack(tag)

    def reject(self, handles: Sequence[Handle]) -> None:
        """Reject for good: the broker dead-letters."""
        for handle in handles:
            if not self._channel.is_open:
                return
            self._settled.add(handle.tag)
            self._channel.basic_reject(handle.tag, requeue=False)
        self._raise_floor()

    def _raise_floor(self) -> None:
        while self._floor + 1 in self._settled:
            self._floor += 1
            self._settled.remove(self._floor)
