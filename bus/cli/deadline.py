"""`bus deadline`."""
# ruff: noqa: PLC0415 -- what is heavy waits for its command, so that help answers at once

from typing import Annotated

import typer

from bus.cli.options import Config, Dossier, Json

app = typer.Typer(help="Thời hạn. / Deadlines.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep the group a group while it has one command."""


@app.command("explain")
def explain(
    code: Dossier,
    *,
    step: Annotated[
        str | None,
        typer.Option(
            "--step",
            metavar="STEP",
            show_default=False,
            help="Chỉ bước này; mặc định là toàn bộ hồ sơ và mọi bước."
            " / Only this step; by default the whole and every step.",
        ),
    ] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Giải thích hạn của hồ sơ, từng ngày một. / Explain a dossier's due dates, day by day."""
    from bus.cli import render, render_deadline
    from bus.cli.deadline_account import account
    from bus.cli.hub_database import hub_database

    with hub_database(config) as hub:
        found = account(hub, code, step)
        names = hub.names()
    if as_json:
        render.show_json(render_deadline.as_json(found))
        return
    render.show(*render_deadline.lines(found, names))
