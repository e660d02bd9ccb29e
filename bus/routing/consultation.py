"""Asking another agency for its opinion: the question, the answer, and the answer that is late.

Decree 61/2018 article 19.5. Silence is no consent: nothing moves by it, the step stays with its
lead.
"""

from typing import Final

from bus.errors import SchemaInvalid, TransitionRefused
from bus.routing import effects
from bus.routing.case import ACTIVE_STEPS, Case, Consultation
from bus.routing.deadline import consultation_alarm
from bus.routing.guards import allow, living_agency, step_of
from bus.routing.opening import Context, Moved, put
from bus.routing.states import EventName
from bus.schemas.consultation import ConsultationRepliedV1, ConsultationRequestedV1
from bus.values import changed

MOST: Final = 50
"""How many consultations one dossier may have."""


def consultation_requested(case: Case, event: ConsultationRequestedV1, context: Context) -> Moved:
    """Note what is asked of whom and hand it to the agency asked.

    Raises:
        SchemaInvalid: The agency is not one to ask, has no time to answer, or the number was used.
        TransitionRefused: The dossier has as many consultations as it may have.
    """
    run, target = step_of(case, event, EventName.CONSULTATION_REQUESTED)
    data = event.data
    consulted = living_agency(data.consulted, "data.consulted", event.source, case, context)
    if data.due_at <= data.requested_at:  # one that was long on its way was right when it was asked
        raise SchemaInvalid(
            "`due_at` is not after `requested_at`; give the agency asked time to answer",
            text_vi="Thời hạn trả lời ý kiến phải sau ngày lấy ý kiến.",
            path="data.due_at",
        )
    if any(known.reference == data.reference for known in case.consultations):
        raise SchemaInvalid(
            "`reference` names another consultation of this dossier; number each anew",
            text_vi="Số văn bản lấy ý kiến đã dùng trong hồ sơ này; hãy đánh số mới.",
            path="data.reference",
        )
    if len(case.consultations) >= MOST:
        raise TransitionRefused(
            f"the dossier has {MOST} consultations, and may have no more",
            text_vi=f"Hồ sơ đã có {MOST} lần lấy ý kiến, không thể thêm.",
            path="type",
        )
    asked = Consultation(data.reference, run.id, run.round, event.source, consulted, data.due_at)
    case = changed(
        put(case, changed(run, state=target)), consultations=(*case.consultations, asked)
    )
    return case, (effects.consultation_forwarded(case, data, asked),)


def consultation_replied(case: Case, event: ConsultationRepliedV1) -> Moved:
    """Note the answer and hand it to the lead of the step, late or not.

    Raises:
        SchemaInvalid: Nothing was asked under that number.
        TransitionRefused: It was answered before.
    """
    data = event.data
    asked = next((one for one in case.consultations if one.reference == data.reference), None)
    if asked is None:
        raise SchemaInvalid(
            "no opinion was asked under this `reference`; it stands in `consultation.requested`",
            text_vi="Hồ sơ không có văn bản lấy ý kiến nào mang số này.",
            path="data.reference",
        )
    allow(case, event.source, EventName.CONSULTATION_REPLIED, who={asked.consulted})
    if asked.replied:
        raise TransitionRefused(
            f"consultation {asked.reference} was answered before; an opinion is given once",
            text_vi=f"Văn bản lấy ý kiến {asked.reference} đã được trả lời.",
            path="data.reference",
        )
    run = case.step(asked.step)
    lead = run.agency if run and run.agency and run.state in ACTIVE_STEPS else asked.asked_by
    case = _put(case, changed(asked, replied=True))
    return case, (effects.reply_forwarded(data, asked, event.source, lead),)


def overdue(case: Case, context: Context) -> Moved:
    """Tell every consultation that is late by now, once: the lead, and the one-stop unit's head."""
    owed: list[effects.HandOver] = []
    for asked in case.consultations:
        moment = consultation_alarm(case, asked)
        if moment is None or moment > context.at:
            continue
        run = case.step(asked.step)
        assert run is not None and run.agency is not None  # noqa: S101, PT018 -- it is under way
        case = _put(case, changed(asked, overdue=True))
        told = dict.fromkeys((run.agency, case.receiving_unit))
        owed.extend(effects.consultation_overdue(asked, recipient) for recipient in told)
    return case, tuple(owed)


def _put(case: Case, new: Consultation) -> Case:
    all_ = (new if one.reference == new.reference else one for one in case.consultations)
    return changed(case, consultations=tuple(all_))
