"""What the check of a province found, for people and for programs. Pure."""

from collections.abc import Iterable, Iterator
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


def lines(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield each finding, then the units it concerns."""
    for finding in findings:
        yield (
            f"{_MARK[finding.severity]} [{finding.code}] {finding.message_vi}"
            f" / {finding.message_en}"
        )
        for unit in finding.units:
            yield f"    {unit.code}  {unit.name}"


def as_json(checked: Checked) -> dict[str, Any]:
    """Return the whole as JSON values."""
    return {
        "ok": checked.ok,
        "routes": checked.routes,
        "receiving_units": checked.receiving_units,
        "steps": checked.steps,
        "ways": checked.ways,
        "combinations": checked.questions,
        "findings": [_finding(finding) for finding in checked.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "severity": finding.severity,
        "code": finding.code,
        "procedure": finding.procedure,
        "version": finding.version,
        "step": finding.step,
        "units": [{"code": unit.code, "name": unit.name} for unit in finding.units],
        "message_vi": finding.message_vi,
        "message_en": finding.message_en,
    }
