"""Pictures of the table, for people: Mermaid state diagrams drawn from `bus.routing.states`."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from bus.routing.case import FINAL_STEPS, CaseState, StepState
from bus.routing.states import CASE_ALLOWS, TABLE, WHO_EN, WHO_VI, EventName

_BY_STEPS: Final[Mapping[CaseState, str]] = {
    CaseState.SUPPLEMENTING: "a step waits for the citizen",
    CaseState.AWAITING_PAYMENT: "a step waits for the payment",
    CaseState.COMPLETED: "all steps are over",
    CaseState.REJECTED: "a step that ends the whole is refused",
}
"""Where a case goes because of what its steps add up to; no message says it."""


def case_diagram() -> str:
    """Return the diagram of a case as a whole."""
    arrows: dict[tuple[str, str], list[str]] = defaultdict(list)
    arrows["[*]", CaseState.PROCESSING].append(EventName.SUBMITTED)
    for state, why in _BY_STEPS.items():
        arrows[CaseState.PROCESSING, state].append(why)
    for state in (CaseState.SUPPLEMENTING, CaseState.AWAITING_PAYMENT):
        arrows[state, CaseState.PROCESSING].append("it waits no more")
    for name, rule in TABLE.items():
        for before, after in rule.whole.items():
            if after is not None:
                arrows[before, after].append(name)
    ends = [state for state in CaseState if state is CaseState.RETURNED or not CASE_ALLOWS[state]]
    return _drawn(arrows, ends)


def step_diagram() -> str:
    """Return the diagram of one step."""
    arrows: dict[tuple[str, str], list[str]] = defaultdict(list)
    arrows["[*]", StepState.WAITING].append("the case is opened")
    arrows[StepState.WAITING, StepState.OPEN].append("its needs are over")
    arrows[StepState.WAITING, StepState.SKIPPED].append("its condition does not hold")
    for name, rule in TABLE.items():
        for before, after in rule.step.items():
            arrows[before, after].append(name)
    return _drawn(arrows, [state for state in StepState if state in FINAL_STEPS])


def rows() -> str:
    """Return the table as a Markdown table: a line for each event."""
    lines = [
        "| Event | Who may say it | While the dossier is | The step goes |",
        "| --- | --- | --- | --- |",
    ]
    for name, rule in TABLE.items():
        whole = ", ".join(
            f"`{before}`" + (f" → `{after}`" if after else "")
            for before, after in rule.whole.items()
        )
        step = ", ".join(f"`{before}` → `{after}`" for before, after in rule.step.items()) or "–"
        lines.append(f"| `{name}` | {WHO_VI[rule.who]} / {WHO_EN[rule.who]} | {whole} | {step} |")
    return "\n".join(lines)


def _drawn(arrows: Mapping[tuple[str, str], list[str]], ends: Iterable[str]) -> str:
    lines = ["stateDiagram-v2"]
    lines += [
        f"  {before} --> {after}: {', '.join(why)}" for (before, after), why in arrows.items()
    ]
    lines += [f"  {end} --> [*]" for end in ends]
    return "\n".join(lines)
