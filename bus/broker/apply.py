"""Gives the broker what the topology says, and tells what it has otherwise."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, NoReturn, Self, TypeVar

import pika
from pika import exceptions
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection
from pika.exchange_type import ExchangeType

from bus.broker.address import (
    ACCESS_REFUSED,
    NOT_FOUND,
    PRECONDITION_FAILED,
    account_of,
    parameters_of,
    unavailable,
)
from bus.broker.definitions import Difference, definitions, diff
from bus.broker.management import Management
from bus.broker.topology import BindingSpec, ExchangeSpec, QueueSpec, Topology
from bus.errors import ActRefused, SettingInvalid, TopologyDrift

CONNECTIONS: Final = 4
"""The broker makes quorum queues side by side; more connections than this gain nothing."""

_INEQUIVALENT: Final = re.compile(r"inequivalent arg '(?P<argument>[^']+)'.*", re.DOTALL)
_FOUND: Final = re.compile(r"current is (?:the value )?(?P<found>.+?)(?: of type .*)?$")

Thing = ExchangeSpec | QueueSpec | BindingSpec
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Applied:
    """What `apply` did: names it created, and how many things were there already."""

    created: tuple[str, ...]
    unchanged: int


def apply(url: str, topology: Topology) -> Applied:
    """Declare exchanges, queues and bindings; repeating it changes nothing.

    Nothing is ever deleted. Permissions are set by `management.apply_permissions`.

    Args:
        url: Of an account that may configure the virtual host of the topology.
        topology: What is to be there.

    Raises:
        TopologyDrift: Something is there with other arguments than the topology says.
        ActRefused: The account may not configure.
        BrokerUnavailable: The broker cannot be reached.
    """
    parameters = _parameters(url, topology)
    things: tuple[Thing, ...] = (*topology.exchanges, *topology.queues)
    there = _on_many(parameters, things, _Session.has)
    with _Session(parameters) as session:
        for exchange in topology.exchanges:  # a queue or an alternate needs them first
            session.declare(exchange)
    _on_many(parameters, topology.queues, _Session.declare)
    _on_many(parameters, topology.bindings, _Session.declare)
    created = tuple(_name(thing) for thing, was in zip(things, there, strict=True) if not was)
    return Applied(created=created, unchanged=len(things) - len(created))


def compare(
    url: str, topology: Topology, *, management_url: str | None = None
) -> tuple[Difference, ...]:
    """Return how the broker differs; without the management API only missing names are seen."""
    if management_url is not None:
        return diff(topology, Management(management_url).definitions(topology.vhost))
    parameters = _parameters(url, topology)
    found: dict[str, list[dict[str, Any]]] = {}
    sections: dict[str, Sequence[Thing]] = {
        "exchanges": topology.exchanges,
        "queues": topology.queues,
    }
    for section, things in sections.items():
        there = _on_many(parameters, things, _Session.has)
        found[section] = [
            {"name": _name(thing)}
            for thing, is_there in zip(things, there, strict=True)
            if is_there
        ]
    return diff(topology, found)


def show(topology: Topology) -> str:
    """Return the topology for reading: a line for each exchange, queue, binding and permission."""
    return "\n".join(
        f"{section}: " + " · ".join(f"{key}={value}" for key, value in entry.items() if value)
        for section, entries in definitions(topology).items()
        for entry in entries
    )


class _Session:
    """One connection that asks for and declares things, one after another."""

    def __init__(self, parameters: pika.connection.Parameters) -> None:
        self._parameters = parameters
        self._connection: BlockingConnection | None = None
        self._channel: BlockingChannel | None = None

    def __enter__(self) -> Self:
        try:
            self._connection = BlockingConnection(self._parameters)
        except exceptions.AMQPError as error:
            raise unavailable(error, self._parameters) from error
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            with suppress(exceptions.AMQPError):
                self._connection.close()

    def has(self, thing: Thing) -> bool:
        """Say whether an exchange or queue of that name is there."""
        try:
            match thing:
                case ExchangeSpec():
                    self._open().exchange_declare(thing.name, passive=True)
                case QueueSpec():
                    self._open().queue_declare(thing.name, passive=True)
                case BindingSpec():
                    raise TypeError("AMQP cannot ask for a binding")
        except exceptions.ChannelClosedByBroker as closed:
            if closed.reply_code == NOT_FOUND:
                return False
            self._refuse(thing, closed)
        except exceptions.AMQPError as error:
            raise unavailable(error, self._parameters) from error
        return True

    def declare(self, thing: Thing) -> None:
        """Make sure the thing is there, just as it is specified."""
        try:
            match thing:
                case ExchangeSpec():
                    self._open().exchange_declare(
                        thing.name,
                        ExchangeType(thing.type),
                        durable=True,
                        arguments=thing.arguments,
                    )
                case QueueSpec():
                    self._open().queue_declare(thing.name, durable=True, arguments=thing.arguments)
                case BindingSpec():
                    self._open().queue_bind(thing.queue, thing.exchange, thing.key)
        except exceptions.ChannelClosedByBroker as closed:
            self._refuse(thing, closed)
        except exceptions.AMQPError as error:
            raise unavailable(error, self._parameters) from error

    def _open(self) -> BlockingChannel:
        """Return a channel; the broker closes one for every "no"."""
        if self._connection is None:
            raise TypeError("the session is used outside its context")
        if self._channel is None or self._channel.is_closed:
            self._channel = self._connection.channel()
        return self._channel

    def _refuse(self, thing: Thing, closed: exceptions.ChannelClosedByBroker) -> NoReturn:
        if closed.reply_code == PRECONDITION_FAILED:
            raise _drift(thing, closed.reply_text) from closed
        if closed.reply_code == ACCESS_REFUSED:
            raise ActRefused(
                f"the account {account_of(self._parameters)} may not set up {_name(thing)} in "
                f"virtual host {self._parameters.virtual_host}; use an administrator's URL"
            ) from closed
        raise unavailable(closed, self._parameters) from closed


def _on_many(
    parameters: pika.connection.Parameters,
    things: Sequence[Thing],
    act: Callable[[_Session, Thing], Answer],
) -> list[Answer]:
    """Do the act for each thing, over several connections, and return the answers in order."""

    def on_one(share: Sequence[Thing]) -> list[Answer]:
        with _Session(parameters) as session:
            return [act(session, thing) for thing in share]

    count = min(CONNECTIONS, len(things))
    with ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="broker-apply") as pool:
        shares = list(pool.map(on_one, (things[first::count] for first in range(count))))
    return [shares[index % count][index // count] for index in range(len(things))]


def _parameters(url: str, topology: Topology) -> pika.connection.Parameters:
    parameters = parameters_of(url, name="bus broker apply")
    if parameters.virtual_host != topology.vhost:
        raise SettingInvalid(
            f"the broker URL names the virtual host {parameters.virtual_host}, the topology is "
            f"for {topology.vhost}; give both the same"
        )
    return parameters


def _name(thing: Thing) -> str:
    return f"binding {thing.key} → {thing.queue}" if isinstance(thing, BindingSpec) else thing.name


def _drift(thing: Thing, said: str) -> TopologyDrift:
    kind = "exchange" if isinstance(thing, ExchangeSpec) else "queue"
    named = _INEQUIVALENT.search(said)
    if named is None or isinstance(thing, BindingSpec):
        return TopologyDrift(f"{kind} {_name(thing)} is there in another shape: {said}")
    argument = named["argument"]
    value = _FOUND.search(said)
    found = value["found"].strip("'") if value else "something else"
    expected = thing.arguments.get(argument, "absent")
    return TopologyDrift(
        f"{kind} {thing.name}: {argument} is {found}, expected {expected}. Arguments cannot be "
        "changed: empty the queue, delete it and run `bus broker apply` again",
        name=thing.name,
        argument=argument,
    )
