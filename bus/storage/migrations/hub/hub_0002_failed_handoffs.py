"""What operators need of failed hand-offs: fingerprints, alarms, probes, group retries."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "hub_0002"
down_revision = "hub_0001"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
_OF_DELIVERY: list[tuple[str, sa.types.TypeEngine[Any]]] = [
    ("fingerprint", sa.Text()),
    ("parked_at", _MOMENT),
    ("alarm_at", _MOMENT),
    ("alarmed_at", _MOMENT),
    ("origin", sa.Uuid()),
]
_OF_CONTACT: list[tuple[str, sa.types.TypeEngine[Any]]] = [
    ("probing_since", _MOMENT),
    ("probe_at", _MOMENT),
    ("version", sa.Text()),
    ("unanswered", sa.BigInteger()),
]
_NOT_FINAL = "state NOT IN ('imported', 'refused', 'discarded', 'resolved', 'rerouted')"


def upgrade() -> None:
    """Add columns, indexes and tables; nothing is changed or lost."""
    _columns()
    op.drop_index("ix_delivery_unsettled", "delivery")
    _index_where("ix_delivery_unsettled", "delivery", ["dossier"], _NOT_FINAL)
    _index_where("ix_delivery_parked", "delivery", ["fingerprint"], "state = 'parked'")
    _index_where("ix_delivery_alarm", "delivery", ["alarm_at"], "alarm_at IS NOT NULL")
    _tasks()
    _alarms_of_what_is_under_way()


def downgrade() -> None:
    """Take them away; hand-offs in states that were not there become discarded ones."""
    op.execute("UPDATE delivery SET state = 'discarded' WHERE state IN ('resolved', 'rerouted')")
    op.drop_table("task_item")
    op.drop_table("task")
    for name in ("ix_delivery_alarm", "ix_delivery_parked", "ix_delivery_unsettled"):
        op.drop_index(name, "delivery")
    before = "state NOT IN ('imported', 'refused', 'discarded')"
    _index_where("ix_delivery_unsettled", "delivery", ["dossier"], before)
    for table, columns in (
        ("delivery", [name for name, _ in _OF_DELIVERY]),
        ("attempt", ["fingerprint"]),
        ("contact", ["failures", *(name for name, _ in _OF_CONTACT)]),
    ):
        for column in columns:
            op.drop_column(table, column)


def _columns() -> None:
    for name, kind in _OF_DELIVERY:
        op.add_column("delivery", sa.Column(name, kind))
    op.add_column("attempt", sa.Column("fingerprint", sa.Text()))
    op.add_column(
        "contact", sa.Column("failures", sa.Integer(), nullable=False, server_default="0")
    )
    for name, kind in _OF_CONTACT:
        op.add_column("contact", sa.Column(name, kind))


def _tasks() -> None:
    op.create_table(
        "task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("canary", sa.Integer(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT),
        sa.Column("note", sa.Text()),
        sa.Column("failed_before", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_task"),
    )
    op.create_table(
        "task_item",
        sa.Column("task", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("delivery", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("task", "place", name="pk_task_item"),
    )
    op.create_index("ix_task_item_task_state", "task_item", ["task", "state"])


def _alarms_of_what_is_under_way() -> None:
    """Have the hub look at every hand-off that was under way before this version."""
    op.execute(f"UPDATE delivery SET alarm_at = created_at WHERE {_NOT_FINAL}")


def _index_where(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, postgresql_where=where, sqlite_where=where)
