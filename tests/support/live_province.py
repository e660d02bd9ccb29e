"""A province on real servers: a hub process that can be killed, and edges in threads of the test.

The directory is the sample province with new keys; the clock is shifted to a day on which the
province has its three levels.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pika
from sqlalchemy import Engine

from bus.bootstrap import SystemClock
from bus.broker.address import account_of
from bus.broker.apply import apply
from bus.broker.topology import Topology, topology_of
from bus.ids import AgencyCode
from bus.ports import Change
from bus.routing.province import Catalogue
from bus.simulation.officials import Officials, Planned
from bus.simulation.script import Script
from bus.simulation.workload import Filing, plan
from bus.storage.edge import SqlEdgeStore
from bus.storage.engine import open_engine
from bus.storage.hub import SqlHubStore
from bus.storage.migrate import migrate
from bus.storage.queries import HubQueries
from bus.workers.loop import Loop, Task
from tests.support.edges import Edges, edge_tasks
from tests.support.legacy import RecordedOfficials
from tests.support.node_process import SHIFT_DAYS, HubProcess
from tests.support.published import PARTITIONS, Published, with_keys
from tests.support.rabbitmq import eventually
from tests.support.walking import MONDAY

_MOST_FILINGS: Final = 400
_CALM: Final = Script(seed=7, refusal_share=0.03, supplement_share=0)
"""No supplements: officials who act at once would take the paper before it was asked for."""


@dataclass(frozen=True)
class Roads:
    """Where broker and database are, and by which way hub and edges go there.

    `amqp` and `database` lead straight to the servers, for the test's own looks; a way that is
    left out is the straight one.
    """

    amqp: str
    database: str
    hub_amqp: str = ""
    hub_database: str = ""
    edge_amqp: str = ""

    @property
    def vhost(self) -> str:
        return str(pika.URLParameters(self.amqp).virtual_host)

    @property
    def account(self) -> str:
        return _account(self.amqp)


@dataclass
class LiveProvince:
    """Hub, edges and what can be asked of them."""

    roads: Roads
    folder: Path
    published: Published
    catalogue: Catalogue
    topology: Topology
    hub: HubProcess
    engine: Engine
    queries: HubQueries
    store: SqlHubStore
    edge_engine: Engine
    edge: SqlEdgeStore
    legacy: dict[AgencyCode, RecordedOfficials]
    clock: SystemClock
    filings: Iterator[Filing]
    trouble: list[str] = field(default_factory=list)
    """What kept the edges' workers from working, each time it was said."""
    submitted: int = 0

    def submit(self, dossiers: int) -> None:
        """Let citizens hand in so many dossiers, all at once."""
        now = self.clock.now()
        for _ in range(dossiers):
            filing = next(self.filings)
            data = filing.data.model_copy(update={"submitted_at": now, "accepted_at": now})
            change = Change(key=filing.code, dossier=filing.code, data=data, cursor="")
            self.legacy[filing.unit].hand_in(Planned(now, change))
            self.submitted += 1

    def entries(self) -> int:
        """Return how many entries the ledger has."""
        return self.queries.counts().ledger_entries

    def wait_for_entries(self, count: int, within: float = 60.0) -> None:
        """Wait until the ledger has so many entries."""
        self.wait(f"{count} ledger entries", lambda: self.entries() >= count, within)

    def wait(self, what: str, holds: Callable[[], bool], within: float = 60.0) -> None:
        """Wait until something holds, or fail with the hub's last words."""
        try:
            eventually(holds, within=within, what=what)
        except TimeoutError as error:
            raise AssertionError(f"{error}\n{self.hub.last_words()}") from error

    def another_hub(self, name: str, roads: Roads | None = None) -> HubProcess:
        """Return one more hub for the same province, not started; perhaps by ways of its own."""
        return _hub(roads or self.roads, self.folder, self.published, name)


@contextmanager
def live_province(
    roads: Roads,
    folder: Path,
    *,
    script: Script = _CALM,
    small: bool = True,
    seed: int = 7,
    edges_here: bool = True,
) -> Iterator[LiveProvince]:
    """Publish, apply, and run edges for every agency; the hub is started by the test.

    Without `edges_here` the test starts the edges too: `tests.support.edge_process`.
    """
    account, hub_account = _account(roads.edge_amqp or roads.amqp), _account(roads.hub_amqp)
    published = with_keys(account, hub_account=hub_account, small=small)
    with ExitStack() as stack:
        engine = open_engine(roads.database)
        stack.callback(engine.dispose)
        migrate(engine, "hub")
        store = SqlHubStore(engine, PARTITIONS)
        store.prepare()
        version = store.publish(published.province, at=MONDAY, actor="test", reason="test")
        topology = topology_of(published.province.directory.agencies, PARTITIONS, roads.vhost)
        apply(roads.amqp, topology)
        hub = _hub(roads, folder, published, "hub")
        stack.callback(hub.stop)
        edge_engine = open_engine(f"sqlite:///{folder / 'edge.db'}")
        stack.callback(edge_engine.dispose)
        migrate(edge_engine, "edge")
        clock = SystemClock(SHIFT_DAYS)
        catalogue = Catalogue(version, published.province)
        province = LiveProvince(
            roads=roads,
            folder=folder,
            published=published,
            catalogue=catalogue,
            topology=topology,
            hub=hub,
            engine=engine,
            queries=HubQueries(engine),
            store=store,
            edge_engine=edge_engine,
            edge=SqlEdgeStore(edge_engine),
            legacy={code: _legacy(code, script, clock) for code in published.edges},
            clock=clock,
            filings=iter(plan(catalogue, dossiers=_MOST_FILINGS, seed=seed)),
        )
        if edges_here:
            tasks = edge_tasks(_edges(province, account), stack)
            stack.enter_context(_running(tasks, province.trouble))
        yield province


def _account(amqp: str) -> str:
    """Return the account of a URL, nothing where there is no URL."""
    return account_of(pika.URLParameters(amqp)) if amqp else ""


def _legacy(code: AgencyCode, script: Script, clock: SystemClock) -> RecordedOfficials:
    return RecordedOfficials(
        Officials(agency=code, script=script, clock=clock, pace=lambda after, _slots: after)
    )


def _hub(roads: Roads, folder: Path, published: Published, name: str) -> HubProcess:
    amqp, database = roads.hub_amqp or roads.amqp, roads.hub_database or roads.database
    config = hub_config(folder, amqp, database, published, name=name)
    return HubProcess(config, folder / f"{name}.log")


def _edges(province: LiveProvince, account: str) -> Edges:
    return Edges(
        amqp=province.roads.edge_amqp or province.roads.amqp,
        account=account,
        store=province.edge,
        province=province.published.province,
        hub=province.published.hub,
        signers=province.published.signers,
        systems=province.legacy,
        clock=province.clock,
    )


@contextmanager
def _running(tasks: Sequence[Task], trouble: list[str]) -> Iterator[None]:
    def report(name: str, error: str | None) -> None:
        if error is not None:
            trouble.append(f"{name}: {error}")

    loop = Loop(tasks, report)
    thread = threading.Thread(target=loop.run, name="edges")
    thread.start()
    try:
        yield
    finally:
        loop.stop.set()
        thread.join()


def hub_config(
    folder: Path,
    amqp: str,
    database: str,
    published: Published,
    *,
    name: str = "hub",
    batch: int = 20,
    answer_seconds: int = 2,
) -> Path:
    """Write a hub's configuration and its key; return the file.

    Batch and fetching ahead are small, and as two to one like the defaults, so that a handful of
    dossiers fills them.
    """
    config = folder / f"{name}.toml"
    config.write_text(
        f"""
[broker]
url = "{amqp}"
prefetch = {2 * batch}
[database]
url = "{database}"
[hub]
agency = "{published.hub}"
key_file = "{published.write_key(published.hub, folder)}"
partitions = {PARTITIONS}
batch = {batch}
[retry]
first_seconds = 1
answer_seconds = {answer_seconds}
cap_seconds = {max(5, answer_seconds)}
[log]
format = "json"
level = "info"
""",
        encoding="utf-8",
    )
    return config
