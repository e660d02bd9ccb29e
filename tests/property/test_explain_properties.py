"""The explanation of a due date and the arithmetic that made it never disagree."""

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from bus.errors import SenderMustAct
from bus.ids import AgencyCode
from bus.routing.case import ACTIVE_STEPS
from bus.routing.clock import WorkingCalendar, due_at, pushed
from bus.routing.explain import Counted, Mark, Start, Stood, Stop, explain
from bus.routing.reckoning import reckoned
from bus.schemas.calendar import (
    CalendarDay,
    CalendarTable,
    Counting,
    DayKind,
    SaturdayHours,
    Shift,
    WorkingTime,
)
from bus.schemas.route import ClockPolicy, LimitUnit, TimeLimit
from tests.support.kept import Kept
from tests.support.small_province import a_calendar
from tests.support.walking import yen_bai, yen_bai_with

OFFICE = AgencyCode("H63.01")
MORNING = (Shift(opens=time(7, 30), closes=time(11, 30)),)
LONG = (Shift(opens=time(7), closes=time(12)), Shift(opens=time(13), closes=time(16, 30)))


def countings() -> st.SearchStrategy[Counting | None]:
    return st.none() | st.builds(
        Counting,
        basis=st.just("Mẫu"),
        first_day_counts=st.booleans(),
        cutoff=st.sampled_from([time(11), time(14), time(15)]),
        day_ends=st.sampled_from([None, time(16, 30), time(17), time(23, 59)]),
    )


@st.composite
def calendars(draw: st.DrawFn) -> WorkingCalendar:
    """Three years with days that differ, and an office of its own hours for some of the time."""
    chosen = draw(st.sets(st.dates(date(2024, 1, 1), date(2026, 12, 31)), max_size=30))
    listed = []
    for day in sorted(chosen):
        swap = DayKind.MAKEUP_WORKDAY if day.weekday() >= 5 else DayKind.SWAPPED_OFF
        kind = draw(st.sampled_from([DayKind.HOLIDAY, swap]))
        listed.append(CalendarDay(day=day, kind=kind, name="Ngày", basis="Mẫu"))
    own = WorkingTime(
        name="Giờ riêng",
        basis="Mẫu",
        agencies=(OFFICE,),
        valid_from=draw(st.dates(date(2024, 1, 1), date(2025, 6, 30))),
        valid_to=draw(st.none() | st.dates(date(2025, 7, 1), date(2026, 12, 31))),
        office_hours=LONG,
        saturday=draw(
            st.none() | st.builds(SaturdayHours, shifts=st.just(MORNING), counts=st.booleans())
        ),
        counting=draw(countings()),
    )
    plain = a_calendar(*listed, first_year=2024, last_year=2026)
    table = CalendarTable(**(dict(plain) | {"counting": draw(countings())}))
    return WorkingCalendar(table, draw(st.sampled_from([(), (own,)])))


MOMENTS = st.datetimes(
    datetime(2024, 3, 1),  # noqa: DTZ001 -- hypothesis adds the zone
    datetime(2025, 12, 31),  # noqa: DTZ001 -- hypothesis adds the zone
    timezones=st.just(UTC),
)
LIMITS = st.builds(TimeLimit, amount=st.integers(1, 60), unit=st.sampled_from(list(LimitUnit)))


def counted(start: datetime, limit: TimeLimit) -> Counted:
    return Counted(start, limit, Start.ACCEPTED, OFFICE)


@given(calendars(), MOMENTS, LIMITS)
def test_an_explanation_ends_at_the_due_moment(
    calendar: WorkingCalendar, start: datetime, limit: TimeLimit
) -> None:
    found = explain([counted(start, limit)], lambda _: calendar)

    assert found is not None
    assert found.due == due_at(start, limit, calendar)
    assert found.due > start


@given(calendars(), MOMENTS, LIMITS)
def test_an_explanation_shows_each_day_once_and_counts_as_many_as_the_limit_says(
    calendar: WorkingCalendar, start: datetime, limit: TimeLimit
) -> None:
    found = explain([counted(start, limit)], lambda _: calendar)

    assert found is not None
    (part,) = found.parts
    days = [line.facts.day for line in part.days]
    assert days == [days[0] + timedelta(days=number) for number in range(len(days))]
    if limit.unit is LimitUnit.WORKING_HOUR:
        assert sum(line.minutes or 0 for line in part.days) in range(
            limit.amount * 60 - len(days), limit.amount * 60 + 1
        )
        return
    numbers = [line.number for line in part.days if line.mark is Mark.COUNTED]
    assert numbers == list(range(1, limit.amount + 1))
    if limit.unit is LimitUnit.WORKING_DAY:
        assert all(line.facts.working for line in part.days if line.mark is Mark.COUNTED)


@given(calendars(), MOMENTS, LIMITS, st.integers(-(10**5), 10**7), st.integers(-(10**5), 10**6))
def test_an_explanation_of_a_pause_ends_where_the_pause_pushed_the_due_moment(
    calendar: WorkingCalendar, start: datetime, limit: TimeLimit, until: int, length: int
) -> None:
    due = due_at(start, limit, calendar)
    since = start + timedelta(seconds=until)
    resumed = since + timedelta(seconds=length)
    stood = Stood(since, Stop.SUPPLEMENT, OFFICE, resumed, given_back=True)

    found = explain([counted(start, limit), stood], lambda _: calendar)

    moved = pushed(due, paused_at=since, resumed_at=resumed, calendar=calendar)
    assert found is not None
    assert found.due == moved


ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["receive", "complete", "ask_more", "supplement", "demand", "pay", "strike", "mend"]
        ),
        st.integers(0, 5),
        st.integers(0, 200),
    ),
    max_size=14,
)
MENDED = [("receive", 0, 1), ("ask_more", 0, 2), ("supplement", 0, 60), ("ask_more", 0, 9)]
PAID = [("demand", 0, 5), ("complete", 0, 30), ("pay", 0, 90), ("complete", 0, 3)]


@example("2.000286", ClockPolicy.PAUSE, ClockPolicy.PAUSE, [*MENDED, ("supplement", 0, 40)])
@example("2.000286", ClockPolicy.RESTART, ClockPolicy.PAUSE, MENDED)
@example("2.000286", ClockPolicy.NO_STOP, ClockPolicy.PAUSE, MENDED)
@example("1.012783", ClockPolicy.PAUSE, ClockPolicy.PAUSE, [("complete", 1, 1), *PAID])
@example("1.012783", ClockPolicy.PAUSE, ClockPolicy.NO_STOP, [("complete", 1, 1), *PAID])
@example("1.012783", ClockPolicy.PAUSE, ClockPolicy.RESTART, [("complete", 1, 1), *PAID])
@given(
    st.sampled_from(["2.000286", "1.012783", "2.002622"]),
    st.sampled_from(list(ClockPolicy)),
    st.sampled_from(list(ClockPolicy)),
    ACTS,
)
def test_what_the_ledger_says_explains_every_due_moment_of_the_case(
    procedure: str,
    supplement: ClockPolicy,
    payment: ClockPolicy,
    acts: list[tuple[str, int, int]],
) -> None:
    """Whatever happens to a dossier; what is refused changes nothing."""
    catalogue = yen_bai_with(procedure, supplement_clock=supplement, payment_clock=payment)
    walk = Kept(procedure, facts_of(procedure), catalogue=catalogue)
    walk.submit()
    for act, number, hours in acts:
        walk.later(hours=hours)
        with suppress(SenderMustAct):
            acted(walk, act, number)

    found = reckoned(walk.entries, lambda _: catalogue)
    assert found is not None
    assert found.case == walk.case
    whole = found.explained(None)
    assert (whole.due if whole else None) == walk.case.due_at
    for run in walk.case.steps:
        explained = found.explained(run.id)
        assert (explained.due if explained else None) == run.due_at
    happened = [*found.whole, *(one for steps in found.steps.values() for one in steps)]
    assert all(isinstance(one, Counted | Stood) for one in happened), "nothing is left unexplained"


def facts_of(procedure: str) -> dict[str, str | bool | int]:
    """Answer every question of a route with the first answer there is."""
    route = next(r for r in yen_bai().province.routes if r.procedure == procedure)
    return {rule.name: True if rule.values == "boolean" else rule.values[0] for rule in route.facts}


def acted(walk: Kept, act: str, number: int) -> None:
    """Do something about one of the steps that are under way, or about the whole."""
    assert walk.case is not None
    active = [run.id for run in walk.case.steps if run.state in ACTIVE_STEPS and run.agency]
    match act, active[number % len(active)] if active else None:
        case ("receive", str(step)):
            walk.receive(step)
        case ("complete", str(step)):
            route = walk.catalogue.route_version(walk.case.procedure, walk.case.route_version)
            outcomes = next(one for one in route.steps if one.id == step).outcomes
            walk.complete(step, outcomes[number % len(outcomes)])
        case ("ask_more", str(step)):
            walk.ask_more(step)
        case ("demand", str(step)):
            walk.demand(step)
        case ("mend", str(step)):
            walk.ask_more(step).later(hours=50).supplement()
        case ("supplement", _):
            walk.supplement()
        case ("pay", _):
            walk.pay()
        case ("strike", _):
            walk.strike()
        case _:
            pass
