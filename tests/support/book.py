"""The ledger of one partition, kept as the hub keeps it, without a hub."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from bus.ids import AgencyCode, DossierCode, Partition, derived_id
from bus.routing import acts, compose
from bus.routing.acts import Act, ActKind
from bus.routing.chain import GENESIS, Draft, effects_text, seal, sha256
from bus.routing.effects import HandOver
from bus.routing.ledger import EntryKind, LedgerEntry, LedgerHead
from bus.routing.machine import Event, StepRefused
from bus.schemas.catalogue import DeliveryReceipt, DossierEvent
from bus.schemas.receipt import DeliveryRefusedData, DeliveryRefusedV1
from bus.testing.builders import body_of, envelope

HUB = AgencyCode("H63")
RETRY = Act(ActKind.RETRY, "lan.nguyen", "Đã sửa xong", UUID(int=1))


@dataclass
class Book:
    """What happened, in order; `handed` holds the hand-offs that followed, by their ids."""

    head: LedgerHead = field(default_factory=lambda: LedgerHead(Partition(0), 0, GENESIS))
    entries: list[LedgerEntry] = field(default_factory=list)
    handed: dict[UUID, HandOver] = field(default_factory=dict)

    def note(
        self,
        event: Event,
        owed: tuple[HandOver, ...],
        *,
        dossier: DossierCode,
        at: datetime,
        catalogue: int = 1,
    ) -> LedgerEntry:
        """Write down an event of a case and what followed from it."""
        if isinstance(event, StepRefused):
            return self.write(self.refusal(event, dossier, at), owed, at, catalogue)
        if isinstance(event, DossierEvent):
            return self.write(event, owed, at, catalogue)
        body = compose.clock_body(dossier, at)
        return self._seal(EntryKind.CLOCK, "clock", HUB, dossier, body, owed, at, catalogue)

    def write(
        self,
        message: DossierEvent | DeliveryReceipt,
        owed: tuple[HandOver, ...],
        at: datetime,
        catalogue: int = 1,
    ) -> LedgerEntry:
        """Write down a message of an agency and what followed from it."""
        kind, body = EntryKind.MESSAGE, body_of(message)
        return self._seal(
            kind, message.type, message.source, message.subject, body, owed, at, catalogue
        )

    def act(
        self,
        dossier: DossierCode,
        at: datetime,
        act: Act = RETRY,
        owed: tuple[HandOver, ...] = (),
        *,
        catalogue: int = 0,
    ) -> LedgerEntry:
        """Write down that an operator did something, and what followed from it."""
        body = acts.dump(act)
        return self._seal(EntryKind.ACT, act.act, HUB, dossier, body, owed, at, catalogue)

    def refusal(
        self, event: StepRefused, dossier: DossierCode, at: datetime, delivery: UUID | None = None
    ) -> DeliveryRefusedV1:
        """Return the receipt by which a system refuses the hand-over of a step."""
        found = delivery or next(
            id_
            for id_, owed in self.handed.items()
            if (owed.recipient, owed.step, owed.round) == (event.source, event.step, event.round)
        )
        data = DeliveryRefusedData(
            delivery=found, code="destination.refused", reason=event.reason, refused_at=at
        )
        return envelope(DeliveryRefusedV1, data, source=event.source, at=at, subject=dossier)

    def _seal(  # noqa: PLR0917 -- the fields of an entry
        self,
        kind: EntryKind,
        type_: str,
        agency: AgencyCode,
        dossier: DossierCode,
        body: bytes,
        owed: tuple[HandOver, ...],
        at: datetime,
        catalogue: int,
    ) -> LedgerEntry:
        number = len(self.entries) + 1
        ids = [derived_id("delivery", str(number), str(part)) for part in range(len(owed))]
        self.handed.update(zip(ids, owed, strict=True))
        draft = Draft(
            kind=kind,
            id=derived_id("entry", str(number)),
            dossier=dossier,
            agency=agency,
            type=type_,
            recorded_at=at,
            catalogue=catalogue,
            body=body,
            jws="e30..c2ln",
            digest=sha256(body),
        )
        entry = seal(self.head, draft, effects_text((id_, "0" * 64) for id_ in ids))
        self.head = LedgerHead(entry.partition, entry.position, entry.hash)
        self.entries.append(entry)
        return entry
