"""One valid example of each message: a made-up dossier on its way through a made-up province.

Every name and number is invented. The examples stand in the AsyncAPI document.
"""

from typing import Any, Final

from bus.schemas.catalogue import schema_urn, type_name
from bus.schemas.control import AdapterHeartbeatV1
from bus.schemas.envelope import (
    AgencyReceipt,
    DossierMessage,
    Envelope,
    HubDelivery,
    HubReceipt,
)
from bus.schemas.export.example_data import DATA, DELIVERY, SUBMISSION
from bus.schemas.export.terms import place

_DOSSIER: Final = "H63.140.05-250303-0001"
_RECEIVING_UNIT: Final = "H63.140.05"
_PERFORMER: Final = "H63.140.81"
_HUB: Final = "H63.01.02"
_ANSWER: Final = "01955a30-5a00-7c53-ae77-2f308c4d5e03"
_RECEIPT: Final = "5b7d1f0e-6a3c-8d21-9b44-3f418d5e6f04"


def example(message: type[Envelope]) -> dict[str, Any]:
    """Return a valid message of this class, as JSON has it."""
    where = place(message)
    head: dict[str, Any] = {
        "specversion": "1.0",
        "id": _id(message),
        "source": _HUB if where.side == "hub" else _sender(where.type),
        "time": "2025-03-03T01:46:00.000Z",
        "datacontenttype": "application/json",
    }
    return (
        head
        | _place(message)
        | {
            "type": type_name(message),
            "dataschema": schema_urn(message),
            "data": DATA[where.key],
        }
    )


def _id(message: type[Envelope]) -> str:
    if issubclass(message, HubReceipt | AgencyReceipt):
        return _RECEIPT
    if issubclass(message, HubDelivery):
        return DELIVERY
    return SUBMISSION if type_name(message) == "dossier.submitted" else _ANSWER


def _sender(type_: str) -> str:
    says_the_performer = type_.startswith(("step.", "supplement.", "delivery."))
    return _PERFORMER if says_the_performer else _RECEIVING_UNIT


def _place(message: type[Envelope]) -> dict[str, str]:
    if issubclass(message, AdapterHeartbeatV1):
        return {}
    if issubclass(message, HubReceipt):
        return {"causationid": SUBMISSION, "recipient": _RECEIVING_UNIT}
    lane = {"correlationid": SUBMISSION, "subject": _DOSSIER}
    if issubclass(message, HubDelivery):
        return lane | {"recipient": _PERFORMER}
    if issubclass(message, DossierMessage):
        first = type_name(message) == "dossier.submitted"
        return lane | {"sequence": "0000000001" if first else "0000000002"}
    return lane | {"causationid": DELIVERY}
