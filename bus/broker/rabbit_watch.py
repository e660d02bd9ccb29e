"""Notices a consumer that the broker has dropped without a word, or starves.

A connection that lives, and a consumer that was registered once, prove nothing: a queue that was
deleted and made anew, or that lost its leader, may have forgotten who reads it. So the broker is
asked, now and then, how many messages wait in each queue and how many consumers it has. Whoever
gets two bad answers in a row about one queue, or none in time, gives the connection up.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

STRIKES: Final = 2
"""Bad answers in a row that are enough; a queue that is just electing its leader gives one."""


class Watch:
    """What was asked and answered on one channel; used in the connection's thread.

    Args:
        queues: The queues whose consumers are watched.
        room: Most messages of one queue that the broker hands out and that are not settled.
        every: Seconds between two rounds of questions.
        ask: Asks the broker for one queue; `answered` is to be called with what it says.
        fail: Gives the connection up, with the reason.
    """

    def __init__(
        self,
        queues: Iterable[str],
        *,
        room: int,
        every: float,
        ask: Callable[[str], None],
        fail: Callable[[str], None],
        now: float,
    ) -> None:
        self._queues = tuple(queues)
        self._room = room
        self._every = every
        self._ask = ask
        self._fail = fail
        self._next = now + every
        self._outstanding: set[str] = set()
        self._held: Counter[str] = Counter()
        self._came: Counter[str] = Counter()
        self._seen: dict[str, int] = {}  # how many had come when the queue was asked for last
        self._strikes: Counter[str] = Counter()

    def delivered(self, queue: str) -> None:
        """Note that a message of a queue has come."""
        self._came[queue] += 1
        self._held[queue] += 1

    def settled(self, queue: str) -> None:
        """Note that a message of a queue was settled."""
        self._held[queue] -= 1

    def tick(self, now: float) -> None:
        """Ask for every queue, when it is time; give up where the last round has no answer yet."""
        if now < self._next:
            return
        if self._outstanding:
            self._fail(f"it did not say within {self._every:g} s who reads its queues")
            return
        self._next = now + self._every
        self._outstanding = set(self._queues)
        for queue in self._queues:
            self._ask(queue)

    def answered(self, queue: str, *, waiting: int, consumers: int) -> None:
        """Judge an answer: a bad one counts, and a good one wipes out those before it."""
        self._outstanding.discard(queue)
        starves = waiting > 0 and self._should_have_come(queue, consumers)
        self._seen[queue] = self._came[queue]
        self._strikes[queue] = self._strikes[queue] + 1 if starves or not consumers else 0
        if self._strikes[queue] >= STRIKES:
            why = "hands out nothing of" if consumers else "has forgotten the consumer of"
            self._fail(f"it {why} the queue {queue}")

    def _should_have_come(self, queue: str, consumers: int) -> bool:
        """Say whether we, with room for it, should have been handed a message since last asked.

        Of several consumers of an ordered queue only one is served: it is us if we ever were.
        """
        came, before = self._came[queue], self._seen.get(queue)
        served = consumers == 1 or came > 0
        return served and before == came and self._held[queue] < self._room
