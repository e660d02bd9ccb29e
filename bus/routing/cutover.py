"""What becomes of one dossier on the day agencies end: a plan, made from values.

Steps that are open at an agency that has ended go to whoever took over, with their deadlines as
they are (Decree 118/2025/NĐ-CP: the new level goes on with what the old one began). What still
waits for such an agency is re-addressed, and what the citizen was asked through it is told to
whoever took over. A dossier of a commune that was divided stays until
somebody decides which part it belongs to.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from bus.ids import AgencyCode, AreaCode, DossierCode, StepId
from bus.routing.case import ACTIVE_STEPS, Case, StepRun, StepState
from bus.routing.competence import Directory
from bus.routing.guards import route_step
from bus.schemas.route import Route

TAKES_BACK: Final = "step.cancelled"
SUPPLEMENT: Final = "supplement.requested"
PAYMENT: Final = "payment.requested"
GIVEN_BACK: Final = "recall.answered"
ASKS: Final = frozenset({SUPPLEMENT, PAYMENT, GIVEN_BACK})
"""What the receiving unit must answer: it asks the citizen, or mends what it took back."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A hand-off to an agency that has ended; `step` and `round` where it hands over a step.

    `type` is that of its message. `open`: it has not arrived yet.
    """

    id: UUID
    agency: AgencyCode
    type: str
    step: StepId | None
    round: int | None
    open: bool


@dataclass(frozen=True, slots=True)
class Move:
    """A hand-off given to another agency, and the step with it; dropped where `to` is absent."""

    delivery: UUID
    to: AgencyCode | None
    step: StepId | None = None
    round: int | None = None


@dataclass(frozen=True, slots=True)
class Undecided:
    """A dossier of a divided commune: which part it may belong to, and which is usually meant."""

    dossier: DossierCode
    area: AreaCode
    parts: tuple[AreaCode, ...]
    usual: AreaCode | None
    steps: int


@dataclass(frozen=True, slots=True)
class Left:
    """An open step, or a hand-off, for which nobody took over."""

    dossier: DossierCode
    agency: AgencyCode
    step: StepId | None
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done with one dossier: placed first, then moved; or undecided, and nothing is."""

    place: AreaCode | None = None
    moves: tuple[Move, ...] = ()
    undecided: Undecided | None = None
    left: tuple[Left, ...] = ()


def ended(directory: Directory, day: date) -> tuple[AgencyCode, ...]:
    """Return the agencies whose last day lies before a day."""
    return tuple(
        entry.code
        for entry in directory.table.agencies
        if entry.valid_to is not None and entry.valid_to < day
    )


def divided(directory: Directory, day: date) -> tuple[AreaCode, ...]:
    """Return the areas of before that are several on a day."""
    areas = dict.fromkeys(row.old for row in directory.table.succession)
    return tuple(area for area in areas if len(directory.places.heirs(area, day)) > 1)


def plan_of(
    case: Case,
    handed: Sequence[Handed],
    *,
    route: Route,
    directory: Directory,
    day: date,
    decisions: Mapping[str, AreaCode],
) -> Plan:
    """Return what becomes of a dossier on a day.

    Args:
        case: The dossier.
        handed: Its hand-offs to agencies that have ended, in the order they were made.
        route: The route it keeps.
        directory: The newest directory.
        day: The day.
        decisions: Which part a dossier, or else every dossier of an area, belongs to.
    """
    area = case.area
    parts = directory.places.heirs(area, day)
    place = None
    if case.open and len(parts) > 1:
        place = decisions.get(case.code, decisions.get(area))
        if place not in parts:
            waits = sum(1 for _ in _homeless(case, directory, day))
            usual = directory.places.usual(area, day)
            return Plan(undecided=Undecided(case.code, area, parts, usual, waits))
        area = place
    moves: list[Move] = []
    left: list[Left] = []
    steps = {(run.id, run.round): run for run in _homeless(case, directory, day)}
    for run in steps.values():
        slip = _slip(run, handed)
        heir = _performer(run, route, directory, area, day)
        if slip is None or heir is None:
            left.append(Left(case.code, run.agency or AgencyCode(""), run.id, "competence.none"))
        else:
            moves.append(Move(slip.id, heir, run.id, run.round))
    asking = _asking(case, handed, directory, day)
    for one in handed:
        if not (one.open or one.id in asking) or (one.step, one.round) in steps:
            continue
        if one.step is not None or one.type == TAKES_BACK:  # nobody waits for it any more
            moves.append(Move(one.id, None))
            continue
        entry = directory.heir(one.agency, area, day)
        if entry is None:
            left.append(Left(case.code, one.agency, None, "competence.none"))
        else:
            moves.append(Move(one.id, entry.code))
    return Plan(place=place, moves=tuple(moves), left=tuple(left))


def _homeless(case: Case, directory: Directory, day: date) -> Iterable[StepRun]:
    """Yield the open steps whose agency has ended; what waits for the citizen goes on by itself."""
    for run in case.steps:
        if not case.open or run.agency is None or run.state not in ACTIVE_STEPS:
            continue
        if _is_over(directory, run.agency, day):
            yield run


def _asking(
    case: Case, handed: Sequence[Handed], directory: Directory, day: date
) -> frozenset[UUID]:
    """Return what a receiving unit that has ended had yet to answer, or may have.

    It has arrived there; whoever took over has never heard of it.
    """
    if not _is_over(directory, case.receiving_unit, day):
        return frozenset()
    supplements = sum(run.state is StepState.SUPPLEMENTING for run in case.steps)
    payments = int(case.payment is not None and not case.payment.paid)
    given_back = sum(
        run.state is StepState.RECALLED and run.recalled_by == case.receiving_unit
        for run in case.steps
    )
    found: list[UUID] = []
    asked = ((SUPPLEMENT, supplements), (PAYMENT, payments), (GIVEN_BACK, given_back))
    for kind, count in asked if case.open else ():
        of_kind = [one.id for one in handed if one.type == kind]
        found += of_kind[len(of_kind) - count :] if count else []
    return frozenset(found)


def _is_over(directory: Directory, agency: AgencyCode, day: date) -> bool:
    entry = directory.agency(agency)
    return entry is not None and entry.valid_to is not None and entry.valid_to < day


def _slip(run: StepRun, handed: Sequence[Handed]) -> Handed | None:
    """Return the hand-off that gave a step to the agency that has it, the last one first."""
    return next(
        (
            one
            for one in reversed(handed)
            if (one.step, one.round, one.agency) == (run.id, run.round, run.agency)
        ),
        None,
    )


def _performer(
    run: StepRun, route: Route, directory: Directory, area: AreaCode, day: date
) -> AgencyCode | None:
    """Return who does a step from that day on: the competent one, else who took over by name."""
    performer = route_step(route, run.id).performer
    found = directory.candidates(performer, area, day) if performer else ()
    if len(found) == 1:
        return found[0].code
    heir = directory.named_heir(run.agency or AgencyCode(""), day)
    return heir.code if heir is not None else None
