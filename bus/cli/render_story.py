"""The story of a dossier as a text that reads from top to bottom."""

from collections.abc import Iterator, Sequence
from typing import Any

from bus.cli import words
from bus.cli.render import local
from bus.cli.story import HandedOver, Happening
from bus.ports import AttemptEnd, AttemptRow
from bus.routing.case import Case


def lines(case: Case, happenings: Sequence[Happening], receiving_unit: str) -> Iterator[str]:
    """Yield the story, line by line."""
    yield f"Hồ sơ {case.code} · thủ tục {case.procedure} · {receiving_unit}"
    yield f"{words.called(words.CASE, case.state)}, hẹn trả {local(case.due_at)}"
    for happening in happenings:
        yield from _happening(happening)


def as_json(case: Case, happenings: Sequence[Happening]) -> dict[str, Any]:
    """Return the story as JSON values."""
    return {
        "dossier": case.code,
        "procedure": case.procedure,
        "state": case.state,
        "receiving_unit": case.receiving_unit,
        "accepted_at": case.accepted_at,
        "due_at": case.due_at,
        "ended_at": case.ended_at,
        "events": [_event(happening) for happening in happenings],
    }


def _happening(happening: Happening) -> Iterator[str]:
    place = f"{local(happening.at)}  #{happening.partition}/{happening.position}"
    said = f"{happening.agency_name}: {happening.term} ({happening.type})"
    if happening.type.startswith("delivery."):  # a receipt follows closely and says little
        yield f"    {place}  {said} — {happening.detail}"
        return
    yield ""
    yield f"{place}  {said}"
    if happening.detail:
        yield f"    {happening.detail}"
    for one in happening.handed_over:
        yield from _handed_over(one)


def _handed_over(one: HandedOver) -> Iterator[str]:
    line = one.line
    step = f", bước {one.step}" if one.step else ", cả hồ sơ" if one.whole else ""
    settled = f" {local(line.settled_at)}" if line.settled_at else ""
    state = words.called(words.HANDOFF, line.state)
    again = f", đã gửi {line.published} lần" if line.published > 1 else ""
    reference = f", số {line.reference}" if line.reference else ""
    yield f"    → {one.to}: {one.term}{step} — {state}{settled}{again}{reference}"
    for attempt in one.attempts:
        if attempt.end is not AttemptEnd.IMPORTED:
            yield f"        {_attempt(attempt)}"


def _attempt(attempt: AttemptRow) -> str:
    end = words.called(words.ATTEMPT, attempt.end)
    why = " ".join(part for part in (attempt.code, attempt.detail) if part)
    next_at = f", thử lại {local(attempt.next_at)}" if attempt.next_at else ""
    return f"lần {attempt.number} {local(attempt.ended_at)}: {end} {why}".rstrip() + next_at


def _event(happening: Happening) -> dict[str, Any]:
    return {
        "at": happening.at,
        "partition": happening.partition,
        "position": happening.position,
        "kind": happening.kind,
        "type": happening.type,
        "term": happening.term,
        "agency": happening.agency,
        "agency_name": happening.agency_name,
        "detail": happening.detail,
        "handoffs": [_handoff(one) for one in happening.handed_over],
    }


def _handoff(one: HandedOver) -> dict[str, Any]:
    line = one.line
    return {
        "id": line.id,
        "type": line.type,
        "agency": line.agency,
        "agency_name": one.to,
        "step": one.step,
        "round": line.round,
        "state": line.state,
        "sent_at": line.sent_at,
        "settled_at": line.settled_at,
        "published": line.published,
        "failures": line.failures,
        "reference": line.reference,
        "attempts": list(one.attempts),
    }
