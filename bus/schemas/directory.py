"""The directory of a province: administrative units, agencies and their signing keys, with dates.

The map of agencies is data: when a level of government ends on a day, rows end on that day.
"""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from bus.ids import OLD_AGENCY_PATTERN, Account, AgencyCode, KeyId, slug
from bus.schemas.base import Agency, Area, Level, Name, WireModel


class Role(StrEnum):
    """What an agency does in linked procedures."""

    HUB = "hub"
    ONE_STOP_UNIT = "one_stop_unit"
    SERVICE_CENTRE = "service_centre"
    PEOPLE_COMMITTEE = "people_committee"
    PEOPLE_COMMITTEE_OFFICE = "people_committee_office"
    COMMUNE_POLICE = "commune_police"
    LABOUR_OFFICE = "labour_office"
    SOCIAL_INSURANCE = "social_insurance"
    LAND_REGISTRATION = "land_registration"
    TAX = "tax"
    FINANCE_PLANNING = "finance_planning"
    HOME_AFFAIRS = "home_affairs"
    CONSTRUCTION = "construction"
    FINANCE = "finance"
    LABOUR = "labour"
    SOCIAL_FACILITY = "social_facility"
    HEALTH = "health"
    JUSTICE = "justice"
    LAND_ENVIRONMENT = "land_environment"


class Validity(WireModel):
    """Since when and until when, both days included; open where absent."""

    valid_from: date = Field(description="First day.")
    valid_to: date | None = Field(default=None, description="Last day; absent while it lasts.")

    def covers(self, day: date) -> bool:
        """Say whether the day lies inside."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Unit(Validity):
    """An administrative unit (đơn vị hành chính) by its statistical code."""

    code: Area = Field(description="Code of the General Statistics Office.")
    name: Name = Field(description="Name with its kind: Xã Gia Hội.")
    level: Level = Field(description="province, district or commune.")
    parent: Area | None = Field(default=None, description="Unit it lies in.")


class Extent(StrEnum):
    """How much of an old unit went into a new one (nhập toàn bộ, nhập một phần)."""

    WHOLE = "whole"
    PART = "part"


class Succession(WireModel):
    """A unit that has become, wholly or in part, another one.

    A divided unit has a row for each of its parts; each names the part that is usually meant.
    The old unit need not be listed: a province that was merged brings its own.
    """

    old: Area = Field(description="Unit that ended.")
    new: Area = Field(description="Unit it went into.")
    since: date = Field(description="First day of the new unit.")
    extent: Extent = Field(description="whole, or part where the old unit was divided.")
    default_when_part: Area | None = Field(
        default=None, description="Where it was divided: the new unit that is proposed."
    )


class AgencyEntry(Validity):
    """An agency: what it does, for which area, under which codes, since when."""

    code: Agency = Field(description="Identifier, left-to-right form (Decision 20/2020/QĐ-TTg).")
    aliases: tuple[
        Annotated[str, StringConstraints(pattern=f"{OLD_AGENCY_PATTERN}|^[A-Y][0-9A-Z.]+$")], ...
    ] = Field(default=(), description="Other codes of the same agency, old form or earlier.")
    name: Name = Field(description="Name in Vietnamese.")
    level: Level = Field(description="Level it acts at.")
    roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    area: Area = Field(description="Administrative unit it is competent for.")
    serves: tuple[Area, ...] = Field(
        default=(), description="Units it is competent for instead, where they are several."
    )
    successor: Agency | None = Field(
        default=None, description="Who takes over open steps when it ends."
    )
    successor_level: Level | None = Field(
        default=None,
        description="Where nobody takes over all: the level whose agency of the same role does, in"
        " the area of the dossier.",
    )
    account: Account | None = Field(
        default=None, description="Broker account of its node; absent: its own slug."
    )

    @property
    def areas(self) -> tuple[Area, ...]:
        """The units it is competent for."""
        return self.serves or (self.area,)

    @property
    def broker_account(self) -> Account:
        """The broker account this agency's messages come from."""
        return self.account or Account(slug(self.code))


class KeyAlgorithm(StrEnum):
    """Signature algorithms a key may be for."""

    ES256 = "ES256"
    ED25519 = "Ed25519"
    RS256 = "RS256"


class SigningKey(WireModel):
    """A public key of an agency. Past keys stay: receipts must verify years later."""

    kid: Annotated[KeyId, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")] = Field(
        description="Key id, unique in the directory."
    )
    agency: Agency = Field(description="Whose key.")
    algorithm: KeyAlgorithm = Field(description="The one algorithm it is for.")
    jwk: dict[str, str] = Field(description="Public key, RFC 7517; never a private part.")
    valid_from: AwareDatetime = Field(description="Signatures count from here.")
    valid_to: AwareDatetime | None = Field(default=None, description="Signatures count until here.")

    def covers(self, moment: datetime) -> bool:
        """Say whether the key counts at that moment."""
        return self.valid_from <= moment and (self.valid_to is None or moment <= self.valid_to)

    @model_validator(mode="after")
    def _public_only(self) -> Self:
        if {"d", "p", "q", "dp", "dq", "qi", "k"} & set(self.jwk):
            raise ValueError("the JWK holds a private part; publish the public key only")
        return self


class DirectoryTable(WireModel):
    """Units, agencies and keys of one version of the directory."""

    units: tuple[Unit, ...]
    agencies: tuple[AgencyEntry, ...]
    keys: tuple[SigningKey, ...] = ()
    succession: tuple[Succession, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        units = {unit.code for unit in self.units}
        codes = {entry.code for entry in self.agencies}
        _succeed(self.succession, units)
        for unit in self.units:
            if unit.parent is not None and unit.parent not in units:
                raise ValueError(f"unit {unit.code}: its parent {unit.parent} is not listed")
        for entry in self.agencies:
            for area in (entry.area, *entry.serves):
                if area not in units:
                    raise ValueError(f"agency {entry.code}: its area {area} is not listed")
            if entry.successor is not None and entry.successor not in codes:
                raise ValueError(f"agency {entry.code}: successor {entry.successor} is not listed")
        for key in self.keys:
            if key.agency not in codes:
                raise ValueError(f"key {key.kid}: agency {key.agency} is not listed")
        _only_once("agency code", [entry.code for entry in self.agencies])
        _only_once("alias", [alias for entry in self.agencies for alias in entry.aliases])
        _only_once("slug", [slug(AgencyCode(entry.code)) for entry in self.agencies])
        _only_once("key id", [key.kid for key in self.keys])
        _only_once("unit", [f"{unit.code} since {unit.valid_from}" for unit in self.units])
        return self


def _succeed(rows: tuple[Succession, ...], units: set[Area]) -> None:
    """Refuse a succession that leads nowhere, or says of one unit both whole and divided."""
    after: dict[Area, set[Area]] = {}
    for row in rows:
        after.setdefault(row.old, set()).add(row.new)
    for row in rows:
        if row.new not in units:
            raise ValueError(f"unit {row.old}: what it went into, {row.new}, is not listed")
        divided = row.extent is Extent.PART
        if not divided and after[row.old] != {row.new}:
            raise ValueError(f"unit {row.old}: it went whole into {row.new}, and into others too")
        if divided and row.default_when_part not in after[row.old]:
            raise ValueError(f"unit {row.old} was divided; default_when_part is one of its parts")


def _only_once(what: str, values: Iterable[Any]) -> None:
    seen: set[Any] = set()
    for value in values:
        if value in seen:
            raise ValueError(f"{what} {value} stands twice")
        seen.add(value)
