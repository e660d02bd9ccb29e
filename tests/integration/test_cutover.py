"""The day agencies end, on both databases: nothing is lost, nothing moves twice, no date moves."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine

from bus.errors import ActRefused, PerformerMismatch, StorageUnavailable
from bus.ids import AgencyCode, AreaCode, DossierCode, Partition
from bus.ports import DeliveryState, HubTransaction
from bus.routing.acts import ActKind, load
from bus.routing.case import StepState
from bus.routing.forms.chronicle import chronicle
from bus.routing.forms.issue import Order, issue
from bus.routing.forms.kinds import FormKind
from bus.schemas.base import Channel, Level
from bus.schemas.directory import Role
from bus.schemas.dossier import (
    Component,
    CopyKind,
    DossierReturnedData,
    DossierSupplementedData,
    DossierWithdrawnData,
)
from bus.schemas.province import Province
from bus.schemas.recall import RecallAgreedData, RecallRequestedData
from bus.schemas.request import SupplementItem, SupplementRequestedData
from bus.schemas.route import Receiving, ReceivingScope
from bus.simulation.turned_clock import LOCAL
from bus.storage.hub import SqlHubStore
from tests.support.reform import EAST, REFORM, WEST, a_reformed_directory
from tests.support.reform_town import JULY, LAN, Town, codes_of
from tests.support.small_province import NAM_BUNG, a_province, a_route, a_step

BIRTH = "2.002621"
GIA_HOI_UNIT, GIA_HOI_AREA = "H63.140.05", "04636"
NEW_COMMITTEE, NEW_CENTRE, NEW_OFFICE = "H63.285", "H63.285.01", "H63.285.04"


@pytest.fixture
def town(hub_engine: Engine) -> Town:
    """A hub that runs Yên Bái with its districts, on 26 June 2025."""
    return Town(hub_engine)


def a_code(number: int, unit: str = GIA_HOI_UNIT) -> str:
    return f"{unit}-250626-{number:04d}"


def moved(town: Town) -> tuple[int, int]:
    report = town.cutover().run(REFORM, LAN, decisions={})
    assert report.whole
    assert report.due_dates_changed == 0
    return report.moved, report.readdressed


# --- what moves -------------------------------------------------------------------------------


@pytest.mark.parametrize("in_hand", [False, True])
def test_an_open_step_goes_to_whoever_took_over_with_its_deadline(
    town: Town, *, in_hand: bool
) -> None:
    dossier = town.submit(a_code(1))
    if in_hand:
        town.import_all(dossier)
        town.receive(dossier, "commune_forward")
    before = town.case(dossier)
    town.reform()

    assert moved(town) == (1, 0)

    after = town.case(dossier)
    run = town.run(dossier, "commune_forward")
    assert (run.agency, run.state) == (NEW_COMMITTEE, StepState.OPEN)
    assert (after.due_at, run.due_at) == (before.due_at, before.steps[0].due_at)
    assert after.receiving_unit == NEW_CENTRE
    old, slip, status = town.rows(dossier)
    assert old.state is (DeliveryState.IMPORTED if in_hand else DeliveryState.REROUTED)
    assert (slip.agency, slip.type, slip.origin) == (NEW_COMMITTEE, "step.requested", old.id)
    assert (status.agency, status.type) == (NEW_CENTRE, "dossier.status")
    assert town.faults() == ()


def test_a_districts_step_goes_to_the_office_of_the_dossiers_commune(town: Town) -> None:
    dossier = town.submit(a_code(1))
    town.complete(dossier, "commune_forward")
    town.reform()

    moved(town)

    assert town.run(dossier, "district_decide").agency == NEW_OFFICE
    assert town.faults() == ()


def test_what_waits_for_an_agency_that_ended_is_re_addressed(town: Town) -> None:
    dossier = town.submit(a_code(1))
    town.complete(dossier, "commune_forward")
    town.complete(dossier, "district_decide")
    waiting = [row for row in town.rows(dossier) if row.step is None]
    assert {row.agency for row in waiting} == {GIA_HOI_UNIT, "H63.140"}
    town.reform()

    assert moved(town) == (0, len(waiting))

    rows = town.rows(dossier)
    again = [row for row in rows if row.origin is not None]
    assert sorted(row.type for row in again) == sorted(row.type for row in waiting)
    assert {row.agency for row in again} == {NEW_CENTRE}
    assert {row.state for row in rows if row.origin is None} == {
        DeliveryState.REROUTED,
        DeliveryState.DISCARDED,
    }
    assert town.faults() == ()


def test_what_the_citizen_is_asked_for_is_told_to_the_new_centre_once(town: Town) -> None:
    """The old unit has the request on its desk, and the desk is gone."""
    dossier = town.submit(a_code(1))
    run = town.run(dossier, "commune_forward")
    for number in (1, 2):
        ask = SupplementRequestedData(
            step=run.id,
            round=number,
            items=(SupplementItem(content=f"Giấy tờ {number}"),),
            reason="Thiếu giấy tờ",
            requested_at=town.clock.now(),
        )
        town.say(dossier, ask, by=AgencyCode(GIA_HOI_UNIT))
        if number == 1:
            paper = Component(code="BO-SUNG", name="Giấy tờ", kind=CopyKind.COPY, quantity=1)
            more = DossierSupplementedData(components=(paper,), accepted_at=town.clock.now())
            town.say(dossier, more, by=AgencyCode(GIA_HOI_UNIT))
    town.import_all(dossier)
    town.reform()

    assert moved(town) == (0, 1)
    assert moved(town) == (0, 0)

    asked = [row for row in town.rows(dossier) if row.type == "supplement.requested"]
    assert [(row.agency, row.origin) for row in asked] == [
        (GIA_HOI_UNIT, None),
        (GIA_HOI_UNIT, None),
        (NEW_CENTRE, asked[1].id),
    ]
    assert town.case(dossier).receiving_unit == NEW_CENTRE
    paper = Component(code="BO-SUNG-2", name="Giấy tờ", kind=CopyKind.COPY, quantity=1)
    more = DossierSupplementedData(components=(paper,), accepted_at=town.clock.now())
    town.say(dossier, more, by=AgencyCode(NEW_CENTRE))
    assert town.run(dossier, "commune_forward").agency == NEW_COMMITTEE
    assert town.faults() == ()


def test_a_step_the_old_unit_took_back_is_told_to_the_new_centre_which_sends_it_again(
    town: Town,
) -> None:
    dossier = town.submit(a_code(1))
    town.complete(dossier, "commune_forward")
    run, at = town.run(dossier, "district_decide"), town.clock.now()
    wanted = RecallRequestedData(step=run.id, round=1, reason="Thiếu giấy tờ.", requested_at=at)
    town.say(dossier, wanted, by=AgencyCode(GIA_HOI_UNIT))
    assert run.agency is not None
    town.say(dossier, RecallAgreedData(step=run.id, round=1, agreed_at=at), by=run.agency)
    town.import_all(dossier)
    town.reform()

    assert moved(town) == (0, 1)
    assert moved(town) == (0, 0)

    told = [row.agency for row in town.rows(dossier) if row.type == "recall.answered"]
    assert told == [GIA_HOI_UNIT, NEW_CENTRE]
    town.say(dossier, _papers(town), by=AgencyCode(NEW_CENTRE))
    assert town.run(dossier, "district_decide").agency == NEW_OFFICE
    assert town.faults() == ()


def test_a_question_survives_what_happens_between_midnight_and_the_cutover(town: Town) -> None:
    """Another agency's message does not make the new centre the one who was asked."""
    dossier = town.submit(a_code(1), BIRTH)
    town.complete(dossier, "birth")
    _ask(town, dossier, "residence")
    town.reform()
    town.receive(dossier, "health_card")

    assert moved(town)[1] == 1

    asked = [row.agency for row in town.rows(dossier) if row.type == "supplement.requested"]
    assert asked == [GIA_HOI_UNIT, NEW_CENTRE]
    assert town.faults() == ()


@pytest.mark.parametrize("who", [GIA_HOI_UNIT, NEW_CENTRE])
def test_before_the_cutover_either_unit_may_bring_what_the_citizen_was_asked_for(
    town: Town, who: str
) -> None:
    """The old one's answer lay in its outbox over midnight; the new one may know by itself."""
    dossier = town.submit(a_code(1))
    _ask(town, dossier, "commune_forward")
    town.reform()

    town.say(dossier, _papers(town), by=AgencyCode(who))

    assert town.run(dossier, "commune_forward").agency == NEW_COMMITTEE
    assert town.faults() == ()


def _ask(town: Town, dossier: DossierCode, step: str) -> None:
    """Let who has a step ask for more; the question arrives."""
    run = town.run(dossier, step)
    assert run.agency is not None
    ask = SupplementRequestedData(
        step=run.id,
        round=1,
        items=(SupplementItem(content="Giấy tờ"),),
        reason="Thiếu giấy tờ",
        requested_at=town.clock.now(),
    )
    town.say(dossier, ask, by=run.agency)
    town.import_all(dossier)


def _papers(town: Town) -> DossierSupplementedData:
    paper = Component(code="BO-SUNG", name="Giấy tờ", kind=CopyKind.COPY, quantity=1)
    return DossierSupplementedData(components=(paper,), accepted_at=town.clock.now())


def test_a_sheet_comes_from_the_unit_there_was_when_it_happened(town: Town) -> None:
    dossier = town.submit(a_code(1))
    town.reform()
    moved(town)
    town.complete(dossier, "commune_forward")
    history = chronicle(town.queries.entries_of([dossier]), town.office.catalogues.version)

    def headed(kind: FormKind) -> AgencyCode:
        return issue(Order(kind), history, town.clock.now(), str).heading.agency

    assert headed(FormKind.RECEIPT) == GIA_HOI_UNIT
    assert headed(FormKind.CONTROL_SLIP) == NEW_CENTRE


def test_a_slip_nobody_waits_for_any_more_is_dropped(town: Town) -> None:
    dossier = town.submit(a_code(1))
    town.say(
        dossier,
        DossierWithdrawnData(reason="Đổi ý", withdrawn_at=town.clock.now()),
        by=AgencyCode(GIA_HOI_UNIT),
    )
    town.reform()

    report = town.cutover().run(REFORM, LAN, decisions={})

    assert (report.moved, report.dropped, report.readdressed) == (0, 2, 1)
    assert town.faults() == ()


def test_a_step_at_an_agency_that_goes_on_stays_where_it_is(town: Town) -> None:
    dossier = town.submit(a_code(1), "2.000286")
    for step, outcome in (
        ("commune_review", "done"),
        ("district_appraise", "done"),
        ("district_decide", "forward_province"),
        ("province_appraise", "done"),
    ):
        town.complete(dossier, step, outcome=outcome)
    facility = town.run(dossier, "facility_decide").agency
    town.reform()

    report = town.cutover().run(REFORM, LAN, decisions={})

    assert (report.moved, report.kept) == (0, 1)
    assert town.run(dossier, "facility_decide").agency == facility


def test_the_ledger_says_of_every_moved_step_who_moved_it_and_why(town: Town) -> None:
    dossiers = [town.submit(a_code(number)) for number in (1, 2, 3)]
    town.reform()

    moved(town)

    for dossier in dossiers:
        act = load(town.queries.entries_of([dossier])[-1].body)
        assert (act.act, act.to, act.actor) == (ActKind.REROUTE, NEW_COMMITTEE, LAN.actor)
        assert act.reason == LAN.reason


# --- after it ---------------------------------------------------------------------------------


def test_the_dossier_comes_home_to_the_new_centre_which_hands_the_result_over(town: Town) -> None:
    dossier = town.submit(a_code(1))
    town.reform()
    moved(town)

    town.complete(dossier, "commune_forward")
    town.complete(dossier, "district_decide", by=NEW_OFFICE)

    home = next(row for row in town.rows(dossier) if row.type == "dossier.completed")
    assert home.agency == NEW_CENTRE
    returned = DossierReturnedData(returned_at=town.clock.now(), channel=Channel.DIRECT)
    with pytest.raises(PerformerMismatch):
        town.say(dossier, returned, by=AgencyCode(GIA_HOI_UNIT))
    town.say(dossier, returned, by=AgencyCode(NEW_CENTRE))
    assert town.case(dossier).state == "returned"
    assert town.faults() == ()


def test_the_old_agency_cannot_answer_a_step_that_was_moved(town: Town) -> None:
    dossier = town.submit(a_code(1))
    town.reform()
    moved(town)

    with pytest.raises(PerformerMismatch):
        town.complete(dossier, "commune_forward", by=GIA_HOI_UNIT)


def test_a_commune_that_answers_after_its_last_day_before_the_cutover_is_heard(town: Town) -> None:
    """Its message lay in its outbox over midnight; the next step opens at whoever took over."""
    dossier = town.submit(a_code(1))
    town.reform()

    town.complete(dossier, "commune_forward", by=GIA_HOI_UNIT)

    assert town.run(dossier, "district_decide").agency == NEW_OFFICE
    assert town.case(dossier).catalogue == 1
    assert town.faults() == ()


def test_a_dossier_accepted_on_the_last_day_that_arrives_the_day_after_goes_on(town: Town) -> None:
    town.reform(at=datetime(2025, 7, 1, 9, tzinfo=LOCAL))

    dossier = town.submit(
        "H63.140.05-250630-0001", accepted=datetime(2025, 6, 30, 16, tzinfo=LOCAL)
    )

    case = town.case(dossier)
    assert (case.catalogue, case.route_version, case.receiving_unit) == (2, 1, GIA_HOI_UNIT)
    assert town.run(dossier, "commune_forward").agency == NEW_COMMITTEE
    town.complete(dossier, "commune_forward")
    assert town.case(dossier).receiving_unit == NEW_CENTRE
    assert town.faults() == ()


def test_any_centre_of_the_province_may_file_for_any_commune(town: Town) -> None:
    town.reform(at=JULY + timedelta(hours=9))

    dossier = town.submit("H63.201.01-250701-0001", area=GIA_HOI_AREA)

    case = town.case(dossier)
    assert (case.route_version, case.receiving_unit) == (2, "H63.201.01")
    assert case.steps[0].agency == NEW_OFFICE


# --- again, halfway, only looking -------------------------------------------------------------


def test_a_second_run_moves_nothing(town: Town) -> None:
    town.submit(a_code(1))
    town.reform()
    moved(town)
    entries = town.entries()

    report = town.cutover().run(REFORM, LAN, decisions={})

    assert (report.dossiers, report.moved, report.kept) == (0, 0, 1)
    assert town.entries() == entries


class _Dying(SqlHubStore):
    """A store whose third transaction does not come through, as when the machine is killed."""

    left = 2

    @contextmanager
    def transaction(self, partitions: Collection[Partition]) -> Iterator[HubTransaction]:
        with super().transaction(partitions) as transaction:
            yield transaction
            self.left -= 1
            if self.left < 0:
                raise StorageUnavailable("killed")


def test_killed_halfway_it_goes_on_and_moves_nothing_twice(town: Town, hub_engine: Engine) -> None:
    dossiers = [town.submit(a_code(number)) for number in range(1, 7)]
    town.reform()
    told: list[int] = []

    with pytest.raises(StorageUnavailable):
        town.cutover(_Dying(hub_engine, 4)).run(
            REFORM, LAN, decisions={}, batch=2, watch=lambda so_far: told.append(so_far.moved)
        )
    half = [dossier for dossier in dossiers if len(town.rows(dossier)) > 1]
    rest = town.cutover().run(REFORM, LAN, decisions={}, batch=2)

    assert (told, len(half), rest.moved) == ([2, 4], 4, 2)
    for dossier in dossiers:
        slips = [row.agency for row in town.rows(dossier) if row.type == "step.requested"]
        assert slips == [GIA_HOI_UNIT, NEW_COMMITTEE]
    assert town.faults() == ()


def test_only_looking_changes_nothing_and_says_the_same(town: Town) -> None:
    dossier = town.submit(a_code(1))
    town.submit(a_code(2))
    town.reform()
    before = (town.entries(), codes_of(town.rows(dossier)))

    looked = town.cutover().run(REFORM, None, decisions={})

    assert (town.entries(), codes_of(town.rows(dossier))) == before
    done = town.cutover().run(REFORM, LAN, decisions={})
    assert (looked.moved, looked.dossiers, looked.kept) == (done.moved, done.dossiers, done.kept)
    assert (looked.applied, done.applied) == (False, True)


def test_before_the_day_one_may_look_and_not_act(town: Town) -> None:
    town.submit(a_code(1))
    town.reform(at=datetime(2025, 6, 30, 18, tzinfo=LOCAL))

    assert town.cutover().run(REFORM, None, decisions={}).moved == 1
    with pytest.raises(ActRefused, match="has not come"):
        town.cutover().run(REFORM, LAN, decisions={})


def test_a_directory_that_ends_nobody_has_no_cutover(town: Town) -> None:
    with pytest.raises(ActRefused, match="ends no agency before 2025-01-01"):
        town.cutover().run(date(2025, 1, 1), LAN, decisions={})


# --- a commune that was divided ---------------------------------------------------------------


def small(*, reformed: bool) -> Province:
    """The small province: one route, which ends with the districts."""
    old = a_route(
        a_step("look"),
        a_step("tax", Role.TAX, level=Level.DISTRICT, needs=("look",)),
        procedure="1.001731",
    )
    new = a_route(
        a_step("look"),
        procedure="1.001731",
        version=2,
        valid_from=REFORM,
        valid_to=None,
        receiving=(Receiving(level=Level.COMMUNE, scope=ReceivingScope.PROVINCE),),
    )
    if not reformed:
        return a_province(old)
    return a_province(old, new, directory=a_reformed_directory())


@pytest.fixture
def divided(hub_engine: Engine) -> tuple[Town, DossierCode]:
    """A dossier of Nậm Búng on the day it was divided."""
    town = Town(hub_engine, small(reformed=False))
    dossier = town.submit("H63.04639-250626-0001", area=NAM_BUNG)
    town.reform(small(reformed=True))
    return town, dossier


def test_a_dossier_of_a_divided_commune_stays_and_is_listed_with_a_proposal(
    divided: tuple[Town, DossierCode],
) -> None:
    town, dossier = divided

    report = town.cutover().run(REFORM, LAN, decisions={})

    (undecided,) = report.to_decide
    assert (undecided.dossier, undecided.parts, undecided.usual) == (dossier, (EAST, WEST), EAST)
    assert (report.whole, report.moved, report.kept, undecided.steps) == (False, 0, 0, 1)
    assert town.run(dossier, "look").agency == "H63.04639"


@pytest.mark.parametrize("by_area", [False, True])
def test_a_decision_places_the_dossier_for_good(
    divided: tuple[Town, DossierCode], *, by_area: bool
) -> None:
    town, dossier = divided

    report = town.cutover().run(REFORM, LAN, decisions={NAM_BUNG if by_area else dossier: WEST})

    assert (report.whole, report.placed, report.moved) == (True, 1, 1)
    assert (town.case(dossier).area, town.run(dossier, "look").agency) == (WEST, "H63.90002N")
    town.complete(dossier, "look")
    assert town.run(dossier, "tax").agency == "G12.18.2"
    assert town.faults() == ()


def test_a_decision_for_somewhere_else_decides_nothing(
    divided: tuple[Town, DossierCode],
) -> None:
    town, dossier = divided

    report = town.cutover().run(REFORM, LAN, decisions={dossier: AreaCode("04636")})

    assert len(report.to_decide) == 1


def test_nobody_to_take_over_is_said(hub_engine: Engine) -> None:
    town = Town(hub_engine, small(reformed=False))
    dossier = town.submit("H63.04747-250626-0001", area="04747")
    entries = a_reformed_directory().agencies
    lost = tuple(entry for entry in entries if entry.code != "H63.04636N")
    directory = a_reformed_directory(agencies=lost)
    town.reform(small(reformed=True).model_copy(update={"directory": directory}))

    report = town.cutover().run(REFORM, LAN, decisions={})

    left = [(one.dossier, one.agency, one.step, one.why) for one in report.left]
    assert left == [(dossier, "H63.04747", "look", "competence.none")]
    assert (report.whole, report.moved, report.kept) == (False, 0, 0)


def test_shares_move_everything_between_them_and_nothing_twice(town: Town) -> None:
    dossiers = [town.submit(a_code(number)) for number in range(1, 9)]
    town.reform()

    first, second = (
        town.cutover().run(REFORM, LAN, decisions={}, batch=2, share=(part, 2)) for part in (0, 1)
    )

    assert first.moved + second.moved == len(dossiers)
    assert 0 < first.moved < len(dossiers)
    first.add(second)
    assert (first.active, first.kept) == (len(dossiers), 0)
    assert town.faults() == ()
