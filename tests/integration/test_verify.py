"""What `bus ledger verify` finds in a database somebody changed, and that it finds no more."""

from collections.abc import Collection, Sequence

import pytest
from sqlalchemy import text

from bus.errors import StorageUnavailable
from bus.ids import DossierCode, Partition, StepId
from bus.ports import LedgerEntry, LedgerHead, Received
from bus.routing.case import Case
from bus.schemas.step import StepCompletedData, StepReceivedData
from bus.workers.catalogues import Catalogues
from bus.workers.verify import Verified, verify
from tests.support.small_hub import SmallHub
from tests.support.walking import Walk, a_dossier, commune_unit

UNIT = commune_unit()
FORWARD = StepId("commune_forward")


class Numbered(Walk):
    """The n-th dossier of the day."""

    def __init__(self, number: int) -> None:
        super().__init__("1.001731", number=number * 10)
        self._place = number

    @property
    def code(self) -> DossierCode:
        return DossierCode(f"{self.unit}-250303-{self._place:04d}")


ONE, TWO = 1, 2


def submission(hub: SmallHub, number: int) -> Received:
    walk = Numbered(number)
    return hub.signed(a_dossier("1.001731", {}, walk.at), by=UNIT, sequence=1, walk=walk)


def received(hub: SmallHub) -> Received:
    walk = Numbered(ONE)
    walk.number += 5
    data = StepReceivedData(step=FORWARD, round=1, received_at=hub.clock.now())
    return hub.signed(data, by=UNIT, sequence=2, walk=walk)


@pytest.fixture
def hub() -> SmallHub:
    hub = SmallHub()
    hub.take(submission(hub, ONE), submission(hub, TWO), received(hub))
    return hub


def verified(hub: SmallHub) -> Verified:
    return verify(hub.queries, Catalogues(hub.store))


def change(hub: SmallHub, statement: str) -> None:
    with hub.engine.begin() as connection:
        assert connection.execute(text(statement)).rowcount > 0


def test_a_ledger_nobody_touched_holds(hub: SmallHub) -> None:
    watched: list[int] = []

    found = verify(hub.queries, Catalogues(hub.store), watch=watched.append)

    assert found.holds
    assert (found.entries, found.cases, found.partitions) == (3, 2, 4)
    assert watched[-1] == 3


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE ledger SET body = x'7b7d' WHERE type = 'step.received'", "the body is not"),
        ("UPDATE ledger SET agency = 'H63' WHERE type = 'step.received'", "a field is not"),
        ("DELETE FROM ledger WHERE type = 'step.received'", "its head says"),
        ("UPDATE ledger_head SET position = position + 1 WHERE position > 0", "its head says"),
        ("DELETE FROM ledger WHERE position = 1", "an entry is missing"),
        ("UPDATE \"case\" SET state_json = replace(state_json, 'in_hand', 'open')", "amount to"),
    ],
)
def test_a_change_behind_the_hubs_back_is_found(hub: SmallHub, statement: str, said: str) -> None:
    change(hub, statement)

    found = verified(hub)

    assert not found.holds
    assert any(said in fault for fault in found.faults)


def test_a_deleted_case_is_found(hub: SmallHub) -> None:
    change(hub, f"""DELETE FROM "case" WHERE code = '{Numbered(TWO).code}'""")

    found = verified(hub)

    assert found.faults == (
        "2 dossiers were submitted, but only 1 cases are stored; cases were deleted",
    )


class LiveReader:
    """Lets the hub go on between two readings, each time once."""

    def __init__(self, hub: SmallHub) -> None:
        self._hub = hub
        self._coming = [submission(hub, 3)]
        self._moving = [completed(hub)]

    def heads(self) -> Sequence[LedgerHead]:
        return self._hub.queries.heads()

    def ledger(
        self, partition: Partition, *, after: int = 0, limit: int = 1000
    ) -> Sequence[LedgerEntry]:
        if self._coming:
            self._hub.take(self._coming.pop())
        return self._hub.queries.ledger(partition, after=after, limit=limit)

    def cases_page(self, *, after: DossierCode | None, limit: int) -> Sequence[Case]:
        page = self._hub.queries.cases_page(after=after, limit=limit)
        if self._moving:
            self._hub.take(self._moving.pop())
        return page

    def entries_of(self, dossiers: Collection[DossierCode]) -> Sequence[LedgerEntry]:
        return self._hub.queries.entries_of(dossiers)


def completed(hub: SmallHub) -> Received:
    walk = Numbered(ONE)
    walk.number += 6
    data = StepCompletedData(step=FORWARD, round=1, outcome="done", completed_at=hub.clock.now())
    return hub.signed(data, by=UNIT, sequence=3, walk=walk)


def test_a_hub_that_runs_meanwhile_is_no_fault(hub: SmallHub) -> None:
    found = verify(LiveReader(hub), Catalogues(hub.store))

    assert found.faults == ()
    assert (found.entries, found.cases) == (3, 3)


class GoneReader(LiveReader):
    """The database goes away while the cases are read."""

    def entries_of(self, dossiers: Collection[DossierCode]) -> Sequence[LedgerEntry]:
        raise StorageUnavailable(f"gone, {len(dossiers)} dossiers not read")


def test_a_database_that_is_gone_is_no_fault_of_the_ledger(hub: SmallHub) -> None:
    with pytest.raises(StorageUnavailable):
        verify(GoneReader(hub), Catalogues(hub.store))
