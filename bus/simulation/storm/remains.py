"""What a run leaves behind, read once from every database: what the promises are checked on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from bus.errors import LedgerBroken
from bus.ids import AgencyCode, DossierCode
from bus.ports import LedgerEntry, LedgerHead, OutboxRow
from bus.routing.case import Case
from bus.routing.fold import unfolded
from bus.routing.province import Catalogue
from bus.simulation.storm.legacy import Book
from bus.storage.views import EvidenceLine, HandoffLine

Way = Sequence[tuple[LedgerEntry, Case]]
"""The entries of one dossier, each with the case as it was after it."""


@dataclass(frozen=True, slots=True)
class Remains:
    """Everything of a run that is over.

    `closed` is the office that a reform ended, if there was one.
    `waiting` is what a legacy system still had to say and was not asked for; `strangers` are the
    ids of what came from nobody; `broken` is what workers did that none may do.
    """

    catalogues: Mapping[int, Catalogue]
    closed: AgencyCode | None
    submitted: Mapping[DossierCode, AgencyCode]
    outbox: Sequence[OutboxRow]
    entries: Sequence[LedgerEntry]
    heads: Sequence[LedgerHead]
    cases: Mapping[DossierCode, Case]
    handoffs: Mapping[UUID, HandoffLine]
    evidence: Sequence[EvidenceLine]
    book: Book
    waiting: Sequence[str]
    strangers: Sequence[str]
    broken: Sequence[str]

    @property
    def catalogue(self) -> Catalogue:
        """The first version: what every dossier was filed under has not changed since."""
        return self.catalogues[1]

    def ways(self) -> tuple[dict[DossierCode, Way], list[str]]:
        """Return the way of every dossier as its entries tell it, and what they cannot tell."""
        by_dossier: dict[DossierCode, list[LedgerEntry]] = {}
        for entry in self.entries:
            by_dossier.setdefault(entry.dossier, []).append(entry)
        ways: dict[DossierCode, Way] = {}
        faults: list[str] = []
        for dossier, entries in by_dossier.items():
            way = ways[dossier] = []
            try:
                for entry, case in unfolded(entries, self.catalogues.__getitem__):
                    if case is not None:
                        way.append((entry, case))
            except LedgerBroken as fault:
                faults.append(f"dossier {dossier}: {fault}")
        return ways, faults
