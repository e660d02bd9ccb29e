"""What a province publishes: directory, routes and calendar refuse what contradicts itself."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from pydantic import ValidationError

from bus.ids import Account, AgencyCode, AreaCode, KeyId, ProcedureCode, StepId
from bus.schemas.base import Level
from bus.schemas.calendar import CalendarDay, CalendarTable, DayKind, Shift
from bus.schemas.directory import (
    AgencyEntry,
    DirectoryTable,
    KeyAlgorithm,
    Role,
    SigningKey,
    Unit,
)
from bus.schemas.province import Province
from bus.schemas.route import (
    Bilingual,
    LimitUnit,
    Performer,
    Receiving,
    Route,
    RouteStep,
    StepKind,
    TimeLimit,
)

FIRST, LAST = date(2025, 1, 1), date(2025, 6, 30)
JWK = {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}


def unit(**changes: Any) -> Unit:
    fields: dict[str, Any] = {
        "code": "15",
        "name": "Tỉnh Mẫu",
        "level": Level.PROVINCE,
        "valid_from": FIRST,
    }
    return Unit(**(fields | changes))


def agency(**changes: Any) -> AgencyEntry:
    fields: dict[str, Any] = {
        "code": "H63.01",
        "name": "Cơ quan Mẫu",
        "level": Level.PROVINCE,
        "roles": (Role.HUB,),
        "area": "15",
        "valid_from": FIRST,
    }
    return AgencyEntry(**(fields | changes))


def key(**changes: Any) -> SigningKey:
    fields: dict[str, Any] = {
        "kid": "k1",
        "agency": "H63.01",
        "algorithm": KeyAlgorithm.ES256,
        "jwk": JWK,
        "valid_from": datetime(2025, 1, 1, tzinfo=UTC),
    }
    return SigningKey(**(fields | changes))


def directory(**changes: Any) -> DirectoryTable:
    fields: dict[str, Any] = {"units": (unit(),), "agencies": (agency(),), "keys": (key(),)}
    return DirectoryTable(**(fields | changes))


def task(name: str, *needs: str) -> RouteStep:
    return RouteStep(
        id=StepId(name),
        name=Bilingual(vi="Bước", en="Step"),
        performer=Performer(role=Role.TAX, level=Level.DISTRICT),
        needs=tuple(StepId(need) for need in needs),
        task="Thẩm định",
    )


def route(*steps: RouteStep) -> Route:
    return Route(
        procedure=ProcedureCode("2.000286"),
        version=1,
        name=Bilingual(vi="Thủ tục", en="Procedure"),
        basis=("Nghị định 61/2018/NĐ-CP",),
        receiving=(Receiving(level=Level.COMMUNE),),
        total=TimeLimit(amount=7, unit=LimitUnit.WORKING_DAY),
        steps=steps or (task("appraise"),),
        valid_from=FIRST,
    )


def day(on: date, kind: DayKind) -> CalendarDay:
    return CalendarDay(day=on, kind=kind, name="Ngày", basis="Thông báo")


def calendar(*days: CalendarDay, office_hours: tuple[Shift, ...] | None = None) -> CalendarTable:
    return CalendarTable(
        version=1,
        timezone="Asia/Ho_Chi_Minh",
        first_year=2025,
        last_year=2025,
        office_hours=office_hours or (Shift(opens=time(7), closes=time(11)),),
        forward_cutoff=time(15),
        days=days,
    )


# --- directory -------------------------------------------------------------------------------


def test_a_validity_holds_both_its_days() -> None:
    lasting, ended = unit(), unit(valid_to=LAST)

    assert [lasting.covers(on) for on in (date(2024, 12, 31), FIRST, date(2099, 1, 1))] == [
        False,
        True,
        True,
    ]
    assert [ended.covers(on) for on in (LAST, date(2025, 7, 1))] == [True, False]


def test_a_key_counts_between_its_moments() -> None:
    begin, end = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 6, 30, tzinfo=UTC)

    assert key().covers(end)
    assert key(valid_to=end).covers(end)
    assert not key(valid_to=begin).covers(end)
    assert not key(valid_from=end).covers(begin)


def test_an_agencys_account_is_its_slug_unless_the_directory_names_another() -> None:
    assert agency(code="H63.140.05").broker_account == "h63-140-05"
    assert agency(account=Account("node-7")).broker_account == "node-7"


@pytest.mark.parametrize("part", ["d", "p", "q", "dp", "dq", "qi", "k"])
def test_a_private_part_of_a_key_is_never_published(part: str) -> None:
    with pytest.raises(ValidationError, match="private part"):
        key(jwk=JWK | {part: "AA"})


def test_a_directory_that_agrees_with_itself_is_taken() -> None:
    table = directory(
        units=(unit(), unit(code=AreaCode("140"), parent="15")),
        agencies=(agency(), agency(code=AgencyCode("H63.02"), successor="H63.01")),
    )

    assert len(table.agencies) == 2


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"units": (unit(parent="99"),)}, "unit 15: its parent 99 is not listed"),
        ({"agencies": (agency(area="99"),)}, "agency H63.01: its area 99 is not listed"),
        ({"agencies": (agency(successor="H63.99"),)}, "successor H63.99 is not listed"),
        ({"keys": (key(agency="H63.99"),)}, "key k1: agency H63.99 is not listed"),
        ({"agencies": (agency(), agency())}, "agency code H63.01 stands twice"),
        ({"keys": (key(), key(kid=KeyId("k1")))}, "key id k1 stands twice"),
        (
            {
                "agencies": (
                    agency(aliases=("000.00.01.H63",)),
                    agency(code="H63.02", aliases=("000.00.01.H63",)),
                )
            },
            "alias 000.00.01.H63 stands twice",
        ),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_a_directory_that_contradicts_itself_is_refused(
    changes: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValidationError, match=complaint):
        directory(**changes)


# --- routes ----------------------------------------------------------------------------------


def test_a_wait_has_no_performer_and_a_task_has_one() -> None:
    wait = RouteStep(
        id=StepId("wait"), name=Bilingual(vi="Chờ", en="Wait"), kind=StepKind.AWAIT_PAYMENT
    )

    assert route(task("appraise"), wait).steps[1] == wait
    with pytest.raises(ValidationError, match="a task names a performer and a task text"):
        RouteStep(id=StepId("bare"), name=wait.name)
    with pytest.raises(ValidationError, match="a wait has no performer"):
        RouteStep(
            id=StepId("wait"),
            name=wait.name,
            kind=StepKind.AWAIT_PAYMENT,
            performer=task("appraise").performer,
        )


def test_a_step_stands_once_and_needs_only_steps() -> None:
    assert len(route(task("appraise"), task("decide", "appraise")).steps) == 2
    with pytest.raises(ValidationError, match="a step id stands twice"):
        route(task("appraise"), task("appraise"))
    with pytest.raises(ValidationError, match="step decide: needs nothing_such, which is no step"):
        route(task("decide", "nothing_such"))


# --- calendar --------------------------------------------------------------------------------

NEW_YEAR = day(date(2025, 1, 1), DayKind.HOLIDAY)
FRIDAY_OFF = day(date(2025, 5, 2), DayKind.SWAPPED_OFF)
SATURDAY_WORKED = day(date(2025, 4, 26), DayKind.MAKEUP_WORKDAY)
HOLIDAY_ON_SUNDAY = day(date(2025, 2, 2), DayKind.HOLIDAY)


def test_a_calendar_with_a_swap_is_taken() -> None:
    table = calendar(NEW_YEAR, HOLIDAY_ON_SUNDAY, SATURDAY_WORKED, FRIDAY_OFF)

    assert len(table.days) == 4


@pytest.mark.parametrize(
    "days",
    [
        (FRIDAY_OFF, NEW_YEAR),
        (NEW_YEAR, NEW_YEAR),
        (day(date(2025, 4, 26), DayKind.SWAPPED_OFF),),
        (day(date(2025, 5, 2), DayKind.MAKEUP_WORKDAY),),
    ],
    ids=["out of order", "twice", "Saturday off", "Friday worked"],
)
def test_days_are_in_order_once_and_of_a_kind_they_can_be(days: tuple[CalendarDay, ...]) -> None:
    with pytest.raises(ValidationError):
        calendar(*days)


def test_a_shift_opens_before_it_closes() -> None:
    with pytest.raises(ValidationError, match="opens before it closes"):
        Shift(opens=time(11), closes=time(11))


def test_office_hours_do_not_overlap() -> None:
    morning = Shift(opens=time(7), closes=time(11))
    noon = Shift(opens=time(10), closes=time(17))
    afternoon = Shift(opens=time(11), closes=time(17))

    assert calendar(office_hours=(morning, afternoon)).office_hours == (morning, afternoon)
    with pytest.raises(ValidationError, match="overlap"):
        calendar(office_hours=(morning, noon))


# --- the whole -------------------------------------------------------------------------------


def test_a_province_publishes_a_route_once_per_version() -> None:
    second = route().model_copy(update={"version": 2})

    def province(*routes: Route) -> Province:
        return Province(
            name="Tỉnh Mẫu", directory=directory(), routes=routes, calendar=calendar(NEW_YEAR)
        )

    assert len(province(route(), second).routes) == 2
    with pytest.raises(ValidationError, match=r"route 2\.000286 version 1 stands twice"):
        province(route(), route())
