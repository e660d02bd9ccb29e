"""What holds while a hub has to do without one of its servers, and after that."""

import threading
from collections.abc import Callable, Collection

from tests.support.live_province import LiveProvince


def assert_bounded(
    province: LiveProvince,
    code: str | tuple[str, ...],
    seconds: float,
    *,
    workers: Collection[str] = ("ingress", "clock"),
    nothing_settled: Callable[[], bool] | None = None,
) -> None:
    """Watch an outage that has just begun for so long: told once, nothing settled, nothing over.

    Args:
        province: Its hub has work to do and cannot reach a server.
        code: The error the hub must name, in one line of its log and in `/readyz`; several where
            it depends on the moment which of them a worker meets: each in one line at most.
        seconds: How long the outage lasts from here on.
        workers: Those that must be kept from their work.
        nothing_settled: Says so afterwards, where the database cannot be asked for the ledger's
            entries because it is what is gone.
    """
    province.wait("all are told", lambda: _all_unfit(province, code, workers))
    before = 0 if nothing_settled else province.entries()
    threading.Event().wait(seconds)  # the fault itself: an outage has a length

    assert nothing_settled() if nothing_settled else province.entries() == before
    assert _all_unfit(province, code, workers)
    told = [line["code"] for line in province.hub.logged("worker.unfit")]
    assert told, "the log does not tell"
    assert sorted(told) == sorted(set(told) & {*([code] if isinstance(code, str) else code)}), told
    assert province.hub.logged("worker.recovered") == []


def assert_over(province: LiveProvince) -> None:
    """Wait until the hub says that all works again; it must have begun again by itself.

    It says so once, or once for each error it named.
    """
    province.wait("it has recovered", lambda: bool(province.hub.logged("worker.recovered")))
    province.wait("it is ready", province.hub.ready)
    assert len(province.hub.logged("node.started")) == 1
    codes = [told["code"] for told in province.hub.logged("worker.unfit")]
    assert len(codes) == len(set(codes)), codes
    assert len(province.hub.logged("worker.recovered")) <= len(codes)


def _all_unfit(
    province: LiveProvince, code: str | tuple[str, ...], workers: Collection[str]
) -> bool:
    """Say whether `/readyz` shows every worker kept from work: no batch is in hand any more."""
    said = province.hub.readiness()
    reasons = [said["checks"].get(name, {}).get("last_error") or "" for name in workers]
    return not said["ready"] and all(why.startswith(code) for why in reasons)
