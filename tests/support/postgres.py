"""A private PostgreSQL server for the tests: its own data, its own port, gone afterwards."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Literal
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from bus.storage.engine import open_engine
from bus.storage.migrate import migrate

_DEBIAN: Final = Path("/usr/lib/postgresql")
_SUPERUSER: Final = "lienthong"
_STARTS: Final = 3
_SERVER: Final = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "60",
    "shared_buffers": "128MB",
}
_THROWN_AWAY: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""Safe only because the data is thrown away: nothing survives a power loss."""

Kind = Literal["hub", "edge"]


class PostgresMissing(Exception):
    """PostgreSQL's server programs are not installed."""


def server_programs() -> Path:
    """Return the folder of the newest installed server's programs.

    Raises:
        PostgresMissing: None is installed; the message names the package.
    """
    found = [path.parent for path in _DEBIAN.glob("*/bin/initdb")]
    if not found:
        raise PostgresMissing(
            f"no PostgreSQL server under {_DEBIAN}; the storage tests start one of their own."
            " Install the package `postgresql` (Debian, Ubuntu: apt-get install postgresql)"
        )
    return max(found, key=lambda path: int(path.parent.name))


@contextmanager
def private_postgres(*, durable: bool = False) -> Iterator[str]:
    """Start a server of our own, yield the URL of its empty database, stop it.

    `durable`: it writes to disk as a server in service does, for benchmarks.

    Raises:
        PostgresMissing: It is not installed.
    """
    programs = server_programs()
    home = Path(tempfile.mkdtemp(prefix="lienthong-pg-"))
    account = _unprivileged()
    try:
        if account is not None:
            os.chown(home, account.pw_uid, account.pw_gid)
        password = secrets.token_hex(8)
        _initdb(programs, home, account, password)
        port = _start(programs, home, account, _SERVER if durable else _SERVER | _THROWN_AWAY)
        try:
            yield f"postgresql://{_SUPERUSER}:{password}@127.0.0.1:{port}/postgres"
        finally:
            stop = [str(programs / "pg_ctl"), "stop", "-D", str(home / "data"), "-m", "immediate"]
            _run(stop, account, home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _unprivileged() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root; a container's tests often are."""
    if os.geteuid() != 0:
        return None
    with suppress(KeyError):
        return pwd.getpwnam("postgres")
    return pwd.getpwnam("nobody")


def _run(command: Sequence[str], account: pwd.struct_passwd | None, home: Path) -> None:
    if account is not None:
        ids = [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
        command = ["setpriv", *ids, *command]
    with (home / "programs.log").open("a+") as log:
        done = subprocess.run(command, cwd=home, stdout=log, stderr=log, check=False, timeout=90)
        if done.returncode != 0:
            log.seek(0)
            raise RuntimeError(f"{' '.join(command)} failed:\n{log.read()[-4000:]}")


def _initdb(programs: Path, home: Path, account: pwd.struct_passwd | None, password: str) -> None:
    secret = home / "password"
    secret.write_text(password)
    secret.chmod(0o600)
    if account is not None:
        os.chown(secret, account.pw_uid, account.pw_gid)
    command = [str(programs / "initdb"), "-D", str(home / "data"), "-U", _SUPERUSER]
    command += ["--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", "--no-sync"]
    _run([*command, f"--pwfile={secret}"], account, home)


def _start(
    programs: Path, home: Path, account: pwd.struct_passwd | None, settings: Mapping[str, str]
) -> int:
    """Start on a free port; another program may take it between the look and the start."""
    options = [f"-c {name}={value}" for name, value in settings.items()]
    for attempt in range(_STARTS):
        port = _free_port()
        here = [f"-c port={port}", f"-c unix_socket_directories={home}"]
        command = [str(programs / "pg_ctl"), "start", "-w", "-D", str(home / "data")]
        command += ["-l", str(home / "data" / "server.log"), "-o", " ".join(options + here)]
        try:
            _run(command, account, home)
        except RuntimeError:
            if attempt == _STARTS - 1:
                raise
        else:
            return port
    raise AssertionError


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fresh_database(url: str, kind: Kind | None = None) -> str:
    """Make a database on that server and return its URL: migrated for `kind`, or empty.

    The schema is migrated once into a template, and copied.
    """
    name = f"test_{uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as server:
        template = "template0" if kind is None else _template(server, url, kind)
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    return _on(url, name)


def drop_database(url: str) -> None:
    """Remove a database made by `fresh_database`, with whatever is still connected to it."""
    with psycopg.connect(_on(url, "postgres"), autocommit=True) as server:
        name = sql.Identifier(make_url(url).database or "")
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


def cut_connections(url: str) -> int:
    """End every other connection to that database, as a fail-over does; return how many."""
    with psycopg.connect(url, autocommit=True) as server:
        cut = server.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchone()
    return int(cut[0]) if cut else 0


def _template(server: psycopg.Connection, url: str, kind: Kind) -> str:
    name = f"migrated_{kind}"
    if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        engine = open_engine(_on(url, name))
        try:
            migrate(engine, kind)
        finally:
            engine.dispose()
    return name


def _on(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)
