"""A child of this process that dies before the n-th thing it asks of the file system."""

import os
import signal
import sys
from collections.abc import Callable
from typing import Final

_FILES: Final = frozenset({"open", "os.mkdir", "os.rename", "os.remove", "os.utime", "os.scandir"})
"""Python's own audit events of file operations (PEP 578)."""


def survives(work: Callable[[], object], *, dies_before: int) -> bool:
    """Do the work in a child that kills itself; say whether it came through before that.

    Args:
        work: What the child does; what it changes in memory is lost with it.
        dies_before: Which file operation it does not live to do, from 1.
    """
    child = os.fork()
    if child == 0:
        _die_before(dies_before)
        try:
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    return True


def _die_before(number: int) -> None:
    seen = 0

    def hook(event: str, _arguments: object) -> None:
        nonlocal seen
        if event in _FILES:
            seen += 1
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
