"""Routes as tables: who does what, after what, in what time."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from bus.cli import render, words
from bus.cli.render import NOTHING
from bus.schemas.route import Performer, Receiving, Route, RouteStep, StepKind, TimeLimit

_ONE_END: Final = frozenset({StepKind.AWAIT_PAYMENT, StepKind.AWAIT_TIME})
_WAITS: Final = {
    StepKind.AWAIT_PAYMENT: "chờ nộp tiền",
    StepKind.AWAIT_TIME: "chờ hết thời hạn",
    StepKind.AWAIT_EVENT: "chờ sự kiện",
}


def line(route: Route) -> dict[str, Any]:
    """Return a route in a list, as JSON values."""
    return {
        "procedure": route.procedure,
        "version": route.version,
        "name_vi": route.name.vi,
        "name_en": route.name.en,
        "steps": len(route.steps),
        "valid_from": route.valid_from,
        "valid_to": route.valid_to,
    }


def show_list(routes: Sequence[Route]) -> None:
    """Print routes as a table."""
    render.show_table(
        ("Mã thủ tục", "Phiên bản", "Tên", "Số bước", "Thời hạn", "Hiệu lực"),
        [
            (
                route.procedure,
                str(route.version),
                route.name.vi,
                str(len(route.steps)),
                limit(route.total),
                _validity(route),
            )
            for route in routes
        ],
    )


def show_route(route: Route) -> None:
    """Print one route: what it is, then its steps in order."""
    render.show_pairs(
        [
            ("Thủ tục", f"{route.procedure} · phiên bản {route.version}"),
            ("Tên", f"{route.name.vi} / {route.name.en}"),
            ("Căn cứ", "; ".join(route.basis)),
            ("Tiếp nhận", ", ".join(map(_receiving, route.receiving))),
            ("Thời hạn", limit(route.total)),
            ("Hiệu lực", _validity(route)),
        ]
    )
    render.show("")
    render.show_table(
        ("Bước", "Tên", "Thực hiện", "Sau bước", "Điều kiện", "Thời hạn", "Kết quả"),
        [_step(step) for step in route.steps],
    )


def limit(of: TimeLimit | None) -> str:
    """Return a time limit in words."""
    return NOTHING if of is None else f"{of.amount} {words.called(words.LIMIT, of.unit)}"


def _step(step: RouteStep) -> tuple[str, ...]:
    return (
        step.id,
        step.name.vi,
        performer(step),
        ", ".join(step.needs) or NOTHING,
        step.when or NOTHING,
        limit(step.limit),
        NOTHING if step.kind in _ONE_END else ", ".join(step.endings),
    )


def performer(step: RouteStep) -> str:
    """Return who does a step, in Vietnamese."""
    match step.performer:
        case Performer(role=role, level=level):
            return _who(role, level)
        case None:
            return _WAITS[step.kind]


def _receiving(one: Receiving) -> str:
    return _who(one.role, one.level) + words.SCOPE.get(one.scope, "")


def _who(role: str, level: str) -> str:
    return f"{words.called(words.ROLE, role)} ({words.called(words.LEVEL, level)})"


def _validity(route: Route) -> str:
    return f"{_day(route.valid_from)} – {_day(route.valid_to) if route.valid_to else 'nay'}"


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
