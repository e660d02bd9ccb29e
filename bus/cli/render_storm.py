"""What a storm looks like while it rages, and what came of it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bus.cli import render
from bus.simulation.storm.campaign import Played
from bus.simulation.storm.promises import Promise
from bus.simulation.storm.verdict import Verdict, replay

_EVERY: Final = 100
"""How many runs between two lines where nobody watches a terminal."""

_PROMISES: Final[Mapping[Promise, str]] = {
    Promise.ACCEPTED_ONCE: "điều đã nhận thì có trong sổ cái đúng một lần",
    Promise.IN_ORDER: "lời của một cơ quan về một hồ sơ được xử lý đúng thứ tự",
    Promise.REFUSED_WITH_REASON: "không từ chối điều gì vốn đúng khi được gửi",
    Promise.ONE_END: "mỗi hồ sơ kết thúc một lần, và đơn vị tiếp nhận được báo một lần",
    Promise.HANDED_OVER_ONCE: "mỗi cơ quan nhận mỗi lần giao đúng một lần",
    Promise.HANDED_OVER_IN_ORDER: "mỗi cơ quan nhận các lần giao của một hồ sơ đúng thứ tự",
    Promise.NOT_BEFORE_ITS_NEEDS: "không bước nào bắt đầu trước điều nó cần",
    Promise.DUE_DATES_STAY: "không thời hạn nào dời vì lý do kỹ thuật",
    Promise.LEDGER_HOLDS: "chuỗi sổ cái liền mạch và khớp với hồ sơ đã lưu",
    Promise.EVIDENCE_KEPT: "điều kẻ lạ gửi không làm đổi gì và được giữ làm bằng chứng",
    Promise.NOTHING_LEFT: "không còn gì dở dang",
    Promise.NOTHING_UNFORESEEN: "không tiến trình nào hỏng theo cách chưa lường trước",
}


@contextmanager
def watching(verdict: Verdict) -> Iterator[Callable[[], None]]:
    """Show progress on stderr: a live line on a terminal, otherwise a line each hundred runs."""
    console = render.words_console()
    if not console.is_terminal:
        yield lambda: _line(verdict)
        return
    columns = (
        TextColumn("Số gieo / seed {task.fields[seed]}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("lần chạy · {task.fields[struck]} sự cố ·"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=verdict.runs, seed=verdict.seed, struck=0)

        def watch() -> None:
            progress.update(
                task,
                completed=verdict.played,
                seed=verdict.seed + verdict.played - 1,
                struck=verdict.struck,
            )

        yield watch


def warn_of_missing(run: Played) -> None:
    """Tell which of the faults that were to strike did not: a replay of something else."""
    missing = sorted((run.course.only or frozenset()) - {*run.struck, 0})
    if missing:
        numbers = ", ".join(map(str, missing))
        render.say(
            f"CHÚ Ý: sự cố số {numbers} không xảy ra với số gieo {run.course.seed}; hãy kiểm tra"
            f" --seed, --dossiers và --faults / NOTE: fault {numbers} did not strike with seed"
            f" {run.course.seed}; check --seed, --dossiers and --faults"
        )


def say_searching(run: Played) -> None:
    """Tell that a promise was broken and the shortest history that shows it is looked for."""
    render.say(
        f"Số gieo {run.course.seed} có vi phạm; đang tìm diễn biến ngắn nhất…"
        f" / Seed {run.course.seed} broke a promise; looking for the shortest history…"
    )


def show_verdict(verdict: Verdict) -> None:
    """Print what a campaign came to."""
    if verdict.found is not None:
        _show_found(verdict.found)
    render.show(
        f"{verdict.played} lần chạy, {verdict.filed} hồ sơ, {verdict.entries} bản ghi sổ cái,"
        f" {verdict.struck} sự cố: {'có vi phạm' if verdict.found else 'không vi phạm cam kết nào'}"
        f" / {verdict.played} runs, {verdict.filed} dossiers, {verdict.entries} ledger entries,"
        f" {verdict.struck} faults: {'a promise broken' if verdict.found else 'no promise broken'}",
        f"Diễn biến / History: sha256 {verdict.history}",
    )
    render.say(
        f"{verdict.seconds:.1f} giây, {verdict.runs_per_minute:.0f} lần chạy mỗi phút."
        f" / {verdict.seconds:.1f} seconds, {verdict.runs_per_minute:.0f} runs a minute."
    )


def _show_found(found: Played) -> None:
    course = found.course
    for one in found.violations:
        render.show(f"✗ {_PROMISES[one.promise]} / {one.promise.value}", f"  {one.what}")
    render.show(
        "",
        f"Diễn biến ngắn nhất (số gieo {course.seed}, {course.dossiers} hồ sơ,"
        f" {len(found.struck)} sự cố) / Shortest history (seed {course.seed},"
        f" {course.dossiers} dossiers, {len(found.struck)} faults):",
        *(f"  {line}" for line in found.history),
        "",
        f"Phát lại / Replay: {replay(course)}",
        "",
    )


def _line(verdict: Verdict) -> None:
    if verdict.played % _EVERY == 0:
        render.say(
            f"{verdict.played} lần chạy, {verdict.struck} sự cố"
            f" / {verdict.played} runs, {verdict.struck} faults"
        )
