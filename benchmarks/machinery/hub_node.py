"""A hub as in service: its configuration, its process, its memory."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks.machinery.servers import Servers
from benchmarks.machinery.stage import DAY, PARTITIONS, Stage
from bus.crypto.keys import write_private

_ROOT: Final = Path(__file__).parents[2]
_SETTINGS: Final = """\
[broker]
url = "{amqp}"
prefetch = {prefetch}
[database]
url = "{database}"
[hub]
agency = "{hub}"
key_file = "{key}"
kid = "{kid}"
partitions = {partitions}
batch = {batch}
[retry]
answer_seconds = 86400
[health]
listen = "127.0.0.1:0"
[log]
level = "warning"
[clock]
shift_days = {shift}
"""


@dataclass(frozen=True, slots=True)
class HubNode:
    """A running hub."""

    process: subprocess.Popen[bytes]

    def require_alive(self) -> None:
        """Stop the benchmark where the hub has ended."""
        if self.process.poll() is not None:
            raise SystemExit(f"the hub ended with code {self.process.returncode}; see above")

    def peak_rss_mb(self) -> float:
        """Return the most memory it ever had resident."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024

    def rss_mb(self) -> float:
        """Return how much memory it has resident."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def cpu_seconds(self) -> float:
        """Return the processor time it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def hub_node(servers: Servers, stage: Stage, folder: Path, *, batch: int) -> Iterator[HubNode]:
    """Run `bus hub run` until the context ends."""
    key = folder / "hub.pem"
    write_private(key, stage.hub_pem)
    config = folder / "hub.toml"
    config.write_text(
        _SETTINGS.format(
            amqp=servers.amqp,
            prefetch=max(400, 2 * batch),
            database=servers.in_schema,
            hub=stage.hub,
            key=key,
            kid=stage.hub_kid,
            partitions=PARTITIONS,
            batch=batch,
            shift=(DAY - datetime.now(UTC).date()).days,
        )
    )
    config.chmod(0o600)
    command = [sys.executable, "-m", "bus", "hub", "run", "--config", str(config)]
    process = subprocess.Popen(command, cwd=_ROOT)
    try:
        yield HubNode(process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
