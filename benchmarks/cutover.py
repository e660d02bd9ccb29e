"""How long does the night of a reform take: open dossiers moved from agencies that have ended?

A hub's PostgreSQL (writing to disk) holds open dossiers of the sample province under three levels:
two thirds have their step at a commune, one third at a district. The directory of 1 July 2025 is
published and `bus directory cutover` run: every open step gets an act in the ledger and two new,
signed hand-offs: the slip for its successor, the notice for the one-stop unit. It is killed halfway
(SIGKILL, all its processes) and run again; both runs count, with their start-up.

Checked afterwards: no deadline moved, every dossier has each slip once, a third run moves nothing,
and the whole ledger is folded again. Not measured: publishing the hand-offs, which a hub that runs
does meanwhile; filling the database. The last figures are in docs/benchmarks.md.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.machinery import report
from bus.bootstrap import Means, RandomIds, office_of
from bus.crypto.jws import KeySigner
from bus.crypto.keys import new_key, write_private
from bus.errors import BusError, UnexpectedFailure
from bus.ids import AgencyCode, DossierCode, partition_of
from bus.ports import DeliveryState, EntryKind
from bus.routing import compose
from bus.routing.case import Case, StepState
from bus.routing.chain import Draft, sha256
from bus.routing.machine import Event, advance
from bus.routing.opening import Context
from bus.routing.province import Catalogue
from bus.routing.retry import RetryPolicy
from bus.schemas.base import WireModel
from bus.schemas.catalogue import FROM_AGENCY, DossierEvent
from bus.schemas.directory import KeyAlgorithm
from bus.schemas.step import StepCompletedData
from bus.simulation.turned_clock import LOCAL, TurnedClock
from bus.simulation.workload import START, Filing, plan
from bus.storage.engine import open_engine
from bus.storage.hub import SqlHubStore
from bus.storage.province import load_province
from bus.storage.queries import HubQueries
from bus.telemetry.log import configure_logging
from bus.workers.catalogues import Catalogues
from bus.workers.desk import Desk
from bus.workers.office import Office
from bus.workers.operate import Operator
from bus.workers.verify import verify
from tests.support.postgres import PostgresMissing, drop_database, fresh_database, private_postgres

DEPLOY: Final = Path(__file__).parents[1] / "deploy"
HUB: Final = AgencyCode("H63.01.02")
PARTITIONS: Final = 16
REFORM: Final = date(2025, 7, 1)
NIGHT: Final = datetime(2025, 7, 1, 0, 30, tzinfo=LOCAL)
OPERATOR: Final = Operator("benchmark", "the night of 1 July 2025")
_FILLED: Final = 1000
_PROCEDURE: Final = "1.001731"


def main() -> int:
    """Run the benchmark and return the exit code: 1 where the figures do not count."""
    asked = _arguments()
    configure_logging(json=False, level="warning")
    dossiers = 600 if asked.smoke else asked.dossiers
    try:
        with private_postgres() as server, TemporaryDirectory(prefix="bus-cutover-") as name:
            url = fresh_database(server, "hub")
            result = _run(url, Path(name), dossiers, asked.processes)
            drop_database(url)
    except (BusError, PostgresMissing) as error:
        print(f"cutover: {error}", file=sys.stderr)
        return 3
    print(json.dumps(result, indent=2) if asked.json else _table(result))
    if not asked.smoke:
        _say(f"kept in benchmarks/results/{report.keep(result, 'cutover').name}")
    return 0 if result["verified"] else 1


def _run(url: str, folder: Path, dossiers: int, processes: int) -> dict[str, Any]:
    engine = open_engine(url)
    store = SqlHubStore(engine, PARTITIONS)
    store.prepare()
    clock = TurnedClock(START)
    store.publish(load_province(DEPLOY / "yen-bai"), at=START, actor="benchmark", reason="old")
    key, pem = new_key(HUB, KeyAlgorithm.ES256, START, 3650)
    office = office_of(
        store=store,
        hub=HUB,
        signer=KeySigner(key.kid, pem, key.algorithm),
        partitions=PARTITIONS,
        policy=RetryPolicy(),
        means=Means(clock, RandomIds()),
    )
    _say(f"filling a database with {dossiers} open dossiers")
    _fill(store, office, clock, dossiers)
    clock.turn(NIGHT)
    store.publish(load_province(DEPLOY / "lao-cai-2025"), at=NIGHT, actor="benchmark", reason="new")
    queries = HubQueries(engine)
    before = queries.counts()
    command = _command(folder, url, pem, processes)
    with engine.connect() as connection:
        version = connection.dialect.server_version_info or ()
    facts = report.machine({"postgresql": ".".join(map(str, version))})
    _say(f"the cutover by {processes} processes, killed halfway and run again")
    began = time.perf_counter()
    killed_at = _killed_halfway(command, batches=dossiers // 1000)
    halfway = queries.counts().ledger_entries - before.ledger_entries
    rest = _finished(command)
    seconds = time.perf_counter() - began
    again = _finished(command)
    _say("folding the ledger again")
    checked = verify(queries, Catalogues(store))
    moved = halfway + rest["moved"]
    faults = [*checked.faults]
    if moved != dossiers or again["moved"] or rest["to_decide"] or rest["due_dates_changed"]:
        faults.append(f"{moved} of {dossiers} moved, {again['moved']} again")
    if queries.counts().ledger_entries - before.ledger_entries != dossiers:
        faults.append("the ledger has not one entry for each")
    for fault in faults[:5]:
        print(f"cutover: the figures do not count: {fault}", file=sys.stderr)
    engine.dispose()
    return {
        "seconds": round(seconds, 1),
        "dossiers": dossiers,
        "moved": moved,
        "moved_before_the_kill": halfway,
        "killed_after_seconds": round(killed_at, 1),
        "per_second": round(dossiers / seconds, 1),
        "verified": not faults,
        "settings": {"partitions": PARTITIONS, "batch": 500, "processes": processes},
        "machine": facts,
        "commit": report.commit(),
        "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }


# --- the command ------------------------------------------------------------------------------


def _command(folder: Path, url: str, pem: bytes, processes: int) -> list[str]:
    """Write a hub's configuration, moved to the day, and return the command an operator types."""
    write_private(folder / "hub.pem", pem)
    days = (REFORM - datetime.now(LOCAL).date()).days
    settings = folder / "hub.toml"
    settings.write_text(
        f"""
        [broker]
        url = "amqp://hub@127.0.0.1:1/lienthong"
        [database]
        url = "{url}"
        [hub]
        agency = "{HUB}"
        key_file = "{folder / "hub.pem"}"
        partitions = {PARTITIONS}
        [clock]
        shift_days = {days}
        """,
        encoding="utf-8",
    )
    said = ["--at", f"{REFORM}", "--apply", "--operator", "benchmark", "--reason", "the night"]
    many = ["--processes", str(processes), "--config", str(settings), "--json"]
    return [sys.executable, "-m", "bus", "directory", "cutover", *said, *many]


def _killed_halfway(command: list[str], batches: int) -> float:
    """Kill the command and all its processes after so many batches; return the seconds it had."""
    began = time.perf_counter()
    running = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert running.stderr is not None
    for number, _ in enumerate(running.stderr, start=1):
        if number >= batches:
            break
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    running.stderr.close()
    return time.perf_counter() - began


def _finished(command: list[str]) -> dict[str, Any]:
    """Run the command to its end and return its report."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UnexpectedFailure(f"the cutover ended with {done.returncode}: {done.stderr[-500:]}")
    report: dict[str, Any] = json.loads(done.stdout)
    return report


# --- filling ----------------------------------------------------------------------------------


def _fill(store: SqlHubStore, office: Office, clock: TurnedClock, dossiers: int) -> None:
    """Submit dossiers and let every hand-off arrive; every third is with its district."""
    catalogue = office.catalogues.newest()
    filings = _filings(catalogue, dossiers)
    clock.turn(START + timedelta(days=3))
    for first in range(0, len(filings), _FILLED):
        some = filings[first : first + _FILLED]
        partitions = {partition_of(one.code, PARTITIONS) for one in some}
        with store.transaction(partitions) as transaction:
            desk = Desk(office, transaction, clock.now(), newest=catalogue)
            for number, filing in enumerate(some, start=first):
                case = _take(desk, None, filing.data, filing.code, filing.unit)
                if number % 3 == 0:
                    run = next(run for run in case.steps if run.state is StepState.OPEN)
                    done = StepCompletedData(
                        step=run.id, round=1, outcome="done", completed_at=clock.now()
                    )
                    assert run.agency is not None
                    _take(desk, case, done, filing.code, run.agency)
            for id_ in list(desk.lanes.rows):
                if desk.lanes.rows[id_].state is not DeliveryState.IMPORTED:
                    desk.lanes.settle(id_, DeliveryState.IMPORTED)
            transaction.save(desk.changes())


def _filings(catalogue: Catalogue, dossiers: int) -> Sequence[Filing]:
    planned = plan(catalogue, dossiers=6 * dossiers, seed=5)
    return [one for one in planned if one.data.procedure == _PROCEDURE][:dossiers]


def _take(
    desk: Desk, case: Case | None, data: WireModel, dossier: DossierCode, by: AgencyCode
) -> Case:
    id_ = desk.office.ids.new(desk.now)
    body = compose.dossier_message(
        data, id_=id_, source=by, subject=dossier, sequence=1, time=desk.now
    )
    event: Event = FROM_AGENCY.validate_json(body)  # type: ignore[assignment]
    assert isinstance(event, DossierEvent)
    assert desk.newest is not None
    after, owed = advance(case, event, Context(desk.newest, desk.now, desk.newest))
    draft = Draft(
        kind=EntryKind.MESSAGE,
        id=id_,
        dossier=dossier,
        agency=by,
        type=event.type,
        recorded_at=desk.now,
        catalogue=desk.newest.version,
        body=body,
        jws="",
        digest=sha256(body),
    )
    desk.write(after, owed, draft)
    return after


# --- words ------------------------------------------------------------------------------------


def _table(result: dict[str, Any]) -> str:
    lines = [
        ("open dossiers moved", f"{result['moved']:,}"),
        ("seconds, killed once and run again", f"{result['seconds']:.1f}"),
        ("dossiers a second", f"{result['per_second']:,.0f}"),
        ("nothing twice, ledger holds", "yes" if result["verified"] else "NO"),
    ]
    width = max(len(name) for name, _ in lines)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in lines)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--dossiers", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--smoke", action="store_true", help="small; keeps nothing")
    return parser.parse_args()


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
