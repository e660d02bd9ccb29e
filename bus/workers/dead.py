"""What the broker could not deliver: drained into the database, where people look.

Nobody works in a queue. A message lands here when no queue takes its routing key, when a worker
crashed over it too often, or when an edge sent it away as not the hub's. It is kept as evidence;
if it mattered, its sender still has it and sends it again.
"""

import structlog

from bus.ports import Clock, Consumer, EvidenceRow, HubChanges, HubStore, Received
from bus.routing.chain import sha256

log = structlog.get_logger()

BATCH = 100
CODE = "broker.dead_lettered"


class Dead:
    """Keeps dead letters as evidence. One thread at a time uses it."""

    def __init__(
        self, consumer: Consumer, store: HubStore, clock: Clock, *, wait: float = 1.0
    ) -> None:
        self._consumer = consumer
        self._store = store
        self._clock = clock
        self._wait = wait

    def step(self) -> bool:
        """Keep one batch; say whether there was one. Acknowledged after the commit."""
        received = self._consumer.receive(BATCH, self._wait)
        if not received:
            return False
        try:
            with self._store.transaction(()) as transaction:
                transaction.save(HubChanges(evidence=[self._row(one) for one in received]))
        except Exception:
            self._consumer.give_back(received)
            raise
        self._consumer.ack(received)
        log.warning("dead.kept", messages=len(received))
        return True

    def _row(self, one: Received) -> EvidenceRow:
        return EvidenceRow(
            digest=sha256(one.body),
            account=one.account,
            received_at=self._clock.now(),
            queue=one.queue,
            message_id=one.message_id,
            code=CODE,
            detail=f"routing key {one.routing_key[:200]}",
            body=one.body,
            jws=one.jws,
        )
