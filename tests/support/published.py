"""The sample province as a test publishes it: with new keys, whole or one district of it."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from bus.crypto.jws import KeySigner
from bus.crypto.keys import new_key, write_private
from bus.ids import Account, AgencyCode, AreaCode, KeyId
from bus.schemas.base import Level
from bus.schemas.directory import AgencyEntry, KeyAlgorithm, Role, SigningKey
from bus.schemas.province import Province
from tests.support.walking import GIA_HOI, MONDAY, yen_bai

PARTITIONS: Final = 4
VAN_CHAN: Final = AreaCode("140")
_COMMUNES: Final = 3


@dataclass
class Published:
    """The sample province with keys, as it is published for a test."""

    province: Province
    signers: dict[AgencyCode, KeySigner]
    pems: dict[AgencyCode, bytes]
    kids: dict[AgencyCode, KeyId]
    hub: AgencyCode

    @property
    def edges(self) -> tuple[AgencyCode, ...]:
        """Everybody but the hub."""
        return tuple(one.code for one in self.province.directory.agencies if one.code != self.hub)

    def write_key(self, agency: AgencyCode, folder: Path) -> Path:
        """Write an agency's private key as `bus key new` does; return the file."""
        file = folder / f"{self.kids[agency]}.pem"
        if not file.exists():
            write_private(file, self.pems[agency])
        return file


def with_keys(
    account: str | None, *, hub_account: str | None = None, small: bool = False
) -> Published:
    """Give every agency a key, and one broker account unless None.

    Args:
        account: The account of all of them.
        hub_account: The hub's, where it has one of its own.
        small: Keep the province's own agencies, one district's, and three of its communes'.
    """
    agencies = yen_bai().province.directory.agencies
    if small:
        agencies = _around_van_chan(agencies)
    signers: dict[AgencyCode, KeySigner] = {}
    pems: dict[AgencyCode, bytes] = {}
    kids: dict[AgencyCode, KeyId] = {}
    public: list[SigningKey] = []
    for entry in agencies:
        key, pem = new_key(entry.code, KeyAlgorithm.ES256, MONDAY - timedelta(days=30), 3650)
        signers[entry.code] = KeySigner(key.kid, pem, key.algorithm)
        pems[entry.code], kids[entry.code] = pem, key.kid
        public.append(key)
    hub = next(entry.code for entry in agencies if Role.HUB in entry.roles)
    if account is not None:
        names = {hub: hub_account or account}
        agencies = tuple(
            entry.model_copy(update={"account": Account(names.get(entry.code, account))})
            for entry in agencies
        )
    directory = yen_bai().province.directory.model_copy(
        update={"agencies": agencies, "keys": tuple(public)}
    )
    province = yen_bai().province.model_copy(update={"directory": directory})
    return Published(province, signers, pems, kids, hub)


def _around_van_chan(agencies: tuple[AgencyEntry, ...]) -> tuple[AgencyEntry, ...]:
    communes = sorted(
        {
            entry.area
            for entry in agencies
            if entry.level is Level.COMMUNE
            and yen_bai().directory.places.covers(VAN_CHAN, entry.area, MONDAY.date())
        }
        - {GIA_HOI}
    )
    areas = {VAN_CHAN, GIA_HOI, *communes[: _COMMUNES - 1]}
    return tuple(
        entry for entry in agencies if entry.level is Level.PROVINCE or entry.area in areas
    )
