"""What the commands of `bus handoff` share."""
# ruff: noqa: PLC0415 -- what is heavy waits for its command, so that help answers at once

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final
from uuid import UUID

import typer

if TYPE_CHECKING:
    from bus.cli.hub_database import HubDatabase
    from bus.ports import DeliveryRow


class State(StrEnum):
    """How a hand-off may stand; the values of `bus.ports.DeliveryState`."""

    WAITING = "waiting"
    DUE = "due"
    SENT = "sent"
    PARKED = "parked"
    IMPORTED = "imported"
    REFUSED = "refused"
    DISCARDED = "discarded"
    RESOLVED = "resolved"
    REROUTED = "rerouted"


def uuid_of(text: str) -> UUID:
    """Return an id; wrong usage, said in words, where it is none."""
    try:
        return UUID(text)
    except ValueError:
        raise typer.BadParameter(
            f"“{text}” không phải mã; cần dạng 01955e78-0000-7000-8000-000000000000, như"
            f" `bus handoff list` in ra / “{text}” is no id; expected one as `bus handoff list`"
            " prints it"
        ) from None


Handoff = Annotated[
    UUID,
    typer.Argument(
        metavar="ID",
        show_default=False,
        parser=uuid_of,
        help="Mã lần giao. / Id of the hand-off.",
    ),
]
Agency = Annotated[
    str | None,
    typer.Option(
        "--agency",
        metavar="CODE",
        show_default=False,
        help="Chỉ lần giao cho cơ quan này. / Only to this agency.",
    ),
]
SHORTEST: Final = 4
"""Fewest digits of a fingerprint that may stand for the whole."""


def found(hub: "HubDatabase", id_: UUID) -> "DeliveryRow":
    """Return a hand-off as it stands.

    Raises:
        NotFound: There is none with this id.
    """
    from bus.errors import NotFound

    row = hub.queries.handoff(id_)
    if row is None:
        raise NotFound(
            f"không có lần giao {id_}; hãy xem `bus handoff list`"
            f" / there is no hand-off {id_}; see `bus handoff list`"
        )
    return row
