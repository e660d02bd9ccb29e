"""The outbox: one JSON file for each delivery, there whole or not at all.

The agency's system takes the files away, so what was delivered is also remembered by an empty
file of the same name in `.delivered/`: a repeat is recognised even then. Between the rename and
that mark lies the one moment in which a crash and a quick reader together can cause a second file;
its name, the delivery id, lets the agency's system see that it is the same.
"""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import UUID

from bus.adapters.file_drop.options import FileDropOptions
from bus.errors import DestinationUnavailable
from bus.schemas.catalogue import FromHub

DELIVERED: Final = ".delivered"


class FileDropSink:
    """Writes one agency's outbox; see `bus.ports.Sink`.

    Args:
        options: Folders and limits.
    """

    def __init__(self, options: FileDropOptions) -> None:
        self._outbox = options.outbox

    def deliver(self, message: FromHub, *, delivery: UUID) -> str | None:
        """Put the message into the outbox and return the file's name."""
        name = f"{delivery}.json"
        target, mark = self._outbox / name, self._outbox / DELIVERED / name
        try:
            if not mark.exists():
                mark.parent.mkdir(exist_ok=True)
                if not target.exists():
                    self._write(target, _text(message, delivery))
                mark.touch()
                _flush_folder(mark.parent)
        except OSError as error:
            outbox, why = self._outbox, error.strerror
            raise DestinationUnavailable(
                f"{outbox}: không ghi được vào thư mục gửi ({why}); hãy kiểm tra thư mục, quyền"
                f" ghi và dung lượng đĩa / {outbox}: the outbox cannot be written ({why}); check"
                " the folder, its rights and the free space"
            ) from error
        return name

    def _write(self, target: Path, text: bytes) -> None:
        unfinished = target.with_name(f".{target.name}.tmp")
        try:
            with unfinished.open("wb") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(target)
        except OSError:
            with suppress(OSError):
                unfinished.unlink()
            raise
        _flush_folder(self._outbox)


def _text(message: FromHub, delivery: UUID) -> bytes:
    content = message.model_dump(mode="json", exclude_none=True)
    told = {"delivery": str(delivery), "message": content}
    return json.dumps(told, ensure_ascii=False, indent=2).encode() + b"\n"


def _flush_folder(folder: Path) -> None:
    """Make a rename durable; a file system that cannot flush a folder does it in its own time."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
