"""The province the benchmark plays in, and the signed messages its communes send."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from bus.crypto.jws import KeySigner
from bus.crypto.keys import new_key
from bus.ids import Account, AgencyCode, AreaCode, DossierCode, uuid7
from bus.ports import Outgoing
from bus.routing import compose
from bus.routing.competence import Directory
from bus.routing.province import Catalogue
from bus.schemas.address import AGENCY_OUT, dossier_key
from bus.schemas.base import Level
from bus.schemas.directory import AgencyEntry, KeyAlgorithm, Role
from bus.schemas.dossier import Component, CopyKind, Document, DossierSubmittedData
from bus.schemas.province import Province
from bus.simulation.workload import Filing, plan
from bus.storage.province import load_province

PROVINCE: Final = Path(__file__).parents[2] / "deploy" / "yen-bai"
PARTITIONS: Final = 16
SEED: Final = 2
WARNED_AT_ONCE: Final = frozenset({"1.001731"})
"""Left out: its first step has two days, so the clock warns of it at once, which is another hop."""
DAY: Final = date(2025, 3, 5)
"""The hub's date: a working day on which the sample province has all its routes and agencies."""

_FILED: Final = datetime.combine(DAY, time(0), UTC) - timedelta(hours=1)
_FORM: Final = {
    "hoan_canh": "Già yếu, không có người phụng dưỡng, không có nguồn thu nhập ổn định",
    "noi_o": "Thôn Mẫu, xã Mẫu, huyện Mẫu, tỉnh Yên Bái",
    "de_nghi": "Đề nghị xem xét, giải quyết theo quy định hiện hành",
    "nguoi_nop": "Nguyễn Thị Thử, cháu ruột của người có hồ sơ, nộp thay theo giấy uỷ quyền",
    "dien_giai": "Hồ sơ mẫu của phép đo: nội dung dài như một tờ khai thật, không của người nào. "
    "Người đề nghị đã được hướng dẫn về thành phần hồ sơ, thời hạn và nơi nhận kết quả.",
    "cam_doan": "Tôi xin cam đoan những lời khai trên là đúng và chịu trách nhiệm trước pháp luật",
}


@dataclass(frozen=True, slots=True)
class Stage:
    """A province with new keys, all of it behind one account of the broker."""

    catalogue: Catalogue
    province: Province
    hub: AgencyCode
    hub_kid: str
    hub_pem: bytes
    agencies: tuple[AgencyEntry, ...]
    signers: dict[AgencyCode, KeySigner]


def build(account: str, *, small: bool) -> Stage:
    """Return the sample province; `small` keeps the queues of one district and the province."""
    province = load_province(PROVINCE)
    signers: dict[AgencyCode, KeySigner] = {}
    public = []
    hub = next(entry.code for entry in province.directory.agencies if Role.HUB in entry.roles)
    hub_kid, hub_pem = "", b""
    for entry in province.directory.agencies:
        key, pem = new_key(entry.code, KeyAlgorithm.ES256, _FILED - timedelta(days=1), 3650)
        signers[entry.code] = KeySigner(key.kid, pem, key.algorithm)
        public.append(key)
        if entry.code == hub:
            hub_kid, hub_pem = key.kid, pem
    agencies = tuple(
        entry.model_copy(update={"account": Account(account)})
        for entry in province.directory.agencies
    )
    directory = province.directory.model_copy(update={"agencies": agencies, "keys": tuple(public)})
    keyed = province.model_copy(update={"directory": directory})
    catalogue = Catalogue(1, keyed)
    present = tuple(entry for entry in agencies if entry.covers(DAY))
    kept = _around_one_district(present, catalogue.directory) if small else present
    return Stage(catalogue, keyed, hub, hub_kid, hub_pem, kept, signers)


def messages(stage: Stage, count: int) -> list[Outgoing]:
    """Return so many `dossier.submitted`, signed, spread over routes, communes and partitions."""
    there = {entry.code for entry in stage.agencies}
    planned = plan(stage.catalogue, dossiers=2 * count + 10, seed=SEED)
    filings = [each for each in planned if each.data.procedure not in WARNED_AT_ONCE][:count]
    units = sorted({filing.unit for filing in planned if filing.unit in there})
    found = []
    for number, filing in enumerate(filings):
        unit = filing.unit if filing.unit in there else units[number % len(units)]
        found.append(_message(stage, number, unit, filing))
    return found


def _around_one_district(
    agencies: tuple[AgencyEntry, ...], directory: Directory
) -> tuple[AgencyEntry, ...]:
    first = min(entry.area for entry in agencies if entry.level is Level.DISTRICT)
    return tuple(
        entry
        for entry in agencies
        if entry.level is Level.PROVINCE
        or directory.places.covers(AreaCode(first), entry.area, DAY)
    )


def _message(stage: Stage, number: int, unit: AgencyCode, filing: Filing) -> Outgoing:
    entry = stage.catalogue.directory.agency(unit)
    assert entry is not None
    dossier = DossierCode(f"{unit}-{DAY:%y%m%d}-{number + 1:06d}")
    id_ = uuid7(int(_FILED.timestamp() * 1000), hashlib.sha256(dossier.encode()).digest()[:10])
    body = compose.dossier_message(
        _filled(filing.data, entry, number),
        id_=id_,
        source=unit,
        subject=dossier,
        sequence=1,
        time=_FILED,
    )
    return Outgoing(
        exchange=AGENCY_OUT,
        routing_key=dossier_key(unit, dossier, PARTITIONS),
        body=body,
        message_id=str(id_),
        type="dossier.submitted",
        jws=stage.signers[unit].sign(body),
        timestamp=_FILED,
    )


def _filled(data: DossierSubmittedData, unit: AgencyEntry, number: int) -> DossierSubmittedData:
    """Return the filing with the papers and form of a real one: about 2.2 kB as a message."""
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    papers = tuple(
        Component(
            code=code,
            name=name,
            kind=CopyKind.ELECTRONIC,
            quantity=1,
            documents=(
                Document(
                    name=f"{code.lower()}.pdf",
                    media_type="application/pdf",
                    size=184_320 + number,
                    sha256=digest,
                    uri=f"ho-so/{number:06d}/{code.lower()}.pdf",
                ),
            ),
        )
        for code, name in (("TO-KHAI", "Tờ khai"), ("GXN-KT", "Giấy xác nhận khuyết tật"))
    )
    return data.model_copy(
        update={
            "area": unit.area,
            "components": papers,
            "form": _FORM,
            "submitted_at": _FILED - timedelta(minutes=20),
            "accepted_at": _FILED - timedelta(minutes=5),
        }
    )
