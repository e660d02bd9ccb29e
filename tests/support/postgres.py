"""A private PostgreSQL server for the tests: its own data, its own port, gone afterwards."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Literal
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from bus.storage.engine import open_engine
from bus.storage.migrate import migrate
from tests.support.rabbitmq import eventually

_DEBIAN: Final = Path("/usr/lib/postgresql")
_SUPERUSER: Final = "lienthong"
_STARTS: Final = 3
SERVER: Final = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "60",
    "shared_buffers": "128MB",
}
_THROWN_AWAY: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""Safe only because the data is thrown away: nothing survives a power loss."""
SURVIVES_KILL: Final = SERVER | {"fsync": "off"}
"""What was committed outlives the server's processes, though not the machine's power."""

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


class PostgresNode:
    """One private server: where it listens, and what can be done to it.

    Args:
        home: A folder of its own.
        settings: What the server is to be told besides where it listens.
    """

    def __init__(self, home: Path, settings: dict[str, str]) -> None:
        self._home = home
        self._settings = settings
        self._programs = server_programs()
        self._account = _unprivileged()
        self._password = secrets.token_hex(8)
        self.port = 0
        if self._account is not None:
            os.chown(home, self._account.pw_uid, self._account.pw_gid)
        _initdb(self._programs, home, self._account, self._password)

    @property
    def url(self) -> str:
        """Where a superuser connects to an empty database."""
        return f"postgresql://{_SUPERUSER}:{self._password}@127.0.0.1:{self.port}/postgres"

    @property
    def running(self) -> bool:
        """Whether it was started and neither stopped nor killed."""
        return self._postmaster() is not None

    def start(self) -> None:
        """Start on a free port, or on the same one again."""
        for attempt in range(1 if self.port else _STARTS):
            port = self.port or _free_port()
            try:
                self._start_on(port)
            except RuntimeError:
                # Another program may have taken the port between the look and the start.
                if self.port or attempt == _STARTS - 1:
                    raise
            else:
                self.port = port
                return

    def stop(self) -> None:
        """Stop it at once; whoever is connected is cut off."""
        if self.running:
            self._pg_ctl("stop", "-m", "immediate")

    def kill(self) -> None:
        """End every process of the server as a power cut would. It can be started again."""
        postmaster = self._postmaster()
        if postmaster is None:
            return
        os.kill(postmaster, signal.SIGSTOP)  # else it would start new ones meanwhile
        family = [*_children(postmaster), postmaster]
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        eventually(
            lambda: not any(_lives(pid) for pid in family), within=10, what="the server is dead"
        )
        # Where nobody reaps orphans the server would take its dead predecessor for a living one.
        self._lock_file.unlink(missing_ok=True)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let every process of the server stand still, as over a disk that does not answer."""
        postmaster = self._postmaster()
        if postmaster is None:
            raise RuntimeError("the server is not running")
        os.kill(postmaster, signal.SIGSTOP)
        family = [postmaster, *_children(postmaster)]
        for pid in family:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in reversed(family):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def _start_on(self, port: int) -> None:
        here = {"port": str(port), "unix_socket_directories": ""}
        options = [f"-c {name}={value}" for name, value in (self._settings | here).items()]
        log = str(self._home / "data" / "server.log")
        self._pg_ctl("start", "-w", "-l", log, "-o", " ".join(options))

    def _pg_ctl(self, command: str, *arguments: str) -> None:
        program = str(self._programs / "pg_ctl")
        where = str(self._home / "data")
        _run([program, command, "-D", where, *arguments], self._account, self._home)

    @property
    def _lock_file(self) -> Path:
        return self._home / "data" / "postmaster.pid"

    def _postmaster(self) -> int | None:
        try:
            pid = int(self._lock_file.read_text().partition("\n")[0])
        except (FileNotFoundError, ValueError):
            return None
        return pid if _lives(pid) else None


def _children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _lives(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] not in {"Z", "X"}


@contextmanager
def postgres_node(settings: dict[str, str]) -> Iterator[PostgresNode]:
    """Run a server of our own for the length of the context.

    Raises:
        PostgresMissing: It is not installed.
    """
    home = Path(tempfile.mkdtemp(prefix="lienthong-pg-"))
    try:
        node = PostgresNode(home, settings)
        node.start()
        try:
            yield node
        finally:
            node.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def private_postgres(*, durable: bool = False) -> Iterator[str]:
    """Start a server of our own, yield the URL of its empty database, stop it.

    `durable`: it writes to disk as a server in service does, for benchmarks.

    Raises:
        PostgresMissing: It is not installed.
    """
    with postgres_node(SERVER if durable else SERVER | _THROWN_AWAY) as node:
        yield node.url


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
