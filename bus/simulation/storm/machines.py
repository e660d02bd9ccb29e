"""The machines of a storm: a hub and edges that die and start again over their databases."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Final
from uuid import UUID

from sqlalchemy import Engine

from bus.bootstrap import Means, edge_steps, hub_steps, office_of
from bus.ids import Account, AgencyCode, uuid7
from bus.ports import Clock, HubStore
from bus.routing.retry import RetryPolicy
from bus.schemas.address import DEAD, agency_queue, hub_queues
from bus.simulation.storm.broker import Line, StormBroker, StormConsumer, StormPublisher
from bus.simulation.storm.faults import Countdown, FaultKind, Faults
from bus.simulation.storm.gate import Gate, gated, gated_hub_store, gated_store
from bus.simulation.storm.legacy import Legacy
from bus.simulation.storm.town import (
    HUB_ACCOUNT,
    PARTITIONS,
    SealSigner,
    SealVerifier,
    Town,
)
from bus.storage.cutover import SqlCutoverReader
from bus.storage.edge import SqlEdgeStore
from bus.storage.hub import SqlHubStore
from bus.storage.pulse import EdgePulse, HubPulse, awaited, edge_pulse, hub_pulse
from bus.storage.tasks import SqlTaskStore
from bus.workers.collect import Served
from bus.workers.cutover import Cutover
from bus.workers.dead import Dead
from bus.workers.deliver import Hub
from bus.workers.office import Office
from bus.workers.operate import Operator
from bus.workers.relay import RelayPolicy

HEARTBEAT: Final = timedelta(minutes=30)
LOOK_AGAIN: Final = timedelta(minutes=10)
"""How soon a worker looks again that found nothing although something is under way."""
HUB_POLICY: Final = RetryPolicy()
_EDGE_POLICY: Final = RelayPolicy(window=32)
_PREFETCH: Final = 400
_OPERATOR: Final = Operator("storm", "sắp xếp đơn vị hành chính")
_BATCH: Final = 3
"""Dossiers a cutover moves at once: few, so that it may die between them."""


def operators_office(town: Town, store: HubStore, means: Means) -> Office:
    """Return what an operator of the hub works with."""
    return office_of(
        store=store,
        hub=town.hub,
        signer=SealSigner(town.hub),
        partitions=PARTITIONS,
        policy=HUB_POLICY,
        means=means,
        compiled=town.catalogues,
    )


class WrongClock:
    """A machine's clock: the run's, and how far it is off."""

    def __init__(self, right: Clock) -> None:
        self._right = right
        self.off = timedelta(0)

    def now(self) -> datetime:
        """Return what this machine takes for the present moment."""
        return self._right.now() + self.off


class NumberedIds:
    """Ids of one machine, never the same twice, however often it starts again."""

    def __init__(self, machine: int) -> None:
        self._machine = machine.to_bytes(2, "big")
        self._count = count(1)

    def new(self, at: datetime) -> UUID:
        """Return the next id."""
        number = next(self._count).to_bytes(8, "big")
        return uuid7(int(at.timestamp() * 1000), self._machine + number)


@dataclass(slots=True, eq=False)
class Worker:
    """One worker of a machine: its step, and whether there may be something for it to do.

    `rests_until` is set where it failed, or found nothing although there was something.
    """

    name: str
    step: Callable[[], bool]
    ready: Callable[[], bool]
    failures: int = 0
    rests_until: datetime | None = None
    running: bool = False


@dataclass(frozen=True, slots=True)
class Around:
    """What all machines of a run have around them."""

    town: Town
    clock: Clock
    broker: StormBroker
    faults: Faults
    interrupt: Callable[[], None]


@dataclass(slots=True, eq=False)
class Process:
    """What every machine has: its name, clock, line to the broker, gate and database."""

    name: str
    number: int
    engine: Engine
    around: Around
    clock: WrongClock = field(init=False)
    line: Line = field(init=False)
    gate: Gate = field(init=False)
    means: Means = field(init=False)
    workers: list[Worker] = field(default_factory=list)
    down_until: datetime | None = None
    lives: int = 0
    _throws: int = 0
    _closing: list[StormConsumer | StormPublisher] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Set up what outlives a death."""
        around = self.around
        self.clock = WrongClock(around.clock)
        self.line = Line(
            self.name, disconnected=Countdown(around.faults, FaultKind.DISCONNECTED, self.name)
        )
        self.gate = Gate(self.name, around.faults, around.interrupt)
        self.means = Means(self.clock, NumberedIds(self.number), self._chance)

    def die(self, until: datetime) -> None:
        """Lose everything that is not in the database."""
        for one in self._closing:
            one.close()
        self._closing.clear()
        self.workers.clear()
        self.down_until = until

    def consumer(self, queues: Sequence[str]) -> StormConsumer:
        """Return a consumer that this process loses when it dies."""
        consumer = self.around.broker.consumer(queues, self.line, prefetch=_PREFETCH)
        self._closing.append(consumer)
        return consumer

    def publisher(self, account: Account) -> StormPublisher:
        """Return a publisher that this process loses when it dies."""
        publisher = self.around.broker.publisher(account, self.line)
        self._closing.append(publisher)
        return publisher

    def past(self, moment: datetime | None) -> bool:
        """Say whether a moment has come by this machine's clock."""
        return moment is not None and moment <= self.clock.now()

    def _chance(self) -> float:
        self._throws += 1
        return self.around.faults.throw("jitter", self.name, self._throws)


class HubMachine:
    """The hub, with the very steps of production."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.cutover_due = False
        self._pulse: HubPulse | None = None
        self._awaited: tuple[datetime, frozenset[AgencyCode]] | None = None

    def start(self) -> None:
        """Start the process anew over what its database holds."""
        process, town = self.process, self.process.around.town
        process.down_until = None
        process.lives += 1
        consumer = process.consumer(hub_queues(PARTITIONS))
        dead = process.consumer([DEAD])
        ingress, clocked = process.publisher(HUB_ACCOUNT), process.publisher(HUB_ACCOUNT)
        store = gated_hub_store(SqlHubStore(process.engine, PARTITIONS), process.gate)
        publisher = gated(ingress, process.gate, "ingress publisher")
        steps = hub_steps(
            store=store,
            tasks=gated_store(SqlTaskStore(process.engine), process.gate, "task store"),
            consumer=gated(consumer, process.gate, "hub consumer"),
            ingress_publisher=publisher,
            start=publisher.start,
            clock_publisher=gated(clocked, process.gate, "clock publisher"),
            hub=town.hub,
            signer=SealSigner(town.hub),
            partitions=PARTITIONS,
            policy=HUB_POLICY,
            means=process.means,
            wait=0,
            verifier=lambda _catalogue: SealVerifier(),
            compiled=town.catalogues,
        )
        letters = Dead(gated(dead, process.gate, "dead consumer"), store, process.clock, wait=0)
        ready = process.around.broker.ready
        process.workers = [
            Worker("ingress", steps.ingress.step, lambda: ready(consumer.queues)),
            Worker("redeliver", steps.redeliver.step, self._owes),
            Worker("timers", steps.timers.step, lambda: process.past(self.pulse().wake_at)),
            Worker("watch", steps.watch.step, lambda: process.past(self.pulse().alarm_at)),
            Worker("cutover", self._cutover(store), lambda: self.cutover_due),
            Worker("group retry", steps.group_retry.step, lambda: self.pulse().group_retries > 0),
            Worker("dead", letters.step, lambda: ready([DEAD])),
        ]
        self.touched()

    def _cutover(self, store: HubStore) -> Callable[[], bool]:
        """Return what an operator does from midnight on, until nothing is left to move."""
        process, town = self.process, self.process.around.town
        office = operators_office(town, store, process.means)
        reader = gated_store(SqlCutoverReader(process.engine), process.gate, "cutover reader")
        cutover = Cutover(store, reader, office, process.clock)

        def move() -> bool:
            done = cutover.run(town.reform.day, _OPERATOR, decisions={}, batch=_BATCH)
            self.cutover_due = done.dossiers > 0
            return self.cutover_due

        return move

    def pulse(self) -> HubPulse:
        """Return what is under way here, read again where somebody worked since."""
        if self._pulse is None:
            self._pulse = hub_pulse(self.process.engine)
        return self._pulse

    def awaited(self) -> frozenset[AgencyCode]:
        """Return the agencies the hub waits for longer than it should."""
        if not self.process.past(self.pulse().answer_at):
            return frozenset()
        now = self.process.clock.now()
        if self._awaited is None or self._awaited[0] != now:
            self._awaited = now, awaited(self.process.engine, now=now)
        return self._awaited[1]

    def touched(self) -> None:
        """Note that somebody worked on the database."""
        self._pulse = self._awaited = None

    def moments(self) -> list[datetime | None]:
        """Return when something is due here, by this machine's clock."""
        pulse = self.pulse()
        return [pulse.due_at, pulse.answer_at, pulse.wake_at, pulse.alarm_at, pulse.probe_at]

    def _owes(self) -> bool:
        pulse, past = self.pulse(), self.process.past
        return past(pulse.due_at) or past(pulse.answer_at) or past(pulse.probe_at)


class EdgeMachine:
    """An edge node that serves some agencies, with the very steps of production.

    `awaited` says whom the hub waits for: only then a heartbeat is news to it.
    """

    def __init__(
        self,
        process: Process,
        systems: Sequence[Legacy],
        awaited: Callable[[], frozenset[AgencyCode]],
    ) -> None:
        self.process = process
        self._systems = systems
        self._agencies = {system.officials.agency for system in systems}
        self._awaited = awaited
        self._beat_at: datetime | None = None
        self._pulse: EdgePulse | None = None

    def start(self) -> None:
        """Start the process anew over what its database holds."""
        process, gate = self.process, self.process.gate
        process.down_until = None
        process.lives += 1
        account = Account(process.name)
        consumer = process.consumer(
            [agency_queue(system.officials.agency) for system in self._systems]
        )
        steps = edge_steps(
            store=gated_store(SqlEdgeStore(process.engine), gate, "edge store"),
            consumer=gated(consumer, gate, "edge consumer"),
            relay_publisher=gated(process.publisher(account), gate, "relay publisher"),
            receipt_publisher=gated(process.publisher(account), gate, "receipt publisher"),
            served=[self._served(system) for system in self._systems],
            account=account,
            hub=Hub(process.around.town.hub, SealVerifier()),
            partitions=PARTITIONS,
            policy=_EDGE_POLICY,
            heartbeat=HEARTBEAT,
            means=process.means,
            wait=0,
        )

        def relay() -> bool:
            sent = steps.relay.step()
            if self._beat_due():
                steps.heartbeat.step()
                self._beat_at = process.clock.now() + HEARTBEAT
            return sent

        ready = process.around.broker.ready
        process.workers = [
            Worker("collect", steps.collect.step, lambda: any(s.speaks() for s in self._systems)),
            Worker("relay", relay, self._owes),
            Worker("deliver", steps.deliver.step, lambda: ready(consumer.queues)),
        ]
        self.touched()

    def pulse(self) -> EdgePulse:
        """Return what is under way here, read again where somebody worked since."""
        if self._pulse is None:
            self._pulse = edge_pulse(self.process.engine)
        return self._pulse

    def touched(self) -> None:
        """Note that somebody worked on the database."""
        self._pulse = None

    def moments(self) -> list[datetime | None]:
        """Return when something is due here, by this machine's clock."""
        return [self.pulse().again_at, self._beat_at if self._news() else None]

    def _owes(self) -> bool:
        pulse = self.pulse()
        return (
            pulse.queued + pulse.asked_for > 0
            or self.process.past(pulse.again_at)
            or self._beat_due()
        )

    def _beat_due(self) -> bool:
        return self._news() and (self._beat_at is None or self.process.past(self._beat_at))

    def _news(self) -> bool:
        return not self._agencies.isdisjoint(self._awaited())

    def _served(self, system: Legacy) -> Served:
        agency = system.officials.agency
        port = gated(system, self.process.gate, "legacy system")
        return Served(agency, SealSigner(agency), port, port)
