"""A real hub on SQLite in memory, fed by hand: what comes in, what goes out, what is stored."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache

from sqlalchemy import Engine

from bus.bootstrap import HubSteps, Means, hub_steps, office_of
from bus.crypto.jws import DirectoryVerifier, KeySigner
from bus.crypto.keys import new_key
from bus.ids import Account, AgencyCode, KeyId
from bus.ports import HubStore, Outgoing, Published, Received
from bus.routing import compose
from bus.routing.retry import RetryPolicy
from bus.schemas.address import dossier_key, receipt_key
from bus.schemas.base import WireModel
from bus.schemas.catalogue import FROM_HUB, FromHub
from bus.schemas.directory import KeyAlgorithm, Role, SigningKey
from bus.schemas.envelope import Envelope
from bus.schemas.province import Province
from bus.storage.engine import open_engine
from bus.storage.hub import SqlHubStore
from bus.storage.migrate import migrate
from bus.storage.queries import HubQueries
from bus.storage.tasks import SqlTaskStore
from bus.testing.fakes import ManualClock, SeededIds
from bus.workers.operate import Operate
from tests.support.walking import MONDAY, Walk, yen_bai

PARTITIONS = 4
HUB = next(e.code for e in yen_bai().province.directory.agencies if Role.HUB in e.roles)


@cache
def keys() -> tuple[Province, dict[AgencyCode, KeySigner]]:
    """The sample province with a key for every agency."""
    signers: dict[AgencyCode, KeySigner] = {}
    public: list[SigningKey] = []
    for entry in yen_bai().province.directory.agencies:
        key, pem = new_key(
            entry.code, KeyAlgorithm.ES256, datetime(2025, 1, 1, tzinfo=MONDAY.tzinfo), 900
        )
        signers[entry.code] = KeySigner(KeyId(key.kid), pem, key.algorithm)
        public.append(key)
    directory = yen_bai().province.directory.model_copy(update={"keys": tuple(public)})
    return yen_bai().province.model_copy(update={"directory": directory}), signers


@dataclass
class HandFedConsumer:
    """Hands out what was put in; records what was settled."""

    waiting: list[Received] = field(default_factory=list)
    acked: list[Received] = field(default_factory=list)
    rejected: list[Received] = field(default_factory=list)

    def receive(self, limit: int, wait: float) -> Sequence[Received]:  # noqa: ARG002 -- the port's
        taken, self.waiting = self.waiting[:limit], self.waiting[limit:]
        return taken

    def ack(self, messages: Sequence[Received]) -> None:
        self.acked.extend(messages)

    def reject(self, messages: Sequence[Received]) -> None:
        self.rejected.extend(messages)

    def give_back(self, messages: Sequence[Received]) -> None:
        held = [one for one in messages if one not in self.acked and one not in self.rejected]
        self.waiting = [*held, *self.waiting]

    def close(self) -> None:
        return


@dataclass
class RecordingPublisher:
    """Confirms everything, or answers as told; records what was published."""

    published: list[Outgoing] = field(default_factory=list)
    answer: Published = Published.CONFIRMED

    def publish(self, messages: Sequence[Outgoing]) -> Sequence[Published]:
        self.published.extend(messages)
        return [self.answer] * len(messages)

    def close(self) -> None:
        return


class SmallHub:
    """The hub's steps around a real store; agencies speak through `say`."""

    def __init__(
        self,
        policy: RetryPolicy | None = None,
        without_role: Role | None = None,
        *,
        before: "SmallHub | None" = None,
        over: Callable[[SqlHubStore], HubStore] = lambda store: store,
        seed: int = 1,
    ) -> None:
        """Open a hub; `before` is one whose database it takes over, as after a restart."""
        province, self.signers = keys()
        if without_role is not None:
            province = _without(province, without_role)
        self.engine: Engine = before.engine if before else open_engine("sqlite://")
        self.store = SqlHubStore(self.engine, PARTITIONS)
        if before is None:
            migrate(self.engine, "hub")
            self.store.prepare()
            self.store.publish(province, at=MONDAY, actor="test", reason="test")
        self.queries = HubQueries(self.engine)
        self.clock = ManualClock(MONDAY)
        self.consumer = HandFedConsumer()
        self.publisher = RecordingPublisher()
        self.verifier = DirectoryVerifier(province.directory.keys)
        self.tasks = SqlTaskStore(self.engine)
        self.steps: HubSteps = hub_steps(
            tasks=self.tasks,
            store=over(self.store),
            consumer=self.consumer,
            ingress_publisher=self.publisher,
            clock_publisher=self.publisher,
            hub=HUB,
            signer=self.signers[HUB],
            partitions=PARTITIONS,
            policy=policy or RetryPolicy(),
            means=Means(self.clock, SeededIds(seed), lambda: 0.5),
            wait=0,
        )

    def signed(self, data: WireModel, *, by: AgencyCode, sequence: int, walk: Walk) -> Received:
        """Return a message of an agency as the broker would hand it out."""
        walk.number += 1
        id_ = walk.id()
        body = compose.dossier_message(
            data, id_=id_, source=by, subject=walk.code, sequence=sequence, time=self.clock.now()
        )
        return self.raw(body, by=by, key=dossier_key(by, walk.code, PARTITIONS), id_=str(id_))

    def receipt(
        self, message: type[Envelope], data: WireModel, delivery: FromHub, *, number: int = 1
    ) -> Received:
        """Return an agency's receipt for a delivery."""
        by = delivery.recipient
        id_ = SeededIds(number + 1000).new(self.clock.now())
        body = compose.agency_message(
            message,
            data,
            id_=id_,
            source=by,
            time=self.clock.now(),
            subject=delivery.subject,  # type: ignore[union-attr]
        )
        return self.raw(body, by=by, key=receipt_key(by), id_=str(id_))

    def raw(
        self, body: bytes, *, by: AgencyCode, key: str = "x.p00", id_: str | None = None
    ) -> Received:
        """Return any bytes, signed by an agency and sent with its account."""
        return Received(
            handle=object(),
            queue="hub.in.p00",
            routing_key=key,
            body=body,
            message_id=id_,
            jws=self.signers[by].sign(body),
            account=account(by),
        )

    def take(self, *messages: Received) -> list[FromHub]:
        """Let the hub take these as one batch; return what it published."""
        before = len(self.publisher.published)
        self.consumer.waiting.extend(messages)
        self.steps.ingress.step()
        return self.sent(self.publisher.published[before:])

    def sent(self, outgoing: Sequence[Outgoing]) -> list[FromHub]:
        """Return published messages as an agency reads them, their signatures checked."""
        for one in outgoing:
            assert self.verifier.verify(one.body, one.jws, at=self.clock.now()) == HUB
        return [FROM_HUB.validate_json(one.body) for one in outgoing]


def operate_of(hub: SmallHub) -> Operate:
    """An operator's hands, with ids of their own."""
    office = office_of(
        store=hub.store,
        hub=HUB,
        signer=hub.signers[HUB],
        partitions=PARTITIONS,
        policy=RetryPolicy(),
        means=Means(hub.clock, SeededIds(9), lambda: 0.5),
    )
    return Operate(hub.store, office, hub.clock)


def account(agency: AgencyCode) -> Account:
    """The broker account of an agency."""
    entry = yen_bai().directory.agency(agency)
    assert entry is not None
    return entry.broker_account


def without(received: Received, **changes: object) -> Received:
    """Return a received message with something changed."""
    return replace(received, **changes)  # type: ignore[arg-type]


def _without(province: Province, role: Role) -> Province:
    agencies = tuple(e for e in province.directory.agencies if role not in e.roles)
    codes = {e.code for e in agencies}
    kept = tuple(key for key in province.directory.keys if key.agency in codes)
    directory = province.directory.model_copy(update={"agencies": agencies, "keys": kept})
    return province.model_copy(update={"directory": directory})
