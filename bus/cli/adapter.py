"""`bus adapter`."""
# ruff: noqa: PLC0415 -- what is heavy waits for its command, so that help answers at once

from pathlib import Path
from typing import Annotated

import typer

from bus.cli.options import JsonLog

app = typer.Typer(
    help="Bộ kết nối đặt cạnh phần mềm của cơ quan. / The adapter beside an agency's system.",
    no_args_is_help=True,
)


@app.command("run")
def run(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            show_default=False,
            help="Tệp cấu hình của nút biên. / Configuration file of the edge node.",
        ),
    ],
    *,
    as_json: JsonLog = False,
) -> None:
    """Chạy bộ kết nối cho đến khi được báo dừng. / Run the adapter until told to stop."""
    from bus.bootstrap import run_edge
    from bus.settings import load_edge

    settings = load_edge(file)
    if as_json:
        log = settings.log.model_copy(update={"format": "json"})
        settings = settings.model_copy(update={"log": log})
    raise typer.Exit(run_edge(settings))
