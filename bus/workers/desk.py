"""The working set of one transaction over some dossiers: read once, decided on, written once.

The desk knows no broker and no message: whoever sits at it — the intake of messages, the clock, an
operator — decides, and lets it `write` what follows. It keeps the rows they touch in memory and
has at the end everything to store (`changes`) and everything to publish after the commit
(`outgoing`). What can fail is done before the first row is touched.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from bus.ids import DossierCode, Partition, partition_of
from bus.ports import DeliveryRow, HubChanges, HubTransaction, LedgerEntry, Outgoing
from bus.routing.case import Case
from bus.routing.chain import Draft, effects_text, seal, sha256
from bus.routing.effects import HandOver
from bus.routing.ledger import LedgerHead
from bus.routing.opening import Context
from bus.routing.province import Catalogue
from bus.workers.lanes import Lanes
from bus.workers.office import Office, Place, as_outgoing, handoff


class Desk:
    """The working set of one transaction; made for it and thrown away with it.

    Args:
        office: Who the hub is.
        transaction: Holds every partition that is written to.
        now: The moment everything of it happens at.
        newest: The newest catalogue, whose directory says who is competent; where it is not
            given, each case's own does.
        quiet: Where nothing is published after the commit, as by an operator's command: what
            would go out is due instead, and a hub that runs sends it.
    """

    def __init__(
        self,
        office: Office,
        transaction: HubTransaction,
        now: datetime,
        *,
        newest: Catalogue | None = None,
        quiet: bool = False,
    ) -> None:
        self.office = office
        self.now = now
        self.newest = newest
        self.lanes = Lanes(now, office.policy, office.chance, quiet=quiet)
        self._transaction = transaction
        self._heads: dict[Partition, LedgerHead] = dict(transaction.heads)
        self._ledger: list[LedgerEntry] = []
        self._cases: dict[DossierCode, Case] = {}
        self._moved: dict[DossierCode, Case] = {}
        self._opened: set[DossierCode] = set()

    def load(self, dossiers: Collection[DossierCode], deliveries: Collection[UUID] = ()) -> None:
        """Read cases with all that is under way for them, and deliveries asked for by id."""
        tx = self._transaction
        self.lanes.know(tx.ailing())
        if dossiers:
            self._cases = dict(tx.cases(dossiers))
            known = set(self._cases)
            self.lanes.load(tx.unsettled(known) if known else ())
        missing = set(deliveries) - set(self.lanes.rows)
        if missing:
            self.lanes.load(tx.deliveries(missing).values())

    def case(self, dossier: DossierCode) -> Case | None:
        """Return a case as it stands by now, None where there is none."""
        return self._cases.get(dossier)

    def overtaken(self, row: DeliveryRow) -> int:
        """Return how many later deliveries of its lane went out already."""
        return self._transaction.overtaken(row)

    def version(self, case: Case) -> Catalogue:
        """Return the catalogue version a case keeps."""
        return self.office.catalogues.compiled(case.catalogue)

    def context(self, case: Case) -> Context:
        """Return what a decision on a case is made in."""
        return Context(self.version(case), self.now, self.newest)

    def decided_under(self, case: Case) -> int:
        """Return the version whose directory was asked, as the ledger entry keeps it."""
        return self.newest.version if self.newest else case.catalogue

    def write(
        self,
        case: Case,
        owed: Sequence[HandOver],
        draft: Draft,
        *,
        origin: UUID | None = None,
    ) -> LedgerEntry:
        """Seal the entry, keep the case, and put what is owed into its lanes.

        The first hand-off takes the place of `origin`, where that is given.
        """
        partition = partition_of(case.code, self.office.partitions)
        head = self._heads[partition]
        rows = [
            handoff(
                self.office,
                one,
                case=case,
                draft=draft,
                place=Place(partition, head.position + 1, part),
            )
            for part, one in enumerate(owed)
        ]
        if origin is not None:
            rows[0] = replace(rows[0], origin=origin)
        effects = effects_text((row.id, sha256(row.body)) for row in rows)
        entry = seal(head, draft, effects)
        self._heads[partition] = LedgerHead(partition, entry.position, entry.hash)
        self._ledger.append(entry)
        before = self._cases.get(case.code)
        if before is None:
            self._opened.add(case.code)
        if before is not case:
            self._cases[case.code] = self._moved[case.code] = case
        for row in rows:
            self.lanes.add(row)
        return entry

    def changes(self) -> HubChanges:
        """Return everything the transaction writes."""
        self.lanes.sign(self.office.signer)
        changes = HubChanges(
            heads=[
                head
                for partition, head in self._heads.items()
                if head != self._transaction.heads[partition]
            ],
            ledger=self._ledger,
            cases=self._moved,
            new_cases=self._opened,
        )
        self.lanes.write_to(changes)
        return changes

    def outgoing(self) -> list[Outgoing]:
        """Return the deliveries to publish after the commit."""
        return [as_outgoing(row) for row in self.lanes.outgoing()]
