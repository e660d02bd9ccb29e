"""Which event is allowed when, as data.

A case is asked first: an event its state does not allow is refused. An event about a step is
then looked up in the step's table, which also says where the step goes. A row is there for every
state; an empty row is an end. `bus.routing.machine` applies the tables and is the only one to.

Who may cause what: `step.*`, `supplement.requested` and `payment.requested` come from the step's
performer; `dossier.*` from the receiving unit; `payment.confirmed` from the receiving unit or
from who asked for the payment.
"""

from enum import StrEnum
from typing import Final

from bus.routing.case import CaseState, StepState


class EventName(StrEnum):
    """Everything that can happen to a case, by the name of the message that says it."""

    SUBMITTED = "dossier.submitted"
    SUPPLEMENTED = "dossier.supplemented"
    WITHDRAWN = "dossier.withdrawn"
    RETURNED = "dossier.returned"
    STEP_RECEIVED = "step.received"
    STEP_COMPLETED = "step.completed"
    STEP_REJECTED = "step.rejected"
    SUPPLEMENT_REQUESTED = "supplement.requested"
    PAYMENT_REQUESTED = "payment.requested"
    PAYMENT_CONFIRMED = "payment.confirmed"


_E = EventName
_WORK: Final = frozenset(
    {
        _E.STEP_RECEIVED,
        _E.STEP_COMPLETED,
        _E.STEP_REJECTED,
        _E.SUPPLEMENT_REQUESTED,
        _E.PAYMENT_REQUESTED,
        _E.PAYMENT_CONFIRMED,
        _E.WITHDRAWN,
    }
)

CASE_ALLOWS: Final[dict[CaseState, frozenset[EventName]]] = {
    CaseState.PROCESSING: _WORK,
    CaseState.SUPPLEMENTING: _WORK | {_E.SUPPLEMENTED},
    CaseState.AWAITING_PAYMENT: _WORK,
    CaseState.COMPLETED: frozenset({_E.RETURNED}),
    CaseState.RETURNED: frozenset(),
    CaseState.REJECTED: frozenset(),
    CaseState.WITHDRAWN: frozenset(),
}
"""Events each state of a case allows."""

STEP_GOES: Final[dict[StepState, dict[EventName, StepState]]] = {
    StepState.WAITING: {},
    StepState.OPEN: {
        _E.STEP_RECEIVED: StepState.IN_HAND,
        _E.STEP_COMPLETED: StepState.COMPLETED,
        _E.STEP_REJECTED: StepState.REJECTED,
        _E.SUPPLEMENT_REQUESTED: StepState.SUPPLEMENTING,
        _E.PAYMENT_REQUESTED: StepState.OPEN,
        _E.PAYMENT_CONFIRMED: StepState.COMPLETED,
        _E.WITHDRAWN: StepState.CANCELLED,
    },
    StepState.IN_HAND: {
        _E.STEP_COMPLETED: StepState.COMPLETED,
        _E.STEP_REJECTED: StepState.REJECTED,
        _E.SUPPLEMENT_REQUESTED: StepState.SUPPLEMENTING,
        _E.PAYMENT_REQUESTED: StepState.IN_HAND,
        _E.WITHDRAWN: StepState.CANCELLED,
    },
    StepState.SUPPLEMENTING: {
        _E.SUPPLEMENTED: StepState.OPEN,
        _E.WITHDRAWN: StepState.CANCELLED,
    },
    StepState.COMPLETED: {},
    StepState.REJECTED: {},
    StepState.SKIPPED: {},
    StepState.CANCELLED: {},
}
"""Where a step goes by an event; what is not listed is refused."""

CASE_VI: Final[dict[CaseState, str]] = {
    CaseState.PROCESSING: "đang xử lý",
    CaseState.SUPPLEMENTING: "chờ bổ sung hồ sơ",
    CaseState.AWAITING_PAYMENT: "chờ thực hiện nghĩa vụ tài chính",
    CaseState.COMPLETED: "đã xử lý xong",
    CaseState.RETURNED: "đã trả kết quả",
    CaseState.REJECTED: "bị từ chối giải quyết",
    CaseState.WITHDRAWN: "đã rút",
}
"""States of a case as people read them."""

STEP_VI: Final[dict[StepState, str]] = {
    StepState.WAITING: "chưa mở",
    StepState.OPEN: "đã chuyển",
    StepState.IN_HAND: "đã tiếp nhận",
    StepState.SUPPLEMENTING: "chờ bổ sung",
    StepState.COMPLETED: "hoàn thành",
    StepState.REJECTED: "từ chối",
    StepState.SKIPPED: "không phải thực hiện",
    StepState.CANCELLED: "đã huỷ",
}
"""States of a step as people read them."""
