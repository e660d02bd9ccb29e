"""The errors of the bus: drawn once, told apart by code, explained to people."""

import re
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

import bus.errors as module
from bus.errors import BusError, SchemaInvalid, SenderMustAct

REFERENCE: Final = Path(__file__).parents[2] / "docs" / "reference" / "errors.md"
ALL: Final = [
    kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, BusError)
]
FAMILIES: Final = [kind for kind in ALL if kind.__base__ is BusError]
LEAVES: Final = [kind for kind in ALL if kind is not BusError and not kind.__subclasses__()]


def drawn() -> dict[str, set[str]]:
    """The tree of the module's docstring: the leaves under each family."""
    tree: dict[str, set[str]] = {}
    family = ""
    for line in (module.__doc__ or "").splitlines():
        if found := re.match(r"[├└]── (\w+)", line):
            family = found[1]
            tree[family] = set()
        elif re.match(r"[│ ]\s+[├└│]", line):
            tree[family] |= set(re.findall(r"\w+", line))
    return tree


def test_every_error_is_drawn_in_the_tree_under_who_can_repair_it() -> None:
    actual = {
        family.__name__: {leaf.__name__ for leaf in family.__subclasses__()} for family in FAMILIES
    }

    assert drawn() == actual


def test_no_family_is_deeper_than_two_levels() -> None:
    assert [kind for kind in ALL if len(kind.__mro__) > len(BusError.__mro__) + 2] == []


def test_every_code_stands_for_one_error() -> None:
    codes = Counter(kind.code for kind in ALL)

    assert [code for code, times in codes.items() if times > 1] == []


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_every_error_says_in_one_sentence_what_is_wrong(leaf: type[BusError]) -> None:
    assert re.fullmatch(r"[A-Z][^\n]*\.", leaf.__doc__ or "")


def rows() -> dict[str, list[str]]:
    """The lines of the reference's tables, by code."""
    lines = [line.strip("| ") for line in REFERENCE.read_text("utf-8").splitlines()]
    cells = [re.split(r"\s*\|\s*", line) for line in lines if line.startswith("`")]
    return {first.strip("`"): rest for first, *rest in cells}


def test_the_reference_has_a_line_for_each_code_and_no_other() -> None:
    assert sorted(rows()) == sorted(leaf.code for leaf in LEAVES)


def test_each_line_says_who_repairs_it_what_it_means_and_what_to_do() -> None:
    assert [code for code, cells in rows().items() if len(cells) != 3 or not all(cells)] == []


def test_facts_are_kept_for_the_log_and_the_text_for_people() -> None:
    error = SchemaInvalid("too long", text_vi="quá dài", path="data.title", errors=2)

    assert isinstance(error, SenderMustAct)
    assert (str(error), error.text_vi, error.path) == ("too long", "quá dài", "data.title")
    assert error.facts == {"errors": 2}
