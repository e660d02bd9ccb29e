"""The dice of a storm: the same for the same seed, and any fault can be left out."""

import pytest

from bus.simulation.storm.faults import Countdown, FaultKind, Faults, Level

THROWS = 4000
KIND = FaultKind.LOST
SOME = (FaultKind.LOST, FaultKind.DELAYED, FaultKind.REPEATED)


def test_what_is_thrown_depends_on_the_seed_and_what_it_is_about() -> None:
    one, same, other = Faults(1, Level.HEAVY), Faults(1, Level.HEAVY), Faults(2, Level.HEAVY)
    about = [("message", n) for n in range(50)]

    assert [one.throw(*a) for a in about] == [same.throw(*a) for a in reversed(about)][::-1]
    assert [one.throw(*a) for a in about] != [other.throw(*a) for a in about]


def test_throws_are_spread_evenly() -> None:
    faults = Faults(1, Level.HEAVY)

    throws = [faults.throw(n) for n in range(THROWS)]

    assert all(0 <= one < 1 for one in throws)
    assert 0.48 < sum(throws) / THROWS < 0.52


@pytest.mark.parametrize(("level", "least", "most"), [("none", 0, 0), ("light", 12, 60)])
def test_the_level_says_how_often_something_goes_wrong(level: str, least: int, most: int) -> None:
    faults = Faults(1, Level(level))

    struck = sum(faults.strikes(KIND, n) for n in range(THROWS))

    assert least <= struck <= most


def test_of_several_faults_at_most_one_strikes_each_at_its_rate() -> None:
    faults = Faults(1, Level.HEAVY)

    struck = [faults.strikes_one(SOME, n) for n in range(THROWS)]

    for kind, rate in zip(SOME, (0.04, 0.02, 0.04), strict=True):
        assert 0.7 * rate < struck.count(kind) / THROWS < 1.3 * rate


def test_counted_down_a_fault_strikes_as_often_as_thrown_each_time() -> None:
    countdown = Countdown(Faults(1, Level.HEAVY), KIND, "somewhere")

    struck = sum(countdown.struck() for _ in range(THROWS))

    assert 0.7 * 0.04 < struck / THROWS < 1.3 * 0.04


def test_only_the_chosen_faults_strike_and_keep_their_numbers() -> None:
    everything = Faults(1, Level.HEAVY)
    both = [everything.strikes(KIND, n) for n in range(500)]
    chosen = Faults(1, Level.HEAVY, only=frozenset(everything.struck[1:3]))

    some = [chosen.strikes(KIND, n) for n in range(500)]

    assert chosen.struck == everything.struck[1:3]
    assert [n for n, one in enumerate(some) if one] == [n for n, one in enumerate(both) if one][1:3]


def test_nothing_strikes_when_the_storm_is_over() -> None:
    faults = Faults(1, Level.HEAVY)
    faults.over = True

    assert not any(faults.strikes(KIND, n) for n in range(THROWS))
    assert not any(faults.strikes_one(SOME, n) for n in range(THROWS))
    assert faults.struck == []
