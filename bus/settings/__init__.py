"""A node's configuration: one TOML file, then the environment, then a folder of secrets.

The only package that reads the environment. What comes later in that list wins.
"""

from bus.settings.loading import NodeKind, kind_of, load_edge, load_hub
from bus.settings.node import AgencyPart, EdgeSettings, HubSettings

__all__ = [
    "AgencyPart",
    "EdgeSettings",
    "HubSettings",
    "NodeKind",
    "kind_of",
    "load_edge",
    "load_hub",
]
