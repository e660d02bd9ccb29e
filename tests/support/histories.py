"""Histories of dossiers: whatever may be said about one, in whatever order."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from hypothesis import strategies as st

from bus.errors import SenderMustAct
from bus.ids import AgencyCode
from bus.routing.case import ACTIVE_STEPS, Case, StepRun, StepState, dump
from bus.routing.machine import Event, StepRefused
from bus.schemas.route import Route
from tests.support.book import Book
from tests.support.walking import Walk, yen_bai

ROUTES: Final = sorted(yen_bai().province.routes, key=lambda route: route.procedure)
Facts = dict[str, str | bool | int]
Dossier = tuple[Route, Facts]
STRANGER: Final = AgencyCode("H63")
ANOTHER: Final = AgencyCode("H63.140.82")
"""An agency that is asked for its opinion."""


@dataclass(frozen=True)
class Move:
    """Something somebody says; a place in a list is taken modulo its length."""

    kind: str
    step: int
    outcome: int
    hours: int


@st.composite
def dossiers(draw: st.DrawFn) -> Dossier:
    route = draw(st.sampled_from(ROUTES))
    facts: Facts = {}
    for rule in route.facts:
        values: tuple[str | bool, ...] = (
            (True, False) if isinstance(rule.values, str) else rule.values
        )
        facts[rule.name] = draw(st.sampled_from(values))
    return route, facts


@dataclass
class Told(Walk):
    """A walk that remembers every case it was, and everything that was owed."""

    was: list[Case] = field(default_factory=list)
    book: Book = field(default_factory=Book)
    homecomings: int = 0
    slips: Counter[tuple[str, int, str]] = field(default_factory=Counter)

    def take(self, event: Event) -> "Told":
        super().take(event)
        assert self.case is not None
        self.book.note(event, self.owed, dossier=self.code, at=self.at)
        self.was.append(self.case)
        self.homecomings += len(self.told("dossier.completed"))
        self.homecomings += len(self.told("dossier.terminated"))
        self.slips.update(
            (owed.step, owed.round, owed.recipient)
            for owed in self.owed
            if owed.step and owed.round
        )
        return self


def _refusal(walk: Told, run: StepRun, by: AgencyCode | None = None, later: int = 0) -> Told:
    performer = by or run.agency or walk.unit
    return walk.take(StepRefused(performer, run.id, run.round + later, "Không nhận."))


def _asked(walk: Told) -> str:
    """Return the number of an opinion still asked for, else one nobody asked for."""
    assert walk.case is not None
    open_ones = [one.reference for one in walk.case.consultations if not one.replied]
    return next(iter(open_ones), "0/LYK")


def _before(walk: Told, run: StepRun) -> AgencyCode:
    """Return who did the step before, or somebody who did not."""
    assert walk.case is not None
    over = [one.agency for one in walk.case.steps if one.state is StepState.COMPLETED]
    return next((agency for agency in reversed(over) if agency not in {None, run.agency}), STRANGER)


def _like(walk: Told, run: StepRun, outcome: str) -> AgencyCode:
    """Return one of the first agencies that do what a step's performer does."""
    directory = yen_bai().directory
    entry = directory.agency(run.agency or walk.unit)
    assert entry is not None
    alike = [one.code for one in directory.table.agencies if set(one.roles) & set(entry.roles)]
    return alike[len(outcome) % min(len(alike), 3)]


SAID: Final[dict[str, Callable[[Told, StepRun, str], Walk]]] = {
    "receive": lambda walk, run, _: walk.receive(run.id),
    "complete": lambda walk, run, outcome: walk.complete(run.id, outcome),
    "reject": lambda walk, run, _: walk.reject(run.id),
    "refuse_hand_over": lambda walk, run, _: _refusal(walk, run),
    "ask_more": lambda walk, run, _: walk.ask_more(run.id),
    "supplement": lambda walk, _run, _: walk.supplement(),
    "demand": lambda walk, run, _: walk.demand(run.id),
    "pay": lambda walk, _run, _: walk.pay(),
    "strike": lambda walk, _run, _: walk.strike(),
    "withdraw": lambda walk, _run, _: walk.withdraw(),
    "return": lambda walk, _run, _: walk.hand_out(),
    "rate": lambda walk, _run, _: walk.rate(),
    "progress": lambda walk, run, _: walk.progress(run.id),
    "turn_away": lambda walk, _run, _: walk.turn_away(),
    "terminate": lambda walk, run, _: walk.terminate(by=run.agency or walk.unit),
    "extend": lambda walk, run, _: walk.extend(run.id, days=200),
    "consult": lambda walk, run, _: walk.consult(run.id, ANOTHER, f"{walk.number}/LYK"),
    "reply": lambda walk, _run, _: walk.reply(by=ANOTHER, reference=_asked(walk)),
    "recall": lambda walk, run, _: walk.recall(run.id, by=walk.unit),
    "take_back": lambda walk, run, _: walk.recall(run.id, by=_before(walk, run)),
    "agree": lambda walk, run, _: walk.agree(run.id),
    "keep": lambda walk, run, _: walk.keep(run.id),
    "forward": lambda walk, run, outcome: walk.forward(run.id, _like(walk, run, outcome)),
    "stale": lambda walk, run, _: _refusal(walk, run, later=1),
    "stranger": lambda walk, run, _: _refusal(walk, run, by=STRANGER),
}
OFTEN: Final = (*("complete",) * 4, *("demand", "pay", "supplement") * 2)
"""Else most dossiers would end before they have come anywhere."""


MOVES: Final = st.builds(
    Move,
    kind=st.sampled_from([*SAID, *OFTEN]),
    step=st.integers(0, 4),
    outcome=st.integers(0, 3),
    hours=st.integers(0, 60),
)


def follow(walk: Told, route: Route, move: Move) -> bool:
    """Let it happen; say whether it was allowed."""
    assert walk.case is not None
    steps = walk.case.steps
    active = [run for run in steps if run.state in ACTIVE_STEPS]
    run = (active or steps)[move.step % len(active or steps)]
    outcomes = next(step.outcomes for step in route.steps if step.id == run.id)
    try:
        SAID[move.kind](walk, run, outcomes[move.outcome % len(outcomes)])
    except SenderMustAct:
        return False
    return True


def walked(dossier: Dossier, moves: list[Move]) -> tuple[Told, Route]:
    route, facts = dossier
    walk = Told(route.procedure, facts)
    walk.submit()
    for move in moves:
        walk.later(hours=move.hours)
        before = walk.case
        assert before is not None
        written = dump(before)
        if not follow(walk, route, move):
            assert walk.case is before
            assert dump(before) == written
    return walk, route


PAYMENTS: Final = st.integers(0, 1).map(
    lambda exempt: [
        Move("complete", 0, 1, 5),
        Move("demand", 0, 0, 5),
        Move("complete", 0, exempt, 5),
        Move("pay", 0, 0, 5),
    ]
)
"""What a land dossier goes through; too unlikely by itself."""
HISTORIES: Final = (
    dossiers(),
    st.tuples(st.just([]) | PAYMENTS, st.lists(MOVES, max_size=25)).map(
        lambda parts: [*parts[0], *parts[1]]
    ),
)


def taken_back(old: StepRun, new: StepRun) -> bool:
    """Say whether a step that was over begins a new round, or may again, because of a recall."""
    undone = old.state is StepState.SKIPPED and new.state is StepState.WAITING
    return undone or (new.round == old.round + 1 and new.state is StepState.OPEN)
