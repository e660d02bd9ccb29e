"""Whether anything is under way at a node, and when something is due next.

For a rehearsal, which turns the clock itself and must know how far; a node in production just
looks again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Engine, and_, func, select

from bus.ids import AgencyCode
from bus.ports import DeliveryState, OutboxState, TaskState
from bus.storage.edge_tables import outbox
from bus.storage.engine import reading
from bus.storage.hub_tables import case as dossier
from bus.storage.hub_tables import contact, delivery, task
from bus.storage.lookup import Query, given, stands

_SENT: Final = stands(delivery.c.state, DeliveryState.SENT)
_DUE: Final = stands(delivery.c.state, DeliveryState.DUE)
_PARKED: Final = stands(delivery.c.state, DeliveryState.PARKED)
_ACTIVE: Final = stands(task.c.state, TaskState.CANARY, TaskState.RUNNING)
_ON_ITS_WAY: Final = stands(outbox.c.state, OutboxState.SENT)
_AT_ONCE: Final = and_(_ON_ITS_WAY, outbox.c.next_at.is_(None))
_AWAITED: Final = Query(
    lambda _: (
        select(delivery.c.agency)
        .where(_SENT, delivery.c.next_at <= given("now", delivery.c.next_at))
        .distinct()
    )
)
_HUB: Final = Query(
    lambda _: select(
        select(func.count()).where(_SENT).scalar_subquery(),
        select(func.min(delivery.c.next_at)).where(_SENT).scalar_subquery(),
        select(func.min(delivery.c.next_at)).where(_DUE).scalar_subquery(),
        select(func.min(dossier.c.wake_at)).scalar_subquery(),
        select(func.min(delivery.c.alarm_at)).scalar_subquery(),
        select(func.min(contact.c.probe_at)).scalar_subquery(),
        select(func.count()).where(_PARKED).scalar_subquery(),
        select(func.count()).where(_ACTIVE).scalar_subquery(),
    )
)
_EDGE: Final = Query(
    lambda _: select(
        select(func.count()).where(stands(outbox.c.state, OutboxState.QUEUED)).scalar_subquery(),
        select(func.count()).where(_AT_ONCE).scalar_subquery(),
        select(func.count()).where(_ON_ITS_WAY).scalar_subquery(),
        select(func.min(outbox.c.next_at)).where(_ON_ITS_WAY).scalar_subquery(),
    )
)


@dataclass(frozen=True, slots=True)
class HubPulse:
    """What a hub has under way: hand-offs without an answer, and when it must look at what."""

    unanswered: int
    answer_at: datetime | None
    due_at: datetime | None
    wake_at: datetime | None
    alarm_at: datetime | None
    probe_at: datetime | None
    parked: int
    group_retries: int


@dataclass(frozen=True, slots=True)
class EdgePulse:
    """What an edge has under way: messages never sent, asked for again, sent and not answered.

    `again_at` is when one of the last goes out again.
    """

    queued: int
    asked_for: int
    unanswered: int
    again_at: datetime | None


def hub_pulse(engine: Engine) -> HubPulse:
    """Return what a hub has under way."""
    with reading(engine) as connection:
        return HubPulse(*_HUB.rows(connection)[0])


def awaited(engine: Engine, *, now: datetime) -> frozenset[AgencyCode]:
    """Return the agencies whose answers are overdue."""
    with reading(engine) as connection:
        return frozenset(_AWAITED.column(connection, now=now))


def edge_pulse(engine: Engine) -> EdgePulse:
    """Return what an edge has under way."""
    with reading(engine) as connection:
        return EdgePulse(*_EDGE.rows(connection)[0])
