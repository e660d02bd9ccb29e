"""Three private RabbitMQ nodes that are one cluster, on the loopback interface only."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.rabbitmq import SERVER, RabbitMissing, RabbitNode

NODES: Final = 3


@dataclass(frozen=True)
class RabbitCluster:
    """The nodes; the first one is asked by whoever administers."""

    nodes: tuple[RabbitNode, ...]

    @property
    def ports(self) -> tuple[int, ...]:
        """Where the nodes take AMQP connections."""
        return tuple(node.port for node in self.nodes)


@contextmanager
def private_cluster() -> Iterator[RabbitCluster]:
    """Run three nodes as one cluster for the length of the context.

    Raises:
        RabbitMissing: The Debian package `rabbitmq-server` is not installed.
    """
    if not SERVER.exists():
        raise RabbitMissing(f"{SERVER} is missing; it comes with the package rabbitmq-server")
    with ExitStack() as stack:
        first = _node(stack, None)
        nodes = (first, *(_node(stack, first) for _ in range(NODES - 1)))
        for node in nodes:  # one by one: who finds no peer ready founds a cluster of its own
            node.start()
        yield RabbitCluster(nodes)


def _node(stack: ExitStack, peer: RabbitNode | None) -> RabbitNode:
    home = stack.enter_context(
        tempfile.TemporaryDirectory(prefix="lienthong-cluster-", ignore_cleanup_errors=True)
    )
    node = RabbitNode(Path(home), management=False, peer=peer)
    stack.callback(node.dispose)
    return node
