"""The one run loop: steps in threads, until told to stop.

A step that finds nothing waits a little; one whose broker or database is gone waits longer each
time, with jitter, and goes on by itself. What is gone is said once, by the first worker that
notices, and once more when the last one works again. The step in hand is always finished.
"""

import random
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import FrameType
from typing import Final, Protocol

import structlog

from bus.errors import BrokerUnavailable, BusError
from bus.routing.retry import jittered

log = structlog.get_logger()

_FIRST: Final = timedelta(milliseconds=200)
_CAP: Final = timedelta(seconds=5)
_CAP_OF_BROKER: Final = timedelta(seconds=1)
"""Its connection is built up behind the step, with a backoff of its own: asking costs nothing."""


class Report(Protocol):
    """Learns how a worker is doing."""

    def __call__(self, name: str, error: str | None) -> None:
        """Note that a worker works (None) or what keeps it from working."""
        ...


@dataclass(frozen=True, slots=True)
class Task:
    """One step that is run over and over in a thread of its own.

    `idle` is the wait in seconds after a step that did nothing.
    """

    name: str
    step: Callable[[], bool]
    idle: float = 0.05


class Loop:
    """Runs tasks in threads until `stop` is set."""

    def __init__(self, tasks: Sequence[Task], report: Report) -> None:
        self._tasks = tasks
        self._report = report
        self._unfit: dict[str, set[str]] = {}  # code → workers that are kept from working by it
        self._telling = threading.Lock()
        self.stop = threading.Event()

    def run(self) -> None:
        """Run until told to stop; return when every step in hand is finished."""
        # Daemons, else the second signal would wait for the steps it is to leave.
        threads = [
            threading.Thread(target=self._work, args=(task,), name=task.name, daemon=True)
            for task in self._tasks
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def stop_on_signals(self) -> None:
        """Stop on SIGTERM or SIGINT; on the second one leave at once.

        Nothing is lost by leaving: what was not committed was not acknowledged.
        """

        def handle(number: int, _frame: FrameType | None) -> None:
            if self.stop.is_set():
                raise SystemExit(128 + number)
            self.stop.set()

        signal.signal(signal.SIGTERM, handle)
        signal.signal(signal.SIGINT, handle)

    def _work(self, task: Task) -> None:
        failures = 0
        while not self.stop.is_set():
            try:
                busy = task.step()
            except BusError as error:
                failures += 1
                self._failed(task, error.code, str(error), failures)
            except Exception as error:
                failures += 1
                log.exception("worker.unexpected", worker=task.name)
                self._failed(task, "unexpected", type(error).__name__, failures)
            else:
                if failures:
                    self._recovered(task, failures)
                failures = 0
                self._report(task.name, None)
                if not busy:
                    self.stop.wait(task.idle)

    def _recovered(self, task: Task, failures: int) -> None:
        with self._telling:
            codes = [code for code, names in self._unfit.items() if task.name in names]
            for code in codes:
                self._unfit[code].discard(task.name)
            last = not any(self._unfit[code] for code in codes)
        tell = log.info if last else log.debug
        tell("worker.recovered", worker=task.name, failures=failures)

    def _failed(self, task: Task, code: str, why: str, failures: int) -> None:
        self._report(task.name, f"{code}: {why}")
        if self.stop.is_set():  # what it works with is being closed
            return
        with self._telling:
            names = self._unfit.setdefault(code, set())
            first = not names
            fresh = task.name not in names
            names.add(task.name)
        if fresh:
            tell = log.error if first else log.debug
            tell("worker.unfit", worker=task.name, code=code, why=why)
        cap = _CAP_OF_BROKER if code == BrokerUnavailable.code else _CAP
        chance = random.random()  # noqa: S311 -- jitter, no secret
        self.stop.wait(jittered(failures, chance=chance, first=_FIRST, cap=cap).total_seconds())
