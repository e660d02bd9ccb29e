"""One version of everything a province publishes: directory, routes and calendar together."""

from typing import Self

from pydantic import model_validator

from bus.schemas.base import Name, WireModel
from bus.schemas.calendar import CalendarTable
from bus.schemas.directory import DirectoryTable
from bus.schemas.route import Route


class Province(WireModel):
    """The catalogue as published: a dossier keeps the version it was opened under."""

    name: Name
    directory: DirectoryTable
    routes: tuple[Route, ...]
    calendar: CalendarTable

    @model_validator(mode="after")
    def _routes_once(self) -> Self:
        seen: set[tuple[str, int]] = set()
        for route in self.routes:
            if (route.procedure, route.version) in seen:
                raise ValueError(f"route {route.procedure} version {route.version} stands twice")
            seen.add((route.procedure, route.version))
        return self
