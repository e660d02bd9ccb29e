"""What a database's error means for the bus: the one place where foreign errors are translated.

Gone, too slow, locked or deadlocked: StorageUnavailable, try again. A table or column that is not
there: SchemaOutdated. A value the tables refuse: UnexpectedFailure, so that the caller takes its
batch apart and finds the row. Their texts may hold content and are never repeated.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from sqlalchemy import URL, Engine
from sqlalchemy import exc as sa

from bus.errors import BusError, SchemaOutdated, StorageUnavailable, UnexpectedFailure

MIGRATE_VI: Final = "hãy chạy `bus db migrate --config <tệp cấu hình của nút>`"
MIGRATE: Final = "run `bus db migrate --config <the node's configuration file>`"
"""The remedy for a schema that is not as this version needs it."""

_LONGEST_REASON: Final = 300

_SCHEMA: Final = (
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
    psycopg.errors.InvalidSchemaName,
)
_TRY_AGAIN: Final = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.InternalError,
    sqlite3.OperationalError,
    sqlite3.InternalError,
    sa.TimeoutError,
    sa.DisconnectionError,
    sa.PendingRollbackError,
)
"""Connections, locks, time-outs, deadlocks, full disks."""
_BARE: Final = (sqlite3.DatabaseError, sqlite3.Error, psycopg.DatabaseError, psycopg.Error)
"""Raised as themselves where nothing more is known, as for a damaged file. Their other children
are about one row or statement."""


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Turn the database's errors inside into the bus's, with the cause kept."""
    try:
        yield
    except (sa.SQLAlchemyError, psycopg.Error, sqlite3.Error) as error:
        raise translation(error, engine.url) from error


def translation(error: Exception, url: URL) -> BusError:
    """Return what an error of SQLAlchemy, psycopg or sqlite3 means for the bus."""
    cause = error.orig if isinstance(error, sa.DBAPIError) and error.orig is not None else error
    if isinstance(error, sa.DBAPIError) and error.connection_invalidated:
        return _unavailable(cause, url)
    if isinstance(cause, _SCHEMA) or _is_bare_sql_error(cause):
        return SchemaOutdated(
            f"{place(url)}: thiếu bảng mà phiên bản này cần; {MIGRATE_VI}"
            f" / it has not the tables this version of the bus needs; {MIGRATE}",
            error=type(cause).__name__,
        )
    again = isinstance(cause, _TRY_AGAIN) or type(cause) in _BARE
    return _unavailable(cause, url) if again else _refused(cause, url)


def place(url: URL) -> str:
    """Return which database a URL means, in words, without its user or password."""
    if url.get_backend_name() == "sqlite":
        return f"SQLite database {url.database or 'in memory'}"
    at = url.host or "local socket"
    return f"PostgreSQL database {url.database or ''} at {at}:{url.port or 5432}"


def _is_bare_sql_error(error: object) -> bool:
    """SQLite has no code of its own for a missing table; our statements have no other mistake."""
    return (
        isinstance(error, sqlite3.OperationalError)
        and getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
    )


def _unavailable(cause: object, url: URL) -> StorageUnavailable:
    return StorageUnavailable(
        f"{place(url)}: không trả lời ({_reason(cause, url)}); hãy kiểm tra cơ sở dữ liệu có chạy,"
        " có kết nối được và nhận tài khoản này không; nút đang chạy sẽ tự thử lại"
        " / it gave no answer; check that the database runs, can be reached and takes the user;"
        " a running node tries again by itself",
        error=type(cause).__name__,
    )


def _refused(cause: object, url: URL) -> UnexpectedFailure:
    return UnexpectedFailure(
        f"{place(url)}: từ chối một dòng hoặc câu lệnh ({_reason(cause, url)}); chưa ghi gì; hãy"
        " báo lỗi kèm nguyên văn dòng này / it refused a row or statement; nothing of it was"
        " written. Take the work item by item to find the one, and report it with this text",
        error=type(cause).__name__,
    )


def _reason(cause: object, url: URL) -> str:
    """The kind and code of an error; its text only where no row can be in it."""
    parts = [type(cause).__name__]
    if isinstance(cause, psycopg.Error) and cause.sqlstate is not None:
        parts += [cause.sqlstate, cause.diag.constraint_name or ""]
    elif isinstance(cause, psycopg.OperationalError):
        parts.append(_without_password(str(cause), url))
    elif isinstance(cause, sqlite3.Error):
        parts.append(getattr(cause, "sqlite_errorname", ""))
    return " ".join(part for part in parts if part)


def _without_password(text: str, url: URL) -> str:
    line = text.strip().partition("\n")[0][:_LONGEST_REASON]
    if not url.password:
        return line
    # As a word of its own only: a name that contains a short password is not the password.
    return re.sub(rf"(?<!\w){re.escape(str(url.password))}(?!\w)", "***", line)
