"""What became of a dossier, as far as forms tell of it: read off its ledger entries once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from bus.errors import NotFound
from bus.ids import AgencyCode, StepId
from bus.routing.case import ACTIVE_STEPS, Case, CaseState, StepState
from bus.routing.clock import working_days_before
from bus.routing.fold import Move, moves
from bus.routing.forms.custody import Leg, LegEnd, LegKind, custody, said_in
from bus.routing.forms.documents import Extension
from bus.routing.ledger import LedgerEntry
from bus.routing.province import Catalogue
from bus.schemas.dossier import DossierSubmittedV1, DossierWithdrawnV1
from bus.schemas.ending import DossierRejectedV1, DossierTerminatedV1
from bus.schemas.progress import StepExtendedV1
from bus.schemas.receipt import DeliveryRefusedV1
from bus.schemas.request import SupplementRequestedV1
from bus.schemas.route import Route
from bus.schemas.step import StepRejectedV1

_LATE_ENDS = frozenset({CaseState.COMPLETED, CaseState.RETURNED, CaseState.REJECTED})
_APOLOGY_DAYS = 1
"""Working days before the end of the time limit by which an apology is owed (art. 19.9)."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal: of a step, by its performer's word or its system's, or at reception.

    `step` is None where the receiving unit did not take the dossier after all.
    """

    entry: LedgerEntry
    step: StepId | None
    reason: str
    legal_basis: str | None
    whole: bool


@dataclass(frozen=True, slots=True)
class Stopped:
    """A dossier that was stopped, by the citizen's wish or by an agency, and in which steps."""

    entry: LedgerEntry
    reason: str
    stage: tuple[StepId, ...]
    by_agency: bool


@dataclass(frozen=True, slots=True)
class Chronicle:
    """A dossier's history for those who fill in forms.

    `opened` is the case as it was accepted. `units` has for each entry who the receiving unit was
    then. `extension` is the one new appointment, where there is one, and `extended_by` who asked
    for it.
    """

    entries: tuple[LedgerEntry, ...]
    units: tuple[AgencyCode, ...]
    submitted: DossierSubmittedV1
    opened: Case
    case: Case
    catalogue: Catalogue
    route: Route
    legs: tuple[Leg, ...]
    supplements: tuple[tuple[LedgerEntry, SupplementRequestedV1], ...]
    refusals: tuple[Refused, ...]
    stopped: Stopped | None
    extension: Extension | None = None
    extended_by: AgencyCode | None = None

    def unit_at(self, entry: LedgerEntry) -> AgencyCode:
        """Return who was the receiving unit when an entry was written."""
        return self.units[self.entries.index(entry)]

    def step_name(self, step: StepId) -> str:
        """Return what a step is called in Vietnamese."""
        return next(one.name.vi for one in self.route.steps if one.id == step)

    def late(self, now: datetime) -> tuple[Leg, ...]:
        """Return the hand-overs of steps that are or were overdue, first handed over first."""
        return tuple(
            leg
            for leg in self.legs
            if leg.kind is LegKind.STEP
            and leg.due_at is not None
            and leg.end not in {LegEnd.CANCELLED, LegEnd.REROUTED}
            and (leg.ended_at or now) > leg.due_at
        )

    def apology_owed(self, now: datetime) -> bool:
        """Say whether an apology is owed: the appointment was missed, will be, or was moved.

        Decree 61/2018 article 19.9: at least one day before the time limit ends. Nothing is owed
        while the citizen is waited for.

        Raises:
            CalendarExhausted: The appointment is outside the calendar.
        """
        case = self.case
        if self.extension is not None:
            return True
        if case.due_at is None or case.paused_at is not None:
            return False
        if case.open:
            return now >= working_days_before(case.due_at, _APOLOGY_DAYS, self.catalogue.calendar)
        ended = case.ended_at
        return case.state in _LATE_ENDS and ended is not None and ended > case.due_at


def chronicle(entries: Iterable[LedgerEntry], catalogue: Callable[[int], Catalogue]) -> Chronicle:
    """Return the history of one dossier, from all of its ledger entries in order.

    Raises:
        NotFound: There is no entry.
        LedgerBroken: The entries do not fold to a case.
    """
    told = tuple(moves(entries, catalogue))
    if not told:
        raise NotFound("sổ cái không có bản ghi nào của hồ sơ / the ledger has no entry of it")
    opened, case, submitted = told[0].after, told[-1].after, said_in(told[0])
    # The fold breaks off where the first entry opens no case.
    assert opened is not None and case is not None  # noqa: S101, PT018
    assert isinstance(submitted, DossierSubmittedV1)  # noqa: S101
    version = catalogue(case.catalogue)
    extended = next((move for move in told if _extended(move)), None)
    return Chronicle(
        entries=tuple(move.entry for move in told),
        units=tuple((move.after or opened).receiving_unit for move in told),
        submitted=submitted,
        opened=opened,
        case=case,
        catalogue=version,
        route=version.route_version(case.procedure, case.route_version),
        legs=custody(told),
        supplements=tuple(
            (move.entry, said)
            for move in told
            if isinstance(said := said_in(move), SupplementRequestedV1)
        ),
        refusals=tuple(refused for move in told for refused in _refused(move)),
        stopped=next(filter(None, map(_stopped, told)), None),
        extension=_extended(extended) if extended else None,
        extended_by=extended.entry.agency if extended else None,
    )


def _refused(move: Move) -> Iterable[Refused]:
    """Yield the step that an entry refused; a late refusal moves nothing and is none."""
    said = said_in(move)
    if move.before is None or move.after is None:
        return
    if isinstance(said, DossierRejectedV1) and move.before.open:
        yield Refused(move.entry, None, said.data.reason, said.data.legal_basis, whole=True)
    before = {run.id: run.state for run in move.before.steps}
    for run in move.after.steps:
        if run.state is not StepState.REJECTED or before[run.id] is StepState.REJECTED:
            continue
        assert isinstance(said, StepRejectedV1 | DeliveryRefusedV1)  # noqa: S101 -- nothing else does
        basis = said.data.legal_basis if isinstance(said, StepRejectedV1) else None
        whole = move.after.state is CaseState.REJECTED
        yield Refused(move.entry, run.id, said.data.reason, basis, whole)


def _stopped(move: Move) -> Stopped | None:
    said = said_in(move)
    if not isinstance(said, DossierWithdrawnV1 | DossierTerminatedV1) or move.before is None:
        return None
    under_way = ACTIVE_STEPS | {StepState.SUPPLEMENTING}
    stage = tuple(run.id for run in move.before.steps if run.state in under_way)
    by_agency = isinstance(said, DossierTerminatedV1)
    return Stopped(move.entry, said.data.reason, stage, by_agency)


def _extended(move: Move) -> Extension | None:
    said = said_in(move)
    if not isinstance(said, StepExtendedV1) or move.before is None:
        return None
    run = move.before.step(said.data.step)
    due = move.before.due_at or (run.due_at if run else None)
    assert due is not None  # noqa: S101 -- only a deadline is extended
    return Extension(due, said.data.extended_due_at, said.data.reason, said.data.apology)


Naming = Callable[[AgencyCode], str]
"""What an agency is called today, where the catalogue of the case does not know it."""
