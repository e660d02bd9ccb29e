"""`bus handoff`: what an operator does with one hand-off."""
# ruff: noqa: PLC0415 -- what is heavy waits for its command, so that help answers at once

from typing import TYPE_CHECKING, Annotated

import typer

from bus.cli.handoff_options import Handoff, found
from bus.cli.options import Config, Json, OperatorName, Reason

if TYPE_CHECKING:
    from bus.ports import DeliveryRow

app = typer.Typer()


@app.command("retry")
def retry(
    handoff: Handoff,
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
        row = hub.operate.retry(found(hub, handoff), Operator(operator, reason))
    _tell(
        row,
        "Sẽ được gửi lại khi hub chạy. / It goes out again as soon as the hub runs.",
        as_json=as_json,
    )


@app.command("discard")
def discard(
    handoff: Handoff,
    *,
    reason: Reason,
    operator: OperatorName,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Bỏ lần giao và mở lối cho lần sau; không xoá gì. / Give it up and free its lane."""
    from bus.cli.hub_database import hub_database
    from bus.workers.operate import Operator

    with hub_database(config) as hub:
        row = hub.operate.discard(found(hub, handoff), Operator(operator, reason))
    _tell(
        row,
        "Đã bỏ, đã ghi vào sổ cái; lấy lại bằng `bus handoff restore`."
        " / Discarded, and in the ledger; `bus handoff restore` takes it back.",
        as_json=as_json,
    )


@app.command("restore")
def restore(
    handoff: Handoff,
    *,
    reason: Reason,
    operator: OperatorName,
    out_of_order: Annotated[
        bool,
        typer.Option(
            "--out-of-order",
            help="Chấp nhận nhận sai thứ tự khi các lần giao sau đã đi."
            " / Accept that it arrives after later ones of its dossier.",
        ),
    ] = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Lấy lại lần giao đã bỏ; nó chờ quyết định. / Take a discarded one back; it is parked."""
    from bus.cli.hub_database import hub_database
    from bus.workers.operate import Operator

    with hub_database(config) as hub:
        row = hub.operate.restore(
            found(hub, handoff), Operator(operator, reason), out_of_order=out_of_order
        )
    _tell(
        row,
        "Đã lấy lại, đang chờ người xử lý: `bus handoff retry` để gửi."
        " / Taken back and parked: `bus handoff retry` sends it.",
        as_json=as_json,
    )


@app.command("resolve")
def resolve(
    handoff: Handoff,
    *,
    reason: Reason,
    operator: OperatorName,
    reference: Annotated[
        str | None,
        typer.Option(
            "--reference",
            metavar="TEXT",
            show_default=False,
            help="Số của lần giao trong phần mềm của cơ quan. / What the agency's system calls it.",
        ),
    ] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Ghi nhận cơ quan đã có bằng cách khác. / Note that the agency has it by other means."""
    from bus.cli.hub_database import hub_database
    from bus.workers.operate import Operator

    with hub_database(config) as hub:
        row = hub.operate.resolve(
            found(hub, handoff), Operator(operator, reason), reference=reference
        )
    _tell(
        row,
        "Đã ghi nhận; lần giao sau của hồ sơ được gửi tiếp."
        " / Noted; the dossier's next hand-off goes out.",
        as_json=as_json,
    )


@app.command("reroute")
def reroute(
    handoff: Handoff,
    *,
    reason: Reason,
    operator: OperatorName,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="CODE",
            show_default=False,
            help="Cơ quan nhận thay; mặc định là cơ quan có thẩm quyền theo danh bạ mới nhất."
            " / The agency that takes it instead; by default the competent one of the newest"
            " directory.",
        ),
    ] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Chuyển cho cơ quan khác, giữ nguyên hạn. / Hand it to another agency; the deadline stays."""
    from bus.cli.hub_database import hub_database
    from bus.ids import AgencyCode
    from bus.workers.operate import Operator

    with hub_database(config) as hub:
        row = hub.operate.reroute(
            found(hub, handoff),
            Operator(operator, reason),
            to=AgencyCode(to) if to is not None else None,
        )
        name = hub.names()(row.agency)
    _tell(row, f"Giao cho {name} thay thế. / It goes to {name} instead.", as_json=as_json)


def _tell(row: "DeliveryRow", what: str, *, as_json: bool) -> None:
    from bus.cli import render

    if as_json:
        shown = {"id": row.id, "dossier": row.dossier, "agency": row.agency, "state": row.state}
        render.show_json(shown)
    else:
        render.show(f"{row.id} {row.state}")
    render.say(what)
