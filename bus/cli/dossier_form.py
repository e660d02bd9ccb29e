"""`bus dossier form`."""
# ruff: noqa: PLC0415 -- what is heavy waits for its command, so that help answers at once

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bus.cli.options import Config, Dossier, Json
from bus.routing.forms.kinds import FormKind, FormSet

if TYPE_CHECKING:
    from bus.routing.forms.documents import Document
    from bus.routing.forms.issue import Order


class Format(StrEnum):
    """How a form is written."""

    HTML = "html"
    PDF = "pdf"
    JSON = "json"


_Kind = Annotated[
    FormKind,
    typer.Option(
        "--form",
        show_default=False,
        help="Văn bản cần lập. / Which document.",
    ),
]
_Set = Annotated[
    FormSet | None,
    typer.Option(
        "--set",
        show_default=False,
        help="Bộ mẫu: 2018 là Thông tư 01/2018/TT-VPCP, 2025 là Thông tư 03/2025/TT-VPCP; mặc định"
        " theo ngày của văn bản."
        " / Forms of that year's circular; by the document's day by default.",
    ),
]
_Format = Annotated[
    Format | None,
    typer.Option(
        "--format",
        show_default=False,
        help="Dạng tệp; mặc định html. / Kind of file; html by default.",
    ),
]
_Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        show_default=False,
        help="Tệp ghi ra, chỉ người ghi đọc được; mặc định stdout."
        " / File to write, readable by its owner only; stdout by default.",
    ),
]
_Ordinal = Annotated[
    int | None,
    typer.Option(
        "--ordinal",
        min=1,
        metavar="N",
        show_default=False,
        help="Văn bản thứ mấy khi có nhiều; mặc định là bản cuối."
        " / Which one of several; the last by default.",
    ),
]
_Owner = Annotated[
    bool,
    typer.Option(
        "--with-owner",
        help="Ghi cả chủ hồ sơ và trích yếu, là dữ liệu cá nhân; nếu không thì để trống."
        " / Fill in owner and title, which are personal data; otherwise they stay blank.",
    ),
]
_Number = Annotated[
    str | None,
    typer.Option(
        "--document-number",
        metavar="TEXT",
        show_default=False,
        help="Số văn bản do đơn vị cấp; nếu không thì để trống."
        " / Number the unit's register gave; otherwise blank.",
    ),
]


def form(
    code: Dossier,
    *,
    kind: _Kind,
    of: _Set = None,
    written: _Format = None,
    output: _Output = None,
    ordinal: _Ordinal = None,
    with_owner: _Owner = False,
    number: _Number = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Lập biểu mẫu của một hồ sơ từ sổ cái. / Make a form of a dossier from the ledger."""
    from bus.routing.forms.issue import Order

    chosen = _format(written, as_json=as_json)
    if chosen is Format.PDF and output is None:
        raise typer.BadParameter("pdf cần --output FILE / pdf needs --output FILE")
    document = _made(code, Order(kind, of, ordinal, with_owner, number), config)
    text = _text(document, chosen)
    if output is None:
        typer.echo(text.decode())
        return
    _write(output, text)
    typer.echo(str(output))


def _format(written: Format | None, *, as_json: bool) -> Format:
    if as_json and written not in {None, Format.JSON}:
        raise typer.BadParameter(f"--json và / and --format {written}")
    return Format.JSON if as_json else written or Format.HTML


def _made(code: str, order: "Order", config: Path | None) -> "Document":
    from bus.cli.dossier_found import found
    from bus.cli.hub_database import hub_database
    from bus.routing.forms.chronicle import chronicle
    from bus.routing.forms.issue import issue

    with hub_database(config) as hub:
        case = found(hub, code)
        history = chronicle(hub.queries.entries_of([case.code]), hub.catalogues.version)
        return issue(order, history, hub.now(), hub.names())


def _text(document: "Document", chosen: Format) -> bytes:
    match chosen:
        case Format.HTML:
            from bus.printing.html import html

            return html(document).encode()
        case Format.PDF:
            from bus.printing.pdf import pdf

            return pdf(document)
        case Format.JSON:
            from bus.cli.render import json_text

            return json_text(document).encode()


def _write(file: Path, text: bytes) -> None:
    import os

    from bus.errors import ActRefused

    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as opened:
            opened.write(text)
    except OSError as error:
        raise ActRefused(
            f"{file}: không ghi được ({error.strerror}); hãy chọn tệp khác"
            f" / cannot be written ({error.strerror}); choose another file"
        ) from error
