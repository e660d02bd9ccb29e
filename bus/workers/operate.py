"""What an operator does with hand-offs: each act with actor and reason, in the ledger for ever.

Nothing is published here: what may go out is due, and a hub that runs sends it. Nothing is deleted
either: what was discarded can be restored.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from bus.errors import ActRefused, NotFound
from bus.ids import AgencyCode
from bus.ports import FINAL, Clock, DeliveryRow, DeliveryState, HubStore, LedgerEntry
from bus.routing.acts import Act, ActKind
from bus.routing.case import Case
from bus.routing.effects import HandOver
from bus.routing.machine import advance
from bus.routing.province import Catalogue
from bus.routing.rerouting import StepRerouted, destination, followed
from bus.schemas.envelope import HubDelivery
from bus.schemas.reader import read_from_hub
from bus.workers.desk import Desk
from bus.workers.noting import note
from bus.workers.office import Office

_UNDER_WAY: Final = frozenset({DeliveryState.PARKED, DeliveryState.DUE, DeliveryState.SENT})
_OPEN: Final = frozenset(DeliveryState) - FINAL
_VERBS: Final[Mapping[ActKind, tuple[str, str]]] = {
    ActKind.RETRY: ("gửi lại", "retried"),
    ActKind.DISCARD: ("bỏ", "discarded"),
    ActKind.RESTORE: ("khôi phục", "restored"),
    ActKind.RESOLVE: ("ghi nhận đã giao bằng cách khác", "resolved"),
    ActKind.PLACE: ("xác định địa bàn", "placed"),
    ActKind.REROUTE: ("chuyển cho cơ quan khác", "rerouted"),
    ActKind.GROUP_RETRY: ("gửi lại cả nhóm", "retried as a group"),
    ActKind.GROUP_STOP: ("dừng gửi lại cả nhóm", "stopped as a group"),
    ActKind.GROUP_RESUME: ("tiếp tục gửi lại cả nhóm", "resumed as a group"),
}

Decide = Callable[[Desk, DeliveryRow], DeliveryRow]


@dataclass(frozen=True, slots=True)
class Operator:
    """Who acts, and why; both stand in the ledger."""

    actor: str
    reason: str


class Operate:
    """The acts of an operator on hand-offs; each is a ledger entry.

    Every act raises NotFound where there is no such hand-off, and ActRefused where its state does
    not allow the act; then nothing is changed.
    """

    def __init__(self, store: HubStore, office: Office, clock: Clock) -> None:
        self._store = store
        self._office = office
        self._clock = clock

    def retry(self, row: DeliveryRow, operator: Operator) -> DeliveryRow:
        """Let a hand-off go out again now; a hub that runs picks it up by itself."""

        def decide(desk: Desk, current: DeliveryRow) -> DeliveryRow:
            _note(desk, current, _act(ActKind.RETRY, current, operator))
            return desk.lanes.again(current.id)

        return self._one(row, ActKind.RETRY, _UNDER_WAY, decide)

    def retry_parked(
        self, rows: Sequence[DeliveryRow], operator: Operator, *, task: UUID
    ) -> dict[UUID, DeliveryRow]:
        """Let those of the hand-offs go out again that are still parked; return all as they stand.

        One transaction for all; what is not parked any more is left as it is.
        """

        def decide(desk: Desk, current: DeliveryRow) -> DeliveryRow:
            if current.state is not DeliveryState.PARKED:
                return current
            _note(desk, current, _act(ActKind.RETRY, current, operator, task=task))
            return desk.lanes.again(current.id)

        found = self._all(rows, ActKind.RETRY, frozenset(DeliveryState), decide)
        return {row.id: row for row in found}

    def discard(self, row: DeliveryRow, operator: Operator) -> DeliveryRow:
        """Give a hand-off up without delivering it and free its lane; nothing is deleted."""

        def decide(desk: Desk, current: DeliveryRow) -> DeliveryRow:
            _note(desk, current, _act(ActKind.DISCARD, current, operator))
            return desk.lanes.end(current.id, DeliveryState.DISCARDED)

        return self._one(row, ActKind.DISCARD, _OPEN, decide)

    def restore(
        self, row: DeliveryRow, operator: Operator, *, out_of_order: bool = False
    ) -> DeliveryRow:
        """Put a discarded hand-off back into its place, parked: an operator decides again.

        Refused where later ones of its lane went out meanwhile, unless `out_of_order` accepts that.
        """

        def decide(desk: Desk, current: DeliveryRow) -> DeliveryRow:
            overtaken = desk.overtaken(current)
            if overtaken and not out_of_order:
                raise ActRefused(
                    f"lần giao {current.id}: {overtaken} lần giao sau nó của cùng hồ sơ đã đi; nếu"
                    " đơn vị nhận được sai thứ tự, hãy thêm --out-of-order"
                    f" / hand-off {current.id}: {overtaken} later ones of the same dossier went"
                    " out; where the agency can take it out of order, add --out-of-order"
                )
            _note(desk, current, _act(ActKind.RESTORE, current, operator))
            return desk.lanes.restore(current.id)

        return self._one(row, ActKind.RESTORE, {DeliveryState.DISCARDED}, decide)

    def resolve(
        self, row: DeliveryRow, operator: Operator, *, reference: str | None = None
    ) -> DeliveryRow:
        """Note that the agency has a hand-off by other means, and free its lane.

        `reference` is how the agency's system calls it, where that is known.
        """

        def decide(desk: Desk, current: DeliveryRow) -> DeliveryRow:
            _note(desk, current, _act(ActKind.RESOLVE, current, operator, reference=reference))
            return desk.lanes.end(current.id, DeliveryState.RESOLVED, reference=reference)

        return self._one(row, ActKind.RESOLVE, _UNDER_WAY, decide)

    def reroute(
        self, row: DeliveryRow, operator: Operator, *, to: AgencyCode | None = None
    ) -> DeliveryRow:
        """Hand over to another agency what cannot arrive at this one; return what takes its place.

        The deadline stays. Without `to` it goes to the agency that the newest directory names for
        the step. Refused where the step is over, or the other agency cannot take it.
        """
        newest = self._office.catalogues.newest()

        def decide(desk: Desk, current: DeliveryRow) -> DeliveryRow:
            case = _case(desk, current)
            route = desk.version(case).route_version(case.procedure, case.route_version)
            steps = {one.id: one.performer for one in route.steps}
            other = destination(
                current.agency,
                to,
                performer=steps.get(current.step) if current.step else None,
                case=case,
                newest=newest,
                at=desk.now,
            )
            # What is on its way may arrive; what was parked was not taken.
            take_back = current.published > 0 and current.state is not DeliveryState.PARKED
            act = _act(ActKind.REROUTE, current, operator, to=other, take_back=take_back)
            moved, owed = _rerouted(desk, case, current, act)
            entry = _note(desk, current, act, moved=moved, owed=owed)
            new = desk.lanes.made(entry.position, 0)
            desk.lanes.end(current.id, DeliveryState.REROUTED, reference=str(new.id))
            return new

        return self._one(row, ActKind.REROUTE, _OPEN, decide, newest=newest)

    def note_group(
        self, row: DeliveryRow, kind: ActKind, operator: Operator, *, task: UUID
    ) -> None:
        """Write into the ledger that a group retry was begun, stopped or resumed.

        The entry stands with the first hand-off of the group; it moves nothing.
        """

        def decide(desk: Desk, current: DeliveryRow) -> DeliveryRow:
            _note(desk, current, _act(kind, current, operator, task=task))
            return current

        self._one(row, kind, frozenset(DeliveryState), decide)

    # --- inside -------------------------------------------------------------------------------

    def _one(
        self,
        row: DeliveryRow,
        act: ActKind,
        allowed: Collection[DeliveryState],
        decide: Decide,
        *,
        newest: Catalogue | None = None,
    ) -> DeliveryRow:
        return self._all([row], act, allowed, decide, newest=newest)[0]

    def _all(
        self,
        rows: Sequence[DeliveryRow],
        act: ActKind,
        allowed: Collection[DeliveryState],
        decide: Decide,
        *,
        newest: Catalogue | None = None,
    ) -> list[DeliveryRow]:
        return self._office.catalogues.reading(
            lambda: self._transact(rows, act, allowed, decide, newest)
        )

    def _transact(
        self,
        rows: Sequence[DeliveryRow],
        act: ActKind,
        allowed: Collection[DeliveryState],
        decide: Decide,
        newest: Catalogue | None,
    ) -> list[DeliveryRow]:
        """Decide on the hand-offs as they stand now, and store what follows, or nothing."""
        with self._store.transaction({row.partition for row in rows}) as transaction:
            desk = Desk(self._office, transaction, self._clock.now(), newest=newest, quiet=True)
            desk.load({row.dossier for row in rows}, [row.id for row in rows])
            decided = []
            for row in rows:
                current = desk.lanes.rows.get(row.id)
                if current is None:
                    raise NotFound(f"không có lần giao {row.id} / there is no hand-off {row.id}")
                if current.state not in allowed:
                    raise ActRefused(_not_allowed(current, act))
                decided.append(decide(desk, current).id)
            changes = desk.changes()
            transaction.save(changes)
            return [desk.lanes.rows[id_] for id_ in decided]


def _act(
    kind: ActKind,
    row: DeliveryRow,
    operator: Operator,
    *,
    task: UUID | None = None,
    to: AgencyCode | None = None,
    take_back: bool | None = None,
    reference: str | None = None,
) -> Act:
    return Act(
        act=kind,
        delivery=row.id,
        actor=operator.actor,
        reason=operator.reason,
        task=task,
        to=to,
        take_back=take_back,
        reference=reference,
    )


def _note(
    desk: Desk,
    row: DeliveryRow,
    act: Act,
    *,
    moved: Case | None = None,
    owed: Sequence[HandOver] = (),
) -> LedgerEntry:
    """Write the act into the ledger, with what follows from it."""
    case = moved or _case(desk, row)
    return note(desk, case, act, owed=owed)


def _case(desk: Desk, row: DeliveryRow) -> Case:
    case = desk.case(row.dossier)
    assert case is not None  # noqa: S101 -- a hand-off follows from a case
    return case


def _rerouted(
    desk: Desk, case: Case, row: DeliveryRow, act: Act
) -> tuple[Case, tuple[HandOver, ...]]:
    """Return the case with its step at the other agency; what is no step just goes elsewhere."""
    assert act.to is not None  # noqa: S101 -- rerouting says where to
    if row.step is None or row.round is None:
        message = read_from_hub(row.body)
        assert isinstance(message, HubDelivery)  # noqa: S101 -- receipts are no deliveries
        followed_ = followed(case, desk.context(case))
        return followed_, (HandOver(act.to, type(message), message.data),)
    event = StepRerouted(row.step, row.round, act.to, act.reason, bool(act.take_back))
    return advance(case, event, desk.context(case))


def _not_allowed(row: DeliveryRow, act: ActKind) -> str:
    vi, en = _VERBS[act]
    return (
        f"lần giao {row.id} đang ở trạng thái “{row.state}”, không thể {vi};"
        " xem `bus handoff show`"
        f" / hand-off {row.id} is '{row.state}' and cannot be {en}; see `bus handoff show`"
    )
