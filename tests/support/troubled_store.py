"""A hub's store that fails when one message is to be written: what no test of a port can bring."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import repeat
from uuid import UUID

from bus.ids import Partition
from bus.ports import HubChanges, HubTransaction
from bus.storage.hub import SqlHubStore
from bus.storage.hub_transaction import SqlHubTransaction
from tests.support.small_hub import PARTITIONS


class TroubledStore(SqlHubStore):
    """A hub's store that fails when one message is to be written, once for each of its errors."""

    def __init__(self, real: SqlHubStore) -> None:
        super().__init__(real._engine, PARTITIONS)
        self.poison: UUID | None = None
        self.errors: Iterator[Exception] = repeat(ZeroDivisionError("nobody thought of this"))
        self.begun = 0

    @contextmanager
    def transaction(self, partitions: Collection[Partition]) -> Iterator[HubTransaction]:
        self.begun += 1
        with super().transaction(partitions) as transaction:
            yield transaction
            assert isinstance(transaction, SqlHubTransaction)
            self._look_at(transaction._changes)

    def _look_at(self, changes: HubChanges | None) -> None:
        if changes is not None and self.poison in {entry.id for entry in changes.ledger}:
            error = next(self.errors, None)
            if error is not None:
                raise error
