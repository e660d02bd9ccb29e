"""The check of a route's conditions: each can be read and asks about what is there by then."""

from collections.abc import Iterator, Mapping
from typing import Final

from bus.errors import CatalogueInvalid
from bus.ids import StepId
from bus.routing.condition import Condition, compile_condition
from bus.routing.finding import About, Finding
from bus.schemas.route import RouteStep

UNREADABLE: Final = frozenset(
    {"condition.unreadable", "condition.fact_unknown", "condition.step_not_needed"}
)
"""Codes of findings after which a condition cannot be asked."""

_Needs = Mapping[StepId, frozenset[StepId]]


def check_conditions(about: About, before: _Needs) -> tuple[dict[StepId, Condition], list[Finding]]:
    """Return the compiled conditions of a route by step, and what is wrong with them.

    Args:
        about: The route.
        before: What is over before each step that has a place in the order.
    """
    conditions: dict[StepId, Condition] = {}
    wrong: list[Finding] = []
    for step in about.route.steps:
        if step.when is None:
            continue
        try:
            condition = conditions[step.id] = compile_condition(step.when)
        except CatalogueInvalid as error:
            wrong.append(
                about.error(
                    "condition.unreadable",
                    f"không đọc được điều kiện `when`: {error}",
                    f"`when` cannot be read: {error}",
                    step=step.id,
                    key="when",
                )
            )
            continue
        wrong += _names(about, step, condition, before)
        wrong += _values(about, step, condition)
        wrong += _outputs(about, step, condition)
    return conditions, wrong


def _names(
    about: About, step: RouteStep, condition: Condition, before: _Needs
) -> Iterator[Finding]:
    unknown = sorted(condition.facts - {rule.name for rule in about.route.facts})
    if unknown:
        yield about.error(
            "condition.fact_unknown",
            f"điều kiện hỏi {', '.join(unknown)} không có trong `facts` của quy trình; khai báo ở"
            " đó hoặc sửa điều kiện",
            f"the condition asks about {', '.join(unknown)}, not among the route's `facts`;"
            " declare it there or correct the condition",
            step=step.id,
            key="when",
        )
    early = sorted(condition.steps - before.get(step.id, condition.steps))
    if early:
        yield about.error(
            "condition.step_not_needed",
            f"điều kiện hỏi bước {', '.join(early)} nhưng không chờ bước đó; thêm vào `needs`",
            f"the condition asks about {', '.join(early)} but the step does not wait for it; add"
            " it to `needs`",
            step=step.id,
            key="when",
        )


def _values(about: About, step: RouteStep, condition: Condition) -> Iterator[Finding]:
    """A misspelt value is never equal, and nobody would see it before a dossier goes astray."""
    there: dict[str, tuple[str, ...]] = {
        f"facts.{rule.name}": rule.values
        for rule in about.route.facts
        if not isinstance(rule.values, str)
    }
    there |= {f"steps.{one.id}.outcome": ("", *one.endings) for one in about.route.steps}
    for name, value in sorted(condition.compared):
        if name in there and value not in there[name]:
            known = ", ".join(one for one in there[name] if one)
            yield about.error(
                "condition.value_unknown",
                f"điều kiện so {name} với “{value}”, giá trị không bao giờ có; cần một trong:"
                f" {known}; sửa điều kiện hoặc bổ sung giá trị",
                f"the condition compares {name} with “{value}”, which it never is; expected one"
                f" of: {known}; correct the condition or add the value",
                step=step.id,
                key="when",
            )


def _outputs(about: About, step: RouteStep, condition: Condition) -> Iterator[Finding]:
    if condition.outputs:
        names = ", ".join(sorted(condition.outputs))
        yield about.warning(
            "condition.outputs_open",
            f"điều kiện hỏi thông tin kết quả {names}: không kiểm tra được mọi giá trị; nên hỏi"
            " `outcome` của bước",
            f"the condition asks about the outputs {names}: their values cannot be enumerated;"
            " better ask for the step's `outcome`",
            step=step.id,
            key="when",
        )
