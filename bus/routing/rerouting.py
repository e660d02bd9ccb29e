"""A step given to another agency: its hand-off to the first one cannot arrive, or that one ended.

And what a dossier becomes when units and agencies end around it: its receiving unit is whoever
took over, its area, where that was divided, the part that was decided on.
"""

from dataclasses import dataclass
from datetime import datetime

from bus.errors import ActRefused
from bus.ids import AgencyCode, AreaCode, StepId
from bus.routing import effects
from bus.routing.case import ACTIVE_STEPS, Case, StepState
from bus.routing.effects import HandOver
from bus.routing.guards import route_step
from bus.routing.opening import Context, Moved, put
from bus.routing.province import Catalogue
from bus.schemas.dossier import DossierSupplementedV1, DossierWithdrawnV1
from bus.schemas.ending import DossierRejectedV1
from bus.schemas.request import PaymentConfirmedV1
from bus.schemas.route import Performer, Route
from bus.values import changed


@dataclass(frozen=True, slots=True)
class StepRerouted:
    """An operator gave a step to another agency.

    `take_back` says that the agency before may have it by now, and is told to leave it.
    """

    step: StepId
    round: int
    to: AgencyCode
    reason: str
    take_back: bool


@dataclass(frozen=True, slots=True)
class DossierPlaced:
    """An operator decided which part of a divided commune a dossier belongs to."""

    area: AreaCode


Answer = DossierSupplementedV1 | PaymentConfirmedV1 | DossierWithdrawnV1 | DossierRejectedV1
"""What settles everything the citizen was asked for."""


def taken_over(case: Case, event: object, context: Context) -> Case:
    """Return the case as `followed` does, unless something is asked of the citizen just then.

    The unit that has ended had the question; whoever took over knows of it when the cutover has
    told it, or when it answers by itself. Until then the old unit's answer is heard.
    """
    after = followed(case, context)
    if after is case or not asks(case):
        return after
    answers = isinstance(event, Answer) and event.source == after.receiving_unit
    return after if answers else case


def followed(case: Case, context: Context) -> Case:
    """Return the case with whoever took over from its receiving unit, where that has ended.

    Results, requests and notices go there from then on, and it may speak for the citizen; what the
    old unit wanted back comes to it.
    """
    old = case.receiving_unit
    heir = context.directory.heir(old, case.area, context.day)
    if heir is None or heir.code == old:
        return case
    wanted = [changed(run, recalled_by=heir.code) for run in case.steps if run.recalled_by == old]
    return changed(put(case, *wanted) if wanted else case, receiving_unit=heir.code)


def asks(case: Case) -> bool:
    """Say whether the receiving unit has a question for the citizen, or papers to mend."""
    if not case.open:
        return False
    unpaid = case.payment is not None and not case.payment.paid
    return unpaid or any(
        run.state is StepState.SUPPLEMENTING
        or (run.state is StepState.RECALLED and run.recalled_by == case.receiving_unit)
        for run in case.steps
    )


def placed(case: Case, event: DossierPlaced, context: Context) -> Moved:
    """Let the dossier belong to one part of its divided area from now on.

    Raises:
        ActRefused: The area was not divided, or this is none of its parts.
    """
    parts = context.directory.places.heirs(case.area, context.day)
    if len(parts) > 1 and event.area in parts:
        return changed(case, area=event.area), ()
    known = ", ".join(parts) or "–"
    raise ActRefused(
        f"hồ sơ {case.code}: địa bàn {case.area} không bị chia, hoặc {event.area} không phải một"
        f" phần của nó ({known}); xem `bus directory cutover --dry-run`"
        f" / dossier {case.code}: area {case.area} was not divided, or {event.area} is none of its"
        f" parts ({known}); see `bus directory cutover --dry-run`"
    )


def rerouted(case: Case, event: StepRerouted, route: Route) -> Moved:
    """Hand the step to the other agency; its deadline stays, as the fault was technical.

    Raises:
        ActRefused: The step is over, in another round, or with that agency already.
    """
    run = case.step(event.step)
    if (
        run is None
        or not case.open
        or run.state not in ACTIVE_STEPS
        or run.round != event.round
        or run.agency is None
    ):
        raise ActRefused(
            f"bước {event.step} lần {event.round} của hồ sơ {case.code} không còn đang thực hiện;"
            f" xem `bus dossier show {case.code}` / step {event.step} in round {event.round} of"
            f" dossier {case.code} is not under way any more; see `bus dossier show {case.code}`"
        )
    if run.agency == event.to:
        raise ActRefused(
            f"bước {event.step} đã ở {event.to}; hãy chọn cơ quan khác"
            f" / step {event.step} is with {event.to} already; choose another agency"
        )
    moved = changed(run, agency=event.to, state=StepState.OPEN, recalled_by=None)
    after = put(case, moved)
    owed: list[HandOver] = [effects.step_requested(after, route, route_step(route, run.id), moved)]
    if event.take_back:
        owed.append(effects.step_cancelled(run, event.reason))
    if case.receiving_unit != event.to:
        owed.append(effects.status(after, case.receiving_unit, moved))
    return after, tuple(owed)


def destination(
    present: AgencyCode,
    wanted: AgencyCode | None,
    *,
    performer: Performer | None,
    case: Case,
    newest: Catalogue,
    at: datetime,
) -> AgencyCode:
    """Return the agency a hand-off may be rerouted to.

    Args:
        present: Where it goes now.
        wanted: What the operator chose, if anything.
        performer: Who the route says does the step; None for a hand-off that is no step.
        case: The case it belongs to.
        newest: The newest published catalogue: the case may keep an older one.
        at: Now.

    Raises:
        ActRefused: No other agency is competent, or the chosen one is not in the directory now.
    """
    directory = newest.directory
    if wanted is None:
        wanted = _competent(present, performer, case, newest, at)
    entry = directory.agency(wanted)
    if entry is None or not entry.covers(newest.calendar.local_date(at)):
        raise ActRefused(
            f"danh bạ mới nhất không có cơ quan {wanted} đang hoạt động; hãy kiểm tra mã hoặc công"
            f" bố danh bạ có cơ quan đó / the newest directory has no agency {wanted} that is valid"
            " now; check the code, or publish a directory that has it"
        )
    if entry.code == present:
        raise ActRefused(
            f"lần giao này đang đi đến {present}; hãy chọn cơ quan khác"
            f" / the hand-off goes to {present} already; choose another agency"
        )
    return entry.code


def _competent(
    present: AgencyCode,
    performer: Performer | None,
    case: Case,
    newest: Catalogue,
    at: datetime,
) -> AgencyCode:
    """Return whom the newest directory names in place of the present agency."""
    entry = newest.directory.agency(present)
    if performer is not None:
        competent = newest.directory.competent(performer, case.area, at).code
        if competent != present:
            return competent
    elif entry is not None and entry.successor is not None:
        return entry.successor
    raise ActRefused(
        f"danh bạ mới nhất không nêu cơ quan nào thay {present}; hãy chọn bằng --to MÃ_CƠ_QUAN"
        f" / the newest directory names nobody in place of {present}; choose with --to CODE"
    )
