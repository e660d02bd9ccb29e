"""What a hub store refuses to write, and what it keeps from being written twice."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

from bus.errors import SettingInvalid, UnexpectedFailure
from bus.ids import Partition
from bus.ports import (
    HubChanges,
    HubStore,
    LaneKey,
    LedgerHead,
)
from bus.routing.chain import GENESIS
from bus.storage.engine import open_engine
from bus.storage.hub import SqlHubStore
from bus.storage.queries import HubQueries
from tests.support.fixtures_storage import PARTITIONS
from tests.support.rows import (
    A_COMMUNE,
    NOW,
    a_case,
    a_handoff,
    an_answer,
    an_entry,
    dossier,
    dossiers_of,
    minutes,
    some_evidence,
    submitted,
)

ALL = [Partition(number) for number in range(PARTITIONS)]


def save(store: HubStore, changes: HubChanges) -> None:
    with store.transaction(ALL) as transaction:
        transaction.save(changes)


def _strangers() -> Iterator[Any]:
    code = dossiers_of(1, 1)[0]
    yield pytest.param(HubChanges(heads=[LedgerHead(Partition(1), 1, "ff" * 32)]), id="head")
    yield pytest.param(HubChanges(ledger=[an_entry(code)]), id="entry")
    yield pytest.param(HubChanges(lanes={LaneKey(A_COMMUNE, code): 2}), id="lane")
    yield pytest.param(HubChanges(cases={code: a_case(code)}, new_cases={code}), id="case")
    yield pytest.param(HubChanges(new_deliveries=[a_handoff(code)]), id="new delivery")
    row = a_handoff(code)
    yield pytest.param(HubChanges(deliveries={row.id: row}), id="delivery")


@pytest.mark.parametrize("changes", list(_strangers()))
def test_a_row_of_another_partition_is_refused(hub_store: HubStore, changes: HubChanges) -> None:
    with (
        pytest.raises(ValueError, match="partition 1"),
        hub_store.transaction([Partition(0)]) as transaction,
    ):
        transaction.save(changes)


def test_a_partition_that_does_not_exist_is_refused(hub_store: HubStore) -> None:
    with (
        pytest.raises(ValueError, match="there are 4"),
        hub_store.transaction([Partition(PARTITIONS)]),
    ):
        pass


def test_a_message_answered_twice_is_an_error_not_a_lost_connection(hub_store: HubStore) -> None:
    """The caller takes its batch apart; waiting for the database would not help."""
    answer = an_answer()
    save(hub_store, HubChanges(inbox=[answer]))

    with pytest.raises(UnexpectedFailure):
        save(hub_store, HubChanges(inbox=[answer]))


def test_the_same_bytes_from_the_same_account_are_kept_once(
    hub_store: HubStore, hub_url: str
) -> None:
    first, again = some_evidence(), some_evidence(received_at=NOW + minutes(1))
    nobody = some_evidence(account=None)
    save(hub_store, HubChanges(evidence=[first, again, nobody]))

    save(hub_store, HubChanges(evidence=[again, nobody]))

    engine = open_engine(hub_url)
    kept = {(line.account, line.received_at) for line in HubQueries(engine).evidence(10)}
    engine.dispose()
    assert kept == {("h63-140-05", NOW), (None, NOW)}


def test_the_number_of_partitions_never_changes(hub_store: SqlHubStore, hub_url: str) -> None:
    save(hub_store, submitted(dossier()))

    engine = open_engine(hub_url)
    with pytest.raises(SettingInvalid, match="set it to 4 again"):
        SqlHubStore(engine, PARTITIONS + 1).prepare()
    engine.dispose()


def test_an_unused_ledger_may_still_be_given_another_number(hub_engine: Engine) -> None:
    SqlHubStore(hub_engine, 2).prepare()

    SqlHubStore(hub_engine, 3).prepare()

    assert HubQueries(hub_engine).partitions() == [0, 1, 2]


def test_heads_are_made_where_nobody_prepared_them(hub_engine: Engine) -> None:
    with SqlHubStore(hub_engine, 8).transaction([Partition(7)]) as transaction:
        assert transaction.heads == {7: LedgerHead(Partition(7), 0, GENESIS)}
