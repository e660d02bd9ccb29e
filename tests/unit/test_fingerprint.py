"""Failures that are the same failure get the same fingerprint, all others another one."""

import pytest

from bus.ids import AgencyCode, StepId
from bus.routing.fingerprint import LENGTH, fingerprint, pattern

TAX, LABOUR = AgencyCode("G12.18.15.033"), AgencyCode("H63.140.81")


def of(
    *,
    agency: AgencyCode = TAX,
    kind: str = "step.requested",
    step: str | None = "tax",
    code: str = "destination.unavailable",
    detail: str | None = "no answer from 10.0.0.7:1521 after 30 s",
) -> str:
    return fingerprint(
        agency=agency, kind=kind, step=StepId(step) if step else None, code=code, detail=detail
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("no answer after 30 s", "no answer after 5 s"),
        (
            "row 01955e78-aaaa-7000-8000-000000000001 is locked",
            "row 01955e78-bbbb-7000-8000-0000000000ff is locked",
        ),
        ("Hồ sơ “H63.140.05-250303-0001” đã có", "Hồ sơ “H63.140.05-250303-0002” đã có"),
        ("at 0x7f3a10", "at 0x5588ff"),
        ("digest 9f86d081884c7d65", "digest 0b822cd15d6c15b0"),
        ("Table  'ho_so'\n is locked", "table 'thu_tuc' is locked"),
    ],
)
def test_what_differs_only_in_names_and_numbers_failed_alike(one: str, other: str) -> None:
    assert of(detail=one) == of(detail=other)


@pytest.mark.parametrize(
    "other",
    [
        {"agency": LABOUR},
        {"kind": "dossier.status", "step": None},
        {"step": "appraise"},
        {"code": "unexpected"},
        {"detail": "permission denied"},
        {"detail": None},
    ],
)
def test_another_agency_message_step_code_or_saying_is_another_failure(
    other: dict[str, str | None],
) -> None:
    assert of(**other) != of()  # type: ignore[arg-type]


def test_a_fingerprint_is_short_hex_that_can_be_typed() -> None:
    assert len(of()) == LENGTH
    assert set(of()) <= set("0123456789abcdef")


def test_letters_alone_are_words_and_stay() -> None:
    """`deadbeef` without a digit may be a word; a fingerprint must not swallow words."""
    assert pattern("the facade feed decade") == "the facade feed decade"
