"""`bus handoff`: hand-offs to agencies, looked at."""
# ruff: noqa: PLC0415 -- what is heavy waits for its command, so that help answers at once

from typing import Annotated, Final

import typer

from bus.cli import handoff_acts, handoff_groups
from bus.cli.handoff_options import Agency, Handoff, State, found
from bus.cli.options import Config, Json, Limit

app = typer.Typer(
    help="Các lần giao hồ sơ cho cơ quan. / Hand-offs to agencies.", no_args_is_help=True
)


OfState = Annotated[
    State | None,
    typer.Option(
        "--state",
        show_default=False,
        help="Chỉ trạng thái này; `parked` là đang chờ người xử lý."
        " / Only in this state; 'parked' waits for an operator.",
    ),
]
OfDossier = Annotated[
    str | None,
    typer.Option(
        "--dossier",
        metavar="CODE",
        show_default=False,
        help="Chỉ của hồ sơ này. / Only of this dossier.",
    ),
]
OfGroup = Annotated[
    str | None,
    typer.Option(
        "--group",
        metavar="FINGERPRINT",
        show_default=False,
        help="Chỉ nhóm lỗi này, như `bus handoff groups` in ra."
        " / Only this group, as `bus handoff groups` prints it.",
    ),
]
Alarmed = Annotated[
    bool,
    typer.Option(
        "--alarmed",
        help="Chỉ lần giao chưa đến nơi mà thời hạn sắp hết."
        " / Only those not settled that eat up a deadline.",
    ),
]


@app.command("list")
def list_(
    *,
    state: OfState = None,
    agency: Agency = None,
    dossier: OfDossier = None,
    group: OfGroup = None,
    alarmed: Alarmed = False,
    limit: Limit = 50,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Liệt kê lần giao, mới nhất trước. / List hand-offs, last made first."""
    from bus.cli import render, render_handoff
    from bus.cli.hub_database import hub_database
    from bus.ids import AgencyCode, DossierCode
    from bus.ports import DeliveryState

    with hub_database(config) as hub:
        lines = hub.queries.handoffs(
            state=DeliveryState(state) if state else None,
            agency=AgencyCode(agency) if agency else None,
            dossier=DossierCode(dossier) if dossier else None,
            fingerprint=group,
            alarmed=alarmed,
            limit=limit,
        )
        names = hub.names()
    if as_json:
        render.show_json(lines)
    elif lines:
        render_handoff.show_list(lines, names)
    else:
        render.say(
            "Không có lần giao nào như vậy, không cần làm gì; bỏ bớt điều kiện để xem tất cả."
            " / No such hand-off, nothing to do; drop a condition to see all."
        )


@app.command("show")
def show(handoff: Handoff, *, config: Config = None, as_json: Json = False) -> None:
    """Xem một lần giao và các lần thử. / Show a hand-off and its attempts."""
    from bus.cli import render, render_handoff
    from bus.cli.hub_database import hub_database

    with hub_database(config) as hub:
        row = found(hub, handoff)
        attempts = hub.queries.attempts(handoff)
        contact = hub.failed.contacts().get(row.agency)
        names = hub.names()
    if as_json:
        render.show_json(render_handoff.as_json(row, attempts))
        return
    render_handoff.show_handoff(row, attempts, names, contact)


_ORDER: Final = (
    *("list", "show", "groups", "retry", "retry-group", "tasks", "stop", "resume"),
    *("reroute", "resolve", "discard", "restore"),
)
"""How help lists them: looking first, then what is done often, then what is done rarely."""

app.registered_commands = sorted(
    [
        *app.registered_commands,
        *handoff_acts.app.registered_commands,
        *handoff_groups.app.registered_commands,
    ],
    key=lambda command: _ORDER.index(command.name or ""),
)
