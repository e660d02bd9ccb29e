"""Finds the shortest history that still shows a broken promise.

Every try is a whole run from the same seed: fewer dossiers, then fewer of the faults that struck
(delta debugging: Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input",
2002). A try counts where the same promise is broken.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from bus.simulation.storm.campaign import Course, Played

_FEWER: Final = (1, 2, 3, 5, 8, 12)
TRIES: Final = 150
"""How many runs a search may cost."""

Play = Callable[[Course], Played]


def shrunk(first: Played, play: Play, *, tries: int = TRIES) -> Played:
    """Return the run with the fewest dossiers and faults found that breaks the same promise.

    What is returned has been played: it is never a guess.
    """
    search = _Search(first, play, tries)
    search.fewer_dossiers()
    search.fewer_faults()
    return search.best


class _Search:
    def __init__(self, first: Played, play: Play, tries: int) -> None:
        self._promises = {one.promise for one in first.violations}
        self._play = play
        self._left = tries
        self.best = first

    def fewer_dossiers(self) -> None:
        course = self.best.course
        for dossiers in _FEWER:
            if dossiers < course.dossiers and self._shows(replace(course, dossiers=dossiers)):
                return

    def fewer_faults(self) -> None:
        """Leave out half of the faults, then a quarter, down to single ones."""
        parts = 2
        while self.best.struck and self._left > 0:
            faults = self.best.struck
            parts = min(parts, len(faults))
            if self._left_out(faults, parts):
                parts = max(parts - 1, 2)
            elif parts == len(faults):
                return
            else:
                parts *= 2

    def _left_out(self, faults: Sequence[int], parts: int) -> bool:
        return any(
            self._shows(replace(self.best.course, only=frozenset(rest)))
            for rest in _without_one_part(faults, parts)
        )

    def _shows(self, course: Course) -> bool:
        """Play a run; keep it where it breaks one of the promises with fewer faults."""
        if self._left <= 0:
            return False
        self._left -= 1
        tried = self._play(course)
        if self._promises.isdisjoint(one.promise for one in tried.violations):
            return False
        self.best = tried
        return True


def _without_one_part(faults: Sequence[int], parts: int) -> Iterator[Sequence[int]]:
    """Return the faults without each part; the last part first: most of it strikes too late."""
    size = -(-len(faults) // parts)
    for begin in reversed(range(0, len(faults), size)):
        yield [*faults[:begin], *faults[begin + size :]]
