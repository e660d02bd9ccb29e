"""Hop 4: the working set of one transaction — read once, decided on, written once.

The desk knows no broker. It takes messages one after another, keeps the rows they touch in
memory, and has at the end everything to write (`changes`) and everything to publish after the
commit (`outgoing`). A message that is refused, or that nobody can decide on, leaves the working
set as it was: what can fail is done before the first row is touched.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from bus.errors import OperatorMustAct, SchemaInvalid, SenderMustAct
from bus.ids import AgencyCode, DossierCode, Partition, partition_of
from bus.ports import (
    DeliveryRow,
    DeliveryState,
    EntryKind,
    HubChanges,
    HubTransaction,
    InboxRow,
    LaneKey,
    LedgerEntry,
    Outgoing,
    Verdict,
)
from bus.routing import compose
from bus.routing.case import Case, business_state
from bus.routing.chain import Draft, effects_text, seal, sha256
from bus.routing.effects import HandOver
from bus.routing.ledger import LedgerHead
from bus.routing.machine import ClockStruck, Event, StepRefused, advance
from bus.routing.opening import Context
from bus.routing.province import Catalogue
from bus.routing.retry import Again, after_failure
from bus.schemas.catalogue import DeliveryReceipt, DossierEvent
from bus.schemas.control import AdapterHeartbeatV1
from bus.schemas.receipt import (
    DeliveryFailedV1,
    DeliveryImportedV1,
    DeliveryRefusedV1,
    LedgerMark,
    MessageAcceptedData,
)
from bus.schemas.request import PaymentRequestedV1, SupplementRequestedV1
from bus.schemas.step import StepCompletedV1, StepReceivedV1, StepRejectedV1
from bus.workers.answers import Answers, past_place, reused_id
from bus.workers.gate import Admitted, TurnedAway
from bus.workers.lanes import FINAL, Lanes
from bus.workers.office import Office, Place, as_outgoing, handoff

_ANSWERS = (
    StepReceivedV1,
    StepCompletedV1,
    StepRejectedV1,
    SupplementRequestedV1,
    PaymentRequestedV1,
)
_RECEIPTS = (DeliveryImportedV1, DeliveryRefusedV1, DeliveryFailedV1)


class Desk:
    """The working set of one transaction; made for it and thrown away with it."""

    def __init__(
        self, office: Office, transaction: HubTransaction, now: datetime, newest: Catalogue
    ) -> None:
        self._office = office
        self._transaction = transaction
        self._now = now
        self._newest = newest
        self._heads: dict[Partition, LedgerHead] = dict(transaction.heads)
        self._ledger: list[LedgerEntry] = []
        self._inbox: dict[UUID, InboxRow] = {}
        self._answered: list[InboxRow] = []
        self._places: dict[LaneKey, int] = {}
        self._moved_places: dict[LaneKey, int] = {}
        self._cases: dict[DossierCode, Case] = {}
        self._moved: dict[DossierCode, Case] = {}
        self._opened: set[DossierCode] = set()
        self._heard: dict[AgencyCode, datetime] = {}
        self.lanes = Lanes(now, office.policy)
        self.answers = Answers(office.hub, office.signer, now)

    # --- reading ------------------------------------------------------------------------------

    def load(self, admitted: Sequence[Admitted], turned_away: Sequence[TurnedAway]) -> None:
        """Read everything these messages may touch, in a handful of queries."""
        dossiers: set[DossierCode] = set()
        ids: set[UUID] = set()
        keys: set[LaneKey] = set()
        deliveries: set[UUID] = set()
        for one in admitted:
            message = one.message
            if isinstance(message, AdapterHeartbeatV1):
                continue
            ids.add(message.id)
            dossiers.add(message.subject)
            if isinstance(message, _RECEIPTS):
                deliveries.add(message.data.delivery)
            else:
                keys.add(LaneKey(message.source, message.subject))
        for away in turned_away:
            lane = away.lane
            if away.trusted and lane.id and lane.source and lane.subject:
                ids.add(lane.id)
                keys.add(LaneKey(lane.source, lane.subject))
        tx = self._transaction
        self._inbox = dict(tx.seen(ids)) if ids else {}
        self._places = dict(tx.lanes(keys)) if keys else {}
        self.load_cases(dossiers, deliveries)

    def load_cases(
        self,
        dossiers: set[DossierCode],
        deliveries: set[UUID] = frozenset(),  # type: ignore[assignment]
    ) -> None:
        """Read cases with all that is under way for them, and deliveries asked for by id."""
        tx = self._transaction
        if dossiers:
            self._cases = dict(tx.cases(dossiers))
            known = set(self._cases)
            self.lanes.load(tx.unsettled(known) if known else ())
        missing = deliveries - set(self.lanes.rows)
        if missing:
            self.lanes.load(tx.deliveries(missing).values())

    # --- deciding -----------------------------------------------------------------------------

    def take(self, one: Admitted) -> None:
        """Decide on one message: accepted, rejected, expected later, repeated, or left lying.

        What only an operator can mend is kept as evidence and not answered: its sender sends it
        again until it is mended.
        """
        message = one.message
        self._heard[message.source] = self._now
        if isinstance(message, AdapterHeartbeatV1):
            return
        if self._repeated(one, message):
            return
        try:
            if isinstance(message, _RECEIPTS):
                self._settle(one, message)
            else:
                self._admit(one, message)
        except SenderMustAct as error:
            self._reject(one, message, error)
        except OperatorMustAct as error:
            self.answers.evidence(one.received, one.digest, error)

    def turn_away(self, away: TurnedAway) -> None:
        """Answer a message that could not be taken; keep its bytes; use up its place if it has one.

        One that comes before its place is only told so: refused now, it would leave a gap for ever.
        """
        lane = away.lane
        uses_place = False
        if away.trusted and lane.id and lane.source and lane.subject:
            known = self._inbox.get(lane.id)
            if known is not None and known.digest == away.digest:
                self.answers.repeat(known)
                return
            key = LaneKey(lane.source, lane.subject)
            expected, place = self._expected(key), lane.sequence
            if known is None and place is not None and place > expected:
                self.answers.expected(lane.id, key, expected)
                return
            uses_place = known is None and place == expected
        row = self.answers.rejected(away, uses_place=uses_place)
        if uses_place and row is not None and lane.source and lane.subject:
            self._answer(row)
            self._advance_place(LaneKey(lane.source, lane.subject))

    def strike(self, dossier: DossierCode) -> None:
        """Let the clock look at a case."""
        case = self._cases.get(dossier)
        if case is None:
            return
        context = Context(self._version(case), self._now)
        moved, owed = advance(case, ClockStruck(), context)
        if moved == case:
            return
        id_ = self._office.ids.new(self._now)
        body = compose.clock_body(dossier, self._now)
        self._write(
            moved,
            owed,
            Draft(
                kind=EntryKind.CLOCK,
                id=id_,
                dossier=dossier,
                agency=self._office.hub,
                type="clock",
                recorded_at=self._now,
                catalogue=case.catalogue,
                body=body,
                jws="",
                digest=sha256(body),
            ),
        )

    # --- what is to be written and published --------------------------------------------------

    def changes(self) -> HubChanges:
        """Return everything the transaction writes."""
        self.lanes.sign(self._office.signer)
        changes = HubChanges(
            heads=[
                head
                for partition, head in self._heads.items()
                if head != self._transaction.heads[partition]
            ],
            ledger=self._ledger,
            inbox=self._answered,
            lanes=self._moved_places,
            cases=self._moved,
            new_cases=self._opened,
            evidence=self.answers.kept,
            heard=self._heard,
        )
        self.lanes.write_to(changes)
        return changes

    def outgoing(self) -> list[Outgoing]:
        """Return everything to publish after the commit: receipts, then deliveries."""
        return [*self.answers.outgoing(), *(as_outgoing(row) for row in self.lanes.outgoing())]

    # --- inside -------------------------------------------------------------------------------

    def _repeated(self, one: Admitted, message: DossierEvent | DeliveryReceipt) -> bool:
        known = self._inbox.get(message.id)
        if known is None:
            return False
        if known.digest != one.digest or known.agency != message.source:
            self.answers.refuse(one, reused_id(), dossier=message.subject, uses_place=False)
        elif not isinstance(message, _RECEIPTS):
            self.answers.repeat(known)
        return True

    def _admit(self, one: Admitted, message: DossierEvent) -> None:
        key = LaneKey(message.source, message.subject)
        expected, place = self._expected(key), int(message.sequence)
        if place > expected:
            self.answers.expected(message.id, key, expected)
            return
        if place < expected:
            raise past_place(place, expected)
        case = self._cases.get(message.subject)
        catalogue = self._newest if case is None else self._version(case)
        moved, owed = advance(case, message, Context(catalogue, self._now))
        if case is None:
            self._opened.add(moved.code)
        entry = self._write(moved, owed, self._draft(one, message, moved))
        self._imply(message)
        self._advance_place(key)
        accepted = MessageAcceptedData(
            message=message.id,
            dossier=message.subject,
            ledger=LedgerMark(partition=entry.partition, position=entry.position, hash=entry.hash),
            state=business_state(moved),
            due_at=moved.due_at,
        )
        self._answer(self.answers.accepted(message, one.digest, accepted))

    def _settle(self, one: Admitted, message: DeliveryReceipt) -> None:
        row = self.lanes.rows.get(message.data.delivery)
        if row is None or row.agency != message.source or row.dossier != message.subject:
            raise SchemaInvalid(
                "no delivery with this id was made to this agency for this dossier",
                text_vi="Không có lần giao nào mang mã này cho đơn vị và hồ sơ này.",
                path="data.delivery",
            )
        if row.state in FINAL and not isinstance(message, DeliveryImportedV1):
            self._note(one, message)
            return
        case = self._cases[row.dossier]
        moved, owed = self._refused(case, row, message)
        self._write(moved, owed, self._draft(one, message, case))
        match message:
            case DeliveryImportedV1():
                self.lanes.settle(row.id, DeliveryState.IMPORTED, reference=message.data.reference)
            case DeliveryRefusedV1():
                self.lanes.settle(row.id, DeliveryState.REFUSED)
            case DeliveryFailedV1():
                self._failed(row, message)
        self._note(one, message)

    def _note(self, one: Admitted, message: DeliveryReceipt) -> None:
        """Remember a receipt, so that its repeat is known; it is not answered."""
        self._answer(
            InboxRow(message.id, message.source, one.digest, Verdict.ACCEPTED, "", self._now)
        )

    def _refused(
        self, case: Case, row: DeliveryRow, message: DeliveryReceipt
    ) -> tuple[Case, tuple[HandOver, ...]]:
        """A refused hand-over of a step is the performer's refusal, if it still may say so.

        Else the step has gone on without it, perhaps to another performer: nothing moves.
        """
        if not isinstance(message, DeliveryRefusedV1) or row.step is None or row.round is None:
            return case, ()
        event: Event = StepRefused(row.agency, row.step, row.round, message.data.reason)
        try:
            return advance(case, event, Context(self._version(case), self._now))
        except SenderMustAct:
            return case, ()

    def _failed(self, row: DeliveryRow, message: DeliveryFailedV1) -> None:
        data = message.data
        verdict = after_failure(
            data.kind,
            failures=row.failures + 1,
            now=self._now,
            chance=self._office.chance(),
            policy=self._office.policy,
        )
        again = verdict.at if isinstance(verdict, Again) else None
        self.lanes.fail(row.id, code=data.code, detail=data.detail, again=again)

    def _imply(self, message: DossierEvent) -> None:
        """A step's answer says that the step was handed over, even before the receipt is here."""
        if not isinstance(message, _ANSWERS):
            return
        step = (message.data.step, message.data.round)
        for id_ in list(self.lanes.order.get(LaneKey(message.source, message.subject), ())):
            row = self.lanes.rows[id_]
            if (row.step, row.round) == step and row.state is not DeliveryState.WAITING:
                self.lanes.settle(id_, DeliveryState.IMPORTED)

    def _reject(
        self, one: Admitted, message: DossierEvent | DeliveryReceipt, error: SenderMustAct
    ) -> None:
        if isinstance(message, _RECEIPTS):
            self.answers.refuse(one, error, dossier=message.subject, uses_place=False)
            return
        key = LaneKey(message.source, message.subject)
        uses_place = int(message.sequence) == self._expected(key)
        row = self.answers.refuse(one, error, dossier=message.subject, uses_place=uses_place)
        if uses_place:
            self._answer(row)
            self._advance_place(key)

    def _write(self, case: Case, owed: Sequence[HandOver], draft: Draft) -> LedgerEntry:
        """Seal the entry, keep the case, and put what is owed into its lanes."""
        partition = partition_of(case.code, self._office.partitions)
        head = self._heads[partition]
        rows = [
            handoff(
                self._office,
                one,
                case=case,
                draft=draft,
                place=Place(partition, head.position + 1, part),
            )
            for part, one in enumerate(owed)
        ]
        effects = effects_text((row.id, sha256(row.body)) for row in rows)
        entry = seal(head, draft, effects)
        self._heads[partition] = LedgerHead(partition, entry.position, entry.hash)
        self._ledger.append(entry)
        if self._cases.get(case.code) is not case:
            self._cases[case.code] = self._moved[case.code] = case
        for row in rows:
            self.lanes.add(row)
        return entry

    def _draft(self, one: Admitted, message: DossierEvent | DeliveryReceipt, case: Case) -> Draft:
        return Draft(
            kind=EntryKind.MESSAGE,
            id=message.id,
            dossier=message.subject,
            agency=message.source,
            type=message.type,
            recorded_at=self._now,
            catalogue=case.catalogue,
            body=one.received.body,
            jws=one.received.jws or "",
            digest=one.digest,
        )

    def _version(self, case: Case) -> Catalogue:
        return self._office.catalogues.compiled(case.catalogue)

    def _expected(self, key: LaneKey) -> int:
        return self._places.get(key, 1)

    def _advance_place(self, key: LaneKey) -> None:
        self._places[key] = self._moved_places[key] = self._expected(key) + 1

    def _answer(self, row: InboxRow) -> None:
        self._inbox[row.id] = row
        self._answered.append(row)
