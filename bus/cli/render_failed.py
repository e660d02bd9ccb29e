"""Failed hand-offs for people: groups, forecasts, group retries and how they get on."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bus.cli import render, words
from bus.cli.render import local
from bus.ids import AgencyCode
from bus.ports import ItemState, TaskRow, TaskState, TaskStore
from bus.storage.views import GroupLine
from bus.workers.forecast import Forecast, Load

Naming = Callable[[AgencyCode | None], str]
Line = tuple[TaskRow, Mapping[ItemState, int]]

_EVERY: Final = 0.5
_STILL: Final = 20.0
"""Seconds without any change after which the watcher says that the hub may not run."""
_SHOWN: Final = 20


def show_groups(groups: Sequence[GroupLine], names: Naming) -> None:
    """Print groups of parked hand-offs as a table."""
    render.show_table(
        ("Nhóm", "Số", "Giao cho", "Nội dung", "Lỗi", "Từ", "Gần nhất"),
        [
            (
                one.fingerprint,
                f"{one.count} ({one.alarmed} báo động)" if one.alarmed else str(one.count),
                names(one.agency),
                f"{one.type} {one.step or ''}".rstrip(),
                f"{one.error}: {one.detail}" if one.detail else one.error,
                local(one.first_parked_at),
                local(one.last_parked_at),
            )
            for one in groups
        ],
    )


def show_forecast(seen: Forecast, names: Naming) -> None:
    """Print what a retry would do."""
    render.show_pairs(
        [
            ("Đã đến nơi, không cần gửi / arrived already", str(len(seen.arrived))),
            ("Sẽ lỗi vì lược đồ / would fail today's schema", str(len(seen.unfit))),
            ("Sẽ được gửi / would go out", str(len(seen.going))),
        ]
    )
    for one in seen.unfit[:_SHOWN]:
        render.show(f"  {one.delivery} {one.dossier}: {one.code} {one.path}")
    if seen.loads:
        render.show("")
        render.show_table(
            ("Cơ quan", "Số lần giao", "Dung lượng", "Đang đi", "Tình trạng"),
            [
                (
                    names(load.agency),
                    str(load.handoffs),
                    f"{load.octets / 1024:.0f} KiB",
                    str(load.ahead),
                    _standing(load),
                )
                for load in seen.loads
            ],
        )


def forecast_json(seen: Forecast) -> dict[str, Any]:
    """Return a forecast as JSON values."""
    return asdict(seen)


def show_tasks(lines: Sequence[Line]) -> None:
    """Print group retries as a table."""
    render.show_table(
        (
            "Tác vụ",
            "Nhóm",
            "Trạng thái",
            "Chờ",
            "Đang đi",
            "Đến nơi",
            "Lỗi",
            "Bỏ qua",
            "Bắt đầu",
            "Người",
            "Ghi chú",
        ),
        [
            (
                str(task.id),
                task.fingerprint,
                words.called(words.TASK, task.state),
                *(str(counts.get(state, 0)) for state in ItemState),
                local(task.created_at),
                task.actor,
                task.note or task.reason,
            )
            for task, counts in lines
        ],
    )


def task_json(task: TaskRow, counts: Mapping[ItemState, int]) -> dict[str, Any]:
    """Return a group retry as JSON values."""
    return {**asdict(task), "items": {str(state): counts.get(state, 0) for state in ItemState}}


def watch(tasks: TaskStore, task: TaskRow) -> None:
    """Show how a group retry gets on, on stderr, until it ends or whoever watches leaves."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=render.words_console(), transient=True) as bar:
        shown = bar.add_task(words.called(words.TASK, task.state), total=None)
        before: Mapping[ItemState, int] | None = None
        moved = time.monotonic()
        while task.state in {TaskState.CANARY, TaskState.RUNNING}:
            counts = tasks.counts(task.id)
            ended = sum(counts.values()) - counts.get(ItemState.WAITING, 0)
            ended -= counts.get(ItemState.RELEASED, 0)
            bar.update(
                shown,
                description=words.called(words.TASK, task.state),
                completed=ended,
                total=sum(counts.values()),
            )
            if counts != before:
                before, moved = counts, time.monotonic()
            elif time.monotonic() - moved > _STILL:
                render.say(
                    "Chưa có gì chuyển động: hub có đang chạy không, cơ quan có trả lời không?"
                    " / Nothing moves: does the hub run, does the agency answer?"
                )
                return
            time.sleep(_EVERY)
            task = tasks.task(task.id) or task


def _standing(load: Load) -> str:
    said = []
    if not load.known:
        said.append("không có trong danh bạ hiện nay")
    if load.silent_since is not None:
        said.append(f"bộ kết nối im lặng từ {local(load.silent_since)}")
    if load.probing:
        said.append(f"đang giao thử từng hồ sơ sau {load.failures} lần lỗi")
    return "; ".join(said) or "bình thường"
