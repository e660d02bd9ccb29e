"""The topology as data: what follows from a directory, without a broker."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.broker.address import parameters_of
from bus.broker.apply import show
from bus.broker.definitions import definitions, diff
from bus.broker.headers import jws_of, properties_of
from bus.broker.topology import (
    BindingSpec,
    ExchangeSpec,
    QueueSpec,
    Topology,
    topology_of,
)
from bus.errors import SettingInvalid
from bus.ids import Partition, Slug
from bus.schemas.address import (
    agency_key,
    control_key,
    data_key,
    receipt_key,
)
from tests.support.fixtures_broker import HUB, POLICE, TAX, agency, outgoing, small_topology

TOPOLOGY = small_topology("lienthong")


def permission(topology: Topology, account: str) -> Any:
    """Return what an account may do."""
    return next(each for each in topology.permissions if each.account == account)


def test_every_queue_is_named_by_what_it_is_for() -> None:
    assert [queue.name for queue in TOPOLOGY.queues] == [
        "hub.dead",
        "hub.receipts",
        "hub.control",
        "hub.in.p00",
        "hub.in.p01",
        f"agency.{TAX}",
        f"agency.{POLICE}",
    ]


def test_only_ordered_queues_have_a_single_active_consumer() -> None:
    single = {q.name for q in TOPOLOGY.queues if "x-single-active-consumer" in q.arguments}

    assert single == set(TOPOLOGY.partition_queues)


def test_a_queue_refuses_what_it_cannot_keep_and_buries_what_nobody_can_take() -> None:
    """The arguments that mean the same on 3.10 and 4.x, and no other."""
    (queue,) = [each for each in TOPOLOGY.queues if each.name == f"agency.{TAX}"]

    assert queue.arguments == {
        "x-queue-type": "quorum",
        "x-delivery-limit": 20,
        "x-dead-letter-exchange": "hub.dead",
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


def test_the_dead_letter_queue_drops_nothing_after_twenty_tries() -> None:
    (dead,) = [each for each in TOPOLOGY.queues if each.name == "hub.dead"]

    assert dead.delivery_limit >= 1_000_000


@pytest.mark.parametrize(
    ("exchange", "key", "queues"),
    [
        ("agency.out", data_key(Slug(TAX), Partition(1)), ("hub.in.p01",)),
        ("agency.out", receipt_key(Slug(TAX)), ("hub.receipts",)),
        ("agency.out", control_key(Slug(POLICE)), ("hub.control",)),
        ("agency.out", f"{TAX}.p02", ("hub.dead",)),
        ("agency.in", agency_key(Slug(POLICE)), (f"agency.{POLICE}",)),
        ("agency.in", HUB, ()),
        ("agency.in", f"{POLICE}.receipt", ()),
        ("hub.dead", "any.thing.at.all", ("hub.dead",)),
        ("no.such", TAX, ()),
    ],
)
def test_a_key_leads_to_its_queues(exchange: str, key: str, queues: tuple[str, ...]) -> None:
    assert TOPOLOGY.routes(exchange, key) == queues


words = st.sampled_from(["a", "b", ""])
patterns = st.lists(st.sampled_from(["a", "b", "*"]), min_size=1, max_size=4)


@given(pattern=patterns, key=st.lists(words, min_size=1, max_size=4))
def test_a_star_stands_for_one_word(pattern: list[str], key: list[str]) -> None:
    topology = Topology(
        vhost="v",
        partitions=1,
        exchanges=(ExchangeSpec(name="x"),),
        queues=(QueueSpec(name="q"),),
        bindings=(BindingSpec(exchange="x", queue="q", key=".".join(pattern)),),
        permissions=(),
        topic_permissions=(),
    )
    fits = len(pattern) == len(key) and all(
        want in ("*", word) for want, word in zip(pattern, key, strict=True)
    )

    assert topology.routes("x", ".".join(key)) == (("q",) if fits else ())


def test_an_agency_s_account_writes_and_reads_its_own_only() -> None:
    tax = permission(TOPOLOGY, TAX)

    assert (tax.configure, tax.write, tax.read) == (
        "^$",
        r"^agency\.out$",
        rf"^agency\.{TAX}$",
    )


def test_a_node_for_several_agencies_speaks_for_just_these() -> None:
    node = "node-tay-bac"
    topology = topology_of(
        [agency("H63.14", account=node), agency("H63.15", account=node), agency("H63.1")], 4
    )
    (topic,) = [each for each in topology.topic_permissions if each.account == node]
    rights = permission(topology, node)

    def may_write(key: str) -> bool:
        return re.search(topic.write, key) is not None

    def may_read(queue: str) -> bool:
        return re.search(rights.read, queue) is not None

    assert may_write("h63-14.p00")
    assert may_write("h63-15.receipt")
    assert not may_write("h63-1.p00")
    assert not may_write("h63-140.p00")
    assert not may_write("xh63-14.p00")
    assert may_read("agency.h63-15")
    assert not may_read("agency.h63-1")
    assert not may_read("agency.h63-14x")
    assert not may_read("hub.in.p00")


def test_the_hub_reads_its_queues_writes_to_agencies_and_has_no_queue_as_agency() -> None:
    hub = permission(TOPOLOGY, HUB)

    assert (hub.configure, hub.write, hub.read) == ("^$", r"^agency\.in$", r"^hub\..*$")
    assert f"agency.{HUB}" not in {queue.name for queue in TOPOLOGY.queues}
    assert HUB not in {topic.account for topic in TOPOLOGY.topic_permissions}


def test_rights_of_an_account_that_is_hub_and_agency_add_up() -> None:
    topology = topology_of(
        [agency("H63.01", role="hub", account="one"), agency("H63.14", account="one")], 1
    )

    (one,) = topology.permissions

    assert one.write == r"^(agency\.out|agency\.in)$"
    assert one.read == r"^(agency\.h63-14|hub\..*)$"


def test_more_partitions_than_two_digits_name_are_refused() -> None:
    with pytest.raises(ValueError, match="partitions"):
        topology_of([], 101)


def test_definitions_hold_no_users_and_no_policies() -> None:
    assert set(definitions(TOPOLOGY)) == {
        "vhosts",
        "exchanges",
        "queues",
        "bindings",
        "permissions",
        "topic_permissions",
    }


def test_definitions_do_not_differ_from_their_topology() -> None:
    assert diff(TOPOLOGY, definitions(TOPOLOGY)) == ()


def test_every_kind_of_difference_is_said_in_one_line() -> None:
    actual = definitions(TOPOLOGY)
    actual["queues"][4]["arguments"]["x-delivery-limit"] = 5
    actual["queues"][4]["arguments"]["x-max-length"] = 9
    del actual["queues"][4]["arguments"]["x-overflow"]
    actual["queues"].pop(0)
    actual["exchanges"].append({"name": "old", "type": "topic"})
    actual["exchanges"].append({"name": "amq.topic", "type": "topic"})
    actual["permissions"].append({"user": "somebody-else"})

    assert [str(each) for each in diff(TOPOLOGY, actual)] == [
        "exchange old: unexpected",
        "queue hub.dead: missing",
        "queue hub.in.p01: x-delivery-limit is 5, expected 20",
        "queue hub.in.p01: x-max-length is 9, expected absent",
        "queue hub.in.p01: x-overflow is absent, expected reject-publish",
    ]


def test_the_topology_shows_every_thing_in_a_line() -> None:
    lines = show(TOPOLOGY).splitlines()

    assert len(lines) == sum(len(section) for section in definitions(TOPOLOGY).values())
    assert "vhosts: name=lienthong" in lines


def test_properties_say_priority_and_persistence_and_carry_text_only() -> None:
    properties = properties_of(outgoing(7), account=HUB)

    assert properties == {
        "content_type": "application/cloudevents+json",
        "headers": {"jws": "header..signature-7"},
        "delivery_mode": 2,
        "priority": 4,
        "message_id": "7",
        "timestamp": 1772438400,
        "type": "test.ping",
        "user_id": HUB,
        "app_id": "lienthong",
    }


@pytest.mark.parametrize("headers", [None, {}, {"jws": 7}, {"jws": b"bytes"}, {"JWS": "x"}])
def test_a_signature_that_is_no_text_is_none(headers: dict[str, object] | None) -> None:
    assert jws_of(headers) is None


@pytest.mark.parametrize(
    "url", ["", "http://h/", "amqp://", "amqp:///v", "amqp://u:bi-mat@h:port/v"]
)
def test_a_url_that_is_none_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(SettingInvalid) as raised:
        parameters_of(url, name="test")

    assert "bi-mat" not in str(raised.value)
    assert raised.value.__cause__ is None
