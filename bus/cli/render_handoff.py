"""Hand-offs as tables."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from bus.cli import render, words
from bus.cli.render import NOTHING, local
from bus.ids import AgencyCode
from bus.ports import AttemptRow, ContactRow, DeliveryRow
from bus.storage.views import HandoffLine

Naming = Callable[[AgencyCode | None], str]


def show_list(found: Sequence[HandoffLine], names: Naming) -> None:
    """Print hand-offs as a table."""
    render.show_table(
        ("Mã lần giao", "Hồ sơ", "Giao cho", "Nội dung", "Trạng thái", "Lỗi", "Lập lúc", "Tiếp"),
        [
            (
                str(line.id),
                line.dossier,
                names(line.agency),
                line.type,
                words.called(words.HANDOFF, line.state),
                _failures(line.failures, line.error),
                local(line.created_at),
                local(line.next_at),
            )
            for line in found
        ],
    )


def show_handoff(
    row: DeliveryRow, attempts: Sequence[AttemptRow], names: Naming, contact: ContactRow | None
) -> None:
    """Print one hand-off, how its agency stands, then its attempts."""
    render.show_pairs(
        [
            ("Mã lần giao", str(row.id)),
            ("Hồ sơ", row.dossier),
            ("Giao cho", f"{names(row.agency)} ({row.agency})"),
            ("Nội dung", f"{row.type} {row.step or ''}".rstrip()),
            ("Trạng thái", words.called(words.HANDOFF, row.state)),
            ("Lỗi", _failures(row.failures, row.error)),
            ("Số lần gửi", str(row.published)),
            ("Theo sổ cái", f"#{row.partition}/{row.cause}"),
            ("Lập lúc", local(row.created_at)),
            ("Gửi lúc", local(row.sent_at)),
            ("Xem lại lúc", local(row.next_at)),
            ("Xong lúc", local(row.settled_at)),
            ("Số của cơ quan", row.reference or NOTHING),
            ("Nhóm lỗi", row.fingerprint or NOTHING),
            ("Báo động lúc", local(row.alarmed_at)),
            ("Thay cho", str(row.origin) if row.origin else NOTHING),
            ("Bộ kết nối", _adapter(contact)),
        ]
    )
    if attempts:
        render.show("")
        render.show_table(
            ("Lần", "Lúc", "Kết quả", "Mã lỗi", "Chi tiết", "Thử lại lúc"),
            [_attempt(attempt) for attempt in attempts],
        )


def as_json(row: DeliveryRow, attempts: Sequence[AttemptRow]) -> dict[str, Any]:
    """Return one hand-off as JSON values, without its bytes."""
    shown = asdict(row)
    del shown["body"], shown["jws"]
    return {**shown, "attempts": list(attempts)}


def _adapter(contact: ContactRow | None) -> str:
    if contact is None:
        return "chưa từng có tin"
    said = f"có tin lần cuối {local(contact.heard_at)}"
    if contact.health.probing:
        said += f"; đang giao thử từng hồ sơ, lần tới {local(contact.probe_at)}"
    return said


def _failures(count: int, error: str | None) -> str:
    return f"{count} lần: {error}" if error else str(count)


def _attempt(attempt: AttemptRow) -> tuple[str, ...]:
    return (
        str(attempt.number),
        local(attempt.ended_at),
        words.called(words.ATTEMPT, attempt.end),
        attempt.code or NOTHING,
        attempt.detail or NOTHING,
        local(attempt.next_at),
    )
