"""The control slip: each hand-over in words, with how the time limit of its step was kept."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from bus.ids import AgencyCode
from bus.routing.case import CaseState
from bus.routing.forms.chronicle import Chronicle
from bus.routing.forms.custody import Holder, Leg, LegEnd, LegKind
from bus.routing.forms.documents import About, ControlSlip, Heading, SlipLine
from bus.routing.forms.timeliness import Timeliness, finished, running
from bus.routing.states import CASE_VI
from bus.schemas.route import TimeLimit

_STATE: Final = {
    **CASE_VI,
    CaseState.PROCESSING: "đang xử lý",
    CaseState.SUPPLEMENTING: "chờ bổ sung hồ sơ",
    CaseState.AWAITING_PAYMENT: "chờ thực hiện nghĩa vụ tài chính",
    CaseState.COMPLETED: "đã xử lý xong",
}
"""On paper the words of the national list of states stand, where it has one."""
_CITIZEN: Final = "Người nộp hồ sơ"
_DESK: Final = "Bộ phận Một cửa, "
_TASKS: Final = {
    LegKind.SUPPLEMENT: "Trả lại để bổ sung, hoàn thiện",
    LegKind.HOME: "Kết thúc quá trình giải quyết",
    LegKind.CITIZEN: "Trả kết quả",
}
_NOTES: Final = {
    LegEnd.COMPLETED: "Đã giải quyết",
    LegEnd.REJECTED: "Từ chối giải quyết",
    LegEnd.REFUSED: "Bên nhận từ chối nhận",
    LegEnd.SUPPLEMENT: "Yêu cầu bổ sung, hoàn thiện hồ sơ",
    LegEnd.CANCELLED: "Đã thu hồi",
    LegEnd.REROUTED: "Đã chuyển cơ quan khác",
}
_HAVE_A_RESULT: Final = frozenset({LegEnd.COMPLETED, LegEnd.REJECTED, LegEnd.REFUSED})


def control_slip(
    heading: Heading,
    about: About,
    history: Chronicle,
    now: datetime,
    name: Callable[[AgencyCode], str],
) -> ControlSlip:
    """Return the slip of a dossier as it stands now.

    Raises:
        CalendarExhausted: A limit of hours, and a moment outside the calendar.
    """
    case = history.case
    return ControlSlip(
        heading=heading,
        about=about,
        accepted_at=case.accepted_at,
        due_at=case.due_at,
        extended_due_at=case.extended_due_at,
        state=_STATE[case.state],
        result=_whole(history, now),
        lines=tuple(
            SlipLine(
                number=number,
                giver=_called(leg.giver, name),
                receiver=_called(leg.receiver, name) if leg.receiver else _CITIZEN,
                task=history.step_name(leg.step) if leg.step else _TASKS[leg.kind],
                leg=leg,
                result=_result(leg, history, now),
                note=_note(leg),
            )
            for number, leg in enumerate(history.legs, start=1)
        ),
    )


def _called(holder: Holder, name: Callable[[AgencyCode], str]) -> str:
    return f"{_DESK if holder.desk else ''}{name(holder.agency)}"


def _result(leg: Leg, history: Chronicle, now: datetime) -> Timeliness | None:
    """Return how a step kept its limit; None where it has none or was taken from its performer."""
    limit = next((one.limit for one in history.route.steps if one.id == leg.step), None)
    return _kept(
        limit,
        leg.due_at,
        leg.ended_at,
        now,
        history,
        stopped=leg.end is not None and leg.end not in _HAVE_A_RESULT,
    )


def _whole(history: Chronicle, now: datetime) -> Timeliness | None:
    """Return how the dossier as a whole kept its appointment; None while its clock stands still."""
    case = history.case
    stopped = case.paused_at is not None or case.state is CaseState.WITHDRAWN
    limit = history.route.total
    return _kept(limit, case.due_at, case.ended_at, now, history, stopped=stopped)


def _kept(
    limit: TimeLimit | None,
    due_at: datetime | None,
    ended_at: datetime | None,
    now: datetime,
    history: Chronicle,
    *,
    stopped: bool,
) -> Timeliness | None:
    if limit is None or due_at is None or stopped:
        return None
    if ended_at is None:
        return running(now, due_at)
    return finished(ended_at, due_at, limit, history.catalogue.calendar)


def _note(leg: Leg) -> str:
    parts = [_NOTES[leg.end]] if leg.end else []
    if leg.round is not None and leg.round > 1:
        parts.append(f"lần {leg.round}")
    if leg.notice:
        parts.append(f"thông báo nộp tiền số {leg.notice}")
    if leg.officer:
        parts.append(f"người nhận: {leg.officer}")
    return "; ".join(parts)
