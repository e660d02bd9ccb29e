"""A province rehearsed: files are dropped, dossiers travel, officials answer, all come home.

The steps are the ones production runs, taken by turns. When nothing is under way any more — every
message has its receipt, every delivery its answer — the clock is turned to the next moment at
which something happens: a citizen comes, an official answers, a retry or a deadline is due.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from bus.errors import UnexpectedFailure
from bus.ids import AgencyCode
from bus.routing.province import Catalogue
from bus.schemas.base import Level
from bus.schemas.directory import Role
from bus.schemas.province import Province
from bus.schemas.route import Performer
from bus.simulation.joints import Joints
from bus.simulation.officials import Outage
from bus.simulation.outcome import Outcome, outcome_of
from bus.simulation.script import Script
from bus.simulation.workload import START, Filing, drop, plan
from bus.simulation.world import World, build
from bus.storage.pulse import hub_pulse

OUTAGE_ATTEMPTS: Final = 6
_LOOK_AGAIN: Final = timedelta(minutes=10)
_STUCK_SECONDS: Final = 60.0
_REFUSED, _SUPPLEMENTED = 1, 2
"""Which dossiers, by their place in the plan, are refused and need a supplement."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rehearsal is."""

    now: datetime
    filed: int
    dossiers: int
    home: int
    messages: int


def rehearse(
    province: Province,
    *,
    dossiers: int,
    seed: int,
    folder: Path,
    joints: Joints,
    watch: Callable[[Progress], None],
) -> Outcome:
    """Run a rehearsal to its end and return what came of it.

    Raises:
        UnexpectedFailure: Something stayed under way although nothing can happen any more.
    """
    began = time.monotonic()
    catalogue = Catalogue(1, province)
    filings = plan(catalogue, dossiers=dossiers, seed=seed)
    script = Script(
        seed,
        refused=frozenset(one.code for one in _some(filings, _REFUSED)),
        supplemented=frozenset(one.code for one in _some(filings, _SUPPLEMENTED)),
    )
    outages = _outages(catalogue)
    with build(province, script, outages, folder, joints) as world:
        turn(world, filings, watch)
        return outcome_of(world, began=began, down=tuple(outages))


def turn(
    world: World,
    filings: Sequence[Filing],
    watch: Callable[[Progress], None],
    *,
    until: datetime | None = None,
    before: int = 0,
    of: int | None = None,
) -> None:
    """Run until nothing can happen any more, or not before the moment `until`.

    So many were filed `before` these; `of` is how many there will be in all.

    Raises:
        UnexpectedFailure: Something stayed under way although nothing can happen any more.
    """
    waiting = list(filings)
    last_work = time.monotonic()
    while True:
        now = world.clock.now()
        ripe = [filing for filing in waiting if filing.at <= now]
        if ripe:
            waiting = waiting[len(ripe) :]
            drop(ripe, world.inboxes)
        busy = [step() for step in world.steps]
        if any(busy):
            last_work = time.monotonic()
            continue
        if not _quiet(world):
            if time.monotonic() - last_work > _STUCK_SECONDS:
                raise UnexpectedFailure(
                    "buổi diễn tập bị kẹt: còn thông điệp chưa có hồi báo"
                    " / the rehearsal is stuck: messages without a receipt remain"
                )
            continue
        filed = before + len(filings) - len(waiting)
        watch(_progress(world, filed, before + len(filings) if of is None else of))
        moment = _next(world, waiting)
        if moment is None or (until is not None and moment > until):
            return
        world.clock.turn(moment)


def _quiet(world: World) -> bool:
    """Say whether every message has its receipt and every delivery its answer."""
    return (
        world.edge.unanswered(world.agencies).total() == 0
        and hub_pulse(world.engine).unanswered == 0
        and not any(_files(world.inboxes))
    )


def _files(inboxes: Path) -> Sequence[Path]:
    return [path for path in inboxes.glob("*/*") if path.is_file()]


def _next(world: World, waiting: Sequence[Filing]) -> datetime | None:
    """Return when anything can happen next, None where nothing ever will.

    What is due for an agency on probe is held back: then it is looked at again a little later.
    """
    moments = [one.next_at() for one in world.officials.values()]
    pulse = hub_pulse(world.engine)
    moments += [pulse.due_at, pulse.wake_at, pulse.probe_at if pulse.due_at else None]
    moments.append(waiting[0].at if waiting else None)
    now = world.clock.now()
    later = [moment if moment > now else now + _LOOK_AGAIN for moment in moments if moment]
    return min(later, default=None)


def _some(filings: Sequence[Filing], place: int) -> Sequence[Filing]:
    return filings[place : place + 1]


def _outages(catalogue: Catalogue) -> dict[AgencyCode, Outage]:
    """Take one agency's system down: the labour office of the first commune's district."""
    places = [unit for unit in catalogue.province.directory.units if unit.code == "04636"]
    if not places:
        return {}
    performer = Performer(role=Role.LABOUR_OFFICE, level=Level.DISTRICT)
    agency = catalogue.directory.competent(performer, places[0].code, START)
    return {agency.code: Outage(OUTAGE_ATTEMPTS)}


def _progress(world: World, filed: int, dossiers: int) -> Progress:
    counts = world.queries.counts()
    return Progress(
        now=world.clock.now(),
        filed=filed,
        dossiers=dossiers,
        home=counts.dossiers.completed + counts.dossiers.rejected,
        messages=counts.ledger_entries,
    )
