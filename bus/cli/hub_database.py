"""Opens the hub's database for a command."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bus.bootstrap import RandomIds, SystemClock
from bus.cli.options import config_file
from bus.ids import AgencyCode
from bus.routing.province import Catalogue
from bus.settings import HubSettings, load_hub
from bus.storage.engine import open_engine
from bus.storage.hub import SqlHubStore
from bus.storage.migrate import require_head
from bus.storage.queries import HubQueries
from bus.workers.catalogues import Catalogues
from bus.workers.operate import Operate


@dataclass(frozen=True, slots=True)
class HubDatabase:
    """What commands ask of a hub's database, and what they may do to it."""

    settings: HubSettings
    store: SqlHubStore
    queries: HubQueries
    catalogues: Catalogues
    operate: Operate

    def now(self) -> datetime:
        """Return the hub's present moment."""
        return SystemClock(self.settings.clock.shift_days).now()

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
        clock = SystemClock(settings.clock.shift_days)
        yield HubDatabase(
            settings,
            store,
            HubQueries(engine),
            Catalogues(store),
            Operate(store, settings.hub.agency, RandomIds(), clock),
        )
    finally:
        engine.dispose()
