"""The tests' Node packages are pinned by content, whatever registry they come from."""

import json
from pathlib import Path
from typing import Any, Final

PROJECT: Final = Path(__file__).parents[1] / "e2e" / "node_client"


def _locked() -> dict[str, dict[str, Any]]:
    lock = json.loads((PROJECT / "package-lock.json").read_text(encoding="utf-8"))
    packages: dict[str, dict[str, Any]] = lock["packages"]
    return {name: entry for name, entry in packages.items() if name}


def test_every_node_package_is_pinned_by_its_digest() -> None:
    assert _locked()
    assert [name for name, entry in _locked().items() if "integrity" not in entry] == []


def test_no_registry_is_named() -> None:
    assert [name for name, entry in _locked().items() if "resolved" in entry] == []


def test_each_dependency_is_one_exact_version() -> None:
    wanted = json.loads((PROJECT / "package.json").read_text(encoding="utf-8"))["dependencies"]

    locked = {name: _locked()[f"node_modules/{name}"]["version"] for name in wanted}
    assert wanted == locked
