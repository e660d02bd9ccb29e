"""Whether a dossier may be filed, and supplemented, as it was: unit, area, facts, dates."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from pydantic import ValidationError

from bus.errors import ProcedureUnknown, ReceivingUnitRefused, SchemaInvalid
from bus.ids import issuing_agency
from bus.routing.case import Case
from bus.routing.province import Catalogue
from bus.schemas.base import Fact, Level
from bus.schemas.directory import AgencyEntry
from bus.schemas.dossier import DossierContent, DossierSubmittedV1, DossierSupplementedData
from bus.schemas.route import ReceivingScope, Route

CLOCK_TOLERANCE: Final = timedelta(hours=1)
"""How far a unit's clock may be ahead of the hub's."""


def route_for(message: DossierSubmittedV1, catalogue: Catalogue, at: datetime) -> Route:
    """Return the route the dossier will keep, after all that must hold for filing it does.

    The route is the one valid on the day of acceptance.

    Raises:
        ProcedureUnknown: No route is valid that day.
        ReceivingUnitRefused: The unit may not file it, not for this area, or not under this code.
        SchemaInvalid: A fact is missing or outside its values, or the dates are not possible.
    """
    _check_dates(message, at)
    route = catalogue.route(message.data.procedure, message.data.accepted_at)
    if route is None:
        raise ProcedureUnknown(
            f"no route of procedure {message.data.procedure} is valid on"
            f" {message.data.accepted_at:%Y-%m-%d}; `bus procedure list` shows what is published",
            text_vi=f"Thủ tục {message.data.procedure} không có quy trình liên thông hiệu lực vào"
            f" ngày {message.data.accepted_at:%d/%m/%Y}.",
            path="data.procedure",
            procedure=message.data.procedure,
        )
    day = catalogue.calendar.local_date(message.data.accepted_at)
    unit = _receiving_unit(message, route, catalogue, day)
    _check_code(message, unit, catalogue)
    _check_area(message, unit, route, catalogue, day)
    _check_facts(message.data.facts, route)
    return route


def with_supplement(
    case: Case, data: DossierSupplementedData, route: Route, at: datetime
) -> DossierContent:
    """Return the content of a dossier with what the citizen added, if all checks hold.

    Raises:
        SchemaInvalid: The date is not possible, a fact is outside its values, or the whole has
            become more than one dossier may hold.
    """
    if data.accepted_at < case.accepted_at:
        raise SchemaInvalid(
            "`accepted_at` lies before the dossier itself was accepted",
            text_vi="Ngày tiếp nhận bổ sung sớm hơn ngày tiếp nhận hồ sơ.",
            path="data.accepted_at",
        )
    _check_not_ahead(data.accepted_at, at)
    content = _merged(case.content, data)
    _check_facts(content.facts, route)
    return content


def _merged(content: DossierContent, data: DossierSupplementedData) -> DossierContent:
    papers = {component.code: component for component in (*content.components, *data.components)}
    try:
        return DossierContent(
            title=content.title,
            owner=content.owner,
            components=tuple(papers.values()),
            facts=content.facts | data.facts,
            form=content.form | data.form,
        )
    except ValidationError as error:
        field = error.errors(include_url=False, include_input=False)[0]["loc"][0]
        raise SchemaInvalid(
            f"with this supplement the dossier has more `{field}` than one dossier may hold;"
            " replace what is there instead of adding to it",
            text_vi=f"Sau khi bổ sung, hồ sơ có quá nhiều mục “{field}”.",
            path=f"data.{field}",
        ) from None


def _check_dates(message: DossierSubmittedV1, at: datetime) -> None:
    data = message.data
    if data.accepted_at < data.submitted_at:
        raise SchemaInvalid(
            "`accepted_at` lies before `submitted_at`; a dossier is accepted after it is handed in",
            text_vi="Ngày tiếp nhận sớm hơn ngày nộp hồ sơ.",
            path="data.accepted_at",
        )
    _check_not_ahead(data.accepted_at, at)


def _check_not_ahead(accepted_at: datetime, at: datetime) -> None:
    if accepted_at > at + CLOCK_TOLERANCE:
        raise SchemaInvalid(
            "`accepted_at` lies in the future; set the clock of the sending system",
            text_vi="Ngày tiếp nhận ở tương lai; hãy kiểm tra đồng hồ của hệ thống gửi.",
            path="data.accepted_at",
        )


def _receiving_unit(
    message: DossierSubmittedV1, route: Route, catalogue: Catalogue, day: date
) -> AgencyEntry:
    unit = catalogue.directory.agency(message.source)
    if unit is None or not route.scopes(unit):
        levels = ", ".join(sorted({str(receiving.level) for receiving in route.receiving}))
        raise ReceivingUnitRefused(
            f"{message.source} may not file procedure {route.procedure};"
            f" its route takes one-stop units of level: {levels}",
            text_vi=f"Đơn vị {message.source} không được tiếp nhận thủ tục {route.procedure}.",
            path="source",
            procedure=route.procedure,
        )
    if not unit.covers(day):
        raise ReceivingUnitRefused(
            f"{unit.code} receives no dossiers on {day}: the directory has it from"
            f" {unit.valid_from} to {unit.valid_to or 'now'}",
            text_vi=f"Đơn vị {unit.code} không hoạt động vào ngày {day:%d/%m/%Y}.",
            path="source",
            procedure=route.procedure,
        )
    return unit


def _check_code(message: DossierSubmittedV1, unit: AgencyEntry, catalogue: Catalogue) -> None:
    issuer = catalogue.directory.agency(issuing_agency(message.subject))
    if issuer is not None and issuer.code != unit.code:
        raise ReceivingUnitRefused(
            f"dossier code {message.subject} names {issuer.code} as its issuer,"
            f" but {unit.code} sends it; the unit that receives a dossier issues its code",
            text_vi=f"Mã hồ sơ {message.subject} do {issuer.code} cấp nhưng {unit.code} gửi.",
            path="subject",
        )


def _check_area(
    message: DossierSubmittedV1, unit: AgencyEntry, route: Route, catalogue: Catalogue, day: date
) -> None:
    area, places = message.data.area, catalogue.directory.places
    place = places.unit(area, day)
    if place is None or place.level is not Level.COMMUNE or not place.covers(day):
        raise ReceivingUnitRefused(
            f"area {area} is no commune of the directory on {day}; give the commune's statistical"
            " code",
            text_vi=f"Địa bàn {area} không phải mã đơn vị cấp xã trong danh bạ.",
            path="data.area",
        )
    anywhere = ReceivingScope.PROVINCE in route.scopes(unit)
    if not anywhere and not places.covers(unit.area, area, day):
        raise ReceivingUnitRefused(
            f"area {area} lies outside the area {unit.area} of {unit.code}",
            text_vi=f"Địa bàn {area} không thuộc địa bàn {unit.area} của {unit.code}.",
            path="data.area",
        )


def _check_facts(facts: Mapping[str, Fact], route: Route) -> None:
    for rule in route.facts:
        value = facts.get(rule.name)
        if value is None and not rule.required:
            continue
        if not (isinstance(value, bool) if rule.values == "boolean" else value in rule.values):
            expected = "true, false" if rule.values == "boolean" else ", ".join(rule.values)
            raise SchemaInvalid(
                f"fact `{rule.name}` is missing or not one of: {expected}",
                text_vi=f"Thông tin “{rule.name}” bị thiếu hoặc không thuộc: {expected}.",
                path=f"data.facts.{rule.name}",
            )
