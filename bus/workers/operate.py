"""What an operator does with a hand-off: retry or discard it, with actor and reason, for ever."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from bus.errors import ActRefused, NotFound
from bus.ids import AgencyCode, Partition
from bus.ports import (
    Clock,
    DeliveryRow,
    DeliveryState,
    EntryKind,
    HubChanges,
    HubStore,
    HubTransaction,
    Ids,
    LaneKey,
)
from bus.routing.chain import Draft, effects_text, seal, sha256
from bus.routing.ledger import LedgerHead
from bus.workers.lanes import FINAL

_RETRIABLE = frozenset({DeliveryState.PARKED, DeliveryState.DUE, DeliveryState.SENT})


@dataclass(frozen=True, slots=True)
class Operator:
    """Who acts, and why; both stand in the ledger."""

    actor: str
    reason: str


class Operate:
    """The acts of an operator on hand-offs; each is a ledger entry."""

    def __init__(self, store: HubStore, hub: AgencyCode, ids: Ids, clock: Clock) -> None:
        self._store = store
        self._hub = hub
        self._ids = ids
        self._clock = clock

    def retry(self, row: DeliveryRow, operator: Operator) -> DeliveryRow:
        """Let a hand-off go out again now; a hub that runs picks it up by itself.

        Raises:
            NotFound: There is no such hand-off.
            ActRefused: It is settled, or waits behind another of its lane.
        """
        with self._store.transaction({row.partition}) as transaction:
            now = self._clock.now()
            current = _current(transaction, row.id)
            if current.state not in _RETRIABLE:
                raise ActRefused(_not_allowed(current, "gửi lại", "retried"))
            again = replace(current, state=DeliveryState.DUE, next_at=now, error=None)
            self._save(transaction, "handoff.retry", [again], operator)
        return again

    def discard(self, row: DeliveryRow, operator: Operator) -> DeliveryRow:
        """Settle a hand-off without delivering it and free its lane; nothing is deleted.

        Raises:
            NotFound: There is no such hand-off.
            ActRefused: It is settled already.
        """
        with self._store.transaction({row.partition}) as transaction:
            now = self._clock.now()
            current = _current(transaction, row.id)
            if current.state in FINAL:
                raise ActRefused(_not_allowed(current, "bỏ", "discarded"))
            gone = replace(current, state=DeliveryState.DISCARDED, next_at=None, settled_at=now)
            changed = [gone]
            following = _following(transaction, current)
            if following is not None:
                changed.append(replace(following, state=DeliveryState.DUE, next_at=now))
            self._save(transaction, "handoff.discard", changed, operator)
        return gone

    def _save(
        self,
        transaction: HubTransaction,
        act: str,
        rows: Sequence[DeliveryRow],
        operator: Operator,
    ) -> None:
        now, first = self._clock.now(), rows[0]
        head = transaction.heads[Partition(first.partition)]
        body = json.dumps(
            {
                "act": act,
                "delivery": str(first.id),
                "actor": operator.actor,
                "reason": operator.reason,
            },
            ensure_ascii=False,
        ).encode()
        entry = seal(
            head,
            Draft(
                kind=EntryKind.ACT,
                id=self._ids.new(now),
                dossier=first.dossier,
                agency=self._hub,
                type=act,
                recorded_at=now,
                catalogue=0,
                body=body,
                jws="",
                digest=sha256(body),
            ),
            effects_text(()),
        )
        transaction.save(
            HubChanges(
                heads=[LedgerHead(head.partition, entry.position, entry.hash)],
                ledger=[entry],
                deliveries={row.id: row for row in rows},
            )
        )


def _current(transaction: HubTransaction, id_: UUID) -> DeliveryRow:
    row = transaction.deliveries([id_]).get(id_)
    if row is None:
        raise NotFound(f"không có lần giao {id_} / there is no hand-off {id_}")
    return row


def _following(transaction: HubTransaction, row: DeliveryRow) -> DeliveryRow | None:
    """Return the next hand-off of the lane, where this one held it up."""
    lane = LaneKey(row.agency, row.dossier)
    rest = [
        one
        for one in transaction.unsettled([row.dossier])
        if LaneKey(one.agency, one.dossier) == lane and one.id != row.id
    ]
    ahead = next(iter(rest), None)
    return ahead if ahead is not None and ahead.state is DeliveryState.WAITING else None


def _not_allowed(row: DeliveryRow, act_vi: str, done: str) -> str:
    return (
        f"lần giao {row.id} đang ở trạng thái “{row.state}”, không thể {act_vi};"
        " xem `bus handoff show`"
        f" / hand-off {row.id} is '{row.state}' and cannot be {done}; see `bus handoff show`"
    )
