"""Where the province is that a rehearsal runs over: the sample one, unless another is named."""
# ruff: noqa: PLC0415 -- what is heavy waits for its command, so that help answers at once

from pathlib import Path
from typing import Annotated, Final

import typer

SAMPLE: Final = Path("deploy/yen-bai")

Province = Annotated[
    Path,
    typer.Option(
        "--province",
        metavar="DIR",
        help="Thư mục dữ liệu của tỉnh. / Folder of the province's data.",
    ),
]


def located(given: Path) -> Path:
    """Return the province's folder: as given, or beside the source this command runs from.

    Raises:
        NotFound: It is at neither place.
    """
    import bus
    from bus.errors import NotFound

    beside = Path(bus.__file__).parents[1] / given
    for folder in (given, beside):
        if folder.is_dir():
            return folder
    raise NotFound(
        f"{given}: không có thư mục này; hãy chạy trong thư mục của dự án, hoặc chỉ ra bằng"
        f" --province / there is no such folder; run in the project's folder or say --province"
    )
