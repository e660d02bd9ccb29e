"""What holds for every dossier on every route, whatever is said about it and in whatever order."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from bus.errors import SenderMustAct
from bus.ids import AgencyCode
from bus.routing.case import (
    ACTIVE_STEPS,
    FINAL_STEPS,
    Case,
    CaseState,
    StepRun,
    StepState,
    business_state,
    dump,
    load,
)
from bus.routing.deadline import next_alarm
from bus.routing.fold import fold
from bus.routing.machine import ClockStruck, Event, StepRefused, advance
from bus.routing.opening import Context
from bus.routing.states import CASE_ALLOWS
from bus.schemas.base import Channel
from bus.schemas.dossier import DossierReturnedData
from bus.schemas.route import Route
from tests.support.book import Book
from tests.support.walking import MONDAY, Walk, yen_bai

ROUTES: Final = sorted(yen_bai().province.routes, key=lambda route: route.procedure)
Facts = dict[str, str | bool | int]
Dossier = tuple[Route, Facts]
STRANGER: Final = AgencyCode("H63")


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
    slips: Counter[tuple[str, int]] = field(default_factory=Counter)

    def take(self, event: Event) -> "Told":
        super().take(event)
        assert self.case is not None
        self.book.note(event, self.owed, dossier=self.code, at=self.at)
        self.was.append(self.case)
        self.homecomings += len(self.told("dossier.completed"))
        self.slips.update((owed.step, owed.round) for owed in self.owed if owed.step and owed.round)
        return self


def _refusal(walk: Told, run: StepRun, by: AgencyCode | None = None, later: int = 0) -> Told:
    performer = by or run.agency or walk.unit
    return walk.take(StepRefused(performer, run.id, run.round + later, "Không nhận."))


def _returned(walk: Told) -> Walk:
    data = DossierReturnedData(returned_at=walk.at, channel=Channel.DIRECT)
    return walk.say(data, by=walk.unit)


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
    "return": lambda walk, _run, _: _returned(walk),
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


@given(*HISTORIES)
def test_what_is_final_stays_final(dossier: Dossier, moves: list[Move]) -> None:
    walk, _ = walked(dossier, moves)

    for before, after in pairwise(walk.was):
        if not CASE_ALLOWS[before.state]:
            assert after == before
        if not before.open:
            assert after.steps == before.steps
            assert after.state in {before.state, CaseState.RETURNED}
        for old, new in zip(before.steps, after.steps, strict=True):
            if old.state in FINAL_STEPS:
                assert new == old


@given(*HISTORIES)
def test_every_case_makes_sense(dossier: Dossier, moves: list[Move]) -> None:
    walk, route = walked(dossier, moves)
    needs = {step.id: step.needs for step in route.steps}

    for case in walk.was:
        over = {run.id for run in case.steps if run.state in FINAL_STEPS}
        live = [run for run in case.steps if run.state in ACTIVE_STEPS]
        stopped = any(run.state is StepState.SUPPLEMENTING for run in case.steps)
        assert all(over.issuperset(needs[run.id]) for run in live)
        assert all(run.opened_at is not None for run in live)
        assert (len(over) == len(case.steps)) == (not case.open)
        assert case.open == (case.ended_at is None)
        assert not case.open or live or stopped
        assert (case.state is CaseState.SUPPLEMENTING) == (case.open and stopped)
        assert 1 <= business_state(case).national_code <= 10
        assert load(dump(case)) == case


@given(*HISTORIES)
def test_each_round_of_a_step_is_handed_over_once_and_the_dossier_comes_home_once(
    dossier: Dossier, moves: list[Move]
) -> None:
    walk, _ = walked(dossier, moves)

    assert walk.case is not None
    assert set(walk.slips.values()) <= {1}
    assert walk.homecomings == (not walk.case.open)
    handed = {(run.id, run.round) for run in walk.case.steps if run.agency is not None}
    assert handed <= set(walk.slips)


@given(*HISTORIES)
def test_only_agencies_that_are_there_that_day_are_told_anything(
    dossier: Dossier, moves: list[Move]
) -> None:
    walk, _ = walked(dossier, moves)
    day = yen_bai().calendar.local_date

    for entry in walk.book.entries:
        for id_, owed in walk.book.handed.items():
            if str(id_) in entry.effects:
                told = yen_bai().directory.agency(owed.recipient)
                assert told is not None
                assert told.covers(day(entry.recorded_at))


@given(*HISTORIES)
def test_the_ledger_folds_to_the_case(dossier: Dossier, moves: list[Move]) -> None:
    walk, _ = walked(dossier, moves)

    assert fold(walk.book.entries, lambda _: yen_bai()) == walk.case


@given(*HISTORIES)
def test_a_due_date_moves_only_when_the_citizen_was_waited_for(
    dossier: Dossier, moves: list[Move]
) -> None:
    """Never for a technical reason, and never back."""
    walk, _ = walked(dossier, moves)

    for before, after in pairwise(walk.was):
        if before.due_at != after.due_at:
            assert before.paused_at is not None
            assert before.due_at is not None
            assert after.due_at is not None
            assert after.due_at >= before.due_at
        for old, new in zip(before.steps, after.steps, strict=True):
            if old.round == new.round and old.due_at is not None:
                assert new.due_at == old.due_at


@given(*HISTORIES)
def test_the_clock_tells_what_is_due_once_and_then_looks_later(
    dossier: Dossier, moves: list[Move]
) -> None:
    walk, _ = walked(dossier, moves)
    looks = 0
    case = walk.case
    assert case is not None

    while (moment := next_alarm(case)) is not None:
        looks += 1
        at = max(moment, walk.at)
        case, owed = advance(case, ClockStruck(), Context(yen_bai(), at))
        later = next_alarm(case)
        assert owed
        assert later is None or later > at
        assert looks <= 3 * (len(case.steps) + 1)


PARALLEL: Final = {"2.002621": "birth", "2.002622": "death"}


@st.composite
def interleavings(draw: st.DrawFn) -> tuple[str, Facts, list[str], list[str]]:
    """Two orders of the same things, each step's own in its order."""
    procedure = draw(st.sampled_from(sorted(PARALLEL)))
    route = next(route for route in ROUTES if route.procedure == procedure)
    facts: Facts = {rule.name: draw(st.sampled_from(rule.values)) for rule in route.facts}
    walk = Walk(procedure, facts).submit().complete(PARALLEL[procedure])
    assert walk.case is not None
    said: list[str] = []
    for run in walk.case.steps:
        if run.state is StepState.OPEN:
            said += [run.id] * draw(st.integers(0, 2))
    return procedure, facts, draw(st.permutations(said)), draw(st.permutations(said))


@given(interleavings(), st.sampled_from(["complete", "reject", "ask_more"]))
def test_the_order_of_independent_events_does_not_matter(
    both: tuple[str, Facts, list[str], list[str]], last: str
) -> None:
    """The first thing each step says is that it is received, the second how it ends."""
    procedure, facts, *orders = both

    def ended(order: list[str]) -> Case | None:
        walk = Walk(procedure, facts).submit().complete(PARALLEL[procedure])
        for step in order:
            if walk.run(step).state is StepState.OPEN:
                walk.receive(step)
            else:
                getattr(walk, last)(step)
        return walk.case

    assert ended(orders[0]) == ended(orders[1])


@given(dossiers())
def test_a_dossier_is_due_after_it_was_accepted_and_its_steps_before_the_whole(
    dossier: Dossier,
) -> None:
    walk, route = walked(dossier, [])

    assert walk.case is not None
    assert (walk.case.due_at is None) == (route.total is None)
    for run in walk.case.steps:
        if run.due_at is not None:
            assert run.warn_at is not None
            assert walk.case.accepted_at <= run.warn_at <= run.due_at
    assert walk.at == MONDAY
