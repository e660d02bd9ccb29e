"""What `bus broker` applies, shows and compares: put together from options and configuration."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import typer

from bus.broker.address import parameters_of
from bus.broker.management import Management
from bus.broker.topology import Topology, topology_of
from bus.cli.hub_database import hub_database
from bus.cli.options import config_file
from bus.errors import SettingInvalid
from bus.schemas.directory import AgencyEntry
from bus.settings import HubSettings, load_hub
from bus.storage.province import load_province

_PARTITIONS: Final = 16


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be there, and where."""

    topology: Topology
    url: str | None
    management: str | None

    def address(self) -> str:
        """Return the broker's URL; wrong usage where there is none."""
        if self.url is None:
            raise typer.BadParameter("cần --url hoặc --config / --url or --config is needed")
        return self.url


def target_of(
    config: Path | None,
    province: Path | None,
    url: str | None,
    partitions: int | None,
    management: str | None,
) -> Target:
    """Put together what options say with what a configuration says; options win."""
    settings = _settings(config, province, url)
    address, number = url, partitions or _PARTITIONS
    if settings is not None:
        address = url or settings.broker.address
        number = partitions or settings.hub.partitions
        configured = settings.broker.management_url
        if management is None and configured is not None:
            management = configured.get_secret_value()
    agencies = _agencies(config, province)
    if address is None:
        return Target(topology_of(agencies, number), None, management)
    vhost = parameters_of(address, name="bus broker").virtual_host
    return Target(topology_of(agencies, number, vhost), address, management)


def _settings(config: Path | None, province: Path | None, url: str | None) -> HubSettings | None:
    """Read the configuration where options leave something open; None where there is none."""
    file = config_file(config)
    whole = province is not None and (url is not None or file is None)
    return None if config is None and whole else load_hub(file)


def _agencies(config: Path | None, province: Path | None) -> tuple[AgencyEntry, ...]:
    if province is not None:
        return load_province(province).directory.agencies
    with hub_database(config) as hub:
        return hub.catalogues.newest().province.directory.agencies


def passwords_in(file: Path | None) -> dict[str, str]:
    """Return the accounts to create and their passwords.

    Raises:
        SettingInvalid: The file is not a TOML file of accounts and passwords.
    """
    if file is None:
        return {}
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingInvalid(
            f"{file}: không đọc được tệp mật khẩu ({error.strerror}); hãy kiểm tra đường dẫn và"
            f" quyền đọc / the passwords file cannot be read ({error.strerror}); check its path and"
            " rights"
        ) from error
    except ValueError:  # not chained: it could quote a password
        given = {"": None}
    if not all(isinstance(password, str) and password for password in given.values()):
        raise SettingInvalid(
            f'{file}: cần tệp TOML gồm các dòng tài_khoản = "mật khẩu"'
            f' / expected a TOML file of lines account = "password"'
        )
    return given


def require_known(topology: Topology, accounts: Iterable[str]) -> None:
    """Refuse to create an account that belongs to no agency: its password would open nothing.

    Raises:
        SettingInvalid: An account is none of the directory's.
    """
    known = sorted({one.account for one in topology.permissions})
    for account in accounts:
        if account in known:
            continue
        near = get_close_matches(account, known, n=1)
        vi = f"; có phải “{near[0]}”?" if near else ""
        en = f"; is “{near[0]}” meant?" if near else ""
        raise SettingInvalid(
            f"--passwords: danh bạ không có cơ quan nào dùng tài khoản {account}{vi} Chưa tạo gì."
            f" / --passwords: no agency of the directory has the account {account}{en} Nothing was"
            " created."
        )


def with_accounts(
    topology: Topology, management: str, new: Mapping[str, str]
) -> tuple[Topology, int]:
    """Leave out permissions of accounts that are not there: an agency comes when it is ready."""
    there = {user["name"] for user in Management(management).get("users")} | new.keys()
    permissions = tuple(one for one in topology.permissions if one.account in there)
    topics = tuple(one for one in topology.topic_permissions if one.account in there)
    trimmed = topology.model_copy(update={"permissions": permissions, "topic_permissions": topics})
    return trimmed, len(topology.permissions) - len(permissions)
