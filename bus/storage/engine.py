"""Opens a database, and transactions on it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from bus.errors import SettingInvalid
from bus.storage.failures import translated

_CONNECT_SECONDS: Final = 5
_WAIT_SECONDS: Final = 30
"""How long one waits for another: for a connection of the pool, a lock, SQLite's file."""
_POSTGRES: Final = {
    "TimeZone": "UTC",
    "lock_timeout": f"{_WAIT_SECONDS}s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
    "jit": "off",
}
_ONLY_READS: Final = "bus_only_reads"


def open_engine(url: str) -> Engine:
    """Return an engine for `postgresql://…`, `sqlite:///path` or `sqlite://` (in memory).

    Nothing is connected yet. Any thread may use it. On SQLite there is one connection, and who
    wants it waits for whoever has it: SQLite before 3.51.3 can damage its file where two
    connections write, and a database in memory is its connection.

    Raises:
        SettingInvalid: The URL is not one of these.
    """
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, ValueError):
        backend = ""
    if backend == "postgresql":
        return _open_postgresql(parsed.set(drivername="postgresql+psycopg"))
    if backend == "sqlite":
        return _open_sqlite(parsed.set(drivername="sqlite"))
    raise SettingInvalid(
        "the database URL is not understood; write postgresql://USER:PASSWORD@HOST:PORT/NAME,"
        " sqlite:///PATH or sqlite:// (special characters of a password percent-encoded)"
    )


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection within one transaction: committed at the end, or rolled back.

    Raises:
        StorageUnavailable: The database is gone, or another kept us waiting too long.
    """
    with translated(engine), engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection within one transaction that writes nothing and keeps nobody out.

    Raises:
        StorageUnavailable: The database is gone.
    """
    with translated(engine), engine.connect() as connection:
        connection.execution_options(**{_ONLY_READS: True})
        yield connection


def driver_of(connection: Connection) -> sqlite3.Connection:
    """Return SQLite's own connection: what runs thousands of times goes to it directly."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        raise TypeError(f"expected sqlite3 behind {connection.dialect.name}, not {type(driver)}")
    return driver


def _open_postgresql(url: URL) -> Engine:
    settings = [str(url.query.get("options", ""))]
    settings += [f"-c {name}={value}" for name, value in _POSTGRES.items()]
    return create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=4,
        max_overflow=4,
        pool_timeout=_WAIT_SECONDS,
        pool_recycle=3600,
        connect_args={
            "connect_timeout": _CONNECT_SECONDS,
            "application_name": "lienthong",
            "options": " ".join(settings).strip(),
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "tcp_user_timeout": _WAIT_SECONDS * 1000,
            # A prepared plan made while a table is empty would stay; PgBouncer wants none either.
            "prepare_threshold": None,
        },
    )


def _open_sqlite(url: URL) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        pool_timeout=_WAIT_SECONDS,
        connect_args={"check_same_thread": False, "timeout": _WAIT_SECONDS},
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    only_reads = connection.get_execution_options().get(_ONLY_READS, False)
    driver_of(connection).execute("BEGIN" if only_reads else "BEGIN IMMEDIATE").close()
