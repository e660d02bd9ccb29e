"""Rows of the stores that are valid by default: a test spells out only what it is about."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final
from uuid import UUID

from bus.ids import (
    Account,
    AgencyCode,
    AreaCode,
    DossierCode,
    Partition,
    ProcedureCode,
    StepId,
    partition_of,
)
from bus.ports import (
    DeliveryRow,
    DeliveryState,
    EntryKind,
    EvidenceRow,
    HubChanges,
    HubStore,
    InboxRow,
    LedgerEntry,
    LedgerHead,
    OutboxRow,
    OutboxState,
    Verdict,
)
from bus.routing.case import Case, CaseState, StepRun, StepState
from bus.schemas.base import PartyKind
from bus.schemas.dossier import Component, CopyKind, Document, DossierContent, Party
from bus.testing.fakes import A_MONDAY_MORNING
from tests.support.fixtures_storage import PARTITIONS

NOW: Final = A_MONDAY_MORNING
A_COMMUNE: Final = AgencyCode("H63.140.05")
A_DISTRICT: Final = AgencyCode("H63.140")
THE_TAX_OFFICE: Final = AgencyCode("H63.14.02")
SHA: Final = "ab" * 32
_ids = count(1)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def new_id() -> UUID:
    return UUID(int=next(_ids))


def dossier(number: int = 1) -> DossierCode:
    return DossierCode(f"H63.140.05-250303-{number:04d}")


def partition(code: DossierCode) -> Partition:
    return partition_of(code, PARTITIONS)


def dossiers_of(wanted: int, number: int) -> list[DossierCode]:
    """Return the first dossiers that lie in a partition."""
    every = (dossier(place) for place in count(1))
    return [next(code for code in every if partition(code) == wanted) for _ in range(number)]


def a_document(name: str = "Giấy xác nhận.pdf") -> Document:
    return Document(name=name, media_type="application/pdf", size=1024, sha256=SHA, uri="kho/1.pdf")


def a_content(title: str = "Tiếp nhận đối tượng vào cơ sở trợ giúp xã hội") -> DossierContent:
    return DossierContent(
        title=title,
        owner=Party(kind=PartyKind.CITIZEN, name="Hoàng Thị Mẫu", address="Thôn Mẫu, xã Gia Hội"),
        components=(
            Component(
                code="TK01",
                name="Tờ khai",
                kind=CopyKind.ORIGINAL,
                quantity=1,
                documents=(a_document(),),
            ),
        ),
        facts={"urgent": True, "regime": "monthly", "age": 71},
        form={"ghi_chu": 'Có dấu "nháy" và \\ gạch chéo'},
    )


def a_case(code: DossierCode | None = None, **changes: Any) -> Case:
    case = Case(
        code=code or dossier(),
        procedure=ProcedureCode("2.000286"),
        route_version=1,
        catalogue=1,
        receiving_unit=A_COMMUNE,
        area=AreaCode("04636"),
        submission=UUID(int=7),
        accepted_at=NOW,
        state=CaseState.PROCESSING,
        steps=(an_open_step(), StepRun(id=StepId("appraise"))),
        content=a_content(),
        due_at=NOW + timedelta(days=20),
    )
    return replace(case, **changes)


def an_open_step(name: str = "review", **changes: Any) -> StepRun:
    run = StepRun(
        id=StepId(name),
        state=StepState.OPEN,
        agency=A_COMMUNE,
        opened_at=NOW,
        due_at=NOW + timedelta(days=5),
    )
    return replace(run, **changes)


def an_entry(code: DossierCode | None = None, position: int = 1, **changes: Any) -> LedgerEntry:
    code = code or dossier()
    entry = LedgerEntry(
        partition=partition(code),
        position=position,
        kind=EntryKind.MESSAGE,
        id=new_id(),
        dossier=code,
        agency=A_COMMUNE,
        type="dossier.submitted",
        recorded_at=NOW,
        catalogue=1,
        body="Nội dung \x00 có dấu".encode(),
        jws="e30..c2ln",
        digest=SHA,
        effects="[]",
        previous="0" * 64,
        hash=f"{position:064x}",
    )
    return replace(entry, **changes)


def an_answer(**changes: Any) -> InboxRow:
    row = InboxRow(
        id=new_id(),
        agency=A_COMMUNE,
        digest=SHA,
        verdict=Verdict.ACCEPTED,
        receipt='{"ghi_chú": "đã nhận"}',
        recorded_at=NOW,
    )
    return replace(row, **changes)


def a_handoff(code: DossierCode | None = None, **changes: Any) -> DeliveryRow:
    code = code or dossier()
    row = DeliveryRow(
        id=new_id(),
        partition=partition(code),
        dossier=code,
        agency=A_COMMUNE,
        type="step.requested",
        step=StepId("review"),
        round=1,
        cause=1,
        part=0,
        body=b"\x00\x01 body",
        jws="e30..c2ln",
        state=DeliveryState.SENT,
        created_at=NOW,
        sent_at=NOW,
        next_at=NOW + minutes(10),
        failures=0,
        published=1,
    )
    return replace(row, **changes)


def some_evidence(**changes: Any) -> EvidenceRow:
    row = EvidenceRow(
        digest=SHA,
        account=Account("h63-140-05"),
        received_at=NOW,
        queue="hub.in.p00",
        message_id="m-1",
        code="message.malformed",
        detail="not JSON",
        body=b"\xff\x00",
        jws=None,
    )
    return replace(row, **changes)


def submitted(code: DossierCode, position: int = 1, **changes: Any) -> HubChanges:
    """Return what the transaction of one submission writes."""
    entry = an_entry(code, position)
    written = HubChanges(
        heads=[LedgerHead(entry.partition, position, entry.hash)],
        ledger=[entry],
        cases={code: a_case(code)},
        new_cases={code},
    )
    return replace(written, **changes)


def a_message(sequence: int = 1, code: DossierCode | None = None, **changes: Any) -> OutboxRow:
    code = code or dossier()
    row = OutboxRow(
        id=new_id(),
        agency=A_COMMUNE,
        dossier=code,
        sequence=sequence,
        key=f"{code}/{sequence}",
        type="dossier.submitted",
        body="Nội dung \x00".encode(),
        jws="e30..c2ln",
        created_at=NOW,
        state=OutboxState.QUEUED,
    )
    return replace(row, **changes)


def heard(store: HubStore) -> dict[AgencyCode, datetime]:
    """Return when each agency was last heard of."""
    return {contact.agency: contact.heard_at for contact in store.contacts()}
