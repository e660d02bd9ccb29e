"""Failures that are the same failure: one fingerprint for all of them.

Two hand-offs failed alike when the same agency's system gave the same error about the same kind of
message. Details name ids, counts and moments; what differs only in those is the same failure.
"""

import hashlib
import re
import unicodedata
from typing import Final

from bus.ids import AgencyCode, StepId

LENGTH: Final = 12
"""Hex digits of a fingerprint: enough to tell a province's failures apart, short enough to type."""

_NAMED: Final = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<id>"),
    (re.compile(r"0x[0-9a-f]+|\b(?=[0-9a-f]*[0-9])[0-9a-f]{8,}\b"), "<hex>"),
    (re.compile(r"“[^”]*”|\"[^\"]*\"|'[^']*'|«[^»]*»"), "<text>"),
    (re.compile(r"\d+"), "<n>"),
    (re.compile(r"\s+"), " "),
)
"""What is left out of a detail, in this order, and what stands in its place."""


def fingerprint(
    *, agency: AgencyCode, kind: str, step: StepId | None, code: str, detail: str | None
) -> str:
    """Return what all failures like this one have in common, as `LENGTH` hex digits.

    Args:
        agency: Whose system failed.
        kind: Type of the message that was handed over.
        step: The step it handed over, if any.
        code: Code of the error.
        detail: What the system said.
    """
    parts = (agency, kind, step or "", code, pattern(detail or ""))
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:LENGTH]


def pattern(detail: str) -> str:
    """Return a detail without what differs from one failure to the next."""
    text = unicodedata.normalize("NFC", detail).casefold()
    for form, name in _NAMED:
        text = form.sub(name, text)
    return text.strip()
