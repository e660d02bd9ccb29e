"""`bus handoff`."""
# ruff: noqa: PLC0415 -- what is heavy waits for its command, so that help answers at once

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from bus.cli.options import Config, Json, Limit, OperatorName, Reason

if TYPE_CHECKING:
    from bus.cli.hub_database import HubDatabase
    from bus.ports import DeliveryRow

app = typer.Typer(
    help="Các lần giao hồ sơ cho cơ quan. / Hand-offs to agencies.", no_args_is_help=True
)


class State(StrEnum):
    """How a hand-off may stand; the values of `bus.ports.DeliveryState`."""

    WAITING = "waiting"
    DUE = "due"
    SENT = "sent"
    IMPORTED = "imported"
    REFUSED = "refused"
    PARKED = "parked"
    DISCARDED = "discarded"


Id = Annotated[
    UUID,
    typer.Argument(metavar="ID", show_default=False, help="Mã lần giao. / Id of the hand-off."),
]


@app.command("list")
def list_(
    *,
    state: Annotated[
        State | None,
        typer.Option(
            "--state",
            show_default=False,
            help="Chỉ trạng thái này; `parked` là đang chờ người xử lý."
            " / Only in this state; 'parked' waits for an operator.",
        ),
    ] = None,
    agency: Annotated[
        str | None,
        typer.Option(
            "--agency",
            metavar="CODE",
            show_default=False,
            help="Chỉ lần giao cho cơ quan này. / Only to this agency.",
        ),
    ] = None,
    dossier: Annotated[
        str | None,
        typer.Option(
            "--dossier",
            metavar="CODE",
            show_default=False,
            help="Chỉ của hồ sơ này. / Only of this dossier.",
        ),
    ] = None,
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
        found = hub.queries.handoffs(
            state=DeliveryState(state) if state else None,
            agency=AgencyCode(agency) if agency else None,
            dossier=DossierCode(dossier) if dossier else None,
            limit=limit,
        )
        names = hub.names()
    if as_json:
        render.show_json(found)
    elif found:
        render_handoff.show_list(found, names)
    else:
        render.say(
            "Không có lần giao nào như vậy, không cần làm gì; bỏ bớt điều kiện để xem tất cả."
            " / No such hand-off, nothing to do; drop a condition to see all."
        )


@app.command("show")
def show(handoff: Id, *, config: Config = None, as_json: Json = False) -> None:
    """Xem một lần giao và các lần thử. / Show a hand-off and its attempts."""
    from bus.cli import render, render_handoff
    from bus.cli.hub_database import hub_database

    with hub_database(config) as hub:
        row = _found(hub, handoff)
        attempts = hub.queries.attempts(handoff)
        names = hub.names()
    if as_json:
        render.show_json(render_handoff.as_json(row, attempts))
        return
    render_handoff.show_handoff(row, attempts, names)


@app.command("retry")
def retry(
    handoff: Id,
    *,
    reason: Reason,
    operator: OperatorName,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Cho gửi lại ngay. / Let it go out again now."""
    from bus.cli.hub_database import hub_database
    from bus.workers.operate import Operator

    with hub_database(config) as hub:
        row = hub.operate.retry(_found(hub, handoff), Operator(operator, reason))
    _tell(
        row,
        "Sẽ được gửi lại khi hub chạy. / It goes out again as soon as the hub runs.",
        as_json=as_json,
    )


@app.command("discard")
def discard(
    handoff: Id,
    *,
    reason: Reason,
    operator: OperatorName,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Bỏ lần giao và mở lối cho lần sau; không xoá gì. / Drop it and free its lane."""
    from bus.cli.hub_database import hub_database
    from bus.workers.operate import Operator

    with hub_database(config) as hub:
        row = hub.operate.discard(_found(hub, handoff), Operator(operator, reason))
    _tell(row, "Đã bỏ, đã ghi vào sổ cái. / Discarded, and in the ledger.", as_json=as_json)


def _found(hub: "HubDatabase", id_: UUID) -> "DeliveryRow":
    from bus.errors import NotFound

    row = hub.queries.handoff(id_)
    if row is None:
        raise NotFound(
            f"không có lần giao {id_}; hãy xem `bus handoff list`"
            f" / there is no hand-off {id_}; see `bus handoff list`"
        )
    return row


def _tell(row: "DeliveryRow", what: str, *, as_json: bool) -> None:
    from bus.cli import render

    if as_json:
        render.show_json({"id": row.id, "dossier": row.dossier, "state": row.state})
    else:
        render.show(f"{row.id} {row.state}")
    render.say(what)
