"""The one table of transitions: every pair of state and event is decided on purpose."""

import json
import re
from pathlib import Path
from typing import Final

import pytest

from bus.cli import words
from bus.errors import TransitionRefused
from bus.routing import diagram
from bus.routing.case import FINAL_STEPS, CaseState, StepState
from bus.routing.states import (
    CASE_ALLOWS,
    CASE_VI,
    STEP_GOES,
    STEP_VI,
    TABLE,
    WHO_EN,
    WHO_VI,
    EventName,
    Who,
)
from bus.schemas.base import BusinessState
from tests.support.walking import Walk

ROOT: Final = Path(__file__).parents[2]
DECIDED: Final = json.loads((ROOT / "tests/data/transitions.json").read_text(encoding="utf-8"))
PAGE: Final = (ROOT / "docs/reference/states.md").read_text(encoding="utf-8")
BY_ITS_STEPS: Final = "by its steps"
REFUSED: Final = "refused"


@pytest.mark.parametrize("event", TABLE)
@pytest.mark.parametrize("state", CaseState)
def test_every_pair_of_a_cases_state_and_an_event_is_as_it_was_decided(
    state: CaseState, event: EventName
) -> None:
    whole = TABLE[event].whole

    found = (whole[state] or BY_ITS_STEPS) if state in whole else REFUSED

    assert found == DECIDED["case"][state][event]


@pytest.mark.parametrize("event", TABLE)
@pytest.mark.parametrize("state", StepState)
def test_every_pair_of_a_steps_state_and_an_event_is_as_it_was_decided(
    state: StepState, event: EventName
) -> None:
    assert STEP_GOES[state].get(event, REFUSED) == DECIDED["step"][state][event]


def test_nothing_is_decided_that_cannot_happen_and_nothing_is_left_open() -> None:
    events = {event.value for event in TABLE}

    assert events == {event.value for event in EventName} - {EventName.SUBMITTED}
    assert {axis: set(rows) for axis, rows in DECIDED.items()} == {
        "case": {state.value for state in CaseState},
        "step": {state.value for state in StepState},
    }
    assert all(set(row) == events for rows in DECIDED.values() for row in rows.values())


def test_a_final_step_goes_nowhere() -> None:
    assert {state for state in StepState if not STEP_GOES[state]} == FINAL_STEPS


def test_every_state_and_everybody_has_words() -> None:
    assert set(CASE_VI) == set(CaseState)
    assert set(STEP_VI) == set(StepState)
    assert set(WHO_VI) == set(WHO_EN) == set(Who)


def test_a_refusal_names_the_state_what_is_allowed_and_who_may_say_it() -> None:
    walk = Walk("2.000286").submit().complete("commune_review")

    with pytest.raises(TransitionRefused) as refused:
        walk.hand_out()

    assert "'processing'" in str(refused.value)
    assert "dossier.withdrawn (the receiving unit)" in str(refused.value)
    assert "step.completed (cơ quan thực hiện bước)" in refused.value.text_vi


def test_a_refusal_of_a_step_names_the_steps_state_and_what_it_allows() -> None:
    walk = Walk("2.000286").submit().receive("commune_review")

    with pytest.raises(TransitionRefused) as refused:
        walk.receive("commune_review")

    assert "'in_hand'" in str(refused.value)
    assert "step.rejected (the step's performer)" in str(refused.value)
    assert "“đang xử lý”" in refused.value.text_vi


def test_an_ended_dossier_allows_nothing_more() -> None:
    walk = Walk("2.000286").submit().withdraw()

    with pytest.raises(TransitionRefused) as refused:
        walk.withdraw()

    assert CASE_ALLOWS[CaseState.WITHDRAWN] == frozenset()
    assert "nothing more" in str(refused.value)


# --- the pictures ----------------------------------------------------------------------------


def test_the_pictures_in_the_reference_are_drawn_from_the_table() -> None:
    drawn = re.findall(r"```mermaid\n(.*?)\n```", PAGE, re.DOTALL)

    assert drawn == [diagram.case_diagram(), diagram.step_diagram()]


def test_the_reference_has_the_table_as_it_is() -> None:
    assert diagram.rows() in PAGE


def test_the_reference_says_what_people_read_for_each_state() -> None:
    for case in CaseState:
        code = 4 if case is CaseState.PROCESSING else None
        line = re.search(rf"\| `{case}` \| (.+?) \| (\d+) · (.+?) \|", PAGE)
        assert line is not None
        national = list(BusinessState)[int(line[2]) - 1]
        assert line[1] == words.CASE[case]
        assert line[3] == words.NATIONAL[national]
        assert code in {None, national.national_code}
    for step in StepState:
        assert f"| `{step}` | {words.STEP[step]} |" in PAGE


def test_every_way_of_the_table_is_in_the_pictures() -> None:
    for name, rule in TABLE.items():
        for before, after in rule.whole.items():
            assert after is None or re.search(
                rf"{before} --> {after}: .*{re.escape(name)}", diagram.case_diagram()
            )
        for old, goes in rule.step.items():
            assert re.search(rf"{old} --> {goes}: .*{re.escape(name)}", diagram.step_diagram())
