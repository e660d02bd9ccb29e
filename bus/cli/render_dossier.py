"""Dossiers as tables. What the citizen handed in is not shown: operators do not need it."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

from bus.cli import render, words
from bus.cli.render import NOTHING, local
from bus.ids import AgencyCode
from bus.routing.axes import Axes
from bus.routing.case import Case, StepState
from bus.storage.views import DossierLine, StepLine

Naming = Callable[[AgencyCode | None], str]
LATE: Final = "quá hạn"


def show_list(found: Sequence[DossierLine], late: Collection[str], names: Naming) -> None:
    """Print dossiers as a table."""
    render.show_table(
        ("Mã hồ sơ", "Thủ tục", "Trạng thái", "Đơn vị tiếp nhận", "Tiếp nhận", "Hẹn trả", "Trễ"),
        [
            (
                line.code,
                line.procedure,
                words.called(words.CASE, line.state),
                names(line.receiving_unit),
                local(line.accepted_at),
                local(line.due_at),
                LATE if line.code in late else NOTHING,
            )
            for line in found
        ],
    )


def show_case(
    case: Case, stands: Axes, steps: Sequence[StepLine], names: Naming, *, late: bool
) -> None:
    """Print one dossier, then its steps."""
    render.show_pairs(
        [
            ("Mã hồ sơ", case.code),
            ("Thủ tục", f"{case.procedure} · phiên bản {case.route_version}"),
            ("Trạng thái", words.called(words.CASE, case.state)),
            ("Mã quốc gia", _national(stands)),
            ("Tài chính", words.called(words.FINANCIAL, stands.financial)),
            ("Giao nhận", words.called(words.TRANSPORT, stands.delivery)),
            ("Cổng quốc gia", words.called(words.SYNCHRONISATION, stands.synchronisation)),
            ("Đơn vị tiếp nhận", f"{names(case.receiving_unit)} ({case.receiving_unit})"),
            ("Tiếp nhận", local(case.accepted_at)),
            ("Hẹn trả", local(case.due_at) + (f" · {LATE}" if late and case.due_at else "")),
            ("Hẹn lại", local(case.extended_due_at)),
            ("Kết thúc", local(case.ended_at)),
            ("Lý do", case.reason or NOTHING),
            ("Lưu ý", ", ".join(words.called(words.FLAG, one) for one in case.flags) or NOTHING),
        ]
    )
    render.show("")
    render.show_table(
        ("Bước", "Lần", "Trạng thái", "Cơ quan", "Giao lúc", "Hạn", "Xong lúc", "Kết quả"),
        [_step(line, names) for line in steps],
    )


def as_json(case: Case, stands: Axes, steps: Sequence[StepLine], *, late: bool) -> dict[str, Any]:
    """Return one dossier as JSON values."""
    return {
        "code": case.code,
        "procedure": case.procedure,
        "route_version": case.route_version,
        "catalogue": case.catalogue,
        "state": case.state,
        "national_code": stands.business.national_code,
        "financial": stands.financial,
        "delivery": stands.delivery,
        "synchronisation": stands.synchronisation,
        "receiving_unit": case.receiving_unit,
        "area": case.area,
        "accepted_at": case.accepted_at,
        "due_at": case.due_at,
        "overdue": late,
        "extended_due_at": case.extended_due_at,
        "ended_at": case.ended_at,
        "reason": case.reason,
        "flags": case.flags,
        "steps": list(steps),
    }


def _state(line: StepLine) -> str:
    if line.agency is None and line.state is StepState.OPEN:  # with nobody who could take it
        return "đang chờ"
    return words.called(words.STEP, line.state)


def _national(stands: Axes) -> str:
    return f"{stands.business.national_code} · {words.called(words.NATIONAL, stands.business)}"


def _step(line: StepLine, names: Naming) -> tuple[str, ...]:
    return (
        line.step,
        str(line.round),
        _state(line),
        names(line.agency),
        local(line.opened_at),
        local(line.due_at),
        local(line.ended_at),
        line.outcome or NOTHING,
    )
