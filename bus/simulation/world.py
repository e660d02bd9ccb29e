"""The machinery of a rehearsal: a hub, one edge node for every agency, and what joins them.

Embedded: kombu in memory and SQLite files in a folder of its own. Over servers: RabbitMQ and
PostgreSQL, with every agency behind the account of the given URL.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import Engine

from bus.adapters.file_drop.options import FileDropOptions
from bus.adapters.file_drop.source import FileDropSource
from bus.bootstrap import EdgeSteps, HubSteps, Means, edge_steps, hub_steps
from bus.crypto.jws import DirectoryVerifier, KeySigner
from bus.crypto.keys import new_key
from bus.ids import Account, AgencyCode, slug, uuid7
from bus.routing.clock import WorkingCalendar
from bus.routing.province import Catalogue
from bus.routing.retry import RetryPolicy
from bus.schemas.address import agency_queue, hub_queues
from bus.schemas.directory import AgencyEntry, KeyAlgorithm, Role
from bus.schemas.province import Province
from bus.simulation.joints import Joints
from bus.simulation.officials import Officials, Outage
from bus.simulation.script import Script
from bus.simulation.turned_clock import TurnedClock, office_slot
from bus.simulation.workload import START
from bus.storage.edge import SqlEdgeStore
from bus.storage.hub import SqlHubStore
from bus.storage.queries import HubQueries
from bus.storage.tasks import SqlTaskStore
from bus.workers.collect import Served
from bus.workers.deliver import Hub
from bus.workers.relay import RelayPolicy

PARTITIONS: Final = 16
_ANSWER: Final = timedelta(days=2)
"""Nothing is lost in a rehearsal, so nothing is sent again for want of an answer."""
_KEY_DAYS: Final = 3650


class CountedIds:
    """Ids of a rehearsal: as the real ones, with a counter for chance."""

    def __init__(self) -> None:
        self._count = count(1)

    def new(self, at: datetime) -> UUID:
        """Return the next id."""
        return uuid7(int(at.timestamp() * 1000), next(self._count).to_bytes(10, "big"))


@dataclass(frozen=True, slots=True)
class World:
    """Everything a rehearsal turns: steps in order, and what it asks to see how things stand."""

    clock: TurnedClock
    catalogue: Catalogue
    steps: Sequence[Callable[[], bool]]
    officials: dict[AgencyCode, Officials]
    hub: SqlHubStore
    edge: SqlEdgeStore
    queries: HubQueries
    engine: Engine
    inboxes: Path
    keys: "Keys"
    means: Means

    @property
    def agencies(self) -> tuple[AgencyCode, ...]:
        """The agencies that take part."""
        return tuple(self.officials)


@dataclass(frozen=True, slots=True)
class Keys:
    """The signers of a rehearsal, by agency."""

    province: Province
    signers: dict[AgencyCode, KeySigner]
    hub: AgencyCode


@contextmanager
def build(
    province: Province,
    script: Script,
    outages: dict[AgencyCode, Outage],
    folder: Path,
    joints: Joints,
    *,
    start: datetime = START,
    following: Province | None = None,
    takes_part: Callable[[AgencyEntry], bool] = lambda _entry: True,
) -> Iterator[World]:
    """Build the machinery of a rehearsal and take it down afterwards.

    `following` is a version of the directory that is published later: its agencies have keys,
    queues and officials from the beginning. It lists every agency of the first. Only those who
    `takes_part` names have any.
    """
    keys = _with_keys(following or province, joints.account)
    first = _first_of(province, keys.province)
    clock = TurnedClock(start)
    means = Means(clock, CountedIds(), lambda: 0.5)
    agencies = keys.province.directory.agencies
    present = [
        entry
        for entry in agencies
        if takes_part(entry) and (entry.valid_to is None or start.date() <= entry.valid_to)
    ]
    everyone = [entry for entry in present if Role.HUB not in entry.roles]
    with ExitStack() as stack:
        stack.enter_context(joints.opened(present, PARTITIONS))
        store = SqlHubStore(joints.hub_engine, PARTITIONS)
        version = store.publish(first, at=start, actor="bus demo", reason="rehearsal")
        catalogue = Catalogue(version, first)
        officials = {
            entry.code: _office(entry, script, outages, catalogue.calendar, clock, folder)
            for entry in everyone
        }
        edge = SqlEdgeStore(joints.edge_engine)
        hub = _hub(joints, store, keys, means)
        node = _node(joints, edge, keys, means, officials)
        yield World(
            clock=clock,
            catalogue=catalogue,
            steps=(
                node.collect.step,
                node.relay.step,
                hub.ingress.step,
                hub.timers.step,
                hub.redeliver.step,
                node.deliver.step,
            ),
            officials=officials,
            hub=store,
            edge=edge,
            queries=HubQueries(joints.hub_engine),
            engine=joints.hub_engine,
            inboxes=folder / "inbox",
            keys=keys,
            means=means,
        )


def _office(  # noqa: PLR0917 -- what an office of a rehearsal is made of
    entry: AgencyEntry,
    script: Script,
    outages: Mapping[AgencyCode, Outage],
    calendar: WorkingCalendar,
    clock: TurnedClock,
    folder: Path,
) -> Officials:
    """Return the officials of an agency; each has an outage of its own, none by default."""
    return Officials(
        agency=entry.code,
        script=script,
        clock=clock,
        pace=partial(_office_pace, calendar),
        outage=outages.get(entry.code) or Outage(),
        files=_files(entry, clock, folder / "inbox"),
    )


def _hub(joints: Joints, store: SqlHubStore, keys: Keys, means: Means) -> HubSteps:
    return hub_steps(
        store=store,
        tasks=SqlTaskStore(joints.hub_engine),
        consumer=joints.consumer(hub_queues(PARTITIONS), "hub"),
        ingress_publisher=joints.publisher("hub-ingress"),
        clock_publisher=joints.publisher("hub-clock"),
        hub=keys.hub,
        signer=keys.signers[keys.hub],
        partitions=PARTITIONS,
        policy=RetryPolicy(answer=_ANSWER),
        means=means,
        wait=joints.wait,
    )


def _node(
    joints: Joints,
    store: SqlEdgeStore,
    keys: Keys,
    means: Means,
    officials: Mapping[AgencyCode, Officials],
) -> EdgeSteps:
    return edge_steps(
        store=store,
        consumer=joints.consumer([agency_queue(code) for code in officials], "edge"),
        relay_publisher=joints.publisher("edge-relay"),
        receipt_publisher=joints.publisher("edge-receipts"),
        served=[Served(code, keys.signers[code], one, one) for code, one in officials.items()],
        account=joints.account,
        hub=Hub(keys.hub, DirectoryVerifier(keys.province.directory.keys)),
        partitions=PARTITIONS,
        policy=RelayPolicy(window=10_000, answer=_ANSWER),
        heartbeat=timedelta(days=1),
        means=means,
        wait=joints.wait,
    )


def _with_keys(province: Province, account: Account) -> Keys:
    """Give every agency a new key and the one account of the rehearsal."""
    signers: dict[AgencyCode, KeySigner] = {}
    public = []
    for entry in province.directory.agencies:
        key, pem = new_key(entry.code, KeyAlgorithm.ES256, START, _KEY_DAYS)
        signers[entry.code] = KeySigner(key.kid, pem, key.algorithm)
        public.append(key)
    agencies = tuple(
        entry.model_copy(update={"account": account}) for entry in province.directory.agencies
    )
    directory = province.directory.model_copy(update={"agencies": agencies, "keys": tuple(public)})
    hub = next(entry.code for entry in agencies if Role.HUB in entry.roles)
    return Keys(province.model_copy(update={"directory": directory}), signers, hub)


def _first_of(province: Province, keyed: Province) -> Province:
    """Return a province with the account and the keys its agencies have in a later version."""
    if province.directory.agencies == keyed.directory.agencies:
        return keyed
    codes = {entry.code for entry in province.directory.agencies}
    account = keyed.directory.agencies[0].account
    agencies = tuple(
        entry.model_copy(update={"account": account}) for entry in province.directory.agencies
    )
    keys = tuple(key for key in keyed.directory.keys if key.agency in codes)
    directory = province.directory.model_copy(update={"agencies": agencies, "keys": keys})
    return province.model_copy(update={"directory": directory})


def _files(entry: AgencyEntry, clock: TurnedClock, inboxes: Path) -> FileDropSource | None:
    """Return the folder in which a one-stop unit drops its files; others have none."""
    if Role.ONE_STOP_UNIT not in entry.roles:
        return None
    inbox = inboxes / slug(entry.code)
    inbox.mkdir(parents=True, exist_ok=True)
    options = FileDropOptions(
        kind="file_drop",
        inbox=inbox,
        outbox=inboxes.parent / "outbox" / slug(entry.code),
        area=entry.area,
        stable_seconds=0,
    )
    return FileDropSource(options, clock)


def _office_pace(calendar: WorkingCalendar, after: datetime, slots: int) -> datetime:
    return office_slot(after, slots, calendar)
