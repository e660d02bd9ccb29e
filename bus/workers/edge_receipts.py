"""Receipts of an edge, derived from its inbox rows: the same row gives the same receipt."""

from collections.abc import Mapping
from typing import Final

from bus.ids import Account, derived_id
from bus.ports import EdgeInboxRow, EdgeOutcome, Outgoing, Signer
from bus.routing import compose
from bus.schemas.address import AGENCY_OUT, receipt_key
from bus.schemas.catalogue import Delivery
from bus.schemas.envelope import Envelope
from bus.schemas.receipt import (
    DeliveryFailedData,
    DeliveryFailedV1,
    DeliveryImportedData,
    DeliveryImportedV1,
    DeliveryRefusedData,
    DeliveryRefusedV1,
)

_Data = type[DeliveryImportedData | DeliveryRefusedData | DeliveryFailedData]
_MESSAGES: Final[Mapping[EdgeOutcome, tuple[type[Envelope], _Data]]] = {
    EdgeOutcome.IMPORTED: (DeliveryImportedV1, DeliveryImportedData),
    EdgeOutcome.REFUSED: (DeliveryRefusedV1, DeliveryRefusedData),
    EdgeOutcome.FAILED: (DeliveryFailedV1, DeliveryFailedData),
}


def as_receipt(row: EdgeInboxRow, message: Delivery, signer: Signer, account: Account) -> Outgoing:
    """Return the receipt of a delivery, to be published.

    Its id is derived from the delivery, the outcome and the number of the attempt, so the hub
    knows a repeat when it sees one.
    """
    kind, data = _MESSAGES[row.outcome]
    id_ = derived_id("delivery", str(row.id), row.outcome, str(row.attempts))
    body = compose.agency_message(
        kind,
        data.model_validate_json(row.receipt),
        id_=id_,
        source=row.agency,
        time=row.recorded_at,
        subject=message.subject,
        causation=row.id,
    )
    return Outgoing(
        exchange=AGENCY_OUT,
        routing_key=receipt_key(row.agency),
        body=body,
        message_id=str(id_),
        type=compose.name_of(kind),
        jws=signer.sign(body),
        timestamp=row.recorded_at,
        account=account,
    )
