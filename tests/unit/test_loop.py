"""The run loop: what happens around a step, whatever the step does."""

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest
from structlog.testing import capture_logs

from bus.errors import BrokerUnavailable, BusError, CatalogueInvalid, StorageUnavailable
from bus.workers.loop import Loop, Task
from tests.support.rabbitmq import eventually

WITHIN = 10.0
"""Seconds a test waits for a thread before it gives up."""


class Script:
    """A step that plays a list: True and False are returned, errors raised; then it stops the loop.

    The last act is the loop's end, so a test needs no sleep.
    """

    def __init__(self, *acts: bool | Exception) -> None:
        self.acts = list(acts)
        self.played = 0
        self.loop: Loop | None = None
        self.before: Callable[[], object] | None = None
        """Done before the first success: here scripts can wait for each other."""

    def __call__(self) -> bool:
        if self.played == len(self.acts):
            assert self.loop is not None
            self.loop.stop.set()
            return True
        act = self.acts[self.played]
        self.played += 1
        if isinstance(act, Exception):
            raise act
        if self.before is not None:
            self.before()
            self.before = None
        return act


class Waits(threading.Event):
    """The loop's stop flag, which counts the waits for it instead of waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.waited: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout or 0.0)
        return self.is_set()


Reports = list[tuple[str, str | None]]


def played(*acts: bool | Exception, idle: float = 0.05) -> tuple[Waits, Reports]:
    """Run a loop over a script to its end; return the waits and what was reported."""
    script, reports, waits = Script(*acts), Reports(), Waits()
    loop = Loop([Task("work", script, idle)], lambda name, error: reports.append((name, error)))
    loop.stop = script_stop = waits
    script.loop = loop
    loop.run()
    assert script_stop.is_set()
    return waits, reports


BUSY, IDLE = True, False
DOWN = BrokerUnavailable("no connection")
GONE = StorageUnavailable("no connection")


def test_a_step_that_did_something_is_run_again_at_once() -> None:
    waits, reports = played(BUSY, BUSY, BUSY)

    assert waits.waited == []
    assert reports == [("work", None)] * 4


def test_a_step_that_found_nothing_waits_a_little() -> None:
    waits, _ = played(IDLE, BUSY, IDLE, idle=0.25)

    assert waits.waited == [0.25, 0.25]


def test_a_worker_that_is_unfit_waits_longer_each_time_says_so_once_and_recovers() -> None:
    with capture_logs() as lines:
        waits, reports = played(DOWN, DOWN, DOWN, DOWN, BUSY)

    assert [(line["event"], line["log_level"]) for line in lines] == [
        ("worker.unfit", "error"),
        ("worker.recovered", "info"),
    ]
    assert (lines[0]["code"], lines[0]["why"], lines[1]["failures"]) == (
        "broker.unavailable",
        "no connection",
        4,
    )
    assert reports[:5] == [("work", "broker.unavailable: no connection")] * 4 + [("work", None)]
    _within_bounds(waits.waited, [(0.2, 0.4), (0.2, 0.8), (0.2, 1.0), (0.2, 1.0)])


def test_no_wait_is_longer_than_five_seconds() -> None:
    waits, _ = played(*[GONE] * 12)

    first = [(0.2, 0.4), (0.2, 0.8), (0.2, 1.6), (0.2, 3.2)]
    _within_bounds(waits.waited, [*first, *[(0.2, 5.0)] * 8])


def test_a_worker_without_broker_looks_again_every_second() -> None:
    """The connection has a backoff of its own; when it is back, nobody must sleep on."""
    waits, _ = played(*[DOWN] * 12)

    _within_bounds(waits.waited, [(0.2, 1.0)] * 12)


def _within_bounds(waited: Sequence[float], bounds: Sequence[tuple[float, float]]) -> None:
    assert len(waited) == len(bounds)
    assert [low <= wait <= high for wait, (low, high) in zip(waited, bounds, strict=True)] == [
        True
    ] * len(bounds)


def test_after_it_recovered_the_waits_begin_anew() -> None:
    with capture_logs() as lines:
        waits, _ = played(*[DOWN] * 8, BUSY, DOWN, BUSY)

    assert waits.waited[-1] <= 0.4
    assert [line["event"] for line in lines] == ["worker.unfit", "worker.recovered"] * 2


@pytest.mark.parametrize("error", [ValueError("Nguyễn"), CatalogueInvalid("wrong file")])
def test_an_error_nobody_expected_does_not_end_the_thread(error: Exception) -> None:
    with capture_logs() as lines:
        waits, reports = played(error, BUSY)

    why = (
        "catalogue.invalid: wrong file" if isinstance(error, BusError) else "unexpected: ValueError"
    )
    assert reports == [("work", why), ("work", None), ("work", None)]
    assert len(waits.waited) == 1
    assert lines[-1]["event"] == "worker.recovered"


def test_one_bad_worker_does_not_stop_the_other() -> None:
    def bad() -> bool:
        raise DOWN

    good = Script(*[BUSY] * 50)
    good.loop = loop = Loop([Task("bad", bad), Task("good", good)], lambda _name, _error: None)

    loop.run()

    assert good.played == 50


def test_what_several_workers_miss_is_said_once_and_once_that_it_is_back() -> None:
    tasks = [Script(*[DOWN] * 3, *[BUSY] * 40) for _ in range(3)]
    loop = Loop([Task(f"work-{n}", task) for n, task in enumerate(tasks)], lambda _n, _e: None)
    loop.stop = Waits()
    both_down = threading.Barrier(3, timeout=WITHIN)
    for task in tasks:
        task.loop = loop
        task.before = both_down.wait

    with capture_logs() as lines:
        loop.run()

    told = [line["event"] for line in lines if line["log_level"] != "debug"]
    assert told == ["worker.unfit", "worker.recovered"]


@contextmanager
def running(loop: Loop) -> Iterator[threading.Thread]:
    thread = threading.Thread(target=loop.run, daemon=True)
    thread.start()
    try:
        yield thread
    finally:
        loop.stop.set()
        thread.join(WITHIN)
    assert not thread.is_alive()


def test_a_step_that_does_not_come_back_is_told_once_and_told_again_when_it_does() -> None:
    """A database that stands still raises nothing: who waits for it must not look well."""
    told, may_end = threading.Event(), threading.Event()
    reports: Reports = []

    def report(name: str, error: str | None) -> None:
        reports.append((name, error))
        if error is not None:
            told.set()

    def still() -> bool:
        may_end.wait(WITHIN)
        return False

    loop = Loop([Task("still", still)], report, patience=0.05)
    with capture_logs() as lines, running(loop):
        assert told.wait(WITHIN)
        may_end.set()
        eventually(lambda: reports[-1] == ("still", None), within=WITHIN, what="well again")

    assert [line["event"] for line in lines] == ["worker.unfit", "worker.recovered"]
    assert lines[0]["code"] == "worker.stalled"
    assert [error for _, error in reports if error] == [
        "worker.stalled: a step has not come back for 0.05 s"
    ]


def test_steps_that_come_back_in_time_are_not_told() -> None:
    steps = Script(*[BUSY] * 400)
    reports: Reports = []
    steps.loop = loop = Loop([Task("work", steps)], lambda *said: reports.append(said), patience=5)

    with capture_logs() as lines:
        loop.run()

    assert lines == []
    assert {error for _, error in reports} == {None}


def test_the_step_in_hand_is_finished_before_the_loop_ends() -> None:
    begun, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def slow() -> bool:
        begun.set()
        may_end.wait(WITHIN)
        ended.set()
        return True

    loop = Loop([Task("slow", slow)], lambda _name, _error: None)
    with running(loop) as thread:
        assert begun.wait(WITHIN)
        loop.stop.set()
        assert thread.is_alive()
        assert not ended.is_set()
        may_end.set()
        thread.join(WITHIN)

        assert ended.is_set()
        assert not thread.is_alive()


def test_a_worker_that_waits_is_stopped_at_once() -> None:
    idle = threading.Event()

    def nothing() -> bool:
        idle.set()
        return False

    loop = Loop([Task("idle", nothing, idle=3600.0)], lambda _name, _error: None)
    with running(loop) as thread:
        assert idle.wait(WITHIN)
        loop.stop.set()
        thread.join(WITHIN)

        assert not thread.is_alive()


@pytest.fixture
def handlers() -> Iterator[None]:
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_first_signal_stops_and_the_second_leaves_at_once(number: signal.Signals) -> None:
    loop = Loop([], lambda _name, _error: None)
    loop.stop_on_signals()

    signal.raise_signal(number)
    assert loop.stop.is_set()
    with pytest.raises(SystemExit) as left:
        signal.raise_signal(number)

    assert left.value.code == 128 + number


def test_a_step_that_hangs_does_not_keep_the_process() -> None:
    """Else the second signal would leave nothing at once."""
    begun, hang = threading.Event(), threading.Event()
    seen: list[bool] = []

    def hanging() -> bool:
        seen.append(threading.current_thread().daemon)
        begun.set()
        return hang.wait(WITHIN)

    loop = Loop([Task("hanging", hanging)], lambda _name, _error: None)
    with running(loop):
        assert begun.wait(WITHIN)
        loop.stop.set()
        hang.set()

    assert seen == [True]
