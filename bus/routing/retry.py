"""When a failed hand-off is tried again, when it waits, and when an operator must look.

A transient failure is tried again with exponential backoff and full jitter, for as long as it
takes: the alarm goes by remaining working time (`bus.routing.alarm`), not by a count. Anything
else is parked at once: trying again cannot help, or nobody knows whether it can.

An agency whose hand-offs keep failing is put on probe: one hand-off at a time until one succeeds;
the others wait and spend no attempts. So an outage floods neither its system nor the operators.
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
    wait after a failure. After `probe_after` failures in a row an agency is on probe. At most
    `pace` hand-offs a second go out again to one agency. Without a word for `silent` an adapter
    counts as silent. `alarm_minutes` of working time left, `alarm_failures` in a row, or
    `alarm_without_due` where no limit is set, make a hand-off a matter for an operator.
    """

    first: timedelta = timedelta(seconds=5)
    cap: timedelta = timedelta(hours=1)
    answer: timedelta = timedelta(seconds=60)
    probe_after: int = 5
    pace: int = 100
    silent: timedelta = timedelta(minutes=2)
    alarm_minutes: int = 450
    alarm_failures: int = 12
    alarm_without_due: timedelta = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Again:
    """Try again at that moment."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Park:
    """Leave it to an operator."""


@dataclass(frozen=True, slots=True)
class Health:
    """How an agency's system takes hand-offs.

    `failures` in a row, of whatever hand-offs. On probe where `probing_since` is set; the next
    probe goes out at `probe_at`.
    """

    failures: int = 0
    probing_since: datetime | None = None
    probe_at: datetime | None = None

    @property
    def probing(self) -> bool:
        """Whether hand-offs go out one at a time."""
        return self.probing_since is not None


HEALTHY: Final = Health()


def failed_again(
    health: Health, *, sent_at: datetime, now: datetime, chance: float, policy: RetryPolicy
) -> Health:
    """Return an agency's health after one more failed hand-off, which was sent at `sent_at`.

    What was on its way before the agency was put on probe says nothing new when it fails.
    """
    if health.probing_since is not None and sent_at <= health.probing_since:
        return health
    failures = health.failures + 1
    if failures < policy.probe_after:
        return Health(failures)
    beyond = failures - policy.probe_after + 1
    wait = jittered(beyond, chance=chance, first=policy.first, cap=policy.cap)
    return Health(failures, health.probing_since or now, now + wait)


def probe_sent(health: Health, *, answer_due: datetime) -> Health:
    """Return an agency's health while a probe is under way: no other goes out before its answer."""
    return Health(health.failures, health.probing_since, answer_due)


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
