"""What is said to have made a due date, and each day of it with its ground."""

from datetime import date, datetime

import pytest

from bus.routing.explain import (
    Beginning,
    Counted,
    DayLine,
    Explanation,
    Mark,
    Moved,
    Start,
    Stood,
    Stop,
    explain,
)
from bus.routing.province import Catalogue
from bus.routing.reckoning import Reckoning, reckoned
from bus.schemas.calendar import DayKind
from bus.schemas.route import ClockPolicy
from tests.support.kept import Kept
from tests.support.small_province import days, local, moment
from tests.support.walking import yen_bai, yen_bai_with

UNIT = Kept("").unit


def counted(start: str, unit: str, amount: int) -> Explanation:
    one = Counted(moment(start), days(unit, amount), Start.ACCEPTED, UNIT)
    found = explain([one], yen_bai().calendar_of)
    assert found is not None
    return found


def told(lines: tuple[DayLine, ...]) -> list[tuple[str, str, int | None]]:
    return [(f"{line.facts.day:%d/%m}", line.mark, line.number) for line in lines]


# --- the days of a count ---------------------------------------------------------------------


def test_every_day_of_a_count_is_named_with_what_it_is() -> None:
    """Received after 15:00 on the eve of a bridge; 30/04 and 01/05 are off, 02/05 was swapped."""
    (part,) = counted("29/04/2025 16:00", "working_day", 1).parts

    assert told(part.days) == [
        ("29/04", Mark.BEFORE, None),
        ("30/04", Mark.BEFORE, None),
        ("01/05", Mark.BEFORE, None),
        ("02/05", Mark.BEFORE, None),
        ("03/05", Mark.BEFORE, None),
        ("04/05", Mark.BEFORE, None),
        ("05/05", Mark.START, None),
        ("06/05", Mark.COUNTED, 1),
    ]
    assert part.beginning is Beginning.AFTER_CUTOFF
    assert part.days[1].facts.name == "Ngày Chiến thắng"
    assert part.days[3].facts.kind is DayKind.SWAPPED_OFF


def test_a_limit_begun_on_a_day_off_says_when_the_office_opens() -> None:
    (part,) = counted("03/05/2025 09:00", "calendar_day", 2).parts

    assert told(part.days) == [
        ("03/05", Mark.BEFORE, None),
        ("04/05", Mark.BEFORE, None),
        ("05/05", Mark.START, None),
        ("06/05", Mark.COUNTED, 1),
        ("07/05", Mark.COUNTED, 2),
    ]
    assert part.beginning is Beginning.DAY_OFF


def test_a_last_day_that_is_off_moves_on_to_the_next_working_day() -> None:
    (part,) = counted("28/04/2025 09:00", "calendar_day", 2).parts

    assert told(part.days) == [
        ("28/04", Mark.START, None),
        ("29/04", Mark.COUNTED, 1),
        ("30/04", Mark.COUNTED, 2),
        ("01/05", Mark.MOVED_ON, None),
        ("02/05", Mark.MOVED_ON, None),
        ("03/05", Mark.MOVED_ON, None),
        ("04/05", Mark.MOVED_ON, None),
        ("05/05", Mark.LAST, None),
    ]


def test_hours_are_shown_as_minutes_of_each_day() -> None:
    (part,) = counted("29/04/2025 16:00", "working_hour", 2).parts

    assert [(f"{one.facts.day:%d/%m}", one.minutes) for one in part.days] == [
        ("29/04", 60),
        ("30/04", 0),
        ("01/05", 0),
        ("02/05", 0),
        ("03/05", 0),
        ("04/05", 0),
        ("05/05", 60),
    ]
    assert part.beginning is Beginning.VERY_MOMENT
    assert local(part.due) == "05/05/2025 08:30"


def test_nothing_counted_is_nothing_explained() -> None:
    assert explain([], yen_bai().calendar_of) is None


# --- what the ledger says --------------------------------------------------------------------


def of(walk: Kept) -> Reckoning:
    found = reckoned(walk.entries, lambda _: walk.catalogue)
    assert found is not None
    return found


def due_of(walk: Kept, step: str | None = None) -> datetime | None:
    assert walk.case is not None
    return walk.run(step).due_at if step else walk.case.due_at


def submitted(policy: ClockPolicy = ClockPolicy.RESTART) -> Kept:
    walk = Kept("2.000286", catalogue=yen_bai_with("2.000286", supplement_clock=policy))
    walk.submit()
    return walk


def test_without_entries_there_is_nothing_to_say() -> None:
    assert reckoned([], lambda _: yen_bai()) is None


def test_an_entry_before_the_dossier_says_nothing() -> None:
    walk = submitted()
    stray = walk.book.act(walk.code, walk.at)
    walk.book.entries.insert(0, walk.book.entries.pop())

    assert walk.entries[0] is stray
    assert of(walk).case == walk.case


def test_the_whole_and_the_first_step_begin_when_the_dossier_is_accepted() -> None:
    walk = submitted()
    assert walk.case is not None

    found = of(walk)

    (whole,) = found.whole
    (step,) = found.steps[walk.case.steps[0].id]
    accepted = walk.case.accepted_at
    assert whole == Counted(accepted, days("working_day", 27), Start.ACCEPTED, walk.unit)
    assert step == Counted(accepted, days("working_day", 10), Start.ACCEPTED, walk.unit)


def test_a_later_step_begins_when_it_is_handed_over_and_counts_by_its_performer() -> None:
    walk = submitted()
    walk.later(days=2).complete("commune_review")

    (step,) = of(walk).steps[walk.run("district_appraise").id]

    performer = walk.run("district_appraise").agency
    assert performer != walk.unit
    assert step == Counted(walk.at, days("working_day", 7), Start.HANDED_OVER, performer or UNIT)


def test_a_supplement_is_a_stand_and_then_a_count_anew_by_the_law() -> None:
    walk = submitted()
    asked = walk.later(days=1).ask_more("commune_review").at
    walk.later(days=7).supplement()

    found = of(walk)

    stood = Stood(asked, Stop.SUPPLEMENT, walk.unit, walk.at, given_back=False)
    assert found.whole[1:] == [
        stood,
        Counted(walk.at, days("working_day", 27), Start.SUPPLEMENTED, walk.unit),
    ]
    assert found.steps[walk.run("commune_review").id][1:] == [
        stood,
        Counted(walk.at, days("working_day", 10), Start.SUPPLEMENTED, walk.unit),
    ]


@pytest.mark.parametrize("policy", [ClockPolicy.PAUSE, ClockPolicy.NO_STOP])
def test_a_supplement_gives_back_what_the_route_says(policy: ClockPolicy) -> None:
    walk = submitted(policy)
    walk.later(days=1).ask_more("commune_review").later(days=7).supplement()

    found = of(walk)
    explained = found.explained(walk.run("commune_review").id)

    last = found.steps[walk.run("commune_review").id][-1]
    assert isinstance(last, Stood)
    assert last.given_back is (policy is ClockPolicy.PAUSE)
    assert explained is not None
    assert explained.due == due_of(walk, "commune_review")
    assert explained.parts[-1].lost_minutes == 5 * 450
    assert len(explained.parts[-1].further) == (8 if policy is ClockPolicy.PAUSE else 0)


def test_a_clock_that_stands_has_no_end_yet() -> None:
    walk = submitted()
    walk.later(days=1).ask_more("commune_review")

    found = of(walk)
    explained = found.explained(None)

    assert found.whole[-1] == Stood(walk.at, Stop.SUPPLEMENT, walk.unit)
    assert explained is not None
    assert explained.due == due_of(walk)


def test_a_dossier_that_ends_while_its_clock_stands_gets_nothing_back() -> None:
    walk = submitted(ClockPolicy.PAUSE)
    walk.later(days=1).ask_more("commune_review").later(days=3).withdraw()

    last = of(walk).whole[-1]

    assert isinstance(last, Stood)
    assert (last.until, last.given_back) == (walk.at, False)


def test_a_wait_for_a_payment_stands_by_the_receiving_units_calendar() -> None:
    walk = Kept("1.012783")
    walk.submit().complete("appraise", "obligation").demand("tax").complete("tax", "due")
    since = walk.at

    walk.later(days=2).pay()

    (_, stood) = of(walk).whole
    assert stood == Stood(since, Stop.PAYMENT, walk.unit, walk.at, given_back=True)


def test_a_route_without_limits_has_nothing_to_explain() -> None:
    first, *_ = (r.steps for r in yen_bai().province.routes if r.procedure == "2.000286")
    free = tuple(step.model_copy(update={"limit": None}) for step in first)
    catalogue = yen_bai_with("2.000286", total=None, steps=free)
    walk = Kept("2.000286", catalogue=catalogue)
    walk.submit().later(days=1).ask_more("commune_review").later(days=1).supplement()

    found = of(walk)

    assert (found.whole, found.steps) == ([], {})
    assert found.explained(None) is None
    assert found.explained(walk.run("commune_review").id) is None


def test_what_the_arithmetic_does_not_know_is_said_to_be_moved_by_its_entry() -> None:
    """Here the calendar it is explained by is not the one it was reckoned with."""
    walk = submitted()
    asked = iter([walk.catalogue, with_a_day_off()])

    found = reckoned(walk.entries, lambda _: next(asked))

    assert found is not None
    due = due_of(walk)
    assert due is not None
    assert found.whole[-1] == Moved(walk.at, due, "dossier.submitted")
    explained = found.explained(None)
    assert explained is not None
    assert explained.due == due


def test_the_same_happenings_are_reckoned_by_another_calendar() -> None:
    walk = submitted()

    found = of(walk)
    then, now = found.explained(None), found.explained(None, with_a_day_off())

    assert then is not None
    assert now is not None
    assert local(then.due) == "10/04/2025 17:00"
    assert local(now.due) == "11/04/2025 17:00"


def with_a_day_off() -> Catalogue:
    """The same routes under a calendar published later, with 4 March 2025 off."""
    catalogue = yen_bai_with("2.000286", supplement_clock=ClockPolicy.RESTART)
    table = catalogue.calendar.table
    off = table.days[0].model_copy(update={"day": date(2025, 3, 4)})
    newer = table.model_copy(update={"days": (*table.days, off)})
    return Catalogue(3, catalogue.province.model_copy(update={"calendar": newer}))
