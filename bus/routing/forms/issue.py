"""Making one sheet: who issues it, when, on which circular's form, and what stands on it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from bus.errors import FormUnavailable
from bus.ids import AgencyCode
from bus.routing.forms.chronicle import Chronicle, Naming
from bus.routing.forms.documents import (
    About,
    ApologySheet,
    Document,
    Heading,
    Mark,
    Owner,
    PaperLine,
    Receipt,
    RefusalSheet,
    SupplementSheet,
    TerminationSheet,
)
from bus.routing.forms.kinds import FORMS, Form, FormKind, FormSet, set_on
from bus.routing.forms.letterhead import letterhead
from bus.routing.forms.slip import control_slip
from bus.routing.forms.wording import is_technical, limit_in_words
from bus.routing.ledger import LedgerEntry
from bus.schemas.route import ClockPolicy


@dataclass(frozen=True, slots=True)
class Order:
    """Which sheet is wanted.

    `set` is the circular, by the day of the document where it is None. `ordinal` says which one of
    several of its kind, the last where it is None. `with_owner` puts personal data on the sheet.
    `number` is what the unit's register gave it.
    """

    kind: FormKind
    set: FormSet | None = None
    ordinal: int | None = None
    with_owner: bool = False
    number: str | None = None


@dataclass(frozen=True, slots=True)
class _Desk:
    """Everything a sheet is made of."""

    order: Order
    history: Chronicle
    now: datetime
    names: Naming

    def name(self, agency: AgencyCode) -> str:
        entry = self.history.catalogue.directory.agency(agency)
        return entry.name if entry else self.names(agency)

    def day(self, at: datetime) -> date:
        return self.history.catalogue.calendar.local_date(at)

    def heading(
        self,
        entry: LedgerEntry,
        at: datetime,
        *,
        by: AgencyCode | None = None,
        of: date | None = None,
    ) -> Heading:
        """Return the head of a sheet of a moment; `of` is the day that chooses the circular."""
        case = self.history.case
        form = _form(self.order, of or self.day(at))
        agency = by or self.history.unit_at(entry)
        head = letterhead(agency, self.history, form, self.name)
        return Heading(
            form=form,
            dossier=case.code,
            agency=agency,
            superior=head.superior,
            unit=head.unit,
            place=head.place,
            day=self.day(at),
            symbol=head.symbol,
            number=self.order.number,
            mark=Mark(entry.partition, entry.position, entry.hash, case.catalogue),
        )

    def about(self) -> About:
        case = self.history.case
        party, shown = case.content.owner, self.order.with_owner
        owner = Owner(party.name, party.identity, party.phone, party.address) if shown else None
        title = case.content.title if shown else None
        return About(owner, title, case.procedure, self.history.route.name.vi)


_RECEPTION: Final = "Tiếp nhận hồ sơ"
"""Where the receiving unit itself refused."""


def counts(history: Chronicle, now: datetime) -> dict[FormKind, int]:
    """Return how many documents of each kind a case has, kinds it has none of left out.

    Raises:
        CalendarExhausted: The appointment is outside the calendar.
    """
    found = {
        FormKind.RECEIPT: 1,
        FormKind.SUPPLEMENT: len(history.supplements),
        FormKind.REFUSAL: len(history.refusals),
        FormKind.APOLOGY: int(history.apology_owed(now)),
        FormKind.TERMINATION: int(history.stopped is not None),
        FormKind.CONTROL_SLIP: 1,
    }
    return {kind: count for kind, count in found.items() if count}


def issue(order: Order, history: Chronicle, now: datetime, names: Naming) -> Document:
    """Return one sheet of a case.

    Args:
        order: Which one.
        history: The dossier's history.
        now: The moment it is made at; sheets that follow from an event carry that event's day.
        names: What agencies are called that the case's catalogue does not know.

    Raises:
        FormUnavailable: The case has no such document, the circular has no such form, or the
            reason of a refusal is a technical error code.
        CalendarExhausted: A moment is outside the calendar.
    """
    there = counts(history, now)
    ordinal = order.ordinal or there.get(order.kind, 0)
    if not 1 <= ordinal <= there.get(order.kind, 0):
        raise FormUnavailable(_not_there(order, there, history))
    return _MAKERS[order.kind](_Desk(order, history, now, names), ordinal)


def _receipt(desk: _Desk, _: int) -> Receipt:
    history, case = desk.history, desk.history.opened
    total = history.route.total
    return Receipt(
        heading=(heading := desk.heading(history.entries[0], case.accepted_at)),
        about=desk.about(),
        papers=tuple(
            PaperLine(paper.name, paper.kind, paper.quantity) for paper in case.content.components
        ),
        sets=1,
        limit=limit_in_words(total) if total else None,
        channel=history.submitted.data.channel,
        accepted_at=case.accepted_at,
        due_at=case.due_at,
        return_at=", ".join(filter(None, (heading.unit, heading.superior))),
    )


def _supplement(desk: _Desk, ordinal: int) -> SupplementSheet:
    entry, asked = desk.history.supplements[ordinal - 1]
    return SupplementSheet(
        heading=desk.heading(entry, entry.recorded_at),
        about=desk.about(),
        ordinal=ordinal,
        items=tuple(item.content for item in asked.data.items),
        reason=asked.data.reason,
        contact=asked.data.contact,
        asked_by=desk.name(asked.source),
        step=desk.history.step_name(asked.data.step),
        requested_at=entry.recorded_at,
        counted_again=desk.history.route.supplement_clock is ClockPolicy.RESTART,
    )


def _refusal(desk: _Desk, ordinal: int) -> RefusalSheet:
    refused = desk.history.refusals[ordinal - 1]
    if is_technical(refused.reason):
        raise FormUnavailable(
            f"hồ sơ {desk.history.case.code}, bước {refused.step or _RECEPTION}: lý do từ chối"
            " trong sổ cái là mã lỗi của phần mềm, không phải lời; hãy đề nghị"
            f" {desk.name(refused.entry.agency)} nêu lý do bằng văn bản / the reason of the refusal"
            " in the ledger is an error code and no words; ask the agency for the reason in writing"
        )
    return RefusalSheet(
        heading=desk.heading(refused.entry, refused.entry.recorded_at),
        about=desk.about(),
        refused_by=desk.name(refused.entry.agency),
        step=desk.history.step_name(refused.step) if refused.step else _RECEPTION,
        at_reception=refused.step is None,
        whole=refused.whole,
        reason=refused.reason,
        legal_basis=refused.legal_basis,
        refused_at=refused.entry.recorded_at,
    )


def _apology(desk: _Desk, _: int) -> ApologySheet:
    """Who says that it will be late apologises, else who is; else who gave the appointment."""
    history, case = desk.history, desk.history.case
    late = history.late(desk.now)
    by = history.extended_by or (late[-1].receiver.agency if late and late[-1].receiver else None)
    due = history.extension.due_before if history.extension else case.due_at
    assert due is not None  # noqa: S101 -- an apology is owed for an appointment
    return ApologySheet(
        heading=desk.heading(history.entries[-1], desk.now, by=by),
        about=desk.about(),
        received_by=desk.name(history.opened.receiving_unit),
        accepted_at=case.accepted_at,
        due_at=due,
        late=tuple(dict.fromkeys(history.step_name(leg.step) for leg in late if leg.step)),
        extension=history.extension,
    )


def _termination(desk: _Desk, _: int) -> TerminationSheet:
    stopped = desk.history.stopped
    assert stopped is not None  # noqa: S101 -- it was counted
    return TerminationSheet(
        heading=desk.heading(stopped.entry, stopped.entry.recorded_at),
        about=desk.about(),
        stopped_by=desk.name(stopped.entry.agency) if stopped.by_agency else None,
        reason=stopped.reason,
        stage=tuple(map(desk.history.step_name, stopped.stage)),
        stopped_at=stopped.entry.recorded_at,
    )


def _slip(desk: _Desk, _: int) -> Document:
    """The slip is begun with the dossier, so the day of acceptance chooses its form."""
    history = desk.history
    opened_on = desk.day(history.opened.accepted_at)
    heading = desk.heading(history.entries[-1], desk.now, of=opened_on)
    return control_slip(heading, desk.about(), history, desk.now, desk.name)


_MAKERS: Final[dict[FormKind, Callable[[_Desk, int], Document]]] = {
    FormKind.RECEIPT: _receipt,
    FormKind.SUPPLEMENT: _supplement,
    FormKind.REFUSAL: _refusal,
    FormKind.APOLOGY: _apology,
    FormKind.TERMINATION: _termination,
    FormKind.CONTROL_SLIP: _slip,
}


def _form(order: Order, day: date) -> Form:
    chosen = order.set or set_on(day)
    form = FORMS.get((order.kind, chosen))
    if form is None:
        raise FormUnavailable(
            f"bộ mẫu {chosen} không có mẫu {order.kind}; dùng cho ngày {day:%d/%m/%Y}, hoặc chọn"
            f" --set / the forms of {chosen} have no {order.kind}, and they are the ones of"
            f" {day:%d/%m/%Y}; choose another --set"
        )
    return form


def _not_there(order: Order, there: dict[FormKind, int], history: Chronicle) -> str:
    listed = ", ".join(f"{kind} ({count})" if count > 1 else kind for kind, count in there.items())
    which = f" {order.ordinal}" if order.ordinal else ""
    return (
        f"hồ sơ {history.case.code} không có văn bản {order.kind}{which}; hiện có: {listed}"
        f" / dossier {history.case.code} has no document {order.kind}{which}; it has: {listed}"
    )
