"""`bus key`."""
# ruff: noqa: PLC0415 -- what is heavy waits for its command, so that help answers at once

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bus.cli.options import Json

if TYPE_CHECKING:
    from bus.schemas.directory import AgencyEntry, SigningKey

app = typer.Typer(help="Khoá ký. / Signing keys.", no_args_is_help=True)


_Agency = Annotated[
    str,
    typer.Argument(
        metavar="AGENCY",
        show_default=False,
        help="Mã định danh cơ quan, ví dụ H63.140.05. / Code of the agency, as H63.140.05.",
    ),
]

_Province = Annotated[
    Path,
    typer.Option(
        "--province",
        metavar="DIR",
        show_default=False,
        help="Thư mục dữ liệu của tỉnh; khoá công khai được ghi vào keys/ trong đó."
        " / Folder of the province; the public key goes into its keys/.",
    ),
]

_Out = Annotated[
    Path,
    typer.Option(
        "--out",
        metavar="FILE",
        show_default=False,
        help="Tệp khoá riêng được ghi mới, quyền 0600; nếu là thư mục thì tên là <kid>.pem."
        " / New file for the private key, mode 0600; inside a folder it is named <kid>.pem.",
    ),
]

_Algorithm = Annotated[
    str,
    typer.Option(
        "--algorithm",
        metavar="ALG",
        help="Thuật toán: ES256, Ed25519 hoặc RS256. / Algorithm: ES256, Ed25519 or RS256.",
    ),
]

_Days = Annotated[
    int,
    typer.Option(
        "--days",
        min=1,
        max=36_500,
        metavar="N",
        help="Số ngày khoá có hiệu lực. / Days the key counts.",
    ),
]

_Start = Annotated[
    datetime | None,
    typer.Option(
        "--from",
        formats=["%Y-%m-%d"],
        metavar="YYYY-MM-DD",
        show_default=False,
        help="Ngày bắt đầu hiệu lực, dùng khi diễn tập; mặc định là lúc này."
        " / First day it counts, for rehearsals; now by default.",
    ),
]


@app.command("new")
def new(
    agency: _Agency,
    *,
    province: _Province,
    out: _Out,
    algorithm: _Algorithm = "ES256",
    days: _Days = 730,
    start: _Start = None,
    as_json: Json = False,
) -> None:
    """Tạo khoá ký cho một cơ quan và in kid. / Make a signing key and print its kid."""
    from bus.cli import render
    from bus.crypto.keys import new_key
    from bus.schemas.directory import KeyAlgorithm

    if algorithm not in set(KeyAlgorithm):
        raise typer.BadParameter(f"'{algorithm}'; ES256, Ed25519, RS256", param_hint="--algorithm")
    entry = _known(agency, province)
    begins = start.replace(tzinfo=render.LOCAL) if start else datetime.now(render.LOCAL)
    public, pem = new_key(entry.code, KeyAlgorithm(algorithm), begins.replace(microsecond=0), days)
    private = out / f"{public.kid}.pem" if out.is_dir() else out
    file = _written(private, pem, province, public)
    _tell(public, private, file, entry.name, as_json=as_json)


def _known(code: str, province: Path) -> "AgencyEntry":
    from bus.errors import NotFound
    from bus.routing.competence import Directory
    from bus.storage.province import load_province

    entry = Directory(load_province(province).directory).agency(code)
    if entry is None:
        raise NotFound(
            f"{code}: không có cơ quan này trong {province / 'agencies.csv'}; hãy kiểm tra mã"
            f" / {code} is no agency of {province / 'agencies.csv'}; check the code"
        )
    return entry


def _written(private: Path, pem: bytes, province: Path, public: "SigningKey") -> Path:
    """Write both halves or none: a private key without its public one is of no use."""
    from bus.crypto.keys import write_private
    from bus.errors import BusError
    from bus.storage.province import write_key

    write_private(private, pem)
    try:
        return write_key(province, public)
    except BusError:
        private.unlink(missing_ok=True)
        raise


def _tell(public: "SigningKey", private: Path, file: Path, name: str, *, as_json: bool) -> None:
    from bus.cli import render

    if as_json:
        render.show_json(
            {
                "kid": public.kid,
                "agency": public.agency,
                "algorithm": public.algorithm,
                "private": private,
                "public": file,
                "valid_from": public.valid_from,
                "valid_to": public.valid_to,
            }
        )
    else:
        render.show(public.kid)
    render.say(
        f"Khoá của {name}: riêng {private}, công khai {file}. / Private and public key written.",
        f'Cấu hình / Configure: key_file = "{private}", kid = "{public.kid}".',
        "Công bố lại danh bạ để khoá có hiệu lực. / Publish the directory for it to count.",
    )
