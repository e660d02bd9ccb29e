"""`bus schema`."""
# ruff: noqa: PLC0415 -- what is heavy waits for its command, so that help answers at once

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bus.cli.options import Json

if TYPE_CHECKING:
    from collections.abc import Mapping

app = typer.Typer(help="Lược đồ thông điệp. / Schemas of messages.", no_args_is_help=True)


@app.command("export")
def export(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            show_default=False,
            help="Thư mục ghi ra; được tạo nếu chưa có. / Folder to write to; made if missing.",
        ),
    ],
    *,
    partitions: Annotated[
        int | None,
        typer.Option(
            "--partitions",
            min=1,
            max=1024,
            metavar="N",
            show_default=False,
            help="Số phân vùng của tỉnh, ghi vào tài liệu AsyncAPI."
            " / Number of the province's partitions, for the AsyncAPI document.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Ghi JSON Schema và AsyncAPI cho đối tác. / Write JSON Schema and AsyncAPI for partners."""
    from bus.cli import render
    from bus.schemas.export.asyncapi import asyncapi
    from bus.schemas.export.json_schema import json_schemas

    documents = {"asyncapi.json": asyncapi(partitions=partitions), **json_schemas()}
    _write(folder, documents)
    if as_json:
        render.show_json({"folder": folder, "files": list(documents)})
        return
    render.show(*(str(folder / name) for name in documents))
    render.say(f"Đã ghi {len(documents)} tệp. / {len(documents)} files written.")


def _write(folder: Path, documents: "Mapping[str, object]") -> None:
    import json

    from bus.errors import ActRefused

    try:
        for name, document in documents.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(document, ensure_ascii=False, indent=2)
            file.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise ActRefused(
            f"{folder}: không ghi được ({error.strerror}); hãy chọn thư mục khác"
            f" / cannot be written ({error.strerror}); choose another folder"
        ) from error
