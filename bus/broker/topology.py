"""What the broker must hold, as data: exchanges, queues, bindings and who may do what.

One value, made from the directory, is applied to RabbitMQ, written as `definitions.json`, compared
with a running broker and followed by the embedded broker. The queue arguments mean the same on
RabbitMQ 3.10 and 4.x; nothing else is set.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from bus.ids import Account, Slug, slug
from bus.schemas.address import (
    AGENCY_IN,
    AGENCY_OUT,
    DEAD,
    HUB_CONTROL,
    HUB_RECEIPTS,
    agency_key,
    agency_queue,
    hub_queue,
    partition_word,
)
from bus.schemas.directory import AgencyEntry, Role

DELIVERY_LIMIT: Final = 20
"""Crash guard only; a business retry never comes back through the broker."""
NEVER: Final = 1_000_000
"""Delivery limit of `hub.dead`, where nothing may be dropped. On 3.10, -1 means the contrary."""
MOST_PARTITIONS: Final = 100
NOTHING: Final = "^$"

Argument = str | int | bool


class _Spec(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class ExchangeSpec(_Spec):
    """One durable exchange; `alternate` takes what none of its bindings wants."""

    name: str
    alternate: str | None = None
    type: Literal["topic"] = "topic"

    @property
    def arguments(self) -> Mapping[str, Argument]:
        """Arguments of its declaration."""
        return {} if self.alternate is None else {"alternate-exchange": self.alternate}


class QueueSpec(_Spec):
    """One durable quorum queue."""

    name: str
    single_active: bool = False
    delivery_limit: int = DELIVERY_LIMIT

    @property
    def arguments(self) -> Mapping[str, Argument]:
        """Arguments of its declaration: what makes the queue what it is. Sizes are policy.

        The dead letter keeps its routing key, which names the sender; the queue follows from it.
        """
        arguments: dict[str, Argument] = {
            "x-queue-type": "quorum",
            "x-delivery-limit": self.delivery_limit,
            "x-dead-letter-exchange": DEAD,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        }
        if self.single_active:
            arguments["x-single-active-consumer"] = True
        return arguments


class BindingSpec(_Spec):
    """Messages of an exchange whose key fits go to a queue."""

    exchange: str
    queue: str
    key: str


class PermissionSpec(_Spec):
    """What one account may do: patterns over names of exchanges and queues."""

    account: str
    configure: str = NOTHING
    write: str
    read: str


class TopicPermissionSpec(_Spec):
    """Which routing keys one account may publish on an exchange."""

    account: str
    exchange: str
    write: str
    read: str = NOTHING


class Topology(_Spec):
    """Everything one virtual host holds."""

    vhost: str
    partitions: int = Field(ge=1, le=MOST_PARTITIONS)
    exchanges: tuple[ExchangeSpec, ...]
    queues: tuple[QueueSpec, ...]
    bindings: tuple[BindingSpec, ...]
    permissions: tuple[PermissionSpec, ...]
    topic_permissions: tuple[TopicPermissionSpec, ...]

    @property
    def partition_queues(self) -> tuple[str, ...]:
        """The hub's ordered queues."""
        return tuple(hub_queue(number) for number in range(self.partitions))

    @property
    def accounts(self) -> tuple[str, ...]:
        """Every account somebody connects with."""
        return tuple(permission.account for permission in self.permissions)

    def routes(self, exchange: str, key: str) -> tuple[str, ...]:
        """Return the queues a message goes to, as RabbitMQ would find them; empty: unroutable."""
        alternate = self._alternates.get(exchange)
        found = self._exact.get((exchange, key), ()) + tuple(
            queue for pattern, queue in self._patterns.get(exchange, ()) if pattern.fullmatch(key)
        )
        if not found and alternate is not None:
            return self.routes(alternate, key)
        return tuple(dict.fromkeys(found))

    @cached_property
    def _alternates(self) -> dict[str, str | None]:
        return {exchange.name: exchange.alternate for exchange in self.exchanges}

    @cached_property
    def _exact(self) -> dict[tuple[str, str], tuple[str, ...]]:
        found: defaultdict[tuple[str, str], tuple[str, ...]] = defaultdict(tuple)
        for binding in self.bindings:
            if not _is_pattern(binding.key):
                found[binding.exchange, binding.key] += (binding.queue,)
        return dict(found)

    @cached_property
    def _patterns(self) -> dict[str, list[tuple[re.Pattern[str], str]]]:
        found: dict[str, list[tuple[re.Pattern[str], str]]] = {
            exchange.name: [] for exchange in self.exchanges
        }
        for binding in self.bindings:
            if _is_pattern(binding.key):
                found[binding.exchange].append((_as_regex(binding.key), binding.queue))
        return found


def topology_of(
    agencies: Iterable[AgencyEntry], partitions: int, vhost: str = "lienthong"
) -> Topology:
    """Return what the broker must hold for these agencies.

    Agencies of the past keep their queue: their last receipts may still be under way. An agency
    whose role is the hub has no queue of its own; its account reads the hub's queues.
    """
    entries = tuple(agencies)
    slugs = [slug(entry.code) for entry in entries if Role.HUB not in entry.roles]
    return Topology(
        vhost=vhost,
        partitions=partitions,
        exchanges=(
            ExchangeSpec(name=DEAD),
            # An agency's own program may not ask for its unroutable messages back; here they stay.
            ExchangeSpec(name=AGENCY_OUT, alternate=DEAD),
            # The hub asks, and keeps the message itself: no alternate, or it would never be told.
            ExchangeSpec(name=AGENCY_IN),
        ),
        queues=_queues(slugs, partitions),
        bindings=_bindings(slugs, partitions),
        permissions=_permissions(entries),
        topic_permissions=_topic_permissions(entries),
    )


def _queues(slugs: list[Slug], partitions: int) -> tuple[QueueSpec, ...]:
    return (
        QueueSpec(name=DEAD, delivery_limit=NEVER),
        QueueSpec(name=HUB_RECEIPTS),
        QueueSpec(name=HUB_CONTROL),
        *(QueueSpec(name=hub_queue(n), single_active=True) for n in range(partitions)),
        *(QueueSpec(name=agency_queue(each)) for each in slugs),
    )


def _bindings(slugs: list[Slug], partitions: int) -> tuple[BindingSpec, ...]:
    return (
        BindingSpec(exchange=DEAD, queue=DEAD, key="#"),
        BindingSpec(exchange=AGENCY_OUT, queue=HUB_RECEIPTS, key="*.receipt"),
        BindingSpec(exchange=AGENCY_OUT, queue=HUB_CONTROL, key="*.control"),
        *(
            BindingSpec(exchange=AGENCY_OUT, queue=hub_queue(n), key=f"*.{partition_word(n)}")
            for n in range(partitions)
        ),
        *(
            BindingSpec(exchange=AGENCY_IN, queue=agency_queue(each), key=agency_key(each))
            for each in slugs
        ),
    )


def _permissions(entries: tuple[AgencyEntry, ...]) -> tuple[PermissionSpec, ...]:
    """Return one permission per account; RabbitMQ keeps one, so an account's rights add up."""
    write: defaultdict[Account, list[str]] = defaultdict(list)
    read: defaultdict[Account, list[str]] = defaultdict(list)
    for account, slugs in _by_account(entries).items():
        write[account].append(re.escape(AGENCY_OUT))
        read[account].append(rf"agency\.{_one_of(slugs)}")
    for entry in entries:
        if Role.HUB in entry.roles and r"hub\..*" not in read[entry.broker_account]:
            write[entry.broker_account].append(re.escape(AGENCY_IN))
            read[entry.broker_account].append(r"hub\..*")
    return tuple(
        PermissionSpec(
            account=account, write=f"^{_one_of(write[account])}$", read=f"^{_one_of(names)}$"
        )
        for account, names in read.items()
    )


def _topic_permissions(entries: tuple[AgencyEntry, ...]) -> tuple[TopicPermissionSpec, ...]:
    return tuple(
        TopicPermissionSpec(account=account, exchange=AGENCY_OUT, write=rf"^{_one_of(slugs)}\.")
        for account, slugs in _by_account(entries).items()
    )


def _by_account(entries: tuple[AgencyEntry, ...]) -> dict[Account, list[str]]:
    accounts: defaultdict[Account, list[str]] = defaultdict(list)
    for entry in entries:
        if Role.HUB not in entry.roles:
            accounts[entry.broker_account].append(slug(entry.code))
    return dict(accounts)


def _one_of(words: Iterable[str]) -> str:
    every = tuple(words)
    return every[0] if len(every) == 1 else f"({'|'.join(every)})"


def _is_pattern(key: str) -> bool:
    return "*" in key or "#" in key


def _as_regex(key: str) -> re.Pattern[str]:
    """Return a topic pattern as a regular expression: `*` is one word, `#` any number."""
    if key == "#":
        return re.compile(r".*", re.DOTALL)
    words = (r"[^.]*" if word == "*" else re.escape(word) for word in key.split("."))
    return re.compile(r"\.".join(words))
