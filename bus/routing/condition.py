"""Conditions of a route: whether a step is done, asked of the dossier's facts and earlier steps.

The language is CEL: it has no loops without end, no clock and no way out. A condition sees

- `facts.<name>`: a branching fact of the dossier;
- `steps.<id>.outcome`: how a step ended, "" while it has not or where it was skipped;
- `steps.<id>.outputs.<name>`: a fact a step produced; ask `has(…)` first.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from bus.errors import CatalogueInvalid, ConditionFailed
from bus.ids import StepId
from bus.schemas.base import Fact

if TYPE_CHECKING:
    import cel

_TEXT: Final = r"""(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""
_STRING: Final = re.compile(_TEXT)
_COMPARED_AFTER: Final = re.compile(
    rf"\s*(?:[!=]=\s*({_TEXT})|in\s*\[\s*({_TEXT}(?:\s*,\s*{_TEXT})*)\s*,?\s*\])"
)
_COMPARED_BEFORE: Final = re.compile(rf"({_TEXT})\s*[!=]=\s*$")
_ROOT: Final = re.compile(r"(?<![.\w])(facts|steps)\b")
_REFERENCE: Final = re.compile(
    r"facts\.(?P<fact>[a-z]\w*)|steps\.(?P<step>[a-z]\w*)\.(?:outcome\b|outputs\.(?P<output>[a-z]\w*))"
)
_SYNTAX: Final = re.compile(r"<input>:(?P<line>\d+):(?P<column>\d+): (?P<what>.*)")


class Decided(Protocol):
    """What a condition may see of a step: `StepRun` has it."""

    @property
    def outcome(self) -> str | None:
        """How the step ended, None while it has not."""
        ...

    @property
    def outputs(self) -> Mapping[str, Fact]:
        """Facts the step produced."""
        ...


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition, and the names it asks about."""

    text: str
    facts: frozenset[str]
    steps: frozenset[StepId]
    outputs: frozenset[str]
    compared: frozenset[tuple[str, str]]
    """Names with a text each is compared with: `("steps.ask.outcome", "yes")`."""
    _program: "cel.Program"

    def holds(self, facts: Mapping[str, Fact], steps: Mapping[StepId, Decided]) -> bool:
        """Say whether the condition is true.

        Args:
            facts: The dossier's branching facts.
            steps: The route's steps; every one the condition asks about must be there.

        Raises:
            ConditionFailed: It could not be evaluated, or is neither true nor false.
        """
        unknown = sorted(self.steps - steps.keys())
        if unknown:
            raise ConditionFailed(
                f"condition {self.text!r} asks about {', '.join(unknown)}, which is no step of the"
                " route; correct the route and publish it",
                condition=self.text,
            )
        seen = {step: _seen(steps[step]) for step in self.steps}
        try:
            answer = self._program.execute({"facts": dict(facts), "steps": seen})
        except (ValueError, TypeError, LookupError, ArithmeticError, RuntimeError) as error:
            raise ConditionFailed(self._failure(facts, error), condition=self.text) from None
        if not isinstance(answer, bool):
            raise ConditionFailed(
                f"condition {self.text!r} gives {type(answer).__name__}, expected true or false;"
                " correct the route and publish it",
                condition=self.text,
            )
        return answer

    def _failure(self, facts: Mapping[str, Fact], error: Exception) -> str:
        """Say why without the foreign message: it may quote a citizen's answer."""
        absent = sorted(self.facts - facts.keys())
        why = (
            f"the dossier has no fact {', '.join(absent)}: make it required or ask has(…) first"
            if absent
            else f"{type(error).__name__}: compare texts with texts and numbers with numbers, and"
            " ask has(…) before an output"
        )
        return f"condition {self.text!r} could not be evaluated; {why}; correct the route"


def compile_condition(text: str) -> Condition:
    """Return a condition ready to be asked.

    Raises:
        CatalogueInvalid: The text is no CEL, or asks about something a condition cannot see.
    """
    import cel  # noqa: PLC0415 -- a fifth of a second, and most commands ask no condition

    try:
        program = cel.compile(text)
    except ValueError as error:
        raise CatalogueInvalid(
            f"condition {text!r} cannot be read{_where(str(error))}; expected CEL, for example"
            " facts.regime == 'social_insurance'",
            condition=text,
        ) from None
    bare = _STRING.sub(lambda quoted: "'" + "_" * (len(quoted[0]) - 2) + "'", text)
    references = [_REFERENCE.match(bare, root.start()) for root in _ROOT.finditer(bare)]
    if None in references or not references:
        raise CatalogueInvalid(
            f"condition {text!r} must ask about facts.<name>, steps.<id>.outcome or"
            " steps.<id>.outputs.<name>, written exactly so",
            condition=text,
        )
    found = [match for match in references if match is not None]
    return Condition(
        text=text,
        facts=frozenset(match["fact"] for match in found if match["fact"]),
        steps=frozenset(StepId(match["step"]) for match in found if match["step"]),
        outputs=frozenset(
            f"{match['step']}.{match['output']}" for match in found if match["output"]
        ),
        compared=frozenset(
            (match[0], value) for match in found for value in _compared(text, match)
        ),
        _program=program,
    )


def _compared(text: str, name: re.Match[str]) -> list[str]:
    """Return the texts that a name is compared with where it stands."""
    after = _COMPARED_AFTER.match(text, name.end())
    before = _COMPARED_BEFORE.search(text, 0, name.start())
    sides = [part for match in (after, before) if match for part in match.groups() if part]
    quoted = [one for part in sides for one in _STRING.findall(part)]
    return [one[1:-1] for one in quoted if "\\" not in one]


def _seen(step: Decided) -> dict[str, object]:
    return {"outcome": step.outcome or "", "outputs": dict(step.outputs)}


def _where(error: str) -> str:
    syntax = _SYNTAX.search(error)
    if syntax is None:
        return ""
    line, column, what = syntax["line"], syntax["column"], syntax["what"]
    said = what.split(" expecting ")[0].replace("'<EOF>'", "the end of the text")
    return f" at line {line}, character {column} ({said})"
