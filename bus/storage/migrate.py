"""Brings a database to the schema this version of the bus needs, and says whether it is there.

A hub's and an edge's database are two kinds with a history each; they never share a database.
"""

from pathlib import Path
from typing import Final, Literal

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext, MigrationInfo
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, MetaData, inspect, text

from bus.errors import SchemaOutdated, SettingInvalid
from bus.storage.edge_tables import EDGE
from bus.storage.engine import reading, writing
from bus.storage.failures import MIGRATE, MIGRATE_VI, place
from bus.storage.hub_tables import HUB

Kind = Literal["hub", "edge"]

_SCRIPTS: Final = Path(__file__).parent / "migrations"
_TABLES: Final[dict[Kind, MetaData]] = {"hub": HUB, "edge": EDGE}
_VERSION_TABLES: Final[dict[Kind, str]] = {"hub": "hub_version", "edge": "edge_version"}
_ONE_AT_A_TIME: Final = 0x6C69_656E_7468
"""Key of the advisory lock that a migration holds."""


def migrate(engine: Engine, kind: Kind) -> list[str]:
    """Bring the database to the newest schema, all or nothing; return the revisions applied.

    Raises:
        SettingInvalid: It is a database of the other kind.
        SchemaOutdated: It was made by a newer version of the bus.
        StorageUnavailable: It is gone.
    """
    return migrate_to(engine, kind, "head")


def migrate_to(engine: Engine, kind: Kind, revision: str) -> list[str]:
    """Bring the database to a revision, up or down, all or nothing; return those applied.

    Going down loses what the older schema has no place for.

    Raises:
        SettingInvalid: It is a database of the other kind.
        SchemaOutdated: It was made by a newer version of the bus.
        StorageUnavailable: It is gone.
    """
    applied: list[str] = []

    def note(*, step: MigrationInfo, **_: object) -> None:
        applied.extend([step.up_revision_id] if step.up_revision_id else [])

    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
        _refuse_the_other_kind(connection, kind)
        config = _config(kind)
        config.attributes["connection"] = connection
        config.attributes["metadata"] = _TABLES[kind]
        config.attributes["version_table"] = _VERSION_TABLES[kind]
        config.attributes["on_version_apply"] = note
        try:
            down = revision != "head" and _is_below(connection, kind, revision)
            (command.downgrade if down else command.upgrade)(config, revision)
        except CommandError as error:
            raise _newer(engine, kind) from error
    return applied


def current(engine: Engine, kind: Kind) -> tuple[str | None, str]:
    """Return the revision the database is at, None where it is empty, and the newest one."""
    head = _scripts(kind).get_current_head()
    if head is None:
        raise RuntimeError(f"the package holds no migrations for {kind}")
    with reading(engine) as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": _VERSION_TABLES[kind]}
        )
        return context.get_current_revision(), head


def require_head(engine: Engine, kind: Kind) -> None:
    """Refuse to go on over a schema that is not this version's.

    Raises:
        SchemaOutdated: The database is empty, older or newer; the message says what to do.
    """
    at, head = current(engine, kind)
    if at == head:
        return
    known = {script.revision for script in _scripts(kind).walk_revisions()}
    if at is not None and at not in known:
        raise _newer(engine, kind)
    raise SchemaOutdated(
        f"{place(engine.url)}: lược đồ {at or 'còn trống'}, phiên bản này cần {head} ({kind});"
        f" {MIGRATE_VI} / the schema is {at or 'empty'}, this version of the bus needs {head}"
        f" ({kind}); {MIGRATE}",
        current=at,
        head=head,
    )


def _is_below(connection: Connection, kind: Kind, revision: str) -> bool:
    options = {"version_table": _VERSION_TABLES[kind]}
    at = MigrationContext.configure(connection, opts=options).get_current_revision()
    return at is not None and at > revision


def _scripts(kind: Kind) -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(kind))


def _config(kind: Kind) -> Config:
    config = Config()
    options = {
        "script_location": str(_SCRIPTS),
        "version_locations": str(_SCRIPTS / kind),
        "path_separator": "newline",
    }
    for name, value in options.items():
        config.set_main_option(name, value.replace("%", "%%"))
    return config


def _refuse_the_other_kind(connection: Connection, kind: Kind) -> None:
    other: Kind = "edge" if kind == "hub" else "hub"
    if inspect(connection).has_table(_VERSION_TABLES[other]):
        raise SettingInvalid(
            f"{place(connection.engine.url)}: là cơ sở dữ liệu của loại nút khác ({other}); hãy"
            f" dùng một cơ sở dữ liệu riêng cho {kind} / it belongs to the other kind of node"
            f" ({other}); give the {kind} a database of its own"
        )


def _newer(engine: Engine, kind: Kind) -> SchemaOutdated:
    return SchemaOutdated(
        f"{place(engine.url)}: đã được nâng bởi phiên bản mới hơn ({kind}); hãy cài phiên bản đó"
        " hoặc khôi phục bản sao lưu trước khi nâng / it was migrated by a newer version of the bus"
        f" ({kind}); install that version, or restore the backup taken before its migration"
    )
