"""Who is told how a dossier stands, and what the clock has to tell."""

from dataclasses import replace
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

_OUTSIDE: Final = frozenset({StepKind.AWAIT_TIME, StepKind.AWAIT_EVENT})
"""What the receiving unit sees or hears of, and must be told that the dossier waits for."""


def told(
    before: Case, case: Case, source: AgencyCode | None, context: Context
) -> tuple[HandOver, ...]:
    """Return who is told how the dossier stands: the receiving unit, and supervisors."""
    opened = [run for run in _newly_open(before, case) if run.agency or run.awaits in _OUTSIDE]
    owed: list[HandOver] = []
    elsewhere = [run for run in opened if run.agency != case.receiving_unit]
    resumed = business_state(before) is not business_state(case) and business_state(case) in {
        BusinessState.PROCESSING,
        BusinessState.PAYMENT_REQUESTED,
    }
    own_word = source == case.receiving_unit
    if case.open and (elsewhere or (resumed and not own_word)):
        owed.append(effects.status(case, case.receiving_unit, next(iter(elsewhere), None)))
    return (*owed, *copies(before, case, context))


def copies(before: Case, case: Case, context: Context) -> tuple[HandOver, ...]:
    """Return the supervision copies owed for steps newly opened at a higher level."""
    owed = []
    for run in _newly_open(before, case):
        unit = supervising_unit(case, run, context)
        if unit is not None:
            owed.append(effects.status(case, unit, run, supervision=True))
    return tuple(owed)


def _newly_open(before: Case, case: Case) -> list[StepRun]:
    earlier = {run.id: run for run in before.steps}
    return [
        run
        for run in case.steps
        if run.state in ACTIVE_STEPS
        and (
            earlier[run.id].state not in ACTIVE_STEPS
            or (earlier[run.id].round, earlier[run.id].agency) != (run.round, run.agency)
        )
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
        now = replace(run, alarm=alarm_at(run, context.at))
        case = put(case, now)
        owed.append(effects.step_deadline(now, now.agency))
        if both and case.receiving_unit != now.agency:
            owed.append(effects.step_deadline(now, case.receiving_unit))
    whole = case_alarm(case)
    if whole is not None and whole <= context.at:
        case = replace(case, alarm=alarm_at(case, context.at))
        performers = [run.agency for run in case.steps if run.agency and run.state in ACTIVE_STEPS]
        whom = dict.fromkeys((case.receiving_unit, *(performers if both else ())))
        owed.extend(effects.whole_deadline(case, agency) for agency in whom)
    case, late = consultation.overdue(case, context)
    return case, (*owed, *late)


def to_the_living(owed: tuple[HandOver, ...], case: Case, context: Context) -> tuple[HandOver, ...]:
    """Return what is owed with every agency that has ended by now replaced by who took over.

    Where nobody did, it stays with the agency: an operator finds it there.
    """
    heirs = {
        one.recipient: context.directory.heir(one.recipient, case.area, context.day) for one in owed
    }
    return tuple(
        one if heir is None or heir.code == one.recipient else replace(one, recipient=heir.code)
        for one in owed
        for heir in [heirs[one.recipient]]
    )
