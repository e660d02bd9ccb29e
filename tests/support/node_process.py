"""A node as a process of its own, which can be killed, asked how it is, and whose log is read."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tests.support.rabbitmq import free_ports
from tests.support.walking import MONDAY

SHIFT_DAYS: Final = -((datetime.now(UTC) - MONDAY).days // 7) * 7
"""Whole weeks, so that a working day stays one."""

Line = dict[str, Any]


def _health_port() -> int:
    return free_ports(1)[0]


@dataclass
class NodeProcess:
    """`bus …` as a process, with its log in JSON lines and its health on a port of its own.

    `program`: another module to run instead.
    """

    command: Sequence[str]
    log: Path
    health: int = field(default_factory=_health_port)
    process: subprocess.Popen[bytes] | None = None
    program: str = "bus"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        environment = os.environ | {
            "BUS_CLOCK__SHIFT_DAYS": str(SHIFT_DAYS),
            "BUS_HEALTH__LISTEN": f"127.0.0.1:{self.health}",
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.program, *self.command],
                env=environment,
                stderr=log,
                stdout=log,
            )

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=10)

    def stop(self) -> int:
        """End it as an operator would, and return its exit code."""
        if self.process is None or self.process.poll() is not None:
            return 0 if self.process is None else self.process.returncode
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def logged(self, event: str, **facts: str) -> list[Line]:
        """Return the log lines of an event, in order, those with these facts."""
        return [
            line
            for line in self._lines()
            if line["event"] == event and facts.items() <= line.items()
        ]

    def readiness(self) -> Line:
        """Return what `/readyz` says; nothing where nobody answers."""
        try:
            with urllib.request.urlopen(self._page, timeout=5) as answer:  # noqa: S310 - ours
                said: Line = json.loads(answer.read())
        except urllib.error.HTTPError as not_ready:
            with not_ready:
                said = json.loads(not_ready.read())
        except OSError:
            return {"ready": False, "checks": {}}
        return said

    def ready(self) -> bool:
        return bool(self.readiness()["ready"])

    def unready_because_of(self, code: str) -> bool:
        """Say whether `/readyz` is not ready and names this error as a reason."""
        said = self.readiness()
        reasons = [one["last_error"] for one in said["checks"].values() if not one["ok"]]
        return not said["ready"] and any(why.startswith(code) for why in reasons if why)

    def rss_mb(self) -> float:
        """Return how much memory it has resident, in megabytes."""
        fields = Path(f"/proc/{self.pid}/statm").read_text().split()
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def peak_rss_mb(self) -> float:
        """Return the most memory it ever had resident, in megabytes."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024 / 1e6

    def last_words(self) -> str:
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""

    @property
    def _page(self) -> str:
        return f"http://127.0.0.1:{self.health}/readyz"

    def _lines(self) -> list[Line]:
        if not self.log.exists():
            return []
        whole = self.log.read_text(errors="replace").rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines() if line.startswith("{")]


class HubProcess(NodeProcess):
    """`bus hub run`."""

    def __init__(self, config: Path, log: Path) -> None:
        super().__init__(("hub", "run", "--config", str(config)), log)


class EdgeProcess(NodeProcess):
    """`bus adapter run`."""

    def __init__(self, config: Path, log: Path) -> None:
        super().__init__(("adapter", "run", str(config)), log)
