"""`bus directory cutover`."""
# ruff: noqa: PLC0415 -- what is heavy waits for its command, so that help answers at once

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bus.cli import codes
from bus.cli.options import Config, Json, OperatorName, Reason

if TYPE_CHECKING:
    from bus.ids import AreaCode
    from bus.workers.cutover import CutoverReport
    from bus.workers.operate import Operator

_GC_EVERY = 50_000


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
    bool | None,
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


_Processes = Annotated[
    int,
    typer.Option(
        "--processes",
        min=1,
        max=64,
        metavar="N",
        help="Số tiến trình cùng làm, không quá số phân vùng."
        " / How many processes do it at once, at most as many as there are partitions.",
    ),
]


def cutover(
    *,
    at: _At,
    apply: _Apply = None,
    reason: Reason,
    operator: OperatorName,
    decisions: _Decisions = None,
    processes: _Processes = 1,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Chuyển việc đang dở sang cơ quan kế tục. / Move what is open to whoever took over."""
    from bus.storage.decisions import read_decisions
    from bus.workers.operate import Operator

    if apply is None:
        raise typer.BadParameter(
            "hãy chọn --dry-run để xem trước, hoặc --apply để thực hiện"
            " / say --dry-run to look first, or --apply to do it"
        )
    order = Order(
        config=config,
        at=date.fromisoformat(at),
        operator=Operator(operator, reason) if apply else None,
        decisions=read_decisions(decisions) if decisions is not None else {},
    )
    report = share(order, 0, 1) if processes == 1 else _together(order, processes)
    _tell(report, as_json=as_json)
    if not report.whole:
        raise typer.Exit(codes.REFUSED)


@dataclass(frozen=True, slots=True)
class Order:
    """What was ordered: each process gets the same."""

    config: Path | None
    at: date
    operator: "Operator | None"
    decisions: "dict[str, AreaCode]"


def share(order: Order, part: int, of: int) -> "CutoverReport":
    """Do one of several shares of a cutover, in this process."""
    import gc

    from bus.cli import render_cutover
    from bus.cli.hub_database import hub_database

    gc.freeze()  # what was imported stays; what comes is values without circles
    gc.set_threshold(_GC_EVERY)
    with hub_database(order.config) as hub:
        return hub.cutover.run(
            order.at,
            order.operator,
            decisions=order.decisions,
            watch=render_cutover.watch,
            share=(part, of),
        )


def _together(order: Order, processes: int) -> "CutoverReport":
    """Let several processes each do a share; one that fails fails the whole, the rest is done."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        shares = [pool.submit(share, order, part, processes) for part in range(processes)]
        first, *others = [one.result() for one in shares]
    for one in others:
        first.add(one)
    return first


def _tell(report: "CutoverReport", *, as_json: bool) -> None:
    from bus.cli import render, render_cutover

    if as_json:
        render.show_json(render_cutover.as_json(report))
    elif report.to_decide:
        render.show(*render_cutover.decisions(report))
    render.say(*render_cutover.lines(report))
