"""Joins the two halves of a file drop for one agency."""

from bus.adapters.file_drop.options import FileDropOptions
from bus.adapters.file_drop.sink import FileDropSink
from bus.adapters.file_drop.source import FileDropSource
from bus.ports import Clock


def file_drop(options: FileDropOptions, clock: Clock) -> tuple[FileDropSource, FileDropSink]:
    """Return the source and the sink of one agency's folders."""
    return FileDropSource(options, clock), FileDropSink(options)
