"""`bus version`."""

import json
import platform

import typer

from bus import __version__
from bus.cli.options import Json


def version(*, as_json: Json = False) -> None:
    """In phiên bản. / Print the version."""
    if as_json:
        typer.echo(json.dumps({"version": __version__, "python": platform.python_version()}))
        return
    typer.echo(f"lienthong {__version__}")
