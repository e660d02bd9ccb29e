"""`bus ledger`."""
# ruff: noqa: PLC0415 -- what is heavy waits for its command, so that help answers at once

import typer

from bus.cli import codes
from bus.cli.options import Config, Json

app = typer.Typer(help="Sổ cái chống sửa. / The tamper-evident ledger.", no_args_is_help=True)


@app.command("verify")
def verify(*, config: Config = None, as_json: Json = False) -> None:
    """Kiểm tra toàn bộ sổ cái; thoát 1 nếu sai. / Check the whole ledger; exit 1 when broken."""
    from bus.cli import render
    from bus.cli.hub_database import hub_database
    from bus.workers.verify import verify as check

    with hub_database(config) as hub:
        checked = check(hub.queries, hub.catalogues)
    if as_json:
        render.show_json(
            {
                "entries": checked.entries,
                "partitions": checked.partitions,
                "cases": checked.cases,
                "verified": checked.holds,
                "faults": checked.faults,
            }
        )
    else:
        render.show(
            f"{checked.entries} bản ghi, {checked.partitions} phân vùng, {checked.cases} hồ sơ"
            f" / {checked.entries} entries, {checked.partitions} partitions, {checked.cases} cases",
            *checked.faults,
        )
    if not checked.holds:
        render.say(f"SỔ CÁI SAI: {len(checked.faults)} chỗ. / THE LEDGER IS BROKEN.")
        raise typer.Exit(codes.REFUSED)
    render.say("Sổ cái nguyên vẹn. / The ledger holds.")
