"""What holds for every directory whose agencies follow each other without a gap."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bus.ids import AgencyCode
from bus.routing.competence import Directory
from bus.schemas.base import Level
from bus.schemas.directory import AgencyEntry, Role
from bus.schemas.route import Performer
from tests.support.small_province import (
    GIA_HOI,
    START,
    VAN_CHAN,
    VIETNAM,
    a_directory,
    agencies,
    an_agency,
)

TAX = Performer(role=Role.TAX, level=Level.DISTRICT)
DAYS = st.dates(START + timedelta(days=1), date(2029, 12, 31))
AFTER_START = st.dates(START, date(2030, 12, 31))


def a_relay(cuts: list[date], *, last_ends: bool = False) -> list[AgencyEntry]:
    """Tax branches that hand over to each other on the given days."""
    firsts = [START, *cuts]
    lasts = [*(cut - timedelta(days=1) for cut in cuts), date(2030, 1, 1) if last_ends else None]
    return [
        an_agency(
            f"G12.18.{place}",
            Role.TAX,
            level=Level.DISTRICT,
            area=VAN_CHAN,
            valid_from=first,
            valid_to=last,
            aliases=(f"{place:03}.07.18.G12", f"G12.X{place}"),
            successor="H63.05" if place == len(cuts) else f"G12.18.{place + 1}",
        )
        for place, (first, last) in enumerate(zip(firsts, lasts, strict=True))
    ]


def a_directory_with(relay: list[AgencyEntry]) -> Directory:
    others = [entry for entry in agencies() if Role.TAX not in entry.roles]
    return Directory(a_directory([*others, *relay]))


@given(st.sets(DAYS, max_size=6), AFTER_START, st.times())
def test_every_moment_has_exactly_the_agency_whose_days_it_lies_in(
    cuts: set[date], day: date, clock: time
) -> None:
    relay = a_relay(sorted(cuts))
    at = datetime.combine(day, clock, tzinfo=VIETNAM).astimezone(UTC)

    found = a_directory_with(relay).competent(TAX, GIA_HOI, at)

    assert [found] == [entry for entry in relay if entry.covers(day)]


@given(st.sets(DAYS, max_size=6), st.dates(date(2030, 1, 2), date(2040, 1, 1)))
def test_after_the_last_has_ended_its_successor_stays_competent(cuts: set[date], day: date) -> None:
    directory = a_directory_with(a_relay(sorted(cuts), last_ends=True))

    (found,) = directory.candidates(TAX, GIA_HOI, day)

    assert found.code == "H63.05"


@given(st.sets(DAYS, max_size=6), st.data())
def test_looking_up_what_was_found_finds_it_again(cuts: set[date], data: st.DataObject) -> None:
    directory = a_directory_with(a_relay(sorted(cuts)))
    entries = directory.table.agencies
    names = [name for entry in entries for name in (entry.code, *entry.aliases)]

    found = directory.agency(data.draw(st.sampled_from(names)))

    assert found is not None
    assert directory.agency(AgencyCode(found.code)) is found
    assert all(directory.agency(alias) is found for alias in found.aliases)
