"""Options that several commands share, so that they mean and say the same everywhere."""

from pathlib import Path
from typing import Annotated, Final

import typer


def _said(text: str) -> str:
    """Refuse what says nothing: who acts and why stay on record for ever."""
    if not text.strip():
        raise typer.BadParameter("không được để trống / must not be empty")
    return text.strip()


Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        envvar="BUS_CONFIG",
        metavar="FILE",
        show_default=False,
        help="Tệp cấu hình của hub; mặc định ./hub.toml nếu có."
        " / The hub's configuration file; ./hub.toml by default if it is there.",
    ),
]
Json = Annotated[
    bool,
    typer.Option("--json", help="In dữ liệu dạng JSON ra stdout. / Print JSON to stdout."),
]
JsonLog = Annotated[
    bool,
    typer.Option(
        "--json", help="Ghi nhật ký dạng JSON, mỗi dòng một sự kiện. / Log lines as JSON, one each."
    ),
]
Folder = Annotated[
    Path,
    typer.Argument(
        metavar="DIR",
        show_default=False,
        help="Thư mục dữ liệu của tỉnh, ví dụ deploy/yen-bai."
        " / Folder of a province's data, as deploy/yen-bai.",
    ),
]
Dossier = Annotated[
    str,
    typer.Argument(metavar="CODE", show_default=False, help="Mã số hồ sơ. / Code of the dossier."),
]
OperatorName = Annotated[
    str,
    typer.Option(
        "--operator",
        envvar="BUS_OPERATOR",
        metavar="NAME",
        show_default=False,
        callback=_said,
        help="Người thực hiện, được ghi lại. / Who does this; it is recorded.",
    ),
]
Reason = Annotated[
    str,
    typer.Option(
        "--reason",
        metavar="TEXT",
        show_default=False,
        callback=_said,
        help="Lý do, được ghi lại. / Why; it is recorded.",
    ),
]
Limit = Annotated[
    int,
    typer.Option(
        "--limit", min=1, max=10_000, metavar="N", help="Số dòng nhiều nhất. / Most lines shown."
    ),
]

_DEFAULT: Final = Path("hub.toml")


def config_file(given: Path | None) -> Path | None:
    """Return the configuration file to read; None where only the environment says something."""
    if given is None and _DEFAULT.is_file():
        return _DEFAULT
    return given
