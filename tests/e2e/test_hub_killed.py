"""The hub is killed in the middle of a run, again and again; the run ends as if it never was."""

from collections import Counter
from pathlib import Path

import pytest

from bus.ids import AgencyCode
from bus.ports import Change
from bus.routing.case import CaseState
from bus.schemas.catalogue import FROM_HUB
from bus.simulation.officials import Planned, Script
from bus.simulation.workload import plan
from bus.workers.catalogues import Catalogues
from bus.workers.verify import verify
from tests.support.live_province import LiveProvince, live_province

DOSSIERS = 24
KILLS_AT = (10, 60, 140, 220)
"""How many ledger entries there are when the hub is killed."""


@pytest.mark.broker
@pytest.mark.database
@pytest.mark.timeout(180)
def test_a_hub_killed_at_any_moment_loses_and_repeats_nothing(
    own_vhost: tuple[str, str], own_database: str, tmp_path: Path
) -> None:
    amqp, account = own_vhost
    with live_province(
        amqp, own_database, tmp_path, script=Script(seed=7), account=account
    ) as province:
        province.hub.start()
        submit(province)
        for entries in KILLS_AT:
            province.wait(
                f"{entries} ledger entries",
                lambda entries=entries: province.queries.counts().ledger_entries >= entries,  # type: ignore[misc]
            )
            province.hub.kill()
            province.hub.start()
        province.wait("all dossiers home", lambda: all_home(province), within=90)
        assert province.hub.stop() == 0

        assert verify(province.queries, Catalogues(province.store)).faults == ()
        assert imported_twice(province) == []
        assert steps_done_twice(province) == []


def submit(province: LiveProvince) -> None:
    """Let citizens hand in their dossiers, all at once."""
    now = province.clock.now()
    for filing in plan(province.catalogue, dossiers=DOSSIERS, seed=7):
        data = filing.data.model_copy(update={"submitted_at": now, "accepted_at": now})
        change = Change(key=filing.code, dossier=filing.code, data=data, cursor="")
        province.officials[filing.unit].planned.append(Planned(now, change))


def all_home(province: LiveProvince) -> bool:
    counts = province.queries.counts()
    done = counts.dossiers.submitted == DOSSIERS and counts.dossiers.open == 0
    unsettled = province.queries.handoffs(state=None, limit=2000)
    return (
        done
        and all(row.state == "imported" for row in unsettled)
        and province.edge.unanswered(list(province.officials)).total() == 0
        and not any(official.planned for official in province.officials.values())
        and not [
            line
            for line in province.queries.dossiers(limit=500)
            if line.state is CaseState.COMPLETED
        ]
    )


def imported_twice(province: LiveProvince) -> list[str]:
    """Return deliveries that came into more than one legacy system, or into none."""
    ids = Counter(str(delivery) for one in province.officials.values() for delivery in one.imported)
    rows = {str(row.id) for row in province.queries.handoffs(limit=5000)}
    twice = [id_ for id_, count in ids.items() if count > 1]
    return sorted([*twice, *(rows - set(ids))])


def steps_done_twice(province: LiveProvince) -> list[tuple[AgencyCode, str, str, int]]:
    """Return hand-overs of the same step and round that came under two ids."""
    seen: Counter[tuple[AgencyCode, str, str, int]] = Counter()
    for line in province.queries.handoffs(limit=5000):
        row = province.queries.handoff(line.id)
        assert row is not None
        if row.step is not None and row.round is not None:
            message = FROM_HUB.validate_json(row.body)
            assert message.id == row.id
            seen[row.agency, row.dossier, row.step, row.round] += 1
    return [key for key, count in seen.items() if count > 1]
