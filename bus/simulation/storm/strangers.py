"""What comes from nobody the bus knows: it must move nothing, and be kept as evidence."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bus.ids import Account, Partition
from bus.ports import Outgoing
from bus.schemas.address import AGENCY_IN, AGENCY_OUT, agency_key, data_key
from bus.simulation.storm.faults import Faults
from bus.simulation.storm.town import PARTITIONS, Town
from bus.simulation.storm.weather import STORM
from bus.simulation.workload import START

_TO_THE_HUB: Final = 4
_TO_AGENCIES: Final = 2


@dataclass(frozen=True, slots=True)
class Stranger:
    """Bytes of nobody, and when they come."""

    at: datetime
    message: Outgoing
    account: Account


def strangers(town: Town, faults: Faults) -> list[Stranger]:
    """Return what comes from strangers in a run: to the hub, and to agencies."""
    found = []
    agencies = town.agencies
    for number in range(_TO_THE_HUB + _TO_AGENCIES):
        about = ("stranger", number)
        agency = agencies[int(faults.throw("who", *about) * len(agencies))]
        to_hub = number < _TO_THE_HUB
        partition = Partition(int(faults.throw("where", *about) * PARTITIONS))
        at = START + STORM * 0.7 * faults.throw("when", *about)
        message = Outgoing(
            exchange=AGENCY_OUT if to_hub else AGENCY_IN,
            routing_key=data_key(agency, partition) if to_hub else agency_key(agency),
            body=b"not a message " + str(number).encode() + b" \xff\x00",
            message_id=f"stranger-{number}",
            type="nothing",
            jws="",
            timestamp=at,
        )
        found.append(Stranger(at, message, Account("nobody")))
    return found
