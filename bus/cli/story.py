"""The story of one dossier: what the ledger took in, and what was handed over because of it.

Pure: entries, hand-offs and attempts go in, happenings in order come out.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from bus.cli import words
from bus.ids import AgencyCode, StepId
from bus.ports import AttemptRow, EntryKind, LedgerEntry
from bus.schemas.catalogue import FromAgency, FromHub, classes, type_name
from bus.schemas.export.terms import term_of
from bus.storage.views import HandoffLine

Naming = Callable[[AgencyCode | None], str]


@dataclass(frozen=True, slots=True)
class HandedOver:
    """One hand-off that followed from an entry, and how it went.

    `step` is the one it is about; `whole` says that it is about the deadline of the whole dossier.
    """

    line: HandoffLine
    term: str
    to: str
    step: StepId | None
    whole: bool
    attempts: tuple[AttemptRow, ...]


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry of the ledger, told."""

    at: datetime
    position: int
    partition: int
    kind: EntryKind
    type: str
    term: str
    agency: AgencyCode
    agency_name: str
    detail: str
    handed_over: tuple[HandedOver, ...]


def story(
    entries: Iterable[LedgerEntry],
    handoffs: Sequence[HandoffLine],
    attempts: Mapping[UUID, Sequence[AttemptRow]],
    notices: Mapping[UUID, bytes],
    names: Naming,
) -> list[Happening]:
    """Return what happened, in the order of the ledger.

    Args:
        entries: The ledger's entries of the dossier.
        handoffs: All hand-offs that followed from them.
        attempts: How often each was tried, by its id.
        notices: The bytes of those that tell of a deadline: a hand-off's row says no step of them.
        names: Returns what an agency is called.
    """
    following: dict[int, list[HandedOver]] = defaultdict(list)
    by_id = {str(line.id): line for line in handoffs}
    for line in sorted(handoffs, key=lambda line: (line.cause, line.part)):
        step = line.step or _step_of(notices.get(line.id))
        following[line.cause].append(
            HandedOver(
                line,
                _terms("hub").get(line.type, line.type),
                names(line.agency),
                step,
                line.id in notices and step is None,
                tuple(attempts.get(line.id, ())),
            )
        )
    return [_happening(entry, tuple(following[entry.position]), by_id, names) for entry in entries]


def _step_of(notice: bytes | None) -> StepId | None:
    return None if notice is None else json.loads(notice)["data"].get("step")


def _happening(
    entry: LedgerEntry,
    handed_over: tuple[HandedOver, ...],
    by_id: Mapping[str, HandoffLine],
    names: Naming,
) -> Happening:
    terms = _terms("agency") if entry.kind is EntryKind.MESSAGE else words.EVENT
    return Happening(
        at=entry.recorded_at,
        position=entry.position,
        partition=entry.partition,
        kind=entry.kind,
        type=entry.type,
        term=terms.get(entry.type, entry.type),
        agency=entry.agency,
        agency_name=names(entry.agency),
        detail=_detail(entry, by_id),
        handed_over=handed_over,
    )


def _detail(entry: LedgerEntry, by_id: Mapping[str, HandoffLine]) -> str:
    """Say what an entry is about, without what the citizen handed in."""
    match entry.kind:
        case EntryKind.MESSAGE:
            return _about(json.loads(entry.body).get("data", {}), by_id)
        case EntryKind.ACT:
            act = json.loads(entry.body)
            return f"{act['actor']}: {act['reason']}"
        case EntryKind.CLOCK:
            return ""


def _about(data: Mapping[str, Any], by_id: Mapping[str, HandoffLine]) -> str:
    parts = []
    if "procedure" in data:
        parts.append(f"thủ tục {data['procedure']}")
    if "step" in data:
        again = f" lần {data['round']}" if data.get("round", 1) > 1 else ""
        parts.append(f"bước {data['step']}{again}")
    if "outcome" in data:
        parts.append(f"kết quả {data['outcome']}")
    if "delivery" in data:
        parts.append(_which(by_id.get(data["delivery"])))
    if data.get("reference"):
        parts.append(f"số {data['reference']}")
    if data.get("code"):
        parts.append(f"mã lỗi {data['code']}")
    if isinstance(data.get("reason"), str):
        parts.append(data["reason"])
    return ", ".join(part for part in parts if part)


def _which(line: HandoffLine | None) -> str:
    if line is None:
        return ""
    term = _terms("hub").get(line.type, line.type)
    return f"{term} ({line.step})" if line.step else term


@cache
def _terms(side: str) -> Mapping[str, str]:
    union = FromAgency if side == "agency" else FromHub
    return {type_name(message): term_of(message).vi for message in classes(union)}
