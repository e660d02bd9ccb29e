"""`bus procedure`."""
# ruff: noqa: PLC0415 -- what is heavy waits for its command, so that help answers at once

from enum import StrEnum
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


class Form(StrEnum):
    """What a route is shown as."""

    TEXT = "text"
    MERMAID = "mermaid"
    SVG = "svg"
    BPMN = "bpmn"


Format = Annotated[
    Form,
    typer.Option(
        "--format",
        help="Dạng hiển thị: bảng, Mermaid, hình SVG hoặc BPMN 2.0."
        " / Shown as a table, Mermaid, a drawing in SVG, or BPMN 2.0.",
    ),
]
Version = Annotated[
    int | None,
    typer.Option(
        "--version",
        metavar="N",
        show_default=False,
        help="Phiên bản quy trình; mặc định vẽ bản mới nhất. / Version; the newest is drawn.",
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        metavar="FILE",
        show_default=False,
        help="Ghi hình vẽ vào tệp thay vì stdout. / Write the drawing into a file, not to stdout.",
    ),
]
Old = Annotated[
    Path,
    typer.Argument(
        metavar="OLD",
        show_default=False,
        help="Thư mục của tỉnh hoặc tệp quy trình trước khi sửa."
        " / Folder of a province, or a route's file, before the change.",
    ),
]
New = Annotated[
    Path,
    typer.Argument(
        metavar="NEW",
        show_default=False,
        help="Thư mục của tỉnh hoặc tệp quy trình sau khi sửa."
        " / Folder of a province, or a route's file, after the change.",
    ),
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
def show(
    folder: Folder,
    code: Code,
    *,
    format_: Format = Form.TEXT,
    version: Version = None,
    output: Output = None,
    as_json: Json = False,
) -> None:
    """Xem hoặc vẽ các bước của một quy trình. / Show or draw the steps of a route."""
    from bus.cli import drawing_file, render, render_route
    from bus.storage.province import load_province

    if output is not None and format_ is Form.TEXT:
        raise typer.BadParameter("--output cần / needs --format mermaid|svg|bpmn")
    routes = _of(load_province(folder), code, folder, version)
    if format_ is not Form.TEXT:
        newest = max(routes, key=lambda route: route.version)
        drawing_file.put(newest, format_, output, as_json=as_json)
    elif as_json:
        render.show_json([route.model_dump(mode="json") for route in routes])
    else:
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


@app.command("diff")
def diff(old: Old, new: New, *, as_json: Json = False) -> None:
    """So sánh quy trình của hai thư mục hoặc hai tệp; thoát 1 nếu khác. / Compare; exit 1."""
    from bus.cli import render, render_changes
    from bus.cli.route_changes import compared
    from bus.cli.route_source import routes_in

    found = compared(routes_in(old), routes_in(new))
    if as_json:
        render.show_json(render_changes.as_json(found))
    else:
        render.show(*render_changes.lines(found))
        render.say(*render_changes.summary(found))
    if found:
        raise typer.Exit(codes.REFUSED)


def _of(
    province: "Province", code: str, folder: Path, version: int | None = None
) -> "tuple[Route, ...]":
    from bus.errors import NotFound

    routes = tuple(
        route
        for route in province.routes
        if route.procedure == code and version in {None, route.version}
    )
    if not routes:
        there = ", ".join(sorted(f"{route.procedure}/{route.version}" for route in province.routes))
        wanted = code if version is None else f"{code}/{version}"
        raise NotFound(
            f"{folder}: không có quy trình {wanted}; có {there}"
            f" / there is no route {wanted}; there are {there}"
        )
    return routes
