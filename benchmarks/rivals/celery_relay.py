"""The bare relay on Celery: eight threads, late acknowledgement, confirmed publishing."""

import threading
from typing import Final

import psycopg
from celery import Celery
from kombu import Queue  # type: ignore[attr-defined]  # kombu has no types

from benchmarks.rivals import work

SOURCE: Final = "rival_celery_in"
TARGET: Final = "rival_celery_out"
_QUORUM: Final = {"x-queue-type": "quorum"}

app = Celery("rival", broker=work.amqp().replace("%2F", "/").replace("%2f", "/"))
app.conf.update(
    task_acks_late=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=100,
    worker_detect_quorum_queues=True,
    task_default_queue_type="quorum",
    broker_transport_options={"confirm_publish": True},
    task_queues=[
        Queue(name, queue_arguments=_QUORUM)  # type: ignore[no-untyped-call]
        for name in (SOURCE, TARGET)
    ],
    task_default_queue=SOURCE,
    task_create_missing_queues=False,
)
_here = threading.local()


@app.task(name="relay")
def relay(body: str) -> None:
    """Validate, insert, commit, hand on; Celery acknowledges when this returns."""
    message = work.Submitted.model_validate_json(body)
    connection = getattr(_here, "connection", None)
    if connection is None:
        connection = _here.connection = psycopg.connect(work.database())
    connection.execute(work.INSERT, (message.id, message.subject, body))
    connection.commit()
    app.send_task("deliver", args=(body,), queue=TARGET)
