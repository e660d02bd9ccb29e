"""`bus demo`."""
# ruff: noqa: PLC0415 -- what is heavy waits for its command, so that help answers at once

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bus.cli import codes
from bus.cli.options import Json
from bus.cli.province_folder import SAMPLE, Province, located

_SCENARIOS = ("province", "cutover")
_NEXT = Path("deploy/lao-cai-2025")

if TYPE_CHECKING:
    from bus.schemas.province import Province as ProvinceData
    from bus.simulation.joints import Joints
    from bus.simulation.outcome import Outcome
    from bus.simulation.rehearsal import Progress


def _known(name: str) -> str:
    if name not in _SCENARIOS:
        raise typer.BadParameter(f"{name}: {', '.join(_SCENARIOS)}")
    return name


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


_Keep = Annotated[
    Path | None,
    typer.Option(
        "--keep",
        metavar="DIR",
        show_default=False,
        help="Giữ lại cơ sở dữ liệu của hub trong thư mục mới này, để thử các lệnh khác trên đó."
        " / Keep the hub's database in this new folder, to try other commands on.",
    ),
]

_Scenario = Annotated[
    str,
    typer.Option(
        "--scenario",
        metavar="NAME",
        callback=_known,
        help="province: một tỉnh ba cấp; cutover: đi qua ngày 01/7/2025, từ ba cấp sang hai cấp."
        " / province: three levels; cutover: across 1 July 2025, from three levels to two.",
    ),
]


def demo(
    *,
    scenario: _Scenario = "province",
    dossiers: _Dossiers = 60,
    seed: _Seed = 7,
    amqp: _Amqp = None,
    database: _Database = None,
    keep: _Keep = None,
    province: Province = SAMPLE,
    as_json: Json = False,
) -> None:
    """Diễn tập cả một tỉnh trên máy này. / Rehearse a whole province on this machine."""
    from contextlib import nullcontext
    from tempfile import TemporaryDirectory

    from bus.cli import demo_kept, render, render_demo
    from bus.storage.province import load_province
    from bus.telemetry.log import configure_logging

    if (amqp is None) != (database is None):
        raise typer.BadParameter("--amqp và / and --database")
    if keep is not None and amqp is not None:
        raise typer.BadParameter(
            "--keep không đi cùng --amqp, hãy bỏ một trong hai / leave out --keep or --amqp"
        )
    configure_logging(json=False, level="error")
    where = load_province(located(province))
    kept = nullcontext(demo_kept.empty_folder(keep)) if keep is not None else None
    with (
        kept or TemporaryDirectory(prefix="bus-demo-") as name,
        render_demo.watching(dossiers) as watch,
    ):
        folder = Path(name)
        play = _crossed if scenario == "cutover" else _rehearsed
        joints = _joints(amqp, database, folder)
        outcome = play(where, folder, joints, watch, dossiers=dossiers, seed=seed)
    if as_json:
        render.show_json(outcome.as_json())
    else:
        render_demo.show_outcome(outcome)
    if keep is not None:
        render_demo.say_kept(demo_kept.write_configuration(folder, where))
    if not outcome.whole:
        raise typer.Exit(codes.REFUSED)


def _rehearsed(
    province: "ProvinceData",
    folder: Path,
    joints: "Joints",
    watch: "Callable[[Progress], None]",
    *,
    dossiers: int,
    seed: int,
) -> "Outcome":
    from bus.simulation.rehearsal import rehearse

    return rehearse(
        province, dossiers=dossiers, seed=seed, folder=folder, joints=joints, watch=watch
    )


def _crossed(
    province: "ProvinceData",
    folder: Path,
    joints: "Joints",
    watch: "Callable[[Progress], None]",
    *,
    dossiers: int,
    seed: int,
) -> "Outcome":
    from bus.simulation.reform import cross
    from bus.storage.province import load_province

    after = load_province(located(_NEXT))
    return cross(
        province, after, dossiers=dossiers, seed=seed, folder=folder, joints=joints, watch=watch
    )


def _joints(amqp: str | None, database: str | None, folder: Path) -> "Joints":
    from bus.simulation.joints import Embedded, OverServers

    if amqp is None or database is None:
        return Embedded(folder)
    return OverServers(amqp, database, folder)
