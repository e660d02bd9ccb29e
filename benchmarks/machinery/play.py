"""One run: queues full, a hub started, throughput, the time of one hop, and the checks."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from benchmarks.machinery.checks import expected_outgoing, faults
from benchmarks.machinery.drain import Drained, watch
from benchmarks.machinery.hop import Seen, empty, hops
from benchmarks.machinery.hub_node import HubNode, hub_node
from benchmarks.machinery.servers import Servers
from benchmarks.machinery.stage import PARTITIONS, Stage
from bus.broker.apply import apply
from bus.broker.rabbit import RabbitConsumer, RabbitPublisher
from bus.broker.remove import remove, require_unused
from bus.broker.topology import topology_of
from bus.ports import Outgoing, Published
from bus.schemas.address import agency_queue
from bus.storage.engine import open_engine
from bus.storage.hub import SqlHubStore
from bus.storage.migrate import migrate

RATE: Final = 50.0
"""Messages a second while the time of one hop is measured."""
_AHEAD: Final = 40
"""Messages each agency's queue hands out ahead to whoever empties them."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured; `small` uses the agencies of one district and the province only."""

    messages: int
    hops: int
    batch: int
    small: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """What the hub did; `faults` says why it does not count."""

    drained: Drained
    hop_seconds: Sequence[float]
    rss_mb: float
    faults: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Run:
    """What the parts of a run share."""

    servers: Servers
    stage: Stage
    engine: Engine
    publisher: RabbitPublisher
    say: Callable[[str], None]


def play(
    servers: Servers,
    stage: Stage,
    messages: Sequence[Outgoing],
    scale: Scale,
    *,
    say: Callable[[str], None],
) -> Figures:
    """Set everything up, measure, check, and take down what was put up."""
    topology = topology_of(stage.agencies, PARTITIONS, servers.vhost)
    require_unused(servers.amqp, topology)
    say(f"declaring {len(topology.queues)} queues")
    apply(servers.amqp, topology)
    engine = open_engine(servers.in_schema)
    publisher = RabbitPublisher(servers.amqp, name="benchmark")
    try:
        migrate(engine, "hub")
        store = SqlHubStore(engine, PARTITIONS)
        store.publish(stage.province, at=datetime.now(UTC), actor="benchmark", reason="benchmark")
        seen = Seen()
        run = _Run(servers, stage, engine, publisher, say)
        drained, hop_seconds, rss_mb = _measured(run, messages, scale, seen)
        say("checking the ledger")
        return Figures(drained, hop_seconds, rss_mb, faults(engine, store, messages, seen))
    finally:
        publisher.close()
        engine.dispose()
        if not servers.private:
            remove(servers.amqp, topology)


def _measured(
    run: _Run, messages: Sequence[Outgoing], scale: Scale, seen: Seen
) -> tuple[Drained, list[float], float]:
    waiting, paced = messages[: scale.messages], messages[scale.messages :]
    run.say(f"{len(waiting)} signed messages into RabbitMQ")
    if set(run.publisher.publish(waiting)) != {Published.CONFIRMED}:
        raise SystemExit("handoff: RabbitMQ did not confirm the messages")
    with (
        tempfile.TemporaryDirectory(prefix="lienthong-bench-") as folder,
        hub_node(run.servers, run.stage, Path(folder), batch=scale.batch) as hub,
    ):
        drained = watch(run.servers.amqp, hub, len(waiting))
        run.say(f"one hub took them, {drained.per_second:,.0f} a second")
        hop_seconds = _hops(run, paced, hub, seen)
        return drained, hop_seconds, hub.peak_rss_mb()


def _hops(run: _Run, paced: Sequence[Outgoing], hub: HubNode, seen: Seen) -> list[float]:
    """Empty the agencies' queues first, so that the way through them is free."""
    agencies = [entry.code for entry in run.stage.agencies if entry.code != run.stage.hub]
    queues = [agency_queue(code) for code in agencies]
    consumer = RabbitConsumer(
        run.servers.amqp, queues, name="benchmark-agencies", prefetch=_AHEAD * len(queues)
    )
    try:
        empty(consumer, seen, expected_outgoing(run.engine))
        run.say(f"{len(paced)} messages at {RATE:g} a second")
        hop_seconds = hops(run.publisher, consumer, hub, paced, rate=RATE, seen=seen)
        empty(consumer, seen, expected_outgoing(run.engine))
    finally:
        consumer.close()
    return hop_seconds
