"""The part of the province a storm goes over: a few communes and everybody who works for them.

Prepared once for a process: the catalogue compiled, empty databases ready to be copied.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import Engine

from bus.broker.topology import Topology, topology_of
from bus.errors import SignatureInvalid
from bus.ids import Account, AgencyCode, ProcedureCode, StepId
from bus.routing.province import Catalogue
from bus.schemas.base import Level
from bus.schemas.directory import AgencyEntry, Role
from bus.schemas.province import Province
from bus.schemas.route import Bilingual, LimitUnit, Route, RouteStep, StepKind, TimeLimit
from bus.schemas.step import StepRequestedV1
from bus.simulation.script import Around
from bus.simulation.storm.reform import Reform, heir_of, reformed
from bus.simulation.workload import START, commune_units
from bus.storage.engine import open_engine
from bus.storage.hub import SqlHubStore
from bus.storage.migrate import Kind, migrate

PARTITIONS: Final = 4
HUB_ACCOUNT: Final = Account("hub")
_COMMUNES: Final = 3
_WAITING: Final = ProcedureCode("2.000286")
_POSTING: Final = RouteStep(
    id=StepId("posting"),
    name=Bilingual(vi="Niêm yết công khai", en="Public posting"),
    kind=StepKind.AWAIT_TIME,
    limit=TimeLimit(amount=1, unit=LimitUnit.WORKING_DAY),
    outcomes=("done",),
)
COMPLAINTS: Final = RouteStep(
    id=StepId("complaints"),
    name=Bilingual(vi="Chờ khiếu nại", en="Complaint period"),
    kind=StepKind.AWAIT_EVENT,
    needs=(_POSTING.id,),
    limit=TimeLimit(amount=2, unit=LimitUnit.WORKING_DAY),
    outcomes=("complaint", "none"),
)
_BRANCHES: Final = frozenset({Role.TAX, Role.SOCIAL_INSURANCE})
"""They answer to a ministry, and have an adapter of their own."""


@dataclass(frozen=True, slots=True)
class Town:
    """What every run of a process begins with."""

    catalogue: Catalogue
    hub: AgencyCode
    units: tuple[AgencyEntry, ...]
    nodes: Mapping[str, tuple[AgencyEntry, ...]]
    topology: Topology
    reform: Reform
    databases: Mapping[Kind, bytes]

    @property
    def agencies(self) -> list[AgencyCode]:
        """Everybody who has an adapter."""
        return [one.code for some in self.nodes.values() for one in some]

    @property
    def catalogues(self) -> tuple[Catalogue, Catalogue]:
        """Both versions of the directory."""
        return self.catalogue, self.reform.catalogue

    def acquaintances(self, agency: AgencyCode) -> Around:
        """Return what an agency knows of the others."""
        same = [one.code for one in self._like(agency) if one.code > agency and self._stays(one)]
        return Around(tuple(sorted(same)), self._following, {COMPLAINTS.id: COMPLAINTS.outcomes})

    def _stays(self, entry: AgencyEntry) -> bool:
        return _there(entry) and entry.code != self.reform.closes

    def _like(self, agency: AgencyCode) -> list[AgencyEntry]:
        entries = [one for some in self.nodes.values() for one in some]
        mine = next(one for one in entries if one.code == agency)
        return [one for one in entries if set(one.roles) == set(mine.roles)]

    def _following(self, message: StepRequestedV1) -> tuple[StepId, ...]:
        data = message.data
        route = self.catalogue.route_version(data.procedure, data.route_version)
        return tuple(step.id for step in route.steps if data.step in step.needs and step.performer)


def prepare(province: Province) -> Town:
    """Choose the communes, give every adapter its account, and make the databases."""
    catalogue = Catalogue(1, province)
    units = _units(catalogue)
    entries = [entry for entry in _involved(catalogue, units) if Role.HUB not in entry.roles]
    office = next(entry for entry in entries if entry.code == units[-1].code)
    heir = heir_of(office)
    entries.append(heir)
    nodes: dict[str, list[AgencyEntry]] = {}
    for entry in entries:
        nodes.setdefault(_node(entry), []).append(entry)
    accounts = {entry.code: Account(name) for name, some in nodes.items() for entry in some}
    agencies = tuple(
        entry.model_copy(update={"account": accounts[entry.code]})
        if entry.code in accounts
        else entry
        for entry in (*province.directory.agencies, heir)
    )
    directory = province.directory.model_copy(update={"agencies": agencies})
    province = province.model_copy(
        update={"directory": directory, "routes": tuple(map(_with_waits, province.routes))}
    )
    hub = next(entry for entry in agencies if Role.HUB in entry.roles)
    return Town(
        catalogue=Catalogue(1, province),
        hub=hub.code,
        units=tuple(units),
        nodes={name: tuple(some) for name, some in sorted(nodes.items())},
        topology=topology_of([hub, *entries], PARTITIONS),
        reform=Reform(office.code, heir.code, Catalogue(2, reformed(province, office, heir))),
        databases={"hub": _database("hub", province), "edge": _database("edge", province)},
    )


def _with_waits(route: Route) -> Route:
    """Let a dossier of one procedure wait for time and for something outside, as some must."""
    if route.procedure != _WAITING:
        return route
    first, second, *rest = route.steps
    posting = _POSTING.model_copy(update={"needs": (first.id,)})
    second = second.model_copy(update={"needs": (COMPLAINTS.id,)})
    return route.model_copy(update={"steps": (first, posting, COMPLAINTS, second, *rest)})


class SealSigner:
    """A `bus.ports.Signer` a hundred times as fast as a real one; only a storm believes it."""

    def __init__(self, agency: AgencyCode) -> None:
        self._agency = agency

    def sign(self, body: bytes) -> str:
        """Return the agency's name and a digest of the body."""
        return f"{self._agency}..{sha256(body).hexdigest()[:16]}"


class SealVerifier:
    """A `bus.ports.Verifier` of what `SealSigner` signs."""

    def verify(self, body: bytes, jws: str | None, *, at: datetime) -> AgencyCode:
        """Return whose signature it is.

        Raises:
            SignatureInvalid: It is nobody's.
        """
        del at
        agency, mark, digest = (jws or "").partition("..")
        if not mark or digest != sha256(body).hexdigest()[:16]:
            raise SignatureInvalid("not signed by anybody known", text_vi="Chữ ký không hợp lệ.")
        return AgencyCode(agency)


def open_copy(engine: Engine, database: bytes) -> None:
    """Make a database in memory what the copy was when it was made.

    On a connection of its own: SQLite 3.40 may crash in a statement prepared before the copy came.
    """
    engine.dispose()
    connection = engine.raw_connection()
    try:
        driver = connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)  # noqa: S101 -- opened as such
        driver.deserialize(database)
    finally:
        connection.close()


def _units(catalogue: Catalogue) -> list[AgencyEntry]:
    """Return the one-stop units of a few communes of one district."""
    all_units = commune_units(catalogue)
    districts: dict[str, list[AgencyEntry]] = {}
    for unit in all_units:
        place = catalogue.directory.places.unit(unit.area, START.date())
        districts.setdefault((place.parent if place else None) or "", []).append(unit)
    largest = max(districts.values(), key=len)
    return largest[:_COMMUNES]


def _involved(catalogue: Catalogue, units: Sequence[AgencyEntry]) -> list[AgencyEntry]:
    """Return everybody who may have to do with a dossier of these communes."""
    return [
        entry
        for entry in catalogue.province.directory.agencies
        if _there(entry)
        and any(
            catalogue.directory.places.covers(entry.area, unit.area, START.date()) for unit in units
        )
    ]


def _there(entry: AgencyEntry) -> bool:
    return entry.covers(START.date())


def _node(entry: AgencyEntry) -> str:
    """Return which adapter serves an agency: one for each level, the branches with the province."""
    if _BRANCHES.intersection(entry.roles) or entry.level is Level.CENTRAL:
        return "province"
    return f"{entry.level}"


def _database(kind: Kind, province: Province) -> bytes:
    engine = open_engine("sqlite://")
    try:
        migrate(engine, kind)
        if kind == "hub":
            store = SqlHubStore(engine, PARTITIONS)
            store.prepare()
            store.publish(province, at=START, actor="storm", reason="storm")
        connection = engine.raw_connection()
        try:
            driver = connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)  # noqa: S101 -- opened as such
            return driver.serialize()
        finally:
            connection.close()
    finally:
        engine.dispose()
