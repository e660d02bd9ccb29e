"""What both kinds of node do: tell how they are, wait for their database, work until stopped."""

import gc
import signal
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from datetime import timedelta
from types import FrameType
from typing import Final, NoReturn

import structlog
from sqlalchemy import Engine

from bus.bootstrap.steps import chance
from bus.broker.rabbit import RabbitPublisher
from bus.errors import BrokerUnavailable, StorageUnavailable
from bus.ports import Clock
from bus.routing.retry import jittered
from bus.settings.node import Node
from bus.storage.engine import open_engine
from bus.storage.migrate import Kind, require_head
from bus.telemetry.health import Health, HealthServer
from bus.telemetry.log import configure_logging
from bus.workers.loop import Loop, Task

log = structlog.get_logger()

_WAIT_FIRST: Final = timedelta(seconds=1)
_WAIT_CAP: Final = timedelta(seconds=30)


class Reporter:
    """A `bus.workers.loop.Report` into a node's health."""

    def __init__(self, health: Health, clock: Clock) -> None:
        self._health = health
        self._clock = clock

    def __call__(self, name: str, error: str | None) -> None:
        """Note that a worker works (None) or what keeps it from working."""
        if error is None:
            self._health.well(name, self._clock.now())
        else:
            self._health.ill(name, error, self._clock.now())


def begin(settings: Node) -> None:
    """Log as the node's settings say, and leave at once on a signal: nothing is in hand yet."""
    configure_logging(json=settings.log.format == "json", level=settings.log.level)

    def leave(_number: int, _frame: FrameType | None) -> NoReturn:
        raise SystemExit(0)  # nothing is logged: the signal may have come within a log line

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    if settings.clock.shift_days:
        log.warning("node.clock_shifted", shift_days=settings.clock.shift_days)


def serve_health(
    stack: ExitStack, settings: Node, workers: Collection[str], clock: Clock
) -> Reporter:
    """Serve the node's health, and return what tells it how a worker is doing."""
    health = Health(workers)
    server = HealthServer(health, host=settings.health.host, port=settings.health.port)
    stack.callback(server.close)
    return Reporter(health, clock)


def open_database(stack: ExitStack, url: str, kind: Kind) -> Engine:
    """Open the node's database; wait while it is not reachable, and say so once.

    Raises:
        SettingInvalid: The URL is wrong.
        SchemaOutdated: The database was not migrated.
    """
    engine = open_engine(url)
    stack.callback(engine.dispose)
    failures = 0
    while True:
        try:
            require_head(engine, kind)
        except StorageUnavailable as error:
            failures += 1
            if failures == 1:
                log.warning("node.waiting", node=kind, code=error.code, why=str(error))
            wait = jittered(failures, chance=chance(), first=_WAIT_FIRST, cap=_WAIT_CAP)
            time.sleep(wait.total_seconds())
        else:
            return engine


def open_publishers(stack: ExitStack, url: str, *names: str) -> list[RabbitPublisher]:
    """Open one publisher for each name; a publisher serves one thread."""
    publishers = [RabbitPublisher(url, name=name) for name in names]
    for publisher in publishers:
        stack.callback(publisher.close)
    return publishers


def connected(step: Callable[[], bool], publisher: RabbitPublisher) -> Callable[[], bool]:
    """Return the step, held back while its publisher has no connection.

    What it would decide could not be told; the time-outs would heal that, but only later.
    """

    def held_back() -> bool:
        trouble = publisher.trouble
        if trouble is not None:
            raise BrokerUnavailable(str(trouble), **trouble.facts)
        return step()

    return held_back


def by_turns(first: Callable[[], bool], second: Callable[[], bool]) -> Callable[[], bool]:
    """Return one step that takes two steps, one after the other."""

    def both() -> bool:
        busy = first()
        return second() or busy

    return both


def work(tasks: Sequence[Task], report: Reporter, *, node: Kind) -> None:
    """Run the tasks until a signal says stop."""
    loop = Loop(tasks, report)
    gc.collect()
    gc.freeze()  # what was imported stays for good: never look through it again
    log.info("node.started", node=node, workers=[task.name for task in tasks])
    loop.stop_on_signals()
    loop.run()
    log.info("node.stopped", node=node)
