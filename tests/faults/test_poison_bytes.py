"""Bytes that are no message come amid good ones: garbage, giants, wrong properties.

What came from a known account is answered with a receipt; all of it is kept as evidence.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from bus.errors import (
    DuplicateKey,
    MessageMalformed,
    MessageTooLarge,
    SchemaInvalid,
    SignatureInvalid,
    SignatureMissing,
    TypeUnknown,
)
from bus.ids import AgencyCode, Partition
from bus.schemas.address import AGENCY_IN, AGENCY_OUT, agency_key, data_key
from bus.schemas.envelope import MAX_BODY_BYTES
from tests.support.beyond import BEYOND_THE_CALENDAR
from tests.support.fixtures_faults import Servers
from tests.support.live_province import LiveProvince, live_province
from tests.support.whole import assert_whole, outbox_rows

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]


_DEAD = "broker.dead_lettered"
_NOWHERE = "h63.nowhere.\0"
"""A routing key that no queue takes, with a letter that no database takes."""


def test_poison_amid_good_traffic_is_kept_and_answered_and_the_good_go_on(
    servers: Servers, tmp_path: Path
) -> None:
    with live_province(servers.roads, tmp_path) as province, _channel(servers) as channel:
        receipts = _rejections(channel)
        province.hub.start()
        province.submit(4)
        province.wait_for_entries(10)
        poison = [*_unsigned(), *_signed(province)]
        for one in poison:
            one.publish(channel, province)
        garbage = random.Random(7).randbytes(300)  # noqa: S311 -- always the same
        for _ in range(20):
            channel.basic_publish(AGENCY_IN, agency_key(_unit(province)), garbage)
        channel.basic_publish(AGENCY_OUT, _NOWHERE, b"nobody reads this")
        province.submit(4)
        expected = Counter(one.code for one in poison) + Counter({_DEAD: 2})
        province.wait("all is kept", lambda: _kept(province) == expected, within=30)

        assert_whole(province, kept=list(expected))
        assert _kept(province) == expected
        answered = Counter(one.code for one in poison if one.from_account)
        assert receipts() == answered
        assert province.hub.logged("worker.unfit") == []
        assert province.hub.logged("ingress.batch_failed") == []
        assert province.hub.stop() == 0


@dataclass(frozen=True)
class Poison:
    """Bytes to publish as an agency would, and why they must be turned away."""

    code: str
    body: bytes
    headers: dict[str, Any] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    from_account: bool = True

    def publish(self, channel: BlockingChannel, province: LiveProvince) -> None:
        """Publish it; the broker says that it has it."""
        account = province.roads.account if self.from_account else None
        properties = pika.BasicProperties(headers=self.headers, user_id=account, **self.properties)
        key = data_key(_unit(province), Partition(0))
        channel.basic_publish(AGENCY_OUT, key, self.body, properties)


def _unsigned() -> list[Poison]:
    chance = random.Random(11)  # noqa: S311 -- always the same
    return [
        Poison(SignatureMissing.code, chance.randbytes(500), from_account=False),
        Poison(SignatureMissing.code, b""),
        Poison(SignatureMissing.code, chance.randbytes(100), headers={"jws": 7}),
        Poison(SignatureMissing.code, b"1", headers={"jws": [{"a": None}, b"\xff", True]}),
        Poison(SignatureMissing.code, b"2", properties={"message_id": "a\0b"}),
        Poison(SignatureMissing.code, b"3", properties={"message_id": b"\xff\xfe"}),
        Poison(SignatureMissing.code, b"8", headers={"at": BEYOND_THE_CALENDAR}),
        Poison(SignatureMissing.code, b"4", properties={"content_encoding": "gzip", "type": "x"}),
        Poison(SignatureInvalid.code, b"6", headers={"jws": "a\0..\u1ea1"}),
        Poison(SignatureInvalid.code, b"7", headers={"jws": "x" * 70_000}),
        Poison(MessageTooLarge.code, chance.randbytes(MAX_BODY_BYTES + 1)),
        Poison(MessageTooLarge.code, b"{" * 3 * MAX_BODY_BYTES),
    ]


def _signed(province: LiveProvince) -> list[Poison]:
    """Return bytes an agency has signed, as a faulty program of its would."""
    good = outbox_rows(province)[0]
    content = json.loads(good.body)
    whole = good.body.decode()
    bodies = [
        (MessageMalformed, b"\x00\xff" * 50),
        (MessageMalformed, b"[" * 200_000),
        (MessageMalformed, b"null"),
        (MessageMalformed, good.body[:-1]),
        (DuplicateKey, whole.replace("{", '{"id": "x", ', 1).encode()),
        (TypeUnknown, json.dumps(content | {"dataschema": "x\0"}).encode()),
        (SchemaInvalid, json.dumps(content | {"data": {"a": 1e308}}).encode()),
    ]
    sign = province.published.signers[_unit(province)].sign
    spoiled = good.body.replace(b"202", b"203", 1)
    return [
        *(Poison(error.code, body, headers={"jws": sign(body)}) for error, body in bodies),
        Poison(SignatureInvalid.code, spoiled, headers={"jws": good.jws}),
    ]


def _unit(province: LiveProvince) -> AgencyCode:
    return outbox_rows(province)[0].agency


def _kept(province: LiveProvince) -> Counter[str]:
    return Counter(line.code for line in province.queries.evidence(limit=1000))


@contextmanager
def _channel(servers: Servers) -> Iterator[BlockingChannel]:
    with pika.BlockingConnection(pika.URLParameters(servers.roads.amqp)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        yield channel


def _rejections(channel: BlockingChannel) -> Callable[[], Counter[str]]:
    """Listen to all the hub says, and return what tells the codes of its rejections."""
    queue = channel.queue_declare("", exclusive=True).method.queue
    channel.queue_bind(queue, AGENCY_IN, "#")
    codes: Counter[str] = Counter()

    def rejected() -> Counter[str]:
        while True:
            found, properties, body = channel.basic_get(queue, auto_ack=True)
            if found is None or properties is None or body is None:
                return codes
            if properties.type == "message.rejected":
                codes[json.loads(body)["data"]["code"]] += 1

    return rejected
