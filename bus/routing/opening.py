"""Opening steps: which ones are ready, who is competent, until when, and what is told to whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from bus.errors import TransitionRefused
from bus.ids import AgencyCode, StepId
from bus.routing.case import FINAL_STEPS, Alarm, Case, CaseState, StepRun, StepState
from bus.routing.clock import WorkingCalendar, due_at, openings_before
from bus.routing.competence import Directory, is_above
from bus.routing.effects import HandOver, step_requested
from bus.routing.province import Catalogue
from bus.schemas.calendar import Notices
from bus.schemas.route import Performer, Route, RouteStep, StepKind
from bus.values import changed

_NOT_BEGUN = frozenset({StepState.WAITING, StepState.RECALLED})
_PERIODS = frozenset({StepKind.AWAIT_TIME, StepKind.AWAIT_EVENT})
WARNING_WORKING_DAYS = 2
"""How many working days before a deadline its performer is warned."""
APOLOGY_WORKING_DAYS = 1
"""How many before it a late agency owes an apology: Decree 61/2018 article 19.9 says one day."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a decision is made in: the case's catalogue and the moment the hub recorded.

    Route and calendar are those the case keeps. Who is competent, and who took over from whom, is
    asked of the newest directory of that moment: agencies end while dossiers are under way.
    """

    catalogue: Catalogue
    at: datetime
    newest: Catalogue | None = None

    @property
    def directory(self) -> Directory:
        """The directory to ask: that of the case's own catalogue where no newer one is known."""
        return (self.newest or self.catalogue).directory

    @property
    def day(self) -> date:
        """The local day of the decision."""
        return self.catalogue.calendar.local_date(self.at)


Moved = tuple[Case, tuple[HandOver, ...]]
"""A case after a decision, and what must be done because of it."""


def put(case: Case, *runs: StepRun) -> Case:
    """Return the case with these step runs in place of the ones of the same id."""
    new = {run.id: run for run in runs}
    return changed(case, steps=tuple([new.get(run.id, run) for run in case.steps]))


def open_ready(
    case: Case, route: Route, context: Context, *, start: datetime
) -> tuple[Case, tuple[HandOver, ...]]:
    """Return the case with every step opened or skipped whose needs are over.

    A skipped step may make others ready, so this goes on until nothing changes. Time limits of
    the steps opened count from `start`.

    Raises:
        NoCompetentAgency: The directory names nobody for a step.
        AmbiguousCompetence: It names several.
        ConditionFailed: A condition has no true or false.
    """
    owed: list[HandOver] = []
    again = True
    while again:
        runs = {run.id: run for run in case.steps}
        again = False  # a step that is only opened makes no other ready
        pairs = zip(route.steps, case.steps, strict=True)
        waiting = [step for step, run in pairs if run.state in _NOT_BEGUN]
        for step in [step for step in waiting if _ready(case, runs, step)]:
            condition = context.catalogue.condition(route, step.id)
            if condition is not None:
                runs = {run.id: run for run in case.steps}
                if not condition.holds(case.content.facts, runs):
                    skipped = changed(runs[step.id], state=StepState.SKIPPED, ended_at=context.at)
                    case, again = put(case, skipped), True
                    continue
            round_ = runs[step.id].round + (runs[step.id].state is StepState.RECALLED)
            case, handed = begin(case, route, step, context, start=start, round_=round_)
            again = again or step.kind is StepKind.AWAIT_PAYMENT  # it may be paid already
            owed.extend(handed)
    return case, tuple(owed)


def begin(
    case: Case,
    route: Route,
    step: RouteStep,
    context: Context,
    *,
    start: datetime,
    round_: int,
    kept: datetime | None = None,
) -> tuple[Case, tuple[HandOver, ...]]:
    """Return the case with one step open in its round, and what is owed to its performer.

    Its time limit counts from `start` by the performer's calendar, unless a due moment is `kept`
    from the round before. A wait has no performer: the receiving unit's calendar counts.
    """
    agency = _performer(case, step.id, step.performer, context) if step.performer else None
    calendar = context.catalogue.calendar_of(agency or case.receiving_unit)
    due = (kept or due_at(start, step.limit, calendar)) if step.limit else None
    warn, apology = _notices(due, start, context.catalogue, calendar)
    opened = StepRun(  # nothing of the round before stays
        id=step.id,
        state=StepState.OPEN,
        round=round_,
        agency=agency,
        opened_at=context.at,
        due_at=due,
        warn_at=warn,
        apology_at=apology,
        awaits=step.kind if step.kind in _PERIODS else None,
    )
    if step.performer is not None:
        case = put(case, opened)
        return case, (step_requested(case, route, step, opened),)
    if opened.awaits is not None:
        return put(case, opened), ()
    return put(case, _paying(case, step, opened, context)), ()


def _paying(case: Case, step: RouteStep, opened: StepRun, context: Context) -> StepRun:
    """Return a wait for a payment: over at once where it was paid before."""
    if case.payment is None:
        raise TransitionRefused(
            f"step {step.id} would wait for a payment nobody asked for; send"
            " `payment.requested` before the step is completed",
            text_vi="Chưa có thông báo nghĩa vụ tài chính: hãy gửi “payment.requested” trước.",
            path="data.outcome",
        )
    if not case.payment.paid:
        return opened
    return changed(opened, state=StepState.COMPLETED, outcome="paid", ended_at=context.at)


def _performer(case: Case, step: StepId, performer: Performer, context: Context) -> AgencyCode:
    """Return who does a step: whoever had it in the round before, else the competent agency."""
    directory, before = context.directory, case.step(step)
    if before is not None and before.agency is not None:
        entry = directory.agency(before.agency)
        if entry is None or entry.covers(context.day):
            return before.agency
    return directory.competent(performer, case.area, context.at).code


def supervising_unit(case: Case, run: StepRun, context: Context) -> AgencyCode | None:
    """Return the one-stop unit that gets a copy because the step goes to a higher level.

    Decree 61/2018 article 19.7: information is copied to the one-stop unit of that level.
    """
    directory = context.directory
    performer = directory.agency(run.agency or "")
    receiver = directory.agency(case.receiving_unit)
    if performer is None or receiver is None:  # of another version of the directory
        return None
    if not is_above(performer.level, receiver.level):
        return None
    unit = directory.one_stop_unit(performer.level, case.area, context.at)
    if unit is None or unit.code in {performer.code, receiver.code}:
        return None
    return unit.code


def settled_state(case: Case) -> Case:
    """Return the case with the state that follows from its steps; an end already told stays."""
    if not case.open:
        return case
    states = {run.state for run in case.steps}
    if StepState.SUPPLEMENTING in states:
        return changed(case, state=CaseState.SUPPLEMENTING)
    if states <= FINAL_STEPS:
        return changed(case, state=CaseState.COMPLETED)
    waiting_for_payment = StepState.OPEN in states and any(
        run.state is StepState.OPEN and run.agency is None and run.awaits is None
        for run in case.steps
    )
    state = CaseState.AWAITING_PAYMENT if waiting_for_payment else CaseState.PROCESSING
    return case if case.state is state else changed(case, state=state)


def whole_due(case: Case, due: datetime | None, start: datetime, context: Context) -> Case:
    """Return the case with a due moment of its own that begins or goes on at `start`.

    It is told of anew: what was said about the date before does not hold for this one.
    """
    catalogue = context.catalogue
    warn = apology = None
    if catalogue.calendar.table.notices is Notices.APOLOGY:
        calendar = catalogue.calendar_of(case.receiving_unit)
        warn, apology = _notices(due, start, catalogue, calendar)
    return changed(case, due_at=due, warn_at=warn, apology_at=apology, alarm=Alarm.NONE)


def _notices(
    due: datetime | None, start: datetime, catalogue: Catalogue, calendar: WorkingCalendar
) -> tuple[datetime | None, datetime | None]:
    """Return when it is warned of a deadline, and when the day before it begins.

    The warning lies between the start and the deadline. A time too short to have a day before its
    last has no notice of that day: nobody can apologise before the work has begun.
    """
    if due is None:
        return None, None
    warn, apology = openings_before(due, (WARNING_WORKING_DAYS, APOLOGY_WORKING_DAYS), calendar)
    warn = min(max(warn, start), due)
    if catalogue.calendar.table.notices is not Notices.APOLOGY or apology <= start:
        return warn, None
    return warn, apology


def _ready(case: Case, runs: Mapping[StepId, StepRun], step: RouteStep) -> bool:
    """Say whether a step that has not begun may; one the receiving unit recalled waits for that."""
    run = runs[step.id]
    if run.state is StepState.RECALLED and run.recalled_by == case.receiving_unit:
        return False
    if step.act_first is not None and case.content.facts.get(step.act_first) is True:
        return True
    for need in step.needs:  # noqa: SIM110 -- asked of every step that waits, at every decision
        if runs[need].state not in FINAL_STEPS:
            return False
    return True
