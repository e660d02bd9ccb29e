"""The inbox: files that stand still become changes; a file is moved when the bus has all of it.

A file goes whole or not at all. It is moved inside its folder only (`done/`, `rejected/`), so the
move is one rename. What cannot be moved stays and is tried again; its rows are not given twice.
"""

import hashlib
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from bus.adapters.file_drop.mapping import from_row
from bus.adapters.file_drop.options import FileDropOptions, FileFormat
from bus.adapters.file_drop.problem import FileRefused, Problem, reason_text
from bus.adapters.file_drop.reading import read_rows
from bus.errors import SourceUnavailable
from bus.ports import Change, Clock

log = structlog.get_logger(__name__)

CURSOR: Final = "file_drop"
"""Files are moved when they are taken, so the place to go on is the folder itself."""

REASON_ENDING: Final = ".ly-do.txt"
_UNFINISHED: Final = (".tmp", ".part", ".partial", ".crdownload", "~")


@dataclass(frozen=True, slots=True)
class _Look:
    """What tells one state of a file from another without reading it."""

    size: int
    modified: int
    inode: int


@dataclass(slots=True)
class _File:
    """A file of the inbox: how it looked, since when, and what is in it once it was read."""

    look: _Look
    since: datetime
    changes: list[Change] | None = None
    problems: tuple[Problem, ...] = ()
    taken: set[str] = field(default_factory=set)

    def open_changes(self) -> list[Change]:
        """Return the changes the bus does not have yet."""
        return [change for change in self.changes or () if change.key not in self.taken]


class FileDropSource:
    """Reads one agency's inbox; see `bus.ports.Source`.

    Args:
        options: Folders and limits.
        clock: Tells how long a file has stood still.
    """

    def __init__(self, options: FileDropOptions, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._files: dict[str, _File] = {}

    def changes(self, *, after: str | None, limit: int) -> Sequence[Change]:
        """Return the oldest changes of the files that stand still, file by file."""
        del after  # what is taken has left the folder
        self._scan()
        found: list[Change] = []
        for name, file in list(self._files.items()):
            if len(found) >= limit:
                break
            if self._ready(name, file):
                found += file.open_changes()[: limit - len(found)]
        return found

    def taken(self, changes: Sequence[Change]) -> None:
        """Move each file of which the bus now has everything to `done/`."""
        keys = {change.key for change in changes}
        for name, file in list(self._files.items()):
            mine = {change.key for change in file.changes or ()}
            if mine & keys:
                file.taken |= mine & keys
                self._finish(name, file)

    def _scan(self) -> None:
        """See what is in the inbox; a file that changed begins to wait anew."""
        now, looks = self._clock.now(), self._looks()
        for name in [name for name in self._files if name not in looks]:
            del self._files[name]
        for name in sorted(looks, key=lambda name: (looks[name].modified, name)):
            known = self._files.get(name)
            if known is None or known.look != looks[name]:
                self._files.pop(name, None)
                self._files[name] = _File(looks[name], now)

    def _looks(self) -> dict[str, _Look]:
        looks = {}
        try:
            with os.scandir(self._options.inbox) as entries:
                for entry in entries:
                    if entry.name.startswith((".", "~")) or entry.name.endswith(_UNFINISHED):
                        continue
                    with suppress(FileNotFoundError):
                        found = entry.stat(follow_symlinks=False)
                        if stat.S_ISREG(found.st_mode):
                            looks[entry.name] = _look(found)
        except OSError as error:
            inbox, why = self._options.inbox, error.strerror
            raise SourceUnavailable(
                f"{inbox}: không đọc được thư mục nhận ({why}); hãy tạo thư mục và cấp quyền đọc,"
                f" ghi / {inbox}: the inbox cannot be read ({why}); make the folder and give the"
                " adapter the right to read and write"
            ) from error
        return looks

    def _ready(self, name: str, file: _File) -> bool:
        """Say whether the file has changes to give; read it when its time has come."""
        if file.changes is None and not file.problems:
            waited = self._clock.now() - file.since
            if waited < timedelta(seconds=self._options.stable_seconds):
                return False
            self._read(name, file)
        if file.problems:
            self._reject(name, file)
        elif file.changes is not None and not file.open_changes():
            self._finish(name, file)
        return file.changes is not None

    def _read(self, name: str, file: _File) -> None:
        path = self._options.inbox / name
        try:
            with path.open("rb") as stream:
                content = stream.read(self._options.max_bytes + 1)
                after = _look(os.fstat(stream.fileno()))
        except OSError as error:
            log.warning("file_drop.unreadable", file=_shown(name), why=error.strerror)
            return
        if after == file.look:
            try:
                file.changes = self._changes_of(name, content)
            except FileRefused as refusal:
                file.problems = refusal.problems

    def _changes_of(self, name: str, content: bytes) -> list[Change]:
        limit = self._options.max_bytes
        if len(content) > limit:
            raise FileRefused(
                [
                    Problem(
                        f"tệp lớn hơn giới hạn {limit} byte; hãy chia thành nhiều tệp",
                        f"the file is larger than {limit} bytes; split it",
                    )
                ]
            )
        digest = hashlib.sha256(content).hexdigest()
        changes: list[Change] = []
        problems: list[Problem] = []
        for row in read_rows(content, self._format_of(name)):
            result = from_row(row, area=self._options.area)
            if isinstance(result, list):
                problems += result
            else:
                dossier, data = result
                changes.append(Change(f"{digest}:{row.number}", dossier, data, CURSOR))
        if problems:
            raise FileRefused(problems)
        return changes

    def _format_of(self, name: str) -> FileFormat:
        if self._options.format is not FileFormat.AUTO:
            return self._options.format
        match Path(name).suffix.lower():
            case ".csv":
                return FileFormat.CSV
            case ".json":
                return FileFormat.JSON
            case _:
                raise FileRefused(
                    [
                        Problem(
                            "chỉ nhận tệp .csv hoặc .json; hãy lưu lại theo một trong hai dạng đó",
                            "only .csv or .json files are taken; save it as one of them",
                        )
                    ]
                )

    def _finish(self, name: str, file: _File) -> None:
        if file.open_changes():
            return
        try:
            moved = self._move(name, file, _free(self._options.inbox / "done", name))
        except OSError as error:
            log.warning("file_drop.move_failed", file=_shown(name), why=error.strerror)
            return
        if moved:
            log.info("file_drop.taken", file=_shown(name), changes=len(file.taken))

    def _reject(self, name: str, file: _File) -> None:
        reason = None
        try:
            target = _free(self._options.inbox / "rejected", name)
            target.parent.mkdir(exist_ok=True)
            reason = target.with_name(target.name + REASON_ENDING)
            text = reason_text(_shown(name), file.problems)
            reason.write_text(text, encoding="utf-8-sig", errors="backslashreplace")
            moved = self._move(name, file, target)
        except OSError as error:
            log.warning("file_drop.move_failed", file=_shown(name), why=error.strerror)
            moved = False
        if moved:
            log.warning("file_drop.rejected", file=_shown(name), problems=len(file.problems))
        elif reason is not None:
            with suppress(OSError):
                reason.unlink()

    def _move(self, name: str, file: _File, target: Path) -> bool:
        """Move a file if it is still the one that was read; otherwise it is a new one."""
        path = self._options.inbox / name
        unchanged = _look(path.lstat()) == file.look
        if unchanged:
            target.parent.mkdir(exist_ok=True)
            path.rename(target)
        del self._files[name]
        return unchanged


def _look(found: os.stat_result) -> _Look:
    return _Look(found.st_size, found.st_mtime_ns, found.st_ino)


def _free(folder: Path, name: str) -> Path:
    """Return a path in the folder that neither a file nor a reason has yet."""
    plain = Path(name)
    number, target = 1, folder / name
    while target.exists() or target.with_name(target.name + REASON_ENDING).exists():
        number += 1
        target = folder / f"{plain.stem}-{number}{plain.suffix}"
    return target


def _shown(name: str) -> str:
    """Return a file's name as text; bytes that are no text are shown as numbers."""
    return os.fsencode(name).decode("utf-8", errors="backslashreplace")
