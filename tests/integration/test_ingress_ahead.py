"""The hub decides on the next batch while the one before is still being published."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from bus.bootstrap import Means, hub_steps
from bus.ports import Outgoing, Published, Received, Sending
from bus.routing.retry import RetryPolicy
from bus.schemas.dossier import DossierWithdrawnData
from bus.testing.fakes import SeededIds
from bus.workers.ingress import Ingress
from tests.support.small_hub import HUB, PARTITIONS, SmallHub
from tests.support.walking import Walk, a_dossier, commune_unit

UNIT = commune_unit()


@dataclass
class SlowPublisher:
    """Says what became of a batch only when asked; notes when it was begun and asked about."""

    hub: SmallHub
    events: list[str] = field(default_factory=list)

    def start(self, messages: Sequence[Outgoing]) -> Sending:
        entries = self.hub.queries.counts().ledger_entries
        self.events.append(f"begun with {entries} in the ledger")

        def outcomes() -> Sequence[Published]:
            entries = self.hub.queries.counts().ledger_entries
            self.events.append(f"asked with {entries} in the ledger")
            return [Published.CONFIRMED] * len(messages)

        return outcomes


@pytest.fixture
def hub() -> SmallHub:
    return SmallHub()


@pytest.fixture
def publisher(hub: SmallHub) -> SlowPublisher:
    return SlowPublisher(hub)


@pytest.fixture
def ingress(hub: SmallHub, publisher: SlowPublisher) -> Ingress:
    return hub_steps(
        store=hub.store,
        tasks=hub.tasks,
        consumer=hub.consumer,
        ingress_publisher=hub.publisher,
        clock_publisher=hub.publisher,
        hub=HUB,
        signer=hub.signers[HUB],
        partitions=PARTITIONS,
        policy=RetryPolicy(),
        means=Means(hub.clock, SeededIds(7), lambda: 0.5),
        batch=1,
        wait=0,
        start=publisher.start,
    ).ingress


@pytest.fixture
def walk() -> Walk:
    return Walk("1.001731")


def submission(hub: SmallHub, walk: Walk) -> Received:
    return hub.signed(a_dossier(walk.procedure, {}, walk.at), by=UNIT, sequence=1, walk=walk)


def withdrawal(hub: SmallHub, walk: Walk) -> Received:
    data = DossierWithdrawnData(reason="Rút hồ sơ", withdrawn_at=walk.at)
    return hub.signed(data, by=UNIT, sequence=2, walk=walk)


def test_a_batch_is_acknowledged_when_it_is_known_what_became_of_it(
    hub: SmallHub, ingress: Ingress, walk: Walk
) -> None:
    message = submission(hub, walk)
    hub.consumer.waiting.append(message)
    assert ingress.step()
    assert hub.consumer.acked == []

    assert ingress.step()

    assert hub.consumer.acked == [message]
    assert not ingress.step()


def test_the_next_batch_is_in_the_ledger_before_the_one_before_is_asked_about(
    hub: SmallHub, ingress: Ingress, publisher: SlowPublisher, walk: Walk
) -> None:
    first, second = submission(hub, walk), withdrawal(hub, walk)
    hub.consumer.waiting.extend([first, second])

    ingress.step()
    ingress.step()

    assert hub.consumer.acked == [first]
    assert publisher.events == [
        "begun with 1 in the ledger",
        "asked with 2 in the ledger",
        "begun with 2 in the ledger",
    ]
