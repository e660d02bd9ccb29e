"""How a node is doing: named checks that workers set, and a small page that shows them.

`/livez` says that the process answers; `/readyz` says whether everything it needs is there.
"""

import json
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from types import TracebackType
from typing import Any, Self

from bus.errors import SettingInvalid


@dataclass(frozen=True, slots=True)
class Check:
    """What one worker last said: well or not, since when, and the last error's code."""

    ok: bool
    since: datetime
    last_error: str | None = None
    last_error_at: datetime | None = None


class Health:
    """The checks of one node; any thread may set and read them.

    Args:
        expected: Checks without which the node is not ready, even before they were ever set.
    """

    def __init__(self, expected: Collection[str] = ()) -> None:
        self._expected = frozenset(expected)
        self._checks: dict[str, Check] = {}
        self._lock = threading.Lock()

    def well(self, name: str, at: datetime) -> None:
        """Say that something works; the last error stays to be seen."""
        with self._lock:
            before = self._checks.get(name)
            if before is None:
                self._checks[name] = Check(ok=True, since=at)
            elif not before.ok:
                self._checks[name] = Check(
                    ok=True,
                    since=at,
                    last_error=before.last_error,
                    last_error_at=before.last_error_at,
                )

    def ill(self, name: str, error: str, at: datetime) -> None:
        """Say that something does not work, with the error's code; never content."""
        with self._lock:
            before = self._checks.get(name)
            since = before.since if before is not None and not before.ok else at
            self._checks[name] = Check(ok=False, since=since, last_error=error, last_error_at=at)

    def checks(self) -> dict[str, Check]:
        """Return what was said last, by name."""
        with self._lock:
            return dict(sorted(self._checks.items()))

    def ready(self) -> bool:
        """Say whether every expected check was set and none is ill."""
        checks = self.checks()
        return self._expected <= checks.keys() and all(check.ok for check in checks.values())

    def report(self) -> dict[str, Any]:
        """Return the whole as JSON values."""
        checks = self.checks()
        return {
            "ready": self.ready(),
            "missing": sorted(self._expected - checks.keys()),
            "checks": {
                name: {
                    "ok": check.ok,
                    "since": check.since.isoformat(),
                    "last_error": check.last_error,
                    "last_error_at": check.last_error_at and check.last_error_at.isoformat(),
                }
                for name, check in checks.items()
            },
        }


class HealthServer:
    """Serves `/livez` and `/readyz` from a thread of its own.

    Args:
        health: What to show.
        host: Address to listen on; loopback unless somebody decides otherwise.
        port: Port; 0 takes a free one, see `port` afterwards.

    Raises:
        SettingInvalid: The address cannot be listened on.
    """

    def __init__(self, health: Health, *, host: str = "127.0.0.1", port: int = 0) -> None:
        try:
            self._server = _Server((host, port), partial(_Page, health.report))
        except OSError as error:
            raise SettingInvalid(
                f"health.listen: không mở được {host}:{port} ({error.strerror}); hãy chọn địa chỉ"
                f" hoặc cổng khác / health.listen: cannot listen on {host}:{port}"
                f" ({error.strerror}); choose another address or port"
            ) from error
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.2}, name="health"
        )
        self._thread.daemon = True
        self._thread.start()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Stop serving. May be called twice."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class _Server(ThreadingTCPServer):
    """Not http.server's own: that one asks the name service for its name before it listens."""

    allow_reuse_address = True
    daemon_threads = True


class _Page(BaseHTTPRequestHandler):
    timeout = 5

    def __init__(self, report: Callable[[], dict[str, Any]], *connection: Any) -> None:  # noqa: ANN401 -- http.server's own
        self._report = report
        super().__init__(*connection)

    def do_GET(self) -> None:
        """Answer one of the two pages."""
        match self.path:
            case "/livez":
                self._answer(HTTPStatus.OK, {"live": True})
            case "/readyz":
                report = self._report()
                ready = HTTPStatus.OK if report["ready"] else HTTPStatus.SERVICE_UNAVAILABLE
                self._answer(ready, report)
            case _:
                self._answer(HTTPStatus.NOT_FOUND, {"pages": ["/livez", "/readyz"]})

    def _answer(self, status: HTTPStatus, content: dict[str, Any]) -> None:
        body = json.dumps(content, ensure_ascii=False).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name it overrides
        """Say nothing: a probe every second is not an event."""
