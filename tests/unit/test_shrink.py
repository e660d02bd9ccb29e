"""The search for the shortest history: each try is a whole run, and what it returns was played."""

import pytest

from bus.simulation.storm.campaign import Course, Played
from bus.simulation.storm.faults import Level
from bus.simulation.storm.promises import Promise, Violation
from bus.simulation.storm.shrink import TRIES, shrunk

LOST = Violation(Promise.ACCEPTED_ONCE, "message 7 is nowhere")
OTHER = Violation(Promise.IN_ORDER, "another one")
COURSE = Course(seed=4, dossiers=20, level=Level.HEAVY)


class World:
    """Runs in which a promise is broken where all of some faults strike and enough is filed."""

    def __init__(self, guilty: set[int], *, faults: int = 200, needs: int = 3) -> None:
        self.guilty = guilty
        self.faults = faults
        self.needs = needs
        self.played: list[Course] = []

    def play(self, course: Course) -> Played:
        self.played.append(course)
        struck = tuple(
            n for n in range(1, self.faults + 1) if course.only is None or n in course.only
        )
        broken = self.guilty <= set(struck) and course.dossiers >= self.needs
        return Played(course, (LOST,) if broken else (OTHER,), struck, 0, ("a line",))


@pytest.mark.parametrize("guilty", [{1}, {200}, {77}, {3, 150}, {10, 11, 12}, set()])
def test_only_the_guilty_faults_and_the_fewest_dossiers_are_left(guilty: set[int]) -> None:
    world = World(guilty)

    found = shrunk(world.play(COURSE), world.play)

    assert set(found.struck) == guilty
    assert found.course.dossiers == 3
    assert found.violations == (LOST,)


def test_what_is_returned_was_played_just_so() -> None:
    world = World({5, 90})

    found = shrunk(world.play(COURSE), world.play)

    assert found.course in world.played
    assert world.play(found.course) == found


def test_another_broken_promise_does_not_count() -> None:
    world = World({40}, needs=20)

    found = shrunk(world.play(COURSE), world.play)

    assert (found.course.dossiers, found.struck) == (20, (40,))


def test_the_search_costs_no_more_than_it_may() -> None:
    world = World(set(range(1, 200, 2)))

    found = shrunk(world.play(COURSE), world.play, tries=30)

    assert len(world.played) <= 31
    assert found.violations == (LOST,)
    assert TRIES > 30
