"""The lanes to the agencies: one open delivery per agency and dossier, the next when it is settled.

Keeps the deliveries of one transaction in memory; says which go out now, which wait, and what is
to be written.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from bus.ports import (
    AttemptEnd,
    AttemptRow,
    DeliveryRow,
    DeliveryState,
    HubChanges,
    LaneKey,
    Signer,
)
from bus.routing.retry import RetryPolicy, answer_due

FINAL: Final = frozenset({DeliveryState.IMPORTED, DeliveryState.REFUSED, DeliveryState.DISCARDED})
"""States of a hand-off that nothing changes any more."""


@dataclass(slots=True)
class Lanes:
    """The deliveries of some dossiers, as one transaction changes them."""

    now: datetime
    policy: RetryPolicy
    rows: dict[UUID, DeliveryRow] = field(default_factory=dict)
    order: dict[LaneKey, list[UUID]] = field(default_factory=dict)
    new: list[UUID] = field(default_factory=list)
    changed: set[UUID] = field(default_factory=set)
    attempts: list[AttemptRow] = field(default_factory=list)
    going_out: list[UUID] = field(default_factory=list)

    def load(self, rows: Iterable[DeliveryRow]) -> None:
        """Take in rows of the database; those not final must come in lane order."""
        for row in rows:
            if row.id in self.rows:
                continue
            self.rows[row.id] = row
            if row.state not in FINAL:
                self.order.setdefault(LaneKey(row.agency, row.dossier), []).append(row.id)

    def add(self, row: DeliveryRow) -> None:
        """Put a new delivery at the end of its lane; it goes out at once where the lane is free."""
        lane = self.order.setdefault(LaneKey(row.agency, row.dossier), [])
        self.rows[row.id] = row
        self.new.append(row.id)
        lane.append(row.id)
        if len(lane) == 1:
            self.send(row.id)

    def send(self, id_: UUID) -> None:
        """Mark a delivery as sent; it is published after the commit."""
        row = self.rows[id_]
        published = row.published + 1
        self._put(
            replace(
                row,
                state=DeliveryState.SENT,
                sent_at=self.now,
                next_at=answer_due(published, now=self.now, policy=self.policy),
                published=published,
            )
        )
        self.going_out.append(id_)

    def settle(self, id_: UUID, state: DeliveryState, *, reference: str | None = None) -> None:
        """End a delivery for good and let the next one of its lane go out."""
        row = self.rows[id_]
        if row.state in FINAL:
            if reference is not None and row.reference is None:
                self._put(replace(row, reference=reference))
            return
        self._put(replace(row, state=state, next_at=None, reference=reference, settled_at=self.now))
        if state is not DeliveryState.DISCARDED:
            end = AttemptEnd.IMPORTED if state is DeliveryState.IMPORTED else AttemptEnd.REFUSED
            self._attempt(row, end)
        self._release(row)

    def fail(self, id_: UUID, *, code: str, detail: str | None, again: datetime | None) -> None:
        """Note a failed attempt: due again at that moment, or parked where there is none."""
        row = self.rows[id_]
        if row.state is not DeliveryState.SENT:
            return
        self._put(
            replace(
                row,
                state=DeliveryState.PARKED if again is None else DeliveryState.DUE,
                next_at=again,
                failures=row.failures + 1,
                error=code,
            )
        )
        self._attempt(row, AttemptEnd.FAILED, code=code, detail=detail, next_at=again)

    def time_out(self, id_: UUID) -> None:
        """Send an unanswered delivery again, with the attempt that got no answer noted."""
        self._attempt(self.rows[id_], AttemptEnd.TIMED_OUT)
        self.send(id_)

    def sign(self, signer: Signer) -> None:
        """Sign the new deliveries, one after the other: half the time of signing in between."""
        for id_ in self.new:
            row = self.rows[id_]
            self.rows[id_] = replace(row, jws=signer.sign(row.body))

    def write_to(self, changes: HubChanges) -> None:
        """Add everything changed here to what the transaction writes."""
        changes.new_deliveries.extend(self.rows[id_] for id_ in self.new)
        new = set(self.new)
        changes.deliveries.update({id_: self.rows[id_] for id_ in self.changed - new})
        changes.attempts.extend(self.attempts)

    def outgoing(self) -> list[DeliveryRow]:
        """Return the deliveries to publish after the commit, in order, each once."""
        return [self.rows[id_] for id_ in dict.fromkeys(self.going_out)]

    def _release(self, row: DeliveryRow) -> None:
        lane = self.order[LaneKey(row.agency, row.dossier)]
        lane.remove(row.id)
        if lane and self.rows[lane[0]].state is DeliveryState.WAITING:
            self.send(lane[0])

    def _put(self, row: DeliveryRow) -> None:
        self.rows[row.id] = row
        self.changed.add(row.id)

    def _attempt(
        self,
        row: DeliveryRow,
        end: AttemptEnd,
        *,
        code: str | None = None,
        detail: str | None = None,
        next_at: datetime | None = None,
    ) -> None:
        self.attempts.append(
            AttemptRow(row.id, row.published, self.now, end, code, detail, next_at)
        )
