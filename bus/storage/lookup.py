"""Statements built once, and conditions for "one of these many" as one parameter.

Building a statement costs ten times as much as running it, so what runs with every batch is a
`Query`: built for each kind of database when it first runs there, and then only given its values.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, Literal

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    CompoundSelect,
    Connection,
    Dialect,
    Select,
    Text,
    TypeDecorator,
    Update,
    any_,
    bindparam,
    func,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.sql.dml import ReturningUpdate
from sqlalchemy.types import TypeEngine

from bus.ports import LaneKey
from bus.storage.engine import driver_of

Backend = Literal["postgresql", "sqlite"]
"""The kinds of database there are."""

_AGENCIES: Final = "_agencies"
_DOSSIERS: Final = "_dossiers"


Statement = Select[Any] | CompoundSelect[Any] | Update | ReturningUpdate[Any]


class Query:
    """A statement with named parameters, built once for each kind of database.

    PostgreSQL gets it through SQLAlchemy. SQLite, which is in the same process and answers in a
    few microseconds, gets what SQLAlchemy made of it through its own driver.
    """

    def __init__(self, build: Callable[[Backend], Statement]) -> None:
        self._build = build
        self._statement: Statement | None = None
        self._direct: _Direct | None = None

    def rows(self, connection: Connection, **given: object) -> Sequence[tuple[Any, ...]]:
        """Run it with these values and return all rows."""
        if connection.dialect.name == "sqlite":
            direct = self._direct
            if direct is None:
                direct = self._direct = _Direct(self._build("sqlite"), connection.dialect)
            return direct.rows(driver_of(connection), given)
        if self._statement is None:
            self._statement = self._build("postgresql")
        found = connection.execute(self._statement, given)
        return [tuple(row) for row in found] if found.returns_rows else ()

    def column(self, connection: Connection, **given: object) -> list[Any]:
        """Run it with these values and return the first column."""
        return [row[0] for row in self.rows(connection, **given)]

    def run(self, connection: Connection, **given: object) -> None:
        """Run it with these values."""
        self.rows(connection, **given)


class _Direct:
    """A statement as SQLite's driver takes it, and what makes its values ours and back."""

    def __init__(self, statement: Statement, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self._sql = str(compiled)
        self._fixed = {
            name: bound.value for name, bound in compiled.binds.items() if not bound.required
        }
        self._binds = [
            (name, kind.dialect_impl(dialect).bind_processor(dialect))
            for name in compiled.positiontup or ()
            for kind in [compiled.binds[name].type]
        ]
        columns = statement.exported_columns
        self._reads = [
            (place, read)
            for place, column in enumerate(columns)
            if (read := column.type.dialect_impl(dialect).result_processor(dialect, None))
        ]

    def rows(
        self, driver: sqlite3.Connection, given: Mapping[str, object]
    ) -> Sequence[tuple[Any, ...]]:
        values = {**self._fixed, **given} if self._fixed else given
        found = driver.execute(
            self._sql,
            [bind(values[name]) if bind else values[name] for name, bind in self._binds],
        ).fetchall()
        if not self._reads or not found:
            return found
        columns = list(zip(*found, strict=True))
        for place, read in self._reads:
            columns[place] = tuple([read(value) for value in columns[place]])
        return list(zip(*columns, strict=True))


def given(name: str, like: Column[Any] | TypeEngine[Any]) -> ColumnElement[Any]:
    """Return the parameter of that name, bound like a column."""
    return bindparam(name, type_=like.type if isinstance(like, Column) else like)


def stands(column: Column[Any], *states: StrEnum) -> ColumnElement[bool]:
    """Return the condition that the column is one of these states, written into the SQL.

    As a parameter SQLite could not see that a partial index covers it.
    """
    words: list[ColumnElement[str]] = [literal_column(f"'{state.value}'") for state in states]
    return column == words[0] if len(words) == 1 else column.in_(words)


def stands_not(column: Column[Any], *states: StrEnum) -> ColumnElement[bool]:
    """Return the condition that the column is none of these states, written into the SQL."""
    return column.not_in([literal_column(f"'{state.value}'") for state in states])


def listed(backend: Backend, like: Column[Any], name: str) -> ColumnElement[Any]:
    """Return the one column of a table made of the values given under that name."""
    if backend != "sqlite":
        array = bindparam(name, type_=ARRAY(like.type))
        return func.unnest(array).table_valued("value").render_derived().c.value
    return func.json_each(bindparam(name, type_=_JsonList(like.type))).table_valued("value").c.value


def one_of(backend: Backend, column: Column[Any], name: str) -> ColumnElement[bool]:
    """Return the condition that the column is one of the values given under that name."""
    if backend != "sqlite":
        return column == any_(bindparam(name, type_=ARRAY(column.type)))
    return column.in_(select(listed(backend, column, name)))


def one_of_lanes(
    backend: Backend, agency: Column[str], dossier: Column[str], name: str
) -> ColumnElement[bool]:
    """Return the condition that the two columns are one of the lanes given with `lanes`."""
    if backend != "sqlite":
        agencies = bindparam(name + _AGENCIES, type_=ARRAY(Text))
        dossiers = bindparam(name + _DOSSIERS, type_=ARRAY(Text))
        pairs = func.unnest(agencies, dossiers).table_valued("agency", "dossier").render_derived()
        return tuple_(agency, dossier).in_(select(pairs.c.agency, pairs.c.dossier))
    rows = func.json_each(bindparam(name, type_=Text)).table_valued("value")
    return tuple_(agency, dossier).in_(
        select(func.json_extract(rows.c.value, "$[0]"), func.json_extract(rows.c.value, "$[1]"))
    )


def lanes(connection: Connection, name: str, keys: Iterable[LaneKey]) -> dict[str, object]:
    """Return the values of a condition `one_of_lanes` of that name."""
    pairs = [(key.agency, key.dossier) for key in keys]
    if connection.dialect.name == "sqlite":
        return {name: json.dumps(pairs)}
    return {
        name + _AGENCIES: [agency for agency, _ in pairs],
        name + _DOSSIERS: [dossier for _, dossier in pairs],
    }


class _JsonList(TypeDecorator[Any]):
    """Many values as JSON text, each as SQLite keeps it."""

    impl = Text
    cache_ok = True

    def __init__(self, like: TypeEngine[Any]) -> None:
        super().__init__()
        self.like = like

    def process_bind_param(self, value: Iterable[Any] | None, dialect: Dialect) -> str:
        convert = self.like.dialect_impl(dialect).bind_processor(dialect)
        plain = value or ()
        return json.dumps([convert(one) for one in plain] if convert else list(plain))
