"""What happened in a run, line by line, the same for the same seed byte for byte."""

from collections.abc import Callable
from datetime import datetime

from bus.simulation.turned_clock import LOCAL


class History:
    """The lines of one run. `now` gives the moment of a line."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lines: list[tuple[datetime, str, tuple[object, ...]]] = []

    def note(self, who: str, *what: object) -> None:
        """Add a line; it is put into words only when somebody reads it."""
        self._lines.append((self._now(), who, what))

    def lines(self) -> list[str]:
        """Return the lines, each with its local time and who it is about."""
        return [
            f"{at.astimezone(LOCAL):%m-%d %H:%M:%S} {who:<12} {' '.join(map(str, what))}"
            for at, who, what in self._lines
        ]
