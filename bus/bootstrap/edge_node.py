"""A whole edge node: the agencies it serves, its database, and the hops that run in it."""

from contextlib import ExitStack
from datetime import timedelta
from typing import Final

from bus.adapters.file_drop.adapter import file_drop
from bus.bootstrap import node
from bus.bootstrap.edge_checks import require_fitting
from bus.bootstrap.steps import EdgeSteps, Means, RandomIds, SystemClock, edge_steps
from bus.broker.address import account_of, parameters_of
from bus.broker.rabbit import RabbitConsumer
from bus.crypto.jws import DirectoryVerifier
from bus.crypto.keys import load_public, load_signer
from bus.errors import SettingInvalid
from bus.ids import Account
from bus.ports import Clock, Publisher
from bus.schemas.address import agency_queue
from bus.schemas.directory import SigningKey
from bus.schemas.province import Province
from bus.settings import EdgeSettings
from bus.settings.node import EdgeHubPart
from bus.storage.edge import SqlEdgeStore
from bus.storage.province import load_province
from bus.workers.collect import Served
from bus.workers.deliver import Hub
from bus.workers.loop import Task
from bus.workers.relay import RelayPolicy

_COLLECT_IDLE: Final = 0.5


def run(settings: EdgeSettings) -> int:
    """Run an edge node until it is told to stop; see `bus.bootstrap.run_edge`."""
    node.begin(settings)
    url, clock = settings.broker.address, SystemClock(settings.clock.shift_days)
    province = load_province(settings.hub.province) if settings.hub.province else None
    for part in settings.agency:
        require_fitting(part, _account(url), province)
    served, hub = _served(settings, clock), _hub(settings.hub, province)
    with ExitStack() as stack:
        report = node.serve_health(stack, settings, {"collect", "relay", "deliver"}, clock)
        engine = node.open_database(stack, settings.database.address, "edge")
        relay, receipts = node.open_publishers(stack, url, "edge-relay", "edge-deliver")
        consumer = RabbitConsumer(url, [agency_queue(one.code) for one in served], name="edge")
        stack.callback(consumer.close)
        steps = _steps(
            settings,
            store=SqlEdgeStore(engine),
            consumer=consumer,
            publishers=(relay, receipts),
            served=served,
            hub=hub,
            clock=clock,
            report=report,
        )
        relayed = node.by_turns(steps.relay.step, steps.heartbeat.step)
        tasks = [
            Task("collect", steps.collect.step, idle=_COLLECT_IDLE),
            Task("relay", node.connected(relayed, relay)),
            Task("deliver", node.connected(steps.deliver.step, receipts), idle=0),
        ]
        node.work(tasks, report, node="edge")
    return 0


def _steps(
    settings: EdgeSettings,
    *,
    store: SqlEdgeStore,
    consumer: RabbitConsumer,
    publishers: tuple[Publisher, Publisher],
    served: list[Served],
    hub: Hub,
    clock: Clock,
    report: node.Reporter,
) -> EdgeSteps:
    relay = settings.relay
    return edge_steps(
        store=store,
        consumer=consumer,
        relay_publisher=publishers[0],
        receipt_publisher=publishers[1],
        served=served,
        account=_account(settings.broker.address),
        hub=hub,
        partitions=settings.hub.partitions,
        policy=RelayPolicy(
            window=relay.window,
            answer=timedelta(seconds=relay.answer_seconds),
            cap=timedelta(seconds=relay.cap_seconds),
        ),
        heartbeat=timedelta(seconds=settings.heartbeat_seconds),
        means=Means(clock, RandomIds()),
        trouble=lambda agency, why: report(f"source {agency}", why),
    )


def _account(url: str) -> Account:
    return Account(account_of(parameters_of(url, name="edge")))


def _served(settings: EdgeSettings, clock: Clock) -> list[Served]:
    return [
        Served(one.code, load_signer(one.key_file, one.kid), *file_drop(one.adapter, clock))
        for one in settings.agency
    ]


def _hub(part: EdgeHubPart, province: Province | None) -> Hub:
    """Return whom the edge believes.

    Raises:
        SettingInvalid: The key file or folder holds no key of the hub.
    """
    keys = _hub_keys(part, province)
    if not any(key.agency == part.agency for key in keys):
        where = part.key or part.province
        raise SettingInvalid(
            f"hub.agency: {where} không có khoá công khai nào của {part.agency}; hãy sửa"
            f" hub.agency hoặc xin lại khoá của trung tâm / hub.agency: {where} holds no public"
            f" key of {part.agency}; correct hub.agency or get the hub's key again"
        )
    return Hub(part.agency, DirectoryVerifier(keys))


def _hub_keys(part: EdgeHubPart, province: Province | None) -> tuple[SigningKey, ...]:
    if province is not None:
        return province.directory.keys
    return (load_public(part.key),) if part.key is not None else ()
