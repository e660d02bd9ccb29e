"""Help: every command explains itself in both languages, at once, and stands in the reference."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import typer.main

from bus.cli import codes
from bus.cli.dossier import State as DossierState
from bus.cli.handoff_options import State as HandoffState
from bus.cli.main import app, main
from bus.cli.words import ATTEMPT, CASE, FINANCIAL, HANDOFF, LEVEL, LIMIT, ROLE, STEP, TASK
from bus.ports import AttemptEnd, DeliveryState, TaskState
from bus.routing.case import CaseState, Financial, StepState
from bus.schemas.base import Level
from bus.schemas.directory import Role
from bus.schemas.route import LimitUnit

REFERENCE: Final = Path(__file__).parents[2] / "docs/reference/commands.md"
HEAVY: Final = (
    *("pydantic", "pydantic_settings", "sqlalchemy", "alembic", "psycopg", "pika", "kombu"),
    *("cryptography", "joserfc", "structlog", "rich", "yaml", "cel"),
    *("jinja2", "weasyprint"),
)


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path, command
        return
    for name, one in inner.items():
        yield from commands(one, (*path, name))


def groups(command: Any) -> Iterator[Any]:
    for one in getattr(command, "commands", {}).values():
        if hasattr(one, "commands"):
            yield one
            yield from groups(one)


COMMANDS: Final = dict(commands(typer.main.get_command(app)))
every_command = pytest.mark.parametrize("path", COMMANDS, ids=" ".join)


def in_both_languages(text: str | None) -> bool:
    vietnamese, slash, english = (text or "").partition(" / ")
    return bool(vietnamese.strip() and slash and english.strip())


def section(path: tuple[str, ...]) -> str:
    """Return what the reference says about a command."""
    heading = f"## `bus {' '.join(path)}`\n"
    text = REFERENCE.read_text(encoding="utf-8")
    assert text.count(heading) == 1, heading
    return text.partition(heading)[2].partition("\n## ")[0]


def test_the_commands_are_the_ones_the_reference_promises() -> None:
    headings = re.findall(r"^## `bus ([^`]+)`$", REFERENCE.read_text("utf-8"), re.MULTILINE)

    assert [tuple(heading.split()) for heading in headings] == list(COMMANDS)


@every_command
def test_a_command_and_each_of_its_parameters_has_help_in_both_languages(
    path: tuple[str, ...],
) -> None:
    command = COMMANDS[path]

    assert in_both_languages(command.help)
    assert [p.name for p in command.params if not in_both_languages(p.help)] == []


def test_every_group_has_help_in_both_languages() -> None:
    found = list(groups(typer.main.get_command(app)))

    assert len(found) == len({path[0] for path in COMMANDS if len(path) > 1})
    assert [group.name for group in found if not in_both_languages(group.help)] == []


@every_command
def test_the_reference_tells_each_parameter_as_the_help_does(path: tuple[str, ...]) -> None:
    command, told = COMMANDS[path], section(path)

    assert command.help in told
    for parameter in command.params:
        assert parameter.help in told, parameter.name
        names = [parameter.metavar] if parameter.param_type_name == "argument" else parameter.opts
        assert all(f"`{name}`" in told for name in names), parameter.name


@every_command
def test_every_command_can_print_json(path: tuple[str, ...]) -> None:
    assert any("--json" in parameter.opts for parameter in COMMANDS[path].params)


@every_command
def test_help_ends_well(path: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*path, "--help"]) == codes.DONE

    assert "--json" in capsys.readouterr().out


def test_the_help_of_all_tells_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--help"])

    shown = " ".join(capsys.readouterr().out.split())
    assert codes.EXPLAINED in shown
    reference = REFERENCE.read_text(encoding="utf-8")
    for code in (codes.DONE, codes.REFUSED, codes.USAGE, codes.UNREACHABLE):
        assert f"| {code} | " in reference


def test_importing_the_commands_imports_nothing_heavy() -> None:
    """Help and completion must answer at once: 0.4 s for all of `bus --help`."""
    program = "import sys, bus.cli.main; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    loaded = {name.partition(".")[0] for name in done.stdout.decode().split()}
    assert "typer" in loaded
    assert loaded & set(HEAVY) == set()


@pytest.mark.parametrize("arguments", [["hub", "fly"], ["dossier", "show"], ["version", "--no"]])
def test_wrong_usage_exits_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == codes.USAGE

    assert capsys.readouterr().out == ""


def test_states_that_can_be_asked_for_are_those_there_are() -> None:
    assert [state.value for state in DossierState] == [state.value for state in CaseState]
    assert [state.value for state in HandoffState] == [state.value for state in DeliveryState]


def test_every_state_role_and_unit_has_a_word() -> None:
    words = (
        (CASE, CaseState),
        (STEP, StepState),
        (HANDOFF, DeliveryState),
        (ATTEMPT, AttemptEnd),
        (FINANCIAL, Financial),
        (TASK, TaskState),
        (LEVEL, Level),
        (ROLE, Role),
        (LIMIT, LimitUnit),
    )
    for known, kind in words:
        assert set(known) == {member.value for member in kind}
