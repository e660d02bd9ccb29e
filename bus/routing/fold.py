"""From the ledger back to the case: what the entries of one dossier amount to."""

import json
from collections.abc import Callable, Iterable
from uuid import UUID

from bus.errors import LedgerBroken, TransitionRefused
from bus.routing.case import Case
from bus.routing.effects import HandOver
from bus.routing.ledger import EntryKind, LedgerEntry
from bus.routing.machine import ClockStruck, Event, StepRefused, advance
from bus.routing.opening import Context
from bus.routing.province import Catalogue
from bus.schemas.catalogue import FROM_AGENCY
from bus.schemas.receipt import DeliveryFailedV1, DeliveryImportedV1, DeliveryRefusedV1


def fold(entries: Iterable[LedgerEntry], catalogue: Callable[[int], Catalogue]) -> Case | None:
    """Return the case the entries amount to, in the order of their positions.

    Raises:
        LedgerBroken: An entry did not follow from the ones before it, or what it says followed
            from it is not what follows.
    """
    case: Case | None = None
    handed: dict[UUID, HandOver] = {}
    for entry in entries:
        event = _event(entry, handed)
        if event is None:
            owed: tuple[HandOver, ...] = ()
        else:
            try:
                context = Context(catalogue(entry.catalogue), entry.recorded_at)
                case, owed = advance(case, event, context)
            except TransitionRefused:
                if not isinstance(event, StepRefused):
                    raise
                owed = ()
        ids = [UUID(id_) for id_, _ in json.loads(entry.effects)]
        if len(ids) != len(owed):
            raise LedgerBroken(
                f"partition {entry.partition} position {entry.position}: {len(ids)} hand-offs are"
                f" recorded, {len(owed)} follow from it",
                dossier=entry.dossier,
            )
        handed.update(zip(ids, owed, strict=True))
    return case


def _event(entry: LedgerEntry, handed: dict[UUID, HandOver]) -> Event | None:
    if entry.kind is EntryKind.CLOCK:
        return ClockStruck()
    if entry.kind is EntryKind.ACT:
        return None
    message = FROM_AGENCY.validate_json(entry.body)
    match message:
        case DeliveryImportedV1() | DeliveryFailedV1():
            return None
        case DeliveryRefusedV1():
            owed = handed[message.data.delivery]
            if owed.step is None or owed.round is None:
                return None
            return StepRefused(owed.recipient, owed.step, owed.round, message.data.reason)
        case _ if hasattr(message, "subject"):
            return message  # type: ignore[return-value]
        case _:
            return None
