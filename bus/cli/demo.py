"""`bus demo`."""
# ruff: noqa: PLC0415 -- what is heavy waits for its command, so that help answers at once

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bus.cli import codes
from bus.cli.options import Json
from bus.cli.province_folder import SAMPLE, Province, located

if TYPE_CHECKING:
    from bus.simulation.joints import Joints

_Dossiers = Annotated[
    int,
    typer.Option(
        "--dossiers", min=1, max=100_000, metavar="N", help="Số hồ sơ. / How many dossiers."
    ),
]

_Seed = Annotated[
    int,
    typer.Option(
        "--seed", metavar="N", help="Số gieo: cùng số thì cùng kết quả. / Same seed, same run."
    ),
]

_Amqp = Annotated[
    str | None,
    typer.Option(
        "--amqp",
        metavar="URL",
        show_default=False,
        help="Chạy qua RabbitMQ này, vhost không ai dùng; cần cả --database."
        " / Run over this RabbitMQ, in a virtual host nobody uses; needs --database.",
    ),
]

_Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        show_default=False,
        help="Chạy trên PostgreSQL này, trong một schema riêng được xoá sau đó; cần cả --amqp."
        " / Run on this PostgreSQL, in a schema of its own removed afterwards; needs --amqp.",
    ),
]


def demo(
    *,
    dossiers: _Dossiers = 60,
    seed: _Seed = 7,
    amqp: _Amqp = None,
    database: _Database = None,
    province: Province = SAMPLE,
    as_json: Json = False,
) -> None:
    """Diễn tập cả một tỉnh trên máy này. / Rehearse a whole province on this machine."""
    from tempfile import TemporaryDirectory

    from bus.cli import render, render_demo
    from bus.simulation.rehearsal import rehearse
    from bus.storage.province import load_province
    from bus.telemetry.log import configure_logging

    if (amqp is None) != (database is None):
        raise typer.BadParameter("--amqp và / and --database")
    configure_logging(json=False, level="error")
    where = load_province(located(province))
    with TemporaryDirectory(prefix="bus-demo-") as name, render_demo.watching(dossiers) as watch:
        folder = Path(name)
        outcome = rehearse(
            where,
            dossiers=dossiers,
            seed=seed,
            folder=folder,
            joints=_joints(amqp, database, folder),
            watch=watch,
        )
    if as_json:
        render.show_json(outcome.as_json())
    else:
        render_demo.show_outcome(outcome)
    if not outcome.whole:
        raise typer.Exit(codes.REFUSED)


def _joints(amqp: str | None, database: str | None, folder: Path) -> "Joints":
    from bus.simulation.joints import Embedded, OverServers

    if amqp is None or database is None:
        return Embedded(folder)
    return OverServers(amqp, database, folder)
