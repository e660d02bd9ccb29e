"""Taking a topology down again: for rehearsals, never for a broker at work."""

import pika
from pika import exceptions

from bus.broker.address import parameters_of, unavailable
from bus.broker.topology import Topology
from bus.errors import ActRefused

_NOT_FOUND = 404


def require_unused(url: str, topology: Topology) -> None:
    """Refuse a virtual host where somebody works: queues with messages or consumers.

    Raises:
        ActRefused: A queue of that name is in use.
        BrokerUnavailable: The broker cannot be reached.
    """
    parameters = parameters_of(url, name="lienthong/rehearsal")
    try:
        with pika.BlockingConnection(parameters) as connection:
            for name in (*topology.partition_queues, "hub.receipts"):
                _require_idle(connection, name)
    except exceptions.AMQPError as error:
        raise unavailable(error, parameters) from error


def remove(url: str, topology: Topology) -> None:
    """Delete the topology's queues and exchanges, with whatever is in them.

    Raises:
        BrokerUnavailable: The broker cannot be reached.
    """
    parameters = parameters_of(url, name="lienthong/rehearsal")
    try:
        with pika.BlockingConnection(parameters) as connection:
            channel = connection.channel()
            for queue in topology.queues:
                channel.queue_delete(queue.name)
            for exchange in topology.exchanges:
                channel.exchange_delete(exchange.name)
    except exceptions.AMQPError as error:
        raise unavailable(error, parameters) from error


def _require_idle(connection: pika.BlockingConnection, name: str) -> None:
    channel = connection.channel()
    try:
        found = channel.queue_declare(name, passive=True).method
    except exceptions.ChannelClosedByBroker as closed:
        if closed.reply_code == _NOT_FOUND:
            return
        raise
    if found.message_count or found.consumer_count:
        raise ActRefused(
            f"hàng đợi {name} đang được dùng; hãy diễn tập trên một virtual host riêng"
            f" / queue {name} is in use; rehearse on a virtual host of its own",
            messages=found.message_count,
            consumers=found.consumer_count,
        )
