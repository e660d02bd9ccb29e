"""What an agency's program must do that AsyncAPI has no words for, as its `x-bus-*` extensions."""

from typing import Any, Final

from bus.schemas.envelope import CONTENT_TYPE, MAX_BODY_BYTES

OVERVIEW: Final = (
    "An agency publishes signed messages to one exchange and reads one queue. It keeps what it"
    " sent until the hub's receipt names its fate, and sends it again, byte for byte, while no"
    " receipt comes. It declares no exchange, queue or binding. `docs/integrating.md` tells it"
    " step by step."
)

PARTITION: Final[dict[str, Any]] = {
    "routingKey": "{slug}.p{partition}",
    "function": "SHA-256 of the dossier code's UTF-8 bytes; its first 8 bytes as an unsigned"
    " big-endian number; modulo the number of partitions; written with two digits",
    "example": {"dossier": "H63.140.05-250303-0001", "partitions": 4, "partition": "03"},
}

SIGNATURE: Final[dict[str, Any]] = {
    "header": "jws",
    "form": "detached JWS, RFC 7515 appendix F: compact serialization with an empty payload part",
    "signs": "the body's bytes exactly as published; the receiver verifies before it parses",
    "protectedHeader": {"alg": "ES256", "kid": "a key of the directory"},
    "algorithms": ["ES256", "Ed25519", "RS256"],
    "ignored": ["jwk", "jku", "x5u", "x5c"],
}

JWS_HEADER: Final[dict[str, Any]] = {
    "type": "string",
    "description": "Detached JWS over the body's bytes: header, two dots, signature.",
    "pattern": "^[A-Za-z0-9_-]+\\.\\.[A-Za-z0-9_-]+$",
}

PROPERTIES: Final[dict[str, Any]] = {
    "content_type": CONTENT_TYPE,
    "message_id": "the message's `id`",
    "type": "the message's `type`",
    "user_id": "the broker account; the broker refuses another",
    "app_id": "name of the sending program",
    "delivery_mode": 2,
    "priority": 4,
    "timestamp": "seconds since 1970",
}

LIMITS: Final[dict[str, Any]] = {
    "maxBodyBytes": MAX_BODY_BYTES,
    "text": "UTF-8, Unicode form NFC, in keys and values, also where written with escapes",
    "keys": "a key stands once in an object",
    "numbers": "whole numbers only, within 2^53 - 1",
}

LANE: Final[dict[str, Any]] = {
    "key": ["source", "subject"],
    "sequence": "1 for the first thing an agency says about a dossier, then one more each time;"
    " ten digits. The hub takes only the next one",
    "unnumbered": ["delivery.*", "adapter.heartbeat"],
}

RECEIPTS: Final[dict[str, Any]] = {
    "message.accepted": "the hub has it for good: forget it",
    "message.rejected": "it moved nothing and will never be taken: mend the content, send a new"
    " message with a new id. Where `uses_sequence` is true its place in the lane is used up",
    "message.expected": "an earlier one is missing: send again from `expected`, in order",
    "none": "send the same bytes again under the same id, waiting longer each time, at most an"
    " hour; the repeat gets the same receipt",
    "delivery.imported": "sent by the agency when its system has the delivery for good",
    "delivery.refused": "sent by the agency when its system says no: final",
    "delivery.failed": "sent by the agency when its system does not answer: the hub sends again",
    "repeat": "a delivery id seen before changes nothing and gets the same answer",
}
