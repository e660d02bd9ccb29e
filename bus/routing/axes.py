"""How a dossier stands, on four axes kept apart: business, financial, delivery, synchronisation.

Only the business axis is for citizens. The first two follow from the case; how its hand-offs are
and what the national portal was told are known to others, who say it.
"""

from dataclasses import dataclass
from enum import StrEnum

from bus.routing.case import Case, Financial, business_state
from bus.schemas.base import BusinessState


class Transport(StrEnum):
    """The delivery axis: how the hand-offs of a dossier are."""

    SETTLED = "settled"
    UNDER_WAY = "under_way"
    STUCK = "stuck"


class Synchronisation(StrEnum):
    """The synchronisation axis: whether the national portal knows how the dossier stands."""

    NEVER = "never"
    BEHIND = "behind"
    UP_TO_DATE = "up_to_date"


@dataclass(frozen=True, slots=True)
class Axes:
    """How a dossier stands."""

    business: BusinessState
    financial: Financial
    delivery: Transport
    synchronisation: Synchronisation


def national_status(case: Case | None) -> BusinessState:
    """Return which of the ten national statuses a dossier has; its code is `national_code`.

    A dossier is on the bus when it was accepted. Before, it is `registered` where it was filed
    online, and there is no case.
    """
    return BusinessState.REGISTERED if case is None else business_state(case)


def axes(case: Case, *, under_way: int, parked: int, told: BusinessState | None) -> Axes:
    """Return how a dossier stands.

    Args:
        case: The dossier.
        under_way: How many of its hand-offs are not settled yet, parked ones left out.
        parked: How many wait for an operator.
        told: The status the national portal was told last, None where it was told nothing.
    """
    business = national_status(case)
    known = Synchronisation.UP_TO_DATE if told is business else Synchronisation.BEHIND
    delivery = Transport.UNDER_WAY if under_way else Transport.SETTLED
    return Axes(
        business=business,
        financial=case.financial,
        delivery=Transport.STUCK if parked else delivery,
        synchronisation=Synchronisation.NEVER if told is None else known,
    )
