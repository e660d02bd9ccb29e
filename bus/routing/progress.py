"""What a performer says about a step that is under way, without ending it."""

from datetime import timedelta
from typing import Final

from bus.errors import SchemaInvalid, TransitionRefused
from bus.routing import effects
from bus.routing.case import Case
from bus.routing.guards import step_of
from bus.routing.opening import Context, Moved, put
from bus.routing.states import EventName
from bus.schemas.progress import StepExtendedV1, StepProgressedV1
from bus.values import changed

NOTICE: Final = timedelta(days=1)
"""How long before a deadline its performer says, at the latest, that it will be late."""


def progressed(case: Case, event: StepProgressedV1) -> Moved:
    """Note how far a step is, and tell the receiving unit."""
    run, target = step_of(case, event, EventName.STEP_PROGRESSED)
    case = put(case, changed(run, state=target, progress=event.data.note))
    if event.source == case.receiving_unit:
        return case, ()
    return case, (effects.progress_forwarded(case, event.data, event.source),)


def extended(case: Case, event: StepExtendedV1, context: Context) -> Moved:
    """Note the one new appointment; the original due date stays, and overdue goes by it.

    Decree 61/2018 article 19.9. What counts is when the hub had the notice, not the date in it.

    Raises:
        TransitionRefused: There is no deadline, it is too late, or there was an appointment before.
        SchemaInvalid: The new appointment is not later than the deadline.
    """
    run, target = step_of(case, event, EventName.STEP_EXTENDED)
    due = case.due_at or run.due_at
    if due is None:
        raise TransitionRefused(
            "neither the dossier nor the step has a deadline, so there is none to extend",
            text_vi="Hồ sơ và bước này không có thời hạn nên không có gì để hẹn lại.",
            path="type",
        )
    if case.extended_due_at is not None:
        raise TransitionRefused(
            "the dossier has had its one new appointment; finish it, or refuse it",
            text_vi="Hồ sơ đã được hẹn lại một lần; mỗi hồ sơ chỉ được hẹn lại một lần.",
            path="type",
        )
    if context.at > due - NOTICE:
        latest = (due - NOTICE).astimezone(context.catalogue.calendar.zone)
        raise TransitionRefused(
            f"the notice came after {latest:%H:%M of %d/%m/%Y}, local time; it is due at least one"
            " day before the deadline, and the dossier is late without it",
            text_vi="Thông báo hẹn lại phải gửi trước khi hết hạn ít nhất 01 ngày (chậm nhất"
            f" {latest:%H:%M ngày %d/%m/%Y}); nay đã muộn.",
            path="type",
        )
    if event.data.extended_due_at <= due:
        raise SchemaInvalid(
            "`extended_due_at` is not later than the deadline it is to replace",
            text_vi="Thời gian hẹn trả lại phải sau ngày hẹn trả ban đầu.",
            path="data.extended_due_at",
        )
    case = changed(
        put(case, changed(run, state=target)), extended_due_at=event.data.extended_due_at
    )
    return case, (effects.extension_forwarded(case, event.data, event.source, due),)
