"""One run: a backlog in the broker, the broker killed and started again, and the hub after it."""

import os
import signal
import socket
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pika
from sqlalchemy import Engine, func, select

from benchmarks.machinery.checks import expected_outgoing, ledger_faults, sent_deliveries
from benchmarks.machinery.drain import waiting
from benchmarks.machinery.hop import Seen, empty
from benchmarks.machinery.hub_node import HubNode, hub_node
from benchmarks.machinery.servers import Servers
from benchmarks.machinery.stage import PARTITIONS, Stage
from bus.broker.apply import apply
from bus.broker.rabbit import RabbitConsumer, RabbitPublisher
from bus.broker.topology import topology_of
from bus.ports import Outgoing, Published
from bus.schemas.address import AGENCY_IN, agency_queue
from bus.storage.engine import open_engine, reading
from bus.storage.hub import SqlHubStore
from bus.storage.hub_tables import inbox
from bus.storage.migrate import migrate
from tests.support.rabbitmq import RabbitNode

_LOOK: Final = 0.05
_LONGEST: Final = 600.0
_AHEAD: Final = 40


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured; the broker is away for `outage` seconds."""

    warm_up: int
    backlog: int
    outage: float
    batch: int
    small: bool


@dataclass(slots=True)
class Memory:
    """The most the hub had resident in each phase, in megabytes."""

    phase: str = "before"
    most: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds from the moment the broker took connections again; `faults` says why not to count.

    `left` counts what the broker did not take at its return: it goes out by the time-outs.
    """

    broker_start: float
    first_delivery: float
    drained: float
    left: int
    memory: dict[str, float]
    faults: Sequence[str]


def play(
    node: RabbitNode,
    servers: Servers,
    stage: Stage,
    messages: Sequence[Outgoing],
    scale: Scale,
    *,
    say: Callable[[str], None],
) -> Figures:
    """Set everything up, kill the broker and start it again, measure, check."""
    topology = topology_of(stage.agencies, PARTITIONS, servers.vhost)
    say(f"declaring {len(topology.queues)} queues")
    apply(servers.amqp, topology)
    engine = open_engine(servers.in_schema)
    try:
        migrate(engine, "hub")
        store = SqlHubStore(engine, PARTITIONS)
        store.publish(stage.province, at=datetime.now(UTC), actor="benchmark", reason="benchmark")
        with (
            tempfile.TemporaryDirectory(prefix="lienthong-bench-") as folder,
            hub_node(servers, stage, Path(folder), batch=scale.batch) as hub,
            _watched(hub) as memory,
        ):
            _publish(servers, messages[: scale.warm_up])
            _wait_until_taken(engine, hub, scale.warm_up)
            say(f"{scale.backlog} signed messages into RabbitMQ, and the hub stands still")
            with _standing_still(hub):
                _publish(servers, messages[scale.warm_up :])
                memory.phase = "outage"
                node.kill()
            say(f"no broker for {scale.outage:g} s")
            time.sleep(scale.outage)
            launched = time.perf_counter()
            node.launch()
            returned = _wait_for_port(node.port)
            memory.phase = "drain"
            first = _first_delivery(servers)
            say(f"first delivery {first - returned:.2f} s after the broker's return")
            drained = _drained(servers, engine, hub, len(messages))
            say(f"drained after {drained - returned:.1f} s; checking the ledger")
            memory.phase = "after"
            seen = _everything_out(servers, stage, engine)
        left, found = _checked(engine, store, messages, seen)
    finally:
        engine.dispose()
    return Figures(
        returned - launched, first - returned, drained - returned, left, memory.most, found
    )


def _publish(servers: Servers, messages: Sequence[Outgoing]) -> None:
    publisher = RabbitPublisher(servers.amqp, name="benchmark")
    try:
        if set(publisher.publish(messages)) != {Published.CONFIRMED}:
            raise SystemExit("recovery: RabbitMQ did not confirm the messages")
    finally:
        publisher.close()


@contextmanager
def _standing_still(hub: HubNode) -> Iterator[None]:
    """Stop the hub's process, so that what is published stays in the broker; then let it go on."""
    os.kill(hub.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(hub.process.pid, signal.SIGCONT)


@contextmanager
def _watched(hub: HubNode) -> Iterator[Memory]:
    """Look at the hub's memory all the time."""
    memory, over = Memory(), threading.Event()

    def look() -> None:
        while not over.wait(_LOOK):
            with suppress(OSError, IndexError):  # it may have ended
                now, phase = hub.rss_mb(), memory.phase
                memory.most[phase] = max(now, memory.most.get(phase, 0.0))

    thread = threading.Thread(target=look, name="memory")
    thread.start()
    try:
        yield memory
    finally:
        over.set()
        thread.join()


def _wait_for_port(port: int) -> float:
    """Return when the broker takes connections."""
    end = time.perf_counter() + _LONGEST
    while time.perf_counter() < end:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return time.perf_counter()
        time.sleep(0.005)
    raise SystemExit("recovery: the broker did not come back")


def _first_delivery(servers: Servers) -> float:
    """Return when the hub's first message to an agency is in the broker.

    A queue of our own sees it, which is gone with its connection.
    """
    with pika.BlockingConnection(pika.URLParameters(servers.amqp)) as connection:
        channel = connection.channel()
        queue = channel.queue_declare("", exclusive=True).method.queue
        channel.queue_bind(queue, AGENCY_IN, "#")
        for _ in channel.consume(queue, auto_ack=True, inactivity_timeout=_LONGEST):
            break
        return time.perf_counter()


def _drained(servers: Servers, engine: Engine, hub: HubNode, total: int) -> float:
    """Return when the hub has taken everything: nothing waits, and all is in its ledger."""
    with pika.BlockingConnection(pika.URLParameters(servers.amqp)) as connection:
        channel = connection.channel()
        while waiting(channel):
            hub.require_alive()
            connection.sleep(_LOOK)
    return _wait_until_taken(engine, hub, total)


def _wait_until_taken(engine: Engine, hub: HubNode, count: int) -> float:
    """Return when so many messages are in the ledger."""
    end = time.perf_counter() + _LONGEST
    while time.perf_counter() < end:
        hub.require_alive()
        with reading(engine) as connection:
            taken = connection.scalar(select(func.count()).select_from(inbox)) or 0
        if taken >= count:
            return time.perf_counter()
        time.sleep(_LOOK)
    raise SystemExit(f"recovery: {taken} of {count} messages were taken")


def _everything_out(servers: Servers, stage: Stage, engine: Engine) -> Seen:
    """Take everything out of the agencies' queues."""
    seen = Seen()
    queues = [agency_queue(entry.code) for entry in stage.agencies if entry.code != stage.hub]
    consumer = RabbitConsumer(
        servers.amqp, queues, name="benchmark-agencies", prefetch=_AHEAD * len(queues)
    )
    try:
        empty(consumer, seen, expected_outgoing(engine))
    finally:
        consumer.close()
    return seen


def _checked(
    engine: Engine, store: SqlHubStore, messages: Sequence[Outgoing], seen: Seen
) -> tuple[int, list[str]]:
    """Return how much was left to the time-outs, and what is not as it must be.

    A receipt may come twice: what was acknowledged when the broker died comes again.
    """
    wanted = {message.message_id for message in messages}
    sent = sent_deliveries(engine)
    published = Counter(seen.ids)
    twice = sum(published[id_] > 1 for id_ in sent)
    found = ledger_faults(engine, store, messages)
    if twice:
        found.append(f"{twice} of {len(sent)} deliveries came out more than once")
    if not wanted >= set(seen.accepted):
        found.append("a receipt names a message nobody sent")
    missing = sum(id_ not in published for id_ in sent) + len(wanted - set(seen.accepted))
    return missing, found
