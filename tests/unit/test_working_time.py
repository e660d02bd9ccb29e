"""Offices that work other hours than the province: Saturdays, shifts, the start and end of a limit.

20 January 2025 is a Monday; the province works 07:30-11:30 and 13:30-17:00, cut-off 15:00.
"""

from datetime import date, time
from typing import Any

import pytest
from pydantic import ValidationError

from bus.ids import AgencyCode
from bus.routing.clock import WorkingCalendar, due_at, pushed, working_days_before
from bus.routing.day import PlainDay, working_times
from bus.routing.province import Catalogue
from bus.schemas.base import Level
from bus.schemas.calendar import CalendarTable, Counting, SaturdayHours, Shift, WorkingTime
from tests.support.small_province import a_province, days, local, moment, tet_2025_and_2026
from tests.support.walking import Walk, yen_bai

MORNING = Shift(opens=time(7, 30), closes=time(11, 30))
CENTRE = AgencyCode("H63.01")
LABOUR = AgencyCode("H63.05")
COMMUNE = AgencyCode("H63.04636")


def own(**changes: Any) -> WorkingTime:
    """The centre's own working time, in force since 2025 unless changed."""
    told: dict[str, Any] = {
        "name": "Bộ phận Một cửa làm việc sáng thứ Bảy",
        "basis": "Quyết định mẫu 10/QĐ-UBND",
        "agencies": (CENTRE,),
        "valid_from": date(2025, 1, 1),
    }
    return WorkingTime(**(told | changes))


def saturdays(*, counts: bool) -> SaturdayHours:
    return SaturdayHours(shifts=(MORNING,), counts=counts)


def rule(**changes: Any) -> Counting:
    return Counting(basis="Quyết định mẫu 11/QĐ-UBND", **changes)


def table(*times: WorkingTime, **changes: Any) -> CalendarTable:
    return CalendarTable(**(dict(tet_2025_and_2026()) | {"working_times": times} | changes))


def worked(*times: WorkingTime, **changes: Any) -> WorkingCalendar:
    return WorkingCalendar(table(*times, **changes), times)


RECEIVING_ONLY = worked(own(saturday=saturdays(counts=False)))
COUNTING = worked(own(saturday=saturdays(counts=True)))


# --- Saturdays -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "unit", "amount", "due"),
    [
        pytest.param("18/01/2025 09:00", "working_day", 1, "20/01/2025 17:00", id="received then"),
        pytest.param("18/01/2025 11:30", "working_day", 1, "20/01/2025 17:00", id="at closing"),
        pytest.param("18/01/2025 11:31", "working_day", 1, "21/01/2025 17:00", id="doors shut"),
        pytest.param(
            "17/01/2025 09:00", "working_day", 1, "20/01/2025 17:00", id="not a day of it"
        ),
        pytest.param("17/01/2025 15:30", "working_day", 1, "20/01/2025 17:00", id="late on Friday"),
        pytest.param("19/01/2025 09:00", "working_day", 1, "21/01/2025 17:00", id="on Sunday"),
        pytest.param(
            "17/01/2025 09:00", "calendar_day", 1, "20/01/2025 17:00", id="last day moves"
        ),
        pytest.param("18/01/2025 09:00", "calendar_day", 2, "20/01/2025 17:00", id="two days on"),
        pytest.param(
            "17/01/2025 16:00", "working_hour", 2, "20/01/2025 08:30", id="no hours of it"
        ),
        pytest.param("18/01/2025 09:00", "working_hour", 1, "20/01/2025 08:30", id="hours wait"),
    ],
)
def test_a_saturday_that_only_receives_starts_limits_and_is_no_day_of_them(
    start: str, unit: str, amount: int, due: str
) -> None:
    assert local(due_at(moment(start), days(unit, amount), RECEIVING_ONLY)) == due


@pytest.mark.parametrize(
    ("start", "unit", "amount", "due"),
    [
        pytest.param("17/01/2025 09:00", "working_day", 1, "18/01/2025 11:30", id="the last day"),
        pytest.param("17/01/2025 09:00", "working_day", 2, "20/01/2025 17:00", id="one of two"),
        pytest.param("17/01/2025 15:30", "working_day", 1, "20/01/2025 17:00", id="late on Friday"),
        pytest.param("18/01/2025 09:00", "working_day", 1, "20/01/2025 17:00", id="received then"),
        pytest.param("17/01/2025 09:00", "calendar_day", 1, "18/01/2025 11:30", id="calendar day"),
        pytest.param("17/01/2025 16:00", "working_hour", 2, "18/01/2025 08:30", id="hours"),
        pytest.param("17/01/2025 16:00", "working_hour", 6, "20/01/2025 08:30", id="four hours"),
        pytest.param(
            "24/01/2025 09:00", "working_day", 2, "03/02/2025 17:00", id="a holiday stays"
        ),
        pytest.param("01/02/2025 09:00", "working_day", 1, "04/02/2025 17:00", id="shut on mùng 4"),
        pytest.param("25/04/2025 09:00", "working_day", 1, "26/04/2025 17:00", id="made up whole"),
    ],
)
def test_a_saturday_that_counts_is_half_a_day_of_hours_and_one_day_of_days(
    start: str, unit: str, amount: int, due: str
) -> None:
    assert local(due_at(moment(start), days(unit, amount), COUNTING)) == due


def test_a_pause_over_a_saturday_gives_back_its_morning_where_it_counts() -> None:
    situation = {
        "paused_at": moment("17/01/2025 17:00"),
        "resumed_at": moment("18/01/2025 11:30"),
    }

    counted = pushed(moment("20/01/2025 11:30"), **situation, calendar=COUNTING)
    received = pushed(moment("20/01/2025 11:30"), **situation, calendar=RECEIVING_ONLY)

    assert local(counted) == "21/01/2025 08:00"
    assert local(received) == "20/01/2025 11:30"


def test_a_warning_may_fall_on_a_saturday_that_counts() -> None:
    due = moment("20/01/2025 17:00")

    assert local(working_days_before(due, 1, COUNTING)) == "18/01/2025 07:30"
    assert local(working_days_before(due, 1, RECEIVING_ONLY)) == "17/01/2025 07:30"


def test_an_open_saturday_is_explained_by_the_offices_own_decision() -> None:
    facts = RECEIVING_ONLY.explain(date(2025, 1, 18))

    assert (facts.kind, facts.working, facts.hours) == (PlainDay.OPEN_SATURDAY, False, (MORNING,))
    assert facts.name == "Bộ phận Một cửa làm việc sáng thứ Bảy"
    assert facts.basis == "Quyết định mẫu 10/QĐ-UBND"


# --- other hours, for a time -----------------------------------------------------------------

EIGHT_HOURS = (
    Shift(opens=time(8), closes=time(12)),
    Shift(opens=time(13), closes=time(17)),
)


def test_hours_are_those_of_the_office() -> None:
    calendar = worked(own(office_hours=EIGHT_HOURS))

    found = due_at(moment("20/01/2025 07:30"), days("working_hour", 8), calendar)

    assert local(found) == "20/01/2025 17:00"
    assert calendar.minutes_per_day == 450, "the province's, in which routes are checked"


def test_other_hours_hold_between_their_days() -> None:
    january = own(office_hours=EIGHT_HOURS, valid_to=date(2025, 1, 20))
    calendar = worked(january)

    opens = [calendar.plan(date(2025, 1, day)).spans[0].opens for day in (20, 21)]

    assert opens == [8 * 3_600_000_000, 27_000_000_000]


# --- the start and the end of a limit --------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "start", "due"),
    [
        pytest.param({"cutoff": time(16)}, "20/01/2025 15:30", "21/01/2025 17:00", id="until 16"),
        pytest.param({"cutoff": time(16)}, "20/01/2025 16:30", "22/01/2025 17:00", id="after 16"),
        pytest.param({"day_ends": time(23, 59)}, "20/01/2025 09:00", "21/01/2025 23:59", id="ends"),
        pytest.param(
            {"first_day_counts": True}, "20/01/2025 09:00", "20/01/2025 17:00", id="first"
        ),
        pytest.param({"first_day_counts": True}, "20/01/2025 15:30", "21/01/2025 17:00", id="late"),
        pytest.param({}, "20/01/2025 09:00", "21/01/2025 17:00", id="as the law has it"),
    ],
)
def test_the_start_and_the_end_of_a_limit_are_a_rule_of_the_province(
    changes: dict[str, Any], start: str, due: str
) -> None:
    calendar = worked(counting=rule(**changes))

    assert local(due_at(moment(start), days("working_day", 1), calendar)) == due
    assert local(due_at(moment(start), days("calendar_day", 1), calendar)) == due


def test_a_first_day_that_only_receives_cannot_be_a_day_of_the_limit() -> None:
    calendar = worked(own(saturday=saturdays(counts=False), counting=rule(first_day_counts=True)))

    found = due_at(moment("18/01/2025 09:00"), days("working_day", 1), calendar)

    assert local(found) == "20/01/2025 17:00"


def test_an_offices_own_rule_goes_before_the_provinces() -> None:
    calendar = worked(own(counting=rule(cutoff=time(14))), counting=rule(cutoff=time(16)))

    found = due_at(moment("20/01/2025 14:30"), days("working_day", 1), calendar)

    assert local(found) == "22/01/2025 17:00"


# --- whose calendar --------------------------------------------------------------------------


def test_an_agencys_own_working_time_goes_before_its_levels() -> None:
    level = own(agencies=(), level=Level.PROVINCE, office_hours=EIGHT_HOURS)
    mine = own(saturday=saturdays(counts=True))

    found = working_times(table(level, mine), CENTRE, Level.PROVINCE)

    assert found == (mine, level)
    assert working_times(table(level, mine), LABOUR, Level.PROVINCE) == (level,)
    assert working_times(table(level, mine), COMMUNE, Level.COMMUNE) == ()
    assert working_times(table(level, mine), CENTRE, None) == (mine,)


def test_the_catalogue_knows_whose_calendar_counts() -> None:
    catalogue = Catalogue(1, a_province(calendar=table(own(saturday=saturdays(counts=True)))))

    mine = catalogue.calendar_of(CENTRE)

    assert mine.is_working_day(date(2025, 1, 18))
    assert catalogue.calendar_of(CENTRE) is mine
    assert catalogue.calendar_of(LABOUR) is catalogue.calendar
    assert catalogue.calendar_of(AgencyCode("H63.99")) is catalogue.calendar


def yen_bai_where(*times: WorkingTime) -> Catalogue:
    province = yen_bai().province
    changed = CalendarTable(**(dict(province.calendar) | {"working_times": times}))
    return Catalogue(2, province.model_copy(update={"calendar": changed}))


def test_a_step_is_due_by_its_performers_calendar_and_the_whole_by_the_receiving_units() -> None:
    """1.001731: 5 days in all, 2 for the commune that received it, 3 for the labour office."""
    plain = Walk("1.001731").submit()
    communes = own(agencies=(), level=Level.COMMUNE, saturday=saturdays(counts=True))
    walk = Walk("1.001731", catalogue=yen_bai_where(communes)).submit()
    assert plain.case is not None
    assert walk.case is not None

    for one in (plain, walk):
        one.later(days=1).complete("commune_forward")

    assert local_of(plain.case.due_at) == "10/03/2025 17:00"
    assert local_of(walk.case.due_at) == "08/03/2025 11:30", "Saturday is the fifth day"
    assert plain.run("district_decide").due_at == walk.run("district_decide").due_at
    assert local_of(walk.run("district_decide").due_at) == "07/03/2025 17:00"


def test_a_rule_of_the_performer_moves_its_step_and_nothing_else() -> None:
    districts = own(agencies=(), level=Level.DISTRICT, counting=rule(first_day_counts=True))
    walk = Walk("1.001731", catalogue=yen_bai_where(districts)).submit()
    assert walk.case is not None

    walk.later(days=1).complete("commune_forward")

    assert local_of(walk.run("district_decide").due_at) == "06/03/2025 17:00"
    assert local_of(walk.case.due_at) == "10/03/2025 17:00"


def local_of(at: Any) -> str:
    assert at is not None
    return local(at)


# --- what is refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"agencies": ()}, "of named agencies or of a level"),
        ({"level": Level.COMMUNE}, "of named agencies or of a level"),
        ({"saturday": None}, "differs in nothing"),
    ],
)
def test_a_working_time_says_whose_it_is_and_what_differs(
    changes: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValidationError, match=complaint):
        own(**({"saturday": saturdays(counts=False)} | changes))


@pytest.mark.parametrize(
    ("until", "since", "taken"),
    [
        (date(2025, 4, 15), date(2025, 4, 16), True),
        (date(2025, 4, 15), date(2025, 4, 15), False),
        (None, date(2026, 1, 1), False),
    ],
)
def test_summer_may_follow_winter_and_not_overlap_it(
    until: date | None, since: date, *, taken: bool
) -> None:
    winter = own(office_hours=EIGHT_HOURS, valid_to=until)
    summer = own(office_hours=(MORNING,), valid_from=since)

    if taken:
        assert len(table(summer, winter).working_times) == 2
        return
    with pytest.raises(ValidationError, match=r"two working times of H63\.01 hold on the same day"):
        table(winter, summer)


def test_two_levels_may_differ_on_the_same_day() -> None:
    times = (
        own(agencies=(), level=Level.COMMUNE, office_hours=EIGHT_HOURS),
        own(agencies=(), level=Level.DISTRICT, office_hours=(MORNING,)),
    )

    assert table(*times).working_times == times


@pytest.mark.parametrize(
    ("times", "counting", "complaint"),
    [
        ((), rule(first_day_counts=True, cutoff=time(18)), "where the first day counts"),
        ((), rule(day_ends=time(7)), "before the office opens"),
        ((own(counting=rule(first_day_counts=True, day_ends=time(14))),), None, "first day counts"),
        (
            (own(saturday=saturdays(counts=True)),),
            rule(first_day_counts=True, cutoff=time(11), day_ends=time(11)),
            None,
        ),
        (
            (own(saturday=saturdays(counts=True)),),
            rule(first_day_counts=True, cutoff=time(9), day_ends=time(7, 30)),
            "before the office opens",
        ),
    ],
)
def test_a_limit_cannot_end_before_it_begins(
    times: tuple[WorkingTime, ...], counting: Counting | None, complaint: str | None
) -> None:
    if complaint is None:
        assert table(*times, counting=counting).counting == counting
        return
    with pytest.raises(ValidationError, match=complaint):
        table(*times, counting=counting)
