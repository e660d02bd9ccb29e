"""Markdown pages of the project, taken apart."""

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
_FENCE: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def prose(page: Path) -> str:
    """Return a page without its blocks of code."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def blocks(page: Path, language: str) -> list[str]:
    """Return a page's blocks of code in one language."""
    found = _FENCE.finditer(page.read_text(encoding="utf-8"))
    return [block for kind, block in (match.groups() for match in found) if kind == language]
