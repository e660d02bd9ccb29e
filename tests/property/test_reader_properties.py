"""Whatever bytes come: a message or one error, and never a word of the content in the error."""

import json
import unicodedata
from collections.abc import Callable
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from bus.errors import SenderMustAct, TextNotNormalised
from bus.schemas.dossier import DossierSubmittedV1
from bus.schemas.reader import Unreadable, read_from_agency, read_from_hub
from tests.support.messages import MESSAGE_CLASSES, body, content

SECRET = "Zq7Xw"

any_text = st.text(st.characters(exclude_categories=[]), max_size=8)  # half surrogates too
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=8,
)


def _refusal(
    sent: bytes, read: Callable[[bytes], object] = read_from_agency
) -> SenderMustAct | None:
    try:
        read(sent)
    except Unreadable as refused:
        return refused.error
    return None


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    pairs: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        pairs = list(value.items())
    if isinstance(value, list):
        pairs = list(enumerate(value))
    return [found for key, inner in pairs for found in [(*path, key), *_paths(inner, (*path, key))]]


@given(st.binary(max_size=300))
@example(b'{"a":"\\ud800\\udc00"}')
def test_any_bytes_are_a_message_or_one_error(sent: bytes) -> None:
    for read in (read_from_agency, read_from_hub):
        error = _refusal(sent, read)

        assert error is not None
        assert error.code.startswith("message.")
        assert error.text_vi


@given(anything)
def test_any_json_is_a_message_or_one_error(value: Any) -> None:
    assert _refusal(json.dumps(value).encode()) is not None


@given(st.data(), st.sampled_from(MESSAGE_CLASSES))
def test_one_value_changed_to_anything_gives_a_message_or_one_error_that_hides_it(
    data: st.DataObject, message: Any
) -> None:
    whole = content(message)
    *way, last = data.draw(st.sampled_from(_paths(whole)))
    here: Any = whole
    for key in way:
        here = here[key]
    here[last] = data.draw(
        st.just(SECRET)
        | st.just({"Mr " + SECRET: SECRET})
        | st.lists(st.just(SECRET + "\n"), min_size=1, max_size=2)
        | anything
    )
    sent = json.dumps(whole).encode()

    for read in (read_from_agency, read_from_hub):
        error = _refusal(sent, read)

        told = "" if error is None else f"{error} {error.text_vi} {error.path} {error.facts}"
        assert SECRET not in told


@given(st.text(max_size=20), st.booleans())
@example("\n\u0303", False)  # noqa: FBT003 -- positional in hypothesis' example
@example("e\u0301", True)  # noqa: FBT003 -- the same
@example("\\u0301e\u0301", False)  # noqa: FBT003 -- the same
def test_exactly_the_texts_in_form_nfc_pass_the_check_of_form(text: str, escaped: bool) -> None:  # noqa: FBT001 -- hypothesis passes by position
    sent = body(DossierSubmittedV1, data__form={"note": text})
    if escaped:
        sent = json.dumps(json.loads(sent)).encode()

    refused = isinstance(_refusal(sent), TextNotNormalised)

    assert refused is not unicodedata.is_normalized("NFC", text)
