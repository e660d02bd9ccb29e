"""What holds for every schedule of retries."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bus.routing.retry import Again, RetryPolicy, after_failure, answer_due, jittered
from bus.schemas.receipt import FailureKind
from bus.testing.fakes import A_MONDAY_MORNING as NOW

SPANS = st.timedeltas(timedelta(milliseconds=1), timedelta(days=30))
COUNTS = st.integers(1, 10_000)
CHANCES = st.floats(0, 1, exclude_max=True)


@given(COUNTS, CHANCES, SPANS, SPANS)
def test_a_wait_lies_between_the_first_and_the_cap(
    failures: int, chance: float, first: timedelta, cap: timedelta
) -> None:
    wait = jittered(failures, chance=chance, first=first, cap=cap)

    assert first <= wait <= max(first, cap)


@given(COUNTS, CHANCES, SPANS, SPANS)
def test_one_more_failure_never_shortens_the_wait(
    failures: int, chance: float, first: timedelta, cap: timedelta
) -> None:
    before = jittered(failures, chance=chance, first=first, cap=cap)

    assert jittered(failures + 1, chance=chance, first=first, cap=cap) >= before


@given(st.integers(1, 12), SPANS)
def test_the_jitter_reaches_over_the_whole_range(failures: int, first: timedelta) -> None:
    """Else a hundred hand-offs that failed together would come back together."""
    cap = first * 2**12

    shortest = jittered(failures, chance=0.0, first=first, cap=cap)
    longest = jittered(failures, chance=1.0, first=first, cap=cap)

    assert (shortest, longest) == (first, first * 2**failures)


@given(COUNTS, SPANS, SPANS)
def test_an_answer_is_never_waited_for_less_than_before(
    published: int, answer: timedelta, cap: timedelta
) -> None:
    policy = RetryPolicy(answer=answer, cap=cap)

    now, then = (answer_due(n, now=NOW, policy=policy) for n in (published, published + 1))

    assert NOW + answer <= now <= then <= NOW + max(answer, cap)


@given(st.sampled_from(FailureKind), COUNTS, CHANCES)
def test_only_what_time_may_heal_is_tried_again(
    kind: FailureKind, failures: int, chance: float
) -> None:
    verdict = after_failure(kind, failures=failures, now=NOW, chance=chance, policy=RetryPolicy())

    assert isinstance(verdict, Again) == (kind is FailureKind.TRANSIENT)
