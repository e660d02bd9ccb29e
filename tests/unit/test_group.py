"""How a group retry goes on: the canary first, then batches, and when it stops by itself."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.routing.group import Done, Promote, Release, Stop, Tally, Wait, onward


def test_the_canary_goes_first_and_alone() -> None:
    assert onward(Tally(waiting=40), canary=2, batch=10) == Release(2)
    assert onward(Tally(waiting=38, released=2), canary=2, batch=10) == Wait()
    assert onward(Tally(waiting=38, released=1, succeeded=1), canary=2, batch=10) == Wait()


def test_the_rest_follows_when_the_whole_canary_arrived() -> None:
    assert onward(Tally(waiting=38, succeeded=2), canary=2, batch=10) == Promote()
    assert onward(Tally(waiting=38, succeeded=2), canary=None, batch=10) == Release(10)


def test_one_failure_of_the_canary_stops_everything() -> None:
    assert onward(Tally(waiting=39, failed=1), canary=1, batch=10) == Stop(1)


def test_what_needs_no_retry_any_more_does_not_count_as_canary_that_arrived_late() -> None:
    assert onward(Tally(waiting=5, gone=1), canary=1, batch=10) == Promote()


def test_a_canary_larger_than_the_group_is_the_group() -> None:
    assert onward(Tally(waiting=1, released=1), canary=5, batch=10) == Release(1)
    assert onward(Tally(succeeded=2), canary=5, batch=10) == Promote()
    assert onward(Tally(succeeded=2), canary=None, batch=10) == Done()


def test_no_more_than_a_batch_is_under_way() -> None:
    assert onward(Tally(waiting=20, released=7), canary=None, batch=10) == Release(3)
    assert onward(Tally(waiting=20, released=10), canary=None, batch=10) == Wait()
    assert onward(Tally(waiting=2, released=1), canary=None, batch=10) == Release(2)


def test_single_failures_do_not_stop_many_that_arrive() -> None:
    assert onward(Tally(waiting=9, succeeded=1, failed=3), canary=None, batch=1) == Release(1)
    assert onward(Tally(waiting=9, succeeded=96, failed=24), canary=None, batch=1) == Release(1)


def test_more_than_a_fifth_that_fail_stop_it() -> None:
    assert onward(Tally(waiting=9, succeeded=15, failed=4), canary=None, batch=1) == Stop(4)


def test_failures_seen_before_it_was_resumed_do_not_stop_it_again() -> None:
    tally = Tally(waiting=9, succeeded=1, failed=8)

    assert onward(tally, canary=None, batch=1) == Stop(8)
    assert onward(tally, canary=None, batch=1, failed_before=8) == Release(1)
    assert onward(tally, canary=1, batch=1, failed_before=8) == Promote()


def test_it_is_done_when_each_has_its_outcome() -> None:
    assert onward(Tally(succeeded=3, failed=1, gone=2), canary=None, batch=5) == Done()
    assert onward(Tally(succeeded=3, released=1), canary=None, batch=5) == Wait()


@given(
    size=st.integers(1, 60),
    canary=st.integers(0, 5),
    batch=st.integers(1, 20),
    fates=st.lists(st.sampled_from(["ok", "ok", "ok", "ok", "fail", "gone"]), min_size=60),
)
def test_every_group_retry_ends_and_never_has_more_under_way_than_it_may(
    size: int, canary: int, batch: int, fates: list[str]
) -> None:
    tally, first = Tally(waiting=size), canary or None
    for _ in range(10 * size + 10):
        match onward(tally, canary=first, batch=batch):
            case Release(count):
                assert 0 < count <= tally.waiting
                tally = replace(
                    tally, waiting=tally.waiting - count, released=tally.released + count
                )
                assert tally.released <= (first or batch)
            case Promote():
                first = None
            case Wait():
                assert tally.released > 0
                fate = fates.pop()
                tally = replace(
                    tally,
                    released=tally.released - 1,
                    succeeded=tally.succeeded + (fate == "ok"),
                    failed=tally.failed + (fate == "fail"),
                    gone=tally.gone + (fate == "gone"),
                )
            case Stop(failed):
                assert failed == tally.failed > 0
                return
            case Done():
                assert tally.waiting == tally.released == 0
                return
    pytest.fail("it goes on for ever")
