"""Which hand-offs and cases the hub must look at: queries that find them through an index."""

from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Subquery,
    and_,
    exists,
    func,
    not_,
    or_,
    select,
    union_all,
)

from bus.ports import DeliveryState
from bus.storage.hub_tables import case, contact, delivery, step
from bus.storage.hub_transaction import DELIVERY
from bus.storage.lookup import Query, given, one_of, stands

_NOW: Final = given("now", delivery.c.next_at)
_MOST: Final = given("most", Integer())
_WELL: Final = delivery.c.agency.not_in(
    select(contact.c.agency).where(contact.c.probing_since.is_not(None))
)


def _due_deliveries(others: ColumnElement[bool]) -> Select[Any]:
    ids = union_all(select(_due(others)), select(_unanswered(others))).subquery()
    query = DELIVERY.select().join(ids, ids.c.id == delivery.c.id)
    return query.order_by(delivery.c.next_at, delivery.c.id).limit(_MOST)


def _due(others: ColumnElement[bool]) -> Subquery:
    query = select(delivery.c.id, delivery.c.next_at).where(
        stands(delivery.c.state, DeliveryState.DUE), delivery.c.next_at <= _NOW, others
    )
    return _oldest(query)


def _unanswered(others: ColumnElement[bool]) -> Subquery:
    """Found agency by agency, so that what lies at a silent one is not even looked at."""
    query = (
        select(delivery.c.id, delivery.c.next_at)
        .join(contact, contact.c.agency == delivery.c.agency)
        .where(
            stands(delivery.c.state, DeliveryState.SENT),
            delivery.c.sent_at < contact.c.heard_at,
            delivery.c.next_at <= _NOW,
            others,
        )
    )
    return _oldest(query)


def _oldest(query: Select[Any]) -> Subquery:
    return query.order_by(delivery.c.next_at, delivery.c.id).limit(_MOST).subquery()


def _probes() -> Select[Any]:
    d, on_its_way = delivery.c, delivery.alias("on_its_way").c
    under_way = exists().where(
        on_its_way.agency == contact.c.agency,
        stands(on_its_way.state, DeliveryState.SENT),
        or_(on_its_way.next_at > _NOW, on_its_way.sent_at >= contact.c.heard_at),
    )
    unanswered = and_(stands(d.state, DeliveryState.SENT), d.sent_at < contact.c.heard_at)
    oldest = (
        select(d.id)
        .where(
            d.agency == contact.c.agency,
            or_(stands(d.state, DeliveryState.DUE), unanswered),
            d.next_at <= _NOW,
        )
        .order_by(d.created_at, d.id)
        .limit(1)
        .correlate(contact)
        .scalar_subquery()
    )
    chosen = select(oldest.label("id")).where(contact.c.probe_at <= _NOW, ~under_way).subquery()
    return DELIVERY.select().join(chosen, chosen.c.id == d.id)


def _undelivered() -> Select[Any]:
    d = delivery.c
    this_step = and_(step.c.dossier == d.dossier, step.c.step == d.step, step.c.round == d.round)
    due_at = func.coalesce(step.c.due_at, case.c.due_at)
    return (
        select(d.id, d.partition, d.created_at, d.failures, due_at)
        .join(case, case.c.code == d.dossier, isouter=True)
        .join(step, this_step, isouter=True)
        .where(d.alarm_at <= _NOW)
        .order_by(d.alarm_at, d.id)
        .limit(_MOST)
    )


def _cases() -> Select[Any]:
    woken = select(case.c.code).where(case.c.wake_at <= given("now", case.c.wake_at))
    return woken.order_by(case.c.wake_at, case.c.code).limit(_MOST)


DUE: Final = Query(lambda _: _due_deliveries(_WELL))
"""What may go out again now; see `bus.ports.HubStore.due_deliveries`."""

DUE_BUT: Final = Query(
    lambda on: _due_deliveries(and_(_WELL, not_(one_of(on, delivery.c.agency, "but"))))
)
"""The same, but for the agencies given as `but`."""

PROBES: Final = Query(lambda _: _probes())
"""What goes out as a probe now; see `bus.ports.HubStore.probes`."""

UNDELIVERED: Final = Query(lambda _: _undelivered())
"""What may be a matter for an operator by now."""

CASES: Final = Query(lambda _: _cases())
"""Cases the clock must look at."""
