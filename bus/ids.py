"""The ids of the domain as types, and the pure functions that make and read them."""

import hashlib
import re
from typing import Final, NewType
from uuid import UUID

AgencyCode = NewType("AgencyCode", str)
"""Mã định danh cơ quan, new left-to-right form (Decision 20/2020/QĐ-TTg): `H63.140.05`."""

Slug = NewType("Slug", str)
"""An agency code as a word of a routing key and as a broker account: `h63-140-05`."""

AreaCode = NewType("AreaCode", str)
"""Code of an administrative unit in the General Statistics Office's list: `04636`."""

ProcedureCode = NewType("ProcedureCode", str)
"""Mã thủ tục hành chính: `2.000286`. Opaque; its first digit carries no meaning."""

DossierCode = NewType("DossierCode", str)
"""Mã số hồ sơ (Decree 61/2018 art. 26): `H63.140.05-250303-0001`."""

StepId = NewType("StepId", str)
"""Name of a step inside its route: `district_appraise`."""

KeyId = NewType("KeyId", str)
"""`kid` of a signing key in the directory."""

Partition = NewType("Partition", int)
"""Number of the ordered lane group a dossier belongs to, 0 … partitions - 1."""

Account = NewType("Account", str)
"""Name the broker authenticated: AMQP `user_id`."""

AGENCY_PATTERN: Final = r"^[A-Y][0-9]{2}(\.[0-9A-Z]{1,6}){0,7}$"
OLD_AGENCY_PATTERN: Final = r"^[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Y][0-9]{2}$"
AREA_PATTERN: Final = r"^[0-9]{2,5}$"
PROCEDURE_PATTERN: Final = r"^[0-9]\.[0-9]{6}$"
STEP_PATTERN: Final = r"^[a-z][a-z0-9_]{1,39}$"
DOSSIER_PATTERN: Final = (
    r"^([0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Y][0-9]{2}|[A-Y][0-9]{2}(\.[0-9A-Z]{1,6}){0,7})"
    r"-[0-9]{6}-[0-9]{4,7}$"
)

_OLD_AGENCY = re.compile(OLD_AGENCY_PATTERN)
_RECEIPT_NAMESPACE: Final = b"lienthong/receipt/1\x00"


def slug(agency: AgencyCode) -> Slug:
    """Return the word that stands for an agency in routing keys, queue names and accounts.

    Dots separate words of an AMQP topic and are part of a permission's pattern, so they become
    hyphens.
    """
    return Slug(agency.lower().replace(".", "-"))


def partition_of(dossier: DossierCode, partitions: int) -> Partition:
    """Return the partition of a dossier: the same number for ever, on every machine.

    SHA-256 of the code's UTF-8 bytes, first 8 bytes big-endian, modulo `partitions`; chosen so
    that an adapter in any language computes it with what it has.
    """
    digest = hashlib.sha256(dossier.encode()).digest()
    return Partition(int.from_bytes(digest[:8], "big") % partitions)


def issuing_agency(dossier: DossierCode) -> str:
    """Return the agency part of a dossier code, as written (old or new form)."""
    return dossier.rsplit("-", 2)[0]


def new_form(code: str) -> AgencyCode:
    """Return the left-to-right form of an agency code.

    `000.05.14.H63` (QCVN 102:2016, right to left, zero groups unused) becomes `H63.14.05`;
    a code already in the new form comes back unchanged.
    """
    if not _OLD_AGENCY.fullmatch(code):
        return AgencyCode(code)
    groups = [group for group in reversed(code.split(".")) if set(group) != {"0"}]
    return AgencyCode(".".join(groups))


def uuid7(unix_ms: int, chance: bytes) -> UUID:
    """Return a UUID version 7 (RFC 9562 section 5.7) from a time and 10 bytes of chance.

    Pure, so that a simulated run with a seeded source of chance gives the same ids again.
    """
    high = (unix_ms & (2**48 - 1)) << 80
    rand = int.from_bytes(chance[:10], "big")
    low = (0x7 << 76) | ((rand >> 62 & 0xFFF) << 64) | (0b10 << 62) | (rand & (2**62 - 1))
    return UUID(int=high | low)


def derived_id(*parts: str) -> UUID:
    """Return the id of something that is derived from other ids, the same each time.

    A UUID version 8 (RFC 9562 section 5.8) over SHA-256, used for receipts: the repeat of a
    message is answered with the very same receipt.
    """
    digest = hashlib.sha256(_RECEIPT_NAMESPACE + "\x00".join(parts).encode()).digest()
    number = int.from_bytes(digest[:16], "big")
    number = (number & ~(0xF << 76)) | (0x8 << 76)
    return UUID(int=(number & ~(0b11 << 62)) | (0b10 << 62))
