"""What the check of a province found, for people and for programs. Pure."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from bus.routing.finding import Finding, Severity
from bus.routing.plan import Checked

_MARK = {Severity.ERROR: "LỖI / ERROR", Severity.WARNING: "CHÚ Ý / WARNING"}


def summary(checked: Checked) -> str:
    """Return how much was looked at, in one line."""
    routes, units, steps, asked = (
        checked.routes,
        checked.receiving_units,
        checked.steps,
        checked.questions,
    )
    return (
        f"{routes} quy trình, {units} đơn vị tiếp nhận, {steps} bước, đã kiểm tra {asked} tổ hợp"
        f" / {routes} routes, {units} receiving units, {steps} steps, {asked} combinations checked"
    )


Place = Callable[[Finding], tuple[str, int | None] | None]
"""Says in which file and line a finding stands."""


def lines(findings: Iterable[Finding], place: Place) -> Iterator[str]:
    """Yield each finding with its file and line, then the units it concerns."""
    for finding in findings:
        yield (
            f"{_MARK[finding.severity]} [{finding.code}] {_at(place(finding))}"
            f"{finding.message_vi} / {finding.message_en}"
        )
        for unit in finding.units:
            yield f"    {unit.code}  {unit.name}"


def as_json(checked: Checked, place: Place) -> dict[str, Any]:
    """Return the whole as JSON values."""
    return {
        "ok": checked.ok,
        "routes": checked.routes,
        "receiving_units": checked.receiving_units,
        "steps": checked.steps,
        "ways": checked.ways,
        "combinations": checked.questions,
        "findings": [_finding(finding, place(finding)) for finding in checked.findings],
    }


def _at(place: tuple[str, int | None] | None) -> str:
    if place is None:
        return ""
    file, line = place
    return f"{file}: " if line is None else f"{file}:{line}: "


def _finding(finding: Finding, place: tuple[str, int | None] | None) -> dict[str, Any]:
    file, line = place or (None, None)
    return {
        "severity": finding.severity,
        "code": finding.code,
        "procedure": finding.procedure,
        "version": finding.version,
        "step": finding.step,
        "key": finding.key,
        "file": file,
        "line": line,
        "units": [{"code": unit.code, "name": unit.name} for unit in finding.units],
        "message_vi": finding.message_vi,
        "message_en": finding.message_en,
    }
