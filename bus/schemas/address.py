"""Where messages go on AMQP: the names of exchanges and queues, and the routing keys.

An agency publishes to `agency.out` under a key that begins with its own slug, which is all its
account may use, and reads the one queue that bears its slug.
"""

from typing import Final

from bus.ids import AgencyCode, DossierCode, Partition, partition_of, slug

AGENCY_OUT: Final = "agency.out"
"""Topic exchange every agency publishes to."""

AGENCY_IN: Final = "agency.in"
"""Topic exchange the hub publishes to."""

DEAD: Final = "hub.dead"
"""Alternate and dead-letter exchange, and the queue behind it."""

HUB_RECEIPTS: Final = "hub.receipts"
HUB_CONTROL: Final = "hub.control"


def hub_queue(partition: Partition) -> str:
    """Return the queue of one partition of dossier messages."""
    return f"hub.in.p{partition:02d}"


def hub_queues(partitions: int) -> list[str]:
    """Return every queue the hub's ingress reads."""
    return [*(hub_queue(Partition(n)) for n in range(partitions)), HUB_RECEIPTS, HUB_CONTROL]


def agency_queue(agency: AgencyCode) -> str:
    """Return the queue of one agency."""
    return f"agency.{slug(agency)}"


def agency_key(agency: AgencyCode) -> str:
    """Return the routing key that reaches an agency's queue."""
    return slug(agency)


def dossier_key(agency: AgencyCode, dossier: DossierCode, partitions: int) -> str:
    """Return the routing key under which an agency speaks about a dossier."""
    return f"{slug(agency)}.p{partition_of(dossier, partitions):02d}"


def receipt_key(agency: AgencyCode) -> str:
    """Return the routing key under which an agency answers a delivery."""
    return f"{slug(agency)}.receipt"


def control_key(agency: AgencyCode) -> str:
    """Return the routing key of heartbeats."""
    return f"{slug(agency)}.control"
