"""One message nobody can decide on must not hold up the others, and must not be lost."""

from itertools import repeat
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from bus.errors import StorageUnavailable
from bus.ids import DossierCode
from bus.ports import Received
from bus.schemas.receipt import MessageAcceptedV1
from bus.schemas.step import StepCompletedData
from bus.storage.hub import SqlHubStore
from bus.workers.catalogues import Catalogues
from bus.workers.verify import verify
from tests.support.small_hub import SmallHub, keys
from tests.support.troubled_store import TroubledStore
from tests.support.walking import MONDAY, Walk, a_dossier, commune_unit

UNIT = commune_unit()


class Troubled:
    """A hub over such a store, and three dossiers that come in as one batch."""

    def __init__(self) -> None:
        self.store: TroubledStore
        self.hub = SmallHub(over=self._over)
        self.walks = [OneOf(number) for number in (1, 2, 3)]
        self.batch = [
            self.hub.signed(a_dossier("1.001731", {}, MONDAY), by=UNIT, sequence=1, walk=walk)
            for walk in self.walks
        ]
        self.store.poison = UUID(self.batch[1].message_id)

    def _over(self, real: SqlHubStore) -> TroubledStore:
        self.store = TroubledStore(real)
        return self.store

    def take(self) -> list[DossierCode]:
        """Take the batch; return the dossiers that were accepted."""
        answers = self.hub.take(*self.batch)
        return [one.data.dossier for one in answers if isinstance(one, MessageAcceptedV1)]


class OneOf(Walk):
    """The n-th dossier of the day."""

    def __init__(self, number: int) -> None:
        super().__init__("1.001731", number=number * 10)
        self._place = number

    @property
    def code(self) -> DossierCode:
        return DossierCode(f"{self.unit}-250303-{self._place:04d}")


@pytest.fixture
def troubled() -> Troubled:
    return Troubled()


def test_the_poison_is_kept_alone_and_the_others_go_through(troubled: Troubled) -> None:
    with capture_logs() as lines:
        accepted = troubled.take()

    assert accepted == [troubled.walks[0].code, troubled.walks[2].code]
    (kept,) = troubled.hub.queries.evidence()
    assert (kept.code, kept.detail, kept.message_id) == (
        "unexpected",
        "ZeroDivisionError",
        troubled.batch[1].message_id,
    )
    assert [line["message_id"] for line in lines if line["event"] == "ingress.poison"] == [
        troubled.batch[1].message_id
    ]
    assert troubled.hub.consumer.acked == troubled.batch


def test_nothing_of_the_poison_is_written(troubled: Troubled) -> None:
    troubled.take()

    assert troubled.hub.queries.dossier(troubled.walks[1].code) is None
    assert troubled.hub.queries.counts().ledger_entries == 2
    assert verify(troubled.hub.queries, Catalogues(troubled.hub.store)).holds


def test_the_sender_sends_it_again_and_it_is_taken_once_the_trouble_is_over(
    troubled: Troubled,
) -> None:
    """It got no receipt, so nothing is lost."""
    troubled.take()
    troubled.store.poison = None

    assert troubled.take() == [walk.code for walk in troubled.walks]

    assert troubled.hub.queries.counts().ledger_entries == 3


def test_trouble_that_passes_costs_nothing(troubled: Troubled) -> None:
    troubled.store.errors = iter([ZeroDivisionError()])

    assert troubled.take() == [walk.code for walk in troubled.walks]

    assert troubled.hub.queries.evidence() == []


def test_poison_that_comes_alone_is_kept_too(troubled: Troubled) -> None:
    troubled.batch = troubled.batch[1:2]

    assert troubled.take() == []

    assert len(troubled.hub.queries.evidence()) == 1


def test_a_database_that_is_gone_is_nobodys_poison(troubled: Troubled) -> None:
    troubled.store.errors = repeat(StorageUnavailable("gone"))
    troubled.hub.consumer.waiting.extend(troubled.batch)

    with pytest.raises(StorageUnavailable):
        troubled.hub.steps.ingress.step()

    assert troubled.hub.consumer.acked == []
    assert troubled.hub.consumer.waiting == troubled.batch
    assert troubled.hub.queries.counts().ledger_entries == 0
    assert troubled.hub.queries.evidence() == []


def test_a_database_that_goes_while_the_poison_is_looked_for_loses_nothing(
    troubled: Troubled,
) -> None:
    """The whole batch is the next one again; what of it was written before is recognised."""
    troubled.hub.consumer.waiting.extend(troubled.batch)
    troubled.store.errors = iter([ZeroDivisionError(), StorageUnavailable("gone")])

    with pytest.raises(StorageUnavailable):
        troubled.hub.steps.ingress.step()
    assert troubled.hub.consumer.acked == []
    troubled.batch = []

    assert len(troubled.take()) == 3
    assert troubled.hub.queries.counts().ledger_entries == 3


# --- a catalogue version this process has not read --------------------------------------------


def completed(hub: SmallHub, walk: Walk) -> Received:
    data = StepCompletedData(
        step=walk.run("commune_forward").id, round=1, outcome="done", completed_at=MONDAY
    )
    return hub.signed(data, by=UNIT, sequence=2, walk=walk)


def test_a_catalogue_version_needed_inside_a_transaction_is_read_and_the_batch_repeated() -> None:
    first = SmallHub()
    walk = OneOf(1)
    first.take(first.signed(a_dossier("1.001731", {}, MONDAY), by=UNIT, sequence=1, walk=walk))
    first.store.publish(keys()[0], at=MONDAY, actor="test", reason="a second version")
    stores: list[TroubledStore] = []

    def over(real: SqlHubStore) -> TroubledStore:
        stores.append(TroubledStore(real))
        return stores[-1]

    restarted = SmallHub(before=first, over=over, seed=2)
    walk.submit()
    new = restarted.signed(
        a_dossier("1.001731", {}, MONDAY), by=UNIT, sequence=1, walk=(other := OneOf(2))
    )
    answers = restarted.take(completed(restarted, walk), new)

    accepted = [one.data.dossier for one in answers if isinstance(one, MessageAcceptedV1)]
    assert accepted == [walk.code, other.code]
    assert stores[0].begun == 2
    cases = [restarted.queries.dossier(code) for code in accepted]
    assert [case.catalogue for case in cases if case] == [1, 2]
    assert verify(restarted.queries, Catalogues(restarted.store)).holds
