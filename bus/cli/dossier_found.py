"""Finds the dossier a command names."""

from bus.cli.hub_database import HubDatabase
from bus.errors import NotFound
from bus.ids import DossierCode
from bus.routing.case import Case


def found(hub: HubDatabase, code: str) -> Case:
    """Return the case of a dossier.

    Raises:
        NotFound: There is none of that code.
    """
    case = hub.queries.dossier(DossierCode(code))
    if case is None:
        raise NotFound(
            f"không có hồ sơ {code}; hãy xem `bus dossier list`"
            f" / there is no dossier {code}; see `bus dossier list`"
        )
    return case
