"""A real edge node on SQLite in memory, fed by hand: what comes from the hub, what goes out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Engine

from bus.bootstrap import EdgeSteps, Means, edge_steps
from bus.crypto.jws import DirectoryVerifier
from bus.ids import Account, AgencyCode, DossierCode, derived_id
from bus.ports import Outgoing, Published, Received, Sink, Source
from bus.routing import compose
from bus.routing.effects import HandOver
from bus.schemas.catalogue import FromAgency
from bus.schemas.reader import read_from_agency
from bus.schemas.step import StepRequestedV1
from bus.storage.edge import SqlEdgeStore
from bus.storage.engine import open_engine
from bus.storage.migrate import migrate
from bus.testing.builders import A_DOSSIER, a_delivery
from bus.testing.fakes import ManualClock, ScriptedSink, ScriptedSource, SeededIds
from bus.workers.collect import Served
from bus.workers.deliver import Hub
from bus.workers.relay import RelayPolicy
from tests.support.small_hub import HUB, HandFedConsumer, RecordingPublisher, keys
from tests.support.walking import MONDAY, commune_unit

PARTITIONS = 4
UNIT = commune_unit()
ACCOUNT = Account("node-1")


def edge_database() -> Engine:
    """An empty edge database in memory."""
    engine = open_engine("sqlite://")
    migrate(engine, "edge")
    return engine


@dataclass
class PickyPublisher(RecordingPublisher):
    """Gives the answers of its script, one a message, then confirms."""

    script: list[Published] = field(default_factory=list)

    def publish(self, messages: Sequence[Outgoing]) -> Sequence[Published]:
        self.published.extend(messages)
        return [self.script.pop(0) if self.script else self.answer for _ in messages]


class SmallEdge:
    """The edge's steps for one agency, or for several with a system each."""

    def __init__(
        self,
        engine: Engine | None = None,
        *,
        source: Source | None = None,
        sink: Sink | None = None,
        others: Sequence[Served] = (),
        served: Sequence[Served] | None = None,
        clock: ManualClock | None = None,
        policy: RelayPolicy | None = None,
        seed: int = 2,
    ) -> None:
        province, self.signers = keys()
        self.engine = engine or edge_database()
        self.store = SqlEdgeStore(self.engine)
        self.clock = clock or ManualClock(MONDAY)
        self.source = source or ScriptedSource()
        self.sink = sink or ScriptedSink()
        self.consumer = HandFedConsumer()
        self.relayed = PickyPublisher()
        self.receipts = PickyPublisher()
        self.trouble: dict[AgencyCode, str | None] = {}
        self.steps: EdgeSteps = edge_steps(
            store=self.store,
            consumer=self.consumer,
            relay_publisher=self.relayed,
            receipt_publisher=self.receipts,
            served=served or [Served(UNIT, self.signers[UNIT], self.source, self.sink), *others],
            account=ACCOUNT,
            hub=Hub(HUB, DirectoryVerifier(province.directory.keys)),
            partitions=PARTITIONS,
            policy=policy or RelayPolicy(),
            heartbeat=timedelta(minutes=1),
            means=Means(self.clock, SeededIds(seed), lambda: 0.5),
            wait=0,
            trouble=self._note,
        )
        self.verifier = DirectoryVerifier(province.directory.keys)

    def _note(self, agency: AgencyCode, why: str | None) -> None:
        self.trouble[agency] = why

    def sent(self, publisher: RecordingPublisher) -> list[FromAgency]:
        """Return what was published as the hub reads it, signatures checked; forget it."""
        taken, publisher.published = publisher.published, []
        for one in taken:
            message = read_from_agency(one.body)
            assert self.verifier.verify(one.body, one.jws, at=self.clock.now()) == message.source
        return [read_from_agency(one.body) for one in taken]

    def hand(self, *received: Received) -> list[FromAgency]:
        """Hand these out as one batch; return the receipts that were published."""
        self.consumer.waiting.extend(received)
        self.steps.deliver.step()
        return self.sent(self.receipts)

    def from_hub(
        self, body: bytes, *, signed_by: AgencyCode = HUB, jws: str | None = None
    ) -> Received:
        """Return any bytes as the broker hands them out."""
        return Received(
            handle=object(),
            queue="agency.x",
            routing_key="x",
            body=body,
            message_id="m",
            jws=self.signers[signed_by].sign(body) if jws is None else jws,
            account=None,
        )

    def answer(self, data: compose.ReceiptData, recipient: AgencyCode = UNIT) -> Received:
        """Return a receipt of the hub."""
        _, _, body = compose.receipt(data, hub=HUB, recipient=recipient, time=self.clock.now())
        return self.from_hub(body)

    def delivery(
        self, number: int = 1, *, recipient: AgencyCode = UNIT, dossier: DossierCode = A_DOSSIER
    ) -> Received:
        """Return a step the hub hands over; the same number is the same delivery."""
        data = a_delivery().data
        body = compose.delivery(
            HandOver(recipient, StepRequestedV1, data),
            id_=derived_id("handed", str(number)),
            hub=HUB,
            dossier=dossier,
            submission=derived_id("submission"),
            cause=derived_id("cause"),
            time=MONDAY,
        )
        return self.from_hub(body)
