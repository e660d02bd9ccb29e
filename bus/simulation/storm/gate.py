"""The gate around every port of a machine: before and after each call it may die or be delayed.

A machine that dies raises `Killed` out of whatever it was doing; an open transaction is rolled
back on the way, and what its databases hold is all that is left of it.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar, cast

from bus.errors import StorageUnavailable
from bus.ids import Partition
from bus.ports import HubStore, HubTransaction
from bus.simulation.storm.faults import Countdown, FaultKind, Faults

_PortT = TypeVar("_PortT")

_WRITES: Final = frozenset({"collect", "sent", "answered", "resend_from", "deal"})
"""What an edge's store writes: on a full disk it cannot, and reads go on."""


class Killed(BaseException):
    """A machine dies here. No step may catch it, as none can catch the end of its process."""

    def __init__(self, machine: str) -> None:
        super().__init__(machine)
        self.machine = machine


@dataclass(slots=True)
class Gate:
    """What every call of a machine's ports goes through.

    `interrupt` lets another worker run in between; it is called only where none holds a
    transaction.
    """

    machine: str
    faults: Faults
    interrupt: Callable[[], None]
    database_down: bool = False
    disk_full: bool = False
    _in_transaction: bool = False
    _killed: Countdown = field(init=False)
    _interrupted: Countdown = field(init=False)
    _refused: Countdown = field(init=False)
    _unknown: Countdown = field(init=False)

    def __post_init__(self) -> None:
        """Throw for the first of each fault."""
        self._killed = Countdown(self.faults, FaultKind.KILLED, self.machine)
        self._interrupted = Countdown(self.faults, FaultKind.INTERRUPTED, self.machine)
        self._refused = Countdown(self.faults, FaultKind.NOT_WRITTEN, self.machine)
        self._unknown = Countdown(self.faults, FaultKind.WRITTEN_UNKNOWN, self.machine)

    def cross(self, port: str, call: str, when: str) -> None:
        """Go through the gate, before or after a call.

        Raises:
            Killed: The machine dies here.
        """
        if self._killed.struck(when, port, call):
            raise Killed(self.machine)
        if not self._in_transaction and self._interrupted.struck(when, port, call):
            self.interrupt()

    def write(self, port: str, call: str) -> None:
        """Ask the database whether it takes this call.

        Raises:
            StorageUnavailable: It does not.
        """
        if self.database_down:
            raise StorageUnavailable("the database is down")
        if self.disk_full and call in _WRITES:
            raise StorageUnavailable("the disk is full")
        if self._refused.struck(port, call):
            raise StorageUnavailable("the database refused")

    def written(self, port: str, call: str) -> None:
        """Hear from the database that the call is through.

        Raises:
            StorageUnavailable: The answer got lost; what was written is written.
        """
        if self._unknown.struck(port, call):
            raise StorageUnavailable("the connection to the database is gone")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Let nobody in between while a transaction is open."""
        self._in_transaction = True
        try:
            yield
        finally:
            self._in_transaction = False


class _Gated:
    """A port whose every call goes through a gate before and after."""

    def __init__(self, port: object, gate: Gate, name: str, *, stores: bool) -> None:
        self._port = port
        self._gate = gate
        self._name = name
        self._stores = stores

    def __getattr__(self, call: str) -> Any:  # noqa: ANN401 -- whatever the port has
        method = getattr(self._port, call)
        through = self._through(method, call)
        setattr(self, call, through)
        return through

    def _through(self, method: Callable[..., Any], call: str) -> Callable[..., Any]:
        gate, name, stores = self._gate, self._name, self._stores

        def crossing(*args: object, **kwargs: object) -> Any:  # noqa: ANN401 -- the port's
            gate.cross(name, call, "before")
            if stores:
                gate.write(name, call)
            answer = method(*args, **kwargs)
            if stores:
                gate.written(name, call)
            gate.cross(name, call, "after")
            return answer

        return crossing


class _GatedHubStore(_Gated):
    @contextmanager
    def transaction(self, partitions: Collection[Partition]) -> Iterator[HubTransaction]:
        gate, store = self._gate, cast("HubStore", self._port)
        gate.cross(self._name, "transaction", "before")
        gate.write(self._name, "transaction")
        with gate.transaction(), store.transaction(partitions) as transaction:
            yield transaction
            gate.cross(self._name, "commit", "before")
            gate.write(self._name, "commit")
        gate.written(self._name, "commit")
        gate.cross(self._name, "commit", "after")


def gated(port: _PortT, gate: Gate, name: str) -> _PortT:
    """Return the port with a gate around every call."""
    return cast("_PortT", _Gated(port, gate, name, stores=False))


def gated_store(port: _PortT, gate: Gate, name: str) -> _PortT:
    """Return the store with a gate around every call, at which its database may refuse."""
    return cast("_PortT", _Gated(port, gate, name, stores=True))


def gated_hub_store(port: HubStore, gate: Gate) -> HubStore:
    """Return the hub's store with a gate around every call and every commit."""
    return cast("HubStore", _GatedHubStore(port, gate, "hub store", stores=True))
