"""The tables of a configuration file that a hub and an edge share.

The words of each setting, in both languages, are those the sample files in `deploy/` carry and
those a wrong setting is reported with.
"""

from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import quote, urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    PrivateAttr,
    SecretStr,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from bus.schemas.base import term

_BROKERS: Final = ("amqp", "amqps", "memory")
_DATABASES: Final = ("postgresql", "postgresql+psycopg", "sqlite")


def says(en: str, vi: str, **limits: Any) -> Any:  # noqa: ANN401 -- a field of any type
    """Return a setting's field with its words in English and Vietnamese."""
    return term(en, vi=vi, source="lienthong", **limits)


class Part(BaseModel):
    """Base of every table: closed, frozen, and silent about values."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class _Address(Part):
    """A URL whose password may stand in a file of its own."""

    _full: str = PrivateAttr("")

    def _complete(
        self, url: SecretStr, password_file: Path | None, schemes: tuple[str, ...]
    ) -> None:
        plain = url.get_secret_value()
        parts = urlsplit(plain)
        if parts.scheme not in schemes:
            raise PydanticCustomError("url_scheme", "not a known kind of URL")
        if password_file is not None:
            try:
                password = password_file.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                raise PydanticCustomError("password_file", "the file cannot be read") from None
            user, sign, host = parts.netloc.rpartition("@")
            if not sign or ":" in user:
                raise PydanticCustomError("password_twice", "a user without password is needed")
            netloc = f"{user}:{quote(password, safe='')}@{host}"
            plain = parts._replace(netloc=netloc).geturl()
        self._full = plain

    @property
    def address(self) -> str:
        """The URL with its password: for connecting, never for showing."""
        return self._full


class Broker(_Address):
    """Where RabbitMQ is."""

    url: SecretStr = says(
        "URL of the broker with user and virtual host: amqp://user@host:5672/vhost.",
        "Địa chỉ RabbitMQ kèm tài khoản và vhost: amqp://user@host:5672/vhost.",
    )
    password_file: Path | None = says(
        "File that holds the password, if the URL holds none.",
        "Tệp chứa mật khẩu, nếu địa chỉ không chứa mật khẩu.",
        default=None,
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        self._complete(self.url, self.password_file, _BROKERS)
        return self


class HubBroker(Broker):
    """Where RabbitMQ is, and how the hub uses it."""

    management_url: SecretStr | None = says(
        "URL of the management API, for `bus broker`: http://user:password@host:15672.",
        "Địa chỉ API quản trị, dùng cho `bus broker`: http://user:password@host:15672.",
        default=None,
    )
    prefetch: int = says(
        "Messages fetched ahead, 1 to 10000; at least the batch.",
        "Số thông điệp lấy trước, 1 đến 10000; không nhỏ hơn batch.",
        default=400,
        ge=1,
        le=10_000,
    )


class Database(_Address):
    """Where the node's state is."""

    url: SecretStr = says(
        "URL of the database: postgresql+psycopg://user@host/name or sqlite:///file.",
        "Địa chỉ cơ sở dữ liệu: postgresql+psycopg://user@host/name hoặc sqlite:///tệp.",
    )
    password_file: Path | None = says(
        "File that holds the password, if the URL holds none.",
        "Tệp chứa mật khẩu, nếu địa chỉ không chứa mật khẩu.",
        default=None,
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        self._complete(self.url, self.password_file, _DATABASES)
        return self


class EdgeDatabase(Database):
    """Where an edge's state is: a file beside it, unless said otherwise."""

    url: SecretStr = says(
        "URL of the database; a SQLite file in the state folder by default.",
        "Địa chỉ cơ sở dữ liệu; mặc định là một tệp SQLite trong thư mục trạng thái.",
        default=SecretStr("sqlite:////var/lib/lienthong/edge.sqlite3"),
        validate_default=True,
    )


class HealthPart(Part):
    """Where the node says how it is doing."""

    listen: Annotated[str, StringConstraints(pattern=r"^(\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$")] = (
        says(
            "Address and port of /livez and /readyz; port 0 takes a free one.",
            "Địa chỉ và cổng của /livez và /readyz; cổng 0 là cổng trống bất kỳ.",
            default="127.0.0.1:9180",
        )
    )

    @property
    def host(self) -> str:
        """The address to listen on."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port to listen on."""
        return int(self.listen.rpartition(":")[2])


class LogPart(Part):
    """How log lines look."""

    format: Literal["console", "json"] = says(
        'Form of a log line: "console" for people, "json" for machines.',
        "Dạng dòng nhật ký: “console” cho người đọc, “json” cho máy.",
        default="console",
    )
    level: Literal["debug", "info", "warning", "error"] = says(
        'Least level that is written: "debug", "info", "warning" or "error".',
        "Mức thấp nhất được ghi: “debug”, “info”, “warning” hoặc “error”.",
        default="info",
    )


class ClockPart(Part):
    """What the node takes for now."""

    shift_days: int = says(
        "Days the clock is moved; for rehearsals only, 0 in service.",
        "Số ngày dịch đồng hồ; chỉ dùng khi diễn tập, vận hành thật là 0.",
        default=0,
        ge=-36_500,
        le=36_500,
    )
