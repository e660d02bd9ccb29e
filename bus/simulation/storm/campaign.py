"""Many runs, one after another: whether one of them broke a promise, and what came of all."""

import gc
import logging
import multiprocessing
import signal
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Final

import structlog

from bus.schemas.province import Province
from bus.simulation.storm.faults import Level, Only
from bus.simulation.storm.promises import Violation, violations
from bus.simulation.storm.run import Databases, Run
from bus.simulation.storm.town import Town, prepare
from bus.storage.engine import open_engine
from bus.storage.province import load_province

DOSSIERS: Final = 20
_RARELY: Final = 200_000
"""How much garbage is worth a collection, where everything is made for one run."""


@dataclass(frozen=True, slots=True)
class Course:
    """What makes a run the same again: seed, workload, storm, and which faults may strike."""

    seed: int
    dossiers: int
    level: Level
    only: Only = None


@dataclass(frozen=True, slots=True)
class Played:
    """What came of one run. `struck` are the numbers of its faults, in order."""

    course: Course
    violations: tuple[Violation, ...]
    struck: tuple[int, ...]
    entries: int
    history: tuple[str, ...]

    def text(self) -> str:
        """Return the history as it is written into a file."""
        return "".join(f"{line}\n" for line in (f"seed {self.course.seed}", *self.history))


class Stage:
    """What runs are played on: the town, prepared once, and databases in memory."""

    def __init__(self, province: Province) -> None:
        self.town: Town = prepare(province)
        self.databases = Databases(
            open_engine("sqlite://"), {name: open_engine("sqlite://") for name in self.town.nodes}
        )

    def play(self, course: Course) -> Played:
        """Play one run and check every promise."""
        run = Run(
            self.town,
            self.databases,
            seed=course.seed,
            dossiers=course.dossiers,
            level=course.level,
            only=course.only,
        )
        run.play()
        remains = run.remains()
        return Played(
            course,
            tuple(violations(remains)),
            tuple(run.faults.struck),
            len(remains.entries),
            tuple(run.history.lines()),
        )

    def close(self) -> None:
        """Let the databases go."""
        for engine in (self.databases.hub, *self.databases.edges.values()):
            engine.dispose()


def courses(
    first: int, runs: int | None, dossiers: int, level: Level, *, only: Only = None
) -> Iterator[Course]:
    """Return the courses of a campaign, one seed after another; without end where `runs` is None.

    Where there are no faults the seed still decides who files what.
    """
    seed = first
    while runs is None or seed < first + runs:
        yield Course(seed, dossiers, level, only)
        seed += 1


@contextmanager
def played(folder: Path, wanted: Iterable[Course], *, jobs: int = 1) -> Iterator[Iterator[Played]]:
    """Give the runs over the province in the folder as they are over, in order of their courses.

    With several jobs each process plays one run after another on a stage of its own. An interrupt
    reaches this process alone, which decides when to stop.

    Raises:
        SettingInvalid: The province's files are not as they should be.
    """
    province = load_province(folder)
    if jobs == 1:
        with playing(province) as stage:
            yield (stage.play(course) for course in wanted)
        return
    resource_tracker.ensure_running()  # started later, it would give the children their ears back
    pool = ProcessPoolExecutor(
        jobs, multiprocessing.get_context("spawn"), initializer=_set_up, initargs=(folder,)
    )
    try:
        yield _ahead(pool, wanted, most=jobs * 2)
    finally:
        pool.shutdown(cancel_futures=True)


def _ahead(pool: Executor, wanted: Iterable[Course], *, most: int) -> Iterator[Played]:
    """Keep so many runs under way, and no more: a campaign may have no end."""
    left = iter(wanted)
    under_way = [_begun(pool, course) for course in islice(left, most)]
    while under_way:
        yield under_way.pop(0).result()
        under_way += [_begun(pool, course) for course in islice(left, 1)]


def _begun(pool: Executor, course: Course) -> "Future[Played]":
    """Hand a run to the pool, which may start a process for it: one that is born deaf.

    A child that Ctrl-C ends before it has read what it is to do leaves its parent waiting for ever.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(_play, course)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_stages: Final[list[Stage]] = []
"""The one stage of a process that plays for another one."""


def _set_up(folder: Path) -> None:
    _stages.append(Stage(load_province(folder)))
    _still()


def _play(course: Course) -> Played:
    return _stages[0].play(course)


@contextmanager
def playing(province: Province) -> Iterator[Stage]:
    """Give a stage in this process; its workers say nothing meanwhile."""
    threshold, before = gc.get_threshold(), structlog.get_config()
    stage = Stage(province)
    _still()
    try:
        yield stage
    finally:
        stage.close()
        structlog.configure(**before)
        gc.unfreeze()
        gc.set_threshold(*threshold)


def _still() -> None:
    """Let the workers' log lines go unsaid, and the collector come rarely."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    gc.collect()
    gc.freeze()
    gc.set_threshold(_RARELY)
