"""When a failed hand-off comes again, and when it waits for an operator."""

from datetime import datetime, timedelta

import pytest

from bus.routing.retry import (
    HEALTHY,
    Again,
    Health,
    Park,
    RetryPolicy,
    after_failure,
    answer_due,
    failed_again,
    jittered,
    probe_sent,
)
from bus.schemas.receipt import FailureKind
from bus.testing.fakes import A_MONDAY_MORNING as NOW

POLICY = RetryPolicy(
    first=timedelta(seconds=5), cap=timedelta(hours=1), answer=timedelta(seconds=60)
)


def test_a_transient_failure_comes_again_after_the_wait() -> None:
    verdict = after_failure(FailureKind.TRANSIENT, failures=3, now=NOW, chance=0.5, policy=POLICY)

    assert verdict == Again(NOW + timedelta(seconds=22.5))


@pytest.mark.parametrize("kind", [FailureKind.PERMANENT, FailureKind.UNKNOWN])
def test_what_time_cannot_heal_waits_for_an_operator(kind: FailureKind) -> None:
    assert after_failure(kind, failures=1, now=NOW, chance=0.5, policy=POLICY) == Park()


def test_a_transient_failure_is_never_parked_for_its_count() -> None:
    """The alarm goes by remaining working time, not by attempts."""
    verdict = after_failure(
        FailureKind.TRANSIENT, failures=10_000, now=NOW, chance=0.999, policy=POLICY
    )

    assert isinstance(verdict, Again)
    assert verdict.at <= NOW + POLICY.cap


@pytest.mark.parametrize(
    ("published", "seconds"), [(1, 60), (2, 120), (3, 240), (6, 1920), (7, 3600), (500, 3600)]
)
def test_an_answer_is_waited_for_twice_as_long_each_time(published: int, seconds: int) -> None:
    assert answer_due(published, now=NOW, policy=POLICY) == NOW + timedelta(seconds=seconds)


def test_a_wait_longer_than_the_cap_is_kept() -> None:
    """The cap bounds the growth, not what was asked for."""
    patient = RetryPolicy(answer=timedelta(days=2), cap=timedelta(hours=1))

    assert answer_due(40, now=NOW, policy=patient) == NOW + timedelta(days=2)
    assert jittered(40, chance=0.9, first=patient.answer, cap=patient.cap) == timedelta(days=2)


# --- probe ------------------------------------------------------------------------------------

ONE_SECOND = timedelta(seconds=1)


def failing(times: int, health: Health = HEALTHY, *, sent_at: datetime = NOW) -> Health:
    for _ in range(times):
        health = failed_again(health, sent_at=sent_at, now=NOW, chance=0.0, policy=POLICY)
    return health


def test_a_few_failures_in_a_row_are_only_counted() -> None:
    assert failing(POLICY.probe_after - 1) == Health(POLICY.probe_after - 1)
    assert not failing(POLICY.probe_after - 1).probing


def test_an_agency_that_keeps_failing_is_put_on_probe() -> None:
    health = failing(POLICY.probe_after)

    assert health.probing
    assert health == Health(POLICY.probe_after, NOW, NOW + POLICY.first)


def test_while_a_probe_is_under_way_no_other_goes_out() -> None:
    health = probe_sent(failing(POLICY.probe_after), answer_due=NOW + timedelta(minutes=9))

    assert health.probe_at == NOW + timedelta(minutes=9)
    assert health.probing_since == NOW


def test_each_failed_probe_is_waited_for_longer_and_the_probe_goes_on_since_it_began() -> None:
    health = failing(POLICY.probe_after)
    waits = []
    for _ in range(3):
        health = failed_again(
            health, sent_at=NOW + ONE_SECOND, now=NOW + ONE_SECOND, chance=1.0, policy=POLICY
        )
        assert health.probe_at is not None
        waits.append(health.probe_at - NOW - ONE_SECOND)

    assert waits == [timedelta(seconds=number) for number in (20, 40, 80)]
    assert health.probing_since == NOW


def test_what_was_under_way_before_the_probe_began_says_nothing_new_when_it_fails() -> None:
    """Fifty hand-offs in the queue of a system that is down are one outage, not fifty."""
    health = failing(POLICY.probe_after)

    assert failing(50, health, sent_at=NOW) == health
