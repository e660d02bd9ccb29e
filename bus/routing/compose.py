"""From a decision to the bytes of a message: envelopes around data that is valid already."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic_core import to_json

from bus.ids import AgencyCode, DossierCode, derived_id
from bus.routing.effects import HandOver
from bus.schemas.base import WireModel, rfc3339
from bus.schemas.catalogue import (
    DossierEvent,
    FromAgency,
    FromHub,
    classes,
    schema_urn,
    type_name,
)
from bus.schemas.envelope import Envelope
from bus.schemas.receipt import (
    MessageAcceptedData,
    MessageAcceptedV1,
    MessageExpectedData,
    MessageExpectedV1,
    MessageRejectedData,
    MessageRejectedV1,
)

_NAMES: Final[Mapping[type[Envelope], tuple[str, str]]] = {
    message: (type_name(message), schema_urn(message))
    for message in (*classes(FromAgency), *classes(FromHub))
}
_SAYS: Final[Mapping[type[WireModel], type[Envelope]]] = {
    message.model_fields["data"].annotation: message  # type: ignore[misc]
    for message in classes(DossierEvent)
}

ReceiptData = MessageAcceptedData | MessageRejectedData | MessageExpectedData

_RECEIPTS: Final[Mapping[type[WireModel], type[Envelope]]] = {
    MessageAcceptedData: MessageAcceptedV1,
    MessageRejectedData: MessageRejectedV1,
    MessageExpectedData: MessageExpectedV1,
}


def type_of(data: WireModel) -> str:
    """Return the message type that carries this data about a dossier."""
    return _NAMES[_SAYS[type(data)]][0]


def name_of(message: type[Envelope]) -> str:
    """Return the `type` of a message class."""
    return _NAMES[message][0]


def clock_body(dossier: DossierCode, at: datetime) -> bytes:
    """Return the body of a ledger entry that says the clock looked at a case."""
    return json.dumps({"clock": at.isoformat(), "dossier": dossier}).encode()


def dossier_message(
    data: WireModel,
    *,
    id_: UUID,
    source: AgencyCode,
    subject: DossierCode,
    sequence: int,
    time: datetime,
) -> bytes:
    """Return the body of what an agency says about a dossier, at its place in the lane."""
    return _body(
        _SAYS[type(data)],
        data,
        time=time,
        id=id_,
        source=source,
        subject=subject,
        sequence=f"{sequence:010d}",
    )


def agency_message(
    message: type[Envelope],
    data: WireModel,
    *,
    id_: UUID,
    source: AgencyCode,
    time: datetime,
    subject: DossierCode | None = None,
    causation: UUID | None = None,
) -> bytes:
    """Return the body of a delivery receipt, or of a heartbeat where there is no subject."""
    return _body(
        message, data, time=time, id=id_, source=source, subject=subject, causationid=causation
    )


def delivery(
    owed: HandOver,
    *,
    id_: UUID,
    hub: AgencyCode,
    dossier: DossierCode,
    submission: UUID,
    cause: UUID,
    time: datetime,
) -> bytes:
    """Return the body of what the hub hands over."""
    return _body(
        owed.message,
        owed.data,
        time=time,
        id=id_,
        source=hub,
        subject=dossier,
        recipient=owed.recipient,
        correlationid=submission,
        causationid=cause,
    )


def receipt(
    data: ReceiptData, *, hub: AgencyCode, recipient: AgencyCode, time: datetime
) -> tuple[UUID, str, bytes]:
    """Return id, type and body of the hub's answer: the same each time for the same answer."""
    message = _RECEIPTS[type(data)]
    known = data.digest if isinstance(data, MessageRejectedData) else str(data.message)
    place = data.expected if isinstance(data, MessageExpectedData) else ""
    id_ = derived_id(_NAMES[message][0], recipient, known, place)
    body = _body(
        message,
        data,
        time=time,
        id=id_,
        source=hub,
        recipient=recipient,
        causationid=data.message,
    )
    return id_, _NAMES[message][0], body


def _body(
    message: type[Envelope], data: WireModel, *, time: datetime, **attributes: object
) -> bytes:
    """Write the envelope around the data.

    Neither is validated again: the data is a validated model, the ids are typed. Written apart,
    because making a model of the whole only to write it costs more than the writing.
    """
    name, urn = _NAMES[message]
    envelope = to_json(
        {
            "specversion": "1.0",
            "type": name,
            "dataschema": urn,
            "datacontenttype": "application/json",
            "time": rfc3339(time),
            **{key: value for key, value in attributes.items() if value is not None},
        }
    )
    return b'%b,"data":%b}' % (envelope[:-1], data.model_dump_json(exclude_none=True).encode())
