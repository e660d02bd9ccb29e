"""Hop 4: messages of agencies decided on, one after another, at the desk of one transaction.

A message that is refused, or that nobody can decide on, leaves the working set as it was: what can
fail is done before the first row is touched.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from bus.errors import OperatorMustAct, SchemaInvalid, SenderMustAct
from bus.ids import AgencyCode, DossierCode
from bus.ports import (
    FINAL,
    DeliveryRow,
    DeliveryState,
    EntryKind,
    HeartbeatRow,
    HubChanges,
    HubTransaction,
    InboxRow,
    LaneKey,
    Outgoing,
    Verdict,
)
from bus.routing.case import Case, business_state
from bus.routing.chain import Draft
from bus.routing.effects import HandOver
from bus.routing.machine import Event, StepRefused, advance
from bus.routing.opening import Context
from bus.routing.province import Catalogue
from bus.routing.retry import Again, after_failure
from bus.schemas.catalogue import DeliveryReceipt, DossierEvent
from bus.schemas.consultation import ConsultationRequestedV1
from bus.schemas.control import AdapterHeartbeatV1
from bus.schemas.progress import StepExtendedV1, StepProgressedV1
from bus.schemas.recall import RecallAgreedV1, RecallRefusedV1, StepForwardedV1
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
from bus.workers.desk import Desk
from bus.workers.gate import Admitted, TurnedAway
from bus.workers.lanes import News
from bus.workers.office import Office

_ANSWERS = (
    StepReceivedV1,
    StepProgressedV1,
    StepCompletedV1,
    StepRejectedV1,
    StepExtendedV1,
    StepForwardedV1,
    SupplementRequestedV1,
    PaymentRequestedV1,
    ConsultationRequestedV1,
    RecallAgreedV1,
    RecallRefusedV1,
)
_RECEIPTS = (DeliveryImportedV1, DeliveryRefusedV1, DeliveryFailedV1)


class Intake:
    """Takes the messages of one transaction; made for it and thrown away with it."""

    def __init__(
        self, office: Office, transaction: HubTransaction, now: datetime, newest: Catalogue
    ) -> None:
        self._transaction = transaction
        self._now = now
        self._newest = newest
        self._desk = Desk(office, transaction, now, newest=newest)
        self._answers = Answers(office.hub, office.signer, now)
        self._inbox: dict[UUID, InboxRow] = {}
        self._answered: list[InboxRow] = []
        self._places: dict[LaneKey, int] = {}
        self._moved_places: dict[LaneKey, int] = {}
        self._heard: dict[AgencyCode, datetime] = {}
        self._beats: dict[AgencyCode, HeartbeatRow] = {}

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
        self._desk.load(dossiers, deliveries)

    # --- deciding -----------------------------------------------------------------------------

    def take(self, one: Admitted) -> None:
        """Decide on one message: accepted, rejected, expected later, repeated, or left lying.

        What only an operator can mend is kept as evidence and not answered: its sender sends it
        again until it is mended.
        """
        message = one.message
        self._heard[message.source] = self._now
        if isinstance(message, AdapterHeartbeatV1):
            beat = HeartbeatRow(message.data.version, message.data.unanswered)
            self._beats[message.source] = beat
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
            self._answers.evidence(one.received, one.digest, error)

    def turn_away(self, away: TurnedAway) -> None:
        """Answer a message that could not be taken; keep its bytes; use up its place if it has one.

        One that comes before its place is only told so: refused now, it would leave a gap for ever.
        """
        lane = away.lane
        uses_place = False
        if away.trusted and lane.id and lane.source and lane.subject:
            known = self._inbox.get(lane.id)
            if known is not None and known.digest == away.digest:
                self._answers.repeat(known)
                return
            key = LaneKey(lane.source, lane.subject)
            expected, place = self._expected(key), lane.sequence
            if known is None and place is not None and place > expected:
                self._answers.expected(lane.id, key, expected)
                return
            uses_place = known is None and place == expected
        row = self._answers.rejected(away, uses_place=uses_place)
        if uses_place and row is not None and lane.source and lane.subject:
            self._answer(row)
            self._advance_place(LaneKey(lane.source, lane.subject))

    def changes(self) -> HubChanges:
        """Return everything the transaction writes."""
        changes = self._desk.changes()
        changes.inbox = self._answered
        changes.lanes = self._moved_places
        changes.evidence = self._answers.kept
        changes.heard = self._heard
        changes.beats = self._beats
        return changes

    def news(self) -> Sequence[News]:
        """Return what operators should hear of."""
        return self._desk.lanes.news

    def outgoing(self) -> list[Outgoing]:
        """Return everything to publish after the commit: receipts, then deliveries."""
        return [*self._answers.outgoing(), *self._desk.outgoing()]

    # --- inside -------------------------------------------------------------------------------

    def _repeated(self, one: Admitted, message: DossierEvent | DeliveryReceipt) -> bool:
        known = self._inbox.get(message.id)
        if known is None:
            return False
        if known.digest != one.digest or known.agency != message.source:
            self._answers.refuse(one, reused_id(), dossier=message.subject, uses_place=False)
        elif not isinstance(message, _RECEIPTS):
            self._answers.repeat(known)
        return True

    def _admit(self, one: Admitted, message: DossierEvent) -> None:
        key = LaneKey(message.source, message.subject)
        expected, place = self._expected(key), int(message.sequence)
        if place > expected:
            self._answers.expected(message.id, key, expected)
            return
        if place < expected:
            raise past_place(place, expected)
        case = self._desk.case(message.subject)
        context = Context(self._newest, self._now) if case is None else self._desk.context(case)
        moved, owed = advance(case, message, context)
        entry = self._desk.write(moved, owed, self._draft(one, message, moved))
        self._imply(message)
        self._advance_place(key)
        accepted = MessageAcceptedData(
            message=message.id,
            dossier=message.subject,
            ledger=LedgerMark(partition=entry.partition, position=entry.position, hash=entry.hash),
            state=business_state(moved),
            due_at=moved.due_at,
        )
        self._answer(self._answers.accepted(message, one.digest, accepted))

    def _settle(self, one: Admitted, message: DeliveryReceipt) -> None:
        lanes = self._desk.lanes
        row = lanes.rows.get(message.data.delivery)
        if row is None or row.agency != message.source or row.dossier != message.subject:
            raise SchemaInvalid(
                "no delivery with this id was made to this agency for this dossier",
                text_vi="Không có lần giao nào mang mã này cho đơn vị và hồ sơ này.",
                path="data.delivery",
            )
        if row.state in FINAL and not isinstance(message, DeliveryImportedV1):
            self._note(one, message)
            return
        case = self._desk.case(row.dossier)
        assert case is not None  # noqa: S101 -- a hand-off follows from a case
        moved, owed = self._refused(case, row, message)
        self._desk.write(moved, owed, self._draft(one, message, case))
        match message:
            case DeliveryImportedV1():
                lanes.settle(row.id, DeliveryState.IMPORTED, reference=message.data.reference)
            case DeliveryRefusedV1():
                lanes.settle(row.id, DeliveryState.REFUSED)
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
            return advance(case, event, self._desk.context(case))
        except SenderMustAct:
            return case, ()

    def _failed(self, row: DeliveryRow, message: DeliveryFailedV1) -> None:
        data = message.data
        verdict = after_failure(
            data.kind,
            failures=row.failures + 1,
            now=self._now,
            chance=self._desk.office.chance(),
            policy=self._desk.office.policy,
        )
        again = verdict.at if isinstance(verdict, Again) else None
        self._desk.lanes.fail(row.id, code=data.code, detail=data.detail, again=again)

    def _imply(self, message: DossierEvent) -> None:
        """A step's answer says that the step was handed over, even before the receipt is here."""
        if not isinstance(message, _ANSWERS):
            return
        step = (message.data.step, message.data.round)
        for id_ in list(self._desk.lanes.order.get(LaneKey(message.source, message.subject), ())):
            row = self._desk.lanes.rows[id_]
            if (row.step, row.round) == step and row.state is not DeliveryState.WAITING:
                self._desk.lanes.settle(id_, DeliveryState.IMPORTED)

    def _reject(
        self, one: Admitted, message: DossierEvent | DeliveryReceipt, error: SenderMustAct
    ) -> None:
        if isinstance(message, _RECEIPTS):
            self._answers.refuse(one, error, dossier=message.subject, uses_place=False)
            return
        key = LaneKey(message.source, message.subject)
        uses_place = int(message.sequence) == self._expected(key)
        row = self._answers.refuse(one, error, dossier=message.subject, uses_place=uses_place)
        if uses_place:
            self._answer(row)
            self._advance_place(key)

    def _draft(self, one: Admitted, message: DossierEvent | DeliveryReceipt, case: Case) -> Draft:
        return Draft(
            kind=EntryKind.MESSAGE,
            id=message.id,
            dossier=message.subject,
            agency=message.source,
            type=message.type,
            recorded_at=self._now,
            catalogue=self._desk.decided_under(case),
            body=one.received.body,
            jws=one.received.jws or "",
            digest=one.digest,
        )

    def _expected(self, key: LaneKey) -> int:
        return self._places.get(key, 1)

    def _advance_place(self, key: LaneKey) -> None:
        self._places[key] = self._moved_places[key] = self._expected(key) + 1

    def _answer(self, row: InboxRow) -> None:
        self._inbox[row.id] = row
        self._answered.append(row)
