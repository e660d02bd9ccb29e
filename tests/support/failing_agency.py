"""An agency whose system is down, and what the hub does about it meanwhile."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from bus.ids import DossierCode
from bus.ports import ContactRow, DeliveryRow
from bus.routing.retry import RetryPolicy
from bus.schemas.receipt import (
    DeliveryFailedData,
    DeliveryFailedV1,
    DeliveryImportedData,
    DeliveryImportedV1,
    FailureKind,
)
from bus.schemas.step import StepReceivedData, StepRequestedV1
from tests.support.small_hub import SmallHub
from tests.support.walking import Walk, a_dossier, commune_unit

UNIT = commune_unit()


class Outage:
    """A hub whose one agency has several dossiers on their way when its system goes down."""

    def __init__(self, policy: RetryPolicy, dossiers: int = 6) -> None:
        self.hub = SmallHub(policy)
        self.steps: list[StepRequestedV1] = []
        self._number = 0
        for _ in range(dossiers):
            self.submit()
            self.hub.clock.advance(timedelta(seconds=1))

    def submit(self) -> None:
        """Let a citizen hand in one more dossier; the unit that receives it does its first step."""
        self._number += 1
        walk = _OneOf(self._number)
        data = a_dossier(walk.procedure, {}, self.hub.clock.now())
        sent = self.hub.take(self.hub.signed(data, by=UNIT, sequence=1, walk=walk))
        self.steps += [one for one in sent if isinstance(one, StepRequestedV1)]

    def fail(
        self, steps: Sequence[StepRequestedV1], kind: FailureKind = FailureKind.TRANSIENT
    ) -> None:
        for step in steps:
            self._number += 1
            data = DeliveryFailedData(
                delivery=step.id,
                attempt=1,
                kind=kind,
                code="destination.unavailable",
                failed_at=self.hub.clock.now(),
            )
            self.hub.take(self.hub.receipt(DeliveryFailedV1, data, step, number=self._number))

    def arrive(self, step: StepRequestedV1) -> None:
        self._number += 1
        data = DeliveryImportedData(delivery=step.id, imported_at=self.hub.clock.now())
        self.hub.take(self.hub.receipt(DeliveryImportedV1, data, step, number=self._number))

    def receive(self, step: StepRequestedV1) -> None:
        """Let the agency say that it has a step in hand; its receipt got lost."""
        self._number += 1
        data = StepReceivedData(
            step=step.data.step, round=step.data.round, received_at=self.hub.clock.now()
        )
        walk = _OneOf(int(step.subject[-4:]))
        walk.number = 1
        self.hub.take(self.hub.signed(data, by=UNIT, sequence=2, walk=walk))

    def resend(self, **later: float) -> list[UUID]:
        """Let time pass and the hub look; return what went out."""
        self.hub.clock.advance(timedelta(**later))
        before = len(self.hub.publisher.published)
        while self.hub.steps.redeliver.step():
            pass
        return [UUID(one.message_id) for one in self.hub.publisher.published[before:]]

    def row(self, step: StepRequestedV1) -> DeliveryRow:
        row = self.hub.queries.handoff(step.id)
        assert row is not None
        return row

    @property
    def contact(self) -> ContactRow:
        (contact,) = (one for one in self.hub.store.contacts() if one.agency == UNIT)
        return contact


class _OneOf(Walk):
    """The n-th dossier of the day."""

    def __init__(self, number: int) -> None:
        super().__init__("1.001731")
        self._place = number

    @property
    def code(self) -> DossierCode:
        return DossierCode(f"{self.unit}-250303-{self._place:04d}")

    def id(self) -> UUID:
        return UUID(int=(self._place << 32) + self.number)
