"""Due dates reckoned by hand from the law and the published calendar of the sample province.

Every row carries the reasoning it was reckoned with, day by day, so that an official can do it
again with a calendar on the wall. No expected date in this file was taken from a program.

Rules used. The day of the start is not counted: Civil Code 2015 art. 147. A last day that is off
moves to the next working day: art. 148. Received after 15:00, a dossier is handed on at the
opening of the next working day and its time begins then: Decree 61/2018 art. 18.2. The time is
counted anew after a supplement: art. 19.4. Offices work 07:30-11:30 and 13:30-17:00, seven hours
and a half a day. Days off: Labour Code 2012 art. 115, from 2021 Labour Code 2019 art. 112 (111.3
for a day in lieu), swaps by the yearly notice.
"""

from dataclasses import replace
from datetime import date, datetime, time
from functools import cache

import pytest

from bus.routing.case import Alarm
from bus.routing.clock import WorkingCalendar, due_at, pushed
from bus.routing.opening import put
from bus.routing.province import Catalogue
from bus.schemas.calendar import (
    CalendarDay,
    CalendarTable,
    DayKind,
    SaturdayHours,
    Shift,
    WorkingTime,
)
from bus.schemas.route import ClockPolicy, LimitUnit, TimeLimit
from tests.support.small_province import VIETNAM, moment
from tests.support.walking import Walk, yen_bai, yen_bai_with

UNITS = {
    "wd": LimitUnit.WORKING_DAY,
    "cd": LimitUnit.CALENDAR_DAY,
    "wh": LimitUnit.WORKING_HOUR,
}


def at(text: str) -> datetime:
    """Return the moment of `Fri 24/01/2025 09:00`; a wrong weekday is a slip of the hand."""
    weekday, _, rest = text.partition(" ")
    found = moment(rest)
    assert f"{found.astimezone(VIETNAM):%a}" == weekday, text
    return found


def written(due: datetime | None) -> str:
    assert due is not None
    return f"{due.astimezone(VIETNAM):%a %d/%m/%Y %H:%M}"


def limit(text: str) -> TimeLimit:
    amount, unit = text.split()
    return TimeLimit(amount=int(amount), unit=UNITS[unit])


WORKING_DAYS = [
    # --- Tết, the days around it, and the ones in lieu
    (
        "Tue 13/02/2018 09:00",
        "1 wd",
        "Wed 21/02/2018 17:00",
        "Tết 2018: 14–20/02 off; Wed 21 is the first day",
    ),
    (
        "Fri 01/02/2019 09:00",
        "3 wd",
        "Wed 13/02/2019 17:00",
        "Tết 2019: 04–08/02 off; Mon 11 (1), Tue 12 (2), Wed 13 (3)",
    ),
    (
        "Thu 31/01/2019 10:00",
        "2 wd",
        "Mon 11/02/2019 17:00",
        "Tết 2019: Fri 01/02 (1), 04–08 off, Mon 11 (2)",
    ),
    (
        "Fri 01/02/2019 15:30",
        "1 wd",
        "Tue 12/02/2019 17:00",
        "Tết 2019, after 15:00: begins Mon 11 at opening, Tue 12 (1)",
    ),
    (
        "Wed 06/02/2019 09:00",
        "5 wd",
        "Mon 18/02/2019 17:00",
        "online on mùng hai: begins Mon 11; 12 (1) 13 (2) 14 (3) 15 (4) Mon 18 (5)",
    ),
    (
        "Wed 22/01/2020 08:00",
        "2 wd",
        "Fri 31/01/2020 17:00",
        "Tết 2020: 23–29/01 off; Thu 30 (1), Fri 31 (2)",
    ),
    (
        "Wed 22/01/2020 15:01",
        "2 wd",
        "Mon 03/02/2020 17:00",
        "Tết 2020, after 15:00: begins Thu 30; Fri 31 (1), Mon 03/02 (2)",
    ),
    (
        "Tue 09/02/2021 09:00",
        "1 wd",
        "Wed 17/02/2021 17:00",
        "Tết 2021: 10–16/02 off; Wed 17 (1)",
    ),
    (
        "Mon 08/02/2021 16:30",
        "3 wd",
        "Fri 19/02/2021 17:00",
        "Tết 2021, after 15:00: begins Tue 09; Wed 17 (1), Thu 18 (2), Fri 19 (3)",
    ),
    (
        "Fri 28/01/2022 09:00",
        "1 wd",
        "Mon 07/02/2022 17:00",
        "Tết 2022: Mon 31/01–Fri 04/02 off; Mon 07 (1)",
    ),
    (
        "Thu 27/01/2022 15:00",
        "2 wd",
        "Mon 07/02/2022 17:00",
        "15:00 sharp is not after 15:00: Fri 28 (1), Mon 07/02 (2)",
    ),
    (
        "Thu 27/01/2022 15:00:01",
        "2 wd",
        "Tue 08/02/2022 17:00",
        "a second later: begins Fri 28; Mon 07/02 (1), Tue 08 (2)",
    ),
    (
        "Thu 19/01/2023 09:00",
        "5 wd",
        "Thu 02/02/2023 17:00",
        "Tết 2023: 20–26/01 off; 27 (1) 30 (2) 31 (3) 01/02 (4) 02/02 (5)",
    ),
    (
        "Wed 18/01/2023 09:00",
        "1 wd",
        "Thu 19/01/2023 17:00",
        "Tết 2023: the last day before it is still worked",
    ),
    (
        "Sat 21/01/2023 10:00",
        "1 wd",
        "Mon 30/01/2023 17:00",
        "online on giao thừa, a Saturday: begins Fri 27; Mon 30 (1)",
    ),
    (
        "Wed 07/02/2024 09:00",
        "1 wd",
        "Thu 15/02/2024 17:00",
        "Tết 2024: 08–14/02 off; Thu 15 (1)",
    ),
    (
        "Wed 07/02/2024 16:59",
        "1 wd",
        "Fri 16/02/2024 17:00",
        "Tết 2024, a minute before closing: begins Thu 15; Fri 16 (1)",
    ),
    (
        "Fri 24/01/2025 09:00",
        "1 wd",
        "Mon 03/02/2025 17:00",
        "Tết 2025: 27/01–01/02 off, Sun 02; Mon 03 (1)",
    ),
    (
        "Wed 22/01/2025 15:30",
        "3 wd",
        "Tue 04/02/2025 17:00",
        "Tết 2025, after 15:00: begins Thu 23; Fri 24 (1), Mon 03/02 (2), Tue 04 (3)",
    ),
    (
        "Fri 13/02/2026 09:00",
        "5 wd",
        "Fri 27/02/2026 17:00",
        "Tết 2026: 16–20/02 off; Mon 23 (1) to Fri 27 (5)",
    ),
    # --- swaps and worked Saturdays
    (
        "Fri 28/12/2018 09:00",
        "2 wd",
        "Thu 03/01/2019 17:00",
        "swap: Mon 31/12 off, Tue 01/01 holiday; Wed 02 (1), Thu 03 (2)",
    ),
    (
        "Thu 03/01/2019 09:00",
        "2 wd",
        "Sat 05/01/2019 17:00",
        "its worked Saturday: Fri 04 (1), Sat 05 (2)",
    ),
    (
        "Fri 04/01/2019 16:00",
        "1 wd",
        "Mon 07/01/2019 17:00",
        "after 15:00: begins on the worked Sat 05; Mon 07 (1)",
    ),
    (
        "Fri 26/04/2019 09:00",
        "3 wd",
        "Sat 04/05/2019 17:00",
        "Mon 29 swapped, 30/04, 01/05 off; Thu 02 (1), Fri 03 (2), worked Sat 04 (3)",
    ),
    (
        "Fri 26/04/2024 09:00",
        "4 wd",
        "Mon 06/05/2024 17:00",
        "Mon 29 swapped, 30/04, 01/05 off; Thu 02 (1), Fri 03 (2), worked Sat 04 (3), Mon 06 (4)",
    ),
    (
        "Fri 25/04/2025 16:00",
        "1 wd",
        "Mon 28/04/2025 17:00",
        "after 15:00: begins on the worked Sat 26; Mon 28 (1)",
    ),
    (
        "Tue 29/04/2025 09:00",
        "1 wd",
        "Mon 05/05/2025 17:00",
        "30/04, 01/05 off, Fri 02 swapped; Mon 05 (1)",
    ),
    (
        "Wed 31/12/2025 09:00",
        "3 wd",
        "Wed 07/01/2026 17:00",
        "Thu 01/01 off, Fri 02 swapped; Mon 05 (1), Tue 06 (2), Wed 07 (3)",
    ),
    (
        "Thu 08/01/2026 09:00",
        "2 wd",
        "Sat 10/01/2026 17:00",
        "its worked Saturday: Fri 09 (1), Sat 10 (2)",
    ),
    (
        "Fri 21/08/2026 15:30",
        "1 wd",
        "Mon 24/08/2026 17:00",
        "after 15:00: begins on the worked Sat 22; Mon 24 (1)",
    ),
    (
        "Fri 28/08/2026 09:00",
        "1 wd",
        "Thu 03/09/2026 17:00",
        "Mon 31 swapped, 01 and 02/09 off; Thu 03 (1)",
    ),
    # --- the other holidays
    (
        "Fri 12/04/2019 14:59",
        "1 wd",
        "Tue 16/04/2019 17:00",
        "Giỗ Tổ on Sun 14, in lieu Mon 15; Tue 16 (1)",
    ),
    ("Wed 01/04/2020 09:00", "1 wd", "Fri 03/04/2020 17:00", "Giỗ Tổ Thu 02; Fri 03 (1)"),
    ("Wed 29/04/2020 10:00", "1 wd", "Mon 04/05/2020 17:00", "30/04 and 01/05 off; Mon 04 (1)"),
    ("Tue 20/04/2021 09:00", "1 wd", "Thu 22/04/2021 17:00", "Giỗ Tổ Wed 21; Thu 22 (1)"),
    (
        "Thu 29/04/2021 09:00",
        "2 wd",
        "Wed 05/05/2021 17:00",
        "Fri 30 off, Sat 01 in lieu on Mon 03; Tue 04 (1), Wed 05 (2)",
    ),
    ("Wed 01/09/2021 09:00", "1 wd", "Mon 06/09/2021 17:00", "02 and 03/09 off; Mon 06 (1)"),
    (
        "Fri 29/04/2022 09:00",
        "1 wd",
        "Wed 04/05/2022 17:00",
        "Sat 30 and Sun 01 in lieu on Mon 02 and Tue 03; Wed 04 (1)",
    ),
    (
        "Wed 31/08/2022 15:10",
        "1 wd",
        "Tue 06/09/2022 17:00",
        "after 15:00: 01 and 02/09 off, begins Mon 05; Tue 06 (1)",
    ),
    (
        "Fri 28/04/2023 14:00",
        "1 wd",
        "Thu 04/05/2023 17:00",
        "Sat 29 to Wed 03/05 off, two of them in lieu; Thu 04 (1)",
    ),
    (
        "Thu 31/08/2023 09:00",
        "2 wd",
        "Wed 06/09/2023 17:00",
        "Fri 01, Sat 02, Sun 03, in lieu Mon 04; Tue 05 (1), Wed 06 (2)",
    ),
    ("Wed 17/04/2024 09:00", "1 wd", "Fri 19/04/2024 17:00", "Giỗ Tổ Thu 18; Fri 19 (1)"),
    (
        "Fri 30/08/2024 15:30",
        "1 wd",
        "Thu 05/09/2024 17:00",
        "after 15:00: Mon 02 and Tue 03/09 off, begins Wed 04; Thu 05 (1)",
    ),
    ("Fri 04/04/2025 09:00", "1 wd", "Tue 08/04/2025 17:00", "Giỗ Tổ Mon 07; Tue 08 (1)"),
    (
        "Fri 24/04/2026 09:00",
        "3 wd",
        "Mon 04/05/2026 17:00",
        "Sun 26 in lieu Mon 27; Tue 28 (1), Wed 29 (2), 30/04 and 01/05 off, Mon 04 (3)",
    ),
    ("Mon 23/11/2026 09:00", "1 wd", "Wed 25/11/2026 17:00", "24/11 off from 2026; Wed 25 (1)"),
    # --- the end of the year and the leap day
    (
        "Fri 31/12/2021 09:00",
        "1 wd",
        "Tue 04/01/2022 17:00",
        "Sat 01/01 in lieu on Mon 03; Tue 04 (1)",
    ),
    (
        "Fri 30/12/2022 09:00",
        "1 wd",
        "Tue 03/01/2023 17:00",
        "Sun 01/01 in lieu on Mon 02; Tue 03 (1)",
    ),
    ("Tue 31/12/2024 09:00", "1 wd", "Thu 02/01/2025 17:00", "Wed 01/01 off; Thu 02 (1)"),
    ("Thu 31/12/2026 09:00", "1 wd", "Mon 04/01/2027 17:00", "Fri 01/01 off; Mon 04 (1)"),
    ("Wed 28/02/2024 09:00", "1 wd", "Thu 29/02/2024 17:00", "a leap day is a day: Thu 29 (1)"),
    ("Thu 29/02/2024 09:00", "1 wd", "Fri 01/03/2024 17:00", "begun on the leap day: Fri 01 (1)"),
    (
        "Fri 28/02/2020 09:00",
        "1 wd",
        "Mon 02/03/2020 17:00",
        "the leap day was a Saturday: Mon 02/03 (1)",
    ),
    # --- long limits of the routes, and the hours of the night
    (
        "Mon 03/03/2025 08:25",
        "20 wd",
        "Mon 31/03/2025 17:00",
        "04–07 (4), 10–14 (9), 17–21 (14), 24–28 (19), Mon 31 (20)",
    ),
    (
        "Mon 03/03/2025 08:25",
        "27 wd",
        "Thu 10/04/2025 17:00",
        "20 by 31/03; 01–04/04 (24), Mon 07 Giỗ Tổ, Tue 08 (25), Wed 09 (26), Thu 10 (27)",
    ),
    ("Tue 21/01/2025 00:30", "1 wd", "Wed 22/01/2025 17:00", "still Mon 20 in UTC: Tue is day 0"),
    ("Tue 21/01/2025 17:30", "1 wd", "Thu 23/01/2025 17:00", "closed: begins Wed 22; Thu 23 (1)"),
]

CALENDAR_DAYS = [
    (
        "Thu 27/02/2020 09:00",
        "2 cd",
        "Mon 02/03/2020 17:00",
        "Fri 28 (1), Sat 29/02 (2) is off: art. 148, Mon 02/03",
    ),
    (
        "Tue 01/09/2020 09:00",
        "5 cd",
        "Mon 07/09/2020 17:00",
        "02 (1) … Sun 06 (5) is off: art. 148, Mon 07",
    ),
    (
        "Fri 05/02/2021 09:00",
        "10 cd",
        "Wed 17/02/2021 17:00",
        "day 10 is 15/02, mùng bốn: art. 148, first working day after Tết is Wed 17",
    ),
    (
        "Fri 08/04/2022 09:00",
        "3 cd",
        "Tue 12/04/2022 17:00",
        "day 3 is Mon 11/04, in lieu of Giỗ Tổ: art. 148, Tue 12",
    ),
    (
        "Fri 24/02/2023 09:00",
        "5 cd",
        "Wed 01/03/2023 17:00",
        "no leap year: 25 (1) 26 (2) 27 (3) 28 (4) 01/03 (5)",
    ),
    (
        "Fri 23/02/2024 09:00",
        "6 cd",
        "Thu 29/02/2024 17:00",
        "leap year: 24 (1) … Thu 29/02 (6)",
    ),
    (
        "Mon 20/01/2025 09:00",
        "10 cd",
        "Mon 03/02/2025 17:00",
        "day 10 is 30/01, mùng hai: art. 148, Mon 03/02",
    ),
    (
        "Mon 31/03/2025 09:00",
        "30 cd",
        "Mon 05/05/2025 17:00",
        "day 30 is 30/04: 01/05 off, Fri 02 swapped, weekend: art. 148, Mon 05",
    ),
    (
        "Fri 03/10/2025 09:00",
        "30 cd",
        "Mon 03/11/2025 17:00",
        "day 30 is Sun 02/11: art. 148, Mon 03",
    ),
    (
        "Thu 17/04/2025 15:30",
        "8 cd",
        "Sat 26/04/2025 17:00",
        "after 15:00: begins Fri 18; day 8 is Sat 26, which is worked and therefore no day off",
    ),
    (
        "Sat 10/05/2025 09:00",
        "5 cd",
        "Mon 19/05/2025 17:00",
        "online on a Saturday: begins Mon 12; day 5 is Sat 17: art. 148, Mon 19",
    ),
    (
        "Mon 03/11/2025 09:00",
        "60 cd",
        "Mon 05/01/2026 17:00",
        "27 days to 30/11, 31 to 31/12 (58), day 60 is Fri 02/01, swapped: art. 148, Mon 05",
    ),
]

WORKING_HOURS = [
    (
        "Mon 20/01/2025 08:00",
        "8 wh",
        "Tue 21/01/2025 08:30",
        "3 h 30 until 11:30, 3 h 30 until 17:00, 1 h on Tue from 07:30",
    ),
    ("Mon 20/01/2025 11:30", "1 wh", "Mon 20/01/2025 14:30", "noon is no working time"),
    (
        "Fri 24/01/2025 15:00",
        "4 wh",
        "Mon 03/02/2025 09:30",
        "2 h on Fri, Tết, 2 h from 07:30",
    ),
    (
        "Fri 24/01/2025 16:30",
        "4 wh",
        "Mon 03/02/2025 11:00",
        "half an hour on Fri although after 15:00, then 3 h 30 from 07:30",
    ),
    ("Fri 25/04/2025 16:00", "2 wh", "Sat 26/04/2025 08:30", "1 h on Fri, 1 h on the worked Sat"),
    (
        "Wed 31/12/2025 16:00",
        "8 wh",
        "Mon 05/01/2026 16:30",
        "1 h, then 7 h on Mon 05: four until 11:30, three from 13:30",
    ),
    ("Wed 28/02/2024 16:00", "2 wh", "Thu 29/02/2024 08:30", "1 h, 1 h on the leap day"),
    ("Sun 02/02/2025 22:00", "4 wh", "Mon 03/02/2025 11:30", "begins when the office opens"),
]


@pytest.mark.parametrize(
    ("start", "time_limit", "due", "ground"), WORKING_DAYS + CALENDAR_DAYS + WORKING_HOURS
)
def test_a_limit_ends_when_an_official_says_so(
    start: str, time_limit: str, due: str, ground: str
) -> None:
    found = due_at(at(start), limit(time_limit), yen_bai().calendar)

    assert written(found) == written(at(due)), ground


# --- pauses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "paused", "resumed", "moved", "ground"),
    [
        (
            "Mon 03/02/2025 17:00",
            "Thu 23/01/2025 07:30",
            "Fri 24/01/2025 07:30",
            "Tue 04/02/2025 17:00",
            "Thu 23 was lost whole, 7 h 30: one day later",
        ),
        (
            "Mon 03/02/2025 17:00",
            "Fri 24/01/2025 17:00",
            "Mon 03/02/2025 07:30",
            "Mon 03/02/2025 17:00",
            "nobody works in Tết, so nothing was lost",
        ),
        (
            "Fri 07/02/2025 17:00",
            "Wed 22/01/2025 13:30",
            "Tue 04/02/2025 13:30",
            "Thu 13/02/2025 17:00",
            "3.5 + 7.5 + 7.5 + 7.5 + 4 = 30 h, four days: Mon 10, 11, 12, Thu 13",
        ),
        (
            "Wed 31/12/2025 17:00",
            "Tue 30/12/2025 16:00",
            "Wed 31/12/2025 08:30",
            "Mon 05/01/2026 09:30",
            "1 h + 1 h lost; the next working hours after 31/12 are those of Mon 05",
        ),
        (
            "Mon 28/04/2025 17:00",
            "Fri 25/04/2025 17:00",
            "Mon 28/04/2025 07:30",
            "Tue 29/04/2025 17:00",
            "the worked Sat 26 was lost, 7 h 30",
        ),
        (
            "Fri 01/03/2024 17:00",
            "Wed 28/02/2024 17:00",
            "Fri 01/03/2024 07:30",
            "Mon 04/03/2024 17:00",
            "the leap day was lost, 7 h 30",
        ),
        (
            "Fri 24/01/2025 17:00",
            "Mon 03/02/2025 08:00",
            "Tue 04/02/2025 08:00",
            "Fri 24/01/2025 17:00",
            "overdue at the pause: nothing is left, overdue stays overdue",
        ),
    ],
)
def test_a_pause_gives_back_just_the_working_time_it_took(
    due: str, paused: str, resumed: str, moved: str, ground: str
) -> None:
    found = pushed(
        at(due), paused_at=at(paused), resumed_at=at(resumed), calendar=yen_bai().calendar
    )

    assert written(found) == written(at(moved)), ground


# --- restarts --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "step", "whole", "ground"),
    [
        (
            "Fri 11/04/2025 15:30",
            "Sat 26/04/2025 17:00",
            "Fri 23/05/2025 17:00",
            (
                "begins Mon 14; 15–18 (4), 21–25 (9), worked Sat 26 (10), 28 and 29 (12),"
                " 30/04–02/05 off, 05–09/05 (17), 12–16 (22), 19–23 (27)"
            ),
        ),
        (
            "Mon 10/03/2025 09:00",
            "Mon 24/03/2025 17:00",
            "Thu 17/04/2025 17:00",
            (
                "11–14 (4), 17–21 (9), Mon 24 (10), 25–28 (14), 31/03–04/04 (19), Mon 07 off,"
                " 08–11 (23), 14–17 (27)"
            ),
        ),
    ],
)
def test_after_a_supplement_the_whole_time_is_counted_from_the_start(
    accepted: str, step: str, whole: str, ground: str
) -> None:
    """Decree 61/2018 art. 19.4; 2.000286 has 10 days for its first step and 27 in all."""
    walk = Walk("2.000286").submit().later(days=1).ask_more("commune_review")
    walk.at = at(accepted)

    walk.supplement()

    assert walk.case is not None
    assert written(walk.run("commune_review").due_at) == written(at(step)), ground
    assert written(walk.case.due_at) == written(at(whole)), ground


# --- Saturday mornings -----------------------------------------------------------------------


@cache
def saturdays(*, counts: bool) -> WorkingCalendar:
    """The sample province, and an office that opens 07:30-11:30 on Saturdays."""
    hours = SaturdayHours(shifts=(Shift(opens=time(7, 30), closes=time(11, 30)),), counts=counts)
    own = WorkingTime(
        name="Làm việc sáng thứ Bảy",
        basis="Quyết định mẫu",
        agencies=(Walk("").unit,),
        valid_from=date(2025, 1, 1),
        saturday=hours,
    )
    return WorkingCalendar(yen_bai().calendar.table, (own,))


@pytest.mark.parametrize(
    ("counts", "start", "time_limit", "due", "ground"),
    [
        (False, "Sat 10/05/2025 09:00", "1 wd", "Mon 12/05/2025 17:00", "Sat is day 0; Mon 12 (1)"),
        (False, "Sat 10/05/2025 11:45", "1 wd", "Tue 13/05/2025 17:00", "shut: begins Mon 12"),
        (
            False,
            "Fri 09/05/2025 15:30",
            "1 wd",
            "Mon 12/05/2025 17:00",
            "after 15:00: begins Sat 10, when the office opens next; Mon 12 (1)",
        ),
        (False, "Fri 09/05/2025 09:00", "1 wd", "Mon 12/05/2025 17:00", "Sat is no day of it"),
        (True, "Fri 09/05/2025 09:00", "1 wd", "Sat 10/05/2025 11:30", "Sat (1), until it closes"),
        (True, "Fri 09/05/2025 09:00", "3 wd", "Tue 13/05/2025 17:00", "Sat (1) Mon (2) Tue (3)"),
        (
            True,
            "Fri 24/01/2025 09:00",
            "2 wd",
            "Mon 03/02/2025 17:00",
            "Sat 25 (1); Sat 01/02 is mùng bốn and off; Mon 03 (2)",
        ),
        (True, "Fri 09/05/2025 15:30", "2 wh", "Sat 10/05/2025 08:00", "1 h 30, half an hour"),
    ],
)
def test_an_office_open_on_saturdays_counts_them_as_its_decision_says(
    start: str, time_limit: str, due: str, ground: str, *, counts: bool
) -> None:
    found = due_at(at(start), limit(time_limit), saturdays(counts=counts))

    assert written(found) == written(at(due)), ground


# --- what does not move a due date -----------------------------------------------------------


def with_a_new_holiday(*days: str) -> Catalogue:
    """The sample province as it is published again, with more days off."""
    province = yen_bai().province
    new = [
        CalendarDay(
            day=date.fromisoformat(day), kind=DayKind.HOLIDAY, name="Nghỉ thêm", basis="Mẫu"
        )
        for day in days
    ]
    listed = sorted((*province.calendar.days, *new), key=lambda entry: entry.day)
    table = CalendarTable(**(dict(province.calendar) | {"days": tuple(listed), "version": 2}))
    return Catalogue(2, province.model_copy(update={"calendar": table}))


def test_a_holiday_published_after_acceptance_moves_no_due_date() -> None:
    """The appointment was written; only an authorised act may change it."""
    walk = Walk("1.001731").submit()
    assert walk.case is not None
    whole, step = walk.case.due_at, walk.run("commune_forward").due_at
    later = with_a_new_holiday("2025-03-05", "2025-03-06")
    assert due_at(walk.case.accepted_at, limit("5 wd"), later.calendar) != whole

    walk.catalogue = later
    walk.receive("commune_forward").later(hours=1).strike()

    assert walk.case.due_at == whole
    assert walk.run("commune_forward").due_at == step
    assert walk.case.catalogue == 1


@pytest.mark.parametrize("policy", list(ClockPolicy))
def test_a_step_that_is_overdue_stays_overdue_when_the_citizen_is_asked_for_more(
    policy: ClockPolicy,
) -> None:
    """Only a restart, which the law sets for a new complete dossier, gives time again."""
    walk = Walk("2.000286", catalogue=yen_bai_with("2.000286", supplement_clock=policy)).submit()
    assert walk.case is not None
    late = at("Mon 31/03/2025 09:00")
    walk.case = put(
        walk.case, replace(walk.run("commune_review"), due_at=at("Fri 28/03/2025 17:00"))
    )
    walk.at = late
    walk.strike().ask_more("commune_review").later(days=2).supplement()

    due = walk.run("commune_review").due_at

    if policy is ClockPolicy.RESTART:
        assert written(due) == "Thu 17/04/2025 17:00", "03–04 (2), 08–11 (6), 14–17 (10)"
    else:
        assert written(due) == "Fri 28/03/2025 17:00"


def test_a_dossier_that_is_overdue_is_told_once_and_stays_overdue() -> None:
    walk = Walk("1.001731").submit()
    walk.at = at("Tue 11/03/2025 08:00")

    walk.strike()
    told = len(walk.owed)
    walk.later(days=30).strike()

    assert walk.case is not None
    assert told > 0
    assert walk.owed == ()
    assert walk.case.alarm is Alarm.PASSED
    assert written(walk.case.due_at) == "Mon 10/03/2025 17:00"
