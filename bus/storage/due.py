"""Which hand-offs the hub must look at: queries that find them through an index."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Subquery, and_, exists, func, or_, select, union_all

from bus.ids import AgencyCode
from bus.ports import DeliveryState
from bus.storage.hub_tables import case, contact, delivery, step
from bus.storage.hub_transaction import DELIVERY
from bus.storage.lookup import stands

_PROBING: Final = select(contact.c.agency).where(contact.c.probing_since.is_not(None))


def due_deliveries(now: datetime, limit: int, but: Collection[AgencyCode]) -> Select[Any]:
    """Return the query for what may go out again now; see `bus.ports.HubStore.due_deliveries`."""
    others: ColumnElement[bool] = delivery.c.agency.not_in(_PROBING)
    if but:
        others = and_(others, delivery.c.agency.not_in(sorted(but)))
    ids = union_all(
        select(_due(now, limit, others)), select(_unanswered(now, limit, others))
    ).subquery()
    query = DELIVERY.select().join(ids, ids.c.id == delivery.c.id)
    return query.order_by(delivery.c.next_at, delivery.c.id).limit(limit)


def probes(now: datetime) -> Select[Any]:
    """Return the query for what goes out as a probe now; see `bus.ports.HubStore.probes`."""
    d, on_its_way = delivery.c, delivery.alias("on_its_way").c
    under_way = exists().where(
        on_its_way.agency == contact.c.agency,
        stands(on_its_way.state, DeliveryState.SENT),
        or_(on_its_way.next_at > now, on_its_way.sent_at >= contact.c.heard_at),
    )
    unanswered = and_(stands(d.state, DeliveryState.SENT), d.sent_at < contact.c.heard_at)
    oldest = (
        select(d.id)
        .where(
            d.agency == contact.c.agency,
            or_(stands(d.state, DeliveryState.DUE), unanswered),
            d.next_at <= now,
        )
        .order_by(d.created_at, d.id)
        .limit(1)
        .correlate(contact)
        .scalar_subquery()
    )
    chosen = select(oldest.label("id")).where(contact.c.probe_at <= now, ~under_way).subquery()
    return DELIVERY.select().join(chosen, chosen.c.id == d.id)


def undelivered(now: datetime, limit: int) -> Select[Any]:
    """Return the query for what may be a matter for an operator by now."""
    d = delivery.c
    this_step = and_(step.c.dossier == d.dossier, step.c.step == d.step, step.c.round == d.round)
    due_at = func.coalesce(step.c.due_at, case.c.due_at)
    return (
        select(d.id, d.partition, d.created_at, d.failures, due_at)
        .join(case, case.c.code == d.dossier, isouter=True)
        .join(step, this_step, isouter=True)
        .where(d.alarm_at <= now)
        .order_by(d.alarm_at, d.id)
        .limit(limit)
    )


def _due(now: datetime, limit: int, others: ColumnElement[bool]) -> Subquery:
    query = select(delivery.c.id, delivery.c.next_at).where(
        stands(delivery.c.state, DeliveryState.DUE), delivery.c.next_at <= now, others
    )
    return _oldest(query, limit)


def _unanswered(now: datetime, limit: int, others: ColumnElement[bool]) -> Subquery:
    """Found agency by agency, so that what lies at a silent one is not even looked at."""
    query = (
        select(delivery.c.id, delivery.c.next_at)
        .join(contact, contact.c.agency == delivery.c.agency)
        .where(
            stands(delivery.c.state, DeliveryState.SENT),
            delivery.c.sent_at < contact.c.heard_at,
            delivery.c.next_at <= now,
            others,
        )
    )
    return _oldest(query, limit)


def _oldest(query: Select[Any], limit: int) -> Subquery:
    return query.order_by(delivery.c.next_at, delivery.c.id).limit(limit).subquery()
