"""What the ways through a route show: conditions that fail, steps never done, gaps."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations

from bus.ids import StepId
from bus.routing.condition import Condition
from bus.routing.finding import About, Finding
from bus.routing.runs import Run
from bus.schemas.route import StepKind


def check_ways(
    about: About, conditions: Mapping[StepId, Condition], walked: list[Run]
) -> Iterator[Finding]:
    """Yield conditions that fail, steps never done, and ways on which nothing is done.

    Args:
        about: The route.
        conditions: Its compiled conditions by step.
        walked: Its ways.
    """
    failed = {run.failed: run for run in reversed(walked) if run.failed is not None}
    for step, run in failed.items():
        example = run.example(conditions[step])
        yield about.error(
            "condition.fails",
            f"điều kiện không cho kết quả đúng hoặc sai khi {example}: {run.why}",
            f"the condition gives neither true nor false when {example}: {run.why}",
            step=step,
        )
    if failed:
        return
    opened = {step for run in walked for step, gone in run.steps.items() if gone.opened}
    for route_step in about.route.steps:
        if route_step.id not in opened:
            yield about.error(
                "graph.unreachable",
                "không bao giờ được thực hiện: điều kiện `when` không đúng trong trường hợp nào",
                "is never done: its `when` is true in no case",
                step=route_step.id,
            )
    yield from _empty(about, conditions, walked)
    yield from _alternatives(about, conditions, walked)


def _empty(
    about: About, conditions: Mapping[StepId, Condition], walked: list[Run]
) -> Iterator[Finding]:
    tasks = [step.id for step in about.route.steps if step.kind is StepKind.TASK]
    for run in walked:
        if not any(run.steps[task].opened for task in tasks):
            example = "; ".join(
                dict.fromkeys(run.example(conditions[task]) for task in tasks if task in conditions)
            )
            yield about.error(
                "graph.nothing_done",
                f"hồ sơ kết thúc mà không cơ quan nào giải quyết khi {example}",
                f"the dossier ends without any agency having done anything when {example}",
            )
            return


def _alternatives(
    about: About, conditions: Mapping[StepId, Condition], walked: list[Run]
) -> Iterator[Finding]:
    """Steps that need the same, each with a condition, never two together: one should open."""
    groups: dict[frozenset[StepId], list[StepId]] = defaultdict(list)
    for step in about.route.steps:
        if step.id in conditions:
            groups[frozenset(step.needs)].append(step.id)
    for needs, group in groups.items():
        if len(group) == 1 or any(
            run.steps[one].opened and run.steps[other].opened
            for run in walked
            for one, other in combinations(group, 2)
        ):
            continue
        gap = next((run for run in walked if _none_opens(run, needs, group)), None)
        if gap is not None:
            example = "; ".join(dict.fromkeys(gap.example(conditions[step]) for step in group))
            names = ", ".join(group)
            yield about.warning(
                "graph.no_alternative",
                f"không bước nào trong {names} được thực hiện khi {example}",
                f"none of {names} is done when {example}",
            )


def _none_opens(run: Run, needs: frozenset[StepId], group: list[StepId]) -> bool:
    done = [run.steps[need] for need in needs if run.steps[need].opened]
    reached = not needs or (bool(done) and all(decision.outcome for decision in done))
    return reached and not any(run.steps[step].opened for step in group)
