"""Writes many rows at once: the hot path of every transaction.

PostgreSQL takes rows by COPY, or as one array per column; SQLite by executemany. Either way a
table costs one round trip or two, however many rows there are.

Rows are tuples in the order of `columns`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import psycopg
from sqlalchemy import Connection, Dialect, Table

from bus.errors import UnexpectedFailure
from bus.storage.engine import driver_of

Row = tuple[Any, ...]
Columns = tuple[str, ...]


def insert_rows(
    connection: Connection, table: Table, columns: Columns, rows: Sequence[Row]
) -> None:
    """Add rows, none of which is there."""
    if not rows:
        return
    shape = _shape(table, columns, connection.dialect)
    ready = shape.ready(rows)
    if connection.dialect.name == "sqlite":
        driver_of(connection).executemany(
            f"INSERT INTO {shape.table} ({shape.names}) VALUES ({shape.marks})", ready
        )
        return
    with (
        _postgres(connection).cursor() as cursor,
        cursor.copy(f"COPY {shape.table} ({shape.names}) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.set_types(shape.types)
        for row in ready:
            copy.write_row(row)


def update_rows(
    connection: Connection, table: Table, key: Columns, columns: Columns, rows: Sequence[Row]
) -> None:
    """Set the columns that are not of the key, in rows that are there, each once.

    Raises:
        UnexpectedFailure: A row is not there; the transaction must not be committed.
    """
    if not rows:
        return
    shape = _shape(table, columns, connection.dialect)
    ready = shape.ready(rows)
    rest = [name for name in columns if name not in key]
    if connection.dialect.name == "sqlite":
        order = [columns.index(name) for name in (*rest, *key)]
        sets = ", ".join(f"{shape.quoted[name]} = ?" for name in rest)
        fits = " AND ".join(f"{shape.quoted[name]} = ?" for name in key)
        updated = (
            driver_of(connection)
            .executemany(
                f"UPDATE {shape.table} SET {sets} WHERE {fits}",
                [tuple(row[place] for place in order) for row in ready],
            )
            .rowcount
        )
    else:
        updated = _update_from_arrays(connection, shape, key, rest, ready)
    if updated != len(rows):
        raise UnexpectedFailure(
            f"table {table.name}: {len(rows)} rows were to be updated, {updated} are there;"
            " nothing of the transaction is written",
            table=table.name,
        )


def _update_from_arrays(
    connection: Connection, shape: "_Shape", key: Columns, rest: Sequence[str], rows: list[Row]
) -> int:
    sets = ", ".join(f"{shape.quoted[name]} = v.{shape.quoted[name]}" for name in rest)
    fits = " AND ".join(f"t.{shape.quoted[name]} = v.{shape.quoted[name]}" for name in key)
    return _execute(
        connection,
        f"UPDATE {shape.table} AS t SET {sets}"
        f" FROM unnest({shape.arrays}) AS v ({shape.names}) WHERE {fits}",
        rows,
    )


def upsert_rows(
    connection: Connection,
    table: Table,
    key: Columns,
    columns: Columns,
    rows: Sequence[Row],
    *,
    overwrite: bool = True,
    only_where: str = "",
) -> None:
    """Add rows; where the key is there, set the other columns. Each key once.

    The row that is there stays as it is without `overwrite`, and where the condition `only_where`
    is false for it (called `t`; the new one is called `excluded`).
    """
    if not rows:
        return
    shape = _shape(table, columns, connection.dialect)
    ready = shape.ready(rows)
    rest = [name for name in columns if name not in key]
    sets = ", ".join(f"{shape.quoted[name]} = excluded.{shape.quoted[name]}" for name in rest)
    condition = f" WHERE {only_where}" if only_where else ""
    act = f"DO UPDATE SET {sets}{condition}" if overwrite else "DO NOTHING"
    fits = ", ".join(shape.quoted[name] for name in key)
    head = f"INSERT INTO {shape.table} AS t ({shape.names})"
    tail = f"ON CONFLICT ({fits}) {act}"
    if connection.dialect.name == "sqlite":
        driver_of(connection).executemany(f"{head} VALUES ({shape.marks}) {tail}", ready)
    else:
        _execute(connection, f"{head} SELECT * FROM unnest({shape.arrays}) {tail}", ready)


@dataclass(frozen=True, slots=True)
class _Shape:
    """What SQL needs to know of some columns of a table."""

    table: str
    quoted: dict[str, str]
    types: list[str]
    converters: tuple[tuple[int, Callable[[Any], Any]], ...]

    @property
    def names(self) -> str:
        return ", ".join(self.quoted.values())

    @property
    def marks(self) -> str:
        return ", ".join("?" * len(self.quoted))

    @property
    def arrays(self) -> str:
        return ", ".join(f"%b::{kind}[]" for kind in self.types)

    def ready(self, rows: Sequence[Row]) -> list[Row]:
        """Return the rows as the driver takes them."""
        if not self.converters:
            return list(rows)
        columns = list(zip(*rows, strict=True))
        for place, convert in self.converters:
            columns[place] = tuple([convert(value) for value in columns[place]])
        return list(zip(*columns, strict=True))


@lru_cache(maxsize=256)
def _shape(table: Table, columns: Columns, dialect: Dialect) -> _Shape:
    quote = dialect.identifier_preparer.quote
    types = [table.c[name].type for name in columns]
    converters = [
        (place, convert)
        for place, kind in enumerate(types)
        if (convert := kind.dialect_impl(dialect).bind_processor(dialect)) is not None
    ]
    return _Shape(
        table=quote(table.name),
        quoted={name: quote(name) for name in columns},
        types=[kind.compile(dialect).lower() for kind in types],
        converters=tuple(converters),
    )


def _postgres(connection: Connection) -> psycopg.Connection[Row]:
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError(f"expected psycopg behind {connection.dialect.name}, not {type(driver)}")
    return driver


def _execute(connection: Connection, statement: str, rows: Sequence[Row]) -> int:
    """Run a statement whose parameters are the columns, each as one array; count the rows."""
    with _postgres(connection).cursor() as cursor:
        cursor.execute(statement.encode(), [list(column) for column in zip(*rows, strict=True)])
        return cursor.rowcount
