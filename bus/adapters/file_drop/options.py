"""What a node's configuration says about one file-drop adapter."""

from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from bus.schemas.base import Area, term

_OURS = "lienthong"
MIB = 1_048_576


class FileFormat(StrEnum):
    """How the files of the inbox are written."""

    AUTO = "auto"
    CSV = "csv"
    JSON = "json"


class FileDropOptions(BaseModel):
    """Folders and limits of one agency's file drop.

    Files are UTF-8, with or without a byte order mark; nothing else is guessed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    kind: Literal["file_drop"] = term(
        'Kind of the adapter: "file_drop".',
        vi="Loại bộ kết nối: “file_drop” (trao đổi bằng tệp).",
        source=_OURS,
    )
    inbox: Path = term(
        "Folder the agency's system drops its files into; done/ and rejected/ are made inside.",
        vi="Thư mục phần mềm của cơ quan thả tệp vào; done/ và rejected/ được tạo bên trong.",
        source=_OURS,
    )
    outbox: Path = term(
        "Folder the bus writes its files into, one for each delivery.",
        vi="Thư mục trục liên thông ghi tệp ra, mỗi lần giao một tệp.",
        source=_OURS,
    )
    area: Area = term(
        "Statistical code of the agency's area, used where the column Địa bàn is empty.",
        vi="Mã đơn vị hành chính của cơ quan, dùng khi cột Địa bàn để trống.",
        source="Quyết định 124/2004/QĐ-TTg",
    )
    format: FileFormat = term(
        'How files are read: "csv", "json", or "auto" by the ending of the name.',
        vi="Cách đọc tệp: “csv”, “json”, hoặc “auto” theo đuôi tên tệp.",
        source=_OURS,
        default=FileFormat.AUTO,
    )
    stable_seconds: float = term(
        "Seconds a file's size and time must not change before it is read, 0 to 3600.",
        vi="Số giây kích thước và thời gian của tệp phải đứng yên trước khi đọc, 0 đến 3600.",
        source=_OURS,
        default=2.0,
        ge=0,
        le=3600,
    )
    max_bytes: int = term(
        "Largest file taken, in bytes, 1 to 1073741824.",
        vi="Kích thước tệp lớn nhất được nhận, tính bằng byte, 1 đến 1073741824.",
        source=_OURS,
        default=20 * MIB,
        ge=1,
        le=1024 * MIB,
    )
