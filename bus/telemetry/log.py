"""Log lines: the one place that decides how they look and what must never be in them.

structlog is imported where logging is switched on, because it takes as long to import as half of
a command line's start-up.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from structlog.typing import Processor

REMOVED: Final = "***"

_PRIVATE_KEYS: Final = frozenset(
    {
        *("body", "content", "data", "facts", "form", "payload", "jws"),
        *("address", "citizen", "identity", "owner", "phone"),
        *("authorization", "credentials", "password", "pem", "private_key", "secret", "token"),
    }
)
_URL_PASSWORD: Final = re.compile(r"(?P<before>\w://[^\s:/@]*:)\S+(?=@)")
_CHATTY: Final = ("pika", "kombu", "amqp", "alembic", "sqlalchemy")


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Any:  # noqa: ANN401 -- structlog's own type
    """Take out of a line what may be content or a secret; ids, counts and states stay.

    A processor of structlog: values of private keys are replaced, and passwords inside URLs, in
    whatever text they stand.
    """
    for key, value in event.items():
        if key in _PRIVATE_KEYS:
            event[key] = REMOVED
        elif isinstance(value, str):
            if "://" in value:
                event[key] = without_password(value)
        elif isinstance(value, bytes | bytearray | memoryview):
            event[key] = REMOVED
        elif isinstance(value, dict):
            event[key] = redact(_logger, _method, dict(value))
    return event


def without_password(text: str) -> str:
    """Return a text in which the passwords of URLs are replaced."""
    return _URL_PASSWORD.sub(rf"\g<before>{REMOVED}", text)


def configure_logging(*, json: bool, level: str) -> None:
    """Send every log line to stderr, ours and the libraries', through the same processors.

    Args:
        json: One JSON object a line; otherwise a line for people, coloured on a terminal.
        level: `debug`, `info`, `warning` or `error`.
    """
    import structlog  # noqa: PLC0415 -- see the module's docstring

    threshold = logging.getLevelNamesMapping()[level.upper()]
    processors: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_traceback,
        redact,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*processors, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *processors],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            keep_exc_info=False,
        )
    )
    logging.basicConfig(handlers=[handler], level=threshold, force=True)
    for library in _CHATTY:
        logging.getLogger(library).setLevel(max(threshold, logging.WARNING))
    # What pika cannot do is said once, in our words, by bus.broker.
    logging.getLogger("pika").setLevel(logging.CRITICAL)


def _without_traceback(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Any:  # noqa: ANN401 -- structlog's own type
    """Say which error it was and in which line, in one line: operators read no tracebacks."""
    trouble = event.pop("exc_info", None)
    if trouble is True:
        trouble = sys.exc_info()[1]
    elif isinstance(trouble, tuple):
        trouble = trouble[1]
    if isinstance(trouble, BaseException):
        event["error"] = type(trouble).__name__
        event["where"] = _place(trouble)
    return event


def _place(trouble: BaseException) -> str | None:
    """Return the module and line an error was raised at; enough for whoever mends the code."""
    place = trouble.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return f"{place.tb_frame.f_globals.get('__name__')}:{place.tb_lineno}" if place else None
