"""Two thousand histories: what was promised of any sequence of events, in one look at each."""

from itertools import pairwise

from hypothesis import HealthCheck, given, settings

from bus.routing.case import FINAL_STEPS
from bus.routing.fold import fold
from bus.routing.states import CASE_ALLOWS
from tests.support.histories import HISTORIES, Dossier, Move, Told, taken_back, walked
from tests.support.walking import yen_bai

HOW_MANY = 200 if settings.get_current_profile_name() == "fast" else 2000


@settings(max_examples=HOW_MANY, suppress_health_check=[HealthCheck.too_slow])
@given(*HISTORIES)
def test_whatever_is_said_in_whatever_order_the_promises_hold(
    dossier: Dossier, moves: list[Move]
) -> None:
    walk, _ = walked(dossier, moves)

    _what_is_final_stays_final(walk)
    _a_step_opens_once_in_a_round(walk)
    _only_who_is_there_is_told_anything(walk)
    assert fold(walk.book.entries, lambda _: yen_bai()) == walk.case


def _what_is_final_stays_final(walk: Told) -> None:
    for before, after in pairwise(walk.was):
        assert CASE_ALLOWS[before.state] or after == before
        assert before.open or not after.open
        for old, new in zip(before.steps, after.steps, strict=True):
            assert old.state not in FINAL_STEPS or new == old or taken_back(old, new)
            assert new.round in {old.round, old.round + 1}


def _a_step_opens_once_in_a_round(walk: Told) -> None:
    assert set(walk.slips.values()) <= {1}
    assert walk.case is not None
    assert walk.homecomings == (not walk.case.open)


def _only_who_is_there_is_told_anything(walk: Told) -> None:
    directory, day = yen_bai().directory, yen_bai().calendar.local_date
    when = {
        id_: day(entry.recorded_at)
        for entry in walk.book.entries
        for id_ in walk.book.handed
        if str(id_) in entry.effects
    }
    assert set(when) == set(walk.book.handed)
    for id_, owed in walk.book.handed.items():
        told = directory.agency(owed.recipient)
        assert told is not None
        assert told.covers(when[id_])
