"""Values: what is copied, what stays as it was."""

from dataclasses import FrozenInstanceError, dataclass

import pytest

from bus.values import changed


@dataclass(frozen=True)
class Paper:
    """A value of two fields."""

    name: str
    pages: int = 1


@dataclass(frozen=True, slots=True)
class Slip:
    """A value with slots."""

    name: str


def test_a_changed_value_differs_in_what_was_said_and_nothing_else() -> None:
    before = Paper("Tờ khai")

    after = changed(before, pages=2)

    assert (after, before) == (Paper("Tờ khai", 2), Paper("Tờ khai"))
    assert hash(after) == hash(Paper("Tờ khai", 2))


def test_the_copy_is_as_frozen_as_the_value() -> None:
    after = changed(Paper("Tờ khai"), pages=2)

    with pytest.raises(FrozenInstanceError):
        after.pages = 3  # type: ignore[misc]


def test_a_field_that_is_not_there_is_refused() -> None:
    with pytest.raises(TypeError, match="Paper has no field sheets"):
        changed(Paper("Tờ khai"), sheets=2)  # type: ignore[call-arg]


def test_a_value_with_slots_is_refused() -> None:
    with pytest.raises(AttributeError):
        changed(Slip("Phiếu"), name="Tờ khai")
