"""What Alembic runs for both kinds of database: on the connection `bus.storage.migrate` gives."""

from alembic import context

attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    target_metadata=attributes["metadata"],
    version_table=attributes["version_table"],
    on_version_apply=attributes["on_version_apply"],
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
