"""Runs the bare relay on a framework a user might pick instead, and times it like the hub."""

import importlib
import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pika
import psycopg

from benchmarks.machinery.drain import END, WARM_UP, depth
from benchmarks.machinery.servers import Servers
from benchmarks.rivals import work

_ROOT: Final = Path(__file__).parents[2]
_LOOK: Final = 0.1
_LONGEST: Final = 300.0
_GOODBYE: Final = 10.0


@dataclass(frozen=True, slots=True)
class Rival:
    """How to start a framework's own worker, and how to fill its queue."""

    module: str
    packages: tuple[str, ...]
    worker: tuple[str, ...]
    fill: Callable[[Any, Sequence[str]], None]
    queue_arguments: Mapping[str, str] | None
    """What our declaration of the queues says; None: the framework declares them itself."""


def _fill_dramatiq(module: Any, bodies: Sequence[str]) -> None:  # noqa: ANN401 -- any rival's module
    module.broker.declare_queue(module.TARGET, ensure=True)
    for body in bodies:
        module.relay.send(body)


def _fill_celery(module: Any, bodies: Sequence[str]) -> None:  # noqa: ANN401
    with module.app.producer_pool.acquire(block=True) as producer:
        for body in bodies:
            module.relay.apply_async((body,), queue=module.SOURCE, producer=producer)


def _fill_faststream(module: Any, bodies: Sequence[str]) -> None:  # noqa: ANN401
    properties = pika.BasicProperties(delivery_mode=2, content_type="text/plain")
    with pika.BlockingConnection(pika.URLParameters(work.amqp())) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        for body in bodies:
            channel.basic_publish("", module.SOURCE, body.encode(), properties)


_QUORUM: Final = {"x-queue-type": "quorum"}
RIVALS: Final[Mapping[str, Rival]] = {
    "dramatiq": Rival(
        "benchmarks.rivals.dramatiq_relay",
        ("dramatiq", "pika"),
        ("dramatiq", "{module}", "-p", "2", "-t", "8", "-Q", "rival_dramatiq_in"),
        _fill_dramatiq,
        None,
    ),
    "celery": Rival(
        "benchmarks.rivals.celery_relay",
        ("celery",),
        (
            *("celery", "-A", "{module}", "worker", "-P", "threads", "-c", "8", "-l", "ERROR"),
            *("-Q", "rival_celery_in", "--without-gossip", "--without-mingle"),
        ),
        _fill_celery,
        _QUORUM,
    ),
    "faststream": Rival(
        "benchmarks.rivals.faststream_relay",
        ("faststream", "aio_pika", "psycopg_pool"),
        ("faststream", "run", "{module}:app", "--log-level", "error"),
        _fill_faststream,
        _QUORUM,
    ),
}


def missing(name: str) -> list[str]:
    """Return the packages a rival needs that are not installed."""
    return [each for each in RIVALS[name].packages if importlib.util.find_spec(each) is None]


def race(name: str, servers: Servers, bodies: Sequence[str]) -> float:
    """Return how many messages a second the framework relays over the middle of the run.

    Every message must be in the table once and in the target queue at the end.
    """
    rival = RIVALS[name]
    os.environ[work.AMQP] = servers.amqp
    os.environ[work.DATABASE] = servers.libpq
    module = importlib.import_module(rival.module)
    with _queues(servers, module, rival), psycopg.connect(servers.libpq, autocommit=True) as base:
        base.execute(f"DROP TABLE IF EXISTS {work.TABLE}")
        base.execute(work.CREATE)
        rival.fill(module, bodies)
        with _worker(rival):
            per_second = _timed(name, servers.amqp, module.TARGET, len(bodies))
        (rows,) = base.execute(f"SELECT count(*) FROM {work.TABLE}").fetchone() or (0,)
        base.execute(f"DROP TABLE {work.TABLE}")
    if rows != len(bodies):
        raise SystemExit(f"{name}: {rows} rows of {len(bodies)}; the figure is thrown away")
    return per_second


@contextmanager
def _queues(servers: Servers, module: Any, rival: Rival) -> Iterator[None]:  # noqa: ANN401
    names = [module.SOURCE, module.TARGET]
    if rival.queue_arguments is None:
        everything = [name + end for name in names for end in ("", ".DQ", ".XQ")]
    else:
        everything = names
    with pika.BlockingConnection(pika.URLParameters(servers.amqp)) as connection:
        channel = connection.channel()
        for name in everything:
            channel.queue_delete(name)
        for name in names if rival.queue_arguments is not None else ():
            channel.queue_declare(name, durable=True, arguments=dict(rival.queue_arguments or {}))
    yield
    with pika.BlockingConnection(pika.URLParameters(servers.amqp)) as connection:
        channel = connection.channel()
        for name in everything:
            channel.queue_delete(name)


@contextmanager
def _worker(rival: Rival) -> Iterator[None]:
    program, *rest = (word.format(module=rival.module) for word in rival.worker)
    command = [str(Path(sys.executable).with_name(program)), *rest]
    environment = os.environ | {"PYTHONPATH": str(_ROOT)}
    process = subprocess.Popen(
        command,
        cwd=_ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(_GOODBYE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(_GOODBYE)


def _timed(name: str, amqp: str, target: str, total: int) -> float:
    start = time.perf_counter()
    marks: list[tuple[float, int]] = []
    with pika.BlockingConnection(pika.URLParameters(amqp)) as connection:
        channel = connection.channel()
        while not marks or marks[-1][1] < total:
            count = depth(channel, target)
            marks.append((time.perf_counter(), count))
            if marks[-1][0] - start > _LONGEST:
                raise SystemExit(f"{name} relayed {count} of {total} in {_LONGEST:g} s")
            connection.sleep(_LOOK)
    first = next(mark for mark in marks if mark[1] >= WARM_UP * total)
    last = next(mark for mark in marks if mark[1] >= END * total)
    return (last[1] - first[1]) / (last[0] - first[0])
