"""How one catalogue differs from the one before it, in counts. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from bus.schemas.province import Province

PARTS = {
    "units": "đơn vị hành chính / units",
    "agencies": "cơ quan / agencies",
    "succession": "kế tục / successions",
    "keys": "khoá / keys",
    "routes": "quy trình / routes",
    "days": "ngày lịch / calendar days",
    "rules": "quy định chung / general rules",
}
"""What is counted, and what it is called."""


@dataclass(frozen=True, slots=True)
class Change:
    """How many of one kind there are now, and how many came, went and changed."""

    total: int
    added: int
    removed: int
    changed: int

    @property
    def any(self) -> bool:
        """Whether anything differs."""
        return bool(self.added or self.removed or self.changed)


def changes(before: Province | None, after: Province) -> dict[str, Change]:
    """Return what differs, by kind; everything is new where nothing was before."""
    old = _parts(before) if before else {name: {} for name in PARTS}
    return {name: _change(old[name], new) for name, new in _parts(after).items()}


def lines(found: Mapping[str, Change]) -> list[str]:
    """Return one line for each kind."""
    return [
        f"{PARTS[name]}: {one.total} (+{one.added} −{one.removed} ~{one.changed})"
        for name, one in found.items()
    ]


def as_json(found: Mapping[str, Change]) -> dict[str, dict[str, int]]:
    """Return the counts as JSON values."""
    return {name: asdict(one) for name, one in found.items()}


def _parts(province: Province) -> dict[str, dict[object, object]]:
    table, calendar = province.directory, province.calendar
    general: dict[object, object] = {"name": province.name}
    for name in type(calendar).model_fields.keys() - {"days"}:
        general[name] = getattr(calendar, name)
    return {
        "units": {(unit.code, unit.valid_from): unit for unit in table.units},
        "agencies": {entry.code: entry for entry in table.agencies},
        "succession": {(row.old, row.new): row for row in table.succession},
        "keys": {key.kid: key for key in table.keys},
        "routes": {(route.procedure, route.version): route for route in province.routes},
        "days": {day.day: day for day in calendar.days},
        "rules": general,
    }


def _change(old: Mapping[object, object], new: Mapping[object, object]) -> Change:
    kept = old.keys() & new.keys()
    return Change(
        total=len(new),
        added=len(new.keys() - old.keys()),
        removed=len(old.keys() - new.keys()),
        changed=sum(old[key] != new[key] for key in kept),
    )
