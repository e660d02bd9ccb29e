"""The steps of one edge node for many agencies, joined as `bus adapter run` joins them."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from bus.bootstrap import Means, RandomIds, edge_steps, node
from bus.broker.rabbit import RabbitConsumer, RabbitPublisher
from bus.crypto.jws import DirectoryVerifier, KeySigner
from bus.ids import Account, AgencyCode
from bus.ports import Clock, Sink, Source
from bus.schemas.address import agency_queue
from bus.schemas.province import Province
from bus.storage.edge import SqlEdgeStore
from bus.workers.collect import Served
from bus.workers.deliver import Hub
from bus.workers.loop import Task
from bus.workers.relay import RelayPolicy
from tests.support.published import PARTITIONS


class System(Source, Sink, Protocol):
    """An agency's own system: both ways in one."""


@dataclass(frozen=True)
class Edges:
    """What the agencies of a province need to take part."""

    amqp: str
    account: str
    store: SqlEdgeStore
    province: Province
    hub: AgencyCode
    signers: Mapping[AgencyCode, KeySigner]
    systems: Mapping[AgencyCode, System]
    clock: Clock


def edge_tasks(edges: Edges, stack: ExitStack, *, look: float = 0.02) -> list[Task]:
    """Return the tasks of one edge node for all agencies; its connections end with the stack.

    `look`: seconds between two looks into the agencies' systems.
    """
    codes = list(edges.systems)
    consumer = RabbitConsumer(
        edges.amqp, [agency_queue(code) for code in codes], name="test-edge", prefetch=500
    )
    publishers = [RabbitPublisher(edges.amqp, name=f"test-edge-{n}") for n in range(2)]
    stack.callback(consumer.close)
    for publisher in publishers:
        stack.callback(publisher.close)
    systems = edges.systems
    steps = edge_steps(
        store=edges.store,
        consumer=consumer,
        relay_publisher=publishers[0],
        receipt_publisher=publishers[1],
        served=[Served(code, edges.signers[code], systems[code], systems[code]) for code in codes],
        account=Account(edges.account),
        hub=Hub(edges.hub, DirectoryVerifier(edges.province.directory.keys)),
        partitions=PARTITIONS,
        policy=RelayPolicy(window=256, answer=timedelta(seconds=2), cap=timedelta(seconds=5)),
        heartbeat=timedelta(seconds=1),
        means=Means(edges.clock, RandomIds()),
        wait=0.1,
    )
    relayed = node.by_turns(steps.relay.step, steps.heartbeat.step)
    return [
        Task("collect", steps.collect.step, look),
        Task("relay", node.connected(relayed, publishers[0]), 0.02),
        Task("deliver", node.connected(steps.deliver.step, publishers[1]), 0.0),
    ]
