"""Sheets of every form, made of dossiers that have them."""

from typing import Final

import pytest

from bus.routing.forms.documents import Document
from bus.routing.forms.kinds import FORMS, Form, FormKind
from bus.schemas.base import PartyKind
from bus.schemas.dossier import Component, CopyKind, Party
from tests.support.told import Told

MOTTO: Final = "Độc lập - Tự do - Hạnh phúc"
COMMUNE: Final = "Ủy ban nhân dân xã Gia Hội, huyện Văn Chấn"
LABOUR: Final = "Phòng Lao động - Thương binh và Xã hội huyện Văn Chấn"
OWNER: Final = Party(
    kind=PartyKind.CITIZEN,
    name="Nguyễn Thị Thử",
    identity="000000000001",
    phone="0900 000 001",
    address="Thôn Mẫu, xã Gia Hội",
)
PAPERS: Final = (
    Component(
        code="TO-KHAI", name="Tờ khai <mẫu 1đ> & phụ lục", kind=CopyKind.ORIGINAL, quantity=1
    ),
    Component(code="GBT", name="Trích lục khai tử", kind=CopyKind.COPY, quantity=2),
)
every_form = pytest.mark.parametrize(
    "form", FORMS.values(), ids=lambda form: f"{form.kind}-{form.set}"
)


def told(kind: FormKind) -> Told:
    """A dossier that has a document of this kind, and of the others what comes with it."""
    walk = Told("1.001731")
    walk.submit(owner=OWNER, components=PAPERS).later(hours=2)
    match kind:
        case FormKind.SUPPLEMENT:
            walk.ask_more("commune_forward")
        case FormKind.REFUSAL:
            walk.reject("commune_forward", "Không đúng đối tượng được hưởng.")
        case FormKind.APOLOGY:
            walk.complete("commune_forward").later(days=20)
        case FormKind.TERMINATION:
            walk.withdraw("Gia đình đổi ý.")
        case _:
            walk.complete("commune_forward").later(hours=3).complete("district_decide")
    return walk


def made(form: Form, **more: object) -> Document:
    more.setdefault("with_owner", True)
    return told(form.kind).sheet(form.kind, of=form.set, **more)  # type: ignore[arg-type]
