"""Writes an act of an operator into the ledger, with what follows from it."""

from collections.abc import Sequence

from bus.ports import EntryKind, LedgerEntry
from bus.routing import acts
from bus.routing.acts import Act
from bus.routing.case import Case
from bus.routing.chain import Draft, sha256
from bus.routing.effects import HandOver
from bus.workers.desk import Desk


def note(desk: Desk, case: Case, act: Act, *, owed: Sequence[HandOver] = ()) -> LedgerEntry:
    """Seal the act at the desk, with the case as it stands after it.

    What is owed first takes the place of the hand-off the act is about.
    """
    body = acts.dump(act)
    draft = Draft(
        kind=EntryKind.ACT,
        id=desk.office.ids.new(desk.now),
        dossier=case.code,
        agency=desk.office.hub,
        type=act.act,
        recorded_at=desk.now,
        catalogue=desk.decided_under(case),
        body=body,
        jws="",
        digest=sha256(body),
    )
    return desk.write(case, owed, draft, origin=act.delivery if owed else None)
