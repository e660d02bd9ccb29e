"""Opens the hub's database for a command."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bus.bootstrap import Means, RandomIds, SystemClock, office_of
from bus.cli.options import config_file
from bus.crypto.keys import load_signer
from bus.ids import AgencyCode
from bus.ports import DeliveryRow, Signer
from bus.routing.province import Catalogue
from bus.settings import HubSettings, load_hub
from bus.storage.cutover import SqlCutoverReader
from bus.storage.engine import open_engine
from bus.storage.failed import FailedQueries
from bus.storage.hub import SqlHubStore
from bus.storage.migrate import require_head
from bus.storage.queries import HubQueries
from bus.storage.tasks import SqlTaskStore
from bus.workers.catalogues import Catalogues
from bus.workers.cutover import Cutover
from bus.workers.forecast import Forecast, Standing, forecast
from bus.workers.operate import Operate
from bus.workers.staging import Staging


@dataclass(frozen=True, slots=True)
class HubDatabase:
    """What commands ask of a hub's database, and what they may do to it."""

    settings: HubSettings
    store: SqlHubStore
    queries: HubQueries
    catalogues: Catalogues
    operate: Operate
    failed: FailedQueries
    tasks: SqlTaskStore
    staging: Staging
    cutover: Cutover

    def now(self) -> datetime:
        """Return the hub's present moment."""
        return SystemClock(self.settings.clock.shift_days).now()

    def forecast(self, rows: Sequence[DeliveryRow]) -> Forecast:
        """Return what would happen if these hand-offs went out again now."""
        now = self.now()
        standing = Standing(
            cases=self.failed.cases({row.dossier for row in rows}),
            contacts=self.failed.contacts(),
            ahead={code: one.sent + one.due for code, one in self.failed.backlogs().items()},
            newest=self.catalogues.newest(),
            now=now,
            silent_after=now - self.settings.retry.policy.silent,
        )
        return forecast(rows, standing)

    def names(self) -> "Names":
        """Return what agencies are called in the newest directory."""
        published = self.store.catalogue_version() > 0
        return Names(self.catalogues.newest() if published else None)


@dataclass(frozen=True, slots=True)
class Names:
    """Agencies by name; a code nobody knows stays a code."""

    catalogue: Catalogue | None

    def __call__(self, code: AgencyCode | None) -> str:
        """Return an agency's name."""
        if code is None:
            return ""
        entry = self.catalogue.directory.agency(code) if self.catalogue else None
        return entry.name if entry else code


class KeyWhenNeeded:
    """A `bus.ports.Signer` that reads the hub's key only when something is to be signed.

    Looking and most acts need no key, and those who look need not be able to read it.
    """

    def __init__(self, path: Path, kid: str | None) -> None:
        self._path = path
        self._kid = kid
        self._signer: Signer | None = None

    def sign(self, body: bytes) -> str:
        """Return the detached JWS over the body.

        Raises:
            SettingInvalid: The key file cannot be used.
        """
        if self._signer is None:
            self._signer = load_signer(self._path, self._kid)
        return self._signer.sign(body)


@contextmanager
def hub_database(config: Path | None) -> Iterator[HubDatabase]:
    """Open the database that a hub's configuration names, and close it afterwards.

    Raises:
        SettingInvalid: The configuration is wrong.
        SchemaOutdated: The database was not migrated.
        StorageUnavailable: It is not reachable.
    """
    settings = load_hub(config_file(config))
    engine = open_engine(settings.database.address)
    try:
        require_head(engine, "hub")
        store = SqlHubStore(engine, settings.hub.partitions)
        clock, ids = SystemClock(settings.clock.shift_days), RandomIds()
        tasks = SqlTaskStore(engine)
        office = office_of(
            store=store,
            hub=settings.hub.agency,
            signer=KeyWhenNeeded(settings.hub.key_file, settings.hub.kid),
            partitions=settings.hub.partitions,
            policy=settings.retry.policy,
            means=Means(clock, ids),
        )
        operate = Operate(store, office, clock)
        yield HubDatabase(
            settings=settings,
            store=store,
            queries=HubQueries(engine),
            catalogues=office.catalogues,
            operate=operate,
            failed=FailedQueries(engine),
            tasks=tasks,
            staging=Staging(store, tasks, operate, ids, clock),
            cutover=Cutover(store, SqlCutoverReader(engine), office, clock),
        )
    finally:
        engine.dispose()
