"""What files say survives the way there and back, whatever it is; and no bytes break the reader."""

import csv
import io
import json
import re
import unicodedata
from datetime import UTC, datetime
from typing import Any, TypeVar

from hypothesis import given
from hypothesis import strategies as st

from bus.adapters.file_drop.events import EVENTS, SUBMISSION, SUBMISSION_HEADINGS
from bus.adapters.file_drop.mapping import from_row, to_row
from bus.adapters.file_drop.options import FileFormat
from bus.adapters.file_drop.problem import FileRefused, reason_text
from bus.adapters.file_drop.reading import Row, normal, read_rows
from bus.ids import AreaCode, DossierCode
from bus.schemas.base import SAFE_INTEGER, Channel, PartyKind, WireModel
from bus.schemas.consultation import ConsultationRepliedData, ConsultationRequestedData
from bus.schemas.dossier import (
    Component,
    CopyKind,
    DossierReturnedData,
    DossierSubmittedData,
    DossierSupplementedData,
    DossierWithdrawnData,
    Party,
)
from bus.schemas.ending import (
    DossierRatedData,
    DossierRejectedData,
    DossierTerminatedData,
    Satisfaction,
)
from bus.schemas.progress import StepExtendedData, StepProgressedData
from bus.schemas.recall import (
    RecallAgreedData,
    RecallRefusedData,
    RecallRequestedData,
    StepForwardedData,
)
from bus.schemas.request import (
    PaymentConfirmedData,
    PaymentRequestedData,
    SupplementItem,
    SupplementRequestedData,
)
from bus.schemas.step import StepCompletedData, StepReceivedData, StepRejectedData
from bus.schemas.wait import WaitEndedData

AREA = AreaCode("04636")
DOSSIER = DossierCode("H63.140.05-250303-0001")
T = TypeVar("T")

VIETNAMESE = (
    "aăâbcdđeêghiklmnoôơpqrstuưvxyàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ"
)
LETTERS = st.sampled_from(VIETNAMESE + VIETNAMESE.upper()) | st.characters(
    exclude_categories=("Cc", "Cs"), exclude_characters="\ufffd\ufeff"
)
SPECIAL = st.sampled_from("|:\\=;,\"' ")


def lines(longest: int) -> st.SearchStrategy[str]:
    """Any one line a file can carry: kept as the bus keeps it, and not empty."""
    text = st.text(LETTERS | SPECIAL, min_size=1, max_size=40).map(normal)
    return text.filter(lambda x: bool(x) and len(x) <= longest and re.search(r"\S", x) is not None)


def maybe(values: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    return st.none() | values


WORDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,20}", fullmatch=True)
STEPS = st.from_regex(r"[a-z][a-z0-9_]{1,20}", fullmatch=True)
COUNTS = st.integers(1, 1_000_000)
AMOUNTS = st.integers(0, 10**15)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001 -- made UTC
    lambda x: x.replace(microsecond=0, tzinfo=UTC)
)
FACTS = st.dictionaries(
    st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True),
    st.booleans()
    | st.integers(-SAFE_INTEGER, SAFE_INTEGER)
    | st.just("")
    | st.sampled_from(
        [
            "true",
            "false",
            "0",
            "-7",
            "007",
            "9007199254740993",
            '"',
            '""',
            "\\",
            "a|b",
            " x ",
            "a=b",
        ]
    )
    | lines(60),
    max_size=4,
)
COMPONENTS = st.lists(
    st.builds(
        Component,
        code=WORDS,
        name=lines(60) | st.just("bản sao"),
        kind=st.sampled_from(CopyKind),
        quantity=COUNTS,
        documents=st.just(()),
    ),
    max_size=4,
).map(tuple)
AGENCIES = st.from_regex(r"H[0-9]{2}(\.[0-9]{1,3}){0,2}", fullmatch=True)
STEP: dict[str, Any] = {"step": STEPS, "round": COUNTS}

SUBMISSIONS = st.builds(
    DossierSubmittedData,
    title=lines(60),
    owner=st.builds(
        Party,
        kind=st.sampled_from(PartyKind),
        name=lines(60),
        identity=maybe(WORDS),
        phone=maybe(st.from_regex(r"\+?[0-9][0-9 .-]{2,17}[0-9]", fullmatch=True)),
        address=maybe(lines(60)),
    ),
    components=COMPONENTS,
    facts=FACTS,
    form=st.just({}),
    procedure=st.from_regex(r"[0-9]\.[0-9]{6}", fullmatch=True),
    channel=st.sampled_from(Channel),
    area=st.from_regex(r"[0-9]{2,5}", fullmatch=True),
    submitted_at=MOMENTS,
    accepted_at=MOMENTS,
)
ANSWERS = {
    StepReceivedData: {**STEP, "received_at": MOMENTS, "officer": maybe(lines(60))},
    StepCompletedData: {
        **STEP,
        "outcome": WORDS,
        "outputs": FACTS,
        "documents": st.just(()),
        "completed_at": MOMENTS,
    },
    StepRejectedData: {
        **STEP,
        "reason": lines(60),
        "legal_basis": maybe(lines(60)),
        "rejected_at": MOMENTS,
    },
    SupplementRequestedData: {
        **STEP,
        "items": st.lists(
            st.builds(SupplementItem, component=maybe(WORDS), content=lines(60)),
            min_size=1,
            max_size=4,
        ).map(tuple),
        "reason": lines(60),
        "contact": maybe(lines(60)),
        "requested_at": MOMENTS,
    },
    PaymentRequestedData: {
        **STEP,
        "reference": WORDS,
        "amount_vnd": AMOUNTS,
        "payee": lines(60),
        "notice": st.none(),
        "requested_at": MOMENTS,
    },
    PaymentConfirmedData: {
        "reference": WORDS,
        "amount_vnd": AMOUNTS,
        "receipt": WORDS,
        "paid_at": MOMENTS,
    },
    DossierSupplementedData: {
        "components": COMPONENTS,
        "facts": FACTS,
        "form": st.just({}),
        "accepted_at": MOMENTS,
    },
    DossierWithdrawnData: {"reason": lines(60), "withdrawn_at": MOMENTS},
    DossierRejectedData: {
        "reason": lines(60),
        "legal_basis": maybe(lines(60)),
        "rejected_at": MOMENTS,
    },
    DossierTerminatedData: {
        "reason": lines(60),
        "legal_basis": maybe(lines(60)),
        "notice": st.none(),
        "terminated_at": MOMENTS,
    },
    DossierRatedData: {
        "satisfaction": st.sampled_from(Satisfaction),
        "comment": maybe(lines(60)),
        "rated_at": MOMENTS,
    },
    StepProgressedData: {
        **STEP,
        "note": lines(60),
        "officer": maybe(lines(60)),
        "progressed_at": MOMENTS,
    },
    StepExtendedData: {
        **STEP,
        "reason": lines(60),
        "apology": lines(60),
        "letter": st.none(),
        "extended_due_at": MOMENTS,
        "extended_at": MOMENTS,
    },
    StepForwardedData: {
        **STEP,
        "competent_agency": AGENCIES,
        "reason": lines(60),
        "forwarded_at": MOMENTS,
    },
    ConsultationRequestedData: {
        **STEP,
        "reference": WORDS,
        "consulted": AGENCIES,
        "content": lines(60),
        "documents": st.just(()),
        "due_at": MOMENTS,
        "requested_at": MOMENTS,
    },
    ConsultationRepliedData: {
        "reference": WORDS,
        "opinion": lines(60),
        "documents": st.just(()),
        "replied_at": MOMENTS,
    },
    WaitEndedData: {**STEP, "outcome": WORDS, "note": maybe(lines(60)), "ended_at": MOMENTS},
    RecallRequestedData: {**STEP, "reason": lines(60), "requested_at": MOMENTS},
    RecallAgreedData: {**STEP, "agreed_at": MOMENTS},
    RecallRefusedData: {**STEP, "reason": lines(60), "refused_at": MOMENTS},
    DossierReturnedData: {"channel": st.sampled_from(Channel), "returned_at": MOMENTS},
}
EVERYTHING = SUBMISSIONS | st.one_of(
    [st.builds(content, **fields) for content, fields in ANSWERS.items()]
)


def as_csv(cells: dict[str, str], delimiter: str) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(cells), delimiter=delimiter)
    writer.writeheader()
    writer.writerow(cells)
    return text.getvalue().encode("utf-8-sig")


def test_every_event_is_among_the_examples() -> None:
    """An event added to the table must be added here too."""
    assert {event.content for event in EVENTS.values()} == {DossierSubmittedData, *ANSWERS}


@given(EVERYTHING, st.sampled_from(",;"))
def test_there_and_back_through_csv_gives_the_same(data: WireModel, delimiter: str) -> None:
    content = as_csv(to_row(DOSSIER, data), delimiter)

    (row,) = read_rows(content, FileFormat.CSV)

    assert from_row(row, area=AREA) == (DOSSIER, data)


@given(EVERYTHING)
def test_there_and_back_through_json_gives_the_same(data: WireModel) -> None:
    content = json.dumps([to_row(DOSSIER, data)], ensure_ascii=False).encode()

    (row,) = read_rows(content, FileFormat.JSON)

    assert from_row(row, area=AREA) == (DOSSIER, data)


@given(SUBMISSIONS)
def test_decomposed_letters_become_the_composed_ones(data: DossierSubmittedData) -> None:
    """Files from other systems often carry the accents as letters of their own."""
    cells = {k: unicodedata.normalize("NFD", v) for k, v in to_row(DOSSIER, data).items()}
    headings = {unicodedata.normalize("NFD", k): v for k, v in cells.items()}

    (row,) = read_rows(as_csv(headings, ";"), FileFormat.CSV)

    assert from_row(row, area=AREA) == (DOSSIER, data)


def rows_or_reason(content: bytes, written: FileFormat) -> list[Row] | str:
    try:
        return read_rows(content, written)
    except FileRefused as refusal:
        return reason_text("tệp", refusal.problems)


@given(st.binary() | st.text().map(str.encode), st.sampled_from(FileFormat))
def test_whatever_the_bytes_the_reader_has_one_error(content: bytes, written: FileFormat) -> None:
    assert rows_or_reason(content, written)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(JSON)
def test_whatever_the_json_only_texts_come_out(content: object) -> None:
    rows = rows_or_reason(json.dumps(content).encode(), FileFormat.JSON)

    if not isinstance(rows, str):
        assert {type(cell) for row in rows for cell in row.cells.values()} == {str}


HEADINGS = st.sampled_from(sorted({x.heading for e in EVENTS.values() for x in e.columns}))


@given(st.dictionaries(HEADINGS | st.text(), st.text(), max_size=8), st.sampled_from([*EVENTS, ""]))
def test_whatever_the_cells_the_answer_is_a_message_or_problems(
    cells: dict[str, str], event: str
) -> None:
    result = from_row(Row(2, {**cells, "Việc": event}), area=AREA)

    if isinstance(result, list):
        assert result
        assert all(problem.row == 2 and problem.column is not None for problem in result)
    else:
        assert type(result[1]) is EVENTS[event or SUBMISSION].content


@given(SUBMISSIONS, st.sampled_from(SUBMISSION_HEADINGS), st.text(min_size=1))
def test_one_broken_cell_never_becomes_another_message_in_silence(
    data: DossierSubmittedData, heading: str, text: str
) -> None:
    """What is taken after a change is exactly what the changed cell says."""
    cells = {**to_row(DOSSIER, data), heading: normal(text)}

    result = from_row(Row(2, cells), area=AREA)

    if not isinstance(result, list):
        dossier, taken = result
        again = to_row(dossier, taken)
        assert {k: v for k, v in again.items() if k != heading} == {
            k: v for k, v in to_row(DOSSIER, data).items() if k != heading
        }
