"""A sheet as PDF: the same page, tagged for readers of the blind, with its fonts inside."""

from typing import Any

from bus.errors import PrintingUnavailable
from bus.printing.html import html
from bus.routing.forms.documents import Document


def pdf(document: Document) -> bytes:
    """Return the sheet as PDF/UA-1; the same document gives the same bytes on the same machine.

    Raises:
        PrintingUnavailable: The extra `forms`, or a library of the system, is not installed.
    """
    page = html(document)
    printer: Any = _weasyprint()
    return bytes(
        printer.HTML(string=page, url_fetcher=_nothing(printer)).write_pdf(pdf_variant="pdf/ua-1")
    )


def _weasyprint() -> Any:  # noqa: ANN401 -- untyped
    try:
        import weasyprint  # noqa: PLC0415 -- an extra, and heavy
    except (ImportError, OSError) as error:  # OSError: Pango is missing
        raise PrintingUnavailable(
            "chưa cài WeasyPrint hoặc Pango; hãy chạy `pip install -r requirements/forms.txt` và"
            " `apt-get install libpangoft2-1.0-0 libharfbuzz-subset0 fonts-liberation2`"
            " / WeasyPrint or Pango is not installed; run these two commands"
        ) from error
    return weasyprint


def _nothing(printer: Any) -> Any:  # noqa: ANN401 -- untyped
    """Return a fetcher that fetches nothing: a page needs nothing, and must not call anywhere."""
    return printer.urls.URLFetcher(allowed_protocols=())
