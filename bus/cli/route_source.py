"""Reads the routes to compare: of a province's folder, or of one file."""

from pathlib import Path

from bus.schemas.route import Route
from bus.storage.province import load_province, read_route


def routes_in(source: Path) -> tuple[Route, ...]:
    """Return the routes of a province's folder, or the one of a route's file.

    Raises:
        CatalogueInvalid: It cannot be read.
    """
    return (read_route(source),) if source.is_file() else load_province(source).routes
