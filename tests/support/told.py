"""A dossier whose ledger is kept while it is walked, and the sheets that are made of it."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from bus.ids import AgencyCode, StepId
from bus.routing.acts import Act, ActKind
from bus.routing.effects import HandOver
from bus.routing.forms.chronicle import Chronicle, chronicle
from bus.routing.forms.documents import Document
from bus.routing.forms.issue import Order, issue
from bus.routing.forms.kinds import FormKind, FormSet
from bus.routing.machine import Event, StepRefused
from bus.routing.rerouting import StepRerouted
from bus.schemas.base import Channel
from bus.schemas.dossier import DossierReturnedData
from bus.schemas.receipt import DeliveryImportedData, DeliveryImportedV1
from bus.testing.builders import envelope
from tests.support.book import Book
from tests.support.walking import Walk


@dataclass
class Told(Walk):
    """A walk whose ledger is kept."""

    book: Book = field(default_factory=Book)

    def take(self, event: Event) -> "Told":
        super().take(event)
        if isinstance(event, StepRerouted):
            delivery = self.delivery(event.step, event.round)
            act = Act(
                *(ActKind.REROUTE, "chị Vận Hành", event.reason, delivery),
                to=event.to,
                take_back=event.take_back,
            )
            self.book.act(self.code, self.at, act, self.owed)
        else:
            self.book.note(event, self.owed, dossier=self.code, at=self.at)
        return self

    @property
    def handed(self) -> dict[UUID, HandOver]:
        """Everything that was handed over, by its delivery."""
        return self.book.handed

    def delivery(self, step: str, round_: int = 1) -> UUID:
        """The hand-off of a step in a round, the last where it was rerouted."""
        ids = [
            id_
            for id_, owed in self.handed.items()
            if (owed.step, owed.round) == (StepId(step), round_)
        ]
        return ids[-1]

    def imported(self, delivery: UUID) -> "Told":
        """Let the receiver's system say that it has a hand-off."""
        data = DeliveryImportedData(delivery=delivery, imported_at=self.at)
        said = envelope(
            DeliveryImportedV1,
            data,
            source=self.handed[delivery].recipient,
            at=self.at,
            subject=self.code,
        )
        self.book.write(said, (), self.at)
        return self

    def refuse(self, step: str, reason: str) -> "Told":
        """Let the performer's system refuse the hand-over of a step."""
        run = self.run(step)
        return self.take(StepRefused(run.agency or self.unit, run.id, run.round, reason))

    def reroute(self, step: str, to: str, *, take_back: bool = True) -> "Told":
        """Let an operator give a step to another agency."""
        run = self.run(step)
        reason = "Đơn vị đã sáp nhập."
        return self.take(StepRerouted(run.id, run.round, AgencyCode(to), reason, take_back))

    def hand_back(self) -> "Told":
        """Let the receiving unit give the result to the citizen."""
        data = DossierReturnedData(returned_at=self.at, channel=Channel.DIRECT)
        return self.say(data, by=self.unit)  # type: ignore[return-value]

    def chronicle(self) -> Chronicle:
        """What became of it so far."""
        return chronicle(self.book.entries, lambda _: self.catalogue)

    def sheet(
        self,
        kind: FormKind,
        *,
        at: datetime | None = None,
        of: FormSet | None = None,
        **more: object,
    ) -> Document:
        """One sheet of it, made now."""
        order = Order(kind, set=of, **more)  # type: ignore[arg-type]
        return issue(order, self.chronicle(), at or self.at, names=str)
