"""Hop 7: hand-offs whose time has come go out again, by the schedule of `bus.routing.retry`.

A delivery without an answer is sent again only to an agency heard of since: a silent adapter's
queue already holds the first copy.
"""

from collections.abc import Sequence

import structlog

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

    def step(self) -> bool:
        """Send what is due; say whether anything was."""
        now = self._clock.now()
        due = self._store.due_deliveries(now=now, limit=BATCH)
        if not due:
            return False
        lanes = Lanes(now, self._office.policy)
        with self._store.transaction({row.partition for row in due}) as transaction:
            lanes.load(transaction.deliveries([row.id for row in due]).values())
            for row in due:
                self._again(lanes, lanes.rows[row.id])
            changes = HubChanges()
            lanes.write_to(changes)
            transaction.save(changes)
        self._publish(lanes.outgoing())
        return True

    def _again(self, lanes: Lanes, row: DeliveryRow) -> None:
        """Read again under the lock: an answer may have come in between."""
        if row.next_at is None or row.next_at > lanes.now:
            return
        if row.state is DeliveryState.DUE:
            lanes.send(row.id)
        elif row.state is DeliveryState.SENT:
            lanes.time_out(row.id)

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
