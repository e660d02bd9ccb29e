"""Every promise can be broken: what a run left behind, changed so that one of them is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from bus.errors import SchemaInvalid, TransitionRefused
from bus.ports import DeliveryState, OutboxState
from bus.routing.case import CaseState
from bus.simulation.storm.campaign import Stage
from bus.simulation.storm.faults import Level
from bus.simulation.storm.legacy import Book
from bus.simulation.storm.promises import Promise, breaches, violations
from bus.simulation.storm.remains import Remains
from bus.simulation.storm.run import Run
from bus.simulation.workload import START
from bus.storage.views import EvidenceLine

NOBODY = UUID(int=1)


@pytest.fixture(scope="module")
def remains(stage: Stage) -> Remains:
    """What a calm run left behind: every promise is kept."""
    run = Run(stage.town, stage.databases, seed=3, dossiers=6, level=Level.NONE)
    run.play()
    return run.remains()


def test_a_calm_run_keeps_every_promise(remains: Remains) -> None:
    assert violations(remains) == []


def _an_entry_twice(remains: Remains) -> Remains:
    return replace(remains, entries=[*remains.entries, remains.entries[-1]])


def _accepted_and_nowhere(remains: Remains) -> Remains:
    row = remains.outbox[-1]
    return replace(remains, outbox=[*remains.outbox, replace(row, id=NOBODY)])


def _said_by_nobody(remains: Remains) -> Remains:
    gone = next(row for row in remains.outbox if row.state is OutboxState.ACCEPTED)
    return replace(remains, outbox=[row for row in remains.outbox if row is not gone])


def _numbers_changed(remains: Remains) -> Remains:
    rows = list(remains.outbox)
    lane = (rows[0].agency, rows[0].dossier)
    first, second = [n for n, row in enumerate(rows) if (row.agency, row.dossier) == lane][:2]
    rows[first], rows[second] = (
        replace(rows[first], sequence=rows[second].sequence),
        replace(rows[second], sequence=rows[first].sequence),
    )
    return replace(remains, outbox=rows)


def _rejected_for_nothing(remains: Remains) -> Remains:
    row = replace(remains.outbox[0], id=NOBODY, state=OutboxState.REJECTED)
    return replace(remains, outbox=[*remains.outbox, row])


def _still_open(remains: Remains) -> Remains:
    code, case = next(iter(remains.cases.items()))
    return replace(
        remains, cases={**remains.cases, code: replace(case, state=CaseState.PROCESSING)}
    )


def _unit_not_told(remains: Remains) -> Remains:
    told = next(
        line
        for line in remains.handoffs.values()
        if line.type == "dossier.completed" and line.agency == remains.submitted[line.dossier]
    )
    left = {id_: line for id_, line in remains.handoffs.items() if id_ != told.id}
    return replace(remains, handoffs=left)


def _without_case(remains: Remains) -> Remains:
    return replace(remains, cases=dict(list(remains.cases.items())[1:]))


def _never_taken(remains: Remains) -> Remains:
    taken = dict(remains.book.taken)
    taken.popitem()
    return replace(remains, book=replace(remains.book, taken=taken))


def _taken_twice(remains: Remains) -> Remains:
    lane, ids = next(iter(remains.book.taken.items()))
    book = replace(remains.book, taken={**remains.book.taken, lane: [*ids, ids[0]]})
    return replace(remains, book=book)


def _taken_in_another_order(remains: Remains) -> Remains:
    lane, ids = next((lane, ids) for lane, ids in remains.book.taken.items() if len(ids) > 1)
    book = replace(remains.book, taken={**remains.book.taken, lane: [*reversed(ids)]})
    return replace(remains, book=book)


def _begun_too_early(remains: Remains) -> Remains:
    book: Book = replace(remains.book, moments=dict.fromkeys(remains.book.moments, 0))
    return replace(remains, book=book)


def _chain_broken(remains: Remains) -> Remains:
    entries = list(remains.entries)
    entries[3] = replace(entries[3], body=entries[3].body + b" ")
    return replace(remains, entries=entries)


def _case_rewritten(remains: Remains) -> Remains:
    code, case = next(iter(remains.cases.items()))
    later = replace(case, accepted_at=case.accepted_at + timedelta(days=1))
    return replace(remains, cases={**remains.cases, code: later})


def _stranger_without_trace(remains: Remains) -> Remains:
    return replace(remains, strangers=[*remains.strangers, "nobody-kept-this"])


def _never_answered(remains: Remains) -> Remains:
    rows = list(remains.outbox)
    rows[0] = replace(rows[0], state=OutboxState.SENT)
    return replace(remains, outbox=rows)


def _parked(remains: Remains) -> Remains:
    id_, line = next(iter(remains.handoffs.items()))
    parked = replace(line, state=DeliveryState.PARKED)
    return replace(remains, handoffs={**remains.handoffs, id_: parked})


def _never_read(remains: Remains) -> Remains:
    return replace(remains, waiting=["H63.136: something"])


def _worker_failed(remains: Remains) -> Remains:
    return replace(remains, broken=["hub ingress: KeyError: 'step'"])


@pytest.mark.parametrize(
    ("promise", "breaking"),
    [
        (Promise.ACCEPTED_ONCE, _an_entry_twice),
        (Promise.ACCEPTED_ONCE, _accepted_and_nowhere),
        (Promise.ACCEPTED_ONCE, _said_by_nobody),
        (Promise.IN_ORDER, _numbers_changed),
        (Promise.REFUSED_WITH_REASON, _rejected_for_nothing),
        (Promise.ONE_END, _still_open),
        (Promise.ONE_END, _unit_not_told),
        (Promise.ONE_END, _without_case),
        (Promise.HANDED_OVER_ONCE, _never_taken),
        (Promise.HANDED_OVER_ONCE, _taken_twice),
        (Promise.HANDED_OVER_IN_ORDER, _taken_in_another_order),
        (Promise.NOT_BEFORE_ITS_NEEDS, _begun_too_early),
        (Promise.LEDGER_HOLDS, _chain_broken),
        (Promise.LEDGER_HOLDS, _case_rewritten),
        (Promise.EVIDENCE_KEPT, _stranger_without_trace),
        (Promise.NOTHING_LEFT, _never_answered),
        (Promise.NOTHING_LEFT, _parked),
        (Promise.NOTHING_LEFT, _never_read),
        (Promise.NOTHING_UNFORESEEN, _worker_failed),
    ],
)
def test_a_broken_promise_is_found(
    remains: Remains, promise: Promise, breaking: Callable[[Remains], Remains]
) -> None:
    assert promise in {one.promise for one in violations(breaking(remains))}


def test_a_deadline_that_moves_for_a_technical_reason_is_found(remains: Remains) -> None:
    ways, _ = remains.ways()
    dossier, way = next((code, way) for code, way in ways.items() if way[-1][1].due_at is not None)
    entry, case = way[-1]
    assert case.due_at is not None
    moved = [*way[:-1], (entry, replace(case, due_at=case.due_at + timedelta(days=1)))]

    found = breaches(remains, {**ways, dossier: moved})

    assert Promise.DUE_DATES_STAY in {one.promise for one in found}


def test_a_deadline_of_a_step_that_moves_is_found(remains: Remains) -> None:
    ways, _ = remains.ways()
    dossier, way = next(
        (code, way) for code, way in ways.items() if any(run.due_at for run in way[-2][1].steps)
    )
    entry, case = way[-1]
    steps = tuple(
        replace(run, due_at=run.due_at + timedelta(hours=1)) if run.due_at else run
        for run in case.steps
    )

    found = breaches(remains, {**ways, dossier: [*way[:-1], (entry, replace(case, steps=steps))]})

    assert Promise.DUE_DATES_STAY in {one.promise for one in found}


def test_a_dossier_that_comes_to_an_end_twice_is_found(remains: Remains) -> None:
    ways, _ = remains.ways()
    dossier, way = next(iter(ways.items()))

    found = breaches(remains, {**ways, dossier: [*way, way[0], way[-1]]})

    assert any("came to an end 2 times" in one.what for one in found)


@pytest.mark.parametrize(
    ("said", "code", "excused"),
    [
        ("recall.requested", TransitionRefused.code, True),
        ("recall.requested", SchemaInvalid.code, False),
        ("step.completed", TransitionRefused.code, False),
    ],
)
def test_only_a_recall_may_find_that_the_step_has_moved_meanwhile(
    remains: Remains, said: str, code: str, *, excused: bool
) -> None:
    row = replace(remains.outbox[0], id=NOBODY, type=said, state=OutboxState.REJECTED)
    why = EvidenceLine("0" * 64, None, START, "hub.in.p00", str(NOBODY), code, "", 0)
    changed = replace(remains, outbox=[row], evidence=[why])

    found = breaches(changed, {})  # no dossier is over where none has gone any way

    blamed = [one for one in found if one.promise is Promise.REFUSED_WITH_REASON]
    assert (not blamed) is excused


def test_every_promise_has_a_check_that_can_fail() -> None:
    marks = test_a_broken_promise_is_found.pytestmark  # type: ignore[attr-defined]
    shown = {promise for promise, _ in marks[0].args[1]}

    assert set(Promise) - shown == {Promise.DUE_DATES_STAY}
