"""The documents are true: links lead somewhere, what they name exists, records have a form."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import typer.main

from bus.adapters.file_drop.events import EVENTS
from bus.cli.main import app
from tests.support.pages import ROOT, blocks, prose

RECORDS: Final = sorted((ROOT / "docs/adr").glob("[0-9]*.md"))
DOCUMENTS: Final = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
WITH_COMMANDS: Final = [page for page in DOCUMENTS if "reference" not in page.parts]
SECTIONS: Final = ["Context", "Decision", "Alternatives", "Consequences", "Check"]
STATUS: Final = r"proposed|accepted|superseded by \[?[0-9]{4}"

_LINK: Final = re.compile(r"\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)")
_CODE: Final = re.compile(r"`([^`\n]+)`")
_PATH: Final = re.compile(r"(?:bus|tests|deploy|docs|benchmarks|requirements)/[\w./-]*")
_TEST: Final = re.compile(r"test_\w+")
_DEFINED: Final = re.compile(r"^ *def (test_\w+)", re.MULTILINE)
_HERE: Final = re.compile(r"<<(\w+)\n.*?^\1$", re.MULTILINE | re.DOTALL)
_SHORT: Final = re.compile(r"[|…]")
_TARGET: Final = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


every_document = pytest.mark.parametrize("page", DOCUMENTS, ids=_name)
every_record = pytest.mark.parametrize("page", RECORDS, ids=_name)


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def lines_typed(page: Path) -> Iterator[str]:
    """Return what a page tells its reader to type: lines of `sh` blocks, and code in its prose."""
    for block in blocks(page, "sh"):
        for line in _HERE.sub("", block).replace("\\\n", " ").splitlines():
            yield from re.split(r"&&|;|\$\(|\s&$", line.partition(" #")[0])
    yield from _CODE.findall(prose(page))


def typed(program: str, page: Path) -> list[list[str]]:
    """Return the words after a program's name, for each time a page names it."""
    lines = (line.strip() for line in lines_typed(page))
    return [
        shlex.split(line.partition(" 2>")[0].rstrip(")"))[1:]
        for line in lines
        if line.startswith(f"{program} ")
    ]


def fault_of(words: list[str]) -> str | None:
    """Return what is wrong with a `bus` command, or None; `apply|show|diff` means each of them."""
    command: Any = typer.main.get_command(app)
    for place, word in enumerate(words):
        inner = getattr(command, "commands", None)
        if inner is None:
            options = {
                name for one in command.params for name in (*one.opts, *one.secondary_opts)
            } | {"--help"}
            given = [x for x in words[place:] if x.startswith("-")]
            return next((f"no option {one}" for one in given if one not in options), None)
        if word.startswith(("-", "…")):
            return None
        names = [name for name in _SHORT.split(word) if name]
        unknown = [name for name in names if name not in inner]
        if unknown:
            return f"no command {unknown[0]}"
        command = inner[names[0]]
    return None


@every_document
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    lost = []
    for target, anchor in _LINK.findall(prose(page)):
        goal = (page.parent / target).resolve() if target else page
        if not goal.exists() or (anchor and anchor not in anchors(goal)):
            lost.append(f"{target}#{anchor}" if anchor else target)

    assert lost == []


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=_name)
def test_every_bus_command_exists_with_its_options(page: Path) -> None:
    faults = {" ".join(words): fault for words in typed("bus", page) if (fault := fault_of(words))}

    assert faults == {}


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=_name)
def test_every_make_target_exists(page: Path) -> None:
    targets = set(_TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))

    wanted = {word for words in typed("make", page) for word in words if "=" not in word}

    assert wanted - targets == set()


@every_document
def test_every_file_a_page_names_exists(page: Path) -> None:
    named = {word for code in _CODE.findall(prose(page)) for word in _PATH.findall(code)}

    assert sorted(word for word in named if not (ROOT / word).exists()) == []


@pytest.mark.parametrize("block", blocks(ROOT / "README.md", "sh"))
def test_what_a_reader_types_is_a_shell_script(block: str) -> None:
    checked = subprocess.run(["bash", "-n"], input=block, text=True, check=False, timeout=30)

    assert checked.returncode == 0


def test_the_readme_stays_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 300


# --- decision records ------------------------------------------------------------------------


def test_records_are_numbered_without_a_gap_and_all_are_in_the_index() -> None:
    index = (ROOT / "docs/adr/README.md").read_text(encoding="utf-8")

    assert [int(page.name[:4]) for page in RECORDS] == list(range(1, len(RECORDS) + 1))
    assert [page.name for page in RECORDS if f"({page.name})" not in index] == []


@every_record
def test_a_record_has_title_date_status_and_its_five_headings(page: Path) -> None:
    title, blank, date, status, *_ = page.read_text(encoding="utf-8").splitlines()

    assert re.fullmatch(rf"# {int(page.name[:4])}\. \S.*", title)
    assert blank == ""
    assert re.fullmatch(r"- Date: \d{4}-\d{2}-\d{2}", date)
    assert re.fullmatch(rf"- Status: ({STATUS}).*", status)
    assert re.findall(r"^## (.+)$", prose(page), re.MULTILINE) == SECTIONS


@every_record
def test_a_record_fits_a_screen(page: Path) -> None:
    assert 20 <= len(page.read_text(encoding="utf-8").splitlines()) <= 40


@every_record
def test_the_checks_a_record_names_exist(page: Path) -> None:
    check = prose(page).partition("## Check\n")[2]
    tests = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in (path.stem, *_DEFINED.findall(path.read_text(encoding="utf-8")))
    }

    assert _CODE.search(check), "a check names a test or a command"
    assert {word for code in _CODE.findall(check) for word in _TEST.findall(code)} - tests == set()


# --- what is promised ------------------------------------------------------------------------


def test_every_promise_is_beside_the_tests_that_show_it() -> None:
    page = ROOT / "docs/guarantees.md"
    promises = prose(page).partition("## The promises\n")[2].partition("\n## ")[0]
    rows = [row for row in promises.splitlines() if row.startswith("| ")][2:]

    bare = [row for row in rows if "](../tests/" not in row.rpartition(" | ")[2]]

    assert len(rows) > 10
    assert bare == []


def test_every_statutory_duty_has_its_test_or_says_why_it_cannot_be_computed() -> None:
    rows = re.findall(r"^\| (R\d+) \|.*\| (.+) \|$", prose(ROOT / "docs/duties.md"), re.MULTILINE)
    source = (ROOT / "tests/unit/test_duties.py").read_text(encoding="utf-8")
    everywhere = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in _DEFINED.findall(path.read_text(encoding="utf-8"))
    }

    assert [rule for rule, _ in rows] == [f"R{number}" for number in range(1, 21)]
    for rule, shown in rows:
        named = set(_TEST.findall(shown))
        own = set(re.findall(rf"def (test_{rule.lower()}_\w+)", source))
        assert named <= everywhere
        assert own <= named
        assert own or shown.startswith("Cannot be computed")


# --- what a file may say ---------------------------------------------------------------------


def test_the_guide_to_files_knows_every_event_and_its_columns() -> None:
    rows = _rows(ROOT / "docs/guides/files.md")

    assert rows == {
        name: (
            [column.heading for column in event.columns],
            [column.heading for column in event.columns if column.empty is not ...],
        )
        for name, event in EVENTS.items()
    }


def _rows(page: Path) -> dict[str, tuple[list[str], list[str]]]:
    found = re.findall(r"^\| `([\w.]+)` \|[^|]+\| (.+) \|$", prose(page), re.MULTILINE)
    return {
        name: (
            [cell.strip("*") for cell in cells.split(", ")],
            [cell.strip("*") for cell in cells.split(", ") if cell.startswith("*")],
        )
        for name, cells in found
    }
