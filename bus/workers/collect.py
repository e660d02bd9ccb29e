"""Hop 1: from an agency's system to the edge's outbox, signed and numbered.

The message and the cursor of the source are stored in one transaction; only then is the source
told that the bus has them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from bus.errors import TimeMayHeal, WorkerUnfit
from bus.ids import AgencyCode
from bus.ports import (
    Change,
    Clock,
    EdgeStore,
    Ids,
    LaneKey,
    OutboxRow,
    OutboxState,
    Signer,
    Sink,
    Source,
)
from bus.routing import compose

log = structlog.get_logger()

BATCH = 200


@dataclass(frozen=True, slots=True)
class Served:
    """One agency an edge node serves."""

    code: AgencyCode
    signer: Signer
    source: Source | None
    sink: Sink | None


class Collect:
    """Reads what happened in the agencies' systems. One thread at a time uses it.

    `trouble` is told why an agency's system cannot be read, and None when it can be again.
    """

    def __init__(
        self,
        store: EdgeStore,
        served: Sequence[Served],
        ids: Ids,
        clock: Clock,
        *,
        limit: int = BATCH,
        trouble: Callable[[AgencyCode, str | None], None] = lambda _agency, _why: None,
    ) -> None:
        self._store = store
        self._sources = [(one, one.source) for one in served if one.source is not None]
        self._ids = ids
        self._clock = clock
        self._limit = limit
        self._trouble = trouble
        self._cursors: dict[AgencyCode, str | None] = {}
        self._silent: set[AgencyCode] = set()

    def step(self) -> bool:
        """Read each system once; say whether any had something to tell.

        A system that fails in a way nobody named holds up only itself: its error is raised after
        the others were read.
        """
        busy = False
        failed: Exception | None = None
        for one, source in self._sources:
            try:
                busy = self._collect(one, source) or busy
            except WorkerUnfit:
                raise
            except TimeMayHeal as error:
                self._unavailable(one.code, error)
            except Exception as error:  # noqa: BLE001 -- told by the loop
                failed = failed or error
        if failed is not None:
            raise failed
        return busy

    def _collect(self, one: Served, source: Source) -> bool:
        if one.code not in self._cursors:
            self._cursors[one.code] = self._store.cursor(one.code)
        changes = source.changes(after=self._cursors[one.code], limit=self._limit)
        self._heard(one.code)
        if not changes:
            return False
        known = self._store.known(one.code, [change.key for change in changes])
        fresh = list({c.key: c for c in changes if c.key not in known}.values())
        cursor = changes[-1].cursor
        self._store.collect(one.code, self._rows(one, fresh), cursor=cursor)
        self._cursors[one.code] = cursor
        source.taken(changes)
        log.info("collect.taken", agency=one.code, messages=len(fresh), known=len(known))
        return True

    def _rows(self, one: Served, changes: Sequence[Change]) -> list[OutboxRow]:
        now = self._clock.now()
        places = dict(self._store.next_sequences({LaneKey(one.code, c.dossier) for c in changes}))
        return [self._row(one, change, places, now=now) for change in changes]

    def _row(
        self, one: Served, change: Change, places: dict[LaneKey, int], *, now: datetime
    ) -> OutboxRow:
        lane = LaneKey(one.code, change.dossier)
        place = places[lane]
        places[lane] = place + 1
        id_ = self._ids.new(now)
        body = compose.dossier_message(
            change.data,
            id_=id_,
            source=one.code,
            subject=change.dossier,
            sequence=place,
            time=now,
        )
        return OutboxRow(
            id=id_,
            agency=one.code,
            dossier=change.dossier,
            sequence=place,
            key=change.key,
            type=compose.type_of(change.data),
            body=body,
            jws=one.signer.sign(body),
            created_at=now,
            state=OutboxState.QUEUED,
        )

    def _heard(self, agency: AgencyCode) -> None:
        self._trouble(agency, None)
        if agency in self._silent:
            self._silent.discard(agency)
            log.info("collect.source_back", agency=agency)

    def _unavailable(self, agency: AgencyCode, error: TimeMayHeal) -> None:
        self._trouble(agency, f"{error.code}: {error}")
        if agency not in self._silent:
            self._silent.add(agency)
            log.warning(
                "collect.source_unavailable",
                agency=agency,
                code=error.code,
                why=str(error),
                **error.facts,
            )


def by_code(served: Sequence[Served]) -> Mapping[AgencyCode, Served]:
    """Return the agencies a node serves, by code."""
    return {one.code: one for one in served}
