"""RabbitMQ's management API, as much of it as applying and comparing a topology needs."""

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

from bus.broker.topology import Topology
from bus.errors import ActRefused, BrokerUnavailable, SettingInvalid

_TIMEOUT: Final = 15


class Management:
    """The API of one broker.

    Args:
        url: `http(s)://account:password@host:port`; the account must be an administrator.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise SettingInvalid(
                "địa chỉ API quản trị RabbitMQ không đúng dạng; cần http://account:password@host:15672"
                " / the management URL is no address of a broker's management API; expected that"
                " form"
            )
        port = f":{parts.port}" if parts.port else ""
        self._base = f"{parts.scheme}://{parts.hostname}{port}{parts.path.rstrip('/')}/api"
        login = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
        self._authorization = "Basic " + base64.b64encode(login.encode()).decode()

    def get(self, *path: str) -> Any:  # noqa: ANN401 - JSON of any shape
        """Return what the API answers."""
        return self._ask("GET", path, None)

    def put(self, *path: str, body: Mapping[str, Any] | None = None) -> None:
        """Create or replace one thing."""
        self._ask("PUT", path, body or {})

    def post(self, *path: str, body: Mapping[str, Any]) -> None:
        """Hand something over, such as definitions to import."""
        self._ask("POST", path, body)

    def delete(self, *path: str) -> None:
        """Delete one thing."""
        self._ask("DELETE", path, None)

    def definitions(self, vhost: str) -> dict[str, Any]:
        """Return what a virtual host holds, shaped as a definitions file."""
        return {
            **self.get("definitions", vhost),
            "permissions": self.get("vhosts", vhost, "permissions"),
            "topic_permissions": self.get("vhosts", vhost, "topic-permissions"),
        }

    def _ask(self, method: str, path: tuple[str, ...], body: Mapping[str, Any] | None) -> Any:  # noqa: ANN401
        where = "/".join(quote(part, safe="") for part in path)
        request = urllib.request.Request(  # noqa: S310 - the scheme was checked
            f"{self._base}/{where}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": self._authorization, "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
                text = answer.read()
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise self._refused(method, where, refusal) from refusal
        except OSError as gone:
            raise BrokerUnavailable(
                f"API quản trị RabbitMQ {self._base}: không trả lời ({type(gone).__name__}); hãy"
                " kiểm tra địa chỉ và chạy `rabbitmq-plugins enable rabbitmq_management` / no"
                " answer; check the address and that the plugin rabbitmq_management is enabled"
            ) from gone
        return json.loads(text) if text else None

    def _refused(self, method: str, where: str, refusal: urllib.error.HTTPError) -> ActRefused:
        said = refusal.read(300).decode(errors="replace")
        if refusal.code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            vi = "tài khoản phải có, đúng mật khẩu và là quản trị viên"
            en = "the account must be there, with its password, and be an administrator"
        elif "vhost_not_found" in said or refusal.code == HTTPStatus.NOT_FOUND:
            vi = "chưa có virtual host hoặc đối tượng này; hãy chạy `bus broker apply`"
            en = "this virtual host or object is not there yet; run `bus broker apply`"
        else:
            vi = en = said
        return ActRefused(
            f"API quản trị RabbitMQ từ chối {method} {where} ({refusal.code}): {vi}"
            f" / the management API refused it: {en}"
        )


def apply_permissions(
    management_url: str, topology: Topology, passwords: Mapping[str, str] | None = None
) -> int:
    """Set what every account of the topology may do, and return how many accounts were set.

    Args:
        management_url: Where an administrator reaches the management API.
        topology: Whose permissions are set; its virtual host is made where it is missing.
        passwords: Accounts to create, or to give a new password. None touches no account; the
            accounts must then be there already.
    """
    api = Management(management_url)
    vhost = topology.vhost
    api.put("vhosts", vhost)
    for account, password in (passwords or {}).items():
        api.put("users", account, body={"password": password, "tags": ""})
    for permission in topology.permissions:
        api.put(
            "permissions",
            vhost,
            permission.account,
            body=permission.model_dump(include={"configure", "write", "read"}),
        )
    for topic in topology.topic_permissions:
        api.put(
            "topic-permissions",
            vhost,
            topic.account,
            body=topic.model_dump(include={"exchange", "write", "read"}),
        )
    return len(topology.accounts)
