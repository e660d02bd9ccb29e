"""`bus db`."""
# ruff: noqa: PLC0415 -- what is heavy waits for its command, so that help answers at once

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bus.cli import codes
from bus.cli.options import Json, config_file

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from bus.settings import NodeKind

app = typer.Typer(
    help="Lược đồ của cơ sở dữ liệu. / The schema of a database.", no_args_is_help=True
)


class Kind(StrEnum):
    """Whose database it is."""

    HUB = "hub"
    EDGE = "edge"


NodeConfig = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        envvar="BUS_CONFIG",
        metavar="FILE",
        show_default=False,
        help="Tệp cấu hình của nút; mặc định ./hub.toml cho hub."
        " / The node's configuration file; ./hub.toml by default for a hub.",
    ),
]
Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="URL",
        show_default=False,
        help="Địa chỉ cơ sở dữ liệu, thay cho tệp cấu hình."
        " / URL of the database, instead of a configuration file.",
    ),
]
Of = Annotated[
    Kind | None,
    typer.Option(
        "--kind",
        show_default=False,
        help="Của hub hay của nút biên; mặc định theo tệp cấu hình."
        " / A hub's or an edge's; by default what the configuration file is for.",
    ),
]


@app.command("migrate")
def migrate(
    *,
    config: NodeConfig = None,
    url: Url = None,
    kind: Of = None,
    as_json: Json = False,
) -> None:
    """Nâng lược đồ lên phiên bản mới nhất. / Bring the schema to the newest version."""
    from bus.cli import render
    from bus.storage.migrate import migrate as bring_up

    with _engine(config, url, kind) as (engine, whose):
        applied = bring_up(engine, whose)
    if as_json:
        render.show_json({"kind": whose, "applied": applied})
        return
    render.show(*applied)
    render.say(
        f"Đã nâng {len(applied)} bước. / Revisions applied: {len(applied)}."
        if applied
        else "Lược đồ đã mới nhất. / The schema is the newest already."
    )


@app.command("current")
def current(
    *,
    config: NodeConfig = None,
    url: Url = None,
    kind: Of = None,
    as_json: Json = False,
) -> None:
    """Cho biết lược đồ đang ở phiên bản nào; thoát 1 nếu cũ. / Tell the version; exit 1 if old."""
    from bus.cli import render
    from bus.storage.migrate import current as where

    with _engine(config, url, kind) as (engine, whose):
        at, head = where(engine, whose)
    if as_json:
        render.show_json({"kind": whose, "current": at, "head": head, "newest": at == head})
    else:
        render.show(at or render.NOTHING)
    if at != head:
        render.say(f"Cần {head}: hãy chạy `bus db migrate`. / {head} is needed: run it.")
        raise typer.Exit(codes.REFUSED)


@contextmanager
def _engine(
    config: Path | None, url: str | None, kind: Kind | None
) -> "Iterator[tuple[Engine, NodeKind]]":
    """Open the database meant, and say whose it is."""
    from bus.settings import kind_of
    from bus.storage.engine import open_engine

    file = config if kind is Kind.EDGE else config_file(config)
    if kind is not None:
        whose: NodeKind = kind.value
    else:
        whose = kind_of(file) if file is not None and url is None else "hub"
    engine = open_engine(url or _configured(file, whose))
    try:
        yield engine, whose
    finally:
        engine.dispose()


def _configured(file: Path | None, whose: "NodeKind") -> str:
    from bus.settings import load_edge, load_hub

    load = load_edge if whose == "edge" else load_hub
    return load(file).database.address
