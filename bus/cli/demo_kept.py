"""Keeps what a rehearsal leaves behind, as a hub's database that commands can be tried on."""

from datetime import UTC, datetime
from pathlib import Path

from bus.errors import SettingInvalid
from bus.schemas.directory import Role
from bus.schemas.province import Province
from bus.simulation.world import PARTITIONS
from bus.storage.engine import open_engine
from bus.storage.queries import HubQueries

DATABASE = "hub.db"


def empty_folder(folder: Path) -> Path:
    """Return a folder that is there and empty.

    Raises:
        SettingInvalid: It holds something, or cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        found = next(folder.iterdir(), None)
    except OSError as error:
        raise SettingInvalid(
            f"{folder}: không dùng được ({error.strerror}); hãy chọn thư mục khác"
            f" / cannot be used ({error.strerror}); choose another folder"
        ) from error
    if found is not None:
        raise SettingInvalid(
            f"{folder}: không rỗng (có {found.name}); hãy chọn thư mục mới hoặc xoá nó"
            f" / is not empty (it holds {found.name}); choose a new folder, or remove it"
        )
    return folder.resolve()


def write_configuration(folder: Path, province: Province) -> Path:
    """Write a hub's configuration for the rehearsal's database; return the file.

    Its clock stands at the rehearsal's last day, so that nothing is called late that was not.
    """
    hub = next(entry for entry in province.directory.agencies if Role.HUB in entry.roles)
    engine = open_engine(f"sqlite:///{folder / DATABASE}")
    last = HubQueries(engine).newest_entry_at()
    engine.dispose()
    now = datetime.now(UTC)
    shift = (last.date() - now.date()).days if last else 0
    file = folder / "hub.toml"
    file.write_text(
        f"""# Cơ sở dữ liệu của một buổi diễn tập, để thử các lệnh; không có RabbitMQ cho nút.
# The database of a rehearsal, to try commands on; there is no RabbitMQ, so no node can run on it.
[broker]
url = "amqp://nobody@localhost/nowhere"
[database]
url = "sqlite:///{folder / DATABASE}"
[hub]
agency = "{hub.code}"
key_file = "{folder / "hub.pem"}"
partitions = {PARTITIONS}
[clock]
shift_days = {shift}
""",
        encoding="utf-8",
    )
    return file
