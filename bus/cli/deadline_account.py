"""What is told of a dossier's due dates: how each was reckoned, and whether it would be so now."""

from dataclasses import dataclass
from datetime import datetime

from bus.cli.hub_database import HubDatabase
from bus.errors import CalendarExhausted, NotFound
from bus.ids import AgencyCode, DossierCode, StepId
from bus.routing.case import Case, StepState
from bus.routing.explain import Explanation, Stood, Stop
from bus.routing.province import Catalogue
from bus.routing.reckoning import Reckoning, reckoned
from bus.schemas.route import ClockPolicy


@dataclass(frozen=True, slots=True)
class Told:
    """One due date: of the whole where `step` is None.

    `stored` is the date that counts: it was frozen when the time limit began. `today` is what the
    newest calendar would give for the same; None where it gives none or is the same calendar.
    `agency` is None for a step nobody has, `state` for the whole. `resumes` says how the time goes
    on, where the clock stands now.
    """

    step: StepId | None
    round: int
    agency: AgencyCode | None
    state: StepState | None
    stored: datetime | None
    explanation: Explanation | None
    today: datetime | None
    resumes: ClockPolicy | None

    @property
    def agrees(self) -> bool:
        """Whether the arithmetic ends at the date that is stored."""
        return self.explanation is None or self.explanation.due == self.stored

    @property
    def moved_since(self) -> bool:
        """Whether a calendar published later would give another date."""
        return self.today is not None and self.today != self.stored


@dataclass(frozen=True, slots=True)
class Account:
    """A dossier, the catalogue it keeps, the newest one, and its due dates."""

    case: Case
    catalogue: int
    newest: int
    due: tuple[Told, ...]


def account(hub: HubDatabase, code: str, step: str | None) -> Account:
    """Return what is told of a dossier's due dates, of one step's only where `step` names one.

    Raises:
        NotFound: There is no such dossier, or its route has no such step.
        LedgerBroken: Its entries do not follow from one another.
    """
    case = hub.queries.dossier(DossierCode(code))
    if case is None:
        raise NotFound(
            f"không có hồ sơ {code}; hãy xem `bus dossier list`"
            f" / there is no dossier {code}; see `bus dossier list`"
        )
    steps = [run.id for run in case.steps]
    if step is not None and step not in steps:
        known = ", ".join(steps)
        raise NotFound(
            f"hồ sơ {code} không có bước {step}; các bước là: {known}"
            f" / dossier {code} has no step {step}; its steps are: {known}"
        )
    found = reckoned(hub.queries.entries_of([case.code]), hub.catalogues.version)
    newest = hub.catalogues.newest()
    if found is None:
        raise NotFound(
            f"sổ cái không có bản ghi nào của hồ sơ {code}; hãy chạy `bus ledger verify`"
            f" / the ledger has no entry of dossier {code}; run `bus ledger verify`"
        )
    wanted = [StepId(step)] if step is not None else [None, *steps]
    due = tuple(_told(case, found, one, newest) for one in wanted)
    return Account(case, found.catalogue.version, newest.version, due)


def _told(case: Case, found: Reckoning, step: StepId | None, newest: Catalogue) -> Told:
    run = case.step(step) if step is not None else None
    later = newest.version != found.catalogue.version
    explanation = found.explained(step)
    return Told(
        step=step,
        round=run.round if run else 1,
        agency=run.agency if run else case.receiving_unit,
        state=run.state if run else None,
        stored=run.due_at if run else case.due_at,
        explanation=explanation,
        today=_today(found, step, newest) if later else None,
        resumes=_resumes(case, found, explanation),
    )


def _resumes(case: Case, found: Reckoning, explanation: Explanation | None) -> ClockPolicy | None:
    last = explanation.parts[-1].happening if explanation else None
    if not isinstance(last, Stood) or last.until is not None:
        return None
    route = found.catalogue.route_version(case.procedure, case.route_version)
    return route.supplement_clock if last.why is Stop.SUPPLEMENT else route.payment_clock


def _today(found: Reckoning, step: StepId | None, newest: Catalogue) -> datetime | None:
    try:
        explanation = found.explained(step, newest)
    except CalendarExhausted:
        return None
    return explanation.due if explanation else None
