"""What is wrong with a file, said so that the person who wrote it can mend it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_MOST_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where, and what was expected; never what stood there.

    `row` counts as a spreadsheet shows it, the heading being row 1; None means the whole file.
    """

    vi: str
    en: str
    row: int | None = None
    column: str | None = None

    def lines(self) -> str:
        """Return it in Vietnamese, then in English."""
        return f"{self._where('Dòng', 'cột')}{self.vi}\n    {self._where('Row', 'column')}{self.en}"

    def _where(self, row: str, column: str) -> str:
        parts = []
        if self.row is not None:
            parts.append(f"{row} {self.row}")
        if self.column is not None:
            parts.append(f"{column} “{self.column}”")
        return f"{', '.join(parts)}: " if parts else ""


class FileRefused(Exception):
    """A file cannot be taken; nothing of it is sent."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = tuple(problems)


def reason_text(name: str, problems: Sequence[Problem]) -> str:
    """Return the text that is laid beside a refused file."""
    lines = [
        f"Tệp “{name}” KHÔNG được nhận; không có dòng nào trong tệp được gửi đi.",
        "Hãy sửa các lỗi dưới đây rồi thả lại tệp vào thư mục nhận.",
        f"    The file “{name}” was NOT taken; no row of it was sent.",
        "    Mend what is listed below and drop the file into the inbox again.",
        "",
        *(problem.lines() for problem in problems[:_MOST_SHOWN]),
    ]
    if (more := len(problems) - _MOST_SHOWN) > 0:
        lines.append(f"… và {more} lỗi khác.\n    … and {more} more.")
    return "\n".join(lines) + "\n"
