"""The queues of an embedded broker: kombu's memory transport, and what it lacks.

kombu keeps the messages, their tags and what is unsettled. Added here: one state per broker
instead of one per process, the queues of a message found at once, waiting readers woken at once
(kombu polls), messages that come back to where they were, one active reader per ordered queue.
"""

import threading
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from kombu.connection import Connection
from kombu.transport import memory, virtual

from bus.broker.headers import jws_of, properties_of
from bus.broker.topology import Topology
from bus.ids import Account
from bus.ports import Outgoing, Published, Received
from bus.schemas.address import DEAD
from bus.schemas.envelope import CONTENT_TYPE

_connect: Final[Any] = Connection  # kombu's functions have no types


class Queues:
    """All queues of one topology. Whoever calls a method other than `close` holds `lock`."""

    def __init__(self, topology: Topology) -> None:
        self.lock = threading.Lock()
        self._topology = topology
        self._connection = _connect("memory://", transport=_transport_of_its_own())
        self._channel = self._connection.channel()
        self._depths = {queue.name: 0 for queue in topology.queues}
        self._single = {queue.name for queue in topology.queues if queue.single_active}
        self._readers: defaultdict[str, list[threading.Condition]] = defaultdict(list)
        for queue in topology.queues:
            self._channel.queue_declare(queue.name)

    @property
    def depths(self) -> Mapping[str, int]:
        """How many messages wait in each queue."""
        return self._depths

    def close(self) -> None:
        """Forget everything."""
        with self.lock:
            self._connection.release()

    # --- readers -----------------------------------------------------------------------------

    def attach(self, reader: threading.Condition, queue: str) -> None:
        """Wake this reader when the queue gets a message."""
        self._readers[queue].append(reader)

    def detach(self, reader: threading.Condition, queue: str) -> None:
        """Wake this reader no more; where it was the active one, the next takes over."""
        self._readers[queue].remove(reader)
        self._wake(queue)

    def serves(self, reader: threading.Condition, queue: str) -> bool:
        """Say whether this reader gets the queue's messages: of an ordered queue, the first."""
        return queue not in self._single or self._readers[queue][0] is reader

    def _wake(self, queue: str) -> None:
        for reader in self._readers[queue]:
            reader.notify()

    # --- messages ----------------------------------------------------------------------------

    def publish(self, message: Outgoing, account: str) -> Published:
        """Put a message into the queues its key leads to."""
        queues = self._topology.routes(message.exchange, message.routing_key)
        for queue in queues:
            properties = {
                **properties_of(message, account=account),
                "routing_key": message.routing_key,
            }
            self._put(queue, message.body, properties)
        return Published.CONFIRMED if queues else Published.UNROUTABLE

    def take(self, queue: str) -> Received:
        """Hand out the first message of a queue that has one; its handle is kombu's tag."""
        self._depths[queue] -= 1
        message = self._channel.basic_get(queue)
        properties = message.properties
        return Received(
            handle=message.delivery_tag,
            queue=queue,
            routing_key=properties["routing_key"],
            body=message.body,
            message_id=properties["message_id"],
            jws=jws_of(message.headers),
            account=Account(properties["user_id"]),
            redelivered=properties.get("redelivered", False),
        )

    def settle(self, tag: object) -> None:
        """Forget a message that was handed out."""
        self._channel.basic_ack(tag)

    def give_back(self, tag: object, queue: str) -> None:
        """Put a message that was handed out back at the head of its queue."""
        self._channel.basic_reject(tag, requeue=True)
        self._depths[queue] += 1

    def bury(self, tag: object) -> None:
        """Move a message that was handed out to the dead-letter queue, as it was published."""
        message = self._channel.qos.get(tag)
        self._channel.basic_reject(tag, requeue=False)
        key = message.properties["routing_key"]
        for queue in self._topology.routes(DEAD, key):
            properties = {**message.properties, "redelivered": False, "delivery_info": {}}
            self._put(queue, message.body, {**properties, "headers": message.headers})

    def _put(self, queue: str, body: bytes, properties: dict[str, Any]) -> None:
        headers = properties.pop("headers")
        message = self._channel.prepare_message(
            body, content_type=CONTENT_TYPE, headers=headers, properties=properties
        )
        self._channel.basic_publish(message, "", queue)
        self._depths[queue] += 1
        self._wake(queue)


def _transport_of_its_own() -> type:
    """Return kombu's memory transport with state that no other broker of this process shares."""
    channel = type(
        "Channel",
        (memory.Channel,),
        {
            "queues": {},
            "events": defaultdict(set),
            "body_encoding": None,  # bytes stay bytes
            "_restore_at_beginning": _restore_at_beginning,  # kombu would put it at the end
        },
    )
    state: Any = virtual.BrokerState
    return type("Transport", (memory.Transport,), {"Channel": channel, "global_state": state()})


def _restore_at_beginning(self: Any, message: Any) -> None:  # noqa: ANN401 - kombu has no types
    raw = message.serializable()
    raw["properties"]["redelivered"] = True
    self.queues[message.delivery_info["routing_key"]].queue.appendleft(raw)
