"""Where messages go on AMQP: the names of exchanges and queues, and the routing keys.

An agency publishes to `agency.out` under a key that begins with its own slug, which is all its
account may use, and reads the one queue that bears its slug. Where an agency is asked for, its
code and its slug give the same.
"""

from typing import Final

from bus.ids import AgencyCode, DossierCode, Partition, Slug, partition_of, slug

AGENCY_OUT: Final = "agency.out"
"""Topic exchange every agency publishes to."""

AGENCY_IN: Final = "agency.in"
"""Topic exchange the hub publishes to."""

DEAD: Final = "hub.dead"
"""Alternate and dead-letter exchange, and the queue behind it."""

HUB_RECEIPTS: Final = "hub.receipts"
"""Queue of the agencies' receipts."""

HUB_CONTROL: Final = "hub.control"
"""Queue of heartbeats."""


def partition_word(partition: int) -> str:
    """Return the word of a routing key that names a partition: `p03`."""
    return f"p{partition:02d}"


def hub_queue(partition: int) -> str:
    """Return the queue of one partition of dossier messages: `hub.in.p03`."""
    return f"hub.in.{partition_word(partition)}"


def hub_queues(partitions: int) -> list[str]:
    """Return every queue the hub's ingress reads."""
    return [*(hub_queue(number) for number in range(partitions)), HUB_RECEIPTS, HUB_CONTROL]


def agency_queue(agency: AgencyCode | Slug) -> str:
    """Return the queue of one agency: `agency.h63-140-05`."""
    return f"agency.{_word(agency)}"


def agency_key(agency: AgencyCode | Slug) -> str:
    """Return the routing key that reaches an agency's queue."""
    return _word(agency)


def data_key(agency: AgencyCode | Slug, partition: Partition) -> str:
    """Return the routing key of an agency's messages about the dossiers of a partition."""
    return f"{_word(agency)}.{partition_word(partition)}"


def dossier_key(agency: AgencyCode | Slug, dossier: DossierCode, partitions: int) -> str:
    """Return the routing key under which an agency speaks about a dossier."""
    return data_key(agency, partition_of(dossier, partitions))


def receipt_key(agency: AgencyCode | Slug) -> str:
    """Return the routing key under which an agency answers a delivery."""
    return f"{_word(agency)}.receipt"


def control_key(agency: AgencyCode | Slug) -> str:
    """Return the routing key of heartbeats."""
    return f"{_word(agency)}.control"


def _word(agency: AgencyCode | Slug) -> Slug:
    return slug(AgencyCode(agency))
