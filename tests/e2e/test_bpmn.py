"""A reader of BPMN that is not ours makes sense of every drawn route."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from bus.cli.drawing.bpmn import route_bpmn
from tests.support.walking import yen_bai

CLIENT: Final = Path(__file__).parent / "node_client"

pytestmark = [
    pytest.mark.node,
    pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed"),
]


def test_bpmn_moddle_reads_every_route_without_a_warning(tmp_path: Path) -> None:
    files = {}
    for route in yen_bai().province.routes:
        file = tmp_path / f"{route.procedure}.bpmn"
        file.write_text(route_bpmn(route), encoding="utf-8")
        files[str(file)] = route

    done = subprocess.run(
        ["node", "bpmn.mjs", *files], cwd=CLIENT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told.keys() == files.keys()
    for name, route in files.items():
        read = told[name]
        assert read["warnings"] == []
        assert read["name"] == f"{route.name.vi} / {route.name.en}"
        assert read["lanes"][0] == "Bộ phận Một cửa"
        assert read["steps"].count("bpmn:UserTask") == sum(
            step.performer is not None for step in route.steps
        )
        assert read["shapes"] > len(read["steps"])
