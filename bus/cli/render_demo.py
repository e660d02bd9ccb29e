"""What a rehearsal looks like while it runs, and what came of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bus.cli import render
from bus.cli.render import NOTHING, local
from bus.simulation.outcome import Outcome, ProcedureLine
from bus.simulation.rehearsal import Progress as Rehearsed


@contextmanager
def watching(dossiers: int) -> Iterator[Callable[[Rehearsed], None]]:
    """Show progress on stderr: a live line on a terminal, otherwise a line each simulated day."""
    console = Console(stderr=True, markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        yield _by_days()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("hồ sơ · {task.fields[messages]} bản ghi ·"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Bắt đầu / Starting", total=dossiers, messages=0)

        def watch(so_far: Rehearsed) -> None:
            progress.update(
                task,
                completed=so_far.home,
                description=local(so_far.now),
                messages=so_far.messages,
            )

        yield watch


def say_kept(config: Path) -> None:
    """Say on stderr what to try on the database that was kept."""
    render.say(
        f"Đã giữ lại; hãy thử: / Kept; try:\n  export BUS_CONFIG={config}\n  bus dossier list\n"
        "  bus dossier show CODE; bus dossier trace CODE; bus deadline explain CODE\n"
        "  bus dossier form CODE --form control-slip --output slip.html; bus ledger verify"
    )


def show_outcome(outcome: Outcome) -> None:
    """Print the tables and lines a rehearsal ends with."""
    render.show_table(
        (
            *("Thủ tục", "Tên", "Đã nộp", "Có kết quả", "Từ chối", "Số bước", "Cơ quan"),
            "Trung vị (giờ làm việc)",
        ),
        [_row(line) for line in outcome.procedures],
    )
    render.show("", *outcome.events)
    render.show(
        "",
        f"Hồ sơ: {outcome.submitted} đã nộp, {outcome.completed} có kết quả, {outcome.rejected} từ"
        f" chối, {outcome.open} còn dở / Dossiers: {outcome.submitted} submitted,"
        f" {outcome.completed} completed, {outcome.rejected} rejected, {outcome.open} open",
        f"Lần giao: {outcome.sent} đã gửi, {outcome.imported} đã nhận, {outcome.retried} gửi lại,"
        f" {outcome.parked} chờ người xử lý / Hand-offs: {outcome.sent} sent,"
        f" {outcome.imported} imported, {outcome.retried} retried, {outcome.parked} parked",
        _ledger(outcome),
        *_crossing(outcome),
    )
    render.say(
        f"{outcome.agencies} cơ quan, {outcome.seconds:.1f} giây."
        f" / {outcome.agencies} agencies, {outcome.seconds:.1f} seconds."
    )


def _by_days() -> Callable[[Rehearsed], None]:
    shown: list[str] = []

    def watch(so_far: Rehearsed) -> None:
        day = local(so_far.now)[:10]
        if day not in shown:
            shown.append(day)
            render.say(f"{day}  {so_far.home}/{so_far.dossiers} hồ sơ, {so_far.messages} bản ghi")

    return watch


def _row(line: ProcedureLine) -> tuple[str, ...]:
    median = line.median_working_hours
    return (
        line.procedure,
        line.name,
        str(line.submitted),
        str(line.completed),
        str(line.rejected),
        str(line.steps),
        str(line.agencies),
        NOTHING if median is None else f"{median:.1f}".replace(".", ","),
    )


def _crossing(outcome: Outcome) -> Iterator[str]:
    crossed = outcome.cutover
    if crossed is not None:
        yield (
            f"Ngày {crossed.at}: {crossed.open_before} hồ sơ đang dở, chuyển {crossed.moved} bước,"
            f" đổi nơi nhận {crossed.readdressed} lần giao, hạn bị đổi: {crossed.due_dates_changed}"
            f" / On {crossed.at}: {crossed.open_before} dossiers open, {crossed.moved} steps moved,"
            f" {crossed.readdressed} hand-offs re-addressed, due dates changed:"
            f" {crossed.due_dates_changed}"
        )


def _ledger(outcome: Outcome) -> str:
    vi, en = ("nguyên vẹn", "verified") if outcome.verified else ("SAI", "BROKEN")
    return f"Sổ cái: {outcome.entries} bản ghi, {vi} / Ledger: {outcome.entries} entries, {en}"
