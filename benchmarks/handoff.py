"""How many hand-offs does one hub make in a second, how long does one take, in how much memory?

The whole hop is measured: a signed message lies in RabbitMQ; the hub verifies, validates and
recognises it, seals it into the ledger, moves the case, stores the delivery, commits to PostgreSQL,
publishes receipt and delivery with confirmation and acknowledges. One hub process as in service,
RabbitMQ and PostgreSQL (writing to disk) on the same machine.

Not measured: the way from a legacy system into RabbitMQ, and from the agency's queue into a legacy
system; more than one hub; a network. The last figures and the set-up are in docs/benchmarks.md.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.machinery import report, stage
from benchmarks.machinery.hop import percentile
from benchmarks.machinery.play import RATE, Figures, Scale, play
from benchmarks.machinery.servers import servers, versions
from benchmarks.rivals.race import RIVALS, missing, race
from bus.errors import BusError
from bus.ports import Outgoing
from bus.telemetry.log import configure_logging
from tests.support.postgres import PostgresMissing
from tests.support.rabbitmq import RabbitMissing

SMOKE: Final = Scale(messages=600, hops=60, batch=200, small=True)


def main() -> int:
    """Run the benchmark and return the exit code: 1 where the figures do not count."""
    asked = _arguments()
    configure_logging(json=False, level="warning")
    full = Scale(messages=asked.messages, hops=asked.hops, batch=asked.batch, small=False)
    scale = SMOKE if asked.smoke else full
    rivals = [] if asked.smoke else _installed([name for name in asked.rivals.split(",") if name])
    try:
        result = _run(asked.amqp, asked.database, scale, rivals)
    except (BusError, RabbitMissing, PostgresMissing) as error:
        print(f"handoff: {error}", file=sys.stderr)
        return 3
    print(json.dumps(result, indent=2) if asked.json else report.table(result))
    if not asked.smoke:
        _say(f"kept in benchmarks/results/{report.keep(result).name}")
    return 0 if result["verified"] else 1


def _run(
    amqp: str | None, database: str | None, scale: Scale, rivals: Sequence[str]
) -> dict[str, Any]:
    _say("starting RabbitMQ and PostgreSQL")
    with servers(amqp, database) as found:
        facts = report.machine(versions(found))
        played = stage.build(found.account, small=scale.small)
        messages = stage.messages(played, scale.messages + scale.hops)
        bodies = [message.body.decode() for message in messages[: scale.messages]]
        raced: dict[str, float] = {}
        for name in rivals:
            _say(f"{name}: a bare relay of {len(bodies)} messages")
            raced[name] = race(name, found, bodies)
        figures = play(found, played, messages, scale, say=_say)
    for fault in figures.faults:
        print(f"handoff: the figures do not count: {fault}", file=sys.stderr)
    return _result(figures, facts, raced, scale, messages)


def _result(
    figures: Figures,
    facts: dict[str, Any],
    raced: dict[str, float],
    scale: Scale,
    messages: Sequence[Outgoing],
) -> dict[str, Any]:
    per_second = figures.drained.per_second
    dramatiq = raced.get("dramatiq")
    return {
        "per_second": round(per_second, 1),
        "p50_ms": round(percentile(figures.hop_seconds, 0.50) * 1000, 1),
        "p99_ms": round(percentile(figures.hop_seconds, 0.99) * 1000, 1),
        "rss_mb": round(figures.rss_mb, 1),
        "verified": not figures.faults,
        "dramatiq_per_second": None if dramatiq is None else round(dramatiq, 1),
        "ratio": None if dramatiq is None else round(per_second / dramatiq, 2),
        "rivals": {name: round(rate, 1) for name, rate in raced.items()},
        "hub_cpu": round(figures.drained.hub_cpu, 2),
        "settings": {
            "messages": scale.messages,
            "hops": scale.hops,
            "rate": RATE,
            "batch": scale.batch,
            "partitions": stage.PARTITIONS,
            "bytes": round(sum(len(message.body) for message in messages) / len(messages)),
            "seed": stage.SEED,
        },
        "machine": facts,
        "commit": report.commit(),
        "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }


def _installed(names: Sequence[str]) -> list[str]:
    """Leave out rivals that are not installed, and say so."""
    there = []
    for name in names:
        if absent := missing(name):
            _say(
                f"{name} is left out: {', '.join(absent)} not installed (pip install --group bench)"
            )
        else:
            there.append(name)
    return there


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n\n")[0],
        epilog="Without --amqp and --database it starts servers of its own and stops them.",
    )
    parser.add_argument("--messages", type=int, default=12_000, help="for throughput")
    parser.add_argument("--hops", type=int, default=1_000, help=f"for latency, {RATE:g} a second")
    parser.add_argument("--batch", type=int, default=200, help="most messages of one transaction")
    parser.add_argument("--amqp", metavar="URL", help="a virtual host nobody else uses")
    parser.add_argument(
        "--database", metavar="URL", help="PostgreSQL; a schema is made and dropped"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--smoke", action="store_true", help="small, without rivals; keeps nothing")
    parser.add_argument(
        "--rivals",
        default="dramatiq",
        metavar="NAMES",
        help=f"of {', '.join(RIVALS)}, with commas; empty for none",
    )
    asked = parser.parse_args()
    strangers = [name for name in asked.rivals.split(",") if name and name not in RIVALS]
    if strangers:
        parser.error(f"no rival {', '.join(strangers)}; there are {', '.join(RIVALS)}")
    if asked.messages < SMOKE.messages or asked.hops < 1 or asked.batch < 1:
        parser.error(f"at least {SMOKE.messages} messages, one hop and a batch of one are needed")
    return asked


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
