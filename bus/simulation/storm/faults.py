"""What may go wrong, how often, and the dice that decide it.

Every throw depends on the seed and on what it is about alone. Faults are numbered as they strike,
so a run can be had again with only the first so many of them, or without some.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from hashlib import blake2b
from types import MappingProxyType
from typing import Final


class FaultKind(StrEnum):
    """Everything that may go wrong in a storm."""

    LOST = "message lost"
    """The broker confirmed it and does not have it."""
    REPEATED = "message repeated"
    REORDERED = "message overtook others"
    DELAYED = "message delayed"
    REFUSED = "publish refused"
    """The queue is full."""
    UNANSWERED = "publish without an answer"
    """The connection went between publish and confirm; some messages arrived, some did not."""
    DISCONNECTED = "consumer disconnected"
    """What it holds is handed out again; its acknowledgements come too late."""
    KILLED = "process killed"
    INTERRUPTED = "another worker came in between"
    NOT_WRITTEN = "database refused"
    WRITTEN_UNKNOWN = "commit without an answer"
    """The transaction was written, but whoever wrote it does not learn that."""
    LEGACY_FAILED = "legacy system failed"
    LEGACY_LATE = "legacy system took it and gave no answer"
    LEGACY_SLOW = "legacy system slow"
    LEGACY_BROKEN = "legacy system raised something unknown"
    LEGACY_REPEATED = "legacy system said it twice"
    BROKER_UNREACHABLE = "broker unreachable"
    DATABASE_DOWN = "database down"
    DISK_FULL = "disk full"
    LEGACY_DOWN = "legacy system down"
    CLOCK_WRONG = "clock wrong"


class Level(StrEnum):
    """How hard the storm is."""

    NONE = "none"
    LIGHT = "light"
    HEAVY = "heavy"


_HEAVY: Final[Mapping[FaultKind, float]] = {
    FaultKind.LOST: 0.04,
    FaultKind.REPEATED: 0.04,
    FaultKind.REORDERED: 0.05,
    FaultKind.DELAYED: 0.02,
    FaultKind.REFUSED: 0.005,
    FaultKind.UNANSWERED: 0.02,
    FaultKind.DISCONNECTED: 0.015,
    FaultKind.KILLED: 0.002,
    FaultKind.INTERRUPTED: 0.01,
    FaultKind.NOT_WRITTEN: 0.004,
    FaultKind.WRITTEN_UNKNOWN: 0.004,
    FaultKind.LEGACY_FAILED: 0.03,
    FaultKind.LEGACY_LATE: 0.02,
    FaultKind.LEGACY_SLOW: 0.01,
    FaultKind.LEGACY_BROKEN: 0.006,
    FaultKind.LEGACY_REPEATED: 0.03,
    FaultKind.BROKER_UNREACHABLE: 0.03,
    FaultKind.DATABASE_DOWN: 0.03,
    FaultKind.DISK_FULL: 0.03,
    FaultKind.LEGACY_DOWN: 0.008,
    FaultKind.CLOCK_WRONG: 0.05,
}
"""Chance per message, per call of a port, per hand-off, or per machine and watch of four hours."""

RATES: Final[Mapping[Level, Mapping[FaultKind, float]]] = MappingProxyType(
    {
        Level.NONE: MappingProxyType({}),
        Level.LIGHT: MappingProxyType({kind: rate / 5 for kind, rate in _HEAVY.items()}),
        Level.HEAVY: MappingProxyType(dict(_HEAVY)),
    }
)


Only = frozenset[int] | None
"""The numbers of the faults that may strike, where not all may."""


class Faults:
    """The dice of one run. `tell` hears of every fault that strikes.

    Where `only` is given, faults of other numbers are counted and do not strike. Given the numbers
    that struck, a run is the same again.
    """

    def __init__(
        self,
        seed: int,
        level: Level,
        *,
        only: Only = None,
        tell: Callable[[str, str], None] = lambda _kind, _where: None,
    ) -> None:
        self._key = seed.to_bytes(8, "big", signed=True)
        self._rates = RATES[level]
        self._only = only
        self._tell = tell
        self.struck: list[int] = []
        self.count = 0
        self.over = False
        """Set when the storm is over: nothing strikes any more."""

    def throw(self, *about: object) -> float:
        """Return a number from 0 up to 1 that depends on the seed and what it is about."""
        text = "|".join(map(str, about)).encode()
        digest = blake2b(text, digest_size=8, key=self._key).digest()
        return int.from_bytes(digest, "big") / 2**64

    def strikes(self, kind: FaultKind, *about: object) -> bool:
        """Throw for one message, hand-off or watch; say whether the fault strikes it."""
        return not self.over and self.would(kind, *about) and self.happens(kind, *about)

    def strikes_one(self, kinds: Sequence[FaultKind], *about: object) -> FaultKind | None:
        """Throw once for several faults of which one strikes at most; return which."""
        if self.over or not self._rates:
            return None
        left = self.throw(kinds[0], *about)
        for kind in kinds:
            left -= self._rates[kind]
            if left < 0:
                return kind if self.happens(kind, *about) else None
        return None

    def would(self, kind: FaultKind, *about: object) -> bool:
        """Say whether the dice fall so that the fault strikes."""
        rate = self._rates.get(kind, 0.0)
        return rate > 0 and self.throw(kind, *about) < rate

    def happens(self, kind: FaultKind, *about: object) -> bool:
        """Number a fault whose turn it is, and say whether it is one of the chosen."""
        if self.over:
            return False
        self.count += 1
        if self._only is not None and self.count not in self._only:
            return False
        self.struck.append(self.count)
        self._tell(f"#{self.count} {kind}", " ".join(map(str, about)))
        return True

    def gap(self, kind: FaultKind, *about: object) -> int:
        """Return after how many calls the fault strikes next: one throw instead of one a call."""
        rate = self._rates.get(kind, 0.0)
        if rate <= 0:
            return _NEVER
        return 1 + int(math.log(1 - self.throw(kind, *about)) / math.log(1 - rate))


_NEVER: Final = 2**62


class Countdown:
    """Strikes one of many calls, at the rate of its kind."""

    def __init__(self, faults: Faults, kind: FaultKind, name: str) -> None:
        self._faults = faults
        self._kind = kind
        self._name = name
        self._turn = 0
        self._left = faults.gap(kind, name, 0)

    def struck(self, *where: object) -> bool:
        """Count a call; say whether the fault strikes this one."""
        self._left -= 1
        if self._left > 0:
            return False
        self._turn += 1
        self._left = self._faults.gap(self._kind, self._name, self._turn)
        return self._faults.happens(self._kind, self._name, *where)
