"""`bus procedure`."""
# ruff: noqa: PLC0415 -- what is heavy waits for its command, so that help answers at once

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bus.cli import codes
from bus.cli.options import Folder, Json

if TYPE_CHECKING:
    from bus.schemas.province import Province
    from bus.schemas.route import Route

app = typer.Typer(
    help="Quy trình liên thông. / The routes of linked procedures.", no_args_is_help=True
)
_CODE_HELP = "Mã thủ tục hành chính, ví dụ 2.000286. / Code of the procedure, as 2.000286."
Code = Annotated[str, typer.Argument(metavar="CODE", show_default=False, help=_CODE_HELP)]
MaybeCode = Annotated[
    str | None, typer.Argument(metavar="[CODE]", show_default=False, help=_CODE_HELP)
]


@app.command("list")
def list_(folder: Folder, *, as_json: Json = False) -> None:
    """Liệt kê quy trình. / List the routes."""
    from bus.cli import render, render_route
    from bus.storage.province import load_province

    routes = load_province(folder).routes
    if as_json:
        render.show_json([render_route.line(route) for route in routes])
        return
    if not routes:
        render.say(f"Chưa có quy trình: hãy thêm tệp vào {folder / 'routes'}. / No route yet.")
    render_route.show_list(routes)


@app.command("show")
def show(folder: Folder, code: Code, *, as_json: Json = False) -> None:
    """Xem các bước của một quy trình. / Show the steps of a route."""
    from bus.cli import render, render_route
    from bus.storage.province import load_province

    routes = _of(load_province(folder), code, folder)
    if as_json:
        render.show_json([route.model_dump(mode="json") for route in routes])
        return
    for route in routes:
        render_route.show_route(route)


@app.command("check")
def check(folder: Folder, code: MaybeCode = None, *, as_json: Json = False) -> None:
    """Kiểm tra đường đi của mọi hồ sơ; thoát 1 nếu sai. / Prove every way; exit 1 on errors."""
    from dataclasses import replace

    from bus.cli import findings, render
    from bus.routing.plan import examine
    from bus.storage.province import read_province

    kept = read_province(folder)
    province = kept.province
    if code is not None:
        routes = _of(province, code, folder)
        province = province.model_copy(update={"routes": routes})
    checked = examine(province)
    if code is not None:  # what is said about no one route would be about those left out
        own = tuple(one for one in checked.findings if one.procedure is not None)
        checked = replace(checked, findings=own)
    if as_json:
        render.show_json(findings.as_json(checked, kept.place))
    else:
        render.show(findings.summary(checked), *findings.lines(checked.findings, kept.place))
    if not checked.ok:
        raise typer.Exit(codes.REFUSED)


def _of(province: "Province", code: str, folder: Path) -> "tuple[Route, ...]":
    from bus.errors import NotFound

    routes = tuple(route for route in province.routes if route.procedure == code)
    if not routes:
        there = ", ".join(sorted({route.procedure for route in province.routes}))
        raise NotFound(
            f"{folder}: không có quy trình {code}; có {there}"
            f" / there is no route {code}; there are {there}"
        )
    return routes
