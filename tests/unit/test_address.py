"""Where messages go on AMQP."""

from bus.ids import AgencyCode, DossierCode, Partition
from bus.schemas import address

AGENCY = AgencyCode("H63.140.05")


def test_an_agency_publishes_under_keys_that_begin_with_its_slug() -> None:
    """Its account's topic permission is that prefix, so nobody speaks for another."""
    keys = [
        address.dossier_key(AGENCY, DossierCode("H63.140.05-250303-0001"), 4),
        address.receipt_key(AGENCY),
        address.control_key(AGENCY),
    ]

    assert keys == ["h63-140-05.p03", "h63-140-05.receipt", "h63-140-05.control"]


def test_an_agency_reads_the_queue_with_its_slug() -> None:
    assert address.agency_queue(AGENCY) == "agency.h63-140-05"
    assert address.agency_key(AGENCY) == "h63-140-05"


def test_the_hub_reads_a_queue_per_partition_and_two_more() -> None:
    assert address.hub_queue(Partition(7)) == "hub.in.p07"
    assert address.hub_queues(2) == ["hub.in.p00", "hub.in.p01", "hub.receipts", "hub.control"]
