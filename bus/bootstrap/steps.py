"""The steps of a node, joined to the ports they are given.

Nothing is built at import time; the heavy imports are inside the functions that need them.
"""

import random
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from bus.ids import Account, AgencyCode, uuid7
from bus.ports import (
    Clock,
    Consumer,
    EdgeStore,
    HubStore,
    Ids,
    Outgoing,
    Publisher,
    Sending,
    Signer,
    TaskStore,
    Verifier,
)
from bus.routing.province import Catalogue
from bus.routing.retry import RetryPolicy
from bus.workers.catalogues import Catalogues
from bus.workers.collect import Collect, Served
from bus.workers.deliver import Deliver, Hub
from bus.workers.group_retry import GroupRetry
from bus.workers.heartbeat import Heartbeat
from bus.workers.ingress import Ingress
from bus.workers.office import Office
from bus.workers.operate import Operate
from bus.workers.redeliver import Redeliver
from bus.workers.relay import Relay, RelayPolicy
from bus.workers.timers import Timers
from bus.workers.watch import Watch

if TYPE_CHECKING:
    from bus.crypto.jws import DirectoryVerifier


_CHANCE: Final = 10
"""Bytes of chance in an id."""
_DRAWN: Final = 256
"""Ids drawn at once: each question to the system costs as much as making an id."""


class SystemClock:
    """The machine's clock, shifted by whole days where a node rehearses another time."""

    def __init__(self, shift_days: int = 0) -> None:
        self._shift = timedelta(days=shift_days)

    def now(self) -> datetime:
        """Return the present moment."""
        return datetime.now(UTC) + self._shift


class RandomIds:
    """Message ids from the system's source of chance, asked for many at a time; any thread."""

    def __init__(self) -> None:
        self._drawn: deque[bytes] = deque()

    def new(self, at: datetime) -> UUID:
        """Return a new id."""
        try:
            chance = self._drawn.popleft()
        except IndexError:
            many = secrets.token_bytes(_CHANCE * _DRAWN)
            self._drawn.extend(many[n : n + _CHANCE] for n in range(_CHANCE, len(many), _CHANCE))
            chance = many[:_CHANCE]
        return uuid7(int(at.timestamp() * 1000), chance)


def chance() -> float:
    """Return a number from 0 up to 1 for the jitter of retries."""
    return random.random()  # noqa: S311 -- jitter, no secret


@dataclass(frozen=True, slots=True)
class HubSteps:
    """The steps of a hub."""

    ingress: Ingress
    redeliver: Redeliver
    timers: Timers
    watch: Watch
    group_retry: GroupRetry


@dataclass(frozen=True, slots=True)
class Means:
    """What steps of a node share: time, ids and chance."""

    clock: Clock
    ids: Ids
    chance: Callable[[], float] = chance


def office_of(
    *,
    store: HubStore,
    hub: AgencyCode,
    signer: Signer,
    partitions: int,
    policy: RetryPolicy,
    means: Means,
    compiled: Iterable[Catalogue] = (),
) -> Office:
    """Return who the hub is and what it works with; `compiled` catalogues need not be read."""
    return Office(
        hub=hub,
        partitions=partitions,
        signer=signer,
        ids=means.ids,
        chance=means.chance,
        policy=policy,
        catalogues=Catalogues(store, compiled),
    )


def hub_steps(
    *,
    store: HubStore,
    tasks: TaskStore,
    consumer: Consumer,
    ingress_publisher: Publisher,
    clock_publisher: Publisher,
    hub: AgencyCode,
    signer: Signer,
    partitions: int,
    policy: RetryPolicy,
    means: Means,
    batch: int = 200,
    wait: float = 0.5,
    start: Callable[[Sequence[Outgoing]], Sending] | None = None,
    verifier: Callable[[Catalogue], Verifier] | None = None,
    compiled: Iterable[Catalogue] = (),
) -> HubSteps:
    """Return the steps of a hub; `clock_publisher` serves redelivery and timers, by turns.

    `start` publishes like `ingress_publisher`, behind the scenes of the next batch. `verifier`
    knows the keys of a catalogue; without it, the directory's keys are taken. `compiled`
    catalogues need not be read from the store.
    """
    office = office_of(
        store=store,
        hub=hub,
        signer=signer,
        partitions=partitions,
        policy=policy,
        means=means,
        compiled=compiled,
    )
    return HubSteps(
        Ingress(
            consumer,
            ingress_publisher,
            store,
            office,
            means.clock,
            verifier=verifier or KeyRing(),
            batch=batch,
            wait=wait,
            start=start,
        ),
        Redeliver(clock_publisher, store, office, means.clock),
        Timers(clock_publisher, store, office, means.clock),
        Watch(store, office, means.clock),
        GroupRetry(store, tasks, Operate(store, office, means.clock), means.clock),
    )


class KeyRing:
    """The verifier of the newest catalogue, made anew only when one is published."""

    def __init__(self) -> None:
        self._version = 0
        self._verifier: DirectoryVerifier | None = None

    def __call__(self, newest: Catalogue) -> Verifier:
        """Return the verifier of the newest catalogue's keys."""
        from bus.crypto.jws import DirectoryVerifier  # noqa: PLC0415 -- heavy; commands import us

        if self._verifier is None or newest.version != self._version:
            self._verifier = DirectoryVerifier(newest.province.directory.keys)
            self._version = newest.version
        return self._verifier


@dataclass(frozen=True, slots=True)
class EdgeSteps:
    """The steps of an edge node."""

    collect: Collect
    relay: Relay
    deliver: Deliver
    heartbeat: Heartbeat


def edge_steps(
    *,
    store: EdgeStore,
    consumer: Consumer,
    relay_publisher: Publisher,
    receipt_publisher: Publisher,
    served: Sequence[Served],
    account: Account,
    hub: Hub,
    partitions: int,
    policy: RelayPolicy,
    heartbeat: timedelta,
    means: Means,
    wait: float = 0.5,
    trouble: Callable[[AgencyCode, str | None], None] = lambda _agency, _why: None,
) -> EdgeSteps:
    """Return the steps of an edge node; the heartbeat uses the relay's publisher, by turns."""
    return EdgeSteps(
        Collect(store, served, means.ids, means.clock, trouble=trouble),
        Relay(
            store,
            relay_publisher,
            served,
            means.clock,
            account=account,
            chance=means.chance,
            partitions=partitions,
            policy=policy,
        ),
        Deliver(
            consumer,
            receipt_publisher,
            store,
            means.clock,
            served=served,
            account=account,
            hub=hub,
            wait=wait,
        ),
        Heartbeat(
            store,
            relay_publisher,
            served,
            means.clock,
            account=account,
            ids=means.ids,
            every=heartbeat,
        ),
    )
