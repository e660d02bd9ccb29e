"""The databases of the hub and of the edges: the same tables on PostgreSQL and on SQLite."""
