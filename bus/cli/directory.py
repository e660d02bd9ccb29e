"""`bus directory`."""
# ruff: noqa: PLC0415 -- what is heavy waits for its command, so that help answers at once

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bus.cli import codes, directory_cutover
from bus.cli.options import Config, Folder, Json, OperatorName, Reason

if TYPE_CHECKING:
    from bus.cli.changes import Change
    from bus.cli.hub_database import HubDatabase
    from bus.routing.plan import Checked
    from bus.schemas.province import Province
    from bus.storage.province import Kept

app = typer.Typer(
    help="Danh bạ, khoá, quy trình và lịch của tỉnh."
    " / The province's directory, keys, routes and calendar.",
    no_args_is_help=True,
)


@app.command("check")
def check(folder: Folder, *, as_json: Json = False) -> None:
    """Kiểm tra thư mục của tỉnh; thoát 1 nếu sai. / Check a province's folder; exit 1 on errors."""
    from bus.cli import changes, findings, render

    kept, checked = _read(folder)
    province = kept.province
    held = changes.changes(None, province)
    if as_json:
        counts = {name: one.total for name, one in held.items() if name != "rules"}
        render.show_json(
            {"name": province.name, **counts, "check": findings.as_json(checked, kept.place)}
        )
    else:
        render.show(findings.summary(checked), *findings.lines(checked.findings, kept.place))
        render.show(
            *(f"{changes.PARTS[n]}: {one.total}" for n, one in held.items() if n != "rules")
        )
    if not checked.ok:
        raise typer.Exit(codes.REFUSED)


@app.command("publish")
def publish(
    folder: Folder,
    *,
    reason: Reason,
    operator: OperatorName,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Công bố thư mục của tỉnh thành một phiên bản mới. / Publish a folder as one new version."""
    from bus.cli import changes, findings, render
    from bus.cli.hub_database import hub_database

    kept, checked = _read(folder)
    province = kept.province
    if not checked.ok:
        render.show(findings.summary(checked), *findings.lines(checked.findings, kept.place))
        render.say("Chưa công bố: hãy sửa các lỗi trên. / Not published: mend these errors first.")
        raise typer.Exit(codes.REFUSED)
    with hub_database(config) as hub:
        newest = hub.store.catalogue_version()
        found = changes.changes(hub.store.catalogue(newest) if newest else None, province)
        version = _published(hub, province, found, operator, reason)
    _tell(version, found, new=version != newest, as_json=as_json)


app.command("cutover")(directory_cutover.cutover)


def _read(folder: Path) -> "tuple[Kept, Checked]":
    from bus.routing.plan import examine
    from bus.storage.province import read_province

    kept = read_province(folder)
    return kept, examine(kept.province)


def _published(
    hub: "HubDatabase",
    province: "Province",
    found: "dict[str, Change]",
    operator: str,
    reason: str,
) -> int:
    """Store the version, unless it is the newest already: a repeat changes nothing."""
    if not any(one.any for one in found.values()):
        return hub.store.catalogue_version()
    return hub.store.publish(province, at=hub.now(), actor=operator, reason=reason)


def _tell(version: int, found: "dict[str, Change]", *, new: bool, as_json: bool) -> None:
    from bus.cli import changes, render

    if as_json:
        render.show_json({"version": version, "published": new, "changes": changes.as_json(found)})
        return
    if not new:
        render.say(f"Không có gì thay đổi so với phiên bản {version}. / Nothing has changed.")
        return
    render.show(str(version))
    render.say(
        f"Đã công bố phiên bản {version}. / Version {version} is published.",
        *changes.lines(found),
    )
