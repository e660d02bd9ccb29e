"""What goes wrong for hours: brokers and databases out of reach, full disks, wrong clocks.

Drawn for every machine and watch of four hours before the run begins; whether it strikes is thrown
when its moment comes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bus.simulation.storm.faults import FaultKind, Faults
from bus.simulation.storm.legacy import Legacy
from bus.simulation.storm.machines import Process

STORM: Final = timedelta(days=4)
"""How long faults strike; then everything must come home."""
_WATCH: Final = timedelta(hours=4)
_LONGEST: Final = {
    FaultKind.BROKER_UNREACHABLE: timedelta(hours=3),
    FaultKind.DATABASE_DOWN: timedelta(hours=1),
    FaultKind.DISK_FULL: timedelta(hours=6),
    FaultKind.LEGACY_DOWN: timedelta(hours=12),
    FaultKind.CLOCK_WRONG: timedelta(hours=8),
}
_OFF: Final = (timedelta(hours=1), timedelta(hours=-1), timedelta(minutes=-20))


@dataclass(frozen=True, slots=True)
class Spell:
    """Something that begins or ends at a moment."""

    at: datetime
    act: Callable[[], None]


def forecast(
    begin: datetime,
    faults: Faults,
    hub: Process,
    edges: Sequence[Process],
    systems: Sequence[Legacy],
) -> list[Spell]:
    """Return everything that may go wrong for hours, in order of its moment."""
    weather = _Weather(begin, faults)
    for process in (hub, *edges):
        weather.draw(FaultKind.BROKER_UNREACHABLE, process.name, _cut(process))
        weather.draw(FaultKind.DATABASE_DOWN, process.name, _down(process))
        weather.draw(FaultKind.CLOCK_WRONG, process.name, _wrong(process))
    for process in edges:
        weather.draw(FaultKind.DISK_FULL, process.name, _full(process))
    for system in systems:
        weather.draw(FaultKind.LEGACY_DOWN, system.officials.agency, _stopped(system))
    return sorted(weather.spells, key=lambda spell: spell.at)


Switch = Callable[[float], None]
"""Turns a trouble on, given a number from 0 up to 1 that says which; off with a negative one."""


class _Weather:
    def __init__(self, begin: datetime, faults: Faults) -> None:
        self._begin = begin
        self._faults = faults
        self.spells: list[Spell] = []

    def draw(self, kind: FaultKind, name: str, switch: Switch) -> None:
        for watch, at in enumerate(self._watches()):
            if self._faults.would(kind, name, watch):
                self._spell(kind, name, watch, at, switch)

    def _spell(self, kind: FaultKind, name: str, watch: int, at: datetime, switch: Switch) -> None:
        faults = self._faults
        which = faults.throw("which", kind, name, watch)
        begin = at + _WATCH * faults.throw("when", kind, name, watch)
        end = begin + _LONGEST[kind] * faults.throw("long", kind, name, watch) ** 2

        def strike() -> None:
            if faults.happens(kind, name, f"until {end:%m-%d %H:%M} UTC"):
                switch(which)

        self.spells += [Spell(begin, strike), Spell(end, lambda: switch(-1))]

    def _watches(self) -> Iterator[datetime]:
        at = self._begin
        while at < self._begin + STORM:
            yield at
            at += _WATCH


def _cut(process: Process) -> Switch:
    def switch(which: float) -> None:
        process.line.cut = which >= 0

    return switch


def _down(process: Process) -> Switch:
    def switch(which: float) -> None:
        process.gate.database_down = which >= 0

    return switch


def _full(process: Process) -> Switch:
    def switch(which: float) -> None:
        process.gate.disk_full = which >= 0

    return switch


def _stopped(system: Legacy) -> Switch:
    def switch(which: float) -> None:
        system.down = which >= 0

    return switch


def _wrong(process: Process) -> Switch:
    def switch(which: float) -> None:
        process.clock.off = _OFF[int(which * len(_OFF))] if which >= 0 else timedelta(0)

    return switch
