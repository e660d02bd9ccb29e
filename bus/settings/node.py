"""What can be configured on a hub and on an edge."""

from datetime import timedelta
from pathlib import Path
from typing import Final, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bus.adapters.file_drop.options import FileDropOptions
from bus.routing.retry import RetryPolicy
from bus.schemas.base import Agency
from bus.settings.parts import (
    Broker,
    ClockPart,
    Database,
    EdgeDatabase,
    HealthPart,
    HubBroker,
    LogPart,
    Part,
    says,
)

PREFIX: Final = "BUS_"
DELIMITER: Final = "__"

AdapterOptions = FileDropOptions
"""Every kind of adapter; becomes a union discriminated by `kind` with the second kind."""


class RetryPart(Part):
    """When a failed hand-off is tried again."""

    first_seconds: float = says(
        "Seconds until the first retry, more than 0, at most 3600.",
        "Số giây chờ trước lần thử lại đầu tiên, lớn hơn 0, tối đa 3600.",
        default=5.0,
        gt=0,
        le=3600,
    )
    cap_seconds: float = says(
        "Longest wait between two tries, in seconds, 1 to 86400.",
        "Thời gian chờ dài nhất giữa hai lần thử, tính bằng giây, 1 đến 86400.",
        default=3600.0,
        ge=1,
        le=86_400,
    )
    answer_seconds: float = says(
        "Seconds to wait for an agency's receipt before sending again, 1 to 86400.",
        "Số giây chờ hồi báo của cơ quan trước khi gửi lại, 1 đến 86400.",
        default=60.0,
        ge=1,
        le=86_400,
    )
    probe_after: int = says(
        "Failures in a row after which an agency gets one hand-off at a time, 2 to 1000.",
        "Số lần lỗi liên tiếp thì mỗi lần chỉ giao thử một hồ sơ cho cơ quan đó, 2 đến 1000.",
        default=5,
        ge=2,
        le=1000,
    )
    pace: int = says(
        "Most hand-offs sent again to one agency in a second, 1 to 10000.",
        "Số lần giao lại nhiều nhất cho một cơ quan trong một giây, 1 đến 10000.",
        default=100,
        ge=1,
        le=10_000,
    )
    silent_seconds: float = says(
        "Seconds without a word after which an adapter counts as silent, 10 to 86400.",
        "Số giây không có tin thì coi bộ kết nối là im lặng, 10 đến 86400.",
        default=120.0,
        ge=10,
        le=86_400,
    )
    alarm_minutes: int = says(
        "Minutes of working time left at which a hand-off raises an alarm, 1 to 10000.",
        "Số phút làm việc còn lại thì báo động một lần giao chưa đến nơi, 1 đến 10000.",
        default=450,
        ge=1,
        le=10_000,
    )
    alarm_failures: int = says(
        "Failures of one hand-off after which it raises an alarm, 2 to 1000.",
        "Số lần lỗi của một lần giao thì báo động, 2 đến 1000.",
        default=12,
        ge=2,
        le=1000,
    )

    @property
    def policy(self) -> RetryPolicy:
        """The same as the workers use it."""
        return RetryPolicy(
            first=timedelta(seconds=self.first_seconds),
            cap=timedelta(seconds=self.cap_seconds),
            answer=timedelta(seconds=self.answer_seconds),
            probe_after=self.probe_after,
            pace=self.pace,
            silent=timedelta(seconds=self.silent_seconds),
            alarm_minutes=self.alarm_minutes,
            alarm_failures=self.alarm_failures,
        )


_PARTITIONS_EN: Final = "Number of ordered lanes, 1 to 100; the same in the whole province."
_PARTITIONS_VI: Final = "Số phân vùng, 1 đến 100; phải giống nhau trong toàn tỉnh."
_KID_EN: Final = "Id of the key in the directory; the key file's name by default."
_KID_VI: Final = "Mã khoá trong danh bạ; mặc định là tên tệp khoá."


class HubPart(Part):
    """The hub itself."""

    agency: Agency = says("Code of the agency that runs the hub.", "Mã cơ quan vận hành trục.")
    key_file: Path = says(
        "Private key the hub signs with, as `bus key new` wrote it.",
        "Khoá riêng dùng để ký, do `bus key new` tạo.",
    )
    kid: str | None = says(_KID_EN, _KID_VI, default=None)
    partitions: int = says(_PARTITIONS_EN, _PARTITIONS_VI, default=16, ge=1, le=100)
    batch: int = says(
        "Messages admitted in one transaction at most, 1 to 5000; 4 MiB end it sooner.",
        "Số thông điệp tối đa trong một giao dịch, 1 đến 5000; đủ 4 MiB thì dừng sớm hơn.",
        default=200,
        ge=1,
        le=5000,
    )


class EdgeHubPart(Part):
    """What an edge knows of the hub: where its public keys are."""

    agency: Agency = says("Code of the agency that runs the hub.", "Mã cơ quan vận hành trục.")
    key: Path | None = says(
        "File with the hub's public key; either this or `province`.",
        "Tệp khoá công khai của trục; khai báo mục này hoặc `province`.",
        default=None,
    )
    province: Path | None = says(
        "Folder of the province's directory to take the hub's keys from.",
        "Thư mục danh bạ của tỉnh để lấy khoá của trục.",
        default=None,
    )
    partitions: int = says(_PARTITIONS_EN, _PARTITIONS_VI, default=16, ge=1, le=100)

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.key is None) == (self.province is None):
            raise PydanticCustomError("one_of_two", "either key or province")
        return self


class AgencyPart(Part):
    """One agency an edge serves."""

    code: Agency = says("Code of the agency.", "Mã định danh cơ quan.")
    key_file: Path = says(
        "Private key the agency signs with, as `bus key new` wrote it.",
        "Khoá riêng cơ quan dùng để ký, do `bus key new` tạo.",
    )
    kid: str | None = says(_KID_EN, _KID_VI, default=None)
    adapter: AdapterOptions = says(
        "How the agency's system is reached; `kind` says which adapter.",
        "Cách kết nối phần mềm của cơ quan; `kind` là loại bộ kết nối.",
    )


class RelayPart(Part):
    """How an edge sends."""

    window: int = says(
        "Messages that may be without an answer at once, 1 to 10000.",
        "Số thông điệp được phép chưa có hồi báo cùng lúc, 1 đến 10000.",
        default=256,
        ge=1,
        le=10_000,
    )
    answer_seconds: float = says(
        "Seconds to wait for the hub's receipt before sending again, 1 to 86400.",
        "Số giây chờ hồi báo của trục trước khi gửi lại, 1 đến 86400.",
        default=30.0,
        ge=1,
        le=86_400,
    )
    cap_seconds: float = says(
        "Longest wait between two sendings, in seconds, 1 to 86400.",
        "Thời gian chờ dài nhất giữa hai lần gửi, tính bằng giây, 1 đến 86400.",
        default=3600.0,
        ge=1,
        le=86_400,
    )


class Node(BaseSettings):
    """What both kinds of node have; takes what `loading` collected and reads nothing itself."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        env_prefix=PREFIX,
        env_nested_delimiter=DELIMITER,
    )

    health: HealthPart = HealthPart()
    log: LogPart = LogPart()
    clock: ClockPart = ClockPart()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 -- the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what is handed in only."""
        return (init_settings,)


class HubSettings(Node):
    """Configuration of a hub node."""

    broker: HubBroker
    database: Database
    hub: HubPart
    retry: RetryPart = RetryPart()


class EdgeSettings(Node):
    """Configuration of an edge node, which serves one agency or several."""

    heartbeat_seconds: float = says(
        "Seconds between two heartbeats, 1 to 3600.",
        "Số giây giữa hai nhịp báo còn hoạt động, 1 đến 3600.",
        default=30.0,
        ge=1,
        le=3600,
    )
    broker: Broker
    database: EdgeDatabase = EdgeDatabase()
    hub: EdgeHubPart
    agency: tuple[AgencyPart, ...] = Field(min_length=1)
    relay: RelayPart = RelayPart()
