"""Messages for tests: the golden files, and valid messages in which one thing is changed."""

import json
from pathlib import Path
from typing import Any, Final

from bus.schemas.catalogue import FromAgency, FromHub, classes
from bus.schemas.envelope import Envelope
from bus.schemas.export.examples import example
from bus.schemas.export.terms import place

GOLDEN: Final = Path(__file__).parents[1] / "data" / "golden"
FROM_AGENCY_CLASSES: Final = classes(FromAgency)
FROM_HUB_CLASSES: Final = classes(FromHub)
MESSAGE_CLASSES: Final = (*FROM_AGENCY_CLASSES, *FROM_HUB_CLASSES)


def golden(message: type[Envelope], *, minimal: bool = False) -> bytes:
    """Return the golden body of a message class; minimal: without what may be absent."""
    name = place(message).file
    if minimal:
        name = name.replace(".json", ".minimal.json")
    return (GOLDEN / name).read_bytes().removesuffix(b"\n")


def content(message: type[Envelope], **changes: Any) -> dict[str, Any]:
    """Return a valid message as JSON has it, with changes: `data__title="x"`, `...` removes."""
    whole: dict[str, Any] = json.loads(json.dumps(example(message)))
    for path, value in changes.items():
        *way, last = path.split("__")
        here = whole
        for key in way:
            here = here[key]
        if value is ...:
            del here[last]
        else:
            here[last] = value
    return whole


def body(message: type[Envelope], **changes: Any) -> bytes:
    """Return the same as the bytes that would be signed."""
    return json.dumps(content(message, **changes), ensure_ascii=False).encode()


def case_name(message: object) -> str | None:
    """Return how a parametrised case is called: the message's key."""
    if isinstance(message, type) and issubclass(message, Envelope):
        return place(message).key
    return None
