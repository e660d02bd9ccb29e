"""A private RabbitMQ node from Debian's package, for tests and benchmarks; nothing else is touched.

Everything of the node is its own: data, log, cookie, ports and the Erlang port mapper. All of it
listens on the loopback interface only and is gone when the context ends.
"""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

SERVER: Final = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
CTL: Final = Path("/usr/lib/rabbitmq/bin/rabbitmqctl")
SYSTEM_USER: Final = "rabbitmq"
ADMIN: Final = "lienthong-admin"

_ENDS_WITH_US: Final = ("setpriv", "--pdeathsig", "TERM", "--")
"""So that no node outlives the thread that started it, however that ends."""

_CONFIG: Final = """\
listeners.tcp.1 = 127.0.0.1:{amqp}
{management}
{cluster}
default_user = {user}
default_pass = {password}
loopback_users = none
raft.wal_max_size_bytes = 134217728
disk_free_limit.absolute = 50MB
log.console = false
log.file.level = warning
"""

_JOINS: Final = """\
cluster_formation.peer_discovery_backend = classic_config
cluster_formation.classic_config.nodes.1 = {peer}
cluster_formation.discovery_retry_limit = 100
cluster_formation.discovery_retry_interval = 200
"""


class RabbitMissing(RuntimeError):
    """The Debian package is not installed."""


class RabbitFailed(RuntimeError):
    """The node or its tool did not do what was asked; the message ends with its log."""


def eventually(holds: Callable[[], bool], *, within: float, what: str, every: float = 0.05) -> None:
    """Ask again and again until it holds.

    Raises:
        TimeoutError: It did not hold in time.
    """
    end = time.monotonic() + within
    pause = threading.Event()
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not so after {within} s")
        pause.wait(every)


class RabbitNode:
    """One private node: where it listens, and what can be done to it.

    Args:
        home: A folder of its own.
        management: Whether it has the HTTP API.
        peer: A node that runs and whose cluster this one joins when it starts; they share
            cookie, password and port mapper.
    """

    def __init__(self, home: Path, *, management: bool, peer: "RabbitNode | None" = None) -> None:
        self._home = home
        self._name = f"lienthong-{os.getpid()}-{secrets.token_hex(3)}@localhost"
        self._amqp, self._dist, self._epmd, self._http = free_ports(4)
        self._password = secrets.token_hex(16)
        self._cookie = secrets.token_hex(20)
        self._peer = peer
        if peer is not None:
            self._epmd, self._password, self._cookie = peer._epmd, peer._password, peer._cookie
        self._management = management
        self._server: subprocess.Popen[bytes] | None = None
        self._mapper: subprocess.Popen[bytes] | None = None
        self._prepare()

    @property
    def admin(self) -> str:
        """The administrator's account."""
        return ADMIN

    @property
    def amqp_url(self) -> str:
        """Where an administrator connects; the default virtual host."""
        return self.url("/")

    @property
    def management_url(self) -> str:
        """Where the administrator finds the HTTP API."""
        if not self._management:
            raise RabbitFailed("this node runs without management; ask for management=True")
        return f"http://{ADMIN}:{self._password}@127.0.0.1:{self._http}"

    @property
    def name(self) -> str:
        """The node's name among its peers."""
        return self._name

    @property
    def port(self) -> int:
        """Where it takes AMQP connections."""
        return self._amqp

    @property
    def running(self) -> bool:
        """Whether the node was started and neither stopped nor killed."""
        return self._server is not None

    @property
    def pid(self) -> int:
        """Process id of the Erlang machine, to stop and continue it."""
        if self._server is None:
            raise RabbitFailed("the node is not running")
        return self._server.pid

    def url(self, vhost: str, *, user: str = ADMIN, password: str | None = None) -> str:
        """Return where an account connects to a virtual host."""
        word = self._password if password is None else password
        where = urllib.parse.quote(vhost, safe="")
        return f"amqp://{user}:{word}@127.0.0.1:{self._amqp}/{where}"

    def rabbitmqctl(self, *args: str) -> str:
        """Run the node's own tool and return what it wrote."""
        done = subprocess.run(
            [str(CTL), "--quiet", "--node", self._name, *args],
            env=self._environment(),
            cwd=self._home,
            user=_system_user(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise RabbitFailed(f"rabbitmqctl {args[0]}: {done.stdout}{done.stderr}")
        return done.stdout

    def add_user(self, name: str, password: str) -> None:
        """Make an account without any permission."""
        self.rabbitmqctl("add_user", name, password)

    def remember_queues(self) -> None:
        """Let it write its register of queues to disk, as it does by itself within a second.

        A node killed before that never finds a queue again that had just been declared.
        """
        self.rabbitmqctl("eval", "[dets:sync(T) || T <- dets:all()].")

    @contextlib.contextmanager
    def without_memory(self) -> Iterator[None]:
        """Let the node believe that it has used up what it may, so that it blocks publishers."""
        self.rabbitmqctl("set_vm_memory_high_watermark", "absolute", "1")
        try:
            yield
        finally:
            self.rabbitmqctl("set_vm_memory_high_watermark", "0.4")

    def start(self) -> None:
        """Start the node and wait until it takes connections."""
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        """Start the node. It ends with the thread that calls this."""
        if self._peer is None and self._mapper is None:
            self._mapper = self._spawn([_epmd(), "-port", str(self._epmd)])
        eventually(lambda: _listens(self._epmd), within=30, what="epmd takes connections")
        self._server = self._spawn([str(SERVER)])

    def wait_until_ready(self) -> None:
        """Wait until a launched node takes connections."""
        eventually(self._ready, within=120, what="RabbitMQ takes connections", every=0.1)

    def stop(self) -> None:
        """Stop the node properly."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Stop the node as a power cut would."""
        self._end(signal.SIGKILL)

    def dispose(self) -> None:
        """End the node, whose data nobody wants any more, and its port mapper."""
        self._end(signal.SIGKILL)
        if self._mapper is not None:
            self._mapper.kill()  # it keeps nothing
            self._mapper.wait(10)
            self._mapper = None

    def _end(self, how: signal.Signals) -> None:
        if self._server is None:
            return
        server, self._server = self._server, None
        server.send_signal(signal.SIGCONT)
        server.send_signal(how)
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(10)

    def _ready(self) -> bool:
        if self._server is not None and self._server.poll() is not None:
            raise RabbitFailed(f"the node ended while starting:\n{self._log()}")
        ports = [self._amqp, self._http] if self._management else [self._amqp]
        return all(_listens(port) for port in ports) and self._answers()

    def _answers(self) -> bool:
        if not self._management:
            return True
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._http}/", timeout=5) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def _log(self) -> str:
        texts = [path.read_text(errors="replace") for path in self._home.glob("**/*.log")]
        return "\n".join(texts)[-4000:]

    def _prepare(self) -> None:
        plugins = "rabbitmq_management" if self._management else ""
        (self._home / "plugins").write_text(f"[{plugins}].\n")
        web = f"management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {self._http}"
        (self._home / "node.conf").write_text(
            _CONFIG.format(
                amqp=self._amqp,
                management=web if self._management else "",
                cluster="" if self._peer is None else _JOINS.format(peer=self._peer.name),
                user=ADMIN,
                password=self._password,
            )
        )
        cookie = self._home / ".erlang.cookie"
        cookie.write_text(self._cookie)
        cookie.chmod(0o400)
        if (user := _system_user()) is not None:
            for path in (self._home, *self._home.iterdir()):
                shutil.chown(path, user, user)

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "LANG": "C.UTF-8",
            "HOME": str(self._home),
            "ERL_EPMD_PORT": str(self._epmd),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": self._name,
            "RABBITMQ_NODE_PORT": str(self._amqp),
            "RABBITMQ_DIST_PORT": str(self._dist),
            "RABBITMQ_MNESIA_BASE": str(self._home / "data"),
            "RABBITMQ_LOG_BASE": str(self._home / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._home / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(self._home / "node.conf"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "+S 2:2 +sbwt none -start_epmd false -kernel inet_dist_use_interface {127,0,0,1}"
            ),
            "RUNNING_UNDER_SYSTEMD": "true",  # the server script becomes the Erlang machine
        }

    def _spawn(self, command: list[str]) -> subprocess.Popen[bytes]:
        with (self._home / "console.log").open("ab") as log:
            return subprocess.Popen(
                [*_ENDS_WITH_US, *command],
                env=self._environment(),
                cwd=self._home,
                user=_system_user(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )


@contextlib.contextmanager
def private_rabbitmq(*, management: bool = True) -> Iterator[RabbitNode]:
    """Run a private node for the length of the context.

    Raises:
        RabbitMissing: The Debian package `rabbitmq-server` is not installed.
    """
    if not SERVER.exists():
        raise RabbitMissing(
            f"{SERVER} is missing; a private broker needs the Debian package rabbitmq-server "
            "(apt-get install rabbitmq-server; its service need not run)"
        )
    with tempfile.TemporaryDirectory(
        prefix="lienthong-rabbitmq-", ignore_cleanup_errors=True
    ) as home:
        node = RabbitNode(Path(home), management=management)
        try:
            node.start()
            yield node
        finally:
            node.dispose()


def _system_user() -> str | None:
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER).pw_name
    return None


def _epmd() -> str:
    found = shutil.which("epmd")
    if found is None:
        raise RabbitMissing("epmd is missing; it comes with the Debian package erlang-base")
    return found


def free_ports(count: int) -> list[int]:
    """Return ports of the loopback interface that nobody has, at this moment."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
