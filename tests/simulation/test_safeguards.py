"""Each safeguard of the design is taken out in a copy of the source: the storm must notice."""

from pathlib import Path

import pytest

from tests.support.mutant import Edit, Safeguard, copy_without, simulate

SEEDS = 200
"""Within so many seeds a missing safeguard must show."""

SAFEGUARDS = [
    Safeguard(
        "the hub remembers what it decided on",
        [Edit("workers/intake.py", "known = self._inbox.get(message.id)", "known = None")],
    ),
    Safeguard(
        "the hub takes what an agency says in its order",
        [
            Edit(
                "workers/intake.py",
                "expected, place = self._expected(key), int(message.sequence)",
                "expected = place = int(message.sequence)",
            )
        ],
    ),
    Safeguard(
        "one hand-off is under way per agency and dossier",
        [Edit("workers/lanes.py", "if len(lane) == 1:\n", "if lane:\n")],
    ),
    Safeguard(
        "the hub sends again what was not answered",
        [
            Edit(
                "routing/retry.py",
                "return now + _doubled(policy.answer, published - 1, policy.cap)",
                "return now + _doubled(policy.answer, published - 1, policy.cap) * 1_000_000",
            )
        ],
    ),
    Safeguard(
        "an edge sends again what was not answered",
        [
            Edit(
                "workers/relay.py",
                "            return policy.answer\n",
                "            return policy.answer * 1_000_000\n",
            )
        ],
    ),
    Safeguard(
        "the hub acknowledges after the commit",
        [
            Edit(
                "workers/ingress.py",
                "        try:\n            outgoing = self._decide(received)\n",
                "        self._consumer.ack(received)\n"
                "        try:\n            outgoing = self._decide(received)\n",
            )
        ],
    ),
    Safeguard(
        "an edge and its system remember what they took",
        [
            Edit(
                "workers/deliver.py",
                "row = rows.get(message.id) or before.get(message.id)",
                "row = None",
            ),
            Edit("simulation/officials.py", "if known is not None:\n", "if False:\n"),
        ],
    ),
    Safeguard(
        "an edge acknowledges after its system has it",
        [
            Edit(
                "workers/deliver.py",
                "        try:\n            self._take(received)\n",
                "        self._consumer.ack(received)\n"
                "        try:\n            self._take(received)\n",
            )
        ],
    ),
    Safeguard(
        "a source forgets only what the edge has stored",
        [
            Edit(
                "workers/collect.py",
                "        self._store.collect(one.code, self._rows(one, fresh), cursor=cursor)\n"
                "        self._cursors[one.code] = cursor\n        source.taken(changes)\n",
                "        source.taken(changes)\n"
                "        self._store.collect(one.code, self._rows(one, fresh), cursor=cursor)\n"
                "        self._cursors[one.code] = cursor\n",
            )
        ],
    ),
    Safeguard(
        "a step that goes to whoever took over keeps its deadline",
        [
            Edit(
                "routing/rerouting.py",
                "moved = changed(run, agency=event.to, state=StepState.OPEN, recalled_by=None)",
                "moved = changed(run, agency=event.to, state=StepState.OPEN, due_at=None)",
            )
        ],
    ),
    Safeguard(
        "whoever took over learns what the citizen was asked",
        [Edit("routing/cutover.py", "asked if case.open else ()", "()")],
        first=80,  # from 1 on it shows at 85, a minute later
    ),
    Safeguard(
        "a batch that could not be decided on is the next one again",
        [
            Edit("workers/ingress.py", "            self._consumer.give_back(received)\n", ""),
        ],
    ),
]


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("safeguard", SAFEGUARDS, ids=str)
def test_the_storm_notices_when_a_safeguard_is_missing(
    safeguard: Safeguard, tmp_path: Path
) -> None:
    folder = copy_without(safeguard, tmp_path)

    first = str(safeguard.first)
    code, said = simulate(
        folder, "--seed", first, "--runs", str(SEEDS), "--faults", "heavy", "--no-shrink"
    )

    assert code == 1
    assert said["violations"] > 0
    assert said["runs"] <= SEEDS
