"""A TCP proxy of our own: it lies between a client and a server and spoils the line when told.

It listens on the loopback interface only. A line that is *cut* is reset at both ends, and what was
under way in it is lost. A line that is *held* stays open at both ends and carries nothing, as one
whose cable was pulled: each end learns of it only if it asks.
"""

import re
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal
from urllib.parse import urlsplit

_CHUNK: Final = 65_536
_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)


class Way(StrEnum):
    """Which way bytes travel."""

    TO_SERVER = "to server"
    TO_CLIENT = "to client"


def amqp_method(class_: int, method: int) -> re.Pattern[bytes]:
    """Return what a method frame on our only channel begins with."""
    word = struct.pack(">HH", class_, method)
    return re.compile(rb"\x01\x00\x01(.{4})" + re.escape(word), re.DOTALL)


PUBLISH: Final = amqp_method(60, 40)
DELIVER: Final = amqp_method(60, 60)
ACK: Final = amqp_method(60, 80)
"""To the server a consumer's acknowledgement, to the client a publisher's confirmation."""
CANCEL: Final = amqp_method(60, 30)
COMMIT: Final = re.compile(rb"Q\x00\x00\x00\x0bCOMMIT\x00")
"""PostgreSQL's simple query of that word, as psycopg sends it."""
COMMITTED: Final = re.compile(rb"C\x00\x00\x00\x0bCOMMIT\x00")
"""PostgreSQL's answer to it."""


@dataclass(eq=False)
class Trap:
    """Does something once, when bytes of a certain form come by; `sprung` is set when it did."""

    way: Way
    form: re.Pattern[bytes]
    act: Literal["cut", "hold", "drop", "note"]
    keep: int
    sprung: threading.Event = field(default_factory=threading.Event)

    def wait(self, within: float = 30.0) -> None:
        """Wait until the fault has happened."""
        if not self.sprung.wait(within):
            raise TimeoutError(f"nothing {self.way} was {self.act} within {within:g} s")


@dataclass(eq=False)
class _Line:
    """A client's connection and the one to the server that belongs to it."""

    client: socket.socket
    server: socket.socket

    def ends(self, way: Way) -> tuple[socket.socket, socket.socket]:
        pair = (self.client, self.server)
        return pair if way is Way.TO_SERVER else (self.server, self.client)

    def close(self, *, reset: bool) -> None:
        """End it; with a reset, what the system has not sent yet is lost."""
        for end in (self.client, self.server):
            with suppress(OSError):
                if reset:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                end.shutdown(socket.SHUT_RDWR)  # wakes whoever reads it
            end.close()


class Proxy:
    """One listening port; every connection goes on to the first target that takes it.

    `accepted` counts the lines there ever were, `cuts` those we cut, and `knocks` all who came,
    those included who found no target.
    """

    def __init__(self, *targets: int) -> None:
        self._targets = targets
        self._changed = threading.Condition()  # guards what follows
        self._lines: list[_Line] = []
        self._traps: list[Trap] = []
        self._held: frozenset[Way] = frozenset()
        self._refusing = False
        self.accepted = 0
        self.cuts = 0
        self.knocks = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._threads = [threading.Thread(target=self._accept, name="proxy", daemon=True)]
        self._threads[0].start()

    def through(self, url: str) -> str:
        """Return the same URL by way of this proxy."""
        parts = urlsplit(url)
        login = parts.netloc.rpartition("@")[0]
        return parts._replace(netloc=f"{login}@127.0.0.1:{self.port}").geturl()

    # --- faults -------------------------------------------------------------------------------

    def cut(self) -> int:
        """Cut every line and return how many there were; new ones may come."""
        with self._changed:
            lines, self._lines = self._lines, []
            self.cuts += len(lines)
            self._held = frozenset()
            self._changed.notify_all()
        for line in lines:
            line.close(reset=True)
        return len(lines)

    def refuse(self) -> None:
        """Cut every line and let no new one come."""
        self._refusing = True
        self.cut()

    def admit(self) -> None:
        """Let lines come again."""
        self._refusing = False

    def hold(self, *ways: Way) -> None:
        """Carry nothing any more that way, or both; lines stay open."""
        with self._changed:
            self._held = frozenset(ways or Way)

    def release(self) -> None:
        """Carry everything again, what was held first."""
        with self._changed:
            self._held = frozenset()
            self._changed.notify_all()

    def cut_at(self, way: Way, form: re.Pattern[bytes], *, keep: int = 0) -> Trap:
        """Cut the next line on which such bytes come by, after so many of them."""
        return self._set(Trap(way, form, "cut", keep))

    def hold_at(self, way: Way, form: re.Pattern[bytes]) -> Trap:
        """Hold both ways of all lines as soon as such bytes come by; they are held too."""
        return self._set(Trap(way, form, "hold", 0))

    def drop(self, form: re.Pattern[bytes]) -> Trap:
        """Take the next such AMQP frame away from the client."""
        return self._set(Trap(Way.TO_CLIENT, form, "drop", 0))

    def note(self, way: Way, form: re.Pattern[bytes]) -> Trap:
        """Spoil nothing: only note that such bytes came by."""
        return self._set(Trap(way, form, "note", 0))

    def wait_for_lines(self, count: int, within: float = 60.0) -> None:
        """Wait until there were so many lines, from the beginning."""
        with self._changed:
            if not self._changed.wait_for(lambda: self.accepted >= count, within):
                raise TimeoutError(f"{self.accepted} of {count} lines after {within:g} s")

    # --- inside -------------------------------------------------------------------------------

    def close(self) -> None:
        """Cut everything and stop listening."""
        self.refuse()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in list(self._threads):
            thread.join(10)

    def _set(self, trap: Trap) -> Trap:
        with self._changed:
            self._traps.append(trap)
        return trap

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.knocks += 1
            server = None if self._refusing else self._reach()
            if server is None:
                client.close()
                continue
            line = _Line(client, server)
            with self._changed:
                self._lines.append(line)
                self.accepted += 1
                self._changed.notify_all()
            for way in Way:
                thread = threading.Thread(
                    target=self._carry, args=(line, way), name=f"proxy {way}", daemon=True
                )
                self._threads.append(thread)
                thread.start()

    def _reach(self) -> socket.socket | None:
        for port in self._targets:
            with suppress(OSError):
                server = socket.create_connection(("127.0.0.1", port), timeout=5)
                server.settimeout(None)
                server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return server
        return None

    def _carry(self, line: _Line, way: Way) -> None:
        source, target = line.ends(way)
        with suppress(OSError):
            while chunk := source.recv(_CHUNK):
                chunk, last = self._spoiled(way, chunk)
                if not self._may_pass(line, way):
                    return
                target.sendall(chunk)
                if last:
                    break
        self._end(line)

    def _spoiled(self, way: Way, chunk: bytes) -> tuple[bytes, bool]:
        """Return what is to be carried of a chunk, and whether the line ends with it."""
        with self._changed:
            for trap in list(self._traps):
                found = trap.form.search(chunk) if trap.way is way else None
                if found is None:
                    continue
                self._traps.remove(trap)
                trap.sprung.set()
                match trap.act:
                    case "cut":
                        self.cuts += 1
                        return chunk[: found.start() + trap.keep], True
                    case "hold":
                        self._held = frozenset(Way)
                    case "drop":
                        size = int.from_bytes(found[1], "big")
                        return chunk[: found.start()] + chunk[found.start() + size + 8 :], False
                    case "note":
                        pass
        return chunk, False

    def _may_pass(self, line: _Line, way: Way) -> bool:
        """Wait while this way is held; say whether the line is still there."""
        with self._changed:
            while way in self._held and line in self._lines:
                self._changed.wait()
            return line in self._lines

    def _end(self, line: _Line) -> None:
        with self._changed:
            if line in self._lines:
                self._lines.remove(line)
            self._changed.notify_all()
        line.close(reset=False)


@contextmanager
def proxy(*targets: int) -> Iterator[Proxy]:
    """Run a proxy to these ports of this machine for the length of the context."""
    one = Proxy(*targets)
    try:
        yield one
    finally:
        one.close()
