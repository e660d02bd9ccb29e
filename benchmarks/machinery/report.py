"""What a run found: as a table for people, as JSON for machines, as a file that stays."""

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

_ROOT: Final = Path(__file__).parents[2]
_RESULTS: Final = _ROOT / "benchmarks" / "results"


def machine(servers: Mapping[str, str]) -> dict[str, str | int | float]:
    """Return what the figures depend on, and nothing that names the machine."""
    return {
        "cpus": len(os.sched_getaffinity(0)),
        "cpu": _cpu_model(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        **servers,
        "load_before": round(os.getloadavg()[0], 2),
    }


def commit() -> str:
    """Return the short name of the commit, marked where files differ from it."""
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=9"],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return said.stdout.strip() or "uncommitted"


def table(result: Mapping[str, Any]) -> str:
    """Return the figures for people."""
    lines = [
        ("messages a second, whole hop", f"{result['per_second']:,.0f}"),
        ("hub's share of one processor", f"{result['hub_cpu']:.0%}"),
        (f"hop at {result['settings']['rate']:g}/s, median", f"{result['p50_ms']:.1f} ms"),
        (f"hop at {result['settings']['rate']:g}/s, p99", f"{result['p99_ms']:.1f} ms"),
        ("hub's memory at most", f"{result['rss_mb']:.0f} MB"),
        ("every message once, ledger holds", "yes" if result["verified"] else "NO"),
    ]
    for name, rate in result["rivals"].items():
        times = result["per_second"] / rate
        lines.append((f"{name}, bare relay", f"{rate:,.0f} a second; the hub does {times:.2f}x"))
    width = max(len(name) for name, _ in lines)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in lines)


def keep(result: Mapping[str, Any], question: str = "") -> Path:
    """Write the result into the folder of results and return the file.

    `question` names which benchmark it is of; without one it is that of the hop.
    """
    name = f"{question}-" if question else ""
    _RESULTS.mkdir(exist_ok=True)
    file = _RESULTS / f"{name}{datetime.now(UTC):%Y-%m-%d}-{result['commit']}.json"
    file.write_text(json.dumps(result, indent=2) + "\n")
    return file


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())
