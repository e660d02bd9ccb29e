"""One run of the storm: who works next, when the clock is turned, when all is over."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Final

from sqlalchemy import Engine

from bus.bootstrap import Means
from bus.errors import BusError
from bus.ids import AgencyCode
from bus.ports import Change
from bus.routing.retry import jittered
from bus.schemas.dossier import DossierWithdrawnData
from bus.simulation.officials import Officials, Planned
from bus.simulation.script import Script
from bus.simulation.storm.broker import StormBroker
from bus.simulation.storm.faults import Faults, Level, Only
from bus.simulation.storm.gate import Killed
from bus.simulation.storm.history import History
from bus.simulation.storm.legacy import Book, Legacy
from bus.simulation.storm.machines import (
    LOOK_AGAIN,
    Around,
    EdgeMachine,
    HubMachine,
    NumberedIds,
    Process,
    Worker,
)
from bus.simulation.storm.operator_rounds import Rounds
from bus.simulation.storm.reform import MIDNIGHT, PUBLISHED
from bus.simulation.storm.remains import Remains
from bus.simulation.storm.strangers import Stranger, strangers
from bus.simulation.storm.town import PARTITIONS, Town, open_copy
from bus.simulation.storm.weather import STORM, Spell, forecast
from bus.simulation.turned_clock import TurnedClock
from bus.simulation.workload import START, Filing, plan
from bus.storage.edge_queries import EdgeQueries
from bus.storage.hub import SqlHubStore
from bus.storage.queries import HubQueries

_FIRST_REST: Final = timedelta(milliseconds=200)
_LONGEST_REST: Final = timedelta(seconds=30)
_LONGEST_DOWN: Final = timedelta(minutes=40)
_HORIZON: Final = timedelta(days=120)
_STILL: Final = timedelta(days=20)
"""Where nothing reached any system for so long after the storm, nothing will."""
_WITHDRAWN: Final = 0.08
_REFORMED: Final = 0.5
"""In how many runs an office ends."""
_ALL: Final = 1_000_000
_OUT_OF_ORDER: Final = 0.25
"""How often the workers do not take turns in the order that keeps most together."""
_WAY: Final = (
    "collect",
    "relay",
    "ingress",
    "timers",
    "cutover",
    "watch",
    "redeliver",
    "group retry",
    "deliver",
    "dead",
)
_RESTLESS: Final = 100
"""So many rounds of work in one moment have no end: somebody is busy with nothing."""
_GRIDS: Final = tuple(timedelta(hours=hours) for hours in (2, 8, 12, 24))
"""How often anybody looks at the clock: seldom, much comes together; often, faults do."""


@dataclass(slots=True)
class Databases:
    """Databases in memory that serve one run after another."""

    hub: Engine
    edges: dict[str, Engine]


Node = HubMachine | EdgeMachine


class Run:
    """One run, from the first filing until nothing is under way any more."""

    def __init__(
        self,
        town: Town,
        databases: Databases,
        *,
        seed: int,
        dossiers: int,
        level: Level,
        only: Only = None,
    ) -> None:
        self.town = town
        self.databases = databases
        self.clock = TurnedClock(START)
        self.history = History(self.clock.now)
        self.faults = Faults(seed, level, only=only, tell=partial(self.history.note, "fault"))
        self.book = Book()
        self.broken: list[str] = []
        """What a worker did that none may do, whatever strikes."""
        self._order = Random(seed)  # noqa: S311 -- repeatable on purpose, no secret
        self._interrupting = False
        self._grid = _GRIDS[int(self.faults.throw("grid") * len(_GRIDS))]
        self.broker = StormBroker(town.topology, self.clock, self.faults, self.history.note)
        self.systems = self._systems(seed)
        self.filings = self._file(seed, dossiers)
        around = Around(town, self.clock, self.broker, self.faults, self._interrupt)
        self.hub = HubMachine(Process("hub", 1, databases.hub, around))
        self.edges = [self._edge(number, name, around) for number, name in enumerate(town.nodes, 2)]
        self.nodes: list[Node] = [self.hub, *self.edges]
        processes = [edge.process for edge in self.edges]
        self._weather = forecast(
            START, self.faults, self.hub.process, processes, list(self.systems.values())
        )
        self._weather.append(Spell(START + STORM, self._calm))
        self._weather.sort(key=lambda spell: spell.at)
        self._reforms = self.faults.throw("reform") < _REFORMED
        if self._reforms:
            self._weather += [Spell(PUBLISHED, self._publish), Spell(MIDNIGHT, self._close)]
        self.strangers = strangers(town, self.faults)
        self._weather += [Spell(one.at, partial(self._arrive, one)) for one in self.strangers]
        self._weather.sort(key=lambda spell: spell.at)
        self.rounds = Rounds(databases.hub, town, Means(self.clock, NumberedIds(99), lambda: 0.5))
        self._last_effect = START

    # --- what there is --------------------------------------------------------------------

    def _systems(self, seed: int) -> dict[AgencyCode, Legacy]:
        script = Script(seed, refusal_share=0.02, supplement_share=0.05, talk_share=0.08)
        return {
            agency: Legacy(
                Officials(
                    agency, script, self.clock, _pace, around=self.town.acquaintances(agency)
                ),
                self.faults,
                self.clock,
                self.book,
                self.history.note,
            )
            for agency in self.town.agencies
        }

    def _file(self, seed: int, dossiers: int) -> list[Filing]:
        """Let citizens come, and some of them change their minds."""
        filings = plan(self.town.catalogue, dossiers=dossiers, seed=seed, units=self.town.units)
        for filing in filings:
            planned = self.systems[filing.unit].officials.planned
            change = Change(f"{filing.code}/submitted", filing.code, filing.data, "")
            planned.append(Planned(filing.at, change))
            if self.faults.throw("withdrawn", filing.code) < _WITHDRAWN:
                at = filing.at + timedelta(hours=40) * self.faults.throw("regret", filing.code)
                data = DossierWithdrawnData(reason="Công dân rút hồ sơ.", withdrawn_at=at)
                change = Change(f"{filing.code}/withdrawn", filing.code, data, "")
                planned.append(Planned(at, change))
        return filings

    def _edge(self, number: int, name: str, around: Around) -> EdgeMachine:
        process = Process(name, number, self.databases.edges[name], around)
        systems = [self.systems[entry.code] for entry in self.town.nodes[name]]
        return EdgeMachine(process, systems, lambda: self.hub.awaited())

    def remains(self) -> Remains:
        """Return what the run has left behind, for the promises to be checked on."""
        queries = HubQueries(self.databases.hub)
        heads = queries.heads()
        outboxes = [EdgeQueries(edge.process.engine).outbox() for edge in self.edges]
        return Remains(
            catalogues={one.version: one for one in self.town.catalogues},
            closed=self.town.reform.closes if self._reforms else None,
            submitted={filing.code: filing.unit for filing in self.filings},
            outbox=[row for rows in outboxes for row in rows],
            entries=[
                entry
                for head in heads
                for entry in queries.ledger(head.partition, limit=head.position + 1)
            ],
            heads=heads,
            cases={case.code: case for case in queries.cases_page(after=None, limit=_ALL)},
            handoffs={line.id: line for line in queries.handoffs(limit=_ALL)},
            evidence=queries.evidence(limit=_ALL),
            book=self.book,
            waiting=[
                f"{agency}: {one.change.key}"
                for agency, system in self.systems.items()
                for one in system.officials.planned
            ],
            strangers=[one.message.message_id for one in self.strangers],
            broken=self.broken,
        )

    # --- the run --------------------------------------------------------------------------

    def play(self) -> None:
        """Run to the end."""
        open_copy(self.databases.hub, self.town.databases["hub"])
        for engine in self.databases.edges.values():
            open_copy(engine, self.town.databases["edge"])
        for node in self.nodes:
            node.start()
        rounds = 0
        while True:
            self._turn_of_events()
            if self._work():
                rounds += 1
                if rounds == _RESTLESS:
                    self.broken.append(f"no rest after {rounds} rounds at one moment")
                    return
                continue
            rounds = 0
            moment = self._next_moment()
            if moment is None or moment > self._end():
                return
            self.clock.turn(_on_grid(moment, self._grid))

    def _end(self) -> datetime:
        return min(START + _HORIZON, max(self._last_effect, START + STORM) + _STILL)

    def _turn_of_events(self) -> None:
        """Let the weather change, and start again what has been down long enough."""
        now = self.clock.now()
        while self._weather and self._weather[0].at <= now:
            self._weather.pop(0).act()
        for node in self.nodes:
            until = node.process.down_until
            if until is not None and until <= now:
                self.history.note(node.process.name, "starts again")
                node.start()

    def _work(self) -> bool:
        """Let everybody who is ready work once, in an order by chance; say if anybody did."""
        busy = False
        if self.rounds.due(self.hub.pulse().parked):
            self.history.note("operator", "lets go", self.rounds.make())
            self.hub.touched()
            busy = True
        ready = list(self._ready())
        if self._order.random() < _OUT_OF_ORDER:
            self._order.shuffle(ready)
        for node, worker in ready:
            if worker in node.process.workers:
                busy = self._do(node, worker) or busy
        return busy

    def _ready(self) -> Iterator[tuple[Node, Worker]]:
        now = self.clock.now()
        workers = [(node, worker) for node in self.nodes for worker in node.process.workers]
        for node, worker in sorted(workers, key=_turn):
            rests = worker.rests_until is not None and worker.rests_until > now
            if not rests and not worker.running and worker.ready():
                yield node, worker

    def _do(self, node: Node, worker: Worker) -> bool:
        """Let one worker make one step; say whether it did anything."""
        process = node.process
        worker.running = True
        count = self.book.count
        try:
            busy = worker.step()
        except BusError as error:
            self._rest(process, worker, error)
            return True
        except Killed as killed:
            self._bury(killed, process)
            return True
        except Exception as error:  # noqa: BLE001 -- none may happen, whatever strikes
            self.broken.append(f"{process.name} {worker.name}: {type(error).__name__}: {error}")
            self._rest(process, worker, error)
            return True
        finally:
            worker.running = False
            node.touched()
            if self.book.count > count:
                self._last_effect = self.clock.now()
        worker.failures = 0
        worker.rests_until = None if busy else self.clock.now() + LOOK_AGAIN
        if busy:
            self.history.note(process.name, worker.name)
        return busy

    def _rest(self, process: Process, worker: Worker, error: Exception) -> None:
        worker.failures += 1
        chance = self.faults.throw("rest", process.name, worker.name, worker.failures)
        rest = jittered(worker.failures, chance=chance, first=_FIRST_REST, cap=_LONGEST_REST)
        worker.rests_until = self.clock.now() + rest
        self.history.note(process.name, worker.name, "fails:", error)

    def _bury(self, killed: Killed, process: Process) -> None:
        """Take a machine down that died, for a while; the one inside another goes on dying."""
        assert killed.machine == process.name  # noqa: S101 -- its own gate killed it
        down = _LONGEST_DOWN * self.faults.throw("down", process.name, process.lives) ** 3
        process.die(self.clock.now() + down)
        self.history.note(process.name, "is dead for", down)

    def _interrupt(self) -> None:
        """Let another worker in between two calls of the one that works."""
        if self._interrupting:
            return
        self._interrupting = True
        try:
            ready = list(self._ready())
            if ready:
                node, worker = ready[self._order.randrange(len(ready))]
                self.history.note(node.process.name, worker.name, "comes in between")
                self._do(node, worker)
        finally:
            self._interrupting = False

    def _next_moment(self) -> datetime | None:
        """Return when somebody can do something next, None where nobody ever will."""
        now = self.clock.now()
        moments: list[datetime | None] = [spell.at for spell in self._weather[:1]]
        moments.append(self.rounds.next_at)
        moments.append(self.broker.next_at(now))
        for node in self.nodes:
            process = node.process
            moments.append(process.down_until)
            if process.down_until is None:
                moments += [worker.rests_until for worker in process.workers if worker.ready()]
                moments += [at - process.clock.off for at in node.moments() if at is not None]
        moments += [system.officials.next_at() for system in self.systems.values()]
        return min((at for at in moments if at is not None and at > now), default=None)

    def _calm(self) -> None:
        """End the storm."""
        self.history.note("fault", "the storm is over")
        self.faults.over = True
        for node in self.nodes:
            node.process.line.cut = False
            node.process.gate.database_down = node.process.gate.disk_full = False
            node.process.clock.off = timedelta(0)
        for system in self.systems.values():
            system.down = False

    def _publish(self) -> None:
        """Publish the directory by which an office ends at midnight."""
        store = SqlHubStore(self.databases.hub, PARTITIONS)
        province = self.town.reform.catalogue.province
        store.publish(province, at=self.clock.now(), actor="storm", reason="reform")
        self.hub.touched()
        self.history.note("operator", "publishes the directory of the reform")

    def _close(self) -> None:
        """Close the office: nobody says anything there any more, and its work is moved."""
        reform = self.town.reform
        old, new = self.systems[reform.closes].officials, self.systems[reform.heir].officials
        old.close()
        new.inherit(old)
        self.hub.cutover_due = True
        self.history.note("operator", "closes", reform.closes)

    def _arrive(self, stranger: Stranger) -> None:
        self.broker.put(stranger.message, stranger.account)
        self.history.note("stranger", stranger.message.routing_key)


def _turn(one: tuple[Node, Worker]) -> int:
    """Return whose turn it is: along the way of a message, as far as that goes."""
    return _WAY.index(one[1].name)


def _on_grid(moment: datetime, grid: timedelta) -> datetime:
    """Return the next moment of the grid that is not before this one."""
    over = (moment - START) % grid
    return moment if not over else moment + grid - over


def _pace(after: datetime, slots: int) -> datetime:
    """Return when somebody is done who takes so many slots: eight hours for each six."""
    hours = 8 * (1 + slots // 6)
    moment = after + timedelta(hours=hours)
    return moment.replace(minute=0, second=0, microsecond=0)
