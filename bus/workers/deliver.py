"""Hop 5: from an agency's queue into its system, each hand-off once, and back with a receipt.

What became of a delivery is stored before its receipt is published and the message acknowledged.
A crash after the import and before that is healed by the sink: it knows the delivery id.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from bus.errors import (
    BusError,
    DestinationRefused,
    SenderMustAct,
    TimeMayHeal,
    UnexpectedFailure,
    WorkerUnfit,
)
from bus.ids import Account, AgencyCode
from bus.ports import (
    Clock,
    Consumer,
    EdgeInboxRow,
    EdgeOutcome,
    EdgeStore,
    LaneKey,
    OutboxState,
    Outgoing,
    Publisher,
    Received,
    Verifier,
)
from bus.routing.chain import sha256
from bus.schemas.base import BusinessState
from bus.schemas.catalogue import Delivery, FromHub, Receipt
from bus.schemas.reader import Unreadable, read_from_hub
from bus.schemas.receipt import (
    DeliveryFailedData,
    DeliveryImportedData,
    DeliveryRefusedData,
    FailureKind,
    MessageAcceptedV1,
    MessageExpectedV1,
    MessageRejectedV1,
)
from bus.workers.collect import Served, by_code
from bus.workers.edge_receipts import as_receipt

log = structlog.get_logger()

BATCH = 100
_MOST = 500
_OPENED = BusinessState.ACCEPTED
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,99}")
_RECEIPTS = (MessageAcceptedV1, MessageRejectedV1, MessageExpectedV1)


@dataclass(frozen=True, slots=True)
class Hub:
    """Whom the edge believes: the hub's code and its keys."""

    code: AgencyCode
    verifier: Verifier


class Deliver:
    """Takes what the hub sends to the agencies of a node. One thread at a time uses it."""

    def __init__(
        self,
        consumer: Consumer,
        publisher: Publisher,
        store: EdgeStore,
        clock: Clock,
        *,
        served: Sequence[Served],
        account: Account,
        hub: Hub,
        batch: int = BATCH,
        wait: float = 0.5,
    ) -> None:
        self._consumer = consumer
        self._publisher = publisher
        self._store = store
        self._served = by_code(served)
        self._account = account
        self._hub = hub
        self._clock = clock
        self._batch = batch
        self._wait = wait
        self._gone_back: dict[LaneKey, int] = {}

    def step(self) -> bool:
        """Take one batch; say whether there was one. What fails is the next batch again."""
        received = self._consumer.receive(self._batch, self._wait)
        if not received:
            return False
        try:
            self._take(received)
        except Exception:
            self._consumer.give_back(received)
            raise
        return True

    def _take(self, received: Sequence[Received]) -> None:
        now = self._clock.now()
        messages = [(one, self._authentic(one, now)) for one in received]
        self._consumer.reject([one for one, message in messages if message is None])
        good = [(one, message) for one, message in messages if message is not None]
        self._settle([message for _, message in good if isinstance(message, _RECEIPTS)])
        self._deal(
            [(one, message) for one, message in good if not isinstance(message, _RECEIPTS)], now
        )
        self._consumer.ack([one for one, _ in good])

    def _authentic(self, one: Received, now: datetime) -> FromHub | None:
        """Return the hub's message to an agency of this node, or None for anything else."""
        try:
            signer = self._hub.verifier.verify(one.body, one.jws, at=now)
            message = read_from_hub(one.body)
        except (SenderMustAct, Unreadable) as error:
            log.error(  # noqa: TRY400 -- the reason says all; a trace would say no more
                "deliver.not_from_the_hub", message_id=one.message_id, why=str(error)
            )
            return None
        if signer != self._hub.code or message.recipient not in self._served:
            log.error("deliver.not_for_this_node", message_id=one.message_id, signer=signer)
            return None
        return message

    # --- the hub's receipts -------------------------------------------------------------------

    def _settle(self, receipts: Sequence[Receipt]) -> None:
        verdicts: dict[UUID, OutboxState] = {}
        for receipt in receipts:
            if isinstance(receipt, MessageAcceptedV1):
                verdicts[receipt.data.message] = OutboxState.ACCEPTED
                self._gone_back.pop(LaneKey(receipt.recipient, receipt.data.dossier), None)
            elif isinstance(receipt, MessageExpectedV1):
                self._go_back(receipt)
            elif receipt.data.message is not None:
                verdicts[receipt.data.message] = OutboxState.REJECTED
        if verdicts:
            self._store.answered(verdicts)
        for receipt in receipts:
            if isinstance(receipt, MessageRejectedV1):
                log.warning(
                    "message.rejected",
                    agency=receipt.recipient,
                    message=str(receipt.data.message or ""),
                    dossier=receipt.data.dossier,
                    code=receipt.data.code,
                    path=receipt.data.path,
                    text_vi=receipt.data.text_vi,
                )
                self._tell(receipt)
            elif isinstance(receipt, MessageAcceptedV1) and receipt.data.state is _OPENED:
                self._tell(receipt)

    def _go_back(self, receipt: MessageExpectedV1) -> None:
        """Send a lane again from the place the hub waits for, once for each place.

        Where the hub still waits for the same place, it has the message and cannot decide on it, or
        the broker lost it twice: then the time-outs send it, later each time. At once each time
        would be a storm that lasts as long as the trouble.
        """
        lane, place = LaneKey(receipt.recipient, receipt.data.dossier), int(receipt.data.expected)
        if self._gone_back.get(lane) == place:
            return
        self._gone_back[lane] = place
        self._store.resend_from(lane, place)

    def _tell(self, receipt: MessageAcceptedV1 | MessageRejectedV1) -> None:
        """Let the agency's system know the appointment, or why its message was refused.

        Told on a best effort: the outbox row says the same to whoever looks.
        """
        sink = self._served[receipt.recipient].sink
        if sink is None:
            return
        try:
            sink.deliver(receipt, delivery=receipt.id)
        except WorkerUnfit:
            raise
        except Exception as error:  # noqa: BLE001 -- a legacy system may fail in any way
            log.warning(
                "deliver.receipt_not_shown", agency=receipt.recipient, why=type(error).__name__
            )

    # --- deliveries ---------------------------------------------------------------------------

    def _deal(self, pairs: Sequence[tuple[Received, Delivery]], now: datetime) -> None:
        if not pairs:
            return
        before = dict(self._store.dealt_with({message.id for _, message in pairs}))
        rows: dict[UUID, EdgeInboxRow] = {}
        outgoing: list[Outgoing] = []
        for one, message in pairs:
            row = rows.get(message.id) or before.get(message.id)
            if row is None or row.outcome is EdgeOutcome.FAILED:
                row = self._attempt(one, message, row, now)
                rows[message.id] = row
            signer = self._served[message.recipient].signer
            outgoing.append(as_receipt(row, message, signer, self._account))
        if rows:
            self._store.deal(list(rows.values()))
        self._publisher.publish(outgoing)

    def _attempt(
        self, one: Received, message: Delivery, before: EdgeInboxRow | None, now: datetime
    ) -> EdgeInboxRow:
        attempts = before.attempts + 1 if before else 1
        outcome, receipt = self._import(message, attempts, now)
        log.info(
            "delivery.dealt_with",
            delivery=str(message.id),
            agency=message.recipient,
            dossier=message.subject,
            type=message.type,
            outcome=str(outcome),
            attempt=attempts,
        )
        return EdgeInboxRow(
            id=message.id,
            agency=message.recipient,
            digest=sha256(one.body),
            outcome=outcome,
            attempts=attempts,
            receipt=receipt.model_dump_json(exclude_none=True),
            recorded_at=now,
        )

    def _import(
        self, message: Delivery, attempt: int, now: datetime
    ) -> tuple[EdgeOutcome, DeliveryImportedData | DeliveryRefusedData | DeliveryFailedData]:
        sink = self._served[message.recipient].sink
        try:
            reference = sink.deliver(message, delivery=message.id) if sink else None
            reference = _fit(reference) if reference else None
        except DestinationRefused as refused:
            return EdgeOutcome.REFUSED, DeliveryRefusedData(
                delivery=message.id,
                code=_word(refused.code),
                reason=_fit(str(refused)),
                refused_at=now,
            )
        except WorkerUnfit:
            raise
        except BusError as error:
            kind = (
                FailureKind.TRANSIENT if isinstance(error, TimeMayHeal) else FailureKind.PERMANENT
            )
            return EdgeOutcome.FAILED, DeliveryFailedData(
                delivery=message.id,
                attempt=attempt,
                kind=kind,
                code=_word(error.code),
                detail=_fit(str(error)),
                failed_at=now,
            )
        except Exception as error:
            # A legacy system may fail in any way. What it says may be content; its kind is not.
            log.exception("deliver.unexpected", delivery=str(message.id))
            return EdgeOutcome.FAILED, DeliveryFailedData(
                delivery=message.id,
                attempt=attempt,
                kind=FailureKind.UNKNOWN,
                code=_word(type(error).__name__),
                failed_at=now,
            )
        return EdgeOutcome.IMPORTED, DeliveryImportedData(
            delivery=message.id, reference=reference, imported_at=now
        )


def _fit(text: str) -> str:
    """Make what a legacy system says fit a receipt: one line, no control characters, not empty."""
    line = "".join(letter if letter.isprintable() else " " for letter in text)
    return unicodedata.normalize("NFC", line).strip()[:_MOST] or "?"


def _word(code: str) -> str:
    """Return a code as a receipt may carry it; adapters of others may have any."""
    return code if _WORD.fullmatch(code) else UnexpectedFailure.code
