"""When the clock must look at a case again: the next warning or deadline not told yet.

The timers of a case are not rows of their own: they follow from the case, so they cannot
disagree with it, and ending a step revokes its timers.
"""

from datetime import datetime

from bus.routing.case import ACTIVE_STEPS, Alarm, Case, CaseState, Consultation, StepRun


def next_alarm(case: Case) -> datetime | None:
    """Return the earliest moment at which a warning or passed deadline is to be told, or None.

    Deadlines that are paused, over or told already are not looked at.
    """
    moments = (
        case_alarm(case),
        *(step_alarm(run) for run in case.steps),
        *(consultation_alarm(case, asked) for asked in case.consultations),
    )
    return min((moment for moment in moments if moment is not None), default=None)


def overdue(case: Case, at: datetime) -> bool:
    """Say whether a dossier, or a step under way, is late at a moment.

    While the clock stands for the citizen nothing is; what is over is late or not for ever.
    """
    if case.state is not CaseState.PROCESSING:
        return False
    runs = [run.due_at for run in case.steps if run.agency and run.state in ACTIVE_STEPS]
    return any(due is not None and due < at for due in (case.due_at, *runs))


def step_alarm(run: StepRun) -> datetime | None:
    """Return when the next notice about one step is due, or when its wait is over, or None."""
    if run.state not in ACTIVE_STEPS or run.due_at is None:
        return None
    if run.awaits is not None:
        return run.due_at
    if run.agency is None:
        return None
    return _next(run)


def case_alarm(case: Case) -> datetime | None:
    """Return when the next notice about the whole is due, or None where it is told or cannot be."""
    if not case.open or case.paused_at is not None:
        return None
    return _next(case)


def consultation_alarm(case: Case, asked: Consultation) -> datetime | None:
    """Return when an opinion that was asked for is late, or None where that no longer matters."""
    run = case.step(asked.step)
    under_way = run is not None and run.round == asked.round and run.state in ACTIVE_STEPS
    return asked.due_at if under_way and not (asked.replied or asked.overdue) else None


def alarm_at(one: Case | StepRun, at: datetime) -> Alarm:
    """Return how far the notices about a deadline must have gone by a moment, if one is due then.

    What was missed is not told after the fact: only the last one that is due.
    """
    if one.due_at is not None and one.due_at <= at:
        return Alarm.PASSED
    return Alarm.APOLOGY if one.apology_at is not None and one.apology_at <= at else Alarm.WARNED


def _next(one: Case | StepRun) -> datetime | None:
    if one.due_at is None or one.alarm is Alarm.PASSED:
        return None
    if one.alarm is Alarm.APOLOGY:
        return one.due_at
    if one.alarm is Alarm.WARNED:
        return one.apology_at or one.due_at
    return one.warn_at or one.due_at
