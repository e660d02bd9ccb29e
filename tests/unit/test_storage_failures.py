"""What each error of the database drivers means for the bus."""

import sqlite3
from typing import Any, Final

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import exc, make_url

from bus.errors import (
    BusError,
    SchemaOutdated,
    SettingInvalid,
    StorageUnavailable,
    UnexpectedFailure,
)
from bus.storage.engine import open_engine, reading, writing
from bus.storage.failures import place, translation

HUB: Final = make_url("postgresql://bus:s3cret@db.mau.vn:5433/hub")
AGAIN, ROW, SCHEMA = StorageUnavailable, UnexpectedFailure, SchemaOutdated

DRIVERS: Final[dict[type[Exception], type[BusError]]] = {
    psycopg.Error: AGAIN,
    psycopg.InterfaceError: AGAIN,
    psycopg.DatabaseError: AGAIN,
    psycopg.DataError: ROW,
    psycopg.OperationalError: AGAIN,
    psycopg.IntegrityError: ROW,
    psycopg.InternalError: AGAIN,
    psycopg.ProgrammingError: ROW,
    psycopg.NotSupportedError: ROW,
    sqlite3.Error: AGAIN,
    sqlite3.InterfaceError: ROW,
    sqlite3.DatabaseError: AGAIN,
    sqlite3.DataError: ROW,
    sqlite3.OperationalError: AGAIN,
    sqlite3.IntegrityError: ROW,
    sqlite3.InternalError: AGAIN,
    sqlite3.ProgrammingError: ROW,
    sqlite3.NotSupportedError: ROW,
}
CONDITIONS: Final[dict[type[Exception], type[BusError]]] = {
    errors.ConnectionFailure: AGAIN,
    errors.AdminShutdown: AGAIN,
    errors.CrashShutdown: AGAIN,
    errors.CannotConnectNow: AGAIN,
    errors.TooManyConnections: AGAIN,
    errors.DiskFull: AGAIN,
    errors.OutOfMemory: AGAIN,
    errors.DeadlockDetected: AGAIN,
    errors.SerializationFailure: AGAIN,
    errors.LockNotAvailable: AGAIN,
    errors.QueryCanceled: AGAIN,
    errors.IdleInTransactionSessionTimeout: AGAIN,
    errors.ReadOnlySqlTransaction: AGAIN,
    errors.InFailedSqlTransaction: AGAIN,
    errors.InvalidPassword: AGAIN,
    errors.DataCorrupted: AGAIN,
    errors.UniqueViolation: ROW,
    errors.NotNullViolation: ROW,
    errors.NumericValueOutOfRange: ROW,
    errors.UntranslatableCharacter: ROW,
    errors.InsufficientPrivilege: ROW,
    errors.SyntaxError: ROW,
    errors.UndefinedTable: SCHEMA,
    errors.UndefinedColumn: SCHEMA,
    errors.InvalidSchemaName: SCHEMA,
}
OURS: Final[dict[Exception, type[BusError]]] = {
    exc.TimeoutError("pool"): AGAIN,
    exc.DisconnectionError("gone"): AGAIN,
    exc.PendingRollbackError("gone"): AGAIN,
    exc.StatementError("a value", None, None, ValueError("naive")): ROW,
}


def _dbapi_classes(module: Any) -> set[type[Exception]]:
    """PEP 249's classes of a driver, as it has them itself."""
    return {
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, module.Error)
        and value.__name__.endswith("Error")
        and (value.__module__, module) in {("psycopg", psycopg), ("sqlite3", sqlite3)}
    }


def test_no_error_class_of_a_driver_is_left_unmapped() -> None:
    assert _dbapi_classes(psycopg) | _dbapi_classes(sqlite3) == set(DRIVERS)


@pytest.mark.parametrize(
    ("raised", "meaning"), [*DRIVERS.items(), *CONDITIONS.items()], ids=lambda c: c.__name__
)
def test_each_driver_error_means_one_thing(
    raised: type[Exception], meaning: type[BusError]
) -> None:
    assert type(translation(raised("text"), HUB)) is meaning


@pytest.mark.parametrize(
    ("raised", "meaning"), [*DRIVERS.items(), *CONDITIONS.items()], ids=lambda c: c.__name__
)
def test_it_means_the_same_wrapped_by_sqlalchemy(
    raised: type[Exception], meaning: type[BusError]
) -> None:
    wrapped = exc.DBAPIError("SELECT 1", {}, raised("text"))

    assert type(translation(wrapped, HUB)) is meaning


@pytest.mark.parametrize(("raised", "meaning"), OURS.items(), ids=lambda e: type(e).__name__)
def test_errors_of_sqlalchemy_itself_are_translated(
    raised: Exception, meaning: type[BusError]
) -> None:
    assert type(translation(raised, HUB)) is meaning


def test_a_lost_connection_is_unavailable_whatever_the_error_was() -> None:
    wrapped = exc.DBAPIError(
        "SELECT 1", {}, psycopg.ProgrammingError("text"), connection_invalidated=True
    )

    assert type(translation(wrapped, HUB)) is StorageUnavailable


def test_text_about_rows_is_not_repeated() -> None:
    """It may name a citizen."""
    told = translation(errors.UniqueViolation("Key (owner)=(Hoàng Thị Mẫu) exists"), HUB)

    assert "Hoàng" not in str(told)
    assert "UniqueViolation 23505" in str(told)


def test_text_about_connections_is_repeated_without_the_password() -> None:
    told = translation(psycopg.OperationalError("refused s3cret at db\nhint"), HUB)

    assert "refused *** at db" in str(told)
    assert "hint" not in str(told)


def test_a_name_that_contains_a_short_password_stays_readable() -> None:
    url = make_url("postgresql+psycopg://hub:bus@db/buss")

    told = translation(psycopg.OperationalError('database "buss" does not exist, not bus'), url)

    assert 'database "buss" does not exist, not ***' in str(told)


def test_a_database_is_named_without_user_and_password() -> None:
    assert place(HUB) == "PostgreSQL database hub at db.mau.vn:5433"
    assert place(make_url("sqlite:///hub.db")) == "SQLite database hub.db"
    assert place(make_url("sqlite://")) == "SQLite database in memory"


@pytest.mark.parametrize(
    "url", ["", "hub.db", "mysql://bus:s3cret@h/x", "postgresql://u:s3cret@h:x/y"]
)
def test_a_url_that_is_not_understood_is_refused_unrepeated(url: str) -> None:
    with pytest.raises(SettingInvalid, match="postgresql://USER") as told:
        open_engine(url)

    assert "s3cret" not in str(told.value)


def test_the_cause_is_kept() -> None:
    engine = open_engine("sqlite://")

    with pytest.raises(SchemaOutdated) as told, reading(engine) as connection:
        connection.exec_driver_sql("SELECT * FROM nothing")

    assert isinstance(told.value.__cause__, exc.OperationalError)
    engine.dispose()


def test_errors_of_the_bus_pass_unchanged() -> None:
    engine = open_engine("sqlite://")

    with pytest.raises(UnexpectedFailure, match="mine"), writing(engine):
        raise UnexpectedFailure("mine")

    engine.dispose()


def test_sqlite_writes_ahead_and_to_the_disk(tmp_path: Any) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'x.db'}")

    with reading(engine) as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }

    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30_000,
    }
    engine.dispose()
