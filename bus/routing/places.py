"""Places: which administrative unit lies in which, on a day, and what has become of one that ended.

A code may be borne by two units one after the other: the commune of before the reform and the
larger one that kept its code. So every question names a day.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Final

from bus.errors import CatalogueInvalid
from bus.ids import AreaCode
from bus.schemas.base import Level
from bus.schemas.directory import DirectoryTable, Succession, Unit

_DEEPEST: Final = 8
_Chain = tuple[Unit, ...]
"""A unit and all it lies in, the smallest first."""


class Places:
    """The units of a directory over time, indexed for look-ups."""

    def __init__(self, table: DirectoryTable) -> None:
        self._units: dict[AreaCode, list[Unit]] = defaultdict(list)
        self._children: dict[str, list[Unit]] = defaultdict(list)
        for unit in sorted(table.units, key=lambda unit: unit.valid_from):
            self._units[AreaCode(unit.code)].append(unit)
        for unit in table.units:
            if unit.parent is not None:
                self._children[unit.parent].append(unit)
        self._listed = table.units
        self._chains = {_key(unit): self._chain(unit) for unit in table.units}
        self._after: dict[AreaCode, list[Succession]] = defaultdict(list)
        self._origins: dict[AreaCode, list[Succession]] = defaultdict(list)
        for row in sorted(table.succession, key=lambda row: (row.since, row.old, row.new)):
            if row.old != row.new:
                self._after[row.old].append(row)
                self._origins[row.new].append(row)

    def unit(self, code: str, day: date) -> Unit | None:
        """Return the unit a code stands for on a day: if none, the last one before, or the next."""
        units = self._units.get(AreaCode(code), ())
        begun = [unit for unit in units if unit.valid_from <= day]
        return begun[-1] if begun else next(iter(units), None)

    def ancestor(self, area: AreaCode, level: Level, day: date) -> AreaCode | None:
        """Return the unit of a level that an area lies in on a day: itself, if of that level."""
        unit = self.unit(area, day)
        chain = self._chains[_key(unit)] if unit else ()
        return next((AreaCode(above.code) for above in chain if above.level is level), None)

    def covers(self, wide: AreaCode, area: AreaCode, day: date) -> bool:
        """Say whether an area is, or lies in, another one on a day."""
        unit = self.unit(area, day)
        return unit is not None and any(above.code == wide for above in self._chains[_key(unit)])

    def leaves(self, day: date) -> dict[AreaCode, tuple[AreaCode, ...]]:
        """Return for every unit of a day the smallest units in it: where a dossier can belong to.

        A unit that has no part on that day is its own smallest.
        """
        found: dict[AreaCode, list[AreaCode]] = defaultdict(list)
        for unit in self._listed:
            parts = self._children.get(unit.code, ())
            if unit.covers(day) and not any(part.covers(day) for part in parts):
                for above in self._chains[_key(unit)]:
                    found[AreaCode(above.code)].append(AreaCode(unit.code))
        return {area: tuple(leaves) for area, leaves in found.items()}

    # --- what has become of it ------------------------------------------------------------

    def heirs(self, area: AreaCode, day: date) -> tuple[AreaCode, ...]:
        """Return the units an area is or has become on a day, more than one if it was divided.

        None where it is not known, or has ended and nothing took its place.
        """
        return tuple(dict.fromkeys(self._heirs(area, day, frozenset())))

    def usual(self, area: AreaCode, day: date) -> AreaCode | None:
        """Return what an area has become, where it was divided the part usually meant.

        None where nothing has taken its place.
        """
        seen: set[AreaCode] = set()
        while area not in seen:
            seen.add(area)
            if self._is_there(area, day):
                return area
            rows = self._rows(area, day)
            if rows:
                area = rows[0].default_when_part or rows[0].new
        return None

    def before(self, area: AreaCode, day: date) -> Iterator[_Chain]:
        """Yield where an area lay before that day, the latest first, then where its parts lay."""
        yield from self._lay(area, day)
        for row in self._origins.get(area, ()):
            if row.since <= day:
                yield from self._lay(row.old, day)

    def _lay(self, area: AreaCode, day: date) -> Iterator[_Chain]:
        for unit in reversed(self._units.get(area, ())):
            if unit.valid_from <= day:
                yield self._chains[_key(unit)]

    def _heirs(self, area: AreaCode, day: date, seen: frozenset[AreaCode]) -> Iterator[AreaCode]:
        if self._is_there(area, day):
            yield area
        elif area not in seen:
            for row in self._rows(area, day):
                yield from self._heirs(row.new, day, seen | {area})

    def _is_there(self, area: AreaCode, day: date) -> bool:
        return any(unit.covers(day) for unit in self._units.get(area, ()))

    def _rows(self, area: AreaCode, day: date) -> list[Succession]:
        return [row for row in self._after.get(area, ()) if row.since <= day]

    def _chain(self, unit: Unit) -> _Chain:
        chain = [unit]
        while chain[-1].parent is not None:
            above = self.unit(chain[-1].parent, unit.valid_from)
            assert above is not None  # noqa: S101 -- the schema lists every parent
            chain.append(above)
            if len(chain) > _DEEPEST:
                raise CatalogueInvalid(
                    f"unit {unit.code} ({unit.name}): its parents lead in a circle; expected a"
                    " tree that ends at the province, correct `parent`",
                    unit=unit.code,
                )
        return tuple(chain)


def _key(unit: Unit) -> tuple[AreaCode, date]:
    return AreaCode(unit.code), unit.valid_from
