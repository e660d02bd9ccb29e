"""When the clock must look at a case again: the next warning or deadline not told yet.

The timers of a case are not rows of their own: they follow from the case, so they cannot
disagree with it, and ending a step revokes its timers.
"""

from datetime import datetime

from bus.routing.case import ACTIVE_STEPS, Alarm, Case, Consultation, StepRun


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


def step_alarm(run: StepRun) -> datetime | None:
    """Return when the next warning about one step is due, or when its wait is over, or None."""
    if run.state not in ACTIVE_STEPS or run.due_at is None:
        return None
    if run.awaits is not None:
        return run.due_at
    if run.agency is None:
        return None
    if run.alarm is Alarm.NONE:
        return run.warn_at or run.due_at
    return run.due_at if run.alarm is Alarm.WARNED else None


def case_alarm(case: Case) -> datetime | None:
    """Return when the whole dossier becomes overdue, or None where that is told or cannot be."""
    if not case.open or case.paused_at is not None or case.alarm is Alarm.PASSED:
        return None
    return case.due_at


def consultation_alarm(case: Case, asked: Consultation) -> datetime | None:
    """Return when an opinion that was asked for is late, or None where that no longer matters."""
    run = case.step(asked.step)
    under_way = run is not None and run.round == asked.round and run.state in ACTIVE_STEPS
    return asked.due_at if under_way and not (asked.replied or asked.overdue) else None
