"""Hop 2: from the edge's outbox to the broker, a batch at a time.

A row stays until the hub's receipt names its fate. Without an answer it goes out again, later
each time; with a full or unreachable broker it stays where it is. Its bytes never change; its
signature is made anew where the agency's key has changed meanwhile.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from bus.ids import Account
from bus.ports import Clock, EdgeStore, OutboxRow, Outgoing, Published, Publisher, Signer
from bus.routing.retry import jittered
from bus.schemas.address import AGENCY_OUT, dossier_key
from bus.workers.collect import Served

log = structlog.get_logger()

_PAUSE_FIRST: Final = timedelta(milliseconds=500)
_PAUSE_CAP: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class RelayPolicy:
    """How much is under way without an answer, and when it is sent again."""

    window: int = 256
    answer: timedelta = timedelta(seconds=30)
    cap: timedelta = timedelta(hours=1)


class Relay:
    """Publishes the outbox. One thread at a time uses it."""

    def __init__(
        self,
        store: EdgeStore,
        publisher: Publisher,
        served: Sequence[Served],
        clock: Clock,
        *,
        account: Account,
        chance: Callable[[], float],
        partitions: int,
        policy: RelayPolicy,
    ) -> None:
        self._store = store
        self._publisher = publisher
        self._agencies = tuple(one.code for one in served)
        self._signers = {one.code: one.signer for one in served}
        self._headers = {one.code: _header(one.signer) for one in served}
        self._account = account
        self._clock = clock
        self._chance = chance
        self._partitions = partitions
        self._policy = policy
        self._refused = 0
        self._paused_until: datetime | None = None

    def step(self) -> bool:
        """Publish what may go out; say whether the broker took anything."""
        now = self._clock.now()
        if self._paused_until is not None and now < self._paused_until:
            return False
        rows = self._store.sendable(self._agencies, now=now, window=self._policy.window)
        if not rows:
            return False
        outcomes = self._publisher.publish([self._outgoing(row) for row in rows])
        taken = [
            row
            for row, outcome in zip(rows, outcomes, strict=True)
            if outcome is Published.CONFIRMED
        ]
        if taken:
            self._store.sent(
                [row.id for row in taken],
                at=now,
                next_at={row.id: now + self._wait(row) for row in taken},
            )
        self._pause(len(rows) - len(taken), now)
        return bool(taken)

    def _wait(self, row: OutboxRow) -> timedelta:
        """Return how long the nth copy may stay unanswered: doubled each time, with jitter."""
        policy = self._policy
        if row.published == 0:
            return policy.answer
        return jittered(row.published, chance=self._chance(), first=policy.answer, cap=policy.cap)

    def _pause(self, refused: int, now: datetime) -> None:
        if refused == 0:
            self._refused, self._paused_until = 0, None
            return
        self._refused += 1
        wait = jittered(self._refused, chance=self._chance(), first=_PAUSE_FIRST, cap=_PAUSE_CAP)
        self._paused_until = now + wait
        log.warning("relay.not_taken", messages=refused, pause_seconds=wait.total_seconds())

    def _outgoing(self, row: OutboxRow) -> Outgoing:
        return Outgoing(
            exchange=AGENCY_OUT,
            routing_key=dossier_key(row.agency, row.dossier, self._partitions),
            body=row.body,
            message_id=str(row.id),
            type=row.type,
            jws=self._signature(row),
            timestamp=row.created_at,
            account=self._account,
        )

    def _signature(self, row: OutboxRow) -> str:
        """Return the stored signature, or a new one where another key signs by now."""
        if row.jws.startswith(self._headers[row.agency]):
            return row.jws
        return self._signers[row.agency].sign(row.body)


def _header(signer: Signer) -> str:
    """Return how every signature of this key begins: its protected header, which names it."""
    return signer.sign(b"").partition("..")[0] + ".."
