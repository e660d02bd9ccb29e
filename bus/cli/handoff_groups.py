"""`bus handoff`: hand-offs that failed alike, and their retry as a group."""
# ruff: noqa: PLC0415 -- what is heavy waits for its command, so that help answers at once

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from bus.cli import codes
from bus.cli.handoff_options import SHORTEST, Agency, uuid_of
from bus.cli.options import Config, Json, Limit, OperatorName, Reason

if TYPE_CHECKING:
    from bus.cli.hub_database import HubDatabase
    from bus.ports import TaskRow
    from bus.storage.views import GroupLine

app = typer.Typer()

Fingerprint = Annotated[
    str,
    typer.Argument(
        metavar="FINGERPRINT",
        show_default=False,
        help="Mã nhóm lỗi như `bus handoff groups` in ra; vài ký tự đầu là đủ."
        " / Group as `bus handoff groups` prints it; its first letters are enough.",
    ),
]
Task = Annotated[
    UUID,
    typer.Argument(
        metavar="TASK",
        show_default=False,
        parser=uuid_of,
        help="Mã tác vụ gửi lại cả nhóm. / Id of the group retry.",
    ),
]

Canary = Annotated[
    int,
    typer.Option(
        "--canary",
        min=0,
        max=100,
        metavar="N",
        help="Số lần giao đi trước để thử; phần còn lại chờ kết quả."
        " / How many go first, alone; the rest waits for what becomes of them.",
    ),
]
Batch = Annotated[
    int,
    typer.Option(
        "--batch",
        min=1,
        max=1000,
        metavar="N",
        help="Số lần giao đang đi cùng lúc sau đó. / How many are under way at once then.",
    ),
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help="Chỉ cho biết điều gì sẽ xảy ra, không gửi gì."
        " / Only tell what would happen; send nothing.",
    ),
]


@app.command("groups")
def groups(
    *, agency: Agency = None, limit: Limit = 50, config: Config = None, as_json: Json = False
) -> None:
    """Gom các lần giao chờ xử lý theo lỗi. / Group parked hand-offs by how they failed."""
    from bus.cli import render, render_failed
    from bus.cli.hub_database import hub_database
    from bus.ids import AgencyCode

    with hub_database(config) as hub:
        found = hub.failed.groups(agency=AgencyCode(agency) if agency else None, limit=limit)
        names = hub.names()
    if as_json:
        render.show_json(found)
    elif found:
        render_failed.show_groups(found, names)
    else:
        render.say(
            "Không có lần giao nào chờ xử lý. / No hand-off waits for an operator.",
        )


@app.command("retry-group")
def retry_group(
    fingerprint: Fingerprint,
    *,
    reason: Reason,
    operator: OperatorName,
    canary: Canary = 1,
    batch: Batch = 50,
    dry_run: DryRun = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Gửi lại cả nhóm: thử trước, rồi từng đợt. / Retry a group: a few first, then the rest."""
    from bus.cli import render, render_failed
    from bus.cli.hub_database import hub_database
    from bus.workers.operate import Operator

    with hub_database(config) as hub:
        group = _group(hub, fingerprint)
        rows = hub.failed.parked(group.fingerprint)
        if dry_run:
            seen = hub.forecast(rows)
            if as_json:
                render.show_json(render_failed.forecast_json(seen))
            else:
                render_failed.show_forecast(seen, hub.names())
            raise typer.Exit(codes.REFUSED if seen.unfit else codes.DONE)
        who = Operator(operator, reason)
        task = hub.staging.begin(rows, who, canary=min(canary, len(rows)), batch=batch)
    if as_json:
        render.show_json({"task": task.id, "handoffs": len(rows), "state": task.state})
    else:
        render.show(str(task.id))
    render.say(
        f"{len(rows)} lần giao sẽ được gửi lại khi hub chạy; theo dõi: `bus handoff tasks"
        f" {task.id}`. / {len(rows)} hand-offs go out again as the hub runs; watch: `bus handoff"
        f" tasks {task.id}`."
    )


@app.command("tasks")
def tasks(
    task: Annotated[
        UUID | None,
        typer.Argument(
            metavar="[TASK]",
            show_default=False,
            parser=uuid_of,
            help="Theo dõi một tác vụ đến khi xong; bỏ trống để liệt kê."
            " / Watch one until it ends; without it all are listed.",
        ),
    ] = None,
    *,
    limit: Limit = 20,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Xem việc gửi lại cả nhóm đang đến đâu. / Show how group retries get on."""
    from bus.cli import render, render_failed
    from bus.cli.hub_database import hub_database

    with hub_database(config) as hub:
        if task is not None:
            one = _task(hub, task)
            if not as_json:
                render_failed.watch(hub.tasks, one)
                one = _task(hub, task)
            found = [one]
        else:
            found = list(hub.tasks.tasks(limit))
        lines = [(one, hub.tasks.counts(one.id)) for one in found]
    if as_json:
        render.show_json([render_failed.task_json(one, counts) for one, counts in lines])
    elif lines:
        render_failed.show_tasks(lines)
    else:
        render.say("Chưa có lần gửi lại cả nhóm nào. / No group retry yet.")


@app.command("stop")
def stop(
    task: Task,
    *,
    reason: Reason,
    operator: OperatorName,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Dừng gửi lại cả nhóm. / Stop a group retry; what is under way ends by itself."""
    from bus.cli.hub_database import hub_database
    from bus.workers.operate import Operator

    with hub_database(config) as hub:
        hub.staging.stop(_task(hub, task), Operator(operator, reason))
        after = _task(hub, task)
    _tell(after, "Đã dừng; tiếp tục bằng `bus handoff resume`. / Stopped.", as_json=as_json)


@app.command("resume")
def resume(
    task: Task,
    *,
    reason: Reason,
    operator: OperatorName,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Tiếp tục gửi lại cả nhóm đã dừng. / Go on with a group retry that was stopped."""
    from bus.cli.hub_database import hub_database
    from bus.workers.operate import Operator

    with hub_database(config) as hub:
        hub.staging.resume(_task(hub, task), Operator(operator, reason))
        after = _task(hub, task)
    _tell(after, "Tiếp tục khi hub chạy. / It goes on as the hub runs.", as_json=as_json)


def _group(hub: "HubDatabase", given: str) -> "GroupLine":
    """Return the one group whose fingerprint begins so."""
    from bus.errors import NotFound

    every = hub.failed.groups(limit=10_000)
    fit = [one for one in every if one.fingerprint.startswith(given.lower())]
    if len(given) >= SHORTEST and len(fit) == 1:
        return fit[0]
    raise NotFound(
        f"{len(fit)} nhóm có mã bắt đầu bằng “{given}”; hãy gõ ít nhất {SHORTEST} ký tự của một mã"
        f" trong `bus handoff groups` / {len(fit)} groups begin with “{given}”; give at least"
        f" {SHORTEST} letters of one that `bus handoff groups` prints"
    )


def _task(hub: "HubDatabase", id_: UUID) -> "TaskRow":
    from bus.errors import NotFound

    task = hub.tasks.task(id_)
    if task is None:
        raise NotFound(
            f"không có tác vụ {id_}; xem `bus handoff tasks`"
            f" / there is no task {id_}; see `bus handoff tasks`"
        )
    return task


def _tell(task: "TaskRow", what: str, *, as_json: bool) -> None:
    from bus.cli import render

    if as_json:
        render.show_json({"task": task.id, "state": task.state})
    else:
        render.show(f"{task.id} {task.state}")
    render.say(what)
