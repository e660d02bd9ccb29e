"""Where the broker is and why it cannot be used: connection settings and pika's errors, translated.

No sentence made here holds a password.
"""

import re
from typing import Final

import pika
from pika import exceptions

from bus.errors import BrokerUnavailable, SettingInvalid

HEARTBEAT: Final = 30
BLOCKED_TIMEOUT: Final = 60
SOCKET_TIMEOUT: Final = 10
STACK_TIMEOUT: Final = 15

ACCESS_REFUSED: Final = 403
NOT_FOUND: Final = 404
PRECONDITION_FAILED: Final = 406

_AMQP: Final = re.compile(r"amqps?://[^/?#]")
_REMEDY: Final = (
    "the broker is not set up for this; an administrator runs `bus broker apply` "
    "(with --management for accounts and permissions)"
)


def parameters_of(url: str, *, name: str) -> pika.URLParameters:
    """Return how to connect.

    Args:
        url: `amqp(s)://account:password@host:port/vhost`.
        name: What the broker shows for this connection.

    Raises:
        SettingInvalid: The URL is none.
    """
    try:
        parameters = pika.URLParameters(url) if _AMQP.match(url) else None
    except ValueError:  # not chained: it would quote the URL with its password
        parameters = None
    if parameters is None:
        raise SettingInvalid(
            "the broker URL is no AMQP address; expected amqp://account:password@host:5672/vhost"
        )
    parameters.heartbeat = HEARTBEAT
    parameters.blocked_connection_timeout = BLOCKED_TIMEOUT
    parameters.socket_timeout = SOCKET_TIMEOUT
    parameters.stack_timeout = STACK_TIMEOUT
    parameters.connection_attempts = 1
    parameters.client_properties = {"connection_name": name}
    return parameters


def account_of(parameters: pika.connection.Parameters) -> str:
    """Return the account the connection is opened by."""
    credentials = parameters.credentials
    return str(credentials.username) if isinstance(credentials, pika.PlainCredentials) else ""


def place_of(parameters: pika.connection.Parameters) -> str:
    """Return the broker's address as people may read it."""
    return f"{parameters.host}:{parameters.port}, virtual host {parameters.virtual_host}"


def unavailable(
    error: BaseException | str, parameters: pika.connection.Parameters
) -> BrokerUnavailable:
    """Return pika's error as ours: what is wrong, where, what to do."""
    where, account = place_of(parameters), account_of(parameters)
    if isinstance(error, str):
        return BrokerUnavailable(f"the broker at {where}: {error}")
    if isinstance(error, exceptions.AuthenticationError | exceptions.ProbableAuthenticationError):
        return BrokerUnavailable(
            f"the broker at {where} refused the account {account}: "
            f"check the account and its password in the broker URL; {_REMEDY}"
        )
    if isinstance(error, exceptions.ProbableAccessDeniedError):
        return BrokerUnavailable(
            f"the broker at {where} let the account {account} not into the virtual host: {_REMEDY}"
        )
    if isinstance(error, exceptions.ChannelClosedByBroker | exceptions.ConnectionClosedByBroker):
        said = f"{error.reply_code} {error.reply_text}"
        configuration = error.reply_code in {ACCESS_REFUSED, NOT_FOUND, PRECONDITION_FAILED}
        advice = f"; {_REMEDY}" if configuration else ""
        return BrokerUnavailable(
            f"the broker at {where} closed on the account {account}: {said}{advice}"
        )
    return BrokerUnavailable(
        f"no connection to the broker at {where}: {_cause(error)}; it is tried again"
    )


def _cause(error: BaseException) -> str:
    """Return what lies at the bottom: pika wraps the socket's error several times."""
    inner = [each for each in error.args if isinstance(each, BaseException)]
    nested = getattr(error, "exceptions", None) or getattr(error, "exception", None)
    if isinstance(nested, list | tuple):
        inner.extend(each for each in nested if isinstance(each, BaseException))
    elif isinstance(nested, BaseException):
        inner.append(nested)
    if inner:
        return _cause(inner[-1])
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
