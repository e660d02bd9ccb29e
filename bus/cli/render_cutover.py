"""What a cutover did, or would do, in words and as data."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from bus.cli import render
from bus.workers.cutover import CutoverReport


def watch(so_far: CutoverReport) -> None:
    """Say on stderr how far it is, after each batch."""
    render.say(
        f"{so_far.dossiers} hồ sơ, {so_far.moved} bước / {so_far.dossiers} dossiers,"
        f" {so_far.moved} steps"
    )


def as_json(report: CutoverReport) -> dict[str, Any]:
    """Return the report as JSON values; `undecided` and `left` name each dossier."""
    counts = {
        name: getattr(report, name)
        for name in (
            "version",
            "applied",
            "dossiers",
            "moved",
            "readdressed",
            "dropped",
            "placed",
            "kept",
            "due_dates_changed",
        )
    }
    return {
        "at": report.day.isoformat(),
        **counts,
        "to_decide": len(report.to_decide),
        "undecided": [asdict(one) for one in report.to_decide],
        "left": [asdict(one) for one in report.left],
    }


def decisions(report: CutoverReport) -> Iterator[str]:
    """Yield what is to be decided as the CSV that `--decisions` takes, the usual part proposed."""
    if report.to_decide:
        yield "dossier,area,to"
    for one in report.to_decide:
        yield f"{one.dossier},{one.area},{one.usual or ''}"


def lines(report: CutoverReport) -> Iterator[str]:
    """Yield the report for people."""
    vi, en = ("Đã", "were") if report.applied else ("Sẽ", "would be")
    yield (
        f"{vi} chuyển {report.moved} bước của {report.dossiers} hồ sơ, đổi nơi nhận"
        f" {report.readdressed} lần giao, bỏ {report.dropped}, xác định địa bàn {report.placed};"
        f" giữ nguyên {report.kept} bước / {report.moved} steps of {report.dossiers} dossiers {en}"
        f" moved, {report.readdressed} hand-offs re-addressed, {report.dropped} dropped,"
        f" {report.placed} placed; {report.kept} steps stay"
    )
    yield (
        f"Hạn xử lý bị đổi: {report.due_dates_changed} / Due dates changed:"
        f" {report.due_dates_changed}"
    )
    if not report.applied and report.moved + report.readdressed:
        yield (
            "Trước khi thực hiện, hãy chạy `bus broker apply` với danh bạ mới để cơ quan kế tục có"
            " hàng đợi / Before you apply it, run `bus broker apply` with the new directory, so"
            " that whoever takes over has a queue"
        )
    for one in report.left:
        what = f"bước {one.step}" if one.step else "lần giao"
        yield (
            f"{one.dossier}: {what} ở {one.agency} không có ai tiếp nhận ({one.why}); hãy bổ sung"
            " cơ quan kế tục vào danh bạ, công bố và chạy lại"
            f" / nobody takes over from {one.agency} ({one.why}); add a successor to the directory,"
            " publish it and run this again"
        )
    if report.to_decide:
        yield (
            f"{len(report.to_decide)} hồ sơ cần quyết định địa bàn: sửa danh sách trên nếu cần, lưu"
            f" lại và chạy với --decisions / {len(report.to_decide)} dossiers need a decision:"
            " correct the list above where needed, keep it and run this with --decisions"
        )
