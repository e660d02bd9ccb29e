"""A whole hub: RabbitMQ, its database, and the hops that run in it."""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import Final

import structlog

from bus.bootstrap import node
from bus.bootstrap.steps import HubSteps, Means, RandomIds, SystemClock, hub_steps
from bus.broker.rabbit import RabbitConsumer, RabbitPublisher
from bus.crypto.keys import load_signer
from bus.errors import SettingInvalid
from bus.ids import AgencyCode
from bus.ports import Signer
from bus.routing.submission import CLOCK_TOLERANCE
from bus.schemas.address import DEAD, hub_queues
from bus.schemas.directory import SigningKey
from bus.settings import HubSettings
from bus.storage.hub import SqlHubStore
from bus.storage.queries import HubQueries
from bus.storage.tasks import SqlTaskStore
from bus.workers.catalogues import Catalogues
from bus.workers.dead import Dead
from bus.workers.loop import Task

log = structlog.get_logger()

_WORKERS: Final = frozenset({"ingress", "clock", "operators", "dead"})
_CLOCK_IDLE: Final = 0.25
_OPERATORS_IDLE: Final = 0.5


def run(settings: HubSettings) -> int:
    """Run a hub until it is told to stop; see `bus.bootstrap.run_hub`."""
    node.begin(settings)
    part, url = settings.hub, settings.broker.address
    signer = load_signer(part.key_file, part.kid)
    clock = SystemClock(settings.clock.shift_days)
    with ExitStack() as stack:
        report = node.serve_health(stack, settings, _WORKERS, clock)
        engine = node.open_database(stack, settings.database.address, "hub")
        store = _ready_store(SqlHubStore(engine, part.partitions), settings)
        compare_clock(clock.now(), HubQueries(engine).newest_entry_at())
        ingress, clocked = node.open_publishers(stack, url, "hub-ingress", "hub-clock")
        consumer = RabbitConsumer(
            url, hub_queues(part.partitions), name="hub", prefetch=settings.broker.prefetch
        )
        stack.callback(consumer.close)
        dead = RabbitConsumer(url, [DEAD], name="hub-dead")
        stack.callback(dead.close)
        steps = _steps(
            settings,
            store=store,
            tasks=SqlTaskStore(engine),
            consumer=consumer,
            publishers=(ingress, clocked),
            signer=signer,
            clock=clock,
        )
        clock_steps = node.by_turns(steps.redeliver.step, steps.timers.step)
        operators = node.by_turns(steps.watch.step, steps.group_retry.step)
        tasks = [
            Task("ingress", node.connected(steps.ingress.step, ingress), idle=0),
            Task("clock", node.connected(clock_steps, clocked), idle=_CLOCK_IDLE),
            Task("operators", operators, idle=_OPERATORS_IDLE),
            Task("dead", Dead(dead, store, clock).step, idle=0),
        ]
        node.work(tasks, report, node="hub")
    return 0


def _steps(
    settings: HubSettings,
    *,
    store: SqlHubStore,
    tasks: SqlTaskStore,
    consumer: RabbitConsumer,
    publishers: tuple[RabbitPublisher, RabbitPublisher],
    signer: Signer,
    clock: SystemClock,
) -> HubSteps:
    part = settings.hub
    return hub_steps(
        store=store,
        tasks=tasks,
        consumer=consumer,
        ingress_publisher=publishers[0],
        start=publishers[0].start,
        clock_publisher=publishers[1],
        hub=part.agency,
        signer=signer,
        partitions=part.partitions,
        policy=settings.retry.policy,
        means=Means(clock, RandomIds()),
        batch=part.batch,
    )


def _ready_store(store: SqlHubStore, settings: HubSettings) -> SqlHubStore:
    """Return the store once it fits the settings and holds a directory that knows the hub's key."""
    part = settings.hub
    store.prepare()
    keys = Catalogues(store).newest().province.directory.keys
    _require_published(part.kid or part.key_file.stem, part.agency, keys)
    return store


def compare_clock(now: datetime, newest: datetime | None) -> None:
    """Warn of a clock behind the ledger's own entries: deadlines would be counted from the past."""
    if newest is not None and newest > now + CLOCK_TOLERANCE:
        log.warning(
            "node.clock_behind_ledger",
            now=now.isoformat(),
            newest_entry=newest.isoformat(),
            why="đồng hồ chậm hơn sổ cái: hãy chỉnh giờ máy hoặc clock.shift_days"
            " / the clock is behind the ledger: set the machine's time or clock.shift_days",
        )


def _require_published(kid: str, agency: AgencyCode, keys: Sequence[SigningKey]) -> None:
    """Refuse a key that nobody could verify: every edge would throw the hub's messages away.

    Raises:
        SettingInvalid: The newest directory has no such key of the hub.
    """
    own = [key.kid for key in keys if key.agency == agency]
    if kid in own:
        return
    there = ", ".join(own) or "không có / none"
    raise SettingInvalid(
        f"hub.kid: danh bạ đã công bố không có khoá {kid} của {agency} (đang có: {there}); hãy sửa"
        f" hub.agency hoặc hub.kid; nếu đúng mã, tạo khoá bằng `bus key new {agency}` rồi"
        f" `bus directory publish` / hub.kid: the published directory has no key {kid} of {agency}"
        f" (there: {there}); correct hub.agency or hub.kid; where the code is right, make a key"
        f" with `bus key new {agency}`, then `bus directory publish`"
    )
