"""`bus`: the one command, its groups, and what a failure looks like to people.

Only Typer is imported here and in the modules of the commands; everything heavier is imported
inside the command that needs it, so that help and completion answer at once.
"""

import gc
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import typer

from bus.cli import (
    adapter,
    agency,
    broker,
    codes,
    database,
    deadline,
    demo,
    directory,
    dossier,
    handoff,
    hub,
    key,
    ledger,
    procedure,
    schema,
    simulate,
    version,
)
from bus.errors import BusError, WorkerUnfit

_GC_EVERY: Final = 50_000
"""New objects between two looks for garbage, in every command and node: importing makes many that
stay, a batch many that go, and hardly any of them is in a cycle."""

app: Final = typer.Typer(
    name="bus",
    help="Trục liên thông hồ sơ một cửa: hub, bộ kết nối và công cụ vận hành."
    " / The integration bus of one-stop dossiers: hub, adapters and operators' tools.",
    epilog=codes.EXPLAINED,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo")(demo.demo)
app.command("simulate")(simulate.simulate)
app.add_typer(hub.app, name="hub")
app.add_typer(adapter.app, name="adapter")
app.add_typer(agency.app, name="agency")
app.add_typer(broker.app, name="broker")
app.add_typer(database.app, name="db")
app.add_typer(directory.app, name="directory")
app.add_typer(key.app, name="key")
app.add_typer(procedure.app, name="procedure")
app.add_typer(dossier.app, name="dossier")
app.add_typer(deadline.app, name="deadline")
app.add_typer(handoff.app, name="handoff")
app.add_typer(ledger.app, name="ledger")
app.add_typer(schema.app, name="schema")
app.command("version")(version.version)


def run() -> None:
    """Run the command line of this process and exit."""
    gc.set_threshold(_GC_EVERY)
    sys.exit(main(sys.argv[1:]))


def main(arguments: Sequence[str], commands: typer.Typer = app) -> int:
    """Run one command and return its exit code; a failure is one line on stderr."""
    try:
        commands(args=list(arguments), prog_name="bus")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else codes.DONE
    except BusError as error:
        if _debugging():
            raise
        _tell(f"{error.code}: {error}")
        return codes.UNREACHABLE if isinstance(error, WorkerUnfit) else codes.REFUSED
    except Exception as error:  # the entry point: nobody is shown a traceback
        if _debugging():
            raise
        _tell(_unexpected(error))
        return codes.REFUSED
    return codes.DONE


def _debugging() -> bool:
    return os.environ.get("BUS_DEBUG") == "1"


def _unexpected(error: Exception) -> str:
    """Keep the details where only this user reads them, and say where."""
    name = type(error).__name__
    try:
        handle, path = tempfile.mkstemp(prefix="bus-error-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            traceback.print_exception(error, file=file)
    except OSError:
        return f"unexpected: {name}; hãy chạy lại với BUS_DEBUG=1 / run again with BUS_DEBUG=1"
    where = Path(path)
    return f"unexpected: {name}; chi tiết ở {where}, hãy gửi kèm khi báo lỗi / details in {where}"


def _tell(line: str) -> None:
    typer.echo(line, err=True)
