"""`bus simulate`."""
# ruff: noqa: PLC0415 -- what is heavy waits for its command, so that help answers at once

import signal
import time
from contextlib import contextmanager
from enum import StrEnum
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bus.cli import codes
from bus.cli.options import Json
from bus.cli.province_folder import SAMPLE, Province, located

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from bus.simulation.storm.campaign import Played
    from bus.simulation.storm.faults import Only
    from bus.simulation.storm.verdict import Verdict


class _Faults(StrEnum):
    """As `bus.simulation.storm.faults.Level`, which is not loaded for a help text."""

    NONE = "none"
    LIGHT = "light"
    HEAVY = "heavy"


_Seed = Annotated[
    int,
    typer.Option(
        "--seed",
        metavar="N",
        help="Số gieo của lần chạy đầu; cùng số thì cùng diễn biến, từng byte."
        " / Seed of the first run; same seed, same history byte for byte.",
    ),
]
_Runs = Annotated[
    int,
    typer.Option(
        "--runs",
        min=0,
        metavar="N",
        help="Số lần chạy, mỗi lần một số gieo; 0: cho tới khi bị dừng."
        " / How many runs, one seed each; 0: until stopped.",
    ),
]
_Dossiers = Annotated[
    int,
    typer.Option(
        "--dossiers",
        min=1,
        max=1_000,
        metavar="N",
        help="Số hồ sơ mỗi lần chạy. / Dossiers of each run.",
    ),
]
_Level = Annotated[
    _Faults,
    typer.Option(
        "--faults",
        help="Gây ra bao nhiêu sự cố: không, ít, nhiều. / How much goes wrong.",
        show_choices=True,
    ),
]
_Jobs = Annotated[
    int,
    typer.Option(
        "--jobs",
        min=1,
        max=256,
        metavar="N",
        help="Số tiến trình chạy song song. / How many processes play runs.",
    ),
]
_Shrink = Annotated[
    bool,
    typer.Option(
        "--shrink/--no-shrink",
        help="Khi có vi phạm, tìm diễn biến ngắn nhất."
        " / On a violation, look for the shortest history.",
    ),
]
_Only = Annotated[
    str | None,
    typer.Option(
        "--only",
        metavar="NUMBERS",
        show_default=False,
        help="Chỉ những sự cố mang các số này (#N trong diễn biến) xảy ra, ví dụ 3,17,40; chỉ có"
        " nghĩa với cùng --seed, --dossiers và --faults. / Only the faults of these numbers (#N in"
        " a history) strike, as 3,17,40; they mean something only with the same seed, dossiers and"
        " faults.",
    ),
]
_History = Annotated[
    Path | None,
    typer.Option(
        "--history",
        metavar="FILE",
        show_default=False,
        dir_okay=False,
        help="Ghi diễn biến của mọi lần chạy vào tệp này."
        " / Write the history of every run to this file.",
    ),
]


def simulate(
    *,
    seed: _Seed = 1,
    runs: _Runs = 100,
    dossiers: _Dossiers = 20,
    faults: _Level = _Faults.HEAVY,
    jobs: _Jobs = 1,
    only: _Only = None,
    shrink: _Shrink = True,
    history: _History = None,
    province: Province = SAMPLE,
    as_json: Json = False,
) -> None:
    """Thử mọi sự cố trên một tỉnh giả lập. / Try every fault on a simulated province."""
    from bus.cli import render, render_storm
    from bus.simulation.storm.faults import Level
    from bus.simulation.storm.verdict import Verdict

    where = located(province)
    verdict = Verdict(seed, runs or None, dossiers, Level(faults))
    begun = time.monotonic()
    with render_storm.watching(verdict) as watch:
        broken = _campaign(where, verdict, watch, jobs=jobs, only=_numbers(only), history=history)
    verdict.seconds = time.monotonic() - begun
    if broken is not None:
        verdict.found = broken
    if broken is not None and shrink:
        render_storm.say_searching(broken)
        verdict.found = _shortest(where, broken)
    if as_json:
        render.show_json(verdict.as_json())
    else:
        render_storm.show_verdict(verdict)
    if verdict.found is not None:
        raise typer.Exit(codes.REFUSED)


def _campaign(
    where: Path,
    verdict: "Verdict",
    watch: "Callable[[], None]",
    *,
    jobs: int,
    only: "Only",
    history: Path | None,
) -> "Played | None":
    """Play all runs, until one breaks a promise or somebody stops it; return the one that did."""
    from bus.cli import render_storm
    from bus.simulation.storm.campaign import courses, played

    wanted = courses(verdict.seed, verdict.runs, verdict.dossiers, verdict.level, only=only)
    with (
        _stopped() as stop,
        _lines(history) as write,
        played(where, takewhile(lambda _: not stop(), wanted), jobs=jobs) as runs,
    ):
        for run in runs:
            verdict.add(run)
            render_storm.warn_of_missing(run)
            write(run)
            watch()
            if run.violations:
                return run
    return None


def _shortest(where: Path, broken: "Played") -> "Played":
    from bus.simulation.storm.campaign import playing
    from bus.simulation.storm.shrink import shrunk
    from bus.storage.province import load_province

    with playing(load_province(where)) as stage:
        return shrunk(broken, stage.play)


@contextmanager
def _stopped() -> "Iterator[Callable[[], bool]]":
    """Give what says whether somebody wants an end: the run in hand is still played."""
    asked: list[int] = []

    def stop(number: int, _frame: "FrameType | None") -> None:
        asked.append(number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _lines(path: Path | None) -> "Iterator[Callable[[Played], None]]":
    """Give what writes the history of a run to the file, where there is one."""
    if path is None:
        yield lambda _run: None
        return
    from bus.errors import SettingInvalid

    try:
        with path.open("w", encoding="utf-8") as file:

            def write(run: "Played") -> None:
                file.write(run.text())
                file.flush()

            yield write
    except OSError as error:
        raise SettingInvalid(
            f"{path}: không ghi được ({error.strerror}); hãy kiểm tra thư mục, quyền ghi và chỗ"
            f" trống, hoặc chọn tệp khác cho --history / cannot be written ({error.strerror});"
            " check folder, rights and space, or choose another file for --history"
        ) from error


def _numbers(only: str | None) -> "Only":
    if only is None:
        return None
    try:
        return frozenset(int(number) for number in only.split(","))
    except ValueError as error:
        raise typer.BadParameter(
            f"“{only}”: cần các số cách nhau bằng dấu phẩy, ví dụ 3,17,40"
            " / expected numbers with commas between them, as 3,17,40",
            param_hint="--only",
        ) from error
