"""`bus agency`."""
# ruff: noqa: PLC0415 -- what is heavy waits for its command, so that help answers at once

from typing import Annotated

import typer

from bus.cli.options import Config, Json

app = typer.Typer(
    help="Các cơ quan và bộ kết nối của họ. / Agencies and their adapters.", no_args_is_help=True
)


@app.command("list")
def list_(
    *,
    silent: Annotated[
        bool,
        typer.Option(
            "--silent",
            help="Chỉ cơ quan mà bộ kết nối đang im lặng. / Only those whose adapter is silent.",
        ),
    ] = False,
    failing: Annotated[
        bool,
        typer.Option(
            "--failing",
            help="Chỉ cơ quan đang lỗi hoặc có lần giao chờ xử lý."
            " / Only those that fail, or for which something is parked.",
        ),
    ] = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Xem bộ kết nối của từng cơ quan có tin lúc nào, nhận hồ sơ ra sao. / How adapters stand."""
    from bus.cli import render, render_agency
    from bus.cli.hub_database import hub_database

    with hub_database(config) as hub:
        lines = render_agency.lines_of(
            hub.catalogues.newest().directory,
            hub.failed.contacts(),
            hub.failed.backlogs(),
            silent_before=hub.now() - hub.settings.retry.policy.silent,
        )
    if silent:
        lines = [line for line in lines if line.silent]
    if failing:
        lines = [line for line in lines if line.failures or line.parked]
    if as_json:
        render.show_json(lines)
    elif lines:
        render_agency.show(lines)
    else:
        render.say(
            "Không có cơ quan nào như vậy; danh bạ: `bus directory check`."
            " / No such agency; drop a condition to see all."
        )
