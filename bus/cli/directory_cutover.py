"""`bus directory cutover`."""
# ruff: noqa: PLC0415 -- what is heavy waits for its command, so that help answers at once

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bus.cli import codes
from bus.cli.options import Config, Json, OperatorName, Reason

if TYPE_CHECKING:
    from bus.workers.cutover import CutoverReport


def _day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text}: cần ngày dạng NĂM-THÁNG-NGÀY / expected YEAR-MONTH-DAY, 2025-07-01"
        ) from None
    return text


_At = Annotated[
    str,
    typer.Option(
        "--at",
        metavar="DATE",
        show_default=False,
        callback=_day,
        help="Ngày đầu tiên không còn các cơ quan cũ, ví dụ 2025-07-01."
        " / First day without the old agencies, as 2025-07-01.",
    ),
]
_Apply = Annotated[
    bool,
    typer.Option(
        "--apply/--dry-run",
        show_default=False,
        help="Thực hiện, hoặc chỉ xem trước; phải chọn một."
        " / Do it, or only look; one of them must be said.",
    ),
]
_Decisions = Annotated[
    Path | None,
    typer.Option(
        "--decisions",
        metavar="FILE",
        show_default=False,
        help="CSV dossier,area,to: hồ sơ (hoặc mọi hồ sơ của địa bàn cũ) thuộc xã nào."
        " / CSV dossier,area,to: which commune a dossier, or all of an old area, belongs to.",
    ),
]


def cutover(
    *,
    at: _At,
    apply: _Apply,
    reason: Reason,
    operator: OperatorName,
    decisions: _Decisions = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Chuyển việc đang dở sang cơ quan kế tục. / Move what is open to whoever took over."""
    from bus.cli import render_cutover
    from bus.cli.hub_database import hub_database
    from bus.storage.decisions import read_decisions
    from bus.workers.operate import Operator

    decided = read_decisions(decisions) if decisions is not None else {}
    with hub_database(config) as hub:
        report = hub.cutover.run(
            date.fromisoformat(at),
            Operator(operator, reason) if apply else None,
            decisions=decided,
            watch=render_cutover.watch,
        )
    _tell(report, as_json=as_json)
    if not report.whole:
        raise typer.Exit(codes.REFUSED)


def _tell(report: "CutoverReport", *, as_json: bool) -> None:
    from bus.cli import render, render_cutover

    if as_json:
        render.show_json(render_cutover.as_json(report))
    elif report.to_decide:
        render.show(*render_cutover.decisions(report))
    render.say(*render_cutover.lines(report))
