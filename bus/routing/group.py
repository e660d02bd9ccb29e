"""How a group retry goes on: first a few, then the rest a batch at a time, and when it stops.

What failed once for a reason may fail again. So a few go first, the canary; the rest follows only
when all of those arrived. Later a stop comes when failures are no longer single ones.
"""

from dataclasses import dataclass
from typing import Final

_SINGLE: Final = 3
"""Failures that may be single ones, whatever the share."""
_SHARE: Final = 5
"""More than one in so many that ended is no accident."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many hand-offs of a group stand how; `gone` need no retry any more."""

    waiting: int = 0
    released: int = 0
    succeeded: int = 0
    failed: int = 0
    gone: int = 0


@dataclass(frozen=True, slots=True)
class Release:
    """Let so many more go out."""

    count: int


@dataclass(frozen=True, slots=True)
class Promote:
    """The canary arrived: the rest may follow."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Too many failed again: an operator must look."""

    failed: int


@dataclass(frozen=True, slots=True)
class Wait:
    """What is under way must be answered first."""


@dataclass(frozen=True, slots=True)
class Done:
    """Every hand-off has its outcome."""


Onward = Release | Promote | Stop | Wait | Done


def onward(tally: Tally, *, canary: int | None, batch: int, failed_before: int = 0) -> Onward:
    """Return how a group retry goes on.

    Args:
        tally: How its hand-offs stand.
        canary: How many go first, while they are under way; None when they have arrived.
        batch: How many may be under way at once afterwards.
        failed_before: Failures an operator has seen already, when the retry was resumed.
    """
    fresh = tally.failed - failed_before
    if canary is not None:
        return _first_few(tally, canary, fresh)
    ended = tally.succeeded + fresh
    if fresh > _SINGLE and fresh * _SHARE > ended:
        return Stop(fresh)
    if tally.waiting and tally.released < batch:
        return Release(min(tally.waiting, batch - tally.released))
    return Wait() if tally.waiting or tally.released else Done()


def _first_few(tally: Tally, canary: int, fresh: int) -> Onward:
    if fresh > 0:
        return Stop(fresh)
    begun = tally.released + tally.succeeded + tally.gone
    if tally.waiting and begun < canary:
        return Release(min(tally.waiting, canary - begun))
    return Wait() if tally.released else Promote()
