"""Hops 3 and 4: from the broker to the ledger, one transaction for a batch.

Receive, authenticate, decide, write, commit; then publish what follows from it; then acknowledge.
A crash anywhere repeats work and loses nothing: before the commit the broker has the messages,
after it the time-outs of the deliveries and the senders' own repeats bring what was not published.

Where publishing may go on behind the scenes (`start`), the next batch is decided on meanwhile: one
batch at most is published and not acknowledged yet, and a quiet queue settles it at once.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import structlog

from bus.errors import UnexpectedFailure, WorkerUnfit
from bus.ids import DossierCode, Partition, partition_of
from bus.ports import (
    Clock,
    Consumer,
    EvidenceRow,
    HubChanges,
    HubStore,
    Outgoing,
    Published,
    Publisher,
    Received,
    Sending,
    Verifier,
)
from bus.routing.chain import sha256
from bus.routing.province import Catalogue
from bus.schemas.control import AdapterHeartbeatV1
from bus.workers.gate import Admitted, TurnedAway, admit
from bus.workers.intake import Intake
from bus.workers.office import Office

log = structlog.get_logger()

BATCH = 200
"""How many messages one transaction takes at most."""


class Ingress:
    """Takes what agencies send. One thread at a time uses it."""

    def __init__(
        self,
        consumer: Consumer,
        publisher: Publisher,
        store: HubStore,
        office: Office,
        clock: Clock,
        *,
        verifier: Callable[[Catalogue], Verifier],
        batch: int = BATCH,
        wait: float = 0.5,
        start: Callable[[Sequence[Outgoing]], Sending] | None = None,
    ) -> None:
        self._consumer = consumer
        self._publisher = publisher
        self._store = store
        self._office = office
        self._clock = clock
        self._verifier = verifier
        self._batch = batch
        self._wait = wait
        self._start = start
        self._under_way: tuple[Sequence[Received], Sending] | None = None

    def step(self) -> bool:
        """Take one batch; say whether there was one.

        Raises:
            WorkerUnfit: Broker or database is gone; nothing of the batch is acknowledged, and it
                is the next one again.
        """
        received = self._consumer.receive(self._batch, 0 if self._under_way else self._wait)
        if not received:
            return self._settle()
        try:
            outgoing = self._decide(received)
        except Exception:
            self._consumer.give_back(received)
            raise
        self._settle()
        self._publish(received, outgoing)
        return True

    def _decide(self, received: Sequence[Received]) -> list[Outgoing]:
        try:
            return self._office.catalogues.reading(partial(self._transact, received))
        except WorkerUnfit:
            raise
        except Exception:
            log.exception("ingress.batch_failed", messages=len(received))
            return self._one_by_one(received)

    def _transact(self, received: Sequence[Received]) -> list[Outgoing]:
        now = self._clock.now()
        newest = self._office.catalogues.newest()
        verifier = self._verifier(newest)
        admitted: list[Admitted] = []
        turned_away: list[TurnedAway] = []
        verdicts = admit(received, verifier=verifier, directory=newest.directory, at=now)
        for verdict in verdicts:
            if isinstance(verdict, Admitted):
                admitted.append(verdict)
            else:
                turned_away.append(verdict)
        with self._store.transaction(self._partitions(verdicts)) as transaction:
            intake = Intake(self._office, transaction, now, newest)
            intake.load(admitted, turned_away)
            for verdict in verdicts:
                if isinstance(verdict, Admitted):
                    intake.take(verdict)
                else:
                    intake.turn_away(verdict)
            transaction.save(intake.changes())
        for one in intake.news():
            log.warning(one.event, agency=one.agency, **one.facts)
        return intake.outgoing()

    def _one_by_one(self, received: Sequence[Received]) -> list[Outgoing]:
        outgoing: list[Outgoing] = []
        for one in received:
            try:
                outgoing += self._office.catalogues.reading(partial(self._transact, [one]))
            except WorkerUnfit:
                raise
            except Exception as error:
                log.exception("ingress.poison", message_id=one.message_id, queue=one.queue)
                self._keep(one, error)
        return outgoing

    def _keep(self, one: Received, error: Exception) -> None:
        """Park a message nobody can decide on, with its bytes; its sender gets no receipt yet."""
        row = EvidenceRow(
            digest=sha256(one.body),
            account=one.account,
            received_at=self._clock.now(),
            queue=one.queue,
            message_id=one.message_id,
            code=UnexpectedFailure.code,
            detail=type(error).__name__,
            body=one.body,
            jws=one.jws,
        )
        with self._store.transaction(()) as transaction:
            transaction.save(HubChanges(evidence=[row]))

    def _partitions(self, verdicts: Iterable[Admitted | TurnedAway]) -> set[Partition]:
        dossiers: set[DossierCode] = set()
        for verdict in verdicts:
            if isinstance(verdict, TurnedAway):
                if verdict.trusted and verdict.lane.subject:
                    dossiers.add(verdict.lane.subject)
            elif not isinstance(verdict.message, AdapterHeartbeatV1):
                dossiers.add(verdict.message.subject)
        return {partition_of(dossier, self._office.partitions) for dossier in dossiers}

    def _publish(self, received: Sequence[Received], outgoing: Sequence[Outgoing]) -> None:
        if self._start is not None:
            self._under_way = (received, self._start(outgoing))
            return
        outcomes = self._publisher.publish(outgoing) if outgoing else ()
        self._under_way = (received, lambda: outcomes)
        self._settle()

    def _settle(self) -> bool:
        """Acknowledge what was published last, once its outcomes are known; say if there was any.

        What was not confirmed is brought again by time-outs and repeats.
        """
        under_way, self._under_way = self._under_way, None
        if under_way is None:
            return False
        received, outcomes_of = under_way
        outcomes = outcomes_of()
        lost = sum(outcome is not Published.CONFIRMED for outcome in outcomes)
        if lost:
            log.warning("ingress.unconfirmed", messages=len(outcomes), unconfirmed=lost)
        self._consumer.ack(received)
        return True
