"""The README's tutorial, typed as it stands, over servers of its own; it prints what it shows."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.support.pages import ROOT, blocks
from tests.support.rabbitmq import private_rabbitmq

pytestmark = [
    pytest.mark.broker,
    pytest.mark.database,
    pytest.mark.slow,
    pytest.mark.timeout(240),
]

README: Final = ROOT / "README.md"
WAIT: Final = """\
sleep() {  # until every dropped file was taken, and what follows from it went its way
  for _ in $(seq 80); do
    compgen -G 'gia-hoi/inbox/*.csv' || compgen -G 'lao-dong/inbox/*.csv' || break
    command sleep 0.25
  done >/dev/null
  command sleep 2
}
"""
_MOMENT: Final = re.compile(r"\d\d/\d\d/\d{4} \d\d:\d\d|#\d+/\d+|\b0195[0-9a-f-]*")


def typed(amqp: str, management: str, guest: str, database: str) -> str:
    """Return what a reader types, with our servers in place of the ones on the usual ports."""
    servers, *rest = tutorial("sh")
    assert "apt-get" in servers
    script = "\n".join(rest).replace("make venv && . .venv/bin/activate\n", "")
    for theirs, ours in (
        ("amqp://guest:guest@localhost:5672", f"amqp://{guest}@{amqp}"),
        ("http://guest:guest@localhost:15672", management),
        ("@localhost:5672", f"@{amqp}"),
        ("postgresql+psycopg://lienthong:lienthong@localhost:5432/lienthong", database),
    ):
        assert theirs in script
        script = script.replace(theirs, ours)
    return f"set -eu\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{WAIT}\n{script}\nwait\n"


def tutorial(language: str) -> list[str]:
    """Return the blocks of the tutorial; the README's other blocks stand before it."""
    whole = README.read_text(encoding="utf-8")
    before = whole.partition("## Tutorial")[0].count(f"```{language}\n")
    return list(blocks(README, language))[before:]


def comparable(line: str) -> str:
    return " ".join(_MOMENT.sub("@", line).split())


def shows(line: str, printed: list[str]) -> bool:
    """Say whether a line of the README was printed; `…` stands for anything."""
    parts = [re.escape(part.strip()) for part in comparable(line).split("…")]
    form = re.compile(".*".join(parts))
    return any(form.search(one) for one in printed)


def test_the_tutorial_works_as_typed_and_prints_what_the_readme_shows(
    own_database: str, tmp_path: Path
) -> None:
    (tmp_path / "deploy").symlink_to(ROOT / "deploy")
    with private_rabbitmq() as node:
        amqp = node.amqp_url.rpartition("@")[2].partition("/")[0]
        login = node.amqp_url.removeprefix("amqp://").rpartition("@")[0]
        script = typed(amqp, node.management_url, login, own_database)
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=tmp_path,
            env={
                **os.environ,
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "BUS_HEALTH__LISTEN": "127.0.0.1:0",
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=200,
        )

    assert done.returncode == 0, done.stderr[-3000:]
    printed = [comparable(line) for line in (done.stdout + done.stderr).splitlines()]
    promised = [line for block in tutorial("console") for line in block.splitlines()]
    assert [line for line in promised if not shows(line, printed)] == []
