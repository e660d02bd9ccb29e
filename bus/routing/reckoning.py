"""What made the due moments of a dossier what they are, read off its ledger entries."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from bus.ids import StepId
from bus.routing.case import Case, CaseState, StepRun
from bus.routing.explain import Counted, Explanation, Happening, Moved, Start, Stood, Stop, explain
from bus.routing.fold import unfolded
from bus.routing.ledger import LedgerEntry
from bus.routing.province import Catalogue
from bus.schemas.catalogue import FROM_AGENCY
from bus.schemas.dossier import DossierSupplementedV1
from bus.schemas.route import ClockPolicy, Route

_STOPS: Final = {
    CaseState.SUPPLEMENTING: Stop.SUPPLEMENT,
    CaseState.AWAITING_PAYMENT: Stop.PAYMENT,
}


@dataclass(slots=True)
class Reckoning:
    """A case, and what made its due moments: of the whole, and of each step that has one."""

    case: Case
    catalogue: Catalogue
    whole: list[Happening] = field(default_factory=list)
    steps: dict[StepId, list[Happening]] = field(default_factory=dict)

    def explained(self, step: StepId | None, by: Catalogue | None = None) -> Explanation | None:
        """Return the arithmetic of a step's due moment, of the whole's where `step` is None.

        By the calendar the dossier keeps, or as another catalogue would have it. None where no
        time limit was ever counted.

        Raises:
            CalendarExhausted: A day is outside the years the calendar covers.
        """
        happenings = self.whole if step is None else self.steps.get(step, [])
        return explain(happenings, (by or self.catalogue).calendar_of)


def reckoned(
    entries: Iterable[LedgerEntry], catalogue: Callable[[int], Catalogue]
) -> Reckoning | None:
    """Return what the entries of one dossier say about its due moments; None without a dossier.

    Raises:
        LedgerBroken: The entries do not follow from one another.
        CalendarExhausted: A day is outside the years the calendar covers.
    """
    found: Reckoning | None = None
    for entry, case in unfolded(entries, catalogue):
        if case is None:
            continue
        pinned = catalogue(case.catalogue)
        route = pinned.route_version(case.procedure, case.route_version)
        if found is None:
            found = Reckoning(case, pinned)
            if route.total is not None:
                found.whole.append(
                    Counted(case.accepted_at, route.total, Start.ACCEPTED, case.receiving_unit)
                )
            _settle(found, None, case.due_at, entry)
            for run in case.steps:
                _step(found, StepRun(run.id), run, entry, route)
        else:
            before, found.case = found.case, case
            _whole(found, before, case, entry, route)
            for old, new in zip(before.steps, case.steps, strict=True):
                _step(found, old, new, entry, route)
    return found


def _whole(found: Reckoning, before: Case, case: Case, entry: LedgerEntry, route: Route) -> None:
    restart = _supplemented(entry) if route.supplement_clock is ClockPolicy.RESTART else None
    if before.paused_at and (case.paused_at is None or restart):
        policy = _policy(route, before.state)
        given_back = case.open and not restart and policy is ClockPolicy.PAUSE
        _resume(found.whole, entry.recorded_at, given_back=given_back)
    if restart and route.total is not None:
        found.whole.append(Counted(restart, route.total, Start.SUPPLEMENTED, case.receiving_unit))
    if case.paused_at and (before.paused_at is None or restart) and found.whole:
        why = _STOPS[case.state]
        found.whole.append(Stood(case.paused_at, why, case.receiving_unit))
    if case.due_at != before.due_at:
        _settle(found, None, case.due_at, entry)


def _step(found: Reckoning, old: StepRun, new: StepRun, entry: LedgerEntry, route: Route) -> None:
    limit = next(step.limit for step in route.steps if step.id == new.id)
    agency = new.agency or found.case.receiving_unit
    if new.opened_at is not None and (old.opened_at is None or old.round != new.round):
        kept = found.steps.get(new.id)
        again = _supplemented(entry) if old.opened_at is not None else None
        given_back = route.supplement_clock is ClockPolicy.PAUSE
        _resume(kept or [], entry.recorded_at, given_back=given_back)
        if limit is not None and (again is None or route.supplement_clock is ClockPolicy.RESTART):
            first = found.case.accepted_at if entry.type == "dossier.submitted" else None
            why = Start.ACCEPTED if first else Start.HANDED_OVER
            start = again or first or entry.recorded_at
            counted = Counted(start, limit, Start.SUPPLEMENTED if again else why, agency)
            found.steps.setdefault(new.id, []).append(counted)
    elif new.paused_at and old.paused_at is None and new.id in found.steps:
        stood = Stood(new.paused_at, Stop.SUPPLEMENT, agency)
        found.steps[new.id].append(stood)
    if new.due_at != old.due_at:
        _settle(found, new.id, new.due_at, entry)


def _settle(
    found: Reckoning, step: StepId | None, due: datetime | None, entry: LedgerEntry
) -> None:
    """Note that something else moved the due moment, where the arithmetic ends elsewhere."""
    explained = found.explained(step)
    if due is not None and (explained is None or explained.due != due):
        happenings = found.whole if step is None else found.steps.setdefault(step, [])
        happenings.append(Moved(entry.recorded_at, due, entry.type))


def _resume(happenings: list[Happening], at: datetime, *, given_back: bool) -> None:
    last = happenings[-1] if happenings else None
    if isinstance(last, Stood):
        happenings[-1] = replace(last, until=at, given_back=given_back)


def _policy(route: Route, state: CaseState) -> ClockPolicy:
    if state is CaseState.SUPPLEMENTING:
        return route.supplement_clock
    return route.payment_clock


def _supplemented(entry: LedgerEntry) -> datetime | None:
    """Return when the supplement was accepted, None for an entry that is none."""
    if entry.type != "dossier.supplemented":
        return None
    message = FROM_AGENCY.validate_json(entry.body)
    return message.data.accepted_at if isinstance(message, DossierSupplementedV1) else None
