"""`bus broker`."""
# ruff: noqa: PLC0415 -- what is heavy waits for its command, so that help answers at once

from pathlib import Path
from typing import Annotated

import typer

from bus.cli import codes
from bus.cli.options import Config, Json

app = typer.Typer(
    help="Cấu trúc hàng đợi trên RabbitMQ. / The topology on RabbitMQ.", no_args_is_help=True
)

Province = Annotated[
    Path | None,
    typer.Option(
        "--province",
        metavar="DIR",
        show_default=False,
        help="Thư mục của tỉnh; mặc định là danh bạ đã công bố."
        " / Folder of the province; the published directory by default.",
    ),
]
Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="URL",
        show_default=False,
        help="Địa chỉ RabbitMQ với tài khoản quản trị, thay cho cấu hình."
        " / URL of the broker with an administrator's account, instead of the configured one.",
    ),
]
Partitions = Annotated[
    int | None,
    typer.Option(
        "--partitions",
        min=1,
        max=100,
        metavar="N",
        show_default=False,
        help="Số phân vùng; mặc định theo cấu hình, không có cấu hình thì 16."
        " / Number of partitions; as configured by default, 16 without a configuration.",
    ),
]
ManagementUrl = Annotated[
    str | None,
    typer.Option(
        "--management",
        metavar="URL",
        show_default=False,
        help="Địa chỉ API quản trị, để đặt và so sánh quyền; mặc định theo cấu hình."
        " / URL of the management API, for permissions; as configured by default.",
    ),
]
Passwords = Annotated[
    Path | None,
    typer.Option(
        "--passwords",
        metavar="FILE",
        show_default=False,
        help='Tệp TOML, mỗi dòng: tài_khoản = "mật khẩu"; tạo các tài khoản đó.'
        ' / TOML file of lines account = "password"; these accounts are created.',
    ),
]


@app.command("apply")
def apply(
    *,
    config: Config = None,
    province: Province = None,
    url: Url = None,
    partitions: Partitions = None,
    management: ManagementUrl = None,
    passwords: Passwords = None,
    as_json: Json = False,
) -> None:
    """Khai báo hàng đợi và quyền; lặp lại không đổi gì. / Declare everything; safe to repeat."""
    from bus.broker.apply import apply as declare
    from bus.broker.management import apply_permissions
    from bus.cli import render
    from bus.cli.broker_target import passwords_in, require_known, target_of, with_accounts

    target = target_of(config, province, url, partitions, management)
    address = target.address()
    accounts, missing = 0, 0
    if target.management is not None:
        new = passwords_in(passwords)
        require_known(target.topology, new)
        topology, missing = with_accounts(target.topology, target.management, new)
        accounts = apply_permissions(target.management, topology, new)
    elif passwords is not None:
        raise typer.BadParameter("--passwords cần / needs --management")
    applied = declare(address, target.topology)
    if as_json:
        render.show_json(
            {
                "created": applied.created,
                "unchanged": applied.unchanged,
                "accounts": accounts,
                "accounts_missing": missing,
            }
        )
        return
    render.say(
        f"Đã tạo {len(applied.created)}, giữ nguyên {applied.unchanged}, đặt quyền {accounts} tài"
        f" khoản, {missing} cơ quan chưa có tài khoản. / {len(applied.created)} created,"
        f" {applied.unchanged} unchanged, {accounts} accounts set, {missing} not there yet."
    )


@app.command("show")
def show(
    *,
    config: Config = None,
    province: Province = None,
    url: Url = None,
    partitions: Partitions = None,
    as_json: Json = False,
) -> None:
    """In cấu trúc cần có; --json là tệp definitions. / Print it; --json is a definitions file."""
    from bus.broker.apply import show as listed
    from bus.broker.definitions import definitions
    from bus.cli import render
    from bus.cli.broker_target import target_of

    topology = target_of(config, province, url, partitions, None).topology
    if as_json:
        render.show_json(definitions(topology))
        return
    render.show(listed(topology))


@app.command("diff")
def diff(
    *,
    config: Config = None,
    province: Province = None,
    url: Url = None,
    partitions: Partitions = None,
    management: ManagementUrl = None,
    as_json: Json = False,
) -> None:
    """So sánh RabbitMQ với cấu trúc cần có; thoát 1 nếu khác. / Compare; exit 1 if it differs."""
    from dataclasses import asdict

    from bus.broker.apply import compare
    from bus.cli import render
    from bus.cli.broker_target import target_of, with_accounts

    target = target_of(config, province, url, partitions, management)
    topology, missing = target.topology, 0
    if target.management is not None:
        topology, missing = with_accounts(topology, target.management, {})
    found = compare(target.address(), topology, management_url=target.management)
    if as_json:
        render.show_json(
            {"differences": [asdict(one) for one in found], "accounts_missing": missing}
        )
    else:
        render.show(*(str(one) for one in found))
        render.say(f"{len(found)} khác biệt. / Differences: {len(found)}.")
    if found:
        raise typer.Exit(codes.REFUSED)
