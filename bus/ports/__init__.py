"""What the workers need of the world: Protocols, and the values that cross them.

A Protocol's docstring is its contract: each sentence has a test that every implementation passes.
Nothing here knows RabbitMQ, a database or a clock.
"""

from bus.ports.broker import (
    ENOUGH_BYTES,
    Consumer,
    Outgoing,
    Published,
    Publisher,
    Received,
    Sending,
)
from bus.ports.cutover import CutoverReader
from bus.ports.edge import EdgeInboxRow, EdgeOutcome, EdgeStore, OutboxRow, OutboxState
from bus.ports.hub import HubStore, HubTransaction, LedgerReader
from bus.ports.hub_rows import (
    FINAL,
    AttemptEnd,
    AttemptRow,
    ContactRow,
    DeliveryRow,
    DeliveryState,
    EvidenceRow,
    HeartbeatRow,
    HubChanges,
    InboxRow,
    UndeliveredRow,
    Verdict,
)
from bus.ports.lane import LaneKey
from bus.ports.legacy import Change, Sink, Source
from bus.ports.nature import Clock, Ids
from bus.ports.signing import Signer, Verifier
from bus.ports.tasks import ItemRow, ItemState, TaskRow, TaskState, TaskStore
from bus.routing.ledger import EntryKind, LedgerEntry, LedgerHead

__all__ = [
    "ENOUGH_BYTES",
    "FINAL",
    "AttemptEnd",
    "AttemptRow",
    "Change",
    "Clock",
    "Consumer",
    "ContactRow",
    "CutoverReader",
    "DeliveryRow",
    "DeliveryState",
    "EdgeInboxRow",
    "EdgeOutcome",
    "EdgeStore",
    "EntryKind",
    "EvidenceRow",
    "HeartbeatRow",
    "HubChanges",
    "HubStore",
    "HubTransaction",
    "Ids",
    "InboxRow",
    "ItemRow",
    "ItemState",
    "LaneKey",
    "LedgerEntry",
    "LedgerHead",
    "LedgerReader",
    "OutboxRow",
    "OutboxState",
    "Outgoing",
    "Published",
    "Publisher",
    "Received",
    "Sending",
    "Signer",
    "Sink",
    "Source",
    "TaskRow",
    "TaskState",
    "TaskStore",
    "UndeliveredRow",
    "Verdict",
    "Verifier",
]
