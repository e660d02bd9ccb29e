"""How soon does a hub work again when its broker is back, and how much memory does that take?

The broker is killed as by a power cut while a backlog of signed messages lies in its queues, and is
started again after a while. The clock runs from the moment it takes connections: until the hub's
first message to an agency, and until the backlog is in the ledger, answered and handed over.

Not measured: the edges' own way back; a broker that loses its disk; a database that was away too.
The last figures and the set-up are in docs/benchmarks.md.
"""

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.machinery import report, stage
from benchmarks.machinery.comeback import Figures, Scale, play
from benchmarks.machinery.servers import servers, versions
from bus.errors import BusError
from bus.telemetry.log import configure_logging
from tests.support.postgres import PostgresMissing
from tests.support.rabbitmq import RabbitMissing, private_rabbitmq

SMOKE: Final = Scale(warm_up=200, backlog=600, outage=1.0, batch=200, small=True)


def main() -> int:
    """Run the benchmark and return the exit code: 1 where the figures do not count."""
    asked = _arguments()
    configure_logging(json=False, level="warning")
    full = Scale(warm_up=2_000, backlog=asked.backlog, outage=asked.outage, batch=200, small=False)
    scale = SMOKE if asked.smoke else full
    try:
        result = _run(scale)
    except (BusError, RabbitMissing, PostgresMissing) as error:
        print(f"recovery: {error}", file=sys.stderr)
        return 3
    print(json.dumps(result, indent=2) if asked.json else _table(result))
    if not asked.smoke:
        _say(f"kept in benchmarks/results/{report.keep(result, 'recovery').name}")
    return 0 if result["verified"] else 1


def _run(scale: Scale) -> dict[str, Any]:
    _say("starting RabbitMQ and PostgreSQL")
    with (
        private_rabbitmq(management=False) as node,
        servers(node.amqp_url, None) as found,
    ):
        facts = report.machine(versions(found))
        played = stage.build(found.account, small=scale.small)
        messages = stage.messages(played, scale.warm_up + scale.backlog)
        figures = play(node, found, played, messages, scale, say=_say)
    for fault in figures.faults:
        print(f"recovery: the figures do not count: {fault}", file=sys.stderr)
    return _result(figures, facts, scale)


def _result(figures: Figures, facts: dict[str, Any], scale: Scale) -> dict[str, Any]:
    return {
        "first_delivery_s": round(figures.first_delivery, 2),
        "drained_s": round(figures.drained, 1),
        "per_second": round(scale.backlog / figures.drained, 1),
        "left_to_time_outs": figures.left,
        "broker_start_s": round(figures.broker_start, 1),
        "rss_mb": {phase: round(most, 1) for phase, most in figures.memory.items()},
        "verified": not figures.faults,
        "settings": {
            "warm_up": scale.warm_up,
            "backlog": scale.backlog,
            "outage_s": scale.outage,
            "batch": scale.batch,
            "partitions": stage.PARTITIONS,
            "seed": stage.SEED,
        },
        "machine": facts,
        "commit": report.commit(),
        "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }


def _table(result: dict[str, Any]) -> str:
    backlog = result["settings"]["backlog"]
    memory = [
        (f"hub's memory at most, {phase}", f"{most:.0f} MB")
        for phase, most in result["rss_mb"].items()
    ]
    return report.aligned(
        [
            ("broker back to first delivery", f"{result['first_delivery_s']:.2f} s"),
            (f"broker back to {backlog:,} messages done", f"{result['drained_s']:.1f} s"),
            ("messages a second, from the broker's return", f"{result['per_second']:,.0f}"),
            ("left to the time-outs", f"{result['left_to_time_outs']:,}"),
            ("the broker's own start", f"{result['broker_start_s']:.1f} s"),
            *memory,
            ("every message once, ledger holds", "yes" if result["verified"] else "NO"),
        ]
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n\n")[0],
        epilog="It starts servers of its own and stops them: it kills its broker.",
    )
    parser.add_argument("--backlog", type=int, default=20_000, help="messages that wait")
    parser.add_argument("--outage", type=float, default=20.0, help="seconds without a broker")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--smoke", action="store_true", help="small; keeps nothing")
    asked = parser.parse_args()
    if asked.backlog < 1 or asked.outage < 0:
        parser.error("at least one message and no negative time are needed")
    return asked


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
