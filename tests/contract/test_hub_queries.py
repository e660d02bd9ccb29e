"""What commands and the console read of the hub's database."""

from dataclasses import fields, replace

import pytest
from sqlalchemy import Engine
from structlog.testing import capture_logs

from bus.bootstrap.hub_node import compare_clock
from bus.ids import AgencyCode, ProcedureCode, StepId
from bus.ports import (
    AttemptEnd,
    AttemptRow,
    DeliveryState,
    HubChanges,
    LedgerHead,
)
from bus.routing.axes import Axes, Synchronisation, Transport
from bus.routing.case import Case, CaseState, Financial, StepRun, StepState, business_state
from bus.routing.deadline import overdue
from bus.storage.hub import SqlHubStore
from bus.storage.queries import HubQueries
from bus.storage.views import (
    Counts,
    DossierCounts,
    HandoffCounts,
    HandoffLine,
    StepLine,
)
from tests.support.rows import (
    A_COMMUNE,
    A_DISTRICT,
    NOW,
    a_case,
    a_handoff,
    an_entry,
    an_open_step,
    dossier,
    dossiers_of,
    minutes,
    new_id,
    partition,
    some_evidence,
    submitted,
)


@pytest.fixture
def queries(hub_engine: Engine) -> HubQueries:
    """Questions to the database of `hub_store`."""
    return HubQueries(hub_engine)


def save(store: SqlHubStore, changes: HubChanges) -> None:
    with store.transaction([head.partition for head in HubQueries(store._engine).heads()]) as tx:
        tx.save(changes)


def open_cases(store: SqlHubStore, *cases: Case) -> None:
    by_code = {case.code: case for case in cases}
    save(store, HubChanges(cases=by_code, new_cases=set(by_code)))


def three_cases() -> list[Case]:
    return [a_case(dossier(number), accepted_at=NOW + minutes(number // 2)) for number in (1, 2, 3)]


def test_dossiers_come_last_accepted_first_a_page_at_a_time(
    hub_store: SqlHubStore, queries: HubQueries
) -> None:
    """Two were accepted at the same moment: none is left out or told twice."""
    open_cases(hub_store, *three_cases())

    page = queries.dossiers(limit=2)
    rest = queries.dossiers(limit=2, after=page[-1].code)

    assert [line.code for line in page] == [dossier(3), dossier(2)]
    assert [line.code for line in rest] == [dossier(1)]


def test_dossiers_are_found_by_state_procedure_and_agency(
    hub_store: SqlHubStore, queries: HubQueries
) -> None:
    plain, ended, handed = three_cases()
    ended = replace(ended, state=CaseState.REJECTED, reason="Không đủ điều kiện")
    handed = replace(
        handed,
        procedure=ProcedureCode("1.001776"),
        steps=(an_open_step(agency=A_DISTRICT),),
    )
    open_cases(hub_store, plain, ended, handed)

    def found(**wanted: object) -> list[str]:
        return [line.code for line in queries.dossiers(**wanted)]  # type: ignore[arg-type]

    assert found(state=CaseState.REJECTED) == [ended.code]
    assert found(procedure="1.001776") == [handed.code]
    assert found(agency=A_DISTRICT) == [handed.code]
    assert found(agency=A_COMMUNE) == [handed.code, ended.code, plain.code]
    assert found(agency=A_DISTRICT, state=CaseState.REJECTED) == []


def test_what_is_late_is_found_as_the_case_says_it(
    hub_store: SqlHubStore, queries: HubQueries
) -> None:
    before, after = NOW - minutes(1), NOW + minutes(1)
    late = an_open_step(agency=A_DISTRICT, due_at=before)
    over = replace(late, state=StepState.COMPLETED, ended_at=NOW)
    cases = [
        a_case(dossier(1), due_at=before),
        a_case(dossier(2), due_at=after),
        a_case(dossier(3), due_at=None, steps=(late,)),
        a_case(dossier(4), due_at=None, steps=(over,)),
        a_case(dossier(5), due_at=before, state=CaseState.SUPPLEMENTING),
        a_case(dossier(6), due_at=before, state=CaseState.COMPLETED, ended_at=NOW),
    ]
    open_cases(hub_store, *cases)

    found = [line.code for line in queries.dossiers(overdue_at=NOW)]

    assert sorted(found) == [case.code for case in cases if overdue(case, NOW)]
    assert sorted(found) == [dossier(1), dossier(3)]
    assert queries.overdue([dossier(1), dossier(2)], NOW) == {dossier(1)}


def test_a_dossier_is_its_case(hub_store: SqlHubStore, queries: HubQueries) -> None:
    case = a_case()
    open_cases(hub_store, case)

    assert queries.dossier(case.code) == case
    assert queries.dossier(dossier(99)) is None


@pytest.mark.parametrize(
    ("states", "delivery"),
    [
        ((), Transport.SETTLED),
        ((DeliveryState.IMPORTED, DeliveryState.REFUSED), Transport.SETTLED),
        ((DeliveryState.IMPORTED, DeliveryState.WAITING), Transport.UNDER_WAY),
        ((DeliveryState.SENT, DeliveryState.PARKED), Transport.STUCK),
    ],
)
def test_how_a_dossier_is_delivered_follows_from_its_hand_offs(
    hub_store: SqlHubStore,
    queries: HubQueries,
    states: tuple[DeliveryState, ...],
    delivery: Transport,
) -> None:
    code, case = dossier(), a_case()
    others = [a_handoff(dossier(2), state=DeliveryState.PARKED)]
    owed = [a_handoff(code, part=part, state=state) for part, state in enumerate(states)]
    open_cases(hub_store, case)
    save(hub_store, HubChanges(new_deliveries=[*owed, *others]))

    assert queries.axes(case) == Axes(
        business_state(case), Financial.NONE, delivery, Synchronisation.NEVER
    )


def test_cases_are_paged_by_code(hub_store: SqlHubStore, queries: HubQueries) -> None:
    cases = three_cases()
    open_cases(hub_store, *cases)

    assert queries.cases_page(None, 2) == cases[:2]
    assert queries.cases_page(cases[1].code, 2) == cases[2:]
    assert queries.cases_page(cases[2].code, 2) == []


def test_steps_tell_each_round_that_was_opened(hub_store: SqlHubStore, queries: HubQueries) -> None:
    """The round that a supplement ended stays to be seen; a step never opened is not there."""
    code = dossier()
    first = an_open_step(state=StepState.SUPPLEMENTING)
    waiting = StepRun(id=StepId("appraise"))
    save(hub_store, submitted(code, cases={code: a_case(code, steps=(first, waiting))}))
    second = an_open_step(round=2, opened_at=NOW + minutes(60))

    with hub_store.transaction([partition(code)]) as tx:
        (case,) = tx.cases([code]).values()
        tx.save(HubChanges(cases={code: replace(case, steps=(second, waiting))}))

    line = StepLine(
        dossier=code,
        step=first.id,
        round=1,
        agency=A_COMMUNE,
        state=StepState.SUPPLEMENTING,
        opened_at=NOW,
        due_at=first.due_at,
        ended_at=second.opened_at,
        outcome=None,
    )
    again = replace(line, round=2, state=StepState.OPEN, opened_at=NOW + minutes(60), ended_at=None)
    assert queries.steps(code) == [line, again]


def test_handoffs_are_found_last_made_first_a_page_at_a_time(
    hub_store: SqlHubStore, queries: HubQueries
) -> None:
    old, parked, far = (
        a_handoff(created_at=NOW - minutes(5)),
        a_handoff(state=DeliveryState.PARKED),
        a_handoff(dossier(2), agency=A_DISTRICT),
    )
    save(hub_store, HubChanges(new_deliveries=[old, parked, far]))

    assert [line.id for line in queries.handoffs()] == [far.id, parked.id, old.id]
    assert [line.id for line in queries.handoffs(after=far.id)] == [parked.id, old.id]
    assert [line.id for line in queries.handoffs(limit=1)] == [far.id]
    assert [line.id for line in queries.handoffs(state=DeliveryState.PARKED)] == [parked.id]
    assert [line.id for line in queries.handoffs(agency=A_DISTRICT)] == [far.id]
    assert [line.id for line in queries.handoffs(dossier=dossier(1), limit=1)] == [parked.id]


def test_a_handoff_in_a_list_has_everything_but_its_bytes(
    hub_store: SqlHubStore, queries: HubQueries
) -> None:
    row = a_handoff(error="legacy.down", reference="HS-1", settled_at=NOW)
    save(hub_store, HubChanges(new_deliveries=[row]))

    (line,) = queries.handoffs()

    assert line == HandoffLine(**{field.name: getattr(row, field.name) for field in fields(line)})
    assert queries.handoff(row.id) == row
    assert queries.handoff(new_id()) is None


def test_attempts_come_in_the_order_they_ended(hub_store: SqlHubStore, queries: HubQueries) -> None:
    id_ = new_id()
    rows = [
        AttemptRow(id_, 1, NOW, AttemptEnd.TIMED_OUT, next_at=NOW + minutes(1)),
        AttemptRow(id_, 2, NOW + minutes(1), AttemptEnd.IMPORTED),
    ]
    save(hub_store, HubChanges(attempts=[*rows, AttemptRow(new_id(), 1, NOW, AttemptEnd.FAILED)]))

    assert queries.attempts(id_) == rows
    assert queries.attempts(id_, limit=1) == rows[:1]


def test_the_attempts_of_a_dossier_come_by_hand_off(
    hub_store: SqlHubStore, queries: HubQueries
) -> None:
    (code, other) = dossiers_of(1, 2)
    first, second, strange = a_handoff(code), a_handoff(code, part=1), a_handoff(other, part=2)
    tried = [AttemptRow(row.id, 1, NOW, AttemptEnd.FAILED) for row in (first, second, strange)]
    again = AttemptRow(first.id, 2, NOW + minutes(1), AttemptEnd.IMPORTED)
    save(
        hub_store,
        HubChanges(new_deliveries=[first, second, strange], attempts=[*tried, again]),
    )

    assert queries.attempts_of(code) == {first.id: [tried[0], again], second.id: [tried[1]]}


def test_only_notices_of_a_dossier_s_deadlines_are_given_with_their_bytes(
    hub_store: SqlHubStore, queries: HubQueries
) -> None:
    (code, other) = dossiers_of(1, 2)
    notice = a_handoff(code, type="deadline.passed", body=b'{"data":{"step":"tax"}}')
    rows = [notice, a_handoff(code, part=1), a_handoff(other, part=2, type="deadline.warning")]
    save(hub_store, HubChanges(new_deliveries=rows))

    assert queries.notices(code) == {notice.id: notice.body}


def test_the_ledger_is_paged_by_position(hub_store: SqlHubStore, queries: HubQueries) -> None:
    codes = dossiers_of(1, 3)
    entries = [an_entry(code, place) for place, code in enumerate(codes, 1)]
    other = an_entry(dossiers_of(0, 1)[0])
    head = LedgerHead(entries[0].partition, 3, entries[-1].hash)
    save(hub_store, HubChanges(ledger=[*entries, other], heads=[head]))

    assert queries.ledger(head.partition, limit=2) == entries[:2]
    assert queries.ledger(head.partition, after=2) == entries[2:]
    assert queries.partitions() == [0, 1, 2, 3]
    assert queries.heads()[1] == head


def test_evidence_comes_last_received_first_without_its_bytes(
    hub_store: SqlHubStore, queries: HubQueries
) -> None:
    old, new = some_evidence(), some_evidence(received_at=NOW + minutes(1), account=None)
    save(hub_store, HubChanges(evidence=[old, new]))

    lines = queries.evidence(10)

    assert [(line.account, line.size) for line in lines] == [(None, 2), (old.account, 2)]
    assert queries.evidence(1) == lines[:1]


@pytest.mark.usefixtures("hub_store")
def test_an_empty_province_counts_nothing(queries: HubQueries) -> None:
    assert queries.counts() == Counts(
        DossierCounts(0, 0, 0, 0, 0), HandoffCounts(0, 0, 0, 0), 0, {}
    )


def test_the_province_in_numbers(hub_store: SqlHubStore, queries: HubQueries) -> None:
    states = [*CaseState, CaseState.PROCESSING]
    cases = [
        a_case(dossier(number), state=state, procedure=ProcedureCode("2.000286"))
        for number, state in enumerate(states, 1)
    ]
    funeral = a_case(dossier(50), procedure=ProcedureCode("1.001731"))
    open_cases(hub_store, *cases, funeral)
    handoffs = [
        a_handoff(state=DeliveryState.WAITING, published=0),
        a_handoff(state=DeliveryState.SENT, published=1),
        a_handoff(state=DeliveryState.IMPORTED, published=3),
        a_handoff(state=DeliveryState.PARKED, published=2, agency=AgencyCode("H63.1")),
    ]
    save(hub_store, HubChanges(new_deliveries=handoffs))
    save(hub_store, submitted(dossier(60), cases={}, new_cases=set()))

    one_procedure = DossierCounts(submitted=10, completed=2, rejected=3, withdrawn=1, open=4)
    assert queries.counts() == Counts(
        dossiers=replace(one_procedure, submitted=11, open=5),
        handoffs=HandoffCounts(sent=3, imported=1, retried=3, parked=1),
        ledger_entries=1,
        procedures={
            ProcedureCode("1.001731"): DossierCounts(1, 0, 0, 0, 1),
            ProcedureCode("2.000286"): one_procedure,
        },
    )


def test_the_youngest_entry_is_that_of_the_heads(
    hub_store: SqlHubStore, queries: HubQueries
) -> None:
    assert queries.newest_entry_at() is None
    older, younger = (
        an_entry(dossiers_of(number, 1)[0], recorded_at=NOW + minutes(5 * number))
        for number in (0, 1)
    )

    save(
        hub_store,
        HubChanges(
            ledger=[older, younger],
            heads=[LedgerHead(one.partition, one.position, one.hash) for one in (older, younger)],
        ),
    )

    assert older.partition != younger.partition
    assert queries.newest_entry_at() == NOW + minutes(5)


def test_a_clock_behind_the_ledger_is_warned_of_and_a_minute_is_not() -> None:
    with capture_logs() as lines:
        compare_clock(NOW, None)
        compare_clock(NOW, NOW + minutes(1))
        compare_clock(NOW, NOW + minutes(600))

    assert [line["event"] for line in lines] == ["node.clock_behind_ledger"]
