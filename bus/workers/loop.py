"""The one run loop: steps in threads, until told to stop.

A step that finds nothing waits a little; one whose broker or database is gone waits longer each
time, with jitter, and goes on by itself. What is gone is said once, by the first worker that
notices, and once more when the last one works again. A step that does not come back, as from a
database that stands still, is said too. The step in hand is always finished.
"""

import random
import signal
import threading
import time
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
PATIENCE: Final = 30.0
"""Seconds a step may take; every wait for broker or database inside it is shorter."""
STALLED: Final = "worker.stalled"
_LOOKS: Final = 4
"""How often in the time of its patience the loop looks after its steps."""


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
    """Runs tasks in threads until `stop` is set; reports a step that takes more than `patience`."""

    def __init__(
        self, tasks: Sequence[Task], report: Report, *, patience: float = PATIENCE
    ) -> None:
        self._tasks = tasks
        self._report = report
        self._patience = patience
        self._begun: dict[str, float] = {}  # worker → when the step it has in hand began
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
            while thread.is_alive():
                thread.join(self._patience / _LOOKS)
                self._look()

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

    def _look(self) -> None:
        """Report the steps that have not come back, each once; when it does, its worker says so."""
        now = time.monotonic()
        for name, begun in list(self._begun.items()):
            if now - begun > self._patience and self._begun.pop(name, None) is not None:
                why = f"a step has not come back for {self._patience:g} s"
                self._report(name, f"{STALLED}: {why}")
                self._tell(name, STALLED, why)

    def _work(self, task: Task) -> None:
        failures = 0
        while not self.stop.is_set():
            self._begun[task.name] = time.monotonic()
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
                self._begun.pop(task.name, None)
                self._recovered(task, failures)
                failures = 0
                self._report(task.name, None)
                if not busy:
                    self.stop.wait(task.idle)

    def _tell(self, worker: str, code: str, why: str) -> None:
        with self._telling:
            names = self._unfit.setdefault(code, set())
            first = not names
            fresh = worker not in names
            names.add(worker)
        if fresh:
            tell = log.error if first else log.debug
            tell("worker.unfit", worker=worker, code=code, why=why)

    def _recovered(self, task: Task, failures: int) -> None:
        with self._telling:
            codes = [code for code, names in self._unfit.items() if task.name in names]
            for code in codes:
                self._unfit[code].discard(task.name)
            last = not any(self._unfit[code] for code in codes)
        if codes:
            tell = log.info if last else log.debug
            tell("worker.recovered", worker=task.name, failures=failures)

    def _failed(self, task: Task, code: str, why: str, failures: int) -> None:
        self._begun.pop(task.name, None)
        self._report(task.name, f"{code}: {why}")
        if self.stop.is_set():  # what it works with is being closed
            return
        self._tell(task.name, code, why)
        cap = _CAP_OF_BROKER if code == BrokerUnavailable.code else _CAP
        chance = random.random()  # noqa: S311 -- jitter, no secret
        self.stop.wait(jittered(failures, chance=chance, first=_FIRST, cap=cap).total_seconds())
