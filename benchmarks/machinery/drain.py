"""How fast the hub empties its queues: the middle of a run, without its start and end."""

import time
from dataclasses import dataclass
from typing import Final

import pika
from pika.adapters.blocking_connection import BlockingChannel

from benchmarks.machinery.hub_node import HubNode
from benchmarks.machinery.stage import PARTITIONS
from bus.ids import Partition
from bus.schemas.address import hub_queue

WARM_UP: Final = 0.15
"""Share of the messages the hub may take before the clock runs."""
END: Final = 0.95
"""Share after which the clock stops: the last batches are not full."""
_LOOK: Final = 0.05
_LONGEST: Final = 600.0


@dataclass(frozen=True, slots=True)
class Drained:
    """What was seen while the hub emptied its queues."""

    messages: int
    seconds: float
    hub_cpu_seconds: float

    @property
    def per_second(self) -> float:
        """Messages taken for good in a second: committed, published, acknowledged."""
        return self.messages / self.seconds

    @property
    def hub_cpu(self) -> float:
        """How much of one processor the hub used."""
        return self.hub_cpu_seconds / self.seconds


def watch(amqp: str, hub: HubNode, total: int) -> Drained:
    """Look at the hub's queues until they are empty.

    The hub acknowledges what it committed and published, so a queue gets shorter by what is done;
    what is handed out and not acknowledged is the same at both marks.
    """
    start = time.perf_counter()
    marks: list[tuple[float, int, float]] = []
    with pika.BlockingConnection(pika.URLParameters(amqp)) as connection:
        channel = connection.channel()
        while True:
            hub.require_alive()
            taken = total - waiting(channel)
            now = time.perf_counter()
            marks.append((now, taken, hub.cpu_seconds()))
            if taken >= total:
                break
            if now - start > _LONGEST:
                raise SystemExit(f"after {_LONGEST:g} s the hub took {taken} of {total} messages")
            connection.sleep(_LOOK)
    first = next(mark for mark in marks if mark[1] >= WARM_UP * total)
    last = next(mark for mark in marks if mark[1] >= END * total)
    if last[0] <= first[0]:
        raise SystemExit(f"{total} messages are too few to measure; ask for more")
    return Drained(last[1] - first[1], last[0] - first[0], last[2] - first[2])


def waiting(channel: BlockingChannel) -> int:
    """Return how many messages the hub's ordered queues hold."""
    return sum(depth(channel, hub_queue(Partition(number))) for number in range(PARTITIONS))


def depth(channel: BlockingChannel, queue: str) -> int:
    """Return how many messages a queue holds that nobody was handed yet."""
    return channel.queue_declare(queue, passive=True).method.message_count or 0
