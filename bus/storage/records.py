"""Rows and the values of `bus.ports` they hold, where columns and fields bear the same names."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, Select, Table, select

_ValueT = TypeVar("_ValueT")


@dataclass(frozen=True, slots=True)
class Record(Generic[_ValueT]):
    """A dataclass and the columns that hold its fields, in the order of the fields."""

    kind: Callable[..., _ValueT]
    table: Table
    columns: tuple[str, ...]
    _row: Callable[[_ValueT], tuple[Any, ...]]

    @property
    def selected(self) -> list[Column[Any]]:
        """The columns, to be read."""
        return [self.table.c[name] for name in self.columns]

    def select(self) -> Select[Any]:
        """Return the query for all rows."""
        return select(*self.selected)

    def rows(self, values: Collection[_ValueT]) -> list[tuple[Any, ...]]:
        """Return the rows that hold these values."""
        return [self._row(value) for value in values]

    def values(self, rows: Iterable[Sequence[Any]]) -> list[_ValueT]:
        """Return the values these rows hold."""
        return [self.kind(*row) for row in rows]


def record(kind: type[_ValueT], table: Table, only: Sequence[str] | None = None) -> Record[_ValueT]:
    """Return how a dataclass lies in a table; `only` names some fields, to write just these."""
    names = tuple(only or [field.name for field in fields(kind)])  # type: ignore[arg-type]
    return Record(kind, table, names, attrgetter(*names))
