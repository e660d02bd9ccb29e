"""Reads the hub's database for commands and the console. Nothing here writes; lists are paged."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Engine, Select, case, exists, func, or_, select, tuple_

from bus.ids import AgencyCode, DossierCode, Partition, ProcedureCode
from bus.ports import AttemptRow, DeliveryRow, DeliveryState, LedgerEntry, LedgerHead
from bus.routing.axes import Axes, axes
from bus.routing.case import ACTIVE_STEPS, OPEN_STATES, Case, CaseState
from bus.storage.cases import join
from bus.storage.engine import reading
from bus.storage.hub_tables import attempt, delivery, evidence, ledger, ledger_head, step
from bus.storage.hub_tables import case as dossier
from bus.storage.hub_transaction import ATTEMPT, DELIVERY, HEAD, LEDGER
from bus.storage.records import Record, record
from bus.storage.views import (
    Counts,
    DossierCounts,
    DossierLine,
    EvidenceLine,
    HandoffCounts,
    HandoffLine,
    StepLine,
)

_DOSSIER: Final = record(DossierLine, dossier)
_STEP: Final = record(StepLine, step)
_HANDOFF: Final = record(HandoffLine, delivery)
_UNDER_WAY: Final = (DeliveryState.WAITING, DeliveryState.DUE, DeliveryState.SENT)
_LineT = TypeVar("_LineT")


def _overdue(at: datetime) -> ColumnElement[bool]:
    c, s = dossier.c, step.c
    late = exists().where(
        s.dossier == c.code, s.agency.is_not(None), s.state.in_(ACTIVE_STEPS), s.due_at < at
    )
    return (c.state == CaseState.PROCESSING) & or_(c.due_at < at, late)


class HubQueries:
    """Questions to the hub's database. Any thread may use it.

    Every method raises StorageUnavailable when the database is gone.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def dossiers(
        self,
        *,
        state: CaseState | None = None,
        procedure: ProcedureCode | None = None,
        agency: AgencyCode | None = None,
        overdue_at: datetime | None = None,
        limit: int = 50,
        after: DossierCode | None = None,
    ) -> list[DossierLine]:
        """Return dossiers, last accepted first; `after` is the last one of the page before.

        `agency` is the receiving unit, or one that a step was ever handed to. With `overdue_at`
        only those that are late then, as a whole or at a step: see `bus.routing.deadline.overdue`.
        """
        c = dossier.c
        query = _DOSSIER.select().order_by(c.accepted_at.desc(), c.code.desc()).limit(limit)
        if state is not None:
            query = query.where(c.state == state)
        if procedure is not None:
            query = query.where(c.procedure == procedure)
        if overdue_at is not None:
            query = query.where(_overdue(overdue_at))
        if agency is not None:
            worked = exists().where(step.c.dossier == c.code, step.c.agency == agency)
            query = query.where(or_(c.receiving_unit == agency, worked))
        if after is not None:
            last = select(c.accepted_at).where(c.code == after).correlate(None).scalar_subquery()
            query = query.where(tuple_(c.accepted_at, c.code) < tuple_(last, after))
        return self._list(_DOSSIER, query)

    def overdue(self, codes: Collection[DossierCode], at: datetime) -> set[DossierCode]:
        """Return which of these dossiers are late at a moment."""
        query = select(dossier.c.code).where(dossier.c.code.in_(codes), _overdue(at))
        with reading(self._engine) as connection:
            return set(connection.scalars(query))

    def dossier(self, code: DossierCode) -> Case | None:
        """Return the case of a dossier."""
        cases = self._cases(_CASES.where(dossier.c.code == code))
        return cases[0] if cases else None

    def cases_page(self, after: DossierCode | None, limit: int) -> list[Case]:
        """Return cases by code, those after the last one of the page before."""
        query = _CASES.order_by(dossier.c.code).limit(limit)
        return self._cases(query if after is None else query.where(dossier.c.code > after))

    def steps(self, code: DossierCode) -> list[StepLine]:
        """Return the step runs of a dossier, in the order they were opened."""
        c = step.c
        query = _STEP.select().where(c.dossier == code)
        return self._list(_STEP, query.order_by(c.opened_at, c.round, c.step))

    def handoffs(
        self,
        *,
        state: DeliveryState | None = None,
        agency: AgencyCode | None = None,
        dossier: DossierCode | None = None,
        fingerprint: str | None = None,
        alarmed: bool = False,
        limit: int = 50,
        after: UUID | None = None,
    ) -> list[HandoffLine]:
        """Return hand-offs, last made first; `after` is the last one of the page before.

        `alarmed` ones are those an operator was told of and that are not settled yet.
        """
        c = delivery.c
        query = _HANDOFF.select().order_by(c.created_at.desc(), c.id.desc()).limit(limit)
        wanted = (
            (c.state, state),
            (c.agency, agency),
            (c.dossier, dossier),
            (c.fingerprint, fingerprint),
        )
        if alarmed:
            query = query.where(c.alarmed_at.is_not(None), c.settled_at.is_(None))
        query = query.where(*(column == value for column, value in wanted if value is not None))
        if after is not None:
            last = select(c.created_at).where(c.id == after).correlate(None).scalar_subquery()
            query = query.where(or_(c.created_at < last, (c.created_at == last) & (c.id < after)))
        return self._list(_HANDOFF, query)

    def axes(self, case: Case) -> Axes:
        """Return how a dossier stands. The national portal knows nothing: no hub is joined yet."""
        c = delivery.c
        query = select(
            func.count().filter(c.state.in_(_UNDER_WAY)),
            func.count().filter(c.state == DeliveryState.PARKED),
        ).where(c.dossier == case.code)
        with reading(self._engine) as connection:
            under_way, parked = connection.execute(query).one()
        return axes(case, under_way=under_way, parked=parked, told=None)

    def handoff(self, id_: UUID) -> DeliveryRow | None:
        """Return one hand-off with its bytes."""
        found = self._list(DELIVERY, DELIVERY.select().where(delivery.c.id == id_))
        return found[0] if found else None

    def attempts(self, id_: UUID, *, limit: int = 1000) -> list[AttemptRow]:
        """Return the attempts at a hand-off, in the order they ended."""
        query = ATTEMPT.select().where(attempt.c.delivery == id_)
        return self._list(ATTEMPT, query.order_by(attempt.c.ordinal).limit(limit))

    def attempts_of(self, code: DossierCode) -> Mapping[UUID, Sequence[AttemptRow]]:
        """Return the attempts at each hand-off of a dossier, in the order they ended."""
        query = ATTEMPT.select().join(delivery, delivery.c.id == attempt.c.delivery)
        found: dict[UUID, list[AttemptRow]] = {}
        of_it = query.where(delivery.c.dossier == code).order_by(attempt.c.ordinal)
        for one in self._list(ATTEMPT, of_it):
            found.setdefault(one.delivery, []).append(one)
        return found

    def notices(self, code: DossierCode) -> Mapping[UUID, bytes]:
        """Return the bytes of each notice about a deadline of a dossier."""
        c = delivery.c
        query = select(c.id, c.body).where(c.dossier == code, c.type.startswith("deadline."))
        with reading(self._engine) as connection:
            return {id_: bytes(body) for id_, body in connection.execute(query)}

    def ledger(self, partition: Partition, after: int = 0, limit: int = 1000) -> list[LedgerEntry]:
        """Return entries of a partition by position, those after a position."""
        c = ledger.c
        query = LEDGER.select().where(c.partition == partition, c.position > after)
        return self._list(LEDGER, query.order_by(c.position).limit(limit))

    def entries_of(self, dossiers: Collection[DossierCode]) -> list[LedgerEntry]:
        """Return all entries of these dossiers, by position inside each partition."""
        c = ledger.c
        query = LEDGER.select().where(c.dossier.in_(dossiers))
        return self._list(LEDGER, query.order_by(c.partition, c.position))

    def heads(self) -> list[LedgerHead]:
        """Return where each partition's chain ends, by partition."""
        return self._list(HEAD, HEAD.select().order_by(ledger_head.c.partition))

    def newest_entry_at(self) -> datetime | None:
        """Return when the youngest ledger entry was recorded, None where there is none."""
        c, h = ledger.c, ledger_head.c
        query = select(func.max(c.recorded_at)).join(
            ledger_head, (h.partition == c.partition) & (h.position == c.position)
        )
        with reading(self._engine) as connection:
            newest: datetime | None = connection.scalar(query)
        return newest

    def partitions(self) -> list[Partition]:
        """Return the partitions of the ledger, ascending."""
        return [head.partition for head in self.heads()]

    def evidence(self, limit: int = 50) -> list[EvidenceLine]:
        """Return refused bytes, last received first."""
        c = evidence.c
        query = select(
            c.digest,
            func.nullif(c.account, ""),
            c.received_at,
            c.queue,
            c.message_id,
            c.code,
            c.detail,
            func.length(c.body),
        )
        with reading(self._engine) as connection:
            rows = connection.execute(
                query.order_by(c.received_at.desc(), c.digest, c.account).limit(limit)
            )
            return [EvidenceLine(*row) for row in rows]

    def counts(self) -> Counts:
        """Return the state of the province in numbers, all of one moment."""
        with reading(self._engine) as connection:
            by_state = connection.execute(_BY_STATE).all()
            sent, imported, retried, parked = map(int, connection.execute(_HANDOFF_COUNTS).one())
            entries = connection.execute(_ENTRIES).scalar_one()
        procedures: dict[ProcedureCode, dict[CaseState, int]] = {}
        for procedure, state, count in by_state:
            procedures.setdefault(procedure, {})[state] = count
        everywhere = {
            state: sum(states.get(state, 0) for states in procedures.values())
            for state in CaseState
        }
        return Counts(
            dossiers=_dossier_counts(everywhere),
            handoffs=HandoffCounts(sent, imported, retried, parked),
            ledger_entries=int(entries),
            procedures={name: _dossier_counts(procedures[name]) for name in sorted(procedures)},
        )

    def _list(self, kind: Record[_LineT], query: Select[Any]) -> list[_LineT]:
        with reading(self._engine) as connection:
            return kind.values(connection.execute(query))

    def _cases(self, query: Select[Any]) -> list[Case]:
        with reading(self._engine) as connection:
            return [join(state, content) for state, content in connection.execute(query)]


_CASES: Final = select(dossier.c.state_json, dossier.c.content_json)
_BY_STATE: Final = select(dossier.c.procedure, dossier.c.state, func.count()).group_by(
    dossier.c.procedure, dossier.c.state
)
_ENTRIES: Final = select(func.coalesce(func.sum(ledger_head.c.position), 0))


def _total(amount: int | ColumnElement[int], condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, amount), else_=0)), 0)


_HANDOFF_COUNTS: Final = select(
    _total(1, delivery.c.published > 0),
    _total(1, delivery.c.state == DeliveryState.IMPORTED),
    _total(delivery.c.published - 1, delivery.c.published > 1),
    _total(1, delivery.c.state == DeliveryState.PARKED),
)


def _dossier_counts(states: Mapping[CaseState, int]) -> DossierCounts:
    def number(wanted: Iterable[CaseState]) -> int:
        return sum(states.get(state, 0) for state in wanted)

    return DossierCounts(
        submitted=sum(states.values()),
        completed=number((CaseState.COMPLETED, CaseState.RETURNED)),
        rejected=number((CaseState.REJECTED, CaseState.NOT_ACCEPTED, CaseState.TERMINATED)),
        withdrawn=number((CaseState.WITHDRAWN,)),
        open=number(OPEN_STATES),
    )
