"""What an operator did with a hand-off, as the ledger keeps it: the body of an entry of kind `act`.

The fold reads it again: rerouting a step or placing a dossier moves the case, so it must be
computable from the ledger alone. All other acts leave the case as it is.
"""

import json
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from bus.errors import LedgerBroken
from bus.ids import AgencyCode, AreaCode


class ActKind(StrEnum):
    """Everything an operator can do; the `type` of the ledger entry."""

    RETRY = "handoff.retry"
    DISCARD = "handoff.discard"
    RESTORE = "handoff.restore"
    RESOLVE = "handoff.resolve"
    REROUTE = "handoff.reroute"
    PLACE = "dossier.place"
    GROUP_RETRY = "handoff.group_retry"
    GROUP_STOP = "handoff.group_stop"
    GROUP_RESUME = "handoff.group_resume"


@dataclass(frozen=True, slots=True)
class Act:
    """One act: which hand-off, by whom, why; `dossier.place` is about no hand-off.

    `task` is the group retry it belongs to. `to` is the agency a hand-off was rerouted to, and
    `take_back` says that the one before may have it and is told to leave it. `reference` is how a
    resolved one is known at its agency. `area` is the part of a divided commune that a dossier was
    placed in.
    """

    act: ActKind
    actor: str
    reason: str
    delivery: UUID | None = None
    task: UUID | None = None
    to: AgencyCode | None = None
    take_back: bool | None = None
    reference: str | None = None
    area: AreaCode | None = None


_ACT = TypeAdapter(Act)


def dump(act: Act) -> bytes:
    """Return an act as the ledger keeps it; what is not said is left out."""
    said: dict[str, Any] = {
        field.name: value
        for field in fields(act)
        if (value := getattr(act, field.name)) is not None
    }
    return json.dumps(said, ensure_ascii=False, default=str).encode()


def load(body: bytes) -> Act:
    """Return the act that was dumped.

    Raises:
        LedgerBroken: The body is none.
    """
    try:
        return _ACT.validate_json(body)
    except ValidationError as error:
        raise LedgerBroken("its body is no act of an operator") from error
