"""What the stores say when their database is gone, and that they go on when it is back."""

from collections.abc import Callable
from uuid import UUID

import pytest

from bus.errors import StorageUnavailable
from bus.ids import Partition
from bus.ports import (
    EdgeInboxRow,
    EdgeOutcome,
    EdgeStore,
    HubStore,
    LaneKey,
    OutboxState,
)
from bus.storage.edge import SqlEdgeStore
from bus.storage.engine import open_engine
from bus.storage.hub import SqlHubStore
from bus.storage.queries import HubQueries
from tests.support.fixtures_storage import PARTITIONS
from tests.support.postgres import cut_connections, fresh_database
from tests.support.rows import (
    A_COMMUNE,
    NOW,
    SHA,
    a_message,
    dossier,
    new_id,
    submitted,
)
from tests.support.small_province import a_province

ALL = [Partition(number) for number in range(PARTITIONS)]


def publish(store: HubStore) -> int:
    return store.publish(a_province(), at=NOW, actor="Nguyễn Văn Mẫu", reason="đầu tiên")


def dealt(outcome: EdgeOutcome = EdgeOutcome.IMPORTED, attempts: int = 1) -> EdgeInboxRow:
    return EdgeInboxRow(new_id(), A_COMMUNE, SHA, outcome, attempts, '{"ghi_chú": "xong"}', NOW)


def _begin(store: HubStore) -> object:
    with store.transaction(ALL) as transaction:
        return transaction.heads


@pytest.mark.parametrize(
    "call",
    [
        _begin,
        lambda store: store.catalogue_version(),
        lambda store: store.catalogue(1),
        publish,
        lambda store: store.due_deliveries(now=NOW, limit=1),
        lambda store: store.due_cases(now=NOW, limit=1),
        lambda store: store.contacts(),
        lambda store: store.probes(now=NOW),
        lambda store: store.undelivered(now=NOW, limit=1),
        lambda store: store.handoffs([new_id()]),
    ],
)
@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////nonexistent/folder/hub.db",
        "postgresql://bus:s3cret-pässword@127.0.0.1:1/hub",
    ],
)
def test_every_method_of_a_hub_says_so_when_the_database_is_gone(
    url: str, call: Callable[[HubStore], object]
) -> None:
    engine = open_engine(url)

    with pytest.raises(StorageUnavailable) as told:
        call(SqlHubStore(engine, PARTITIONS))

    assert "s3cret" not in str(told.value)
    assert "gave no answer" in str(told.value)
    engine.dispose()


@pytest.mark.database
@pytest.mark.parametrize("act", ["read", "commit"])
def test_a_hubs_cut_connection_is_told_and_the_next_call_works(postgres_url: str, act: str) -> None:
    url = fresh_database(postgres_url, "hub")
    engine = open_engine(url)
    store = SqlHubStore(engine, PARTITIONS)
    code = dossier()

    def work() -> None:
        with store.transaction(ALL) as transaction:
            transaction.save(submitted(code))
            assert cut_connections(url) >= 1
            if act == "read":
                transaction.seen([UUID(int=1)])

    with pytest.raises(StorageUnavailable):
        work()

    with store.transaction(ALL) as transaction:
        assert transaction.cases([code]) == {}
        transaction.save(submitted(code))
    assert HubQueries(engine).counts().ledger_entries == 1
    engine.dispose()


@pytest.mark.parametrize(
    "call",
    [
        lambda store: store.cursor(A_COMMUNE),
        lambda store: store.known(A_COMMUNE, ["a"]),
        lambda store: store.next_sequences([LaneKey(A_COMMUNE, dossier())]),
        lambda store: store.collect(A_COMMUNE, [a_message()], cursor="1"),
        lambda store: store.sendable([A_COMMUNE], now=NOW, window=1),
        lambda store: store.sent([UUID(int=1)], at=NOW, next_at={UUID(int=1): NOW}),
        lambda store: store.answered({UUID(int=1): OutboxState.ACCEPTED}),
        lambda store: store.resend_from(LaneKey(A_COMMUNE, dossier()), 1),
        lambda store: store.unanswered([A_COMMUNE]),
        lambda store: store.dealt_with([UUID(int=1)]),
        lambda store: store.deal([dealt()]),
    ],
)
@pytest.mark.parametrize(
    "url", ["sqlite:////nonexistent/folder/edge.db", "postgresql://bus:s3cret@127.0.0.1:1/edge"]
)
def test_every_method_of_an_edge_says_so_when_the_database_is_gone(
    url: str, call: Callable[[EdgeStore], object]
) -> None:
    engine = open_engine(url)

    with pytest.raises(StorageUnavailable) as told:
        call(SqlEdgeStore(engine))

    assert "s3cret" not in str(told.value)
    engine.dispose()


@pytest.mark.database
def test_after_a_cut_connection_the_next_call_works(postgres_url: str) -> None:
    url = fresh_database(postgres_url, "edge")
    engine = open_engine(url)
    store = SqlEdgeStore(engine)
    store.collect(A_COMMUNE, [a_message()], cursor=None)

    assert cut_connections(url) == 1

    assert store.unanswered([A_COMMUNE]) == {A_COMMUNE: 1}
    engine.dispose()
