"""A hand-over taken back by who made it, or given on because it went to the wrong agency.

The receiving unit takes a step back to mend what the citizen handed in: the step waits and begins
anew with `dossier.supplemented`. A performer takes its own result back: its step begins anew, and
the one that was recalled waits for it. The citizen's clock runs on in both; neither is his doing.
"""

from collections.abc import Iterator

from bus.errors import SchemaInvalid, TransitionRefused
from bus.ids import AgencyCode, StepId
from bus.routing import effects
from bus.routing.case import Case, StepRun, StepState
from bus.routing.effects import HandOver
from bus.routing.guards import active_step, living_agency, route_step, step_of
from bus.routing.opening import Context, Moved, begin, put
from bus.routing.states import EventName
from bus.schemas.directory import Role
from bus.schemas.recall import (
    RecallAgreedV1,
    RecallRefusedV1,
    RecallRequestedV1,
    StepForwardedV1,
)
from bus.schemas.route import Route
from bus.values import changed

_NOTHING_CAME = frozenset({StepState.WAITING, StepState.SKIPPED})


def recall_requested(case: Case, event: RecallRequestedV1, route: Route) -> Moved:
    """Ask the performer of a step to give it back.

    Raises:
        PerformerMismatch: The sender did not hand the step over.
        TransitionRefused: Something else has begun because of the same result.
    """
    data = event.data
    run = case.step(data.step)
    givers = _givers(case, route, data.step) if run else {}
    if run is not None and run.agency is None:
        raise TransitionRefused(
            f"step {run.id} is with no agency, so there is nobody to give it back",
            text_vi=f"Bước “{run.id}” không do cơ quan nào giữ nên không thể thu hồi.",
            path="data.step",
            state=str(run.state),
        )
    who = {case.receiving_unit, *givers.values()} - {run.agency if run else None}
    run = active_step(
        case, data.step, data.round, event.source, EventName.RECALL_REQUESTED, who=who
    )
    if event.source != case.receiving_unit:
        _check_nothing_else_came(case, route, run, event.source)
    case = put(case, changed(run, state=StepState.RECALLING, recalled_by=event.source))
    return case, (effects.recall_forwarded(run, data, event.source),)


def recall_agreed(case: Case, event: RecallAgreedV1, route: Route, context: Context) -> Moved:
    """Give a step back: it waits, and what it followed from begins anew where that is a step."""
    run, target = step_of(case, event, EventName.RECALL_AGREED)
    asker = run.recalled_by
    assert asker is not None  # noqa: S101 -- it is being recalled
    answer = effects.recall_answered(run, asker, agreed=True)
    if asker == case.receiving_unit:
        return put(case, changed(run, state=target)), (answer,)
    _check_nothing_else_came(case, route, run, asker)
    again = [step for step, agency in _givers(case, route, run.id).items() if agency == asker]
    skipped = [
        changed(one, state=StepState.WAITING, ended_at=None)
        for one in _after(case, route, set(again))
        if one.state is StepState.SKIPPED
    ]
    case = put(case, changed(run, state=target), *skipped)
    owed: list[HandOver] = [answer]
    for id_ in again:
        before = case.step(id_)
        assert before is not None  # noqa: S101 -- the route has it
        step = route_step(route, id_)
        case, handed = begin(
            case,
            route,
            step,
            context,
            start=context.at,
            round_=before.round + 1,
            kept=before.due_at,
        )
        owed.extend(handed)
    return case, tuple(owed)


def recall_refused(case: Case, event: RecallRefusedV1) -> Moved:
    """Leave a step with its performer, and tell who asked why."""
    run, target = step_of(case, event, EventName.RECALL_REFUSED)
    assert run.recalled_by is not None  # noqa: S101 -- it is being recalled
    answer = effects.recall_answered(run, run.recalled_by, agreed=False, reason=event.data.reason)
    return put(case, changed(run, state=target, recalled_by=None)), (answer,)


def lapsed(before: Case, after: Case) -> tuple[HandOver, ...]:
    """Return what who asked for a step back is told where it ended or moved without an answer."""
    return tuple(
        effects.recall_answered(old, old.recalled_by, agreed=False, reason=_LAPSED)
        for old, new in zip(before.steps, after.steps, strict=True)
        if new is not old
        and old.state is StepState.RECALLING
        and old.recalled_by is not None
        and new.state in _UNANSWERED
    )


_UNANSWERED = frozenset(
    {
        StepState.COMPLETED,
        StepState.REJECTED,
        StepState.CANCELLED,
        StepState.OPEN,
        StepState.SUPPLEMENTING,
    }
)
_LAPSED = (
    "Bước đã kết thúc, đã chuyển cơ quan khác hoặc đang chờ bổ sung trước khi có trả lời về việc"
    " thu hồi."
)


def forwarded(case: Case, event: StepForwardedV1, route: Route, context: Context) -> Moved:
    """Give a step on to the agency that is competent: same dossier code, same deadline.

    Raises:
        SchemaInvalid: The agency named does not do such steps, or has said that it is not
            competent either.
    """
    run, target = step_of(case, event, EventName.STEP_FORWARDED)
    step, path = route_step(route, run.id), "data.competent_agency"
    to = living_agency(event.data.competent_agency, path, event.source, case, context)
    entry = context.directory.agency(to)
    assert entry and step.performer  # noqa: S101, PT018 -- it is there, and the step is a task
    if not {step.performer.role, Role.ONE_STOP_UNIT} & set(entry.roles):
        raise SchemaInvalid(
            f"{to} has neither role {step.performer.role} nor {Role.ONE_STOP_UNIT}, so step"
            f" {run.id} is not for it; see `bus directory list`",
            text_vi=f"{to} không có vai trò để thực hiện bước “{run.id}”.",
            path=path,
        )
    if to in run.declined:
        raise SchemaInvalid(
            f"{to} said before that it is not competent for step {run.id}; name another agency,"
            " or refuse the step",
            text_vi=f"{to} đã báo không có thẩm quyền với bước “{run.id}”.",
            path=path,
        )
    moved = changed(
        run,
        state=target,
        agency=to,
        declined=(*run.declined, event.source),
        recalled_by=None,
    )
    case = put(case, moved)
    return case, (effects.step_requested(case, route, step, moved),)


def _givers(case: Case, route: Route, step: StepId) -> dict[StepId, AgencyCode]:
    """Return the steps a step's hand-over followed from, and who did them; skipped ones lead on."""
    found: dict[StepId, AgencyCode] = {}
    for need in route_step(route, step).needs:
        run = case.step(need)
        assert run is not None  # noqa: S101 -- the route's schema says so
        if run.state is StepState.SKIPPED:
            found |= _givers(case, route, need)
        elif run.state is StepState.COMPLETED and run.agency is not None:
            found[need] = run.agency
    return found


def _after(case: Case, route: Route, begun: set[StepId]) -> Iterator[StepRun]:
    """Yield the runs of all steps that come after some, near or far."""
    reached = set(begun)
    while True:
        more = {step.id for step in route.steps if reached.intersection(step.needs)} - reached
        if not more:
            break
        reached |= more
    return (run for run in case.steps if run.id in reached - begun)


def _check_nothing_else_came(case: Case, route: Route, run: StepRun, asker: AgencyCode) -> None:
    again = {step for step, agency in _givers(case, route, run.id).items() if agency == asker}
    begun = sorted(
        one.id
        for one in _after(case, route, again)
        if one.id != run.id and one.state not in _NOTHING_CAME
    )
    if begun:
        raise TransitionRefused(
            f"{', '.join(begun)} followed from the same result, so it cannot be taken back; ask"
            " the receiving unit to withdraw or supplement the dossier",
            text_vi=f"Không thể thu hồi: bước {', '.join(begun)} đã bắt đầu từ cùng kết quả.",
            path="data.step",
            state=str(run.state),
        )
