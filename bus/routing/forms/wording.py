"""Whether a reason is said in words: a citizen is never shown a technical error code.

Decree 61/2018 article 17.1.b and 19.8 want the reason of a refusal; a code of a program is none.
"""

import re
from typing import Final

from bus.schemas.route import LimitUnit, TimeLimit

_OF_A_PROGRAM: Final = re.compile(
    r"\w(Exception|Error)\b|\bTraceback\b|\bSQLSTATE\b|\bORA-\d|\bHTTP\s*[45]\d\d\b|\b0x[0-9a-f]{4}"
    r"|\b[a-z]+_[a-z_]+\b|\b(lỗi|error|code)\s*[:#]?\s*\d+",
    re.IGNORECASE | re.ASCII,
)
_WORD: Final = re.compile(r"[^\W\d_]+")
_FEWEST_WORDS: Final = 2


def is_technical(reason: str) -> bool:
    """Say whether a reason is an error code or a message of a program instead of words.

    Words are parts without digits, dots or underlines inside; a reason has two at least.
    """
    if _OF_A_PROGRAM.search(reason):
        return True
    parts = (part.strip(".,;:!?()\"'“”") for part in reason.split())
    words = [part for part in parts if _WORD.fullmatch(part)]
    return len(words) < _FEWEST_WORDS


_UNITS: Final = {
    LimitUnit.WORKING_DAY: "ngày làm việc",
    LimitUnit.CALENDAR_DAY: "ngày",
    LimitUnit.WORKING_HOUR: "giờ làm việc",
}


def limit_in_words(limit: TimeLimit) -> str:
    """Return a statutory time limit as a form says it: `18 ngày làm việc`."""
    return f"{limit.amount} {_UNITS[limit.unit]}"
