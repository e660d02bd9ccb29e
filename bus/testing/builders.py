"""Messages that are valid by default: a test spells out only what it is about.

All persons and dossiers are made up. Ids come from a counter in the caller's hand or are derived
from the dossier code, so that the same test sees the same bytes each time.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID

from bus.ids import AgencyCode, AreaCode, DossierCode, ProcedureCode, StepId, derived_id
from bus.ports import Change, Signer
from bus.schemas.base import Channel, Fact, PartyKind, WireModel
from bus.schemas.catalogue import DossierEvent, classes, schema_urn, type_name
from bus.schemas.dossier import (
    Component,
    CopyKind,
    DossierSubmittedData,
    DossierSubmittedV1,
    DossierWithdrawnData,
    DossierWithdrawnV1,
    Party,
)
from bus.schemas.envelope import Envelope
from bus.schemas.receipt import DeliveryImportedData, DeliveryImportedV1
from bus.schemas.step import (
    StepCompletedData,
    StepCompletedV1,
    StepReceivedData,
    StepReceivedV1,
    StepRejectedData,
    StepRejectedV1,
    StepRequestedData,
    StepRequestedV1,
)
from bus.testing.fakes import A_MONDAY_MORNING

A_COMMUNE: Final = AgencyCode("H63.140.05")
"""One-stop unit of a commune in the sample province."""
THE_HUB: Final = AgencyCode("H63.01.02")
AN_AREA: Final = AreaCode("04636")
A_PROCEDURE: Final = ProcedureCode("2.000286")
A_DOSSIER: Final = DossierCode("H63.140.05-250303-0001")
A_STEP: Final = StepId("commune_review")

_M = TypeVar("_M", bound=Envelope)


def envelope(
    message: type[_M],
    data: WireModel,
    *,
    source: AgencyCode,
    at: datetime = A_MONDAY_MORNING,
    id: UUID | None = None,  # noqa: A002 -- the attribute's name in CloudEvents
    **attributes: object,
) -> _M:
    """Return a message of a class around its content.

    Args:
        message: Class of the message.
        data: Its content.
        source: Who says it.
        at: When it was made.
        id: Its id; derived from everything else where not given.
        attributes: The attributes the class asks for besides: `subject`, `sequence`, `recipient`.
    """
    said = {name: value for name, value in sorted(attributes.items()) if value is not None}
    new_id = id or derived_id(
        type_name(message), source, at.isoformat(), repr(said), data.model_dump_json()
    )
    return message.model_validate(
        {
            "specversion": "1.0",
            "id": new_id,
            "source": source,
            "time": at,
            "datacontenttype": "application/json",
            "type": type_name(message),
            "dataschema": schema_urn(message),
            "data": data,
            **said,
        }
    )


def body_of(message: Envelope) -> bytes:
    """Return the bytes of a message as they go over the broker."""
    return message.model_dump_json(exclude_none=True).encode()


def signed(message: Envelope, signer: Signer) -> tuple[bytes, str]:
    """Return the bytes of a message and the signature over them."""
    body = body_of(message)
    return body, signer.sign(body)


def sequence10(place: int) -> str:
    """Return a place in a lane as the envelope writes it."""
    return f"{place:010d}"


def a_dossier(number: int = 1, agency: AgencyCode = A_COMMUNE) -> DossierCode:
    """Return the code of the n-th dossier an agency received on the first day."""
    return DossierCode(f"{agency}-250303-{number:04d}")


def a_submission_content(
    *,
    procedure: ProcedureCode = A_PROCEDURE,
    area: AreaCode = AN_AREA,
    facts: Mapping[str, Fact] | None = None,
    at: datetime = A_MONDAY_MORNING,
    **changes: object,
) -> DossierSubmittedData:
    """Return what a one-stop unit tells about a dossier it accepted."""
    content = DossierSubmittedData(
        title="Tiếp nhận đối tượng vào cơ sở trợ giúp xã hội",
        owner=Party(
            kind=PartyKind.CITIZEN,
            name="Hoàng Thị Mẫu",
            identity="015099000001",
            phone="0900000001",
            address="Thôn Mẫu, xã Gia Hội",
        ),
        components=(
            Component(code="TK01", name="Tờ khai", kind=CopyKind.ORIGINAL, quantity=1),
            Component(code="CCCD", name="Thẻ căn cước", kind=CopyKind.COPY, quantity=2),
        ),
        facts=dict(facts or {}),
        form={},
        procedure=procedure,
        channel=Channel.DIRECT,
        area=area,
        submitted_at=at - timedelta(minutes=30),
        accepted_at=at,
    )
    return content.model_copy(update=changes)


def a_submission(
    *,
    dossier: DossierCode = A_DOSSIER,
    source: AgencyCode = A_COMMUNE,
    sequence: int = 1,
    at: datetime = A_MONDAY_MORNING,
    procedure: ProcedureCode = A_PROCEDURE,
    area: AreaCode = AN_AREA,
    facts: Mapping[str, Fact] | None = None,
    id: UUID | None = None,  # noqa: A002 -- the attribute's name in CloudEvents
    **changes: object,
) -> DossierSubmittedV1:
    """Return a submission; `changes` replace fields of its content."""
    return envelope(
        DossierSubmittedV1,
        a_submission_content(procedure=procedure, area=area, facts=facts, at=at, **changes),
        source=source,
        at=at,
        id=id,
        subject=dossier,
        sequence=sequence10(sequence),
    )


def a_step_received(
    *,
    dossier: DossierCode = A_DOSSIER,
    source: AgencyCode = A_COMMUNE,
    sequence: int = 2,
    step: StepId = A_STEP,
    round: int = 1,  # noqa: A002 -- the field's name
    at: datetime = A_MONDAY_MORNING,
) -> StepReceivedV1:
    """Return an agency's word that it has a step in hand."""
    data = StepReceivedData(step=step, round=round, received_at=at)
    return envelope(
        StepReceivedV1,
        data,
        source=source,
        at=at,
        subject=dossier,
        sequence=sequence10(sequence),
    )


def a_step_completed(
    *,
    dossier: DossierCode = A_DOSSIER,
    source: AgencyCode = A_COMMUNE,
    sequence: int = 2,
    step: StepId = A_STEP,
    round: int = 1,  # noqa: A002 -- the field's name
    outcome: str = "approved",
    outputs: Mapping[str, Fact] | None = None,
    at: datetime = A_MONDAY_MORNING,
) -> StepCompletedV1:
    """Return an agency's decision on a step."""
    data = StepCompletedData(
        step=step, round=round, outcome=outcome, outputs=dict(outputs or {}), completed_at=at
    )
    return envelope(
        StepCompletedV1,
        data,
        source=source,
        at=at,
        subject=dossier,
        sequence=sequence10(sequence),
    )


def a_step_rejected(
    *,
    dossier: DossierCode = A_DOSSIER,
    source: AgencyCode = A_COMMUNE,
    sequence: int = 2,
    step: StepId = A_STEP,
    round: int = 1,  # noqa: A002 -- the field's name
    reason: str = "Không đủ điều kiện theo quy định",
    at: datetime = A_MONDAY_MORNING,
) -> StepRejectedV1:
    """Return an agency's refusal of a step."""
    data = StepRejectedData(step=step, round=round, reason=reason, rejected_at=at)
    return envelope(
        StepRejectedV1,
        data,
        source=source,
        at=at,
        subject=dossier,
        sequence=sequence10(sequence),
    )


def a_withdrawal(
    *,
    dossier: DossierCode = A_DOSSIER,
    source: AgencyCode = A_COMMUNE,
    sequence: int = 2,
    at: datetime = A_MONDAY_MORNING,
) -> DossierWithdrawnV1:
    """Return the citizen's withdrawal, told by the receiving unit."""
    data = DossierWithdrawnData(reason="Công dân xin rút hồ sơ", withdrawn_at=at)
    return envelope(
        DossierWithdrawnV1,
        data,
        source=source,
        at=at,
        subject=dossier,
        sequence=sequence10(sequence),
    )


def a_delivery(
    *,
    dossier: DossierCode = A_DOSSIER,
    recipient: AgencyCode = A_COMMUNE,
    step: StepId = A_STEP,
    round: int = 1,  # noqa: A002 -- the field's name
    at: datetime = A_MONDAY_MORNING,
    id: UUID | None = None,  # noqa: A002 -- the attribute's name in CloudEvents
    **changes: object,
) -> StepRequestedV1:
    """Return what the hub hands over: a step that is to be done."""
    submission = a_submission_content()
    data = StepRequestedData(
        procedure=A_PROCEDURE,
        route_version=1,
        step=step,
        round=round,
        task="Xem xét hồ sơ và niêm yết công khai",
        outcomes=("approved", "refused"),
        receiving_unit=A_COMMUNE,
        area=AN_AREA,
        due_at=at + timedelta(days=10),
        title=submission.title,
        owner=submission.owner,
        components=submission.components,
        facts={},
        form={},
        results=(),
    ).model_copy(update=changes)
    return envelope(
        StepRequestedV1,
        data,
        source=THE_HUB,
        at=at,
        id=id,
        subject=dossier,
        recipient=recipient,
    )


def an_imported_receipt(
    delivery: UUID,
    *,
    dossier: DossierCode = A_DOSSIER,
    source: AgencyCode = A_COMMUNE,
    at: datetime = A_MONDAY_MORNING,
) -> DeliveryImportedV1:
    """Return an agency's receipt for a delivery that reached its system."""
    data = DeliveryImportedData(delivery=delivery, imported_at=at)
    return envelope(DeliveryImportedV1, data, source=source, at=at, subject=dossier)


def message_of(
    change: Change,
    *,
    source: AgencyCode = A_COMMUNE,
    sequence: int = 1,
    at: datetime = A_MONDAY_MORNING,
) -> Envelope:
    """Return the message that a change of a legacy system becomes.

    Raises:
        TypeError: No message an agency sends about a dossier has such content.
    """
    for message in classes(DossierEvent):
        if message.model_fields["data"].annotation is type(change.data):
            return envelope(
                message,
                change.data,
                source=source,
                at=at,
                subject=change.dossier,
                sequence=sequence10(sequence),
            )
    raise TypeError(f"no message an agency sends carries {type(change.data).__name__}")
