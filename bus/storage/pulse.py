"""Whether anything is under way at a hub, and when something is due next."""

from datetime import datetime
from typing import Final

from sqlalchemy import Engine, func, select

from bus.ports import DeliveryState
from bus.storage.engine import reading
from bus.storage.hub_tables import case as dossier
from bus.storage.hub_tables import delivery

_SENT: Final = select(func.count()).where(delivery.c.state == DeliveryState.SENT)
_DUE: Final = select(func.min(delivery.c.next_at)).where(delivery.c.state == DeliveryState.DUE)
_WAKE: Final = select(func.min(dossier.c.wake_at))


def unanswered(engine: Engine) -> int:
    """Return how many deliveries are sent and not answered."""
    with reading(engine) as connection:
        return int(connection.execute(_SENT).scalar_one())


def next_moment(engine: Engine) -> datetime | None:
    """Return when a retry or a deadline is due next, or None."""
    with reading(engine) as connection:
        moments = [connection.execute(query).scalar_one() for query in (_DUE, _WAKE)]
    return min((moment for moment in moments if moment is not None), default=None)
