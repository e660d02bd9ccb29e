"""How long a hop takes at an even rate, from when a message should go to the delivery it causes."""

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.machinery.hub_node import HubNode
from bus.ports import Consumer, Outgoing, Publisher

STEP_REQUESTED = "step.requested"
_PATIENCE = 10.0


@dataclass(slots=True)
class Seen:
    """What came out of the agencies' queues."""

    ids: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    """Ids of the messages that `message.accepted` receipts name."""
    first_step: dict[str, float] = field(default_factory=dict)
    """When the first hand-over slip of a dossier was seen."""

    def take(self, consumer: Consumer, wait: float) -> int:
        """Take what is there and note it; return how many messages."""
        received = consumer.receive(500, wait)
        now = time.perf_counter()
        for one in received:
            message = json.loads(one.body)
            self.ids.append(message["id"])
            if message["type"] == "message.accepted":
                self.accepted.append(message["causationid"])
            elif message["type"] == STEP_REQUESTED:
                self.first_step.setdefault(message["subject"], now)
        consumer.ack(received)
        return len(received)


def empty(consumer: Consumer, seen: Seen, expected: int) -> None:
    """Take everything out of the agencies' queues, and wait a moment for more than expected."""
    last = time.perf_counter()
    while len(seen.ids) < expected:
        if seen.take(consumer, 0.5):
            last = time.perf_counter()
        elif time.perf_counter() - last > _PATIENCE:
            return
    seen.take(consumer, 0.5)


def hops(
    publisher: Publisher,
    consumer: Consumer,
    hub: HubNode,
    messages: Sequence[Outgoing],
    *,
    rate: float,
    seen: Seen,
) -> list[float]:
    """Send at an even rate and return each hop's seconds, counted from the intended moment.

    A message that could not be sent in time counts from when it should have been: what holds the
    sender up is part of what is measured.
    """
    subjects = [json.loads(message.body)["subject"] for message in messages]
    intended: dict[str, float] = {}
    sending = threading.Event()

    def send() -> None:
        start = time.perf_counter() + 0.1
        for number, (message, subject) in enumerate(zip(messages, subjects, strict=True)):
            intended[subject] = start + number / rate
            delay = intended[subject] - time.perf_counter()
            if delay > 0:
                time.sleep(delay)
            publisher.publish([message])
        sending.set()

    sender = threading.Thread(target=send, name="sender")
    sender.start()
    end = time.perf_counter() + len(messages) / rate + _PATIENCE
    while time.perf_counter() < end:
        hub.require_alive()
        seen.take(consumer, 0.05)
        if sending.is_set() and all(subject in seen.first_step for subject in subjects):
            break
    sender.join()
    return [seen.first_step[s] - intended[s] for s in subjects if s in seen.first_step]


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
