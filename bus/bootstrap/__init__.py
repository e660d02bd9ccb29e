"""The only joiner: knows what the workers need and what there is to give them.

`steps` joins the steps of a node to the ports they are given; `hub_node` and `edge_node` run whole
nodes over RabbitMQ and a database. What those need is heavy and waits inside the functions below.
"""

from typing import TYPE_CHECKING

from bus.bootstrap.steps import (
    EdgeSteps,
    HubSteps,
    KeyRing,
    Means,
    RandomIds,
    SystemClock,
    chance,
    edge_steps,
    hub_steps,
    office_of,
)

if TYPE_CHECKING:
    from bus.settings import EdgeSettings, HubSettings

__all__ = [
    "EdgeSteps",
    "HubSteps",
    "KeyRing",
    "Means",
    "RandomIds",
    "SystemClock",
    "chance",
    "edge_steps",
    "hub_steps",
    "office_of",
    "run_edge",
    "run_hub",
]


def run_hub(settings: "HubSettings") -> int:
    """Run a hub until it is told to stop, and return the exit code.

    Waits for a database or broker that is not there yet.

    Raises:
        SettingInvalid: A setting or the key file is wrong, or the key is not the published one.
        SchemaOutdated: The database was not migrated.
        NotFound: No directory is published.
    """
    from bus.bootstrap import hub_node  # noqa: PLC0415 -- heavy

    return hub_node.run(settings)


def run_edge(settings: "EdgeSettings") -> int:
    """Run an edge node until it is told to stop, and return the exit code.

    Waits for a database or broker that is not there yet.

    Raises:
        SettingInvalid: A setting or a key file is wrong.
        SchemaOutdated: The database was not migrated.
    """
    from bus.bootstrap import edge_node  # noqa: PLC0415 -- heavy

    return edge_node.run(settings)
