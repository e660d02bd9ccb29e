"""Exit codes: what a script may rely on."""

from typing import Final

DONE: Final = 0
REFUSED: Final = 1
USAGE: Final = 2
UNREACHABLE: Final = 3

EXPLAINED: Final = (
    "Mã thoát / Exit codes: "
    "0 xong / done · "
    "1 bị từ chối hoặc phát hiện sai / refused, or something found wrong · "
    "2 dùng sai lệnh / wrong usage · "
    "3 không kết nối được RabbitMQ hoặc cơ sở dữ liệu / broker or database not reachable."
)
