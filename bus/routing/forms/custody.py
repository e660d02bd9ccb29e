"""The chain of custody: each hand-over of a dossier, who gave it, who got it, and when.

Decree 61/2018 article 19 wants it on the control slip, article 21.2 needs it to say who lost a
dossier. It is read off the ledger: a leg is a hand-over that followed from an entry, and its times
are those at which the hub recorded what was said about it. The clocks of agencies may be wrong, so
what they say about the time is not used.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from bus.ids import AgencyCode, StepId
from bus.routing import acts
from bus.routing.acts import ActKind
from bus.routing.case import ACTIVE_STEPS, StepRun, StepState
from bus.routing.effects import HandOver
from bus.routing.fold import Move
from bus.routing.ledger import EntryKind
from bus.schemas.catalogue import FROM_AGENCY, DeliveryReceipt, DossierEvent
from bus.schemas.control import AdapterHeartbeatV1
from bus.schemas.dossier import (
    DossierCompletedV1,
    DossierReturnedV1,
    DossierSubmittedV1,
    DossierSupplementedV1,
    DossierWithdrawnV1,
)
from bus.schemas.envelope import HubDelivery
from bus.schemas.receipt import DeliveryImportedV1, DeliveryRefusedV1
from bus.schemas.request import (
    PaymentConfirmedV1,
    PaymentRequestedV1,
    SupplementForwardedV1,
    SupplementRequestedV1,
)
from bus.schemas.step import (
    StepCompletedV1,
    StepReceivedV1,
    StepRejectedV1,
    StepRequestedV1,
)


class LegKind(StrEnum):
    """Why a dossier was handed over."""

    STEP = "step"
    SUPPLEMENT = "supplement"
    HOME = "home"
    CITIZEN = "citizen"


class LegEnd(StrEnum):
    """How the work a dossier was handed over for came to its end."""

    COMPLETED = "completed"
    REJECTED = "rejected"
    REFUSED = "refused"
    SUPPLEMENT = "supplement"
    CANCELLED = "cancelled"
    REROUTED = "rerouted"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who gave or got a dossier; `desk` where it is the unit that received it, as one-stop unit."""

    agency: AgencyCode
    desk: bool = False


@dataclass(frozen=True, slots=True)
class Leg:
    """One hand-over. `receiver` is None where the result went to the citizen.

    `delivery` is the hand-off of the bus, absent for what the citizen took. `ended_at` is when the
    work was over that it was handed over for; `due_at` until when it was to be.
    """

    kind: LegKind
    giver: Holder
    receiver: Holder | None
    handed_at: datetime
    delivery: UUID | None = None
    step: StepId | None = None
    round: int | None = None
    due_at: datetime | None = None
    received_at: datetime | None = None
    officer: str | None = None
    ended_at: datetime | None = None
    end: LegEnd | None = None
    outcome: str | None = None
    notice: str | None = None


_KINDS: Final[dict[type[HubDelivery], LegKind]] = {
    StepRequestedV1: LegKind.STEP,
    SupplementForwardedV1: LegKind.SUPPLEMENT,
    DossierCompletedV1: LegKind.HOME,
}
_STEP_ENDS: Final = {
    StepState.COMPLETED: LegEnd.COMPLETED,
    StepState.REJECTED: LegEnd.REJECTED,
    StepState.SUPPLEMENTING: LegEnd.SUPPLEMENT,
}
"""How a leg ends by the state its step is in; by any other that is not active it is taken back."""

_FROM_THE_DESK: Final = (
    DossierSubmittedV1,
    DossierSupplementedV1,
    DossierWithdrawnV1,
    PaymentConfirmedV1,
)
_AboutStep = (
    StepReceivedV1 | StepCompletedV1 | StepRejectedV1 | SupplementRequestedV1 | PaymentRequestedV1
)
Said = DossierEvent | DeliveryReceipt
"""What an entry of an agency may say about a dossier."""


def said_in(move: Move) -> Said | None:
    """Return the message of an entry; None for what the clock or an operator did."""
    if move.entry.kind is not EntryKind.MESSAGE:
        return None
    message = FROM_AGENCY.validate_json(move.entry.body)
    assert not isinstance(message, AdapterHeartbeatV1)  # noqa: S101 -- those are not recorded
    return message


def custody(moves: Iterable[Move]) -> tuple[Leg, ...]:
    """Return every hand-over of a dossier, in the order of the ledger."""
    chain = _Chain()
    for move in moves:
        chain.follow(move)
    return tuple(chain.legs)


class _Chain:
    """The legs so far; one pass over the moves."""

    def __init__(self) -> None:
        self.legs: list[Leg] = []

    def follow(self, move: Move) -> None:
        """Take in one entry: what it says about legs there are, and the legs it begins."""
        said, at = said_in(move), move.entry.recorded_at
        self._received(said, at)
        ended = self._ended(move, said)
        prior = self._rerouted(move)
        for id_, owed in move.owed.items():
            if owed.message in _KINDS:
                giver = _before(prior) if prior else _giver(move, said, owed, ended)
                self.legs.append(_leg(id_, owed, giver, at))
        if isinstance(said, DossierReturnedV1):
            desk = Holder(said.source, desk=True)
            self.legs.append(Leg(LegKind.CITIZEN, desk, None, at, received_at=at, ended_at=at))

    def _received(self, said: Said | None, at: datetime) -> None:
        """Note that somebody has what was handed over: it says so, or acts on it."""
        match said:
            case DeliveryImportedV1():
                self._arrived(lambda leg: leg.delivery == said.data.delivery, at)
            case StepReceivedV1():
                self._arrived(_of_step(said), at, officer=said.data.officer)
            case PaymentRequestedV1():
                self._arrived(_of_step(said), at, notice=said.data.reference)
            case StepCompletedV1() | StepRejectedV1() | SupplementRequestedV1():
                self._arrived(_of_step(said), at)
            case DossierSupplementedV1():
                self._arrived(_waiting(LegKind.SUPPLEMENT), at, ended_at=at)
            case DossierReturnedV1():
                self._arrived(_waiting(LegKind.HOME), at, ended_at=at)
            case _:
                pass

    def _arrived(
        self,
        which: Callable[[Leg], bool],
        at: datetime,
        **more: Any,  # noqa: ANN401 -- fields of a leg, as `replace` takes them
    ) -> None:
        for place, leg in enumerate(self.legs):
            if which(leg):
                self.legs[place] = replace(leg, received_at=leg.received_at or at, **more)

    def _ended(self, move: Move, said: Said | None) -> list[Leg]:
        """End the legs whose step is over, or waits for the citizen, and return them."""
        found: list[Leg] = []
        for place, leg in enumerate(self.legs):
            run = move.after.step(leg.step) if move.after and leg.step else None
            if run is None or leg.end or _still_there(leg, run):
                continue
            end = _STEP_ENDS.get(run.state, LegEnd.CANCELLED)
            if _elsewhere(leg, run):
                end = LegEnd.REROUTED
            elif isinstance(said, DeliveryRefusedV1) and end is LegEnd.REJECTED:
                end = LegEnd.REFUSED
            at = move.entry.recorded_at
            self.legs[place] = replace(leg, ended_at=at, end=end, outcome=run.outcome)
            found.append(leg)
        return found

    def _rerouted(self, move: Move) -> Leg | None:
        """Return the leg that an operator's act gives to somebody else; it is over."""
        if move.entry.kind is not EntryKind.ACT:
            return None
        act = acts.load(move.entry.body)
        if act.act is not ActKind.REROUTE:
            return None
        for place, leg in enumerate(self.legs):
            if leg.delivery == act.delivery:
                at = move.entry.recorded_at
                self.legs[place] = replace(leg, ended_at=at, end=LegEnd.REROUTED)
                return leg
        return None


def _still_there(leg: Leg, run: StepRun) -> bool:
    return run.state in ACTIVE_STEPS and not _elsewhere(leg, run)


def _elsewhere(leg: Leg, run: StepRun) -> bool:
    """Say whether a step was given to another agency than the one of a leg."""
    return leg.receiver is not None and run.agency != leg.receiver.agency


def _leg(id_: UUID, owed: HandOver, giver: Holder, at: datetime) -> Leg:
    kind = _KINDS[owed.message]
    return Leg(
        kind,
        giver,
        Holder(owed.recipient, desk=kind is not LegKind.STEP),
        at,
        delivery=id_,
        step=owed.step,
        round=owed.round,
        due_at=getattr(owed.data, "due_at", None),
    )


def _giver(move: Move, said: Said | None, owed: HandOver, ended: list[Leg]) -> Holder:
    """Return who hands over: who spoke, or who held it where the receiver itself spoke."""
    if move.entry.agency == owed.recipient and owed.message is DossierCompletedV1 and ended:
        return ended[-1].receiver or ended[-1].giver
    return Holder(move.entry.agency, desk=isinstance(said, _FROM_THE_DESK))


def _before(prior: Leg) -> Holder:
    """Return who has what is rerouted: who should have got it, if it came there at all."""
    return (prior.received_at and prior.receiver) or prior.giver


def _of_step(said: _AboutStep) -> Callable[[Leg], bool]:
    wanted = (said.data.step, said.data.round, Holder(said.source), None)
    return lambda leg: (leg.step, leg.round, leg.receiver, leg.end) == wanted


def _waiting(kind: LegKind) -> Callable[[Leg], bool]:
    return lambda leg: leg.kind is kind and leg.ended_at is None
