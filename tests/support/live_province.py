"""A province on real servers: a hub process that can be killed, and edges in threads of the test.

The directory is the sample province with new keys, every agency behind one broker account; the
clock is shifted to a day on which the province has its three levels.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pika

from bus.bootstrap import EdgeSteps, Means, RandomIds, SystemClock, edge_steps
from bus.broker.apply import apply
from bus.broker.rabbit import RabbitConsumer, RabbitPublisher
from bus.broker.topology import topology_of
from bus.crypto.jws import DirectoryVerifier, KeySigner
from bus.crypto.keys import new_key, write_private
from bus.ids import Account, AgencyCode, KeyId
from bus.routing.province import Catalogue
from bus.schemas.address import agency_queue
from bus.schemas.directory import KeyAlgorithm, Role, SigningKey
from bus.schemas.province import Province
from bus.simulation.officials import Officials, Script
from bus.storage.edge import SqlEdgeStore
from bus.storage.engine import open_engine
from bus.storage.hub import SqlHubStore
from bus.storage.migrate import migrate
from bus.storage.queries import HubQueries
from bus.workers.collect import Served
from bus.workers.deliver import Hub
from bus.workers.loop import Loop, Task
from bus.workers.relay import RelayPolicy
from tests.support.rabbitmq import eventually
from tests.support.walking import MONDAY, yen_bai

PARTITIONS = 4
SHIFT_DAYS = -((datetime.now(UTC) - MONDAY).days // 7) * 7
"""Whole weeks, so that a working day stays one."""


@dataclass
class Published:
    """The sample province with keys, as it is published for a test."""

    province: Province
    signers: dict[AgencyCode, KeySigner]
    pems: dict[AgencyCode, bytes]
    kids: dict[AgencyCode, KeyId]
    hub: AgencyCode


def with_keys(account: str | None) -> Published:
    """Give every agency a key, and one broker account unless None."""
    signers: dict[AgencyCode, KeySigner] = {}
    pems: dict[AgencyCode, bytes] = {}
    kids: dict[AgencyCode, KeyId] = {}
    public: list[SigningKey] = []
    for entry in yen_bai().province.directory.agencies:
        key, pem = new_key(entry.code, KeyAlgorithm.ES256, MONDAY - timedelta(days=30), 3650)
        signers[entry.code] = KeySigner(key.kid, pem, key.algorithm)
        pems[entry.code], kids[entry.code] = pem, key.kid
        public.append(key)
    agencies = yen_bai().province.directory.agencies
    if account is not None:
        agencies = tuple(
            entry.model_copy(update={"account": Account(account)}) for entry in agencies
        )
    directory = yen_bai().province.directory.model_copy(
        update={"agencies": agencies, "keys": tuple(public)}
    )
    hub = next(entry.code for entry in agencies if Role.HUB in entry.roles)
    province = yen_bai().province.model_copy(update={"directory": directory})
    return Published(province, signers, pems, kids, hub)


@dataclass
class HubProcess:
    """`bus hub run` as a process of its own."""

    config: Path
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = os.environ | {"BUS_CLOCK__SHIFT_DAYS": str(SHIFT_DAYS)}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bus", "hub", "run", "--config", str(self.config)],
                env=environment,
                stderr=log,
                stdout=log,
            )

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=10)

    def stop(self) -> int:
        """End it as an operator would, and return its exit code."""
        if self.process is None or self.process.poll() is not None:
            return 0 if self.process is None else self.process.returncode
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)


@dataclass
class LiveProvince:
    """Hub, edges and what can be asked of them."""

    published: Published
    catalogue: Catalogue
    hub: HubProcess
    queries: HubQueries
    store: SqlHubStore
    edge: SqlEdgeStore
    officials: dict[AgencyCode, Officials]
    clock: SystemClock
    amqp: str
    stack: ExitStack = field(default_factory=ExitStack)

    def wait(self, what: str, holds: Callable[[], bool], within: float = 60.0) -> None:
        """Wait until something holds, or fail with the hub's last words."""
        try:
            eventually(holds, within=within, what=what)
        except AssertionError as error:
            tail = self.hub.log.read_text(errors="replace")[-3000:]
            raise AssertionError(f"{error}\n{tail}") from error


@contextmanager
def live_province(
    amqp: str, database: str, folder: Path, *, script: Script, account: str
) -> Iterator[LiveProvince]:
    """Publish, apply, and run edges for every agency; the hub is started by the test."""
    published = with_keys(account)
    with ExitStack() as stack:
        engine = open_engine(database)
        stack.callback(engine.dispose)
        migrate(engine, "hub")
        store = SqlHubStore(engine, PARTITIONS)
        store.prepare()
        version = store.publish(published.province, at=MONDAY, actor="test", reason="test")
        apply(amqp, topology_of(published.province.directory.agencies, PARTITIONS, _vhost(amqp)))
        hub = HubProcess(hub_config(folder, amqp, database, published), folder / "hub.log")
        stack.callback(hub.stop)
        edge_engine = open_engine(f"sqlite:///{folder / 'edge.db'}")
        stack.callback(edge_engine.dispose)
        migrate(edge_engine, "edge")
        clock = SystemClock(SHIFT_DAYS)
        officials = {
            entry.code: Officials(
                agency=entry.code, script=script, clock=clock, pace=lambda after, _slots: after
            )
            for entry in published.province.directory.agencies
            if Role.HUB not in entry.roles
        }
        province = LiveProvince(
            published=published,
            catalogue=Catalogue(version, published.province),
            hub=hub,
            queries=HubQueries(engine),
            store=store,
            edge=SqlEdgeStore(edge_engine),
            officials=officials,
            clock=clock,
            amqp=amqp,
        )
        stack.enter_context(_running(_edge(province, account, stack)))
        yield province


def _edge(province: LiveProvince, account: str, stack: ExitStack) -> EdgeSteps:
    codes = list(province.officials)
    consumer = RabbitConsumer(
        province.amqp, [agency_queue(code) for code in codes], name="test-edge", prefetch=500
    )
    publishers = [RabbitPublisher(province.amqp, name=f"test-edge-{n}") for n in range(2)]
    stack.callback(consumer.close)
    for publisher in publishers:
        stack.callback(publisher.close)
    signers = province.published.signers
    return edge_steps(
        store=province.edge,
        consumer=consumer,
        relay_publisher=publishers[0],
        receipt_publisher=publishers[1],
        served=[
            Served(code, signers[code], province.officials[code], province.officials[code])
            for code in codes
        ],
        account=Account(account),
        hub=Hub(
            province.published.hub,
            DirectoryVerifier(province.published.province.directory.keys),
        ),
        partitions=PARTITIONS,
        policy=RelayPolicy(window=256, answer=timedelta(seconds=2), cap=timedelta(seconds=5)),
        heartbeat=timedelta(seconds=1),
        means=Means(province.clock, RandomIds()),
        wait=0.1,
    )


@contextmanager
def _running(steps: EdgeSteps) -> Iterator[None]:
    def relay() -> bool:
        steps.heartbeat.step()
        return steps.relay.step()

    loop = Loop(
        [
            Task("collect", steps.collect.step, 0.02),
            Task("relay", relay, 0.02),
            Task("deliver", steps.deliver.step, 0.0),
        ],
        lambda _name, _error: None,
    )
    thread = threading.Thread(target=loop.run, name="edges")
    thread.start()
    try:
        yield
    finally:
        loop.stop.set()
        thread.join()


def hub_config(folder: Path, amqp: str, database: str, published: Published) -> Path:
    """Write a hub's configuration and its key; return the file."""
    key = folder / f"{published.kids[published.hub]}.pem"
    write_private(key, published.pems[published.hub])
    config = folder / "hub.toml"
    config.write_text(
        f"""
[broker]
url = "{amqp}"
[database]
url = "{database}"
[hub]
agency = "{published.hub}"
key_file = "{key}"
partitions = {PARTITIONS}
batch = 20
[retry]
first_seconds = 1
answer_seconds = 2
cap_seconds = 5
[health]
listen = "127.0.0.1:0"
[log]
format = "json"
level = "info"
""",
        encoding="utf-8",
    )
    return config


def _vhost(amqp: str) -> str:
    return str(pika.URLParameters(amqp).virtual_host)
