"""What can be seen of a file without running it: size, names, docstrings, purity."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
MODULES: Final = sorted((ROOT / "bus").rglob("*.py"))
PURE: Final = [
    path
    for path in MODULES
    if path.relative_to(ROOT).parts[1] in {"schemas", "routing", "ports", "errors.py", "ids.py"}
]
LONGEST_MODULE: Final = 400
LONGEST_FUNCTION: Final = 60
SAYS_NOTHING: Final = {"utils", "util", "common", "manager", "helpers", "misc", "base_classes"}
IMPURE: Final = re.compile(
    r"(datetime|date)\.(now|utcnow|today|fromtimestamp)|time\.\w+|random\.\w+|secrets\.\w+"
    r"|os\.\w+|uuid\d?\.uuid\d|uuid[14]|open|input|print|Path\.\w+"
)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def each(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=name_of)


def body_lines(function: Function) -> int:
    """How long a function is, without its docstring: words do not make it harder to read."""
    first = function.body[0]
    documented = ast.get_docstring(function) is not None and first.end_lineno is not None
    words = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return (function.end_lineno or 0) - function.lineno + 1 - words


def public(path: Path) -> Iterator[tuple[str, Function | ast.ClassDef]]:
    """What others may use of a module: its public classes, their public methods, its functions."""
    for node in parsed(path).body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, node
            inside = node.body if isinstance(node, ast.ClassDef) else []
            for method in inside:
                if isinstance(method, Function) and not method.name.startswith("_"):
                    yield f"{node.name}.{method.name}", method


@each(MODULES)
def test_a_module_fits_a_head(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_MODULE


@each(MODULES)
def test_a_function_fits_a_screen(path: Path) -> None:
    functions = [node for node in ast.walk(parsed(path)) if isinstance(node, Function)]

    assert [one.name for one in functions if body_lines(one) > LONGEST_FUNCTION] == []


@each(MODULES)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    assert re.match(r"\S.*[.:?]$", (ast.get_docstring(parsed(path)) or "").splitlines()[0])


@each(MODULES)
def test_everything_public_says_what_it_is_for(path: Path) -> None:
    assert [name for name, node in public(path) if not ast.get_docstring(node)] == []


@each(MODULES)
def test_a_file_is_named_by_what_it_does(path: Path) -> None:
    assert not SAYS_NOTHING & set(re.split(r"[_/.]", name_of(path)))


@each([path for path in MODULES if path.relative_to(ROOT).parts[1] != "cli"])
def test_only_commands_print(path: Path) -> None:
    assert [name for name in called(path) if name == "print"] == []


@each(PURE)
def test_the_core_reads_no_clock_no_chance_no_environment_and_no_file(path: Path) -> None:
    assert [name for name in called(path) if IMPURE.fullmatch(name)] == []


def called(path: Path) -> list[str]:
    """What a module calls, as it is written: `datetime.now`, `os.environ.get`."""
    calls = [node.func for node in ast.walk(parsed(path)) if isinstance(node, ast.Call)]
    names = [ast.unparse(node) for node in calls if isinstance(node, ast.Name | ast.Attribute)]
    read = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.Attribute)]
    return names + [ast.unparse(node) for node in read if ast.unparse(node).startswith("os.")]


@pytest.mark.parametrize(
    "text",
    ["datetime.now", "date.today", "time.time", "random.random", "os.environ", "open", "uuid4"],
)
def test_what_is_impure_is_recognised(text: str) -> None:
    """Else the test above would pass for nothing."""
    assert IMPURE.fullmatch(text)


def test_there_are_modules_to_look_at() -> None:
    assert len(MODULES) > 100
    assert len(PURE) > 30
