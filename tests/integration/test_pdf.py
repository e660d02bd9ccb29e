"""A sheet as PDF: its size, its tags, its letters. Needs Pango and fonts of the distribution."""

import io
from typing import Any, Final

import pytest
from pypdf import PdfReader

from bus.printing.pdf import pdf
from bus.routing.forms.documents import Document
from bus.routing.forms.kinds import FORMS, Form, FormKind, FormSet, Paper
from tests.support.sheets import MOTTO, OWNER, every_form, made

pytestmark = pytest.mark.usefixtures("printer")
OLD: Final = FormSet.CIRCULAR_2018
NATION: Final = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MILLIMETRES: Final = {Paper.A4: (210, 297), Paper.A5: (148, 210)}


def text_of_pdf(document: Document) -> str:
    reader = PdfReader(io.BytesIO(pdf(document)))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


# --- PDF -------------------------------------------------------------------------------------


@every_form
def test_a_pdf_has_its_size_its_language_its_tags_and_one_or_two_pages(form: Form) -> None:
    reader = PdfReader(io.BytesIO(pdf(made(form))))

    root: Any = reader.trailer["/Root"]
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("vi", True)
    box = reader.pages[0].mediabox
    millimetres = tuple(round(float(side) / 72 * 25.4) for side in (box.width, box.height))
    assert millimetres == MILLIMETRES[form.paper]
    assert len(reader.pages) == 1


@every_form
def test_the_text_of_a_pdf_has_every_letter(form: Form) -> None:
    document = made(form)
    text = text_of_pdf(document)

    for wanted in (NATION, MOTTO, document.heading.dossier, form.number):
        assert wanted in text
    assert form.title.upper() in text
    if form.kind is not FormKind.CONTROL_SLIP:
        assert OWNER.name in text


def test_a_pdf_carries_one_family_of_fonts_that_has_every_vietnamese_letter() -> None:
    """A letter a font lacks would come from another one: the machine lacks fonts-liberation2."""
    reader = PdfReader(io.BytesIO(pdf(made(FORMS[FormKind.CONTROL_SLIP, OLD]))))
    resources: list[Any] = [page["/Resources"] for page in reader.pages]
    fonts = {
        font.get_object()["/BaseFont"].partition("+")[2]
        for one in resources
        for font in one["/Font"].values()
    }

    assert fonts
    assert {font.partition("-Serif")[0] for font in fonts} == {"Liberation"}


def test_the_same_sheet_is_the_same_bytes() -> None:
    document = made(FORMS[FormKind.RECEIPT, OLD])

    assert pdf(document) == pdf(document)
