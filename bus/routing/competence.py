"""Competence: which agency does a step, asked by role, level, area and time.

The directory is data with dates. A level of government that ends on a day is a set of rows that
end on that day; what was theirs goes to their successors.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from bus.errors import AmbiguousCompetence, CatalogueInvalid, NoCompetentAgency
from bus.ids import Account, AgencyCode, AreaCode, new_form
from bus.routing.clock import VIETNAM, local_date
from bus.schemas.base import Level
from bus.schemas.directory import AgencyEntry, DirectoryTable, Role, Unit
from bus.schemas.route import Performer

_DEEPEST: Final = 8
_UPWARDS: Final = (Level.COMMUNE, Level.DISTRICT, Level.PROVINCE, Level.CENTRAL)


def is_above(level: Level, other: Level) -> bool:
    """Say whether one level of government stands above another."""
    return _UPWARDS.index(level) > _UPWARDS.index(other)


class Directory:
    """The published directory, indexed for look-ups."""

    def __init__(self, table: DirectoryTable) -> None:
        self.table = table
        self._zone = ZoneInfo(VIETNAM)
        self._units = {AreaCode(unit.code): unit for unit in table.units}
        self._chains = {code: self._chain(unit) for code, unit in self._units.items()}
        self._children: dict[str, list[Unit]] = defaultdict(list)
        for unit in table.units:
            if unit.parent is not None:
                self._children[unit.parent].append(unit)
        self._agencies = {AgencyCode(entry.code): entry for entry in table.agencies}
        self._codes = self._named(table.agencies)
        self._doing: dict[tuple[Role, Level, str], list[AgencyEntry]] = defaultdict(list)
        self._accounts: dict[Account, list[AgencyEntry]] = defaultdict(list)
        self._one_stop: list[AgencyEntry] = []
        for entry in table.agencies:
            for role in dict.fromkeys(entry.roles):
                self._doing[role, entry.level, entry.area].append(entry)
            self._accounts[entry.broker_account].append(entry)
            if Role.ONE_STOP_UNIT in entry.roles:
                self._one_stop.append(entry)

    # --- who is it ------------------------------------------------------------------------

    def agency(self, code: str) -> AgencyEntry | None:
        """Return the agency a code stands for: its own, an alias, or the old form of either."""
        return self._codes.get(code) or self._codes.get(new_form(code))

    def by_account(self, account: Account) -> tuple[AgencyEntry, ...]:
        """Return the agencies whose messages come from a broker account."""
        return tuple(self._accounts.get(account, ()))

    def receiving_units(self, at: datetime) -> tuple[AgencyEntry, ...]:
        """Return every one-stop unit there is at a time."""
        day = local_date(at, self._zone)
        return tuple(entry for entry in self._one_stop if entry.covers(day))

    def in_place_of(self, code: AgencyCode, at: datetime) -> AgencyCode:
        """Return who has taken over from an agency by a time: itself while it lasts.

        An agency nobody took over from, or that is not in the directory, stays itself.
        """
        entry = self._agencies.get(code)
        day = local_date(at, self._zone)
        if entry is None or entry.covers(day):
            return code
        heir = next(self._heir(entry, day), None)
        return code if heir is None else AgencyCode(heir.code)

    # --- where is it ----------------------------------------------------------------------

    def unit(self, code: str) -> Unit | None:
        """Return the administrative unit of a code."""
        return self._units.get(AreaCode(code))

    def ancestor(self, area: AreaCode, level: Level) -> AreaCode | None:
        """Return the unit of a level that an area lies in: itself, if of that level."""
        for unit in self._chains.get(area, ()):
            if unit.level is level:
                return AreaCode(unit.code)
        return None

    def covers(self, agency_area: AreaCode, area: AreaCode) -> bool:
        """Say whether an area is or lies in the area of an agency."""
        return any(unit.code == agency_area for unit in self._chains.get(area, ()))

    def leaves(self, day: date) -> dict[AreaCode, tuple[AreaCode, ...]]:
        """Return for every unit of a day the smallest units in it: where a dossier can belong to.

        A unit that has no part on that day is its own smallest.
        """
        found: dict[AreaCode, list[AreaCode]] = defaultdict(list)
        for unit in self.table.units:
            parts = self._children.get(unit.code, ())
            if unit.covers(day) and not any(part.covers(day) for part in parts):
                for above in self._chains[AreaCode(unit.code)]:
                    found[AreaCode(above.code)].append(AreaCode(unit.code))
        return {area: tuple(leaves) for area, leaves in found.items()}

    # --- who does it ----------------------------------------------------------------------

    def competent(self, performer: Performer, area: AreaCode, at: datetime) -> AgencyEntry:
        """Return the one agency that does what a performer stands for, in an area, at a time.

        Where the last agency to have done it has ended, its successor does it.

        Raises:
            NoCompetentAgency: There is none.
            AmbiguousCompetence: There is more than one.
        """
        day = local_date(at, self._zone)
        found = self.candidates(performer, area, day)
        if len(found) == 1:
            return found[0]
        who = f"role {performer.role} at {performer.level} level"
        facts = {"role": performer.role.value, "level": performer.level.value, "area": area}
        if not found:
            raise NoCompetentAgency(
                f"no agency has {who} for {self.place(performer.level, area)} on {day}; add the"
                " agency, or a successor of the one that ended, to the directory and publish it",
                **facts,
            )
        raise AmbiguousCompetence(
            f"{len(found)} agencies have {who} for {self.place(performer.level, area)} on {day}:"
            f" {', '.join(entry.code for entry in found)}; leave the role to one of them, or end"
            " the others before that day, and publish the directory",
            **facts,
        )

    def candidates(
        self, performer: Performer, area: AreaCode, day: date
    ) -> tuple[AgencyEntry, ...]:
        """Return every agency that could be the competent one: one where the directory is whole."""
        unit = self.ancestor(area, performer.level)
        if unit is None:
            return ()
        known = self._doing.get((performer.role, performer.level, unit), ())
        now = tuple(entry for entry in known if entry.covers(day))
        return now or self._successors(known, day)

    def one_stop_unit(self, level: Level, area: AreaCode, at: datetime) -> AgencyEntry | None:
        """Return the one-stop unit of a level that watches over an area, None where there is none.

        Raises:
            AmbiguousCompetence: There is more than one.
        """
        try:
            return self.competent(Performer(role=Role.ONE_STOP_UNIT, level=level), area, at)
        except NoCompetentAgency:
            return None

    def place(self, level: Level, area: AreaCode) -> str:
        """Return how to name to people the unit of a level that an area lies in."""
        unit = self._units.get(self.ancestor(area, level) or area)
        if unit is None:
            return f"area {area}, which is not in the directory"
        if unit.level is not level:
            return f"{unit.name} ({unit.code}), which lies in no unit of {level} level"
        return f"{unit.name} ({unit.code})"

    def _successors(
        self, known: "list[AgencyEntry] | tuple[()]", day: date
    ) -> tuple[AgencyEntry, ...]:
        ended = [
            (entry.valid_to, entry) for entry in known if entry.valid_to and entry.valid_to < day
        ]
        if not ended:
            return ()
        last = max(valid_to for valid_to, _ in ended)
        heirs = {
            heir.code: heir
            for valid_to, entry in ended
            if valid_to == last
            for heir in self._heir(entry, day)
        }
        return tuple(heirs.values())

    def _heir(self, entry: AgencyEntry, day: date) -> Iterator[AgencyEntry]:
        seen: set[str] = set()
        while entry.successor is not None and entry.successor not in seen:
            seen.add(entry.successor)
            entry = self._agencies[AgencyCode(entry.successor)]
            if entry.covers(day):
                yield entry
                return

    def _chain(self, unit: Unit) -> tuple[Unit, ...]:
        chain = [unit]
        while chain[-1].parent is not None:
            chain.append(self._units[AreaCode(chain[-1].parent)])
            if len(chain) > _DEEPEST:
                raise CatalogueInvalid(
                    f"unit {unit.code} ({unit.name}): its parents lead in a circle; expected a"
                    " tree that ends at the province, correct `parent`",
                    unit=unit.code,
                )
        return tuple(chain)

    def _named(self, agencies: tuple[AgencyEntry, ...]) -> dict[str, AgencyEntry]:
        codes: dict[str, AgencyEntry] = {entry.code: entry for entry in agencies}
        for entry in agencies:
            for alias in entry.aliases:
                for code in {alias, new_form(alias)}:
                    other = codes.setdefault(code, entry)
                    if other is not entry:
                        raise CatalogueInvalid(
                            f"agency {entry.code}: its alias {alias} stands for {other.code} too;"
                            " expected a code of one agency only, remove one of them",
                            agency=entry.code,
                        )
        return codes
