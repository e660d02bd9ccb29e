"""Every way a route can go: all values of the facts its conditions ask about, all outcomes.

Only what a condition asks about is varied; the rest cannot change which steps open. A refusal that
ends the dossier ends the run, and needs no further look.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Final

from bus.errors import ConditionFailed
from bus.ids import StepId
from bus.routing.condition import Condition
from bus.schemas.base import Fact
from bus.schemas.route import OnReject, Route, RouteStep, StepKind

_ABSENT: Final = None


@dataclass(frozen=True, slots=True)
class Decision:
    """How a step went in a run: done or not, its outcome ("" when refused or skipped)."""

    opened: bool
    outcome: str
    outputs: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """One way through a route, to its end or to a condition that failed."""

    facts: Mapping[str, Fact]
    steps: Mapping[StepId, Decision]
    failed: StepId | None = None
    why: str = ""

    @property
    def opened(self) -> frozenset[StepId]:
        """The steps that are done."""
        return frozenset(step for step, gone in self.steps.items() if gone.opened)

    def example(self, condition: Condition) -> str:
        """Return what the condition asked about in this run, for people."""
        facts = [f"{name}={_word(self.facts.get(name))}" for name in sorted(condition.facts)]
        steps = [f"{step}={self.steps[step].outcome or '–'}" for step in sorted(condition.steps)]
        return ", ".join(facts + steps)


def runs(
    route: Route, order: tuple[RouteStep, ...], conditions: Mapping[StepId, Condition]
) -> Iterator[Run]:
    """Yield every run of a route that ends with all steps over.

    Args:
        route: The route.
        order: Its steps, each after the ones it needs.
        conditions: The compiled conditions; each asks only about facts of the route and about
            steps its own step needs.
    """
    asked = frozenset(name for found in conditions.values() for name in found.facts)
    watched = frozenset(step for found in conditions.values() for step in found.steps)
    walk = _Walk(order, conditions, watched)
    rules = [rule for rule in route.facts if rule.name in asked]
    for values in product(*(_domain(rule.values, required=rule.required) for rule in rules)):
        named = zip((rule.name for rule in rules), values, strict=True)
        facts = {name: value for name, value in named if value is not _ABSENT}
        yield from walk.from_step(0, facts, {})


class _Walk:
    """Goes depth first through the steps; remembers what conditions answered."""

    def __init__(
        self,
        order: tuple[RouteStep, ...],
        conditions: Mapping[StepId, Condition],
        watched: frozenset[StepId],
    ) -> None:
        self._order = order
        self._conditions = conditions
        self._watched = watched
        self._answers: dict[tuple[object, ...], tuple[bool, ...]] = {}

    def from_step(
        self, place: int, facts: Mapping[str, Fact], gone: Mapping[StepId, Decision]
    ) -> Iterator[Run]:
        if place == len(self._order):
            yield Run(facts, gone)
            return
        step = self._order[place]
        try:
            answers = self._answer(step.id, facts, gone)
        except ConditionFailed as error:
            yield Run(facts, gone, failed=step.id, why=str(error))
            return
        for opens in answers:
            for decision in (
                self._decisions(step) if opens else (Decision(opened=False, outcome=""),)
            ):
                yield from self.from_step(place + 1, facts, {**gone, step.id: decision})

    def _answer(
        self, step: StepId, facts: Mapping[str, Fact], gone: Mapping[StepId, Decision]
    ) -> tuple[bool, ...]:
        condition = self._conditions.get(step)
        if condition is None:
            return (True,)
        if condition.outputs:
            return (True, False)
        told = tuple(facts.get(name) for name in sorted(condition.facts))
        ended = tuple(gone[name].outcome for name in sorted(condition.steps))
        key = (step, told, ended)
        if key not in self._answers:
            self._answers[key] = (condition.holds(facts, gone),)
        return self._answers[key]

    def _decisions(self, step: RouteStep) -> list[Decision]:
        outcomes = step.endings
        if step.id not in self._watched:
            return [Decision(opened=True, outcome=outcomes[0])]
        decided = [Decision(opened=True, outcome=outcome) for outcome in outcomes]
        if step.kind is StepKind.TASK and step.on_reject is OnReject.CONTINUE:
            decided.append(Decision(opened=True, outcome=""))
        return decided


def _domain(values: tuple[str, ...] | str, *, required: bool) -> list[Fact | None]:
    domain: list[Fact | None] = [True, False] if isinstance(values, str) else list(values)
    return domain if required else [*domain, _ABSENT]


def _word(value: Fact | None) -> str:
    if value is None:
        return "–"
    return str(value).lower() if isinstance(value, bool) else str(value)
