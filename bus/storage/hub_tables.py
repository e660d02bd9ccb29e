"""The hub's tables. Columns that hold a value of `bus.ports` bear its field names.

There are no foreign keys: every row of a transaction follows from the ledger entries written
with it, and checking each reference again would cost more than writing it.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text, text

from bus.ports import AttemptEnd, DeliveryState, EntryKind, ItemState, TaskState, Verdict
from bus.routing.case import CaseState, StepState
from bus.storage.columns import Member, Moment, Words, identity, octets, ordinal

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""How constraints are named, so that a migration can name them again on both databases."""

HUB: Final = MetaData(naming_convention=NAMING)

ledger: Final = Table(
    "ledger",
    HUB,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Member(EntryKind), nullable=False),
    Column("id", identity(), nullable=False),
    Column("dossier", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("catalogue", Integer, nullable=False),
    Column("body", octets(), nullable=False),
    Column("jws", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("effects", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("ix_ledger_dossier", "dossier"),
)

ledger_head: Final = Table(
    "ledger_head",
    HUB,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
)

inbox: Final = Table(
    "inbox",
    HUB,
    Column("id", identity(), primary_key=True),
    Column("agency", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("verdict", Member(Verdict), nullable=False),
    Column("receipt", Text, nullable=False),
    Column("recorded_at", Moment, nullable=False),
)

lane: Final = Table(
    "lane",
    HUB,
    Column("agency", Text, primary_key=True),
    Column("dossier", Text, primary_key=True),
    Column("expected", BigInteger, nullable=False),
)

case: Final = Table(
    "case",
    HUB,
    Column("code", Text, primary_key=True),
    Column("procedure", Text, nullable=False),
    Column("state", Member(CaseState), nullable=False),
    Column("receiving_unit", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("catalogue", Integer, nullable=False),
    Column("route_version", Integer, nullable=False),
    Column("accepted_at", Moment, nullable=False),
    Column("due_at", Moment),
    Column("wake_at", Moment),
    Column("ended_at", Moment),
    Column("reason", Words),
    Column("state_json", Text, nullable=False),
    Column("content_json", Text, nullable=False),
    Index("ix_case_accepted_at_code", "accepted_at", "code"),
    Index(
        "ix_case_wake_at",
        "wake_at",
        postgresql_where=text("wake_at IS NOT NULL"),
        sqlite_where=text("wake_at IS NOT NULL"),
    ),
)

step: Final = Table(
    "step",
    HUB,
    Column("dossier", Text, primary_key=True),
    Column("step", Text, primary_key=True),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("agency", Text),
    Column("state", Member(StepState), nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("due_at", Moment),
    Column("ended_at", Moment),
    Column("outcome", Text),
    Index("ix_step_agency_dossier", "agency", "dossier"),
)

_DUE = text("state = 'due'")
_SENT = text("state = 'sent'")
_NOT_FINAL = text("state NOT IN ('imported', 'refused', 'discarded', 'resolved', 'rerouted')")
_PARKED = text("state = 'parked'")
_ALARM = text("alarm_at IS NOT NULL")

delivery: Final = Table(
    "delivery",
    HUB,
    Column("id", identity(), primary_key=True),
    Column("partition", Integer, nullable=False),
    Column("dossier", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("step", Text),
    Column("round", Integer),
    Column("cause", BigInteger, nullable=False),
    Column("part", Integer, nullable=False),
    Column("body", octets(), nullable=False),
    Column("jws", Text, nullable=False),
    Column("state", Member(DeliveryState), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("next_at", Moment),
    Column("failures", Integer, nullable=False),
    Column("published", Integer, nullable=False),
    Column("error", Words),
    Column("reference", Words),
    Column("settled_at", Moment),
    Column("fingerprint", Text),
    Column("parked_at", Moment),
    Column("alarm_at", Moment),
    Column("alarmed_at", Moment),
    Column("origin", identity()),
    Index("ix_delivery_dossier", "dossier"),
    Index("ix_delivery_created_at_id", "created_at", "id"),
    Index("ix_delivery_due", "next_at", "id", postgresql_where=_DUE, sqlite_where=_DUE),
    Index("ix_delivery_sent", "agency", "sent_at", postgresql_where=_SENT, sqlite_where=_SENT),
    Index("ix_delivery_unsettled", "dossier", postgresql_where=_NOT_FINAL, sqlite_where=_NOT_FINAL),
    Index("ix_delivery_parked", "fingerprint", postgresql_where=_PARKED, sqlite_where=_PARKED),
    Index("ix_delivery_alarm", "alarm_at", postgresql_where=_ALARM, sqlite_where=_ALARM),
)

attempt: Final = Table(
    "attempt",
    HUB,
    ordinal(),
    Column("delivery", identity(), nullable=False),
    Column("number", Integer, nullable=False),
    Column("ended_at", Moment, nullable=False),
    Column("end", Member(AttemptEnd), nullable=False),
    Column("code", Words),
    Column("detail", Words),
    Column("next_at", Moment),
    Column("fingerprint", Text),
    Index("ix_attempt_delivery", "delivery"),
)

catalogue: Final = Table(
    "catalogue",
    HUB,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("published_at", Moment, nullable=False),
    Column("actor", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("body", Text, nullable=False),
)

evidence: Final = Table(
    "evidence",
    HUB,
    Column("digest", Text, primary_key=True),
    Column("account", Words, primary_key=True),
    Column("received_at", Moment, nullable=False),
    Column("queue", Words, nullable=False),
    Column("message_id", Words),
    Column("code", Text, nullable=False),
    Column("detail", Words, nullable=False),
    Column("body", octets(), nullable=False),
    Column("jws", Words),
    Index("ix_evidence_received_at", "received_at"),
)
"""`account` is empty where the broker named none, so that the key holds there too."""

contact: Final = Table(
    "contact",
    HUB,
    Column("agency", Text, primary_key=True),
    Column("heard_at", Moment, nullable=False),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("probing_since", Moment),
    Column("probe_at", Moment),
    Column("version", Words),
    Column("unanswered", BigInteger),
)
"""What is known of each agency's adapter; one row an agency, written last in a transaction."""

task: Final = Table(
    "task",
    HUB,
    Column("id", identity(), primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("state", Member(TaskState), nullable=False),
    Column("canary", Integer, nullable=False),
    Column("batch", Integer, nullable=False),
    Column("actor", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("note", Words),
    Column("failed_before", Integer, nullable=False),
)
"""A group retry: staged here, worked off by the hub, so that it survives whoever asked for it."""

task_item: Final = Table(
    "task_item",
    HUB,
    Column("task", identity(), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("delivery", identity(), nullable=False),
    Column("state", Member(ItemState), nullable=False),
    Index("ix_task_item_task_state", "task", "state"),
)
