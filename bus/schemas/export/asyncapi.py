"""One AsyncAPI 3.0 document: how an agency's program talks with the hub over AMQP 0-9-1.

Told from the agency's side: `send` is what the agency sends. Payloads are references to the JSON
Schema files of `bus.schemas.export.json_schema`, which lie beside the document.
"""

from collections.abc import Sequence
from inspect import cleandoc
from typing import Any, Final

from bus.schemas.address import AGENCY_OUT
from bus.schemas.catalogue import (
    Delivery,
    DeliveryReceipt,
    DossierEvent,
    FromAgency,
    FromHub,
    Receipt,
    classes,
    type_name,
)
from bus.schemas.control import AdapterHeartbeatV1
from bus.schemas.envelope import CONTENT_TYPE, Envelope
from bus.schemas.export import rules
from bus.schemas.export.examples import example
from bus.schemas.export.terms import place, term_of

BINDING_VERSION: Final = "0.3.0"
"""Version of AsyncAPI's AMQP bindings."""

_Json = dict[str, Any]
_Messages = Sequence[type[Envelope]]


def asyncapi(*, partitions: int | None = None) -> _Json:
    """Return the AsyncAPI document.

    Args:
        partitions: How many partitions the province's hub has; absent: the document says that
            the service centre tells it.
    """
    return {
        "asyncapi": "3.0.0",
        "id": "urn:lienthong:asyncapi:1",
        "info": {
            "title": "Trục liên thông hồ sơ một cửa (lienthong)",
            "version": "1.0.0",
            "description": rules.OVERVIEW,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {"broker": _server()},
        "channels": _channels(partitions),
        "operations": _operations(),
        "components": {
            "securitySchemes": {
                "account": {
                    "type": "userPassword",
                    "description": "The agency's broker account: its slug, unless the directory"
                    " names another.",
                }
            },
            "messages": {
                place(message).key: _message(message)
                for message in (*classes(FromAgency), *classes(FromHub))
            },
        },
        "x-bus-partition": rules.PARTITION | ({"partitions": partitions} if partitions else {}),
        "x-bus-signature": rules.SIGNATURE,
        "x-bus-properties": rules.PROPERTIES,
        "x-bus-limits": rules.LIMITS,
        "x-bus-lane": rules.LANE,
        "x-bus-receipts": rules.RECEIPTS,
    }


def _server() -> _Json:
    return {
        "host": "{host}:{port}",
        "pathname": "/{vhost}",
        "protocol": "amqps",
        "protocolVersion": "0.9.1",
        "description": "RabbitMQ at the provincial service centre.",
        "variables": {
            "host": {"description": "Told by the service centre."},
            "port": {"description": "5671 with TLS.", "default": "5671"},
            "vhost": {"description": "Virtual host, told by the service centre."},
        },
        "security": [{"$ref": "#/components/securitySchemes/account"}],
    }


def _channels(partitions: int | None) -> _Json:
    slug = {
        "description": "The agency's code in lower case, dots turned into hyphens.",
        "examples": ["h63-140-05"],
    }
    number = "told by the service centre" if partitions is None else f"here {partitions}"
    partition = {
        "description": "Two digits, computed from the dossier code; see `x-bus-partition`."
        f" The number of partitions is {number}.",
        "examples": ["03"],
    }
    return {
        "dossier": _out(
            "{slug}.p{partition}",
            "What an agency says about a dossier, in order.",
            classes(DossierEvent),
            {"slug": slug, "partition": partition},
        ),
        "receipt": _out(
            "{slug}.receipt",
            "What an agency answers to deliveries.",
            classes(DeliveryReceipt),
            {"slug": slug},
        ),
        "control": _out(
            "{slug}.control",
            "That the agency's program is there.",
            (AdapterHeartbeatV1,),
            {"slug": slug},
        ),
        "queue": {
            "address": "agency.{slug}",
            "description": "Everything the hub sends to one agency. The queue is there already.",
            "messages": _links(classes(FromHub)),
            "parameters": {"slug": slug},
            "bindings": _amqp(
                {
                    "is": "queue",
                    "queue": {
                        "name": "agency.{slug}",
                        "durable": True,
                        "exclusive": False,
                        "autoDelete": False,
                    },
                }
            ),
        },
    }


def _out(address: str, description: str, messages: _Messages, parameters: _Json) -> _Json:
    return {
        "address": address,
        "description": description,
        "messages": _links(messages),
        "parameters": parameters,
        "bindings": _amqp(
            {
                "is": "routingKey",
                "exchange": {
                    "name": AGENCY_OUT,
                    "type": "topic",
                    "durable": True,
                    "autoDelete": False,
                },
            }
        ),
    }


def _operations() -> _Json:
    return {
        "tellOfDossier": _send("dossier", "Say what happened to a dossier.", classes(DossierEvent))
        | {
            "reply": {
                "channel": {"$ref": "#/channels/queue"},
                "messages": _references("queue", classes(Receipt)),
            }
        },
        "answerDelivery": _send("receipt", "Answer a delivery.", classes(DeliveryReceipt)),
        "sendHeartbeat": _send("control", "Say that the program is there.", (AdapterHeartbeatV1,)),
        "takeDelivery": _receive("Take what the hub hands over.", classes(Delivery)),
        "takeReceipt": _receive("Take the hub's answer to what was sent.", classes(Receipt)),
    }


def _send(channel: str, summary: str, messages: _Messages) -> _Json:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": summary,
        "messages": _references(channel, messages),
        "bindings": _amqp(
            {
                "userId": "{slug}",
                "deliveryMode": 2,
                "priority": 4,
                "mandatory": True,
                "timestamp": True,
            }
        ),
    }


def _receive(summary: str, messages: _Messages) -> _Json:
    return {
        "action": "receive",
        "channel": {"$ref": "#/channels/queue"},
        "summary": summary,
        "messages": _references("queue", messages),
        "bindings": _amqp({"ack": True}),
    }


def _message(message: type[Envelope]) -> _Json:
    where, term = place(message), term_of(message)
    return {
        "name": where.key,
        "title": term.vi,
        "summary": cleandoc(message.__doc__ or "").partition("\n")[0],
        "contentType": CONTENT_TYPE,
        "headers": {
            "type": "object",
            "required": ["jws"],
            "properties": {"jws": rules.JWS_HEADER},
        },
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {"$ref": where.file},
        },
        "correlationId": {
            "description": "Id of the submission; the whole of a dossier's exchange shares it.",
            "location": "$message.payload#/correlationid",
        },
        "bindings": _amqp({"contentEncoding": "utf-8", "messageType": type_name(message)}),
        "examples": [{"name": "example", "payload": example(message)}],
        "x-source": term.source,
    }


def _amqp(binding: _Json) -> _Json:
    return {"amqp": binding | {"bindingVersion": BINDING_VERSION}}


def _links(messages: _Messages) -> _Json:
    keys = [place(message).key for message in messages]
    return {key: {"$ref": f"#/components/messages/{key}"} for key in keys}


def _references(channel: str, messages: _Messages) -> list[_Json]:
    keys = [place(message).key for message in messages]
    return [{"$ref": f"#/channels/{channel}/messages/{key}"} for key in keys]
