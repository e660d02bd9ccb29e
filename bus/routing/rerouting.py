"""A step given to another agency: its hand-off to the first one cannot arrive, or that one ended.

And what a dossier becomes when units and agencies end around it: its receiving unit is whoever
took over, its area, where that was divided, the part that was decided on.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from bus.errors import ActRefused
from bus.ids import AgencyCode, AreaCode, StepId
from bus.routing import effects
from bus.routing.case import ACTIVE_STEPS, Case, StepState
from bus.routing.effects import HandOver
from bus.routing.guards import route_step
from bus.routing.opening import Context, Moved, put
from bus.routing.province import Catalogue
from bus.schemas.route import Performer, Route


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


def followed(case: Case, context: Context) -> Case:
    """Return the case with whoever took over from its receiving unit, where that has ended.

    Results, requests and notices go there from then on, and it may speak for the citizen.
    """
    heir = context.directory.heir(case.receiving_unit, case.area, context.day)
    if heir is None or heir.code == case.receiving_unit:
        return case
    return replace(case, receiving_unit=heir.code)


def placed(case: Case, event: DossierPlaced, context: Context) -> Moved:
    """Let the dossier belong to one part of its divided area from now on.

    Raises:
        ActRefused: The area was not divided, or this is none of its parts.
    """
    parts = context.directory.places.heirs(case.area, context.day)
    if len(parts) > 1 and event.area in parts:
        return replace(case, area=event.area), ()
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
    moved = replace(run, agency=event.to, state=StepState.OPEN, recalled_by=None)
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
