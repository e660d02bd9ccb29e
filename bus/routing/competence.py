"""Competence: which agency does a step, asked by role, level, area and time.

The directory is data with dates. A level of government that ends on a day is a set of rows that
end on that day; what was theirs goes to their successors. Which unit is which over time is asked
of `bus.routing.places`.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from bus.errors import AmbiguousCompetence, CatalogueInvalid, NoCompetentAgency
from bus.ids import Account, AgencyCode, AreaCode, new_form
from bus.routing.clock import VIETNAM, local_date
from bus.routing.places import Places
from bus.schemas.base import Level
from bus.schemas.directory import AgencyEntry, DirectoryTable, Role
from bus.schemas.route import Performer

_REMEMBERED: Final = 20_000
"""Answers a directory keeps: it never changes, and the same is asked for every dossier."""
_UPWARDS: Final = (Level.COMMUNE, Level.DISTRICT, Level.PROVINCE, Level.CENTRAL)


def is_above(level: Level, other: Level) -> bool:
    """Say whether one level of government stands above another."""
    return _UPWARDS.index(level) > _UPWARDS.index(other)


class Directory:
    """The published directory, indexed for look-ups."""

    def __init__(self, table: DirectoryTable) -> None:
        self.table = table
        self._zone = ZoneInfo(VIETNAM)
        self.places: Final = Places(table)
        self._heir_of = lru_cache(maxsize=_REMEMBERED)(self._heir)
        self._asked = lru_cache(maxsize=_REMEMBERED)(self._candidates)
        self._agencies = {AgencyCode(entry.code): entry for entry in table.agencies}
        self._codes = self._named(table.agencies)
        self._doing: dict[tuple[Role, Level, str], list[AgencyEntry]] = defaultdict(list)
        self._accounts: dict[Account, list[AgencyEntry]] = defaultdict(list)
        self._one_stop: list[AgencyEntry] = []
        for entry in table.agencies:
            for role in dict.fromkeys(entry.roles):
                for area in entry.areas:
                    self._doing[role, entry.level, area].append(entry)
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

    # --- who does it ----------------------------------------------------------------------

    def competent(self, performer: Performer, area: AreaCode, at: datetime) -> AgencyEntry:
        """Return the one agency that does what a performer stands for, in an area, at a time.

        Where the last agency to have done it has ended, its successor does it. An area that was
        divided has a competent agency in each part: it must be decided first which part is meant.

        Raises:
            NoCompetentAgency: There is none.
            AmbiguousCompetence: There is more than one.
        """
        day = local_date(at, self._zone)
        found = self.candidates(performer, area, day)
        if len(found) == 1:
            return found[0]
        who = f"role {performer.role} at {performer.level} level"
        where = self.place(performer.level, area, day)
        facts = {"role": performer.role.value, "level": performer.level.value, "area": area}
        if not found:
            raise NoCompetentAgency(
                f"no agency has {who} for {where} on {day}; add the"
                " agency, or a successor of the one that ended, to the directory and publish it",
                **facts,
            )
        raise AmbiguousCompetence(
            f"{len(found)} agencies have {who} for {where} on {day}:"
            f" {', '.join(entry.code for entry in found)}; leave the role to one of them, or end"
            " the others before that day, and publish the directory",
            **facts,
        )

    def candidates(
        self, performer: Performer, area: AreaCode, day: date
    ) -> tuple[AgencyEntry, ...]:
        """Return every agency that could be the competent one: one where the directory is whole.

        Asked of the units the area has become by that day; of an area that was divided there may
        be one in each part. Where nobody there does it, those who took over from whoever did it
        last do.
        """
        return self._asked(performer.role, performer.level, area, day)

    def heir(self, code: AgencyCode, area: AreaCode, day: date) -> AgencyEntry | None:
        """Return who stands in for an agency on a day: itself while it lasts.

        For a one-stop unit that has ended it is the one-stop unit that took over its place; it
        took the papers with the house, so where a commune was divided the usual part is meant.

        Args:
            code: The agency.
            area: The area of the dossier it is about, for those whose work went to many.
            day: When.

        Returns:
            None where the agency is not known, or nobody took over.
        """
        entry = self.agency(code)
        if entry is None or entry.valid_to is None or day <= entry.valid_to:
            return entry
        return self._heir_of(entry.code, area, day)

    def _heir(self, code: AgencyCode, area: AreaCode, day: date) -> AgencyEntry | None:
        entry = self._agencies[code]
        home = entry.area if entry.level is Level.COMMUNE and not entry.serves else area
        home = self.places.usual(AreaCode(home), day) or home
        roles = (Role.ONE_STOP_UNIT,) if Role.ONE_STOP_UNIT in entry.roles else entry.roles
        for role in roles:
            found = self.candidates(Performer(role=role, level=entry.level), AreaCode(home), day)
            if len(found) == 1:
                return found[0]
        return self.named_heir(code, day)

    def named_heir(self, code: AgencyCode, day: date) -> AgencyEntry | None:
        """Return who is there that day of those an agency and its successors name, else None."""
        entry = self.agency(code)
        return next(self._followed(entry, day), None) if entry else None

    def one_stop_unit(self, level: Level, area: AreaCode, at: datetime) -> AgencyEntry | None:
        """Return the one-stop unit of a level that watches over an area, None where there is none.

        Raises:
            AmbiguousCompetence: There is more than one.
        """
        try:
            return self.competent(Performer(role=Role.ONE_STOP_UNIT, level=level), area, at)
        except NoCompetentAgency:
            return None

    def place(self, level: Level, area: AreaCode, day: date) -> str:
        """Return how to name to people the unit of a level that an area lies in on a day."""
        unit = self.places.unit(self.places.ancestor(area, level, day) or area, day)
        if unit is None:
            return f"area {area}, which is not in the directory"
        if unit.level is not level:
            return f"{unit.name} ({unit.code}), which lies in no unit of {level} level"
        return f"{unit.name} ({unit.code})"

    def _candidates(
        self, role: Role, level: Level, area: AreaCode, day: date
    ) -> tuple[AgencyEntry, ...]:
        performer = Performer(role=role, level=level)
        now = self._present(performer, area, day)
        return now or self._inherited(performer, area, day)

    def _present(self, performer: Performer, area: AreaCode, day: date) -> tuple[AgencyEntry, ...]:
        found: dict[str, AgencyEntry] = {}
        for place in self.places.heirs(area, day):
            unit = self.places.ancestor(place, performer.level, day)
            for entry in self._known(performer, unit):
                if entry.covers(day):
                    found[entry.code] = entry
        return tuple(found.values())

    def _inherited(
        self, performer: Performer, area: AreaCode, day: date
    ) -> tuple[AgencyEntry, ...]:
        for chain in self.places.before(area, day):
            unit = next((AreaCode(u.code) for u in chain if u.level is performer.level), None)
            known = self._known(performer, unit)
            if known:
                now = tuple(entry for entry in known if entry.covers(day))
                return now or self._successors(performer, known, area, day)
        return ()

    def _known(self, performer: Performer, unit: AreaCode | None) -> Sequence[AgencyEntry]:
        if unit is None:
            return ()
        return self._doing.get((performer.role, performer.level, unit), ())

    def _successors(
        self, performer: Performer, known: Sequence[AgencyEntry], area: AreaCode, day: date
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
            for heir in (*self._followed(entry, day), *self._at_level(performer, entry, area, day))
        }
        return tuple(heirs.values())

    def _followed(self, entry: AgencyEntry, day: date) -> Iterator[AgencyEntry]:
        """Yield the agency at the end of the chain of named successors that is there that day."""
        seen: set[str] = set()
        while entry.successor is not None and entry.successor not in seen:
            seen.add(entry.successor)
            entry = self._agencies[AgencyCode(entry.successor)]
            if entry.covers(day):
                yield entry
                return

    def _at_level(
        self, performer: Performer, entry: AgencyEntry, area: AreaCode, day: date
    ) -> tuple[AgencyEntry, ...]:
        """Return who does the same at the level an agency's work went to, for a dossier's area."""
        level = entry.successor_level
        if level is None or level is performer.level:
            return ()
        return self._present(Performer(role=performer.role, level=level), area, day)

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
