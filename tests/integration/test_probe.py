"""An agency whose hand-offs keep failing gets one at a time, until one succeeds."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from bus.ports import DeliveryState, HubChanges
from bus.routing.retry import RetryPolicy
from bus.schemas.receipt import (
    FailureKind,
)
from tests.support.failing_agency import Outage

POLICY = RetryPolicy(probe_after=3, first=timedelta(seconds=10), cap=timedelta(minutes=10))
S = DeliveryState


@pytest.fixture
def outage() -> Outage:
    return Outage(POLICY)


def test_after_so_many_failures_in_a_row_only_one_goes_out(outage: Outage) -> None:
    with capture_logs() as lines:
        outage.fail(outage.steps)

    assert outage.contact.health.probing
    assert [line["event"] for line in lines if line["event"].startswith("agency")] == [
        "agency.probing"
    ]
    assert len(outage.resend(minutes=1)) == 1


def test_the_probe_is_always_the_oldest_and_the_others_spend_no_attempt(outage: Outage) -> None:
    outage.fail(outage.steps)
    for _ in range(4):
        (probe,) = outage.resend(minutes=10)
        assert probe == outage.steps[0].id
        outage.fail(outage.steps[:1])

    assert [outage.row(step).published for step in outage.steps] == [5, 1, 1, 1, 1, 1]
    assert [outage.row(step).failures for step in outage.steps] == [5, 1, 1, 1, 1, 1]


def test_while_a_probe_is_under_way_no_other_goes_out(outage: Outage) -> None:
    outage.fail(outage.steps)
    assert len(outage.resend(minutes=1)) == 1

    assert outage.resend(seconds=59) == []


def test_a_probe_nobody_answers_is_sent_again_when_its_agency_was_heard(outage: Outage) -> None:
    outage.fail(outage.steps)
    (probe,) = outage.resend(minutes=1)
    assert outage.resend(minutes=30) == [], "its adapter is silent: the queue holds the first copy"

    outage.submit()

    assert outage.resend(minutes=1) == [probe]


def test_failed_probes_come_later_each_time(outage: Outage) -> None:
    outage.fail(outage.steps)
    waits = []
    for _ in range(4):
        seconds = 0
        while not outage.resend(seconds=5):
            seconds += 5
        waits.append(seconds)
        outage.fail(outage.steps[:1])

    assert waits == sorted(waits)
    assert waits[-1] > 2 * waits[0]


def test_new_hand_offs_to_an_agency_on_probe_wait(outage: Outage) -> None:
    outage.fail(outage.steps)

    outage.submit()

    assert len(outage.steps) == 6, "nothing was published for the seventh"
    fresh = [line for line in outage.hub.queries.handoffs(state=S.DUE) if line.failures == 0]
    assert [line.published for line in fresh] == [0]


def test_when_one_succeeds_the_others_follow(outage: Outage) -> None:
    outage.fail(outage.steps)
    outage.submit()
    outage.resend(minutes=1)

    with capture_logs() as lines:
        outage.arrive(outage.steps[0])

    assert [line["event"] for line in lines] == ["agency.well"]
    assert not outage.contact.health.probing
    assert len(outage.resend(minutes=10)) == 6


def test_what_was_on_its_way_before_the_probe_does_not_slow_it_down() -> None:
    outage = Outage(POLICY, 40)

    outage.fail(outage.steps)

    assert outage.contact.failures == POLICY.probe_after
    assert len(outage.resend(seconds=20)) == 1


def test_a_refusal_is_the_answer_of_a_system_that_is_well(outage: Outage) -> None:
    outage.fail(outage.steps[:2])
    outage.arrive(outage.steps[2])

    outage.fail(outage.steps[3:5])

    assert not outage.contact.health.probing


def test_parked_ones_put_an_agency_on_probe_too(outage: Outage) -> None:
    """A system that breaks on everything must not park everything."""
    with capture_logs() as lines:
        outage.fail(outage.steps[:3], FailureKind.UNKNOWN)
    outage.submit()

    assert outage.contact.health.probing
    parked = [line for line in lines if line["event"] == "handoff.parked"]
    assert [line["delivery"] for line in parked] == [str(step.id) for step in outage.steps[:3]]
    assert len({line["fingerprint"] for line in parked}) == 1


def test_one_agency_on_probe_does_not_hold_up_the_others(outage: Outage) -> None:
    outage.fail(outage.steps)
    first = outage.row(outage.steps[0])
    other = replace(first, id=UUID(int=99), agency=outage.steps[0].source, state=S.DUE)
    with outage.hub.store.transaction({first.partition}) as transaction:
        transaction.save(HubChanges(new_deliveries=[other]))

    assert UUID(int=99) in outage.resend(seconds=60)


def test_an_agency_that_is_back_gets_no_more_a_second_than_its_pace() -> None:
    outage = Outage(replace(POLICY, pace=4), 9)
    outage.fail(outage.steps)
    outage.resend(minutes=1)
    outage.arrive(outage.steps[0])

    assert [len(outage.resend(**wait)) for wait in ({"minutes": 1}, {"seconds": 1})] == [4, 4]
