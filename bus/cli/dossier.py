"""`bus dossier`."""
# ruff: noqa: PLC0415 -- what is heavy waits for its command, so that help answers at once

from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer

from bus.cli import dossier_form
from bus.cli.options import Config, Dossier, Json, Limit

app = typer.Typer(help="Hồ sơ. / Dossiers.", no_args_is_help=True)


class State(StrEnum):
    """How a dossier may stand; the values of `bus.routing.case.CaseState`."""

    PROCESSING = "processing"
    SUPPLEMENTING = "supplementing"
    AWAITING_PAYMENT = "awaiting_payment"
    COMPLETED = "completed"
    RETURNED = "returned"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    NOT_ACCEPTED = "not_accepted"
    TERMINATED = "terminated"


@app.command("list")
def list_(
    *,
    state: Annotated[
        State | None,
        typer.Option(
            "--state", show_default=False, help="Chỉ trạng thái này. / Only in this state."
        ),
    ] = None,
    agency: Annotated[
        str | None,
        typer.Option(
            "--agency",
            metavar="CODE",
            show_default=False,
            help="Chỉ hồ sơ cơ quan này tiếp nhận hoặc xử lý."
            " / Only what this agency received or works on.",
        ),
    ] = None,
    overdue: Annotated[
        bool,
        typer.Option(
            "--overdue",
            help="Chỉ hồ sơ đang quá hạn, cả hồ sơ hoặc một bước."
            " / Only what is late, as a whole or at a step.",
        ),
    ] = False,
    limit: Limit = 50,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Liệt kê hồ sơ, mới tiếp nhận trước. / List dossiers, last accepted first."""
    from bus.cli import render, render_dossier
    from bus.cli.hub_database import hub_database
    from bus.ids import AgencyCode
    from bus.routing.case import CaseState

    with hub_database(config) as hub:
        found = hub.queries.dossiers(
            state=CaseState(state) if state else None,
            agency=AgencyCode(agency) if agency else None,
            overdue_at=hub.now() if overdue else None,
            limit=limit,
        )
        late = hub.queries.overdue([line.code for line in found], hub.now())
        names = hub.names()
    if as_json:
        render.show_json([asdict(line) | {"overdue": line.code in late} for line in found])
    elif found:
        render_dossier.show_list(found, late, names)
    else:
        render.say(
            "Chưa có hồ sơ nào như vậy: hãy bỏ bớt điều kiện, hoặc thả tệp vào hộp vào của một đơn"
            " vị. / No such dossier: drop a condition, or drop a file into a unit's inbox."
        )


@app.command("show")
def show(code: Dossier, *, config: Config = None, as_json: Json = False) -> None:
    """Xem một hồ sơ và các bước của nó. / Show a dossier and its steps."""
    from bus.cli import render, render_dossier
    from bus.cli.dossier_found import found
    from bus.cli.hub_database import hub_database
    from bus.routing.deadline import overdue

    with hub_database(config) as hub:
        case = found(hub, code)
        steps = hub.queries.steps(case.code)
        stands, late = hub.queries.axes(case), overdue(case, hub.now())
        names = hub.names()
    if as_json:
        render.show_json(render_dossier.as_json(case, stands, steps, late=late))
        return
    render_dossier.show_case(case, stands, steps, names, late=late)


@app.command("trace")
def trace(code: Dossier, *, config: Config = None, as_json: Json = False) -> None:
    """Kể lại đường đi của một hồ sơ. / Tell the way a dossier went."""
    from bus.cli import render, render_story
    from bus.cli.dossier_found import found
    from bus.cli.hub_database import hub_database
    from bus.cli.story import story

    with hub_database(config) as hub:
        case = found(hub, code)
        handoffs = hub.queries.handoffs(dossier=case.code, limit=10_000)
        told = story(
            hub.queries.entries_of([case.code]),
            handoffs,
            hub.queries.attempts_of(case.code),
            hub.queries.notices(case.code),
            names := hub.names(),
        )
    if as_json:
        render.show_json(render_story.as_json(case, told))
        return
    render.show(*render_story.lines(case, told, names(case.receiving_unit)))


app.command("form")(dossier_form.form)
