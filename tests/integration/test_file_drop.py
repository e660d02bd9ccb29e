"""The file drop on a real file system: what happens to files that come, go, break and stay."""

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from bus.adapters.file_drop.adapter import file_drop
from bus.adapters.file_drop.events import SUBMISSION_HEADINGS
from bus.adapters.file_drop.mapping import to_row
from bus.adapters.file_drop.options import FileDropOptions, FileFormat
from bus.adapters.file_drop.sink import FileDropSink
from bus.adapters.file_drop.source import FileDropSource
from bus.errors import DestinationUnavailable, SourceUnavailable
from bus.ports import Change
from bus.testing.builders import a_delivery, a_dossier, a_submission_content
from bus.testing.fakes import ManualClock

DELIVERY = UUID("01956000-0000-7000-8000-000000000001")
STABLE = 2.0


class Drop:
    """One agency's folders, with the adapter over them."""

    def __init__(self, folder: Path) -> None:
        self.inbox = folder / "inbox"
        self.outbox = folder / "outbox"
        self.inbox.mkdir()
        self.outbox.mkdir()
        self.options = FileDropOptions(
            kind="file_drop",
            inbox=self.inbox,
            outbox=self.outbox,
            area="04636",
            stable_seconds=STABLE,
            max_bytes=20_000,
        )
        self.clock = ManualClock()
        self.source, self.sink = file_drop(self.options, self.clock)

    def restarted(self) -> FileDropSource:
        self.source = file_drop(self.options, self.clock)[0]
        return self.source

    def put(self, name: str, content: bytes) -> Path:
        path = self.inbox / name
        path.write_bytes(content)
        return path

    def read(self, limit: int = 100) -> list[Change]:
        """Look, wait until files stand still, and look again."""
        self.source.changes(after=None, limit=limit)
        self.clock.advance(STABLE)
        return list(self.source.changes(after=None, limit=limit))

    def take(self, limit: int = 100) -> list[Change]:
        changes = self.read(limit)
        self.source.taken(changes)
        return changes

    def names(self) -> set[str]:
        return {str(x.relative_to(self.inbox)) for x in self.inbox.rglob("*") if x.is_file()}


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    return Drop(tmp_path)


def rows(*numbers: int) -> list[dict[str, str]]:
    return [to_row(a_dossier(number), a_submission_content()) for number in numbers]


def as_csv(*numbers: int) -> bytes:
    lines = [";".join(SUBMISSION_HEADINGS)]
    lines += [";".join(row[heading] for heading in SUBMISSION_HEADINGS) for row in rows(*numbers)]
    return "\r\n".join(lines).encode("utf-8-sig")


def as_json(*numbers: int) -> bytes:
    return json.dumps(rows(*numbers), ensure_ascii=False).encode()


def test_a_csv_and_a_json_file_become_dossiers_and_move_to_done(drop: Drop) -> None:
    drop.put("sáng.csv", as_csv(1, 2))
    drop.put("trưa.JSON", as_json(3))

    changes = drop.take()

    assert {change.dossier for change in changes} == {a_dossier(n) for n in (1, 2, 3)}
    assert all(change.data == a_submission_content() for change in changes)
    assert drop.names() == {"done/sáng.csv", "done/trưa.JSON"}


def test_a_file_that_still_grows_is_left_alone(drop: Drop) -> None:
    path = drop.put("a.csv", as_csv(1))
    assert drop.source.changes(after=None, limit=10) == []
    drop.clock.advance(STABLE / 2)
    assert drop.source.changes(after=None, limit=10) == []
    path.write_bytes(as_csv(1, 2))
    drop.clock.advance(STABLE)
    assert drop.source.changes(after=None, limit=10) == []

    drop.clock.advance(STABLE)

    assert len(drop.source.changes(after=None, limit=10)) == 2


class ClockWithAWriter(ManualClock):
    """Lets the agency's system write each time the adapter looks at the clock."""

    def __init__(self, path: Path, *contents: bytes | None) -> None:
        super().__init__()
        self._path = path
        self._contents = list(contents)

    def now(self) -> datetime:
        if self._contents and (content := self._contents.pop(0)) is not None:
            self._path.write_bytes(content)
        return super().now()


def test_a_file_written_between_the_look_and_the_reading_waits_again(drop: Drop) -> None:
    """The adapter looks at the folder first and at the clock before it reads."""
    path = drop.put("a.csv", as_csv(1))
    options = drop.options.model_copy(update={"stable_seconds": 0.0})
    source = FileDropSource(options, ClockWithAWriter(path, None, as_csv(1, 2)))

    assert source.changes(after=None, limit=10) == []

    assert len(source.changes(after=None, limit=10)) == 2


@pytest.mark.parametrize("name", [".a.csv", "a.csv.part", "a.csv.tmp", "~$a.csv", "a.csv~"])
def test_files_that_are_being_made_are_not_looked_at(drop: Drop, name: str) -> None:
    drop.put(name, b"\xff")

    assert drop.read() == []
    assert drop.names() == {name}


def test_neither_folders_nor_links_are_files(drop: Drop, tmp_path: Path) -> None:
    """A link could lead to a file the agency may not read."""
    (tmp_path / "elsewhere.csv").write_bytes(as_csv(1))
    (drop.inbox / "link.csv").symlink_to(tmp_path / "elsewhere.csv")
    (drop.inbox / "folder.csv").mkdir()

    assert drop.read() == []


def test_files_come_oldest_first(drop: Drop) -> None:
    for number, name in [(3, "a.csv"), (1, "b.csv"), (2, "c.csv")]:
        os.utime(drop.put(name, as_csv(number)), (number * 1000, number * 1000))

    assert [change.dossier for change in drop.read()] == [a_dossier(n) for n in (1, 2, 3)]


def test_a_file_moves_only_when_all_of_it_is_taken(drop: Drop) -> None:
    drop.put("a.csv", as_csv(1, 2, 3))

    drop.take(limit=2)
    assert drop.names() == {"a.csv"}
    drop.source.taken(drop.source.changes(after=None, limit=2))

    assert drop.names() == {"done/a.csv"}


def test_a_file_half_taken_is_repeated_whole_after_a_restart(drop: Drop) -> None:
    """The bus knows the keys it has; the source keeps nothing."""
    drop.put("a.csv", as_csv(1, 2, 3))
    first = drop.take(limit=2)

    drop.restarted()
    again = drop.read()

    assert again[:2] == first
    assert len(again) == 3


def test_the_same_file_dropped_again_has_the_same_keys(drop: Drop) -> None:
    drop.put("a.csv", as_csv(1, 2))
    first = drop.take()
    drop.put("again.csv", as_csv(1, 2))

    assert [change.key for change in drop.take()] == [change.key for change in first]


def test_two_files_of_one_name_are_both_kept(drop: Drop) -> None:
    for number in (1, 2, 3):
        drop.put("a.csv", as_csv(number))
        drop.take()

    assert drop.names() == {"done/a.csv", "done/a-2.csv", "done/a-3.csv"}


def test_a_file_replaced_after_it_was_read_is_a_new_one(drop: Drop) -> None:
    """Moving it to done would lose what the agency wrote meanwhile."""
    path = drop.put("a.csv", as_csv(1))
    first = drop.read()
    path.write_bytes(as_csv(2, 3))

    drop.source.taken(first)

    assert drop.names() == {"a.csv"}
    assert [change.dossier for change in drop.take()] == [a_dossier(2), a_dossier(3)]


def test_a_file_taken_away_before_it_was_sent_is_forgotten(drop: Drop) -> None:
    path = drop.put("a.csv", as_csv(1))
    drop.read()
    path.unlink()

    assert drop.source.changes(after=None, limit=10) == []


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("bảng.xlsx", lambda: b"PK", "chỉ nhận tệp .csv hoặc .json"),
        ("tcvn.csv", lambda: b"M\xb7 h\xe5 s\xac\n1\n", "TCVN3"),
        ("lớn.csv", lambda: as_csv(*range(1, 200)), "lớn hơn giới hạn 20000 byte"),
        ("lạ.json", lambda: b'{"\\ud800": "x"}', "cột “\\ud800”: là cột không có trong mẫu"),
        ("rỗng.csv", lambda: b"", "không có dòng dữ liệu"),
        ("kênh.csv", lambda: as_csv(1, 2).replace("Trực tiếp".encode(), b"Fax"), "cột “Kênh”"),
    ],
)
def test_a_bad_file_goes_to_rejected_with_the_reason_beside_it(
    drop: Drop, name: str, content: Callable[[], bytes], reason: str
) -> None:
    drop.put(name, content())

    assert drop.read() == []

    assert drop.names() == {f"rejected/{name}", f"rejected/{name}.ly-do.txt"}
    told = (drop.inbox / "rejected" / f"{name}.ly-do.txt").read_text("utf-8-sig")
    assert told.startswith(f"Tệp “{name}” KHÔNG được nhận")
    assert reason in told


def test_one_bad_row_keeps_the_whole_file_back(drop: Drop) -> None:
    good, bad = rows(1, 2)
    drop.put("a.json", json.dumps([good, bad | {"Kênh": "Fax"}]).encode())

    with capture_logs() as lines:
        assert drop.read() == []

    assert [(x["event"], x["file"], x["problems"]) for x in lines] == [
        ("file_drop.rejected", "a.json", 1)
    ]


def test_a_bad_file_does_not_hold_up_the_good_one_behind_it(drop: Drop) -> None:
    os.utime(drop.put("a.csv", b"\xff"), (1, 1))
    drop.put("b.csv", as_csv(1))

    assert [change.dossier for change in drop.take()] == [a_dossier(1)]


def test_a_bad_file_dropped_again_keeps_both_reasons(drop: Drop) -> None:
    for content in (b"\xff", b""):
        drop.put("a.csv", content)
        drop.read()

    assert drop.names() == {
        "rejected/a.csv",
        "rejected/a.csv.ly-do.txt",
        "rejected/a-2.csv",
        "rejected/a-2.csv.ly-do.txt",
    }


def test_a_name_that_is_no_text_is_rejected_like_any_other(drop: Drop) -> None:
    """Old systems write names in the bytes of their own encoding."""
    path = os.fsencode(drop.inbox) + b"/h\xe5 s\xac.csv"
    Path(os.fsdecode(path)).write_bytes(b"\xff")

    assert drop.read() == []

    (reason,) = (drop.inbox / "rejected").glob("*.ly-do.txt")
    assert "h\\xe5 s\\xac.csv" in reason.read_text("utf-8-sig")


@pytest.mark.parametrize(("folder", "content"), [("done", as_csv(1)), ("rejected", b"\xff")])
def test_a_file_that_cannot_be_moved_stays_and_is_tried_again(
    drop: Drop, folder: str, content: bytes
) -> None:
    drop.put("a.csv", content)
    in_the_way = drop.inbox / folder
    in_the_way.symlink_to(drop.inbox / "nowhere")

    with capture_logs() as lines:
        drop.take()
    assert "file_drop.move_failed" in {x["event"] for x in lines}
    assert "a.csv" in drop.names()
    assert drop.source.changes(after=None, limit=10) == []
    in_the_way.unlink()
    drop.source.changes(after=None, limit=10)

    assert f"{folder}/a.csv" in drop.names()


def test_a_missing_inbox_is_said_in_both_languages(drop: Drop) -> None:
    drop.inbox.rmdir()

    with pytest.raises(SourceUnavailable, match=r"không đọc được thư mục nhận .* / .* inbox"):
        drop.source.changes(after=None, limit=1)


def test_the_form_may_be_set_whatever_the_name(drop: Drop) -> None:
    options = drop.options.model_copy(update={"format": FileFormat.JSON, "stable_seconds": 0.0})
    drop.put("xuất.dat", as_json(1))

    (change,) = FileDropSource(options, drop.clock).changes(after=None, limit=10)

    assert change.dossier == a_dossier(1)


# --- the outbox ------------------------------------------------------------------------------


def test_a_delivery_is_one_readable_json_file_named_by_its_id(drop: Drop) -> None:
    message = a_delivery()

    reference = drop.sink.deliver(message, delivery=DELIVERY)

    text = (drop.outbox / f"{DELIVERY}.json").read_text("utf-8")
    assert reference == f"{DELIVERY}.json"
    assert "Tiếp nhận đối tượng vào cơ sở trợ giúp xã hội" in text
    assert type(message).model_validate_json(json.dumps(json.loads(text)["message"])) == message


def test_nothing_unfinished_is_left_in_the_outbox(drop: Drop) -> None:
    drop.sink.deliver(a_delivery(), delivery=DELIVERY)

    files = {x.name for x in drop.outbox.iterdir() if x.is_file()}
    assert files == {f"{DELIVERY}.json"}


def test_a_repeat_after_the_file_was_fetched_writes_nothing(drop: Drop) -> None:
    """The agency's system takes files away; a second one would be a second task."""
    drop.sink.deliver(a_delivery(), delivery=DELIVERY)
    (drop.outbox / f"{DELIVERY}.json").unlink()

    assert FileDropSink(drop.options).deliver(a_delivery(), delivery=DELIVERY) is not None

    assert list(drop.outbox.glob("*.json")) == []


def test_a_file_left_by_a_crash_before_it_was_marked_is_not_written_again(drop: Drop) -> None:
    there = drop.outbox / f"{DELIVERY}.json"
    there.write_text("as written before the crash", encoding="utf-8")

    drop.sink.deliver(a_delivery(), delivery=DELIVERY)

    assert there.read_text("utf-8") == "as written before the crash"


def test_a_full_disk_leaves_nothing_and_heals(drop: Drop) -> None:
    unfinished = drop.outbox / f".{DELIVERY}.json.tmp"
    unfinished.symlink_to("/dev/full")

    with pytest.raises(DestinationUnavailable, match="No space left on device"):
        drop.sink.deliver(a_delivery(), delivery=DELIVERY)
    assert [x for x in drop.outbox.iterdir() if not x.is_dir()] == []
    drop.sink.deliver(a_delivery(), delivery=DELIVERY)

    assert (drop.outbox / f"{DELIVERY}.json").exists()
