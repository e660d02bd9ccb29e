"""Who is told of a deadline and when: two working days before, one day before, and when it passed.

Decree 61/2018 article 19.9: who will be late tells the one-stop unit and apologises at least one
day before expiry.
"""

from typing import Any

import pytest

from bus.ids import AgencyCode
from bus.routing import compose
from bus.routing.case import Alarm
from bus.routing.deadline import next_alarm
from bus.routing.fold import fold
from bus.routing.province import Catalogue
from bus.schemas.calendar import CalendarTable, Notices
from bus.schemas.catalogue import FROM_HUB
from bus.schemas.control import DeadlineNotice, DeadlinePassedV1, DeadlineWarningV1
from bus.schemas.route import ClockPolicy
from tests.support.kept import Kept
from tests.support.small_province import local, moment
from tests.support.walking import Walk, yen_bai_with

PROCEDURE = "1.001731"
"""5 working days: 2 for the commune that received it, 3 for the labour office of the district."""


def telling(notices: Notices = Notices.APOLOGY, **changes: object) -> Catalogue:
    province = yen_bai_with(PROCEDURE, **changes).province
    table = CalendarTable(**(dict(province.calendar) | {"notices": notices}))
    return Catalogue(2, province.model_copy(update={"calendar": table}))


def at_the_district(notices: Notices = Notices.APOLOGY, **changes: object) -> Kept:
    """Accepted on Monday 3 March; the labour office has it until Friday 7, all until Monday 10."""
    walk = Kept(PROCEDURE, catalogue=telling(notices, **changes))
    walk.submit().later(days=1).complete("commune_forward")
    return walk


def performer(walk: Walk) -> AgencyCode:
    agency = walk.run("district_decide").agency
    assert agency
    return agency


def struck(walk: Walk, at: str) -> list[tuple[str | None, str, AgencyCode]]:
    """Return what is told at a moment: about which step, which notice, to whom."""
    walk.at = moment(at)
    walk.strike()
    told: list[Any] = [owed.data for owed in walk.owed]
    return [
        (data.step, str(data.notice), owed.recipient)
        for data, owed in zip(told, walk.owed, strict=True)
    ]


def test_each_notice_comes_on_its_day_to_the_performer_and_the_receiving_unit() -> None:
    walk = at_the_district()
    labour, unit = performer(walk), walk.unit

    assert struck(walk, "05/03/2025 07:29") == []
    assert struck(walk, "05/03/2025 07:30") == [
        ("district_decide", "warning", labour),
        ("district_decide", "warning", unit),
    ]
    assert struck(walk, "06/03/2025 07:30") == [
        ("district_decide", "apology", labour),
        ("district_decide", "apology", unit),
        (None, "warning", unit),
        (None, "warning", labour),
    ]
    assert struck(walk, "07/03/2025 07:30") == [
        (None, "apology", unit),
        (None, "apology", labour),
    ]
    assert struck(walk, "07/03/2025 17:00") == [
        ("district_decide", "overdue", labour),
        ("district_decide", "overdue", unit),
    ]
    assert struck(walk, "10/03/2025 17:00") == [
        (None, "overdue", unit),
        (None, "overdue", labour),
    ]
    assert struck(walk, "10/04/2025 17:00") == []
    assert walk.case is not None
    assert next_alarm(walk.case) is None


def test_the_fold_of_the_ledger_is_the_case_with_its_notices() -> None:
    walk = at_the_district()
    for at in ("05/03/2025 08:00", "06/03/2025 08:00", "10/03/2025 18:00"):
        struck(walk, at)

    assert fold(walk.entries, lambda _: walk.catalogue) == walk.case


def test_where_the_calendar_does_not_ask_for_it_all_is_told_as_before() -> None:
    """Dossiers opened under an older catalogue: their ledger must fold to the same case."""
    walk = at_the_district(Notices.PERFORMER)
    labour, unit = performer(walk), walk.unit

    assert struck(walk, "05/03/2025 07:30") == [("district_decide", "warning", labour)]
    assert struck(walk, "07/03/2025 07:30") == []
    assert struck(walk, "07/03/2025 17:00") == [("district_decide", "overdue", labour)]
    assert struck(walk, "10/03/2025 17:00") == [(None, "overdue", unit)]
    assert walk.case is not None
    assert (walk.case.warn_at, walk.case.apology_at) == (None, None)
    assert walk.run("district_decide").apology_at is None


def test_what_was_missed_is_not_told_after_the_fact() -> None:
    """The clock looked only on the last day: one notice, the last that is due."""
    walk = at_the_district()

    told = struck(walk, "07/03/2025 09:00")

    assert [notice for step, notice, _ in told if step] == ["apology", "apology"]
    assert [notice for step, notice, _ in told if not step] == ["apology", "apology"]
    assert walk.run("district_decide").alarm is Alarm.APOLOGY


def test_the_receiving_units_own_step_is_told_to_it_once() -> None:
    walk = Kept(PROCEDURE, catalogue=telling())
    walk.submit()

    told = struck(walk, "05/03/2025 17:00")

    assert told == [("commune_forward", "overdue", walk.unit)]


@pytest.mark.parametrize("at", ["03/03/2025 08:30", "03/03/2025 07:35"])
def test_a_time_too_short_for_a_day_before_its_last_asks_for_no_apology(at: str) -> None:
    """One day from Monday, also from the very opening: the day before its last is Monday itself."""
    first, *others = (r.steps for r in telling().province.routes if r.procedure == PROCEDURE)
    assert not others
    short = first[0].model_copy(update={"limit": first[0].limit.model_copy(update={"amount": 1})})  # type: ignore[union-attr]
    walk = Kept(PROCEDURE, catalogue=telling(steps=(short, *first[1:])), at=moment(at))
    walk.submit()

    run = walk.run("commune_forward")

    assert run.apology_at is None
    assert run.warn_at is not None
    assert walk.case is not None
    assert run.warn_at == walk.case.accepted_at
    assert struck(walk, "03/03/2025 09:00") == [("commune_forward", "warning", walk.unit)]
    assert struck(walk, "04/03/2025 17:00") == [("commune_forward", "overdue", walk.unit)]


@pytest.mark.parametrize("policy", [ClockPolicy.RESTART, ClockPolicy.PAUSE])
def test_a_new_date_is_told_of_anew(policy: ClockPolicy) -> None:
    walk = at_the_district(supplement_clock=policy)
    struck(walk, "07/03/2025 08:00")
    walk.ask_more("district_decide").later(days=7).supplement()

    assert walk.case is not None
    assert walk.case.alarm is Alarm.NONE
    assert walk.run("district_decide").alarm is Alarm.NONE
    assert walk.case.warn_at is not None
    assert walk.case.warn_at >= walk.at
    due = {ClockPolicy.RESTART: "21/03/2025 17:00", ClockPolicy.PAUSE: "17/03/2025 17:00"}[policy]
    assert walk.case.due_at is not None
    assert local(walk.case.due_at) == due


def test_where_no_date_moved_nothing_is_told_again() -> None:
    walk = at_the_district(supplement_clock=ClockPolicy.NO_STOP)
    struck(walk, "07/03/2025 08:00")

    walk.ask_more("district_decide").later(hours=1).supplement()

    assert walk.case is not None
    assert walk.case.alarm is Alarm.APOLOGY


@pytest.mark.parametrize(
    ("at", "message", "notice"),
    [
        ("05/03/2025 08:00", DeadlineWarningV1, DeadlineNotice.WARNING),
        ("06/03/2025 08:00", DeadlineWarningV1, DeadlineNotice.APOLOGY),
        ("07/03/2025 18:00", DeadlinePassedV1, DeadlineNotice.OVERDUE),
    ],
)
def test_the_message_says_which_notice_it_is_and_whose_step(
    at: str, message: type[Any], notice: DeadlineNotice
) -> None:
    walk = at_the_district()
    struck(walk, at)
    owed = next(one for one in walk.owed if one.recipient == walk.unit)

    assert walk.case is not None
    read = FROM_HUB.validate_json(
        compose.delivery(
            owed,
            id_=walk.id(),
            hub=AgencyCode("H63.01.02"),
            dossier=walk.code,
            submission=walk.case.submission,
            cause=walk.id(),
            time=walk.at,
        )
    )

    assert isinstance(read, message)
    assert (read.data.notice, read.data.step) == (notice, "district_decide")
    assert read.data.agency == performer(walk)
