"""A case as rows: what SQL asks about in columns, the whole as JSON, each step run in its own row.

What the citizen handed in is kept apart from the rest: it seldom changes, and is written only
when it did. The JSON leaves out what is as it is by default.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter

from bus.ids import DossierCode
from bus.routing.case import Case, StepRun, load
from bus.routing.deadline import next_alarm

_CASE: Final[TypeAdapter[Case]] = TypeAdapter(Case)

CASE_COLUMNS: Final = (
    "code",
    "procedure",
    "state",
    "receiving_unit",
    "area",
    "catalogue",
    "route_version",
    "accepted_at",
    "due_at",
    "wake_at",
    "ended_at",
    "reason",
    "state_json",
)
CONTENT_COLUMNS: Final = ("code", "content_json")
STEP_COLUMNS: Final = (
    "dossier",
    "step",
    "round",
    "agency",
    "state",
    "opened_at",
    "due_at",
    "ended_at",
    "outcome",
)
STEP_KEY: Final = ("dossier", "step", "round")


def case_row(case: Case) -> tuple[Any, ...]:
    """Return the values of `CASE_COLUMNS`."""
    return (
        case.code,
        case.procedure,
        case.state,
        case.receiving_unit,
        case.area,
        case.catalogue,
        case.route_version,
        case.accepted_at,
        case.due_at,
        next_alarm(case),
        case.ended_at,
        case.reason,
        _CASE.dump_json(case, exclude={"content"}, exclude_defaults=True).decode(),
    )


def content_row(case: Case) -> tuple[str, str]:
    """Return the values of `CONTENT_COLUMNS`."""
    return case.code, case.content.model_dump_json()


def join(state_json: str, content_json: str) -> Case:
    """Return the case whose two parts were stored."""
    return load(f'{state_json[:-1]},"content":{content_json}}}')


def content_changed(before: Case | None, after: Case) -> bool:
    """Say whether the content must be written; where the case before is not known, it must."""
    return before is None or (
        before.content is not after.content and before.content != after.content
    )


def step_rows(before: Case | None, after: Case) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of step runs that differ from before, of all that were ever opened.

    A run that goes into a new round leaves the row of the old one behind, ended when the new
    one began.
    """
    known = {} if before is None else {run.id: run for run in before.steps}
    for run in after.steps:
        old = known.get(run.id)
        if run.opened_at is None or run is old or run == old:
            continue
        if old is not None and old.opened_at is not None and old.round != run.round:
            yield _step_row(after.code, old, old.ended_at or run.opened_at)
        yield _step_row(after.code, run, run.ended_at)


def _step_row(dossier: DossierCode, run: StepRun, ended_at: datetime | None) -> tuple[Any, ...]:
    return (
        dossier,
        run.id,
        run.round,
        run.agency,
        run.state,
        run.opened_at,
        run.due_at,
        ended_at,
        run.outcome,
    )
