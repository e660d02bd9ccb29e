"""The adapter says that it is there, so that the hub knows who is silent."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bus import __version__
from bus.ids import Account
from bus.ports import Clock, EdgeStore, Ids, Outgoing, Publisher
from bus.routing import compose
from bus.schemas.address import AGENCY_OUT, control_key
from bus.schemas.control import AdapterHeartbeatData, AdapterHeartbeatV1
from bus.workers.collect import Served


class Heartbeat:
    """Sends one heartbeat per agency and interval. One thread at a time uses it."""

    def __init__(
        self,
        store: EdgeStore,
        publisher: Publisher,
        served: Sequence[Served],
        clock: Clock,
        *,
        account: Account,
        ids: Ids,
        every: timedelta,
    ) -> None:
        self._store = store
        self._publisher = publisher
        self._served = served
        self._account = account
        self._ids = ids
        self._clock = clock
        self._every = every
        self._next: datetime | None = None

    def step(self) -> bool:
        """Send the heartbeats where the interval is over. Never counts as work."""
        now = self._clock.now()
        if self._next is not None and now < self._next:
            return False
        unanswered = self._store.unanswered([one.code for one in self._served])
        self._publisher.publish(
            [self._beat(one, unanswered[one.code], now) for one in self._served]
        )
        self._next = now + self._every
        return False

    def _beat(self, one: Served, unanswered: int, now: datetime) -> Outgoing:
        id_ = self._ids.new(now)
        data = AdapterHeartbeatData(version=__version__, unanswered=unanswered)
        body = compose.agency_message(AdapterHeartbeatV1, data, id_=id_, source=one.code, time=now)
        return Outgoing(
            exchange=AGENCY_OUT,
            routing_key=control_key(one.code),
            body=body,
            message_id=str(id_),
            type="adapter.heartbeat",
            jws=one.signer.sign(body),
            timestamp=now,
            account=self._account,
        )
