"""The lane: what belongs together and keeps its order."""

from dataclasses import dataclass

from bus.ids import AgencyCode, DossierCode


@dataclass(frozen=True, slots=True)
class LaneKey:
    """All that one agency says about one dossier, or all that it is told about it."""

    agency: AgencyCode
    dossier: DossierCode
