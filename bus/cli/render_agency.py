"""Agencies with how their adapters stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bus.cli import render
from bus.cli.render import local
from bus.ids import AgencyCode
from bus.ports import ContactRow
from bus.routing.competence import Directory
from bus.storage.views import Backlog


@dataclass(frozen=True, slots=True)
class AgencyLine:
    """One agency: when its adapter was heard, how it takes hand-offs, what waits for it."""

    code: AgencyCode
    name: str
    heard_at: datetime | None
    silent: bool
    version: str | None
    unanswered: int | None
    failures: int
    probing: bool
    probe_at: datetime | None
    under_way: int
    parked: int
    oldest_at: datetime | None


def lines_of(
    directory: Directory,
    contacts: Mapping[AgencyCode, ContactRow],
    backlogs: Mapping[AgencyCode, Backlog],
    *,
    silent_before: datetime,
) -> list[AgencyLine]:
    """Return every agency that was ever heard of or that something waits for, by code."""
    return [
        _line(code, directory, contacts.get(code), backlogs.get(code), silent_before)
        for code in sorted(contacts.keys() | backlogs.keys())
    ]


def show(lines: Sequence[AgencyLine]) -> None:
    """Print agencies as a table."""
    render.show_table(
        ("Mã", "Cơ quan", "Tin lần cuối", "Bộ kết nối", "Đang giao", "Chờ xử lý", "Cũ nhất"),
        [
            (
                line.code,
                line.name,
                local(line.heard_at),
                _standing(line),
                str(line.under_way),
                str(line.parked),
                local(line.oldest_at),
            )
            for line in lines
        ],
    )


def _line(
    code: AgencyCode,
    directory: Directory,
    contact: ContactRow | None,
    backlog: Backlog | None,
    silent_before: datetime,
) -> AgencyLine:
    entry = directory.agency(code)
    heard_at = contact.heard_at if contact else None
    return AgencyLine(
        code=code,
        name=entry.name if entry else code,
        heard_at=heard_at,
        silent=heard_at is None or heard_at < silent_before,
        version=contact.version if contact else None,
        unanswered=contact.unanswered if contact else None,
        failures=contact.failures if contact else 0,
        probing=contact is not None and contact.health.probing,
        probe_at=contact.probe_at if contact else None,
        under_way=backlog.unsettled - backlog.parked if backlog else 0,
        parked=backlog.parked if backlog else 0,
        oldest_at=backlog.oldest_at if backlog else None,
    )


def _standing(line: AgencyLine) -> str:
    if line.heard_at is None:
        return "chưa từng có tin"
    said = []
    if line.silent:
        said.append("im lặng")
    if line.probing:
        said.append(f"giao thử từng hồ sơ, lần tới {local(line.probe_at)}")
    elif line.failures:
        said.append(f"{line.failures} lần lỗi liên tiếp")
    if line.unanswered:
        said.append(f"{line.unanswered} thông điệp chưa có hồi báo")
    well = f"tốt, bản {line.version}" if line.version else "tốt"
    return "; ".join(said) or well
