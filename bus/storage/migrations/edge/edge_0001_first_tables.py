"""An edge node's first tables."""

import sqlalchemy as sa
from alembic import op

revision = "edge_0001"
down_revision = None
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _outbox()
    _lane_and_cursor()
    _inbox()


def downgrade() -> None:
    """Drop the tables."""
    for table in ("inbox", "cursor", "lane", "outbox"):
        op.drop_table(table)


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column(
            "ordinal",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.Identity(always=True),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("dossier", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("jws", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sent_at", _MOMENT),
        sa.Column("next_at", _MOMENT),
        sa.Column("published", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("ordinal", name="pk_outbox"),
        sa.UniqueConstraint("id", name="uq_outbox_id"),
        sa.UniqueConstraint("agency", "key", name="uq_outbox_agency_key"),
        sa.UniqueConstraint(
            "agency", "dossier", "sequence", name="uq_outbox_agency_dossier_sequence"
        ),
    )
    for state in ("queued", "sent"):
        where = sa.text(f"state = '{state}'")
        op.create_index(
            f"ix_outbox_{state}",
            "outbox",
            ["agency", "ordinal"],
            postgresql_where=where,
            sqlite_where=where,
        )


def _lane_and_cursor() -> None:
    op.create_table(
        "lane",
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("dossier", sa.Text(), nullable=False),
        sa.Column("next_free", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("agency", "dossier", name="pk_lane"),
    )
    op.create_table(
        "cursor",
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("agency", name="pk_cursor"),
    )


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("recorded_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
    )
