"""What holds for every dossier on every route, whatever is said about it and in whatever order."""

from itertools import pairwise
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from bus.routing.case import (
    ACTIVE_STEPS,
    FINAL_STEPS,
    Case,
    CaseState,
    StepState,
    business_state,
    dump,
    load,
)
from bus.routing.deadline import next_alarm
from bus.routing.fold import fold
from bus.routing.machine import ClockStruck, advance
from bus.routing.opening import Context
from bus.routing.states import CASE_ALLOWS
from tests.support.histories import (
    HISTORIES,
    ROUTES,
    Dossier,
    Facts,
    Move,
    dossiers,
    taken_back,
    walked,
)
from tests.support.walking import MONDAY, Walk, yen_bai


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
                assert new == old or taken_back(old, new)


@given(*HISTORIES)
def test_every_case_makes_sense(dossier: Dossier, moves: list[Move]) -> None:
    walk, route = walked(dossier, moves)
    needs = {step.id: step.needs for step in route.steps}

    for case in walk.was:
        over = {run.id for run in case.steps if run.state in FINAL_STEPS}
        live = [run for run in case.steps if run.state in ACTIVE_STEPS]
        asked = any(run.state is StepState.SUPPLEMENTING for run in case.steps)
        stopped = asked or any(run.state is StepState.RECALLED for run in case.steps)
        assert all(over.issuperset(needs[run.id]) for run in live)
        assert all(run.opened_at is not None for run in live)
        assert (len(over) == len(case.steps)) == (not case.open)
        assert case.open == (case.ended_at is None)
        assert not case.open or live or stopped
        assert (case.state is CaseState.SUPPLEMENTING) == (case.open and asked)
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
    handed = {(run.id, run.round, run.agency) for run in walk.case.steps if run.agency}
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
        assert looks <= 3 * (len(case.steps) + 1) + len(case.consultations)


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
