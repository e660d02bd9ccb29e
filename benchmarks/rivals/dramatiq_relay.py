"""The bare relay on Dramatiq, as its guide has it: two processes with eight threads each."""

import threading
from typing import Final

import dramatiq
import psycopg
from dramatiq.brokers.rabbitmq import RabbitmqBroker

from benchmarks.rivals import work

SOURCE: Final = "rival_dramatiq_in"
TARGET: Final = "rival_dramatiq_out"

broker = RabbitmqBroker(url=work.amqp(), confirm_delivery=True)
dramatiq.set_broker(broker)
_here = threading.local()


@dramatiq.actor(queue_name=TARGET)
def deliver(body: str) -> None:
    """Stand for the next system; nothing runs it here."""


@dramatiq.actor(queue_name=SOURCE)
def relay(body: str) -> None:
    """Validate, insert, commit, hand on; Dramatiq acknowledges when this returns."""
    message = work.Submitted.model_validate_json(body)
    connection = getattr(_here, "connection", None)
    if connection is None:
        connection = _here.connection = psycopg.connect(work.database())
    connection.execute(work.INSERT, (message.id, message.subject, body))
    connection.commit()
    deliver.send(body)
