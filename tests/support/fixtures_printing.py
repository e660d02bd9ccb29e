"""What prints: WeasyPrint, and Pango and a font of the distribution."""

import os

import pytest

from bus.errors import PrintingUnavailable
from bus.printing.pdf import pdf
from bus.routing.forms.kinds import FORMS, FormKind, FormSet
from tests.support.sheets import made


@pytest.fixture(scope="session")
def printer() -> None:
    """That a sheet can be printed here; missing package: a failure, unless allowed."""
    try:
        pdf(made(FORMS[FormKind.REFUSAL, FormSet.CIRCULAR_2018]))
    except PrintingUnavailable as missing:
        if os.environ.get("LIENTHONG_ALLOW_SKIP") == "1" and os.environ.get("CI") != "true":
            pytest.skip(str(missing))
        raise
