"""What became of a dossier, as far as forms tell of it: read off its ledger entries once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from bus.errors import NotFound
from bus.ids import AgencyCode, StepId
from bus.routing.case import Case, CaseState, StepState
from bus.routing.clock import working_days_before
from bus.routing.fold import Move, moves
from bus.routing.forms.custody import Leg, LegEnd, LegKind, custody, said_in
from bus.routing.forms.documents import Extension
from bus.routing.ledger import LedgerEntry
from bus.routing.province import Catalogue
from bus.schemas.dossier import DossierSubmittedV1, DossierWithdrawnV1
from bus.schemas.receipt import DeliveryRefusedV1
from bus.schemas.request import SupplementRequestedV1
from bus.schemas.route import Route
from bus.schemas.step import StepRejectedV1

_LATE_ENDS = frozenset({CaseState.COMPLETED, CaseState.RETURNED, CaseState.REJECTED})
_APOLOGY_DAYS = 1
"""Working days before the end of the time limit by which an apology is owed (art. 19.9)."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A step that ended in a refusal, by its performer's word or by its system's."""

    entry: LedgerEntry
    step: StepId
    reason: str
    legal_basis: str | None
    whole: bool


@dataclass(frozen=True, slots=True)
class Chronicle:
    """A dossier's history for those who fill in forms.

    `opened` is the case as it was accepted. `extension` is the new appointment that was given; it
    is None as long as no message gives one.
    """

    entries: tuple[LedgerEntry, ...]
    submitted: DossierSubmittedV1
    opened: Case
    case: Case
    catalogue: Catalogue
    route: Route
    legs: tuple[Leg, ...]
    supplements: tuple[tuple[LedgerEntry, SupplementRequestedV1], ...]
    refusals: tuple[Refused, ...]
    withdrawn: tuple[LedgerEntry, DossierWithdrawnV1, tuple[StepId, ...]] | None
    extension: Extension | None = None

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
    return Chronicle(
        entries=tuple(move.entry for move in told),
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
        withdrawn=next(filter(None, map(_withdrawn, told)), None),
    )


def _refused(move: Move) -> Iterable[Refused]:
    """Yield the step that an entry refused; a late refusal moves nothing and is none."""
    said = said_in(move)
    if move.before is None or move.after is None:
        return
    before = {run.id: run.state for run in move.before.steps}
    for run in move.after.steps:
        if run.state is not StepState.REJECTED or before[run.id] is StepState.REJECTED:
            continue
        assert isinstance(said, StepRejectedV1 | DeliveryRefusedV1)  # noqa: S101 -- nothing else does
        basis = said.data.legal_basis if isinstance(said, StepRejectedV1) else None
        whole = move.after.state is CaseState.REJECTED
        yield Refused(move.entry, run.id, said.data.reason, basis, whole)


def _withdrawn(
    move: Move,
) -> tuple[LedgerEntry, DossierWithdrawnV1, tuple[StepId, ...]] | None:
    said = said_in(move)
    if not isinstance(said, DossierWithdrawnV1) or move.before is None:
        return None
    under_way = {StepState.OPEN, StepState.IN_HAND, StepState.SUPPLEMENTING}
    stage = tuple(run.id for run in move.before.steps if run.state in under_way)
    return move.entry, said, stage


Naming = Callable[[AgencyCode], str]
"""What an agency is called today, where the catalogue of the case does not know it."""
