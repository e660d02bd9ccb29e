"""A sheet as one HTML page that needs nothing else: no script, no font, no picture, no network."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from bus.errors import PrintingUnavailable
from bus.routing.clock import VIETNAM
from bus.routing.forms.documents import Document
from bus.routing.forms.timeliness import Timeliness
from bus.schemas.base import Channel
from bus.schemas.dossier import CopyKind

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES: Final = Path(__file__).parent / "templates"
_ZONE: Final = ZoneInfo(VIETNAM)
_DOTS: Final = "…"
_FIRST_PADDED_MONTHS: Final = 2

TIMELINESS: Final[Mapping[str, str]] = {
    Timeliness.EARLY: "Trước hạn",
    Timeliness.ON_TIME: "Đúng hạn",
    Timeliness.OVERDUE: "Quá hạn",
    Timeliness.WITHIN_LIMIT: "Trong hạn",
}
CHANNELS: Final[Mapping[str, str]] = {
    Channel.DIRECT: "Trực tiếp",
    Channel.ONLINE: "Trực tuyến",
    Channel.POSTAL: "Qua dịch vụ bưu chính",
}
COPIES: Final[Mapping[str, str]] = {
    CopyKind.ORIGINAL: "Bản chính",
    CopyKind.COPY: "Bản sao",
    CopyKind.ELECTRONIC: "Bản điện tử",
}


def html(document: Document) -> str:
    """Return the page of a sheet; whatever stands on it is escaped.

    Raises:
        PrintingUnavailable: The extra `forms` is not installed.
    """
    form = document.heading.form
    template = _environment().get_template(f"{form.set}/{form.kind}.html")
    return template.render(it=document, heading=document.heading, form=form)


def day_in_words(day: date) -> str:
    """Return a date as Decree 30/2020/NĐ-CP wants it: `ngày 03 tháng 3 năm 2025`.

    Days below ten and the months January and February have two digits.
    """
    month = f"{day.month:02}" if day.month <= _FIRST_PADDED_MONTHS else str(day.month)
    return f"ngày {day.day:02} tháng {month} năm {day.year}"


def moment_in_words(at: datetime) -> str:
    """Return a moment in Việt Nam time: `08 giờ 30 phút, ngày 03 tháng 3 năm 2025`."""
    local = at.astimezone(_ZONE)
    return f"{local:%H} giờ {local:%M} phút, {day_in_words(local.date())}"


def _short(at: datetime) -> str:
    return f"{at.astimezone(_ZONE):%H:%M %d/%m/%Y}"


def _blank(value: str | None, length: int = 20) -> str:
    """Return a value, or dots to write on where it is not known."""
    return value or _DOTS * length


@cache
def _environment() -> "Environment":
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 -- extra
    except ImportError as error:
        raise PrintingUnavailable(
            "chưa cài Jinja2; hãy chạy `pip install -r requirements/forms.txt`"
            " / Jinja2 is not installed; run `pip install -r requirements/forms.txt`"
        ) from error
    found = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., Any]] = {
        "day": day_in_words,
        "moment": moment_in_words,
        "short": _short,
        "blank": _blank,
        "kept": TIMELINESS.__getitem__,
        "channel": CHANNELS.__getitem__,
        "copy": COPIES.__getitem__,
    }
    found.filters.update(filters)
    return found
