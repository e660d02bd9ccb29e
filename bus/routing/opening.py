"""Opening steps: which ones are ready, who is competent, until when, and what is told to whom."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from bus.errors import TransitionRefused
from bus.ids import AgencyCode, StepId
from bus.routing.case import FINAL_STEPS, Alarm, Case, CaseState, StepRun, StepState
from bus.routing.clock import due_at, working_days_before
from bus.routing.competence import Directory
from bus.routing.effects import HandOver, step_requested
from bus.routing.province import Catalogue
from bus.schemas.base import Level
from bus.schemas.route import Performer, Route, RouteStep, StepKind, TimeLimit

_LEVELS = [Level.COMMUNE, Level.DISTRICT, Level.PROVINCE, Level.CENTRAL]
WARNING_WORKING_DAYS = 2
"""How many working days before a deadline its performer is warned."""


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
    return replace(case, steps=tuple(new.get(run.id, run) for run in case.steps))


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
    while True:
        runs = {run.id: run for run in case.steps}
        ready = [step for step in route.steps if _ready(runs, step)]
        if not ready:
            return case, tuple(owed)
        for step in ready:
            condition = context.catalogue.condition(route, step.id)
            if condition is not None:
                runs = {run.id: run for run in case.steps}
                if not condition.holds(case.content.facts, runs):
                    case = put(
                        case, replace(runs[step.id], state=StepState.SKIPPED, ended_at=context.at)
                    )
                    continue
            case, handed = begin(case, route, step, context, start=start, round_=1)
            owed.extend(handed)


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

    Its time limit counts from `start`, unless a due moment is `kept` from the round before.
    """
    run = next(run for run in case.steps if run.id == step.id)
    due, warn = _dates(step.limit, start, kept, context)
    opened = replace(
        run,
        state=StepState.OPEN,
        round=round_,
        opened_at=context.at,
        due_at=due,
        warn_at=warn,
        paused_at=None,
        alarm=Alarm.NONE,
    )
    if step.kind is StepKind.AWAIT_PAYMENT:
        if case.payment is not None and case.payment.paid:
            done = replace(opened, state=StepState.COMPLETED, outcome="paid", ended_at=context.at)
            return put(case, done), ()
        if case.payment is None:
            raise TransitionRefused(
                f"step {step.id} would wait for a payment nobody asked for; send"
                " `payment.requested` before the step is completed",
                text_vi="Chưa có thông báo nghĩa vụ tài chính: hãy gửi “payment.requested” trước.",
                path="data.outcome",
            )
        return put(case, opened), ()
    assert step.performer  # noqa: S101 -- the route's schema says a task has one
    opened = replace(opened, agency=_performer(run, step.performer, case, context))
    case = put(case, opened)
    return case, (step_requested(case, route, step, opened),)


def _performer(before: StepRun, performer: Performer, case: Case, context: Context) -> AgencyCode:
    """Return who does a step: whoever had it in the round before, else the competent agency."""
    directory = context.directory
    if before.agency is not None:
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
    if _LEVELS.index(performer.level) <= _LEVELS.index(receiver.level):
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
        return replace(case, state=CaseState.SUPPLEMENTING)
    if states <= FINAL_STEPS:
        return replace(case, state=CaseState.COMPLETED)
    waiting_for_payment = any(
        run.state is StepState.OPEN and run.agency is None for run in case.steps
    )
    state = CaseState.AWAITING_PAYMENT if waiting_for_payment else CaseState.PROCESSING
    return case if case.state is state else replace(case, state=state)


def _dates(
    limit: TimeLimit | None, start: datetime, kept: datetime | None, context: Context
) -> tuple[datetime | None, datetime | None]:
    """Return when a step is due and when its performer is warned: between its start and then."""
    if limit is None:
        return None, None
    calendar = context.catalogue.calendar
    due = kept or due_at(start, limit, calendar)
    warn = max(working_days_before(due, WARNING_WORKING_DAYS, calendar), start)
    return due, min(warn, due)


def _ready(runs: Mapping[StepId, StepRun], step: RouteStep) -> bool:
    return runs[step.id].state is StepState.WAITING and all(
        runs[need].state in FINAL_STEPS for need in step.needs
    )
