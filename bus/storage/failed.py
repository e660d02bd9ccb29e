"""Reads what operators see of failed hand-offs: groups, backlogs, who takes them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Engine, Select, Subquery, case, func, select

from bus.ids import AgencyCode, DossierCode
from bus.ports import ContactRow, DeliveryRow, DeliveryState
from bus.routing.case import Case
from bus.storage.cases import join
from bus.storage.engine import reading
from bus.storage.hub_tables import attempt, contact, delivery
from bus.storage.hub_transaction import CASES, CONTACT, DELIVERY
from bus.storage.lookup import stands, stands_not
from bus.storage.views import Backlog, GroupLine

_OPEN: Final = (
    DeliveryState.WAITING,
    DeliveryState.DUE,
    DeliveryState.SENT,
    DeliveryState.PARKED,
)
_NOT_FINAL: Final = stands_not(
    delivery.c.state, *(state for state in DeliveryState if state not in _OPEN)
)


class FailedQueries:
    """Questions about failed hand-offs. Any thread may use it.

    Every method raises StorageUnavailable when the database is gone.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def groups(
        self, *, agency: AgencyCode | None = None, fingerprint: str | None = None, limit: int = 100
    ) -> list[GroupLine]:
        """Return the groups of parked hand-offs, the largest first."""
        of_group = [stands(delivery.c.state, DeliveryState.PARKED)]
        if agency is not None:
            of_group.append(delivery.c.agency == agency)
        if fingerprint is not None:
            of_group.append(delivery.c.fingerprint == fingerprint)
        group, sample = _grouped(of_group), _last_parked(of_group)
        said = (
            select(attempt.c.detail)
            .where(attempt.c.delivery == sample.c.id, attempt.c.fingerprint == sample.c.fingerprint)
            .order_by(attempt.c.ordinal.desc())
            .limit(1)
            .correlate(sample)
            .scalar_subquery()
        )
        query = (
            select(group, sample.c.id, said)
            .join(sample, sample.c.fingerprint == group.c.fingerprint)
            .where(sample.c.place == 1)
            .order_by(group.c.count.desc(), group.c.fingerprint)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return [GroupLine(*row) for row in connection.execute(query)]

    def parked(self, fingerprint: str) -> list[DeliveryRow]:
        """Return the parked hand-offs of a group, the one parked first first."""
        d = delivery.c
        query = DELIVERY.select().where(
            stands(d.state, DeliveryState.PARKED), d.fingerprint == fingerprint
        )
        with reading(self._engine) as connection:
            return DELIVERY.values(connection.execute(query.order_by(d.parked_at, d.id)))

    def backlogs(self) -> dict[AgencyCode, Backlog]:
        """Return how many hand-offs are not settled, by agency; those without any are left out."""
        d = delivery.c
        counts = [func.sum(case((d.state == state, 1), else_=0)) for state in _OPEN]
        query: Select[Any] = (
            select(d.agency, *counts, func.min(d.created_at)).where(_NOT_FINAL).group_by(d.agency)
        )
        with reading(self._engine) as connection:
            found = [Backlog(*row) for row in connection.execute(query)]
        return {one.agency: one for one in found}

    def contacts(self) -> dict[AgencyCode, ContactRow]:
        """Return what is known of every adapter that was ever heard of."""
        with reading(self._engine) as connection:
            rows = CONTACT.values(connection.execute(CONTACT.select().order_by(contact.c.agency)))
        return {row.agency: row for row in rows}

    def cases(self, codes: Collection[DossierCode]) -> Mapping[DossierCode, Case]:
        """Return the cases that are there."""
        if not codes:
            return {}
        with reading(self._engine) as connection:
            found = CASES.rows(connection, codes=codes)
            return {code: join(state, content) for code, state, content in found}


def _grouped(of_group: Sequence[ColumnElement[bool]]) -> Subquery:
    """Return a row a group, in the order of `GroupLine`."""
    d = delivery.c
    return (
        select(
            d.fingerprint,
            d.agency,
            d.type,
            d.step,
            d.error,
            func.count().label("count"),
            func.sum(case((d.alarmed_at.is_not(None), 1), else_=0)).label("alarmed"),
            func.min(d.parked_at).label("first"),
            func.max(d.parked_at).label("last"),
        )
        .where(*of_group)
        .group_by(d.fingerprint, d.agency, d.type, d.step, d.error)
        .subquery("grouped")
    )


def _last_parked(of_group: Sequence[ColumnElement[bool]]) -> Subquery:
    """Return the hand-offs of each group with their place, the one parked last being the first."""
    d = delivery.c
    place = func.row_number().over(
        partition_by=d.fingerprint, order_by=(d.parked_at.desc(), d.id.desc())
    )
    return select(d.fingerprint, d.id, place.label("place")).where(*of_group).subquery("sample")
