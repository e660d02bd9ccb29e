"""An edge node's tables. Columns that hold a value of `bus.ports` bear its field names."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bus.ports import EdgeOutcome, OutboxState
from bus.storage.columns import Member, Moment, identity, octets, ordinal
from bus.storage.hub_tables import NAMING

EDGE: Final = MetaData(naming_convention=NAMING)

_QUEUED = text("state = 'queued'")
_SENT = text("state = 'sent'")

outbox: Final = Table(
    "outbox",
    EDGE,
    ordinal(),
    Column("id", identity(), nullable=False),
    Column("agency", Text, nullable=False),
    Column("dossier", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("key", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("body", octets(), nullable=False),
    Column("jws", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("state", Member(OutboxState), nullable=False),
    Column("sent_at", Moment),
    Column("next_at", Moment),
    Column("published", Integer, nullable=False),
    UniqueConstraint("id"),
    UniqueConstraint("agency", "key"),
    UniqueConstraint("agency", "dossier", "sequence"),
    Index("ix_outbox_queued", "agency", "ordinal", postgresql_where=_QUEUED, sqlite_where=_QUEUED),
    Index("ix_outbox_sent", "agency", "ordinal", postgresql_where=_SENT, sqlite_where=_SENT),
)
"""`ordinal` is the order of writing. Clocks go back; a lane's order must not."""

lane: Final = Table(
    "lane",
    EDGE,
    Column("agency", Text, primary_key=True),
    Column("dossier", Text, primary_key=True),
    Column("next_free", BigInteger, nullable=False),
)

cursor: Final = Table(
    "cursor",
    EDGE,
    Column("agency", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

inbox: Final = Table(
    "inbox",
    EDGE,
    Column("id", identity(), primary_key=True),
    Column("agency", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("outcome", Member(EdgeOutcome), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("receipt", Text, nullable=False),
    Column("recorded_at", Moment, nullable=False),
)
