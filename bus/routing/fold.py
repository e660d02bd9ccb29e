"""From the ledger back to the case: what the entries of one dossier amount to."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from bus.errors import BusError, LedgerBroken, OperatorMustAct, SenderMustAct
from bus.routing import acts
from bus.routing.acts import ActKind
from bus.routing.case import Case
from bus.routing.effects import HandOver
from bus.routing.ledger import EntryKind, LedgerEntry
from bus.routing.machine import ClockStruck, Event, StepRefused, advance
from bus.routing.opening import Context
from bus.routing.province import Catalogue
from bus.routing.rerouting import DossierPlaced, StepRerouted, followed
from bus.schemas.catalogue import FROM_AGENCY, DossierEvent
from bus.schemas.receipt import DeliveryRefusedV1
from bus.values import changed


@dataclass(frozen=True, slots=True)
class Move:
    """One entry, the case before and after it, and the hand-overs that followed, by their ids."""

    entry: LedgerEntry
    before: Case | None
    after: Case | None
    owed: Mapping[UUID, HandOver]


def fold(entries: Iterable[LedgerEntry], catalogue: Callable[[int], Catalogue]) -> Case | None:
    """Return the case the entries amount to, in the order of their positions.

    Raises:
        LedgerBroken: An entry cannot be read, did not follow from the ones before it, or what it
            says followed from it is not what follows.
    """
    case: Case | None = None
    for _, case in unfolded(entries, catalogue):  # noqa: B007 -- the last one is what is wanted
        pass
    return case


def unfolded(
    entries: Iterable[LedgerEntry], catalogue: Callable[[int], Catalogue]
) -> Iterator[tuple[LedgerEntry, Case | None]]:
    """Yield each entry with the case as it was after it; raises as `fold` does."""
    return ((move.entry, move.after) for move in moves(entries, catalogue))


def moves(entries: Iterable[LedgerEntry], catalogue: Callable[[int], Catalogue]) -> Iterator[Move]:
    """Yield each entry with what it did to the case; raises as `fold` does."""
    case: Case | None = None
    handed: dict[UUID, HandOver] = {}
    for entry in entries:
        try:
            after, owed = _moved(case, entry, handed, catalogue)
            ids = [UUID(id_) for id_, _ in json.loads(entry.effects)]
        except (SenderMustAct, OperatorMustAct, ValueError) as error:
            # A validation error would quote the body: only the bus's own words go on.
            why = str(error) if isinstance(error, BusError) else "it cannot be read"
            raise _broken(entry, why) from error
        if len(ids) != len(owed):
            raise _broken(entry, f"{len(ids)} hand-offs are recorded, {len(owed)} follow from it")
        followed = dict(zip(ids, owed, strict=True))
        handed.update(followed)
        yield Move(entry, case, after, followed)
        case = after


def _moved(
    case: Case | None,
    entry: LedgerEntry,
    handed: Mapping[UUID, HandOver],
    catalogue: Callable[[int], Catalogue],
) -> tuple[Case | None, tuple[HandOver, ...]]:
    if entry.kind is EntryKind.ACT:
        return _acted(case, entry, handed, catalogue)
    event = _event(entry, handed)
    if event is None:
        return case, ()
    context = _context(case, entry, catalogue)
    if not isinstance(event, StepRefused):
        return advance(case, event, context)
    try:
        return advance(case, event, context)
    except SenderMustAct:
        return case, ()


def _acted(
    case: Case | None,
    entry: LedgerEntry,
    handed: Mapping[UUID, HandOver],
    catalogue: Callable[[int], Catalogue],
) -> tuple[Case | None, tuple[HandOver, ...]]:
    """Return what an operator's act amounts to: only rerouting hands anything over."""
    act = acts.load(entry.body)
    if act.act is ActKind.PLACE:
        if act.area is None:
            raise LedgerBroken("it places a dossier nowhere")
        return advance(case, DossierPlaced(act.area), _context(case, entry, catalogue))
    if act.act is not ActKind.REROUTE:
        return case, ()
    owed = handed.get(act.delivery) if act.delivery else None
    if case is None or owed is None or act.to is None:
        raise LedgerBroken("it reroutes a hand-off that follows from no entry before it")
    if owed.step is None or owed.round is None:
        again = (changed(owed, recipient=act.to),)
        return followed(case, _context(case, entry, catalogue)), again
    event = StepRerouted(owed.step, owed.round, act.to, act.reason, bool(act.take_back))
    return advance(case, event, _context(case, entry, catalogue))


def _context(
    case: Case | None, entry: LedgerEntry, catalogue: Callable[[int], Catalogue]
) -> Context:
    """Return what was decided in: the case's own catalogue, and the newest of that moment."""
    newest = catalogue(entry.catalogue)
    own = newest if case is None else catalogue(case.catalogue)
    return Context(own, entry.recorded_at, newest)


def _event(entry: LedgerEntry, handed: Mapping[UUID, HandOver]) -> Event | None:
    if entry.kind is not EntryKind.MESSAGE:
        return ClockStruck()
    message = FROM_AGENCY.validate_json(entry.body)
    if isinstance(message, DossierEvent):
        return message
    if not isinstance(message, DeliveryRefusedV1):
        return None
    owed = handed.get(message.data.delivery)
    if owed is None:
        raise LedgerBroken("it refuses a hand-off that follows from no entry before it")
    if owed.step is None or owed.round is None:
        return None
    return StepRefused(owed.recipient, owed.step, owed.round, message.data.reason)


def _broken(entry: LedgerEntry, why: str) -> LedgerBroken:
    return LedgerBroken(
        f"partition {entry.partition} position {entry.position}: {why}", dossier=entry.dossier
    )
