"""Hop 8: cases the clock must look at — warnings before a deadline, and deadlines passed."""

from collections.abc import Sequence
from datetime import datetime

from bus.ids import DossierCode, partition_of
from bus.ports import Clock, EntryKind, HubStore, Outgoing, Publisher
from bus.routing import compose
from bus.routing.chain import Draft, sha256
from bus.routing.machine import ClockStruck, advance
from bus.routing.province import Catalogue
from bus.workers.desk import Desk
from bus.workers.office import Office

BATCH = 200


class Timers:
    """Lets the clock strike. One thread at a time uses it."""

    def __init__(self, publisher: Publisher, store: HubStore, office: Office, clock: Clock) -> None:
        self._publisher = publisher
        self._store = store
        self._office = office
        self._clock = clock

    def step(self) -> bool:
        """Look at the cases whose moment has come; say whether there were any."""
        now = self._clock.now()
        due = self._store.due_cases(now=now, limit=BATCH)
        if not due:
            return False
        newest = self._office.catalogues.newest()
        outgoing = self._office.catalogues.reading(lambda: self._strike(due, now, newest))
        self._publisher.publish(outgoing)
        return True

    def _strike(
        self, due: Sequence[DossierCode], now: datetime, newest: Catalogue
    ) -> list[Outgoing]:
        partitions = {partition_of(code, self._office.partitions) for code in due}
        with self._store.transaction(partitions) as transaction:
            desk = Desk(self._office, transaction, now, newest=newest)
            desk.load(set(due))
            for code in due:
                _strike(desk, code)
            transaction.save(desk.changes())
        return desk.outgoing()


def _strike(desk: Desk, dossier: DossierCode) -> None:
    """Let the clock look at a case; what it does not move leaves no entry."""
    case = desk.case(dossier)
    if case is None:
        return
    moved, owed = advance(case, ClockStruck(), desk.context(case))
    if moved == case:
        return
    body = compose.clock_body(dossier, desk.now)
    draft = Draft(
        kind=EntryKind.CLOCK,
        id=desk.office.ids.new(desk.now),
        dossier=dossier,
        agency=desk.office.hub,
        type="clock",
        recorded_at=desk.now,
        catalogue=desk.decided_under(case),
        body=body,
        jws="",
        digest=sha256(body),
    )
    desk.write(moved, owed, draft)
