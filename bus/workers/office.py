"""Who the hub is, and the hand-offs it makes: rows to store, messages to publish."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bus.ids import AgencyCode, Partition
from bus.ports import DeliveryRow, DeliveryState, Ids, Outgoing, Signer
from bus.routing import compose
from bus.routing.alarm import first_look
from bus.routing.case import Case
from bus.routing.chain import Draft
from bus.routing.effects import HandOver
from bus.routing.retry import RetryPolicy
from bus.schemas.address import AGENCY_IN, agency_key
from bus.workers.catalogues import Catalogues


@dataclass(frozen=True, slots=True)
class Office:
    """Who the hub is and what it works with: the same for every batch.

    `chance` gives a number from 0 up to 1 for the jitter of retries.
    """

    hub: AgencyCode
    partitions: int
    signer: Signer
    ids: Ids
    chance: Callable[[], float]
    policy: RetryPolicy
    catalogues: Catalogues


@dataclass(frozen=True, slots=True)
class Place:
    """Where a hand-off follows from: an entry of the ledger, and its place among what is owed."""

    partition: Partition
    position: int
    part: int


def handoff(
    office: Office, owed: HandOver, *, case: Case, draft: Draft, place: Place
) -> DeliveryRow:
    """Return the hand-off of what is owed because of a ledger entry, waiting, not signed yet."""
    at = draft.recorded_at
    id_ = office.ids.new(at)
    body = compose.delivery(
        owed,
        id_=id_,
        hub=office.hub,
        dossier=case.code,
        submission=case.submission,
        cause=draft.id,
        time=at,
    )
    return DeliveryRow(
        id=id_,
        partition=place.partition,
        dossier=case.code,
        agency=owed.recipient,
        type=compose.name_of(owed.message),
        step=owed.step,
        round=owed.round,
        cause=place.position,
        part=place.part,
        body=body,
        jws="",
        state=DeliveryState.WAITING,
        created_at=at,
        sent_at=None,
        next_at=None,
        failures=0,
        published=0,
        alarm_at=first_look(at, _due(case, owed), office.policy),
    )


def _due(case: Case, owed: HandOver) -> datetime | None:
    """Return the deadline a hand-off eats into: its step's, else the dossier's."""
    run = case.step(owed.step) if owed.step is not None else None
    return (run.due_at if run is not None else None) or case.due_at


def as_outgoing(row: DeliveryRow) -> Outgoing:
    """Return a delivery as it is published: the bytes of the first time."""
    return Outgoing(
        exchange=AGENCY_IN,
        routing_key=agency_key(row.agency),
        body=row.body,
        message_id=str(row.id),
        type=row.type,
        jws=row.jws,
        timestamp=row.created_at,
    )
