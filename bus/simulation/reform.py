"""The province crosses its reform: dossiers begun under three levels come home under two.

They are filed in the last week of June 2025. In the night to 1 July the offices of districts and
old communes close, the new directory is published and the cutover is run; then the same dossiers go
on, and new ones are filed, at any centre of the province for any of its communes.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Final

from bus.bootstrap import office_of
from bus.errors import UnexpectedFailure
from bus.ids import AreaCode, DossierCode
from bus.routing.case import Case
from bus.routing.cutover import ended
from bus.routing.province import Catalogue
from bus.routing.retry import RetryPolicy
from bus.schemas.base import Level
from bus.schemas.directory import AgencyEntry, Role
from bus.schemas.province import Province
from bus.schemas.route import Performer
from bus.simulation.joints import Joints
from bus.simulation.outcome import Crossing, Outcome, outcome_of
from bus.simulation.rehearsal import Progress, turn
from bus.simulation.script import Script
from bus.simulation.turned_clock import LOCAL
from bus.simulation.workload import Filing, commune_units, plan
from bus.simulation.world import PARTITIONS, World, build
from bus.storage.cutover import SqlCutoverReader
from bus.workers.cutover import Cutover, CutoverReport
from bus.workers.operate import Operator

REFORM: Final = date(2025, 7, 1)
JUNE: Final = datetime(2025, 6, 23, 7, 45, tzinfo=LOCAL)
MIDNIGHT: Final = datetime(2025, 7, 1, 0, 30, tzinfo=LOCAL)
_JULY: Final = datetime(2025, 7, 1, 7, 45, tzinfo=LOCAL)
_OPERATOR: Final = Operator("bus demo", "sắp xếp đơn vị hành chính từ 01/7/2025")
_STOPS: Final = datetime(2025, 6, 27, 12, 0, tzinfo=LOCAL)
_PLACE: Final = AreaCode("04636")
"""A commune of the district the scenario plays in."""
_FOR_GOOD: Final = 1_000_000
_PAGE: Final = 500


def cross(
    before: Province,
    after: Province,
    *,
    dossiers: int,
    seed: int,
    folder: Path,
    joints: Joints,
    watch: Callable[[Progress], None],
) -> Outcome:
    """Rehearse the crossing and return what came of it.

    It plays in one district and in what became of it. Two thirds of the dossiers are filed before
    it. The system of the district's labour office stops on the Friday before: hand-offs wait
    for an agency that is no more.

    Raises:
        UnexpectedFailure: Something stayed under way although nothing can happen any more.
    """
    began = time.monotonic()
    old, new = Catalogue(1, before), Catalogue(2, after)
    late = dossiers // 3
    areas = _region(new)
    filed = plan(
        old, dossiers=dossiers - late, seed=seed, start=JUNE, units=_units(old, areas, JUNE)
    )
    filed_after = _anywhere(
        plan(new, dossiers=late, seed=seed, start=_JULY, units=_units(new, areas, _JULY))
    )
    performer = Performer(role=Role.LABOUR_OFFICE, level=Level.DISTRICT)
    down = old.directory.competent(performer, _PLACE, JUNE).code
    world_of = build(
        before,
        Script(seed),
        {},
        folder,
        joints,
        start=JUNE,
        following=after,
        takes_part=lambda entry: entry.level is Level.PROVINCE or not areas.isdisjoint(entry.areas),
    )
    with world_of as world:
        turn(world, filed, watch, until=_STOPS, of=dossiers)
        world.officials[down].outage.attempts_left = _FOR_GOOD
        turn(world, (), watch, until=MIDNIGHT, before=len(filed), of=dossiers)
        world.clock.turn(MIDNIGHT)
        crossing = _midnight(world)
        newest = replace(world, catalogue=Catalogue(2, world.keys.province))
        turn(newest, filed_after, watch, before=len(filed))
        outcome = outcome_of(newest, began=began, down=())
    return replace(outcome, cutover=replace(crossing, filed_after=len(filed_after)))


def _region(new: Catalogue) -> set[AreaCode]:
    """Return the district of `_PLACE` with its communes, and the communes they have become.

    And the old communes and districts that went into those besides.
    """
    places = new.directory.places
    district = places.ancestor(_PLACE, Level.DISTRICT, JUNE.date())
    old = set(places.leaves(JUNE.date())[district]) if district else set()
    heirs = {heir for area in old for heir in places.heirs(area, REFORM)}
    areas = old | heirs
    for area in heirs:
        for chain in places.before(area, REFORM):
            areas |= {AreaCode(unit.code) for unit in chain if unit.level is not Level.PROVINCE}
    return areas


def _units(catalogue: Catalogue, areas: set[AreaCode], at: datetime) -> list[AgencyEntry]:
    """Return the one-stop units of the communes among these areas."""
    return [unit for unit in commune_units(catalogue, at) if unit.area in areas]


def _midnight(world: World) -> Crossing:
    """Close the offices that end, publish the new directory and run the cutover."""
    province = world.keys.province
    world.hub.publish(
        province, at=world.clock.now(), actor=_OPERATOR.actor, reason=_OPERATOR.reason
    )
    for code in ended(Catalogue(2, province).directory, REFORM):
        if code in world.officials:
            world.officials[code].planned.clear()
    office = office_of(
        store=world.hub,
        hub=world.keys.hub,
        signer=world.keys.signers[world.keys.hub],
        partitions=PARTITIONS,
        policy=RetryPolicy(),
        means=world.means,
    )
    before = {case.code: case for case in _open_cases(world)}
    report = Cutover(world.hub, SqlCutoverReader(world.engine), office, world.clock).run(
        REFORM, _OPERATOR, decisions={}
    )
    return _crossing(report, before, {case.code: case for case in _open_cases(world)})


def _crossing(
    report: CutoverReport, before: dict[DossierCode, Case], after: dict[DossierCode, Case]
) -> Crossing:
    if before.keys() != after.keys():
        raise UnexpectedFailure(
            "có hồ sơ mất hoặc thêm khi chuyển / dossiers came or went over the cutover"
        )
    return Crossing(
        at=report.day.isoformat(),
        open_before=len(before),
        moved=report.moved,
        readdressed=report.readdressed,
        dropped=report.dropped,
        kept=report.kept,
        to_decide=len(report.to_decide) + len(report.left),
        filed_after=0,
        due_dates_changed=sum(_dates(case) != _dates(after[code]) for code, case in before.items()),
    )


def _dates(case: Case) -> list[datetime | None]:
    return [case.due_at, *(run.due_at for run in case.steps)]


def _open_cases(world: World) -> Iterator[Case]:
    last = None
    while page := world.queries.cases_page(after=last, limit=_PAGE):
        yield from (case for case in page if case.open)
        last = page[-1].code


def _anywhere(filings: Sequence[Filing]) -> list[Filing]:
    """Let every second dossier be filed at its unit for the commune of the one before."""
    found = list(filings)
    for place in range(1, len(found), 2):
        elsewhere = found[place - 1].data.area
        data = found[place].data.model_copy(update={"area": elsewhere})
        found[place] = replace(found[place], data=data)
    return found
