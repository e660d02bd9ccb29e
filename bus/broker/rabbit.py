"""RabbitMQ by pika: what the rest of the bus uses of it."""

from bus.broker.rabbit_consumer import RabbitConsumer
from bus.broker.rabbit_publisher import RabbitPublisher

__all__ = ["RabbitConsumer", "RabbitPublisher"]
