"""What a campaign says at its end."""

from hashlib import sha256

from bus.simulation.storm.campaign import Course, Played
from bus.simulation.storm.faults import Level
from bus.simulation.storm.promises import Promise, Violation
from bus.simulation.storm.verdict import Verdict, replay


def _run(seed: int, *lines: str, broken: bool = False) -> Played:
    violations = (Violation(Promise.ONE_END, "it has none"),) if broken else ()
    return Played(Course(seed, 3, Level.LIGHT), violations, (2, 9), 40, lines)


def _verdict(*runs: Played) -> Verdict:
    verdict = Verdict(1, None, 3, Level.LIGHT)
    for run in runs:
        verdict.add(run)
    return verdict


def test_everything_is_counted_over_all_runs() -> None:
    verdict = _verdict(_run(1), _run(2), _run(3))
    verdict.seconds = 2.0

    said = verdict.as_json()

    assert (said["runs"], said["filed"], said["entries"], said["struck"]) == (3, 9, 120, 6)
    assert (said["violations"], said["found"]) == (0, None)
    assert said["runs_per_minute"] == 90


def test_the_history_of_all_differs_where_one_run_does_and_by_their_order() -> None:
    one = _verdict(_run(1, "a"), _run(2, "b")).history

    assert one == sha256(b"seed 1\na\nseed 2\nb\n").hexdigest()
    assert one != _verdict(_run(1, "a"), _run(2, "c")).history
    assert one != _verdict(_run(2, "b"), _run(1, "a")).history


def test_a_broken_promise_is_said_with_its_history_and_the_command_that_replays_it() -> None:
    verdict = _verdict(_run(1))
    verdict.found = _run(2, "one", "two", broken=True)

    said = verdict.as_json()

    assert said["violations"] == 1
    assert said["found"]["violations"] == [{"promise": "one_end", "what": "it has none"}]
    assert said["found"]["history"] == ["one", "two"]
    assert said["found"]["replay"] == "bus simulate --seed 2 --runs 1 --dossiers 3 --faults light"


def test_the_command_names_the_faults_where_not_all_may_strike() -> None:
    some, none = frozenset({30, 4}), frozenset[int]()

    assert replay(Course(2, 3, Level.HEAVY, some)).endswith("--faults heavy --only 4,30")
    assert replay(Course(2, 3, Level.HEAVY, none)).endswith("--faults heavy --only 0")
