"""The list of every message type and version, by who sends it. The one place to add one."""

from types import UnionType
from typing import Annotated, Final

from pydantic import Field, TypeAdapter

from bus.schemas.consultation import (
    ConsultationForwardedV1,
    ConsultationOverdueV1,
    ConsultationRepliedV1,
    ConsultationRequestedV1,
    ReplyForwardedV1,
)
from bus.schemas.control import AdapterHeartbeatV1, DeadlinePassedV1, DeadlineWarningV1
from bus.schemas.dossier import (
    DossierCompletedV1,
    DossierReturnedV1,
    DossierStatusV1,
    DossierSubmittedV1,
    DossierSupplementedV1,
    DossierWithdrawnV1,
)
from bus.schemas.ending import (
    DossierRatedV1,
    DossierRejectedV1,
    DossierTerminatedV1,
    TerminationForwardedV1,
)
from bus.schemas.envelope import Envelope
from bus.schemas.progress import (
    ExtensionForwardedV1,
    ProgressForwardedV1,
    StepExtendedV1,
    StepProgressedV1,
)
from bus.schemas.recall import (
    RecallAgreedV1,
    RecallAnsweredV1,
    RecallForwardedV1,
    RecallRefusedV1,
    RecallRequestedV1,
    StepForwardedV1,
)
from bus.schemas.receipt import (
    DeliveryFailedV1,
    DeliveryImportedV1,
    DeliveryRefusedV1,
    MessageAcceptedV1,
    MessageExpectedV1,
    MessageRejectedV1,
)
from bus.schemas.request import (
    PaymentConfirmedV1,
    PaymentForwardedV1,
    PaymentRequestedV1,
    SupplementForwardedV1,
    SupplementRequestedV1,
)
from bus.schemas.step import (
    StepCancelledV1,
    StepCompletedV1,
    StepReceivedV1,
    StepRejectedV1,
    StepRequestedV1,
)
from bus.schemas.wait import CompensationRequestedV1, WaitEndedV1

DossierEvent = (
    DossierSubmittedV1
    | DossierSupplementedV1
    | DossierWithdrawnV1
    | DossierRejectedV1
    | DossierTerminatedV1
    | DossierReturnedV1
    | DossierRatedV1
    | StepReceivedV1
    | StepProgressedV1
    | StepCompletedV1
    | StepRejectedV1
    | StepExtendedV1
    | StepForwardedV1
    | SupplementRequestedV1
    | PaymentRequestedV1
    | PaymentConfirmedV1
    | WaitEndedV1
    | ConsultationRequestedV1
    | ConsultationRepliedV1
    | RecallRequestedV1
    | RecallAgreedV1
    | RecallRefusedV1
)
"""What an agency says about a dossier; each has a place in its lane."""

DeliveryReceipt = DeliveryImportedV1 | DeliveryRefusedV1 | DeliveryFailedV1
"""What an agency answers to a delivery."""

FromAgency = DossierEvent | DeliveryReceipt | AdapterHeartbeatV1
"""Everything an agency may send."""

Delivery = (
    StepRequestedV1
    | StepCancelledV1
    | CompensationRequestedV1
    | DossierStatusV1
    | DossierCompletedV1
    | TerminationForwardedV1
    | ProgressForwardedV1
    | SupplementForwardedV1
    | PaymentForwardedV1
    | ExtensionForwardedV1
    | ConsultationForwardedV1
    | ReplyForwardedV1
    | ConsultationOverdueV1
    | RecallForwardedV1
    | RecallAnsweredV1
    | DeadlineWarningV1
    | DeadlinePassedV1
)
"""What the hub hands over and keeps until the agency's receipt."""

Receipt = MessageAcceptedV1 | MessageRejectedV1 | MessageExpectedV1
"""What the hub answers to a message."""

FromHub = Delivery | Receipt
"""Everything the hub may send."""

FROM_AGENCY: Final[TypeAdapter[FromAgency]] = TypeAdapter(
    Annotated[FromAgency, Field(discriminator="dataschema")]
)
FROM_HUB: Final[TypeAdapter[FromHub]] = TypeAdapter(
    Annotated[FromHub, Field(discriminator="dataschema")]
)


def classes(union: UnionType) -> tuple[type[Envelope], ...]:
    """Return the message classes of one of the unions above, in the order they are listed."""
    return tuple(union.__args__)


def schema_urn(message: type[Envelope]) -> str:
    """Return the `dataschema` of a class: `urn:lienthong:schema:<side>:<type>:<version>`."""
    (urn,) = message.model_fields["dataschema"].annotation.__args__  # type: ignore[union-attr]
    return str(urn)


def type_name(message: type[Envelope]) -> str:
    """Return the `type` of a message class, as `dossier.submitted`."""
    (name,) = message.model_fields["type"].annotation.__args__  # type: ignore[union-attr]
    return str(name)
