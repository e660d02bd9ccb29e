"""The broker: its topology as data, RabbitMQ by pika, and an embedded one for a single process."""
