"""What the workers need of the world: Protocols, and the values that cross them.

A Protocol's docstring is its contract: each sentence has a test that every implementation passes.
Nothing here knows RabbitMQ, a database or a clock.
"""

from bus.ports.broker import Consumer, Outgoing, Published, Publisher, Received, Sending
from bus.ports.edge import EdgeInboxRow, EdgeOutcome, EdgeStore, OutboxRow, OutboxState
from bus.ports.hub import HubStore, HubTransaction, LedgerReader
from bus.ports.hub_rows import (
    AttemptEnd,
    AttemptRow,
    DeliveryRow,
    DeliveryState,
    EvidenceRow,
    HubChanges,
    InboxRow,
    Verdict,
)
from bus.ports.lane import LaneKey
from bus.ports.legacy import Change, Sink, Source
from bus.ports.nature import Clock, Ids
from bus.ports.signing import Signer, Verifier
from bus.routing.ledger import EntryKind, LedgerEntry, LedgerHead

__all__ = [
    "AttemptEnd",
    "AttemptRow",
    "Change",
    "Clock",
    "Consumer",
    "DeliveryRow",
    "DeliveryState",
    "EdgeInboxRow",
    "EdgeOutcome",
    "EdgeStore",
    "EntryKind",
    "EvidenceRow",
    "HubChanges",
    "HubStore",
    "HubTransaction",
    "Ids",
    "InboxRow",
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
    "Verdict",
    "Verifier",
]
