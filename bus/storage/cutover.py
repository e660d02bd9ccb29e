"""Finds what a cutover must move, page by page, on indexes that are there."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sqlalchemy import Engine, exists, func, literal_column, select

from bus.ids import AgencyCode, AreaCode, DossierCode
from bus.ports import FINAL, DeliveryState
from bus.routing.case import ACTIVE_STEPS, OPEN_STATES, CaseState, StepState
from bus.routing.cutover import ASKS, Handed
from bus.storage.engine import reading
from bus.storage.hub_tables import case, delivery, step
from bus.storage.lookup import Query, given, one_of, stands, stands_not

_NOT_FINAL: Final = stands_not(
    delivery.c.state, *(state for state in DeliveryState if state in FINAL)
)
_ACTIVE: Final = stands(step.c.state, *(state for state in StepState if state in ACTIVE_STEPS))

_LAST: Final = DossierCode("zzzz")
"""After every code there can be, in any order of letters."""

_STEPS: Final = Query(
    lambda on: (
        select(step.c.dossier)
        .distinct()
        .where(
            step.c.dossier > given("after", step.c.dossier),
            _ACTIVE,
            step.c.ended_at.is_(None),
            one_of(on, step.c.agency, "agencies"),
        )
        .order_by(step.c.dossier)
        .limit(given("most", func.count().type))
    )
)
_WAITING: Final = Query(
    lambda on: (
        select(delivery.c.dossier)
        .distinct()
        .where(
            delivery.c.dossier > given("after", delivery.c.dossier),
            delivery.c.dossier <= given("upto", delivery.c.dossier),
            _NOT_FINAL,
            one_of(on, delivery.c.agency, "agencies"),
        )
        .order_by(delivery.c.dossier)
        .limit(given("most", func.count().type))
    )
)
_ASKED: Final = Query(
    lambda on: (
        select(case.c.code)
        .where(
            case.c.code > given("after", case.c.code),
            case.c.code <= given("upto", case.c.code),
            stands(case.c.state, *(state for state in CaseState if state in OPEN_STATES)),
            one_of(on, case.c.receiving_unit, "agencies"),
            exists().where(
                delivery.c.dossier == case.c.code,
                delivery.c.agency == case.c.receiving_unit,
                delivery.c.type.in_([literal_column(f"'{kind}'") for kind in sorted(ASKS)]),
            ),
        )
        .order_by(case.c.code)
        .limit(given("most", func.count().type))
    )
)
_BELONGING: Final = Query(
    lambda on: (
        select(case.c.code)
        .where(
            one_of(on, case.c.area, "areas"),
            stands(case.c.state, *(state for state in CaseState if state in OPEN_STATES)),
        )
        .order_by(case.c.code)
    )
)
_HANDED: Final = Query(
    lambda on: (
        select(
            delivery.c.dossier,
            delivery.c.id,
            delivery.c.agency,
            delivery.c.step,
            delivery.c.round,
            delivery.c.state,
            delivery.c.type,
        )
        .where(
            one_of(on, delivery.c.dossier, "dossiers"), one_of(on, delivery.c.agency, "agencies")
        )
        .order_by(delivery.c.dossier, delivery.c.cause, delivery.c.part)
    )
)
_OPEN_STEPS: Final = Query(
    lambda _: (
        select(func.count())
        .select_from(step)
        .where(_ACTIVE, step.c.ended_at.is_(None), step.c.agency.is_not(None))
    )
)


class SqlCutoverReader:
    """A `bus.ports.CutoverReader` on PostgreSQL or SQLite."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def at(
        self, agencies: Collection[AgencyCode], *, after: DossierCode | None, limit: int
    ) -> Sequence[DossierCode]:
        """Return dossiers for which one of the agencies still matters."""
        asked = {"agencies": list(agencies), "after": after or "", "most": limit}
        with reading(self._engine) as connection:
            steps = _STEPS.column(connection, **asked)
            # What lies behind a full page is looked for with the next one.
            asked["upto"] = steps[-1] if len(steps) == limit else _LAST
            waiting = _WAITING.column(connection, **asked)
            asked_for = _ASKED.column(connection, **asked)
        return sorted({*steps, *waiting, *asked_for})[:limit]

    def belonging(self, areas: Collection[AreaCode]) -> Sequence[DossierCode]:
        """Return the open dossiers of these areas, by code."""
        if not areas:
            return ()
        with reading(self._engine) as connection:
            return _BELONGING.column(connection, areas=list(areas))

    def handed(
        self, dossiers: Collection[DossierCode], agencies: Collection[AgencyCode]
    ) -> Mapping[DossierCode, Sequence[Handed]]:
        """Return every hand-off of these dossiers to one of the agencies, in the order made."""
        found: dict[DossierCode, list[Handed]] = defaultdict(list)
        with reading(self._engine) as connection:
            rows = _HANDED.rows(connection, dossiers=list(dossiers), agencies=list(agencies))
        for dossier, id_, agency, step_, round_, state, type_ in rows:
            one = Handed(id_, agency, type_, step_, round_, state not in FINAL)
            found[dossier].append(one)
        return found

    def open_steps(self) -> int:
        """Return how many steps are open at some agency."""
        with reading(self._engine) as connection:
            return int(_OPEN_STEPS.column(connection)[0])
