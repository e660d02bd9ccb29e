"""A hub that finds a long backlog: submissions by the thousand, with no officials behind them."""

import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

from bus.bootstrap import RandomIds, SystemClock
from bus.broker.apply import apply
from bus.broker.rabbit import RabbitConsumer, RabbitPublisher
from bus.broker.topology import Topology, topology_of
from bus.ids import AgencyCode, DossierCode, Partition, partition_of
from bus.ports import DeliveryState, OutboxRow, OutboxState, Outgoing, Published
from bus.routing import compose
from bus.routing.province import Catalogue
from bus.schemas.address import AGENCY_OUT, agency_queue, dossier_key
from bus.simulation.workload import Filing, plan
from bus.storage.edge import SqlEdgeStore
from bus.storage.engine import open_engine
from bus.storage.hub import SqlHubStore
from bus.storage.migrate import migrate
from bus.storage.queries import HubQueries
from bus.storage.views import HandoffLine
from bus.workers.catalogues import Catalogues
from bus.workers.verify import verify
from tests.support import published as province_of_test
from tests.support.live_province import Roads, hub_config
from tests.support.node_process import SHIFT_DAYS, EdgeProcess, HubProcess
from tests.support.published import PARTITIONS
from tests.support.rabbitmq import eventually
from tests.support.walking import MONDAY

PAGE: Final = 2000
"""Letters on a page of a form."""
_ALL: Final = 1_000_000
_TEMPLATES: Final = 60
_WARNED_AT_ONCE: Final = "1.001731"
"""Left out: its first step has two days, so the clock would add entries of its own."""
_CHUNK: Final = 1000
_DAY: Final = 86_400
_SLOWEST: Final = 25
"""Messages a second that even a loaded machine does."""


@dataclass
class HubAlone:
    """A hub on real servers, what it was or will be told, and what can be asked of it."""

    roads: Roads
    folder: Path
    published: province_of_test.Published
    topology: Topology
    hub: HubProcess
    queries: HubQueries
    store: SqlHubStore
    templates: Sequence[Filing]
    pages: int
    """How long the form of every submission is."""
    told: list[OutboxRow] = field(default_factory=list)
    """Everything agencies ever had to say, in their order."""

    @property
    def unit(self) -> AgencyCode:
        """The unit at which some of the dossiers are handed in."""
        return self.templates[0].unit

    def compose(self, count: int, *, unit: AgencyCode | None = None) -> list[OutboxRow]:
        """Return so many submissions, signed, at one unit or at all of them by turns."""
        clock, ids = SystemClock(SHIFT_DAYS), RandomIds()
        templates = [one for one in self.templates if unit in {None, one.unit}]
        form = {f"trang_{page}": "x" * PAGE for page in range(self.pages)}
        rows = []
        for number in range(len(self.told), len(self.told) + count):
            filing, now = templates[number % len(templates)], clock.now()
            dossier = DossierCode(f"{filing.unit}-250303-{number + 1:06d}")
            data = filing.data.model_copy(
                update={"submitted_at": now, "accepted_at": now, "form": form}
            )
            id_ = ids.new(now)
            body = compose.dossier_message(
                data, id_=id_, source=filing.unit, subject=dossier, sequence=1, time=now
            )
            rows.append(
                OutboxRow(
                    id=id_,
                    agency=filing.unit,
                    dossier=dossier,
                    sequence=1,
                    key=dossier,
                    type=compose.type_of(data),
                    body=body,
                    jws=self.published.signers[filing.unit].sign(body),
                    created_at=now,
                    state=OutboxState.QUEUED,
                )
            )
        self.told += rows
        return rows

    def publish(self, count: int) -> None:
        """Put so many submissions into the broker."""
        publisher = RabbitPublisher(self.roads.amqp, name="backlog")
        rows = self.compose(count)
        for first in range(0, count, _CHUNK):
            outcomes = publisher.publish([_outgoing(row) for row in rows[first : first + _CHUNK]])
            assert set(outcomes) == {Published.CONFIRMED}
        publisher.close()

    def wait_until_taken(self) -> None:
        """Wait until the hub has everything in its ledger."""
        self.wait(
            "all is taken", lambda: self.queries.counts().dossiers.submitted >= len(self.told)
        )

    def wait(self, what: str, holds: Callable[[], bool]) -> None:
        """Wait until something holds, long enough for all there is to do."""
        eventually(holds, within=60 + len(self.told) / _SLOWEST, what=what, every=0.25)

    def order_faults(self) -> list[str]:
        """Return where the ledger has not every message once, in the order of its partition."""
        said: defaultdict[Partition, list[UUID]] = defaultdict(list)
        for row in self.told:
            said[partition_of(row.dossier, PARTITIONS)].append(row.id)
        found = [*verify(self.queries, Catalogues(self.store)).faults]
        for partition, ids in said.items():
            known = set(ids)
            entries = self.queries.ledger(partition, limit=_ALL)
            if [one.id for one in entries if one.id in known] != ids:
                found.append(f"partition {partition}: not each message once in the order said")
        return found

    def under_way(self, agency: AgencyCode | None = None) -> list[HandoffLine]:
        """Return every hand-over that has gone out and has no receipt, of one agency or all."""
        return self.queries.handoffs(state=DeliveryState.SENT, agency=agency, limit=_ALL)

    def destination_faults(self) -> list[str]:
        """Empty the agencies' queues; return what is not there once, or not in order."""
        sent = {line.id: line for line in self.under_way()}
        came = self._empty(set(sent))
        counts = Counter(id_ for ids in came.values() for id_ in ids)
        found = [f"hand-over {id_} came {counts[id_]} times" for id_ in sent if counts[id_] != 1]
        for queue, ids in came.items():
            places: defaultdict[Partition, list[tuple[int, int]]] = defaultdict(list)
            for line in (sent[id_] for id_ in ids if id_ in sent):
                places[line.partition].append((line.cause, line.part))
            found += [f"{queue}: out of order" for each in places.values() if each != sorted(each)]
        return found

    def _empty(self, owed: set[UUID]) -> dict[str, list[UUID]]:
        queues = [agency_queue(code) for code in self.published.edges]
        consumer = RabbitConsumer(self.roads.amqp, queues, name="emptying", prefetch=5000)
        came: defaultdict[str, list[UUID]] = defaultdict(list)
        missing = set(owed)
        while received := consumer.receive(1000, 30 if missing else 1):
            for one in received:
                came[one.queue].append(UUID(one.message_id))
                missing.discard(came[one.queue][-1])
            consumer.ack(received)
        consumer.close()
        return came


@contextmanager
def hub_alone(roads: Roads, folder: Path, *, pages: int) -> Iterator[HubAlone]:
    """Publish and apply the small province; the hub is started by the test.

    Its batches are those of the default, and it sends nothing again: nobody answers.
    """
    published = province_of_test.with_keys(roads.account, small=True)
    with ExitStack() as stack:
        engine = open_engine(roads.database)
        stack.callback(engine.dispose)
        migrate(engine, "hub")
        store = SqlHubStore(engine, PARTITIONS)
        store.prepare()
        version = store.publish(published.province, at=MONDAY, actor="test", reason="test")
        topology = topology_of(published.province.directory.agencies, PARTITIONS, roads.vhost)
        apply(roads.amqp, topology)
        config = hub_config(
            folder, roads.amqp, roads.database, published, batch=200, answer_seconds=_DAY
        )
        hub = HubProcess(config, folder / "hub.log")
        stack.callback(hub.stop)
        filings = plan(Catalogue(version, published.province), dossiers=_TEMPLATES, seed=7)
        yield HubAlone(
            roads=roads,
            folder=folder,
            published=published,
            topology=topology,
            hub=hub,
            queries=HubQueries(engine),
            store=store,
            templates=[one for one in filings if one.data.procedure != _WARNED_AT_ONCE],
            pages=pages,
        )


@dataclass
class EdgeAlone:
    """`bus adapter run` for one agency, whose outbox is filled while it is not running."""

    town: HubAlone
    process: EdgeProcess
    store: SqlEdgeStore
    outbox: Path

    def fill(self, count: int) -> None:
        """Put so many submissions into the outbox."""
        unit = self.town.unit
        rows = self.town.compose(count, unit=unit)
        for first in range(0, count, _CHUNK):
            self.store.collect(unit, rows[first : first + _CHUNK], cursor=None)

    def wait_until_answered(self) -> None:
        """Wait until the hub has answered for everything."""
        unit = self.town.unit
        self.town.wait("all is answered", lambda: not self.store.unanswered([unit])[unit])

    def delivered(self) -> set[UUID]:
        """Return what was put before the agency's system: a file each."""
        return {UUID(path.stem) for path in self.outbox.glob("*.json")}


@contextmanager
def edge_alone(town: HubAlone) -> Iterator[EdgeAlone]:
    """Prepare an edge of one unit; it is started by the test. Its files lie in memory."""
    shared = Path("/dev/shm")  # noqa: S108 -- a folder of its own is made in it
    files = Path(tempfile.mkdtemp(dir=shared if shared.is_dir() else town.folder))
    engine = open_engine(f"sqlite:///{town.folder / 'one-edge.db'}")
    migrate(engine, "edge")
    process = EdgeProcess(_edge_config(town, files), town.folder / "edge.log")
    try:
        yield EdgeAlone(town, process, SqlEdgeStore(engine), files / "outbox")
    finally:
        process.stop()
        engine.dispose()
        shutil.rmtree(files)


def _edge_config(town: HubAlone, files: Path) -> Path:
    for name in ("inbox", "outbox"):
        (files / name).mkdir()
    published, unit = town.published, town.unit
    (key,) = (one for one in published.province.directory.keys if one.agency == published.hub)
    hub_key = town.folder / "hub.json"
    hub_key.write_text(key.model_dump_json(), encoding="utf-8")
    (entry,) = (one for one in published.province.directory.agencies if one.code == unit)
    config = town.folder / "edge.toml"
    config.write_text(
        f"""
[broker]
url = "{town.roads.amqp}"
[database]
url = "sqlite:///{town.folder / "one-edge.db"}"
[hub]
agency = "{published.hub}"
key = "{hub_key}"
partitions = {PARTITIONS}
[log]
format = "json"
[[agency]]
code = "{unit}"
key_file = "{published.write_key(unit, town.folder)}"
[agency.adapter]
kind = "file_drop"
inbox = "{files / "inbox"}"
outbox = "{files / "outbox"}"
area = "{entry.area}"
""",
        encoding="utf-8",
    )
    return config


def _outgoing(row: OutboxRow) -> Outgoing:
    return Outgoing(
        exchange=AGENCY_OUT,
        routing_key=dossier_key(row.agency, row.dossier, PARTITIONS),
        body=row.body,
        message_id=str(row.id),
        type=row.type,
        jws=row.jws,
        timestamp=row.created_at,
    )
