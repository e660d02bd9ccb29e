"""lienthong: the integration bus of a province's one-stop and inter-linked one-stop mechanism."""

__version__ = "0.1.0"
