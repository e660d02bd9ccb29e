"""The catalogue: one published version of a province, ready to be asked."""

from collections import defaultdict
from datetime import datetime
from typing import Final

from bus.errors import NotFound
from bus.ids import AgencyCode, ProcedureCode, StepId
from bus.routing.clock import WorkingCalendar
from bus.routing.competence import Directory
from bus.routing.condition import Condition, compile_condition
from bus.routing.day import working_times
from bus.schemas.province import Province
from bus.schemas.route import Route


class Catalogue:
    """Directory, calendar and routes of one version; a dossier keeps the one it opened under."""

    def __init__(self, version: int, province: Province) -> None:
        self.version: Final = version
        self.province: Final = province
        self.directory: Final = Directory(province.directory)
        self.calendar: Final = WorkingCalendar(province.calendar)
        self._calendars: dict[AgencyCode, WorkingCalendar] = {}
        self._conditions: dict[str, Condition] = {}
        self._routes: dict[ProcedureCode, list[Route]] = defaultdict(list)
        for route in sorted(province.routes, key=lambda route: -route.version):
            self._routes[route.procedure].append(route)

    def calendar_of(self, agency: AgencyCode) -> WorkingCalendar:
        """Return the working calendar that counts for an agency.

        Its own working time, else that of its level, else the province's. A step is reckoned by
        its performer's: it is due while somebody there can do it. The whole, and a wait for a
        payment, by the receiving unit's: it accepts the dossier, which starts the time (Decree
        61/2018 art. 17), writes the appointment and hands the result over (art. 20), so the
        citizen finds it open at that hour. Decree 61 names no calendar; where nobody has a
        working time of its own the province's counts for all.
        """
        found = self._calendars.get(agency)
        if found is None:
            entry = self.directory.agency(agency)
            own = working_times(self.calendar.table, agency, entry.level if entry else None)
            found = WorkingCalendar(self.calendar.table, own) if own else self.calendar
            self._calendars[agency] = found
        return found

    def route(self, procedure: ProcedureCode, at: datetime) -> Route | None:
        """Return the route of a procedure on the local day of a moment, the newest if several."""
        day = self.calendar.local_date(at)
        routes = self._routes.get(procedure, ())
        return next((route for route in routes if route.covers(day)), None)

    def route_version(self, procedure: ProcedureCode, version: int) -> Route:
        """Return the route a dossier was opened on.

        Raises:
            NotFound: The catalogue has no such route.
        """
        for route in self._routes.get(procedure, ()):
            if route.version == version:
                return route
        raise NotFound(
            f"catalogue {self.version} has no route {procedure} version {version}; publish a"
            " directory that keeps it: dossiers on that route are still open",
            procedure=procedure,
            version=version,
        )

    def condition(self, route: Route, step_id: StepId) -> Condition | None:
        """Return the condition of a step, compiled once, or None where it has none.

        Raises:
            NotFound: The route has no such step.
            CatalogueInvalid: The condition cannot be read.
        """
        step = next((step for step in route.steps if step.id == step_id), None)
        if step is None:
            raise NotFound(
                f"route {route.procedure} version {route.version} has no step {step_id}",
                step=step_id,
            )
        if step.when is None:
            return None
        found = self._conditions.get(step.when)
        if found is None:
            found = self._conditions[step.when] = compile_condition(step.when)
        return found
