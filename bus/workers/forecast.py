"""What would happen if parked hand-offs went out again: asked before, so that nobody is surprised.

Nothing is sent and nothing is changed. Three questions: which of them are needed no more, which
would fail today's schema, and what the receiver would have to take.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bus.errors import SenderMustAct
from bus.ids import AgencyCode, DossierCode
from bus.ports import ContactRow, DeliveryRow, DeliveryState
from bus.routing.case import Case, StepState
from bus.routing.province import Catalogue
from bus.schemas.reader import Unreadable, read_from_hub


@dataclass(frozen=True, slots=True)
class Unfit:
    """A hand-off that would fail again, and why."""

    delivery: UUID
    dossier: DossierCode
    code: str
    path: str


@dataclass(frozen=True, slots=True)
class Load:
    """What one agency would have to take, and how it stands.

    `ahead` counts the hand-offs to it that are under way already. `silent_since` is when its
    adapter was heard last, if that is too long ago; `known` says whether today's directory has it.
    """

    agency: AgencyCode
    handoffs: int
    octets: int
    ahead: int
    known: bool
    failures: int
    probing: bool
    silent_since: datetime | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What would happen: every hand-off is in exactly one of the three lists."""

    arrived: tuple[UUID, ...]
    unfit: tuple[Unfit, ...]
    going: tuple[UUID, ...]
    loads: tuple[Load, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand: what a forecast is made from."""

    cases: Mapping[DossierCode, Case]
    contacts: Mapping[AgencyCode, ContactRow]
    ahead: Mapping[AgencyCode, int]
    newest: Catalogue
    now: datetime
    silent_after: datetime


def forecast(rows: Sequence[DeliveryRow], standing: Standing) -> Forecast:
    """Return what would happen if these hand-offs went out again now.

    Args:
        rows: The hand-offs as they stand now.
        standing: Their cases, the adapters, the newest directory.
    """
    arrived: list[UUID] = []
    unfit: list[Unfit] = []
    going: list[DeliveryRow] = []
    for row in rows:
        if _arrived(row, standing.cases.get(row.dossier)):
            arrived.append(row.id)
        elif (fault := _fault(row)) is not None:
            unfit.append(fault)
        else:
            going.append(row)
    return Forecast(
        tuple(arrived), tuple(unfit), tuple(row.id for row in going), tuple(_loads(going, standing))
    )


def _arrived(row: DeliveryRow, case: Case | None) -> bool:
    """Say whether its agency has it, by receipt or by what it has said about the step since."""
    if row.state is not DeliveryState.PARKED:
        return True
    if case is None or row.step is None:
        return False
    run = case.step(row.step)
    if run is None or run.agency != row.agency:
        return True
    return run.round != row.round or run.state is not StepState.OPEN


def _fault(row: DeliveryRow) -> Unfit | None:
    """Return why an adapter of today could not read it, None where it could."""
    try:
        read_from_hub(row.body)
    except Unreadable as unreadable:
        error: SenderMustAct = unreadable.error
        return Unfit(row.id, row.dossier, error.code, error.path)
    return None


def _loads(going: Sequence[DeliveryRow], standing: Standing) -> list[Load]:
    by_agency: dict[AgencyCode, list[DeliveryRow]] = defaultdict(list)
    for row in going:
        by_agency[row.agency].append(row)
    return [_load(agency, rows, standing) for agency, rows in sorted(by_agency.items())]


def _load(agency: AgencyCode, rows: Sequence[DeliveryRow], standing: Standing) -> Load:
    contact = standing.contacts.get(agency)
    entry = standing.newest.directory.agency(agency)
    today = standing.newest.calendar.local_date(standing.now)
    heard = contact.heard_at if contact is not None else None
    return Load(
        agency=agency,
        handoffs=len(rows),
        octets=sum(len(row.body) for row in rows),
        ahead=standing.ahead.get(agency, 0),
        known=entry is not None and entry.covers(today),
        failures=contact.failures if contact is not None else 0,
        probing=contact is not None and contact.health.probing,
        silent_since=heard if heard is not None and heard < standing.silent_after else None,
    )
