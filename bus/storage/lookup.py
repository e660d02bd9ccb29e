"""Conditions for "one of these many", as one parameter however many there are."""

import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Connection,
    Text,
    any_,
    bindparam,
    func,
    literal_column,
    select,
    tuple_,
)

from bus.ports import LaneKey


def stands(column: Column[Any], *states: StrEnum) -> ColumnElement[bool]:
    """Return the condition that the column is one of these states, written into the SQL.

    As a parameter SQLite could not see that a partial index covers it.
    """
    words: list[ColumnElement[str]] = [literal_column(f"'{state.value}'") for state in states]
    return column == words[0] if len(words) == 1 else column.in_(words)


def stands_not(column: Column[Any], *states: StrEnum) -> ColumnElement[bool]:
    """Return the condition that the column is none of these states, written into the SQL."""
    return column.not_in([literal_column(f"'{state.value}'") for state in states])


def listed(connection: Connection, like: Column[Any], values: Iterable[Any]) -> ColumnElement[Any]:
    """Return the one column of a table made of these values, each bound like that column."""
    if connection.dialect.name != "sqlite":
        array = bindparam(None, list(values), ARRAY(like.type))
        return func.unnest(array).table_valued("value").render_derived().c.value
    convert = like.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    plain = [convert(value) for value in values] if convert else list(values)
    return func.json_each(json.dumps(plain)).table_valued("value").c.value


def one_of(
    connection: Connection, column: Column[Any], values: Iterable[Any]
) -> ColumnElement[bool]:
    """Return the condition that the column is one of the values."""
    if connection.dialect.name != "sqlite":
        return column == any_(bindparam(None, list(values), ARRAY(column.type)))
    return column.in_(select(listed(connection, column, values)))


def one_of_lanes(
    connection: Connection,
    agency: Column[str],
    dossier: Column[str],
    keys: Iterable[LaneKey],
) -> ColumnElement[bool]:
    """Return the condition that the two columns are one of the lanes."""
    pairs = [(key.agency, key.dossier) for key in keys]
    if connection.dialect.name != "sqlite":
        agencies = bindparam(None, [pair[0] for pair in pairs], ARRAY(Text))
        dossiers = bindparam(None, [pair[1] for pair in pairs], ARRAY(Text))
        given = func.unnest(agencies, dossiers).table_valued("agency", "dossier").render_derived()
        return tuple_(agency, dossier).in_(select(given.c.agency, given.c.dossier))
    rows = func.json_each(json.dumps(pairs)).table_valued("value")
    return tuple_(agency, dossier).in_(
        select(func.json_extract(rows.c.value, "$[0]"), func.json_extract(rows.c.value, "$[1]"))
    )
