"""What operators must hear of: hand-offs that eat up a deadline, and adapters that fall silent.

An alarm goes by the working time left, however often a hand-off was tried, and once for each. An
adapter that is not heard of for a while is said to be silent once, and once to be back.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from bus.errors import CalendarExhausted
from bus.ids import AgencyCode
from bus.ports import FINAL, Clock, DeliveryRow, HubChanges, HubStore, UndeliveredRow
from bus.routing.alarm import Alarm, LookAgain, Undelivered, look
from bus.values import changed
from bus.workers.office import Office

log = structlog.get_logger()

BATCH: Final = 200
_LISTEN: Final = timedelta(seconds=10)

Verdicts = Mapping[UUID, Alarm | LookAgain]


class Watch:
    """Looks after hand-offs and adapters. One thread at a time uses it."""

    def __init__(self, store: HubStore, office: Office, clock: Clock) -> None:
        self._store = store
        self._office = office
        self._clock = clock
        self._silent: set[AgencyCode] = set()
        self._listen_at: datetime | None = None

    def step(self) -> bool:
        """Look at the hand-offs whose moment has come; say whether there were any."""
        now = self._clock.now()
        self._listen(now)
        due = self._store.undelivered(now=now, limit=BATCH)
        if not due:
            return False
        verdicts = self._verdicts(due, now)
        for row in self._write(due, verdicts, now):
            verdict = verdicts[row.id]
            if isinstance(verdict, Alarm):
                _tell(row, verdict)
        return True

    def _verdicts(self, due: Sequence[UndeliveredRow], now: datetime) -> Verdicts:
        calendar = self._office.catalogues.newest().calendar
        policy = self._office.policy
        verdicts: dict[UUID, Alarm | LookAgain] = {}
        for row in due:
            one = Undelivered(row.created_at, row.due_at, row.failures)
            try:
                verdicts[row.id] = look(one, now=now, calendar=calendar, policy=policy)
            except CalendarExhausted:  # an operator must see to the calendar, and to this
                verdicts[row.id] = Alarm(None)
        return verdicts

    def _write(
        self, due: Sequence[UndeliveredRow], verdicts: Verdicts, now: datetime
    ) -> list[DeliveryRow]:
        """Read again under the lock: a receipt may have come in between."""
        with self._store.transaction({row.partition for row in due}) as transaction:
            seen = [
                _seen(row, verdicts[row.id], now)
                for row in transaction.deliveries(set(verdicts)).values()
                if row.state not in FINAL
            ]
            transaction.save(HubChanges(deliveries={row.id: row for row in seen}))
        return seen

    def _listen(self, now: datetime) -> None:
        """Notice adapters that fell silent or are back."""
        if self._listen_at is not None and now < self._listen_at:
            return
        self._listen_at = now + _LISTEN
        for contact in self._store.contacts():
            silent = now - contact.heard_at > self._office.policy.silent
            if silent and contact.agency not in self._silent:
                self._silent.add(contact.agency)
                log.warning(
                    "agency.silent", agency=contact.agency, since=contact.heard_at.isoformat()
                )
            elif not silent and contact.agency in self._silent:
                self._silent.discard(contact.agency)
                log.info("agency.back", agency=contact.agency)


def _seen(row: DeliveryRow, verdict: Alarm | LookAgain, now: datetime) -> DeliveryRow:
    if isinstance(verdict, Alarm):
        return changed(row, alarm_at=None, alarmed_at=now)
    return changed(row, alarm_at=verdict.at)


def _tell(row: DeliveryRow, alarm: Alarm) -> None:
    log.error(
        "handoff.alarm",
        delivery=str(row.id),
        agency=row.agency,
        dossier=row.dossier,
        state=str(row.state),
        failures=row.failures,
        error=row.error,
        working_minutes_left=alarm.minutes_left,
    )
