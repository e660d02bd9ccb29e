"""When a failed hand-off comes again, and when it waits for an operator."""

from datetime import timedelta

import pytest

from bus.routing.retry import Again, Park, RetryPolicy, after_failure, answer_due, jittered
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
