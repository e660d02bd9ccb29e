"""What the cutover of a directory needs to find: dossiers at agencies that have ended."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from bus.ids import AgencyCode, AreaCode, DossierCode
from bus.routing.cutover import Handed


class CutoverReader(Protocol):
    """Finds what a cutover must move. Any thread may use it.

    Every method raises StorageUnavailable when the database is gone.
    """

    def at(
        self, agencies: Collection[AgencyCode], *, after: DossierCode | None, limit: int
    ) -> Sequence[DossierCode]:
        """Return dossiers for which one of the agencies still matters.

        It has an open step or a waiting hand-off of theirs; or one of them is its receiving unit
        and was ever asked something about it, while it is open. By code, those after the last one
        of the page before. What was moved is found no more; what was only asked may be.
        """
        ...

    def belonging(self, areas: Collection[AreaCode]) -> Sequence[DossierCode]:
        """Return the open dossiers of these areas, by code."""
        ...

    def handed(
        self, dossiers: Collection[DossierCode], agencies: Collection[AgencyCode]
    ) -> Mapping[DossierCode, Sequence[Handed]]:
        """Return every hand-off of these dossiers to one of the agencies, in the order made."""
        ...

    def open_steps(self) -> int:
        """Return how many steps are open at some agency."""
        ...
