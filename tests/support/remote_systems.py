"""Agencies' systems that stay with the test, called by an edge in a process of its own.

A real system does not die with the adapter beside it. The edge calls over a socket, and the test
can do something between what a system did and its answer.
"""

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any
from uuid import UUID

from bus.ids import AgencyCode
from bus.ports import Change
from bus.schemas.catalogue import FromHub
from tests.support.edges import System

SOCKET = "systems.socket"
SECRET = "systems.secret"


class RemoteSystem:
    """One agency's system as an edge's `bus.ports.Source` and `Sink`; one thread for each."""

    def __init__(self, folder: Path, agency: AgencyCode) -> None:
        self._folder = folder
        self._agency = agency
        self._of_thread = threading.local()

    def changes(self, *, after: str | None, limit: int) -> Sequence[Change]:
        """Return what happened there."""
        found: Sequence[Change] = self._ask("changes", after=after, limit=limit)
        return found

    def taken(self, changes: Sequence[Change]) -> None:
        """Tell it what the bus has for good."""
        self._ask("taken", changes=changes)

    def deliver(self, message: FromHub, *, delivery: UUID) -> str | None:
        """Hand it something over."""
        reference: str | None = self._ask("deliver", message=message, delivery=delivery)
        return reference

    def _ask(self, what: str, **facts: Any) -> Any:
        if not hasattr(self._of_thread, "line"):
            secret = (self._folder / SECRET).read_bytes()
            self._of_thread.line = Client(str(self._folder / SOCKET), "AF_UNIX", secret)
        line: Connection[Any, Any] = self._of_thread.line
        line.send((self._agency, what, facts))
        good, said = line.recv()
        if not good:
            raise said
        return said


@contextmanager
def served(
    systems: Mapping[AgencyCode, System], folder: Path, imported: Callable[[], None]
) -> Iterator[None]:
    """Let edges of other processes call these systems.

    Args:
        systems: By agency; each takes one call at a time.
        folder: Where the socket and its secret are put.
        imported: Called when a system has a hand-over and has not answered yet.
    """
    (folder / SECRET).write_bytes(secrets.token_bytes(16))
    listener = Listener(str(folder / SOCKET), "AF_UNIX", authkey=(folder / SECRET).read_bytes())

    closed = threading.Event()

    def accept() -> None:
        while not closed.is_set():
            with suppress(OSError, EOFError):  # closed, or the edge died when it said hello
                line = listener.accept()
                threading.Thread(target=answer, args=(line,), daemon=True).start()

    def answer(line: "Connection[Any, Any]") -> None:
        with suppress(OSError, EOFError), line:  # the edge is gone
            while True:
                agency, what, facts = line.recv()
                try:
                    said = (True, getattr(systems[agency], what)(**facts))
                except Exception as error:  # noqa: BLE001 -- it is the edge's to judge
                    said = (False, error)
                if what == "deliver":
                    imported()
                line.send(said)

    threading.Thread(target=accept, name="systems", daemon=True).start()
    try:
        yield
    finally:
        closed.set()
        listener.close()
