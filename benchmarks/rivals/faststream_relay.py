"""The bare relay on FastStream: one process, a hundred messages at once, a pool of connections."""

from typing import Final

import psycopg_pool
from faststream import AckPolicy, FastStream
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitQueue

from benchmarks.rivals import work

SOURCE: Final = "rival_faststream_in"
TARGET: Final = "rival_faststream_out"

broker = RabbitBroker(
    work.amqp().replace("%2F", "").replace("%2f", ""),
    default_channel=Channel(prefetch_count=100, publisher_confirms=True),
    logger=None,
)
app = FastStream(broker)
_pool = psycopg_pool.AsyncConnectionPool(work.database(), open=False, min_size=10, max_size=10)
_target = RabbitQueue(TARGET, durable=True, queue_type=QueueType.QUORUM)


@app.on_startup
async def _open() -> None:
    await _pool.open()


@broker.subscriber(
    RabbitQueue(SOURCE, durable=True, queue_type=QueueType.QUORUM),
    ack_policy=AckPolicy.NACK_ON_ERROR,
)
async def relay(body: str) -> None:
    """Validate, insert, commit, hand on; FastStream acknowledges when this returns."""
    message = work.Submitted.model_validate_json(body)
    async with _pool.connection() as connection:
        await connection.execute(work.INSERT, (message.id, message.subject, body))
    await broker.publish(body, _target, persist=True)
