"""The topology as RabbitMQ's own definitions, and what a running broker has otherwise. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bus.broker.topology import Topology

Definitions = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing the broker has otherwise than the topology says."""

    kind: Literal["missing", "different", "unexpected"]
    what: str
    field: str = ""
    expected: str = ""
    found: str = ""

    def __str__(self) -> str:
        """Say it in one line."""
        if self.kind == "different":
            return f"{self.what}: {self.field} is {self.found}, expected {self.expected}"
        return f"{self.what}: {self.kind}"


def definitions(topology: Topology) -> Definitions:
    """Return the topology as a RabbitMQ definitions file holds it.

    Users are left out, as the file would have to hold their passwords; they must be there before
    it is imported. Policies (sizes, time-outs) are the operator's and left out too.
    """
    vhost = topology.vhost
    return {
        "vhosts": [{"name": vhost}],
        "exchanges": [
            {
                "name": exchange.name,
                "vhost": vhost,
                "type": exchange.type,
                "durable": True,
                "auto_delete": False,
                "internal": False,
                "arguments": dict(exchange.arguments),
            }
            for exchange in topology.exchanges
        ],
        "queues": [
            {
                "name": queue.name,
                "vhost": vhost,
                "durable": True,
                "auto_delete": False,
                "arguments": dict(queue.arguments),
            }
            for queue in topology.queues
        ],
        "bindings": [
            {
                "source": binding.exchange,
                "vhost": vhost,
                "destination": binding.queue,
                "destination_type": "queue",
                "routing_key": binding.key,
                "arguments": {},
            }
            for binding in topology.bindings
        ],
        "permissions": [
            {
                "user": permission.account,
                "vhost": vhost,
                "configure": permission.configure,
                "write": permission.write,
                "read": permission.read,
            }
            for permission in topology.permissions
        ],
        "topic_permissions": [
            {
                "user": permission.account,
                "vhost": vhost,
                "exchange": permission.exchange,
                "write": permission.write,
                "read": permission.read,
            }
            for permission in topology.topic_permissions
        ],
    }


_KEYS: Mapping[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    # section: what it is called, fields that name a thing, fields that are compared
    "exchanges": ("exchange", ("name",), ("type", "durable", "arguments")),
    "queues": ("queue", ("name",), ("durable", "arguments")),
    "bindings": ("binding", ("source", "routing_key", "destination"), ()),
    "permissions": ("permission of", ("user",), ("configure", "write", "read")),
    "topic_permissions": ("topic permission of", ("user", "exchange"), ("write", "read")),
}


def diff(topology: Topology, actual: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Return how a broker's virtual host differs, given its definitions.

    A section that `actual` lacks, or a field that an entry lacks, is not compared: without the
    management API only names are known. The broker's own exchanges, and permissions of accounts
    the directory does not name, are not ours to judge.
    """
    expected = definitions(topology)
    found: list[Difference] = []
    for section in _KEYS:
        if section in actual:
            found.extend(_section(section, expected[section], actual[section]))
    return tuple(found)


def _section(
    section: str, expected: list[dict[str, Any]], actual: Iterable[dict[str, Any]]
) -> Iterator[Difference]:
    word, naming, compared = _KEYS[section]
    wanted = {tuple(str(entry[name]) for name in naming): entry for entry in expected}
    there = {tuple(str(entry[name]) for name in naming): entry for entry in actual}
    for key, entry in wanted.items():
        what = f"{word} {' → '.join(key)}"
        if key not in there:
            yield Difference("missing", what)
            continue
        for field in compared:
            if field in there[key]:
                yield from _field(what, field, entry[field], there[key][field])
    for key in there.keys() - wanted.keys():
        if not _not_ours(section, key):
            yield Difference("unexpected", f"{word} {' → '.join(key)}")


def _field(what: str, field: str, expected: object, found: object) -> Iterator[Difference]:
    if isinstance(expected, dict) and isinstance(found, dict):
        for name in sorted(expected.keys() | found.keys()):
            left, right = expected.get(name, "absent"), found.get(name, "absent")
            if left != right:
                yield Difference("different", what, name, str(left), str(right))
    elif expected != found:
        yield Difference("different", what, field, str(expected), str(found))


def _not_ours(section: str, key: tuple[str, ...]) -> bool:
    """Say whether RabbitMQ or an operator put it there: default exchanges, other accounts."""
    name = key[0]
    if section in {"exchanges", "bindings"}:
        return not name or name.startswith("amq.")
    return section in {"permissions", "topic_permissions"}
