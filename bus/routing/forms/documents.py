"""What stands on each sheet: one class for each form, with every field its circular asks for.

Moments are UTC. What is None is not known to the ledger, or not shown to whoever asks; a printed
sheet leaves the place blank for a pen. Field lists: annex of Circular 01/2018/TT-VPCP; annex I of
Circular 03/2025/TT-VPCP.
"""

from dataclasses import dataclass
from datetime import date, datetime

from bus.ids import AgencyCode, DossierCode, Partition, ProcedureCode
from bus.routing.forms.custody import Leg
from bus.routing.forms.kinds import Form
from bus.routing.forms.timeliness import Timeliness
from bus.schemas.base import Channel
from bus.schemas.dossier import CopyKind


@dataclass(frozen=True, slots=True)
class Mark:
    """What a document rests on: a place in the ledger, and the catalogue it was decided under."""

    partition: Partition
    position: int
    hash: str
    catalogue: int


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a sheet.

    `superior` is whom the issuing unit belongs to, absent where it stands alone. `symbol` follows
    the number, which a unit's own register gives. `day` is local.
    """

    form: Form
    dossier: DossierCode
    agency: AgencyCode
    superior: str | None
    unit: str
    place: str
    day: date
    symbol: str
    number: str | None
    mark: Mark


@dataclass(frozen=True, slots=True)
class Owner:
    """Who the dossier belongs to: personal data, on the sheet only where it is asked for."""

    name: str
    identity: str | None
    phone: str | None
    address: str | None


@dataclass(frozen=True, slots=True)
class About:
    """Whose dossier a sheet is about, and what is asked. `owner` and `title` may be withheld."""

    owner: Owner | None
    title: str | None
    procedure: ProcedureCode
    procedure_name: str


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One paper handed in."""

    name: str
    kind: CopyKind
    quantity: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """Giấy tiếp nhận hồ sơ và hẹn trả kết quả. `sets` is one: a dossier comes once."""

    heading: Heading
    about: About
    papers: tuple[PaperLine, ...]
    sets: int
    limit: str | None
    channel: Channel
    accepted_at: datetime
    due_at: datetime | None
    return_at: str


@dataclass(frozen=True, slots=True)
class SupplementSheet:
    """Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ.

    `ordinal` counts the requests of a dossier; `counted_again` says that its time limit begins anew
    with the complete dossier (Decree 61/2018 article 19.4).
    """

    heading: Heading
    about: About
    ordinal: int
    items: tuple[str, ...]
    reason: str
    contact: str | None
    asked_by: str
    step: str
    requested_at: datetime
    counted_again: bool


@dataclass(frozen=True, slots=True)
class RefusalSheet:
    """Phiếu từ chối tiếp nhận giải quyết hồ sơ. `whole` is False where only a step is refused.

    `at_reception`: the unit that received it does not take it after all.
    """

    heading: Heading
    about: About
    refused_by: str
    step: str
    at_reception: bool
    whole: bool
    reason: str
    legal_basis: str | None
    refused_at: datetime


@dataclass(frozen=True, slots=True)
class Extension:
    """A new appointment: what it was before, what it is now, why, and the apology in words."""

    due_before: datetime
    due_after: datetime
    reason: str
    apology: str | None = None


@dataclass(frozen=True, slots=True)
class ApologySheet:
    """Phiếu xin lỗi và hẹn lại; later: Văn bản xin lỗi và đề nghị gia hạn.

    `late` names steps that are or were overdue. Without an extension, reason and new appointment
    are for the signer to write.
    """

    heading: Heading
    about: About
    received_by: str
    accepted_at: datetime
    due_at: datetime
    late: tuple[str, ...]
    extension: Extension | None


@dataclass(frozen=True, slots=True)
class TerminationSheet:
    """Thông báo dừng giải quyết hồ sơ: on the citizen's wish or by an agency, before a result.

    `stopped_by` is absent where the citizen wished it.
    """

    heading: Heading
    about: About
    stopped_by: str | None
    reason: str
    stage: tuple[str, ...]
    stopped_at: datetime


@dataclass(frozen=True, slots=True)
class SlipLine:
    """One hand-over on the control slip, in words."""

    number: int
    giver: str
    receiver: str
    task: str
    leg: Leg
    result: Timeliness | None
    note: str


@dataclass(frozen=True, slots=True)
class ControlSlip:
    """Phiếu kiểm soát quá trình giải quyết hồ sơ: the chain of custody, never overwritten."""

    heading: Heading
    about: About
    accepted_at: datetime
    due_at: datetime | None
    extended_due_at: datetime | None
    state: str
    result: Timeliness | None
    lines: tuple[SlipLine, ...]


Document = Receipt | SupplementSheet | RefusalSheet | ApologySheet | TerminationSheet | ControlSlip
"""A sheet of a case."""
