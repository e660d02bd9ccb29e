"""The operator of a storm: looks at what is parked every few hours and lets it go again.

One hand-off by itself, several of a kind as a group with a canary, by the means the commands use.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine

from bus.bootstrap import Means
from bus.errors import ActRefused
from bus.ports import DeliveryRow
from bus.simulation.storm.machines import operators_office
from bus.simulation.storm.town import PARTITIONS, Town
from bus.storage.failed import FailedQueries
from bus.storage.hub import SqlHubStore
from bus.storage.tasks import SqlTaskStore
from bus.workers.operate import Operate, Operator
from bus.workers.staging import Staging

EVERY: Final = timedelta(hours=3)
_OPERATOR: Final = Operator("storm", "hệ thống đã chạy lại")
_CANARY: Final = 1
_BATCH: Final = 5


class Rounds:
    """Makes the rounds over the hub's database."""

    def __init__(self, engine: Engine, town: Town, means: Means) -> None:
        store, tasks = SqlHubStore(engine, PARTITIONS), SqlTaskStore(engine)
        office = operators_office(town, store, means)
        self._queries = FailedQueries(engine)
        self._operate = Operate(store, office, means.clock)
        self._staging = Staging(store, tasks, self._operate, means.ids, means.clock)
        self._clock = means.clock
        self.next_at: datetime | None = None

    def due(self, parked: int) -> bool:
        """Say whether it is time to look, where so many hand-offs are parked."""
        if parked == 0:
            self.next_at = None
            return False
        if self.next_at is None:
            self.next_at = self._clock.now() + EVERY
        return self.next_at <= self._clock.now()

    def make(self) -> int:
        """Let go again what is parked; return how many hand-offs."""
        self.next_at = None
        gone = 0
        for group in self._queries.groups():
            gone += self._let_go(self._queries.parked(group.fingerprint))
        return gone

    def _let_go(self, rows: list[DeliveryRow]) -> int:
        try:
            if len(rows) == 1:
                self._operate.retry(rows[0], _OPERATOR)
            else:
                self._staging.begin(rows, _OPERATOR, canary=_CANARY, batch=_BATCH)
        except ActRefused:  # a retry of the group is under way
            return 0
        return len(rows)
