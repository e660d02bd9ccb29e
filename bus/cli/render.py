"""How things look: data to stdout, words to stderr; tables on a terminal, plain lines elsewhere."""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from rich import box
from rich.console import Console
from rich.table import Table

LOCAL: Final = ZoneInfo("Asia/Ho_Chi_Minh")
NOTHING: Final = "–"


def local(at: datetime | None) -> str:
    """Return a moment as an official reads it: `03/03/2025 08:00`."""
    return NOTHING if at is None else f"{at.astimezone(LOCAL):%d/%m/%Y %H:%M}"


def words_console() -> Console:
    """Return a console for what people watch, on stderr."""
    return Console(stderr=True, markup=False, highlight=False, emoji=False)


def say(*lines: str) -> None:
    """Tell people something, on stderr."""
    for line in lines:
        print(line, file=sys.stderr, flush=True)  # noqa: T201 -- the one place for words


def show(*lines: str) -> None:
    """Print lines of data, on stdout."""
    for line in lines:
        print(line)  # noqa: T201 -- the one place for data


def show_json(value: object) -> None:
    """Print data as JSON, on stdout; times in UTC."""
    show(json_text(value))


def json_text(value: object) -> str:
    """Return data as JSON; times in UTC."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=_plain)


def show_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table: framed on a terminal, otherwise plain, whole and without colour."""
    console = Console(markup=False, highlight=False, emoji=False)
    if console.is_terminal:
        console.print(_table(columns, rows, framed=True))
        return
    wide = Console(markup=False, highlight=False, emoji=False, no_color=True, width=10_000)
    with wide.capture() as printed:
        wide.print(_table(columns, rows, framed=False))
    show(*(line.rstrip() for line in printed.get().splitlines()))


def show_pairs(pairs: Iterable[tuple[str, str]]) -> None:
    """Print names and values under one another."""
    listed = list(pairs)
    width = max(len(name) for name, _ in listed)
    show(*(f"{name:<{width}}  {value}" for name, value in listed))


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, framed: bool) -> Table:
    style = box.SIMPLE_HEAD if framed else None
    table = Table(box=style, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for place, column in enumerate(columns):  # the first is typed again: it must stay whole
        table.add_column(column, overflow="fold", no_wrap=place == 0)
    for row in rows:
        table.add_row(*row)
    return table


def _plain(value: Any) -> Any:  # noqa: ANN401 -- whatever json cannot write itself
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID | Path):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")
