"""The lanes to the agencies: one open delivery per agency and dossier, the next when it is settled.

Keeps the deliveries of one transaction in memory; says which go out now, which wait, and what is
to be written. What goes to an agency on probe is held back: it is due, and goes out as a probe or
when the agency is well again.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from bus.ids import AgencyCode
from bus.ports import (
    FINAL,
    AttemptEnd,
    AttemptRow,
    DeliveryRow,
    DeliveryState,
    HubChanges,
    LaneKey,
    Signer,
)
from bus.routing.fingerprint import fingerprint
from bus.routing.retry import HEALTHY, Health, RetryPolicy, answer_due, failed_again, probe_sent
from bus.values import changed

RESTORED: Final = "operator.restored"
"""Error code of a hand-off that an operator has put back and that had none."""


@dataclass(frozen=True, slots=True)
class News:
    """Something operators should hear of, when the transaction is through: a log line."""

    event: str
    agency: AgencyCode
    facts: Mapping[str, str | int]


@dataclass(slots=True)
class Lanes:
    """The deliveries of some dossiers, as one transaction changes them.

    `chance` gives a number from 0 up to 1. With `quiet` nothing is published after the commit, so
    nothing counts as sent: what would go out is due, and a hub that runs sends it. `health` is
    that of the agencies whose last hand-off failed; all others are well.
    """

    now: datetime
    policy: RetryPolicy
    chance: Callable[[], float]
    quiet: bool = False
    health: dict[AgencyCode, Health] = field(default_factory=dict)
    rows: dict[UUID, DeliveryRow] = field(default_factory=dict)
    order: dict[LaneKey, list[UUID]] = field(default_factory=dict)
    new: list[UUID] = field(default_factory=list)
    changed: set[UUID] = field(default_factory=set)
    attempts: list[AttemptRow] = field(default_factory=list)
    going_out: list[UUID] = field(default_factory=list)
    moved_health: set[AgencyCode] = field(default_factory=set)
    news: list[News] = field(default_factory=list)

    def load(self, rows: Iterable[DeliveryRow]) -> None:
        """Take in rows of the database; those not final must come in lane order."""
        for row in rows:
            if row.id in self.rows:
                continue
            self.rows[row.id] = row
            if row.state not in FINAL:
                self.order.setdefault(lane_of(row), []).append(row.id)

    def know(self, health: Mapping[AgencyCode, Health]) -> None:
        """Take in the health of the agencies whose last hand-off failed."""
        self.health.update(health)

    # --- the way of a delivery ----------------------------------------------------------------

    def add(self, row: DeliveryRow) -> None:
        """Put a new delivery at the end of its lane; it goes out at once where the lane is free."""
        lane = self.order.setdefault(lane_of(row), [])
        self.rows[row.id] = row
        self.new.append(row.id)
        lane.append(row.id)
        if len(lane) == 1:
            self.send(row.id)

    def send(self, id_: UUID) -> None:
        """Send a delivery, after the commit; hold it back where its agency is on probe."""
        row = self.rows[id_]
        if self.quiet or self._health_of(row).probing:
            self.put(changed(row, state=DeliveryState.DUE, next_at=self.now))
        else:
            self._send(row)

    def resend(self, id_: UUID) -> None:
        """Send a delivery whose time has come; to an agency on probe it is the probe.

        No other goes out to such an agency before that one is answered.
        """
        row = self._send(self.rows[id_])
        health = self._health_of(row)
        if health.probing and row.next_at is not None:
            self._note(row, probe_sent(health, answer_due=row.next_at))

    def settle(self, id_: UUID, state: DeliveryState, *, reference: str | None = None) -> None:
        """End a delivery by its agency's answer and let the next one of its lane go out."""
        row = self.rows[id_]
        if row.state in FINAL:
            if reference is not None and row.reference is None:
                self.put(changed(row, reference=reference))
            return
        end = AttemptEnd.IMPORTED if state is DeliveryState.IMPORTED else AttemptEnd.REFUSED
        self._attempt(row, end)
        self._note(row, HEALTHY)  # a system that says no is well
        self.end(id_, state, reference=reference)

    def end(self, id_: UUID, state: DeliveryState, *, reference: str | None = None) -> DeliveryRow:
        """Bring a delivery to an end and let the next one of its lane go out."""
        row = self.rows[id_]
        self.put(
            changed(
                row,
                state=state,
                next_at=None,
                alarm_at=None,
                reference=reference or row.reference,
                settled_at=self.now,
            )
        )
        lane = self.order[lane_of(row)]
        lane.remove(row.id)
        if lane and self.rows[lane[0]].state is DeliveryState.WAITING:
            self.send(lane[0])
        return self.rows[id_]

    def fail(self, id_: UUID, *, code: str, detail: str | None, again: datetime | None) -> None:
        """Note a failed attempt: due again at that moment, or parked where there is none."""
        row = self.rows[id_]
        if row.state is not DeliveryState.SENT:
            return
        print_ = fingerprint(
            agency=row.agency, kind=row.type, step=row.step, code=code, detail=detail
        )
        self.put(
            changed(
                row,
                state=DeliveryState.PARKED if again is None else DeliveryState.DUE,
                next_at=again,
                failures=row.failures + 1,
                error=code,
                fingerprint=print_,
                parked_at=self.now if again is None else None,
            )
        )
        self._attempt(
            row, AttemptEnd.FAILED, code=code, detail=detail, next_at=again, print_=print_
        )
        ailing = failed_again(
            self._health_of(row),
            sent_at=row.sent_at or row.created_at,
            now=self.now,
            chance=self.chance(),
            policy=self.policy,
        )
        self._note(row, ailing)
        if again is None:
            facts = {"delivery": str(row.id), "dossier": row.dossier, "code": code}
            self.news.append(News("handoff.parked", row.agency, facts | {"fingerprint": print_}))

    def time_out(self, id_: UUID) -> None:
        """Note that an attempt got no answer."""
        self._attempt(self.rows[id_], AttemptEnd.TIMED_OUT)

    def again(self, id_: UUID) -> DeliveryRow:
        """Let a delivery go out again now, as far as its agency takes any."""
        row = changed(
            self.rows[id_],
            state=DeliveryState.DUE,
            next_at=self.now,
            error=None,
            fingerprint=None,
            parked_at=None,
        )
        self.put(row)
        return row

    def restore(self, id_: UUID) -> DeliveryRow:
        """Put a delivery that was given up back into its place; an operator decides again."""
        gone = self.rows[id_]
        code = gone.error or RESTORED
        row = changed(
            gone,
            state=DeliveryState.PARKED,
            settled_at=None,
            parked_at=self.now,
            error=code,
            fingerprint=gone.fingerprint
            or fingerprint(
                agency=gone.agency, kind=gone.type, step=gone.step, code=code, detail=None
            ),
        )
        self.put(row)
        return row

    def made(self, cause: int, part: int) -> DeliveryRow:
        """Return the delivery that was made in this transaction because of a ledger position."""
        rows = (self.rows[id_] for id_ in self.new)
        return next(row for row in rows if (row.cause, row.part) == (cause, part))

    def put(self, row: DeliveryRow) -> None:
        """Keep a delivery as it stands now."""
        self.rows[row.id] = row
        self.changed.add(row.id)

    # --- what is to be written and published --------------------------------------------------

    def sign(self, signer: Signer) -> None:
        """Sign the new deliveries, one after the other: half the time of signing in between."""
        for id_ in self.new:
            row = self.rows[id_]
            self.rows[id_] = changed(row, jws=signer.sign(row.body))

    def write_to(self, changes: HubChanges) -> None:
        """Add everything changed here to what the transaction writes."""
        changes.new_deliveries.extend(self.rows[id_] for id_ in self.new)
        new = set(self.new)
        changes.deliveries.update({id_: self.rows[id_] for id_ in self.changed - new})
        changes.attempts.extend(self.attempts)
        changes.health.update({agency: self.health[agency] for agency in self.moved_health})

    def outgoing(self) -> list[DeliveryRow]:
        """Return the deliveries to publish after the commit, in order, each once."""
        return [self.rows[id_] for id_ in dict.fromkeys(self.going_out)]

    # --- inside -------------------------------------------------------------------------------

    def _send(self, row: DeliveryRow) -> DeliveryRow:
        published = row.published + 1
        sent = changed(
            row,
            state=DeliveryState.SENT,
            sent_at=self.now,
            next_at=answer_due(published, now=self.now, policy=self.policy),
            published=published,
        )
        self.put(sent)
        self.going_out.append(row.id)
        return sent

    def _health_of(self, row: DeliveryRow) -> Health:
        return self.health.get(row.agency, HEALTHY)

    def _note(self, row: DeliveryRow, health: Health) -> None:
        before = self._health_of(row)
        if health.probing != before.probing:
            event = "agency.probing" if health.probing else "agency.well"
            self.news.append(News(event, row.agency, {"failures": before.failures}))
        if health != before:
            self.health[row.agency] = health
            self.moved_health.add(row.agency)

    def _attempt(
        self,
        row: DeliveryRow,
        end: AttemptEnd,
        *,
        code: str | None = None,
        detail: str | None = None,
        next_at: datetime | None = None,
        print_: str | None = None,
    ) -> None:
        self.attempts.append(
            AttemptRow(row.id, row.published, self.now, end, code, detail, next_at, print_)
        )


def lane_of(row: DeliveryRow) -> LaneKey:
    """Return the lane a delivery belongs to."""
    return LaneKey(row.agency, row.dossier)
