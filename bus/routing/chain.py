"""The hash chain of the ledger: each entry seals itself and everything before it.

An entry's hash is SHA-256 over the UTF-8 JSON array of its fields in the order of `FIELDS`,
without white space, text unescaped; the first field is the hash of the entry before. Texts and
integers only, so any language computes the same. `digest` stands for the body; the signature is
a field of its own.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from bus.errors import LedgerBroken
from bus.ids import AgencyCode, DossierCode, Partition
from bus.routing.ledger import EntryKind, LedgerEntry, LedgerHead

_JSON: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

GENESIS: Final = "0" * 64
"""Hash before the first entry of a partition."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A ledger entry before it has its place."""

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


def sha256(body: bytes) -> str:
    """Return the SHA-256 of bytes as lower-case hex."""
    return hashlib.sha256(body).hexdigest()


def seal(head: LedgerHead, draft: Draft, effects: str) -> LedgerEntry:
    """Return the draft as the entry after the head, with what followed from it."""
    position = head.position + 1
    return LedgerEntry(
        partition=head.partition,
        position=position,
        kind=draft.kind,
        id=draft.id,
        dossier=draft.dossier,
        agency=draft.agency,
        type=draft.type,
        recorded_at=draft.recorded_at,
        catalogue=draft.catalogue,
        body=draft.body,
        jws=draft.jws,
        digest=draft.digest,
        effects=effects,
        previous=head.hash,
        hash=_hash(head.hash, head.partition, position, draft, effects),
    )


def effects_text(effects: Iterable[tuple[UUID, str]]) -> str:
    """Return the field `effects`: ids and digests of the hand-offs that followed, in order."""
    return _JSON.encode([[str(id_), digest] for id_, digest in effects])


def check(head: LedgerHead, entry: LedgerEntry) -> LedgerHead:
    """Return the head after an entry that holds.

    Raises:
        LedgerBroken: The entry is not the next one, its body was changed, or its hash does not
            follow from what it says.
    """
    where = f"partition {entry.partition} position {entry.position}"
    if entry.position != head.position + 1:
        raise LedgerBroken(
            f"{where}: an entry is missing, position {head.position + 1} was expected",
            partition=entry.partition,
            position=entry.position,
        )
    if entry.previous != head.hash:
        raise LedgerBroken(f"{where}: does not follow from the entry before it")
    if sha256(entry.body) != entry.digest:
        raise LedgerBroken(f"{where}: the body is not the one that was recorded")
    if entry.hash != _hash(head.hash, entry.partition, entry.position, entry, entry.effects):
        raise LedgerBroken(f"{where}: a field is not the one that was recorded")
    return LedgerHead(entry.partition, entry.position, entry.hash)


def _hash(
    previous: str,
    partition: Partition,
    position: int,
    entry: Draft | LedgerEntry,
    effects: str,
) -> str:
    parts = [
        previous,
        partition,
        position,
        entry.kind.value,
        str(entry.id),
        entry.dossier,
        entry.agency,
        entry.type,
        entry.recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.catalogue,
        entry.digest,
        entry.jws,
        effects,
    ]
    return sha256(_JSON.encode(parts).encode())


FIELDS: Final = (
    "previous",
    "partition",
    "position",
    "kind",
    "id",
    "dossier",
    "agency",
    "type",
    "recorded_at",
    "catalogue",
    "digest",
    "jws",
    "effects",
)
"""What the hash covers, in order; `body` is covered by `digest`."""

UNSEALED: Final = {entry.name for entry in fields(LedgerEntry)} - {*FIELDS, "body", "hash"}
"""Fields of an entry the hash does not cover: none, and a test says so."""
