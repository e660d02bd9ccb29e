"""Where the broker is and why it cannot be used: connection settings and pika's errors, translated.

No sentence made here holds a password.
"""

import re
from typing import Final
from urllib.parse import parse_qs, urlsplit

import pika
from pika import exceptions

from bus.errors import BrokerUnavailable, SettingInvalid

HEARTBEAT: Final = 30
SOCKET_TIMEOUT: Final = 10
STACK_TIMEOUT: Final = 15

ACCESS_REFUSED: Final = 403
NOT_FOUND: Final = 404
PRECONDITION_FAILED: Final = 406

_AMQP: Final = re.compile(r"amqps?://[^/?#]")
_REMEDY_VI: Final = (
    "RabbitMQ chưa được thiết lập cho việc này; quản trị viên hãy chạy `bus broker apply`"
    " (kèm --management để tạo tài khoản và quyền)"
)
_REMEDY: Final = (
    "the broker is not set up for this; an administrator runs `bus broker apply` "
    "(with --management for accounts and permissions)"
)


def parameters_of(url: str, *, name: str) -> pika.URLParameters:
    """Return how to connect.

    Args:
        url: `amqp(s)://account:password@host:port/vhost`, with `?heartbeat=SECONDS` where a dead
            line must be noticed in another time than half a minute.
        name: What the broker shows for this connection.

    Raises:
        SettingInvalid: The URL is none.
    """
    try:
        parameters = pika.URLParameters(url) if _AMQP.match(url) else None
    except (ValueError, TypeError):  # not chained: it would quote the URL with its password
        parameters = None
    if parameters is None:
        raise SettingInvalid(
            "địa chỉ RabbitMQ không đúng dạng; cần amqp://account:password@host:5672/vhost"
            " / the broker URL is no AMQP address; expected that form"
        )
    if "heartbeat" not in parse_qs(urlsplit(url).query):
        parameters.heartbeat = HEARTBEAT
    parameters.socket_timeout = SOCKET_TIMEOUT
    parameters.stack_timeout = STACK_TIMEOUT
    parameters.connection_attempts = 1
    parameters.client_properties = {"connection_name": name}
    return parameters


def patience_of(parameters: pika.connection.Parameters) -> float:
    """Return how many seconds a dead line may go unnoticed: the heartbeat, ours where it is off."""
    asked = parameters.heartbeat
    return float(asked) if isinstance(asked, int) and asked > 0 else float(HEARTBEAT)


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
        return BrokerUnavailable(f"RabbitMQ {where}: {error}")
    if isinstance(error, exceptions.AuthenticationError | exceptions.ProbableAuthenticationError):
        return BrokerUnavailable(
            f"RabbitMQ {where}: không nhận tài khoản {account}; hãy kiểm tra tên và mật khẩu trong"
            f" địa chỉ RabbitMQ / it refused the account {account}; check its name and password in"
            " the broker URL"
        )
    if isinstance(error, exceptions.ProbableAccessDeniedError):
        return BrokerUnavailable(
            f"RabbitMQ {where}: tài khoản {account} không được vào virtual host này, hoặc nó không"
            f" có; {_REMEDY_VI} / it let the account {account} not into the virtual host, or there"
            f" is none; {_REMEDY}"
        )
    if isinstance(error, exceptions.ChannelClosedByBroker | exceptions.ConnectionClosedByBroker):
        said = f"{error.reply_code} {error.reply_text}"
        configuration = error.reply_code in {ACCESS_REFUSED, NOT_FOUND, PRECONDITION_FAILED}
        vi, en = _advice(error.reply_code, error.reply_text, account) if configuration else ("", "")
        return BrokerUnavailable(
            f"RabbitMQ {where}: đóng kết nối của tài khoản {account} ({said}){vi}"
            f" / it closed on the account {account}{en}"
        )
    return BrokerUnavailable(
        f"RabbitMQ {where}: không kết nối được ({_cause(error)}); nút đang chạy sẽ tự thử lại"
        " / no connection; a running node tries again by itself"
    )


def blocked(reason: str, parameters: pika.connection.Parameters) -> BrokerUnavailable:
    """Return why nothing can be published: the broker is short of memory or disk."""
    return BrokerUnavailable(
        f"RabbitMQ {place_of(parameters)}: đang chặn mọi bên gửi ({reason}); hãy giải phóng bộ nhớ"
        " hoặc đĩa của RabbitMQ, sau đó mọi thứ tự chạy tiếp / it blocks everybody who publishes;"
        " make room in its memory or on its disk, and all goes on by itself"
    )


def _advice(code: int, text: str, account: str) -> tuple[str, str]:
    """Return what to do about a fault of configuration, in Vietnamese and English."""
    queue = "".join(re.findall(r"queue 'agency\.([a-z0-9-]+)'", text))
    if code == ACCESS_REFUSED and queue and queue != account:
        vi = (
            f"; tài khoản {account} không được đọc hàng đợi của {queue}: hãy sửa `code` của cơ quan"
            f" hoặc tài khoản trong địa chỉ RabbitMQ; nếu cả hai đều đúng thì {_REMEDY_VI}"
        )
        en = (
            f"; the account {account} may not read the queue of {queue}: correct the agency's"
            f" `code` or the account in the broker URL; where both are right, {_REMEDY}"
        )
        return vi, en
    return f"; {_REMEDY_VI}", f"; {_REMEDY}"


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
