"""When a failed hand-off is tried again, and when an operator must look.

A transient failure is tried again with exponential backoff and full jitter, for as long as it
takes: the alarm goes by remaining working time, not by a count. Anything else is parked at once:
trying again cannot help, or nobody knows whether it can.
Source for full jitter: M. Brooker, "Exponential Backoff And Jitter", 2015.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bus.schemas.receipt import FailureKind

_MOST_DOUBLINGS: Final = 20
"""A million times the span: more than any cap, and less than a timedelta can hold."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long the hub waits.

    `answer` is how long a sent delivery may stay without a receipt. `first` and `cap` bound the
    wait after a failure.
    """

    first: timedelta = timedelta(seconds=5)
    cap: timedelta = timedelta(hours=1)
    answer: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Again:
    """Try again at that moment."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Park:
    """Leave it to an operator."""


def after_failure(
    kind: FailureKind, *, failures: int, now: datetime, chance: float, policy: RetryPolicy
) -> Again | Park:
    """Return what follows a failed attempt.

    Args:
        kind: Whether trying again can help.
        failures: How many attempts have failed, this one included; at least 1.
        now: When it failed.
        chance: A number from 0 up to 1, drawn anew each time.
        policy: The bounds.
    """
    if kind is not FailureKind.TRANSIENT:
        return Park()
    return Again(now + jittered(failures, chance=chance, first=policy.first, cap=policy.cap))


def jittered(failures: int, *, chance: float, first: timedelta, cap: timedelta) -> timedelta:
    """Return a wait between `first` and twice as much per failure, at most `cap`.

    The jitter is over the whole range above `first`, so that a hundred hand-offs that failed
    together do not come back together, and none comes back at once.
    """
    return first + (_doubled(first, failures, cap) - first) * chance


def answer_due(published: int, *, now: datetime, policy: RetryPolicy) -> datetime:
    """Return when a delivery sent for the nth time counts as unanswered: longer each time."""
    return now + _doubled(policy.answer, published - 1, policy.cap)


def _doubled(span: timedelta, times: int, cap: timedelta) -> timedelta:
    """Return the span doubled so many times, at most `cap`, but never less than it was."""
    return max(span, min(cap, span * (1 << min(times, _MOST_DOUBLINGS))))
