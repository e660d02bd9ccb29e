"""Every error the bus raises on purpose, drawn once and grouped by who can repair it.

BusError
├── SenderMustAct          the message is wrong: receipt `message.rejected`, never retried
│   ├── MessageTooLarge · MessageMalformed · DuplicateKey · TextNotNormalised · TypeUnknown
│   ├── SchemaInvalid · SignatureMissing · SignatureInvalid · SenderMismatch · IdReused
│   ├── SequenceReused · ProcedureUnknown · ReceivingUnitRefused · DossierCodeReused
│   └── DossierUnknown · TransitionRefused · PerformerMismatch
├── TimeMayHeal            the same act may succeed later: goes by the schedule
│   └── DestinationUnavailable · SourceUnavailable
├── DestinationRefused     the agency's system said no: a business answer, never retried
├── OperatorMustAct        neither sender nor time can repair it: parked, or the start is refused
│   ├── NoCompetentAgency · AmbiguousCompetence · CalendarExhausted · ConditionFailed
│   ├── SettingInvalid · CatalogueInvalid · TopologyDrift · SchemaOutdated · LedgerBroken
│   ├── NotFound · ActRefused · UnexpectedFailure
│   └── FormUnavailable · PrintingUnavailable
└── WorkerUnfit            not the message's fault: settle nothing, reconnect with backoff
    └── BrokerUnavailable · StorageUnavailable
"""

from typing import ClassVar


class BusError(Exception):
    """Base of every error the bus raises on purpose.

    Args:
        message: For people: what is wrong, where, what was expected, what to do. No content.
        facts: Ids, counts and states that go into the log line unchanged.
    """

    code: ClassVar[str] = "bus"

    def __init__(self, message: str, **facts: str | int | None) -> None:
        super().__init__(message)
        self.facts = facts


# --- the sender must act ---------------------------------------------------------------------


class SenderMustAct(BusError):
    """The message is wrong and only its sender can send a right one.

    Args:
        message: English sentence for people.
        path: Dotted path of the field, empty where the whole message is meant.
        text_vi: The same sentence in Vietnamese, as the receipt carries it.
    """

    code = "message"

    def __init__(
        self, message: str, *, text_vi: str, path: str = "", **facts: str | int | None
    ) -> None:
        super().__init__(message, **facts)
        self.path = path
        self.text_vi = text_vi


class MessageTooLarge(SenderMustAct):
    """The body is larger than the limit."""

    code = "message.too_large"


class MessageMalformed(SenderMustAct):
    """The body is not one JSON object in UTF-8."""

    code = "message.malformed"


class DuplicateKey(SenderMustAct):
    """A JSON object names the same key twice, so a signed message would have two meanings."""

    code = "message.duplicate_key"


class TextNotNormalised(SenderMustAct):
    """A text is not in Unicode form NFC; normalising it would change what was signed."""

    code = "message.text_not_nfc"


class TypeUnknown(SenderMustAct):
    """The type and version are not ones an agency may send."""

    code = "message.type_unknown"


class SchemaInvalid(SenderMustAct):
    """A field is missing, unknown or outside what its schema allows."""

    code = "message.schema_invalid"


class SignatureMissing(SenderMustAct):
    """The message carries no signature."""

    code = "signature.missing"


class SignatureInvalid(SenderMustAct):
    """The signature does not fit the bytes, the key or the time."""

    code = "signature.invalid"


class SenderMismatch(SenderMustAct):
    """The broker or the key says the sender is somebody else."""

    code = "sender.mismatch"


class IdReused(SenderMustAct):
    """A message id was used before with other bytes."""

    code = "message.id_reused"


class SequenceReused(SenderMustAct):
    """A place in the lane was used before by another message."""

    code = "sequence.reused"


class ProcedureUnknown(SenderMustAct):
    """No route of that procedure is valid on the day of acceptance."""

    code = "procedure.unknown"


class ReceivingUnitRefused(SenderMustAct):
    """The unit may not file this procedure, or not for this area."""

    code = "receiving_unit.refused"


class DossierCodeReused(SenderMustAct):
    """The dossier code names another dossier already."""

    code = "dossier.code_reused"


class DossierUnknown(SenderMustAct):
    """No dossier with that code was submitted."""

    code = "dossier.unknown"


class TransitionRefused(SenderMustAct):
    """The event is not allowed in the present state of the case or step."""

    code = "transition.refused"


class PerformerMismatch(SenderMustAct):
    """The sender is not the one who may say this about the step or dossier."""

    code = "performer.mismatch"


# --- time may heal ---------------------------------------------------------------------------


class TimeMayHeal(BusError):
    """The same act may succeed later."""

    code = "transient"


class DestinationUnavailable(TimeMayHeal):
    """The destination's system gave no answer."""

    code = "destination.unavailable"


class SourceUnavailable(TimeMayHeal):
    """The source's system gave no answer."""

    code = "source.unavailable"


# --- a business answer -----------------------------------------------------------------------


class DestinationRefused(BusError):
    """The destination's system understood and said no."""

    code = "destination.refused"


# --- an operator must act --------------------------------------------------------------------


class OperatorMustAct(BusError):
    """Neither the sender nor time can repair it."""

    code = "operator"


class NoCompetentAgency(OperatorMustAct):
    """The directory names no agency for a role, level and area at a time."""

    code = "competence.none"


class AmbiguousCompetence(OperatorMustAct):
    """The directory names more than one agency for a role, level and area at a time."""

    code = "competence.ambiguous"


class CalendarExhausted(OperatorMustAct):
    """A deadline falls outside the years the published calendar covers."""

    code = "calendar.exhausted"


class ConditionFailed(OperatorMustAct):
    """A route's condition could not be evaluated to true or false."""

    code = "condition.failed"


class SettingInvalid(OperatorMustAct):
    """A setting is missing, unknown or outside what it allows."""

    code = "setting.invalid"


class CatalogueInvalid(OperatorMustAct):
    """A directory, route or calendar file is wrong."""

    code = "catalogue.invalid"


class TopologyDrift(OperatorMustAct):
    """The broker's objects differ from the topology the bus was built for."""

    code = "topology.drift"


class SchemaOutdated(OperatorMustAct):
    """The database's schema is not the one this version of the bus needs."""

    code = "schema.outdated"


class LedgerBroken(OperatorMustAct):
    """The ledger's chain or its fold does not hold."""

    code = "ledger.broken"


class NotFound(OperatorMustAct):
    """What the operator asked for is not there."""

    code = "not_found"


class ActRefused(OperatorMustAct):
    """What the operator asked for is not allowed in the present state."""

    code = "act.refused"


class UnexpectedFailure(OperatorMustAct):
    """Something nobody named went wrong; its cause is kept."""

    code = "unexpected"


class FormUnavailable(OperatorMustAct):
    """The case has no such document, or lacks what the law wants on it."""

    code = "form.unavailable"


class PrintingUnavailable(OperatorMustAct):
    """What prints forms is not installed on this machine."""

    code = "printing.unavailable"


# --- the worker is unfit ---------------------------------------------------------------------


class WorkerUnfit(BusError):
    """Broker or database is gone: settle nothing."""

    code = "worker.unfit"


class BrokerUnavailable(WorkerUnfit):
    """The broker cannot be reached or does not answer."""

    code = "broker.unavailable"


class StorageUnavailable(WorkerUnfit):
    """The database cannot be reached or does not answer."""

    code = "storage.unavailable"
