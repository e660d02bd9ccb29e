"""What the ways through a route show: conditions that fail, steps never done, gaps and overlaps."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from bus.ids import StepId
from bus.routing.condition import Condition
from bus.routing.finding import About, Finding
from bus.routing.runs import Run
from bus.schemas.route import Cover, StepKind

_Conditions = Mapping[StepId, Condition]
_Needs = Mapping[StepId, frozenset[StepId]]


def check_ways(
    about: About, before: _Needs, conditions: _Conditions, walked: list[Run]
) -> Iterator[Finding]:
    """Yield conditions that fail, steps never done, and ways on which too little or much is done.

    Args:
        about: The route.
        before: What is over before each step.
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
            key="when",
        )
    if failed:
        return
    opened = frozenset[StepId]().union(*(run.opened for run in walked))
    for route_step in about.route.steps:
        if route_step.id not in opened:
            yield about.error(
                "graph.unreachable",
                "không bao giờ được thực hiện: điều kiện `when` không đúng trong trường hợp nào;"
                " sửa điều kiện hoặc bỏ bước",
                "is never done: its `when` is true in no case; correct it or take the step out",
                step=route_step.id,
                key="when",
            )
    yield from _empty(about, conditions, walked)
    yield from _unasked_payments(about, before, conditions, walked)
    yield from _declared(about, conditions, walked)
    yield from _undeclared(about, conditions, walked)


def check_alternatives(about: About) -> Iterator[Finding]:
    """Yield alternatives that name no step, or a step that is done for every dossier."""
    steps = {step.id: step for step in about.route.steps}
    for group in about.route.alternatives:
        wrong = [step for step in group.steps if step not in steps or steps[step].when is None]
        for step in dict.fromkeys(wrong):
            yield about.error(
                "alternatives.no_condition",
                f"`alternatives` nêu {step}, không phải bước có điều kiện `when`; sửa mã bước hoặc"
                " đặt điều kiện",
                f"`alternatives` names {step}, which is no step with a condition `when`; correct"
                " the step's id or give it a condition",
                key="alternatives",
            )


def _empty(about: About, conditions: _Conditions, walked: list[Run]) -> Iterator[Finding]:
    tasks = [step.id for step in about.route.steps if step.kind is StepKind.TASK]
    run = next((run for run in walked if run.opened.isdisjoint(tasks)), None)
    if run is not None:
        example = _example(run, conditions, tasks)
        yield about.error(
            "graph.nothing_done",
            f"hồ sơ kết thúc mà không cơ quan nào giải quyết khi {example}; sửa điều kiện",
            f"the dossier ends without any agency having done anything when {example}; correct"
            " the conditions",
            key="steps",
        )


def _unasked_payments(
    about: About, before: _Needs, conditions: _Conditions, walked: list[Run]
) -> Iterator[Finding]:
    """A wait that opens while everybody who may ask for the payment was skipped waits for ever."""
    asking = {step.id for step in about.route.steps if step.may_request_payment}
    for step in about.route.steps:
        earlier = asking & before[step.id]
        if step.kind is not StepKind.AWAIT_PAYMENT or not earlier:
            continue
        stuck = next(
            (run for run in walked if step.id in run.opened and run.opened.isdisjoint(earlier)),
            None,
        )
        if stuck is not None:
            example = _example(stuck, conditions, [step.id, *sorted(earlier)])
            yield about.error(
                "payment.not_requested",
                f"chờ nộp tiền mà bước yêu cầu nộp tiền bị bỏ qua khi {example}; sửa `when`",
                "waits for a payment while the steps that may request it are skipped when"
                f" {example}; correct `when`",
                step=step.id,
                key="when",
            )


def _declared(about: About, conditions: _Conditions, walked: list[Run]) -> Iterator[Finding]:
    """Steps the route itself calls alternatives: the fault is an error."""
    needs = {step.id: frozenset(step.needs) for step in about.route.steps}
    for group in about.route.alternatives:
        names = [step for step in group.steps if step in conditions]
        if group.cover is Cover.ANY or len(names) < len(group.steps):
            continue
        earlier = frozenset[StepId]().union(*(needs[step] for step in names)).difference(names)
        gap = _gap(walked, earlier, names) if group.cover is Cover.EXACTLY_ONE else None
        if gap is not None:
            example = _example(gap, conditions, names)
            yield about.error(
                "alternatives.gap",
                f"không bước nào trong {', '.join(names)} được thực hiện khi {example}; sửa `when`"
                " cho đủ trường hợp, hoặc đặt `cover: at_most_one` nếu đúng là không bước nào",
                f"none of {', '.join(names)} is done when {example}; let a `when` cover it, or set"
                " `cover: at_most_one` if none is meant",
                key="alternatives",
            )
        both = _overlap(walked, names)
        if both is not None:
            run, together = both
            example = _example(run, conditions, together)
            yield about.error(
                "alternatives.overlap",
                f"các bước {', '.join(together)} cùng được thực hiện khi {example}; sửa `when` để"
                " chỉ còn một, hoặc bỏ khỏi `alternatives`",
                f"{' and '.join(together)} are done together when {example}; let one `when` be"
                " false there, or take them out of `alternatives`",
                key="alternatives",
            )


def _undeclared(about: About, conditions: _Conditions, walked: list[Run]) -> Iterator[Finding]:
    """Steps that look like alternatives: they need the same, and each has a condition."""
    declared = {step for group in about.route.alternatives for step in group.steps}
    groups: dict[frozenset[StepId], list[StepId]] = defaultdict(list)
    for step in about.route.steps:
        if step.id in conditions and step.id not in declared:
            groups[frozenset(step.needs)].append(step.id)
    for needs, group in groups.items():
        if len(group) == 1:
            continue
        names = ", ".join(group)
        both = _overlap(walked, group)
        if both is None:
            gap = _gap(walked, needs, group)
            if gap is not None:
                example = _example(gap, conditions, group)
                yield about.warning(
                    "graph.no_alternative",
                    f"không bước nào trong {names} được thực hiện khi {example}; nếu đúng vậy,"
                    " khai báo trong `alternatives` với `cover: at_most_one`",
                    f"none of {names} is done when {example}; if that is meant, declare them in"
                    " `alternatives` with `cover: at_most_one`",
                    step=group[0],
                    key="when",
                )
        elif _ask_the_same(conditions, both[1]) and _part_ways(walked, both[1]):
            run, together = both
            example = _example(run, conditions, together)
            yield about.warning(
                "graph.both_done",
                f"các bước {', '.join(together)} cùng được thực hiện khi {example}; nếu đúng vậy,"
                " khai báo trong `alternatives` với `cover: any`",
                f"{' and '.join(together)} are done together when {example}; if that is meant,"
                " declare them in `alternatives` with `cover: any`",
                step=together[0],
                key="when",
            )


def _gap(walked: list[Run], needs: frozenset[StepId], group: list[StepId]) -> Run | None:
    """Return a way that comes to a group of steps and does none of them."""
    return next(
        (run for run in walked if run.opened.isdisjoint(group) and _reached(run, needs)), None
    )


def _reached(run: Run, needs: frozenset[StepId]) -> bool:
    """After a refusal, or where all before was skipped, nobody expects anything to be done."""
    done = [run.steps[need] for need in needs if run.steps[need].opened]
    return not needs or (bool(done) and all(decision.outcome for decision in done))


def _overlap(walked: list[Run], group: list[StepId]) -> tuple[Run, list[StepId]] | None:
    """Return a way on which two steps of a group are done, and the two."""
    for run in walked:
        together = [step for step in group if step in run.opened]
        if len(together) > 1:
            return run, together[:2]
    return None


def _ask_the_same(conditions: _Conditions, pair: list[StepId]) -> bool:
    """Say whether two conditions branch on the same facts and outcomes."""
    one, other = (conditions[step] for step in pair)
    return (one.facts, one.steps) == (other.facts, other.steps)


def _part_ways(walked: list[Run], pair: list[StepId]) -> bool:
    """Say whether one of two steps is ever done without the other."""
    return any(len(run.opened.intersection(pair)) == 1 for run in walked)


def _example(run: Run, conditions: _Conditions, steps: list[StepId]) -> str:
    """Return the facts and outcomes, each once, that the conditions of steps asked about."""
    told = [run.example(conditions[step]) for step in steps if step in conditions]
    return ", ".join(dict.fromkeys(part for one in told for part in one.split(", ") if part))
