"""Who is told how a dossier stands, and what the clock has to tell."""

from collections.abc import Iterable, Sequence
from typing import Final

from bus.ids import AgencyCode
from bus.routing import consultation, effects
from bus.routing.case import ACTIVE_STEPS, Case, StepRun, business_state
from bus.routing.deadline import alarm_at, case_alarm, step_alarm
from bus.routing.effects import HandOver
from bus.routing.opening import Context, Moved, put, supervising_unit
from bus.routing.waits import period_passed
from bus.schemas.base import BusinessState
from bus.schemas.calendar import Notices
from bus.schemas.route import Route, StepKind
from bus.values import changed

_OUTSIDE: Final = frozenset({StepKind.AWAIT_TIME, StepKind.AWAIT_EVENT})
"""What the receiving unit sees or hears of, and must be told that the dossier waits for."""

_GOING_ON: Final = frozenset({BusinessState.PROCESSING, BusinessState.PAYMENT_REQUESTED})


def told(
    before: Case, case: Case, source: AgencyCode | None, context: Context
) -> tuple[HandOver, ...]:
    """Return who is told how the dossier stands: the receiving unit, and supervisors."""
    opened = _newly_open(before, case)
    elsewhere = [
        run
        for run in opened
        if (run.agency or run.awaits in _OUTSIDE) and run.agency != case.receiving_unit
    ]
    owed: list[HandOver] = []
    if case.open and (elsewhere or (source != case.receiving_unit and _resumed(before, case))):
        owed.append(effects.status(case, case.receiving_unit, next(iter(elsewhere), None)))
    return (*owed, *_copies(opened, case, context))


def copies(before: Case, case: Case, context: Context) -> tuple[HandOver, ...]:
    """Return the supervision copies owed for steps newly opened at a higher level."""
    return tuple(_copies(_newly_open(before, case), case, context))


def _resumed(before: Case, case: Case) -> bool:
    now = business_state(case)
    return now in _GOING_ON and business_state(before) is not now


def _copies(opened: Sequence[StepRun], case: Case, context: Context) -> Iterable[HandOver]:
    for run in opened:
        unit = supervising_unit(case, run, context)
        if unit is not None:
            yield effects.status(case, unit, run, supervision=True)


def _newly_open(before: Case, case: Case) -> list[StepRun]:
    return [
        run
        for old, run in zip(before.steps, case.steps, strict=True)
        if run is not old
        and run.state in ACTIVE_STEPS
        and (old.state not in ACTIVE_STEPS or (old.round, old.agency) != (run.round, run.agency))
    ]


def alarms(case: Case, route: Route, context: Context) -> Moved:
    """Tell every notice about a deadline that is due by now, each once; end periods.

    To the performer; and to the receiving unit, which answers to the citizen, where the calendar's
    `notices` say so. Of the whole the performers of its open steps are told too then: the duty to
    apologise is theirs (Decree 61/2018 article 19.9).
    """
    both = context.catalogue.calendar.table.notices is Notices.APOLOGY
    owed: list[HandOver] = []
    for run in case.steps:
        moment = step_alarm(run)
        if moment is None or moment > context.at:
            continue
        if run.awaits is not None:
            case, opened = period_passed(case, run, route, context)
            owed.extend(opened)
            continue
        now = changed(run, alarm=alarm_at(run, context.at))
        case = put(case, now)
        owed.append(effects.step_deadline(now, now.agency))
        if both and case.receiving_unit != now.agency:
            owed.append(effects.step_deadline(now, case.receiving_unit))
    whole = case_alarm(case)
    if whole is not None and whole <= context.at:
        case = changed(case, alarm=alarm_at(case, context.at))
        performers = [run.agency for run in case.steps if run.agency and run.state in ACTIVE_STEPS]
        whom = dict.fromkeys((case.receiving_unit, *(performers if both else ())))
        owed.extend(effects.whole_deadline(case, agency) for agency in whom)
    case, late = consultation.overdue(case, context)
    return case, (*owed, *late)


def to_the_living(owed: tuple[HandOver, ...], case: Case, context: Context) -> tuple[HandOver, ...]:
    """Return what is owed with every agency that has ended by now replaced by who took over.

    Where nobody did, it stays with the agency: an operator finds it there.
    """
    directory, day = context.directory, context.day
    heirs = {one.recipient: directory.heir(one.recipient, case.area, day) for one in owed}
    return tuple(
        one if heir is None or heir.code == one.recipient else changed(one, recipient=heir.code)
        for one in owed
        for heir in [heirs[one.recipient]]
    )
