"""Hop 7: hand-offs whose time has come go out again, by the schedule of `bus.routing.retry`.

A delivery without an answer is sent again only to an agency heard of since: a silent adapter's
queue already holds the first copy. To an agency on probe one goes out at a time; to one that is
back, no more a second than it can take.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import structlog

from bus.ids import AgencyCode
from bus.ports import Clock, DeliveryRow, DeliveryState, HubChanges, HubStore, Published, Publisher
from bus.workers.lanes import Lanes
from bus.workers.office import Office, as_outgoing

log = structlog.get_logger()

BATCH = 200


class Redeliver:
    """Sends due and unanswered deliveries again. One thread at a time uses it."""

    def __init__(self, publisher: Publisher, store: HubStore, office: Office, clock: Clock) -> None:
        self._publisher = publisher
        self._store = store
        self._office = office
        self._clock = clock
        self._pace = Pace(office.policy.pace)

    def step(self) -> bool:
        """Send what is due; say whether anything was."""
        now = self._clock.now()
        due = self._store.due_deliveries(now=now, limit=BATCH, but=self._pace.spent(now))
        probes = self._store.probes(now=now)
        chosen = [*probes, *self._pace.allow(due, now)]
        if not chosen:
            return False
        lanes = Lanes(now, self._office.policy, self._office.chance)
        with self._store.transaction({row.partition for row in chosen}) as transaction:
            lanes.know(transaction.ailing())
            lanes.load(transaction.deliveries([row.id for row in chosen]).values())
            for row in chosen:
                _again(lanes, lanes.rows[row.id])
            changes = HubChanges()
            lanes.write_to(changes)
            transaction.save(changes)
        self._publish(lanes.outgoing())
        return True

    def _publish(self, rows: Sequence[DeliveryRow]) -> None:
        outcomes = self._publisher.publish([as_outgoing(row) for row in rows])
        for row, outcome in zip(rows, outcomes, strict=True):
            log.info(
                "delivery.sent_again",
                delivery=str(row.id),
                agency=row.agency,
                dossier=row.dossier,
                published=row.published,
                outcome=str(outcome),
                confirmed=outcome is Published.CONFIRMED,
            )


def _again(lanes: Lanes, row: DeliveryRow) -> None:
    """Read again under the lock: an answer may have come in between."""
    if row.next_at is None or row.next_at > lanes.now:
        return
    if row.state is DeliveryState.SENT:
        lanes.time_out(row.id)
    elif row.state is not DeliveryState.DUE:
        return
    lanes.resend(row.id)


class Pace:
    """How many hand-offs went out again to each agency in the present second."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._second: datetime | None = None
        self._gone: Counter[AgencyCode] = Counter()

    def spent(self, now: datetime) -> list[AgencyCode]:
        """Return the agencies to which no more may go out in this second."""
        self._turn(now)
        return [agency for agency, count in self._gone.items() if count >= self._most]

    def allow(self, rows: Sequence[DeliveryRow], now: datetime) -> list[DeliveryRow]:
        """Return those of the rows that may go out now, in their order, and count them."""
        self._turn(now)
        allowed = []
        for row in rows:
            if self._gone[row.agency] < self._most:
                self._gone[row.agency] += 1
                allowed.append(row)
        return allowed

    def _turn(self, now: datetime) -> None:
        second = now.replace(microsecond=0)
        if second != self._second:
            self._second = second
            self._gone.clear()
