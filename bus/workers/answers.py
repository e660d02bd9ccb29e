"""What the hub answers: receipts, made anew from what was decided, and evidence of refusals."""

from datetime import datetime
from uuid import UUID

from bus.errors import BusError, IdReused, SenderMustAct, SequenceReused
from bus.ids import AgencyCode, DossierCode
from bus.ports import EvidenceRow, InboxRow, LaneKey, Outgoing, Received, Signer, Verdict
from bus.routing import compose
from bus.schemas.address import AGENCY_IN, agency_key
from bus.schemas.catalogue import DossierEvent
from bus.schemas.reader import NOTHING_READ
from bus.schemas.receipt import (
    MessageAcceptedData,
    MessageExpectedData,
    MessageRejectedData,
)
from bus.values import changed
from bus.workers.gate import Admitted, TurnedAway


class Answers:
    """The receipts and the evidence of one transaction."""

    def __init__(self, hub: AgencyCode, signer: Signer, now: datetime) -> None:
        self._hub = hub
        self._signer = signer
        self._now = now
        self._receipts: list[tuple[compose.ReceiptData, AgencyCode, datetime]] = []
        self.kept: list[EvidenceRow] = []

    def accepted(self, message: DossierEvent, digest: str, data: MessageAcceptedData) -> InboxRow:
        """Answer that the message is in the ledger."""
        self._send(data, message.source, self._now)
        text = data.model_dump_json(exclude_none=True)
        return InboxRow(message.id, message.source, digest, Verdict.ACCEPTED, text, self._now)

    def expected(self, message: UUID, lane: LaneKey, place: int) -> None:
        """Answer that an earlier message of the lane has not come yet."""
        data = MessageExpectedData(message=message, dossier=lane.dossier, expected=f"{place:010d}")
        self._send(data, lane.agency, self._now)

    def refuse(
        self, one: Admitted, error: SenderMustAct, *, dossier: DossierCode, uses_place: bool
    ) -> InboxRow:
        """Answer that a readable message is refused."""
        data = _rejection(one.message.id, dossier, one.digest, error, uses_place=uses_place)
        self._send(data, one.message.source, self._now)
        self.evidence(one.received, one.digest, error)
        text = data.model_dump_json(exclude_none=True)
        return InboxRow(
            one.message.id, one.message.source, one.digest, Verdict.REJECTED, text, self._now
        )

    def rejected(self, away: TurnedAway, *, uses_place: bool) -> InboxRow | None:
        """Answer a message that could not be taken, where it is known who sent it."""
        self.evidence(away.received, away.digest, away.error)
        if away.answer_to is None:
            return None
        lane = away.lane if away.trusted else NOTHING_READ
        id_ = lane.id
        data = _rejection(id_, lane.subject, away.digest, away.error, uses_place=uses_place)
        self._send(data, away.answer_to, self._now)
        if id_ is None:
            return None
        text = data.model_dump_json(exclude_none=True)
        return InboxRow(id_, away.answer_to, away.digest, Verdict.REJECTED, text, self._now)

    def repeat(self, row: InboxRow) -> None:
        """Answer a repeat as the first time."""
        kind = MessageAcceptedData if row.verdict is Verdict.ACCEPTED else MessageRejectedData
        self._send(kind.model_validate_json(row.receipt), row.agency, row.recorded_at)

    def evidence(self, received: Received, digest: str, error: BusError) -> None:
        """Keep the bytes as they came, with why they moved nothing."""
        self.kept.append(
            EvidenceRow(
                digest=digest,
                account=received.account,
                received_at=self._now,
                queue=received.queue,
                message_id=received.message_id,
                code=error.code,
                detail=str(error)[:500],
                body=received.body,
                jws=received.jws,
            )
        )

    def outgoing(self) -> list[Outgoing]:
        """Return the receipts, made and signed now that nobody waits for the transaction."""
        unsigned = [self._unsigned(*receipt) for receipt in self._receipts]
        return [changed(one, jws=self._signer.sign(one.body)) for one in unsigned]

    def _unsigned(self, data: compose.ReceiptData, to: AgencyCode, time: datetime) -> Outgoing:
        id_, type_, body = compose.receipt(data, hub=self._hub, recipient=to, time=time)
        return Outgoing(
            exchange=AGENCY_IN,
            routing_key=agency_key(to),
            body=body,
            message_id=str(id_),
            type=type_,
            jws="",
            timestamp=time,
        )

    def _send(self, data: compose.ReceiptData, to: AgencyCode, time: datetime) -> None:
        self._receipts.append((data, to, time))


def reused_id() -> IdReused:
    """Return the error of an id that was used before with other bytes."""
    return IdReused(
        "this message id was used before for other bytes; a repeat is byte for byte the same,"
        " a new message has a new id",
        text_vi="Mã thông điệp đã được dùng cho một nội dung khác.",
        path="id",
    )


def past_place(place: int, expected: int) -> SequenceReused:
    """Return the error of a place in the lane that another message used up."""
    return SequenceReused(
        f"place {place} of the lane was used by another message, {expected} is next; an edge that"
        " was restored from an old backup needs its operator",
        text_vi=f"Số thứ tự {place} đã dùng cho thông điệp khác; số tiếp theo là {expected}.",
        path="sequence",
        expected=expected,
    )


def _rejection(
    id_: UUID | None,
    dossier: DossierCode | None,
    digest: str,
    error: SenderMustAct,
    *,
    uses_place: bool,
) -> MessageRejectedData:
    return MessageRejectedData(
        message=id_,
        dossier=dossier,
        digest=digest,
        code=error.code,
        path=error.path,
        text_vi=error.text_vi[:500],
        text_en=str(error)[:500],
        uses_sequence=uses_place,
    )
