"""What a ledger entry is; `bus.routing.chain` makes and checks its hash."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from bus.ids import AgencyCode, DossierCode, Partition


class EntryKind(StrEnum):
    """What a ledger entry records."""

    MESSAGE = "message"
    """A message of an agency, its bytes and signature."""
    CLOCK = "clock"
    """The clock looked at a case: a warning or a passed deadline."""
    ACT = "act"
    """What an operator did, with actor and reason."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One entry of a partition's chain; see `bus.routing.chain` for how the hash is made."""

    partition: Partition
    position: int
    kind: EntryKind
    id: UUID
    dossier: DossierCode
    agency: AgencyCode
    type: str
    recorded_at: datetime
    catalogue: int
    body: bytes
    jws: str
    digest: str
    effects: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class LedgerHead:
    """Where a partition's chain ends."""

    partition: Partition
    position: int
    hash: str
