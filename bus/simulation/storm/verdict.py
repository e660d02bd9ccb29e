"""What a campaign came to, and how anybody can have it again."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from bus.simulation.storm.campaign import Course, Played
from bus.simulation.storm.faults import Level


@dataclass(slots=True)
class Verdict:
    """Everything counted over the runs so far. `runs` is None for a campaign without end.

    `found` is the shortest run known that breaks a promise; `seconds` is how long all took.
    """

    seed: int
    runs: int | None
    dossiers: int
    level: Level
    played: int = 0
    filed: int = 0
    entries: int = 0
    struck: int = 0
    found: Played | None = None
    seconds: float = 0.0
    _digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def add(self, run: Played) -> None:
        """Count one more run."""
        self.played += 1
        self.filed += run.course.dossiers
        self.entries += run.entries
        self.struck += len(run.struck)
        self._digest.update(run.text().encode())

    @property
    def history(self) -> str:
        """The SHA-256 of the histories of all runs, in order: of the file `--history` writes."""
        return self._digest.hexdigest()

    @property
    def runs_per_minute(self) -> float:
        """How fast it went."""
        return 60 * self.played / self.seconds if self.seconds else 0.0

    def as_json(self) -> dict[str, Any]:
        """Return it as it is printed."""
        found = self.found
        return {
            "seed": self.seed,
            "runs": self.played,
            "dossiers": self.dossiers,
            "faults": self.level.value,
            "filed": self.filed,
            "entries": self.entries,
            "struck": self.struck,
            "violations": 0 if found is None else len(found.violations),
            "history": self.history,
            "seconds": round(self.seconds, 1),
            "runs_per_minute": round(self.runs_per_minute),
            "found": None if found is None else _as_json(found),
        }


def _as_json(found: Played) -> dict[str, Any]:
    return {
        "seed": found.course.seed,
        "dossiers": found.course.dossiers,
        "struck": list(found.struck),
        "violations": [
            {"promise": one.promise.name.lower(), "what": one.what} for one in found.violations
        ],
        "history": list(found.history),
        "replay": replay(found.course),
    }


def replay(course: Course) -> str:
    """Return the command that plays this run again."""
    words = [
        f"bus simulate --seed {course.seed} --runs 1 --dossiers {course.dossiers}",
        f"--faults {course.level.value}",
    ]
    if course.only is not None:
        words.append(f"--only {','.join(map(str, sorted(course.only))) or '0'}")
    return " ".join(words)
