"""The hub's first tables."""

import sqlalchemy as sa
from alembic import op

revision = "hub_0001"
down_revision = None
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
_LONG = sa.BigInteger()
_WIDE = {"ledger": ("body", "effects"), "case": ("state_json", "content_json")} | {
    "delivery": ("body",),
    "evidence": ("body",),
    "inbox": ("receipt",),
}
"""Columns long enough to be compressed."""


def upgrade() -> None:
    """Make the tables."""
    _ledger()
    _inbox_and_lane()
    _case()
    _step()
    _delivery()
    _attempt()
    _catalogue()
    _evidence_and_contact()
    _compress()


def downgrade() -> None:
    """Drop the tables."""
    for table in (
        "contact",
        "evidence",
        "catalogue",
        "attempt",
        "delivery",
        "step",
        "case",
        "lane",
        "inbox",
        "ledger_head",
        "ledger",
    ):
        op.drop_table(table)


def _ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("partition", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("position", _LONG, nullable=False, autoincrement=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dossier", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("recorded_at", _MOMENT, nullable=False),
        sa.Column("catalogue", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("jws", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("effects", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("partition", "position", name="pk_ledger"),
    )
    op.create_index("ix_ledger_dossier", "ledger", ["dossier"])
    op.create_table(
        "ledger_head",
        sa.Column("partition", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("position", _LONG, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("partition", name="pk_ledger_head"),
    )


def _inbox_and_lane() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("recorded_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
    )
    op.create_table(
        "lane",
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("dossier", sa.Text(), nullable=False),
        sa.Column("expected", _LONG, nullable=False),
        sa.PrimaryKeyConstraint("agency", "dossier", name="pk_lane"),
    )


def _case() -> None:
    op.create_table(
        "case",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("receiving_unit", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("catalogue", sa.Integer(), nullable=False),
        sa.Column("route_version", sa.Integer(), nullable=False),
        sa.Column("accepted_at", _MOMENT, nullable=False),
        sa.Column("due_at", _MOMENT),
        sa.Column("wake_at", _MOMENT),
        sa.Column("ended_at", _MOMENT),
        sa.Column("reason", sa.Text()),
        sa.Column("state_json", sa.Text(), nullable=False),
        sa.Column("content_json", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_case"),
    )
    op.create_index("ix_case_accepted_at_code", "case", ["accepted_at", "code"])
    _index_where("ix_case_wake_at", "case", ["wake_at"], "wake_at IS NOT NULL")


def _step() -> None:
    op.create_table(
        "step",
        sa.Column("dossier", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("agency", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", _MOMENT, nullable=False),
        sa.Column("due_at", _MOMENT),
        sa.Column("ended_at", _MOMENT),
        sa.Column("outcome", sa.Text()),
        sa.PrimaryKeyConstraint("dossier", "step", "round", name="pk_step"),
    )
    op.create_index("ix_step_agency_dossier", "step", ["agency", "dossier"])


def _delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("dossier", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("step", sa.Text()),
        sa.Column("round", sa.Integer()),
        sa.Column("cause", _LONG, nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("jws", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("sent_at", _MOMENT),
        sa.Column("next_at", _MOMENT),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("published", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("reference", sa.Text()),
        sa.Column("settled_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
    )
    op.create_index("ix_delivery_dossier", "delivery", ["dossier"])
    op.create_index("ix_delivery_created_at_id", "delivery", ["created_at", "id"])
    _index_where("ix_delivery_due", "delivery", ["next_at", "id"], "state = 'due'")
    _index_where("ix_delivery_sent", "delivery", ["agency", "sent_at"], "state = 'sent'")
    not_final = "state NOT IN ('imported', 'refused', 'discarded')"
    _index_where("ix_delivery_unsettled", "delivery", ["dossier"], not_final)


def _attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column(
            "ordinal",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.Identity(always=True),
            nullable=False,
        ),
        sa.Column("delivery", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=False),
        sa.Column("end", sa.Text(), nullable=False),
        sa.Column("code", sa.Text()),
        sa.Column("detail", sa.Text()),
        sa.Column("next_at", _MOMENT),
        sa.PrimaryKeyConstraint("ordinal", name="pk_attempt"),
    )
    op.create_index("ix_attempt_delivery", "attempt", ["delivery"])


def _catalogue() -> None:
    op.create_table(
        "catalogue",
        sa.Column("version", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("published_at", _MOMENT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_catalogue"),
    )


def _evidence_and_contact() -> None:
    op.create_table(
        "evidence",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text()),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("jws", sa.Text()),
        sa.PrimaryKeyConstraint("digest", "account", name="pk_evidence"),
    )
    op.create_index("ix_evidence_received_at", "evidence", ["received_at"])
    op.create_table(
        "contact",
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("heard_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("agency", name="pk_contact"),
    )


def _index_where(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, postgresql_where=where, sqlite_where=where)


def _compress() -> None:
    """Have PostgreSQL compress with lz4 where it was built with it: half the time of its own."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    lz4 = sa.text(
        "SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"
    )
    if connection.scalar(lz4):
        for table, columns in _WIDE.items():
            for column in columns:
                op.execute(f'ALTER TABLE "{table}" ALTER COLUMN {column} SET COMPRESSION lz4')
