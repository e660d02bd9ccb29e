"""Which event is allowed when, from whom, and where it leads: one table, as data.

`TABLE` has one row for each thing that can be said about a case that is there. A row says who may
say it, in which states of the whole, and, for a step it is about, in which states of the step and
where the step goes by it. What a row does not list is refused: `tests/data/transitions.json` spells
out every pair of state and event, and a test compares. `bus.routing.machine` and its neighbours
apply the table and are the only ones to; `bus.routing.diagram` draws it.

A step that is asked back takes everything its performer may say about a step in hand: the request
crosses it on the way, and what was right when it was said is not refused.

A case is opened by `dossier.submitted`, which is no row: there is no state before it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bus.routing.case import CaseState, StepState


class EventName(StrEnum):
    """Everything that can happen to a case, by the name of the message that says it."""

    SUBMITTED = "dossier.submitted"
    SUPPLEMENTED = "dossier.supplemented"
    WITHDRAWN = "dossier.withdrawn"
    RETURNED = "dossier.returned"
    REJECTED = "dossier.rejected"
    TERMINATED = "dossier.terminated"
    RATED = "dossier.rated"
    STEP_RECEIVED = "step.received"
    STEP_PROGRESSED = "step.progressed"
    STEP_COMPLETED = "step.completed"
    STEP_REJECTED = "step.rejected"
    STEP_EXTENDED = "step.extended"
    STEP_FORWARDED = "step.forwarded"
    SUPPLEMENT_REQUESTED = "supplement.requested"
    PAYMENT_REQUESTED = "payment.requested"
    PAYMENT_CONFIRMED = "payment.confirmed"
    WAIT_ENDED = "wait.ended"
    CONSULTATION_REQUESTED = "consultation.requested"
    CONSULTATION_REPLIED = "consultation.replied"
    RECALL_REQUESTED = "recall.requested"
    RECALL_AGREED = "recall.agreed"
    RECALL_REFUSED = "recall.refused"


class Who(StrEnum):
    """Who may say something about a case."""

    RECEIVING_UNIT = "receiving_unit"
    PERFORMER = "performer"
    PARTICIPANT = "participant"
    PAYEE = "payee"
    CONSULTED = "consulted"
    GIVER = "giver"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table.

    `whole` maps each state of the case that allows the event to the state it leads to, None where
    that follows from the steps. `step` maps each state of the step the event is about, or of every
    step it is about, to the state that step goes to; empty where it moves no step.
    """

    who: Who
    whole: Mapping[CaseState, CaseState | None]
    step: Mapping[StepState, StepState] = field(default_factory=dict)


_E = EventName
_C = CaseState
_S = StepState


def _by_steps(*states: CaseState) -> dict[CaseState, CaseState | None]:
    return dict.fromkeys(states)


def _ends(end: CaseState) -> dict[CaseState, CaseState | None]:
    return dict.fromkeys((_C.PROCESSING, _C.SUPPLEMENTING, _C.AWAITING_PAYMENT), end)


_UNDER_WAY: Final = _by_steps(_C.PROCESSING, _C.SUPPLEMENTING, _C.AWAITING_PAYMENT)
_CANCELS: Final = dict.fromkeys(
    (_S.WAITING, _S.OPEN, _S.IN_HAND, _S.SUPPLEMENTING, _S.RECALLING, _S.RECALLED), _S.CANCELLED
)

TABLE: Final[Mapping[EventName, Rule]] = {
    _E.SUPPLEMENTED: Rule(
        Who.RECEIVING_UNIT, _UNDER_WAY, {_S.SUPPLEMENTING: _S.OPEN, _S.RECALLED: _S.OPEN}
    ),
    _E.WITHDRAWN: Rule(Who.RECEIVING_UNIT, _ends(_C.WITHDRAWN), _CANCELS),
    _E.REJECTED: Rule(Who.RECEIVING_UNIT, _ends(_C.NOT_ACCEPTED), _CANCELS),
    _E.TERMINATED: Rule(Who.PARTICIPANT, _ends(_C.TERMINATED), _CANCELS),
    _E.RETURNED: Rule(Who.RECEIVING_UNIT, {_C.COMPLETED: _C.RETURNED}),
    _E.RATED: Rule(Who.RECEIVING_UNIT, {_C.RETURNED: _C.RETURNED}),
    _E.STEP_RECEIVED: Rule(
        Who.PERFORMER, _UNDER_WAY, {_S.OPEN: _S.IN_HAND, _S.RECALLING: _S.RECALLING}
    ),
    _E.STEP_PROGRESSED: Rule(
        Who.PERFORMER,
        _UNDER_WAY,
        {_S.OPEN: _S.IN_HAND, _S.IN_HAND: _S.IN_HAND, _S.RECALLING: _S.RECALLING},
    ),
    _E.STEP_COMPLETED: Rule(
        Who.PERFORMER,
        _UNDER_WAY,
        {_S.OPEN: _S.COMPLETED, _S.IN_HAND: _S.COMPLETED, _S.RECALLING: _S.COMPLETED},
    ),
    _E.STEP_REJECTED: Rule(
        Who.PERFORMER,
        _UNDER_WAY,
        {_S.OPEN: _S.REJECTED, _S.IN_HAND: _S.REJECTED, _S.RECALLING: _S.REJECTED},
    ),
    _E.STEP_EXTENDED: Rule(
        Who.PERFORMER,
        _by_steps(_C.PROCESSING),
        {_S.OPEN: _S.IN_HAND, _S.IN_HAND: _S.IN_HAND, _S.RECALLING: _S.RECALLING},
    ),
    _E.STEP_FORWARDED: Rule(
        Who.PERFORMER,
        _UNDER_WAY,
        {_S.OPEN: _S.OPEN, _S.IN_HAND: _S.OPEN, _S.RECALLING: _S.OPEN},
    ),
    _E.SUPPLEMENT_REQUESTED: Rule(
        Who.PERFORMER,
        _UNDER_WAY,
        dict.fromkeys((_S.OPEN, _S.IN_HAND, _S.RECALLING), _S.SUPPLEMENTING),
    ),
    _E.PAYMENT_REQUESTED: Rule(
        Who.PERFORMER,
        _UNDER_WAY,
        {_S.OPEN: _S.OPEN, _S.IN_HAND: _S.IN_HAND, _S.RECALLING: _S.RECALLING},
    ),
    _E.PAYMENT_CONFIRMED: Rule(Who.PAYEE, _UNDER_WAY, {_S.OPEN: _S.COMPLETED}),
    _E.WAIT_ENDED: Rule(Who.RECEIVING_UNIT, _UNDER_WAY, {_S.OPEN: _S.COMPLETED}),
    _E.CONSULTATION_REQUESTED: Rule(
        Who.PERFORMER,
        _UNDER_WAY,
        {_S.OPEN: _S.IN_HAND, _S.IN_HAND: _S.IN_HAND, _S.RECALLING: _S.RECALLING},
    ),
    _E.CONSULTATION_REPLIED: Rule(Who.CONSULTED, _UNDER_WAY),
    _E.RECALL_REQUESTED: Rule(
        Who.GIVER, _UNDER_WAY, {_S.OPEN: _S.RECALLING, _S.IN_HAND: _S.RECALLING}
    ),
    _E.RECALL_AGREED: Rule(Who.PERFORMER, _UNDER_WAY, {_S.RECALLING: _S.RECALLED}),
    _E.RECALL_REFUSED: Rule(Who.PERFORMER, _UNDER_WAY, {_S.RECALLING: _S.IN_HAND}),
}
"""The table: every row is a decision; what is not in it is refused."""


CASE_ALLOWS: Final[Mapping[CaseState, frozenset[EventName]]] = {
    state: frozenset(name for name, rule in TABLE.items() if state in rule.whole)
    for state in CaseState
}
"""Events each state of a case allows: the table, read by state."""

STEP_GOES: Final[Mapping[StepState, Mapping[EventName, StepState]]] = {
    state: {name: rule.step[state] for name, rule in TABLE.items() if state in rule.step}
    for state in StepState
}
"""Where a step goes by an event: the table, read by state."""

WHO_VI: Final[Mapping[Who, str]] = {
    Who.RECEIVING_UNIT: "đơn vị tiếp nhận",
    Who.PERFORMER: "cơ quan thực hiện bước",
    Who.PARTICIPANT: "đơn vị tiếp nhận hoặc cơ quan đang thực hiện một bước",
    Who.PAYEE: "đơn vị tiếp nhận hoặc cơ quan đã ra thông báo nộp tiền",
    Who.CONSULTED: "cơ quan được lấy ý kiến",
    Who.GIVER: "đơn vị tiếp nhận hoặc cơ quan thực hiện bước trước",
}
WHO_EN: Final[Mapping[Who, str]] = {
    Who.RECEIVING_UNIT: "the receiving unit",
    Who.PERFORMER: "the step's performer",
    Who.PARTICIPANT: "the receiving unit or the performer of a step under way",
    Who.PAYEE: "the receiving unit or who asked for the payment",
    Who.CONSULTED: "the agency that was asked",
    Who.GIVER: "the receiving unit or the performer of the step before",
}


def said_vi(names: Iterable[EventName]) -> str:
    """Return events and who may say each, in Vietnamese; words for none where there is none."""
    words = [f"{name} ({WHO_VI[TABLE[name].who]})" for name in sorted(names)]
    return ", ".join(words) or "không còn việc gì"


def said_en(names: Iterable[EventName]) -> str:
    """Return events and who may say each; "nothing more" where there is none."""
    words = [f"{name} ({WHO_EN[TABLE[name].who]})" for name in sorted(names)]
    return ", ".join(words) or "nothing more"


CASE_VI: Final[dict[CaseState, str]] = {
    CaseState.PROCESSING: "đang giải quyết",
    CaseState.SUPPLEMENTING: "chờ bổ sung",
    CaseState.AWAITING_PAYMENT: "chờ nộp tiền",
    CaseState.COMPLETED: "đã có kết quả",
    CaseState.RETURNED: "đã trả kết quả",
    CaseState.REJECTED: "bị từ chối giải quyết",
    CaseState.WITHDRAWN: "đã rút",
    CaseState.NOT_ACCEPTED: "không được tiếp nhận",
    CaseState.TERMINATED: "đã dừng giải quyết",
}
"""States of a case as people read them."""

STEP_VI: Final[dict[StepState, str]] = {
    StepState.WAITING: "chưa đến lượt",
    StepState.OPEN: "chờ nhận",
    StepState.IN_HAND: "đang xử lý",
    StepState.SUPPLEMENTING: "chờ bổ sung",
    StepState.RECALLING: "đang được đề nghị thu hồi",
    StepState.RECALLED: "đã thu hồi",
    StepState.COMPLETED: "hoàn thành",
    StepState.REJECTED: "từ chối",
    StepState.SKIPPED: "bỏ qua",
    StepState.CANCELLED: "đã huỷ",
}
"""States of a step as people read them."""
