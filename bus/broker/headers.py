"""The properties and headers a message goes out with, and what is read of them."""

from collections.abc import Mapping
from typing import Final, Literal, TypedDict

from bus.ports import Outgoing
from bus.schemas.envelope import CONTENT_TYPE

APP_ID: Final = "lienthong"
JWS: Final = "jws"
"""Header of the detached signature."""
PERSISTENT: Final = 2
PRIORITY: Final = 4
"""Always said: a message without one sinks or rises depending on RabbitMQ's version."""


class Properties(TypedDict):
    """AMQP properties of a message, by their AMQP names."""

    content_type: str
    headers: dict[str, str]
    delivery_mode: Literal[2]
    priority: int
    message_id: str
    timestamp: int
    type: str
    user_id: str
    app_id: str


def properties_of(message: Outgoing, *, account: str) -> Properties:
    """Return the properties a message goes out with, published by that account.

    Headers are text only: other types are encoded differently by different AMQP libraries.
    """
    return Properties(
        content_type=CONTENT_TYPE,
        headers={JWS: message.jws},
        delivery_mode=PERSISTENT,
        priority=PRIORITY,
        message_id=message.message_id,
        timestamp=int(message.timestamp.timestamp()),
        type=message.type,
        user_id=account,
        app_id=APP_ID,
    )


def jws_of(headers: Mapping[str, object] | None) -> str | None:
    """Return the signature among received headers, None where there is none or it is no text."""
    value = (headers or {}).get(JWS)
    return value if isinstance(value, str) else None


def text_of(name: str | bytes | None) -> str | None:
    """Return a short text as received; pika gives bytes where a sender's is not UTF-8."""
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else name
