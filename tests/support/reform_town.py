"""A hub's database that crosses a reform: dossiers are told to it, a new directory is published."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Engine

from bus.bootstrap import Means, office_of
from bus.ids import AgencyCode, AreaCode, DossierCode, StepId, partition_of
from bus.ports import DeliveryRow, DeliveryState, EntryKind, HubStore
from bus.routing import compose
from bus.routing.case import Case, StepRun
from bus.routing.chain import Draft, sha256
from bus.routing.machine import advance
from bus.routing.opening import Context
from bus.routing.retry import RetryPolicy
from bus.schemas.base import WireModel
from bus.schemas.catalogue import FROM_AGENCY, DossierEvent
from bus.schemas.province import Province
from bus.schemas.step import StepCompletedData, StepReceivedData
from bus.simulation.turned_clock import LOCAL
from bus.storage.cutover import SqlCutoverReader
from bus.storage.hub import SqlHubStore
from bus.storage.queries import HubQueries
from bus.testing.fakes import ManualClock, SeededIds
from bus.workers.catalogues import Catalogues
from bus.workers.cutover import Cutover
from bus.workers.desk import Desk
from bus.workers.operate import Operator
from bus.workers.verify import verify
from tests.support.reform import lao_cai
from tests.support.walking import a_dossier, yen_bai

PARTITIONS = 4
HUB = AgencyCode("H63.01.02")
JUNE = datetime(2025, 6, 26, 8, 30, tzinfo=LOCAL).astimezone(UTC)
JULY = datetime(2025, 7, 1, 0, 30, tzinfo=LOCAL).astimezone(UTC)
LAN = Operator("lan.nguyen", "Sắp xếp đơn vị hành chính từ 01/7/2025")


class Unsigned:
    """Signs nothing: who reads what is signed here does not look."""

    def sign(self, body: bytes) -> str:  # noqa: ARG002 -- the port's
        return "unsigned"


class Town:
    """A hub's database before, over and after a reform."""

    def __init__(self, engine: Engine, province: Province | None = None) -> None:
        self.store = SqlHubStore(engine, PARTITIONS)
        self.store.prepare()
        self.store.publish(
            province or yen_bai().province, at=JUNE, actor="test", reason="three levels"
        )
        self.queries = HubQueries(engine)
        self.reader = SqlCutoverReader(engine)
        self.clock = ManualClock(JUNE)
        self.ids = SeededIds(3)
        self.office = office_of(
            store=self.store,
            hub=HUB,
            signer=Unsigned(),
            partitions=PARTITIONS,
            policy=RetryPolicy(),
            means=Means(self.clock, self.ids, lambda: 0.5),
        )
        self._said = 0

    # --- what happens -------------------------------------------------------------------------

    def submit(
        self,
        code: str,
        procedure: str = "1.001731",
        *,
        area: str = "04636",
        by: str | None = None,
        accepted: datetime | None = None,
        facts: dict[str, str | bool | int] | None = None,
    ) -> DossierCode:
        dossier = DossierCode(code)
        unit = AgencyCode(by or code.rsplit("-", 2)[0])
        data = a_dossier(procedure, facts or {}, (accepted or self.clock.now()).astimezone(UTC))
        self.say(dossier, data.model_copy(update={"area": AreaCode(area)}), by=unit)
        return dossier

    def say(self, dossier: DossierCode, data: WireModel, *, by: AgencyCode) -> None:
        """Let an agency say something, as the hub takes it in."""
        self._said += 1
        now = self.clock.now()
        body = compose.dossier_message(
            data,
            id_=self.ids.new(now),
            source=by,
            subject=dossier,
            sequence=self._said,
            time=now,
        )
        event = FROM_AGENCY.validate_json(body)
        assert isinstance(event, DossierEvent)
        newest = self.office.catalogues.newest()
        self.office.catalogues.reading(lambda: self._take(event, body, newest.version))

    def _take(self, event: DossierEvent, body: bytes, version: int) -> None:
        newest = self.office.catalogues.compiled(version)
        with self.store.transaction({partition_of(event.subject, PARTITIONS)}) as tx:
            desk = Desk(self.office, tx, self.clock.now(), newest=newest)
            desk.load({event.subject})
            before = desk.case(event.subject)
            context = desk.context(before) if before else Context(newest, desk.now)
            case, owed = advance(before, event, context)
            draft = Draft(
                kind=EntryKind.MESSAGE,
                id=event.id,
                dossier=event.subject,
                agency=event.source,
                type=event.type,
                recorded_at=desk.now,
                catalogue=desk.decided_under(case),
                body=body,
                jws="",
                digest=sha256(body),
            )
            desk.write(case, owed, draft)
            tx.save(desk.changes())

    def receive(self, dossier: DossierCode, step: str) -> None:
        run = self.run(dossier, step)
        assert run.agency is not None
        data = StepReceivedData(step=run.id, round=run.round, received_at=self.clock.now())
        self.say(dossier, data, by=run.agency)

    def complete(
        self, dossier: DossierCode, step: str, *, by: str | None = None, outcome: str = "done"
    ) -> None:
        run = self.run(dossier, step)
        data = StepCompletedData(
            step=run.id, round=run.round, outcome=outcome, completed_at=self.clock.now()
        )
        self.say(dossier, data, by=AgencyCode(by) if by else run.agency or HUB)

    def import_all(self, dossier: DossierCode) -> None:
        """Let every hand-off of a dossier arrive."""
        with self.store.transaction({partition_of(dossier, PARTITIONS)}) as tx:
            desk = Desk(self.office, tx, self.clock.now())
            desk.load({dossier})
            while sent := [
                row for row in desk.lanes.rows.values() if row.state is DeliveryState.SENT
            ]:
                for row in sent:
                    desk.lanes.settle(row.id, DeliveryState.IMPORTED)
            tx.save(desk.changes())

    def reform(self, province: Province | None = None, *, at: datetime = JULY) -> None:
        """Let the day come, and publish the new directory."""
        self.clock.advance(at - self.clock.now())
        self.store.publish(province or lao_cai().province, at=at, actor="test", reason="two levels")

    def later(self, **time: float) -> None:
        self.clock.advance(timedelta(**time))

    def cutover(self, store: HubStore | None = None) -> Cutover:
        return Cutover(store or self.store, self.reader, self.office, self.clock)

    # --- how it stands ------------------------------------------------------------------------

    def case(self, dossier: DossierCode) -> Case:
        case = self.queries.dossier(dossier)
        assert case is not None
        return case

    def run(self, dossier: DossierCode, step: str) -> StepRun:
        run = self.case(dossier).step(StepId(step))
        assert run is not None
        return run

    def rows(self, dossier: DossierCode) -> list[DeliveryRow]:
        found = (self.row(line.id) for line in self.queries.handoffs(dossier=dossier))
        return sorted(found, key=lambda row: (row.cause, row.part))

    def row(self, id_: UUID) -> DeliveryRow:
        row = self.queries.handoff(id_)
        assert row is not None
        return row

    def entries(self) -> int:
        return self.queries.counts().ledger_entries

    def faults(self) -> tuple[str, ...]:
        """What is wrong with the ledger and the cases that follow from it."""
        return verify(self.queries, Catalogues(self.store)).faults


def codes_of(rows: Iterable[DeliveryRow]) -> list[tuple[str, str, str]]:
    """Return to whom what goes, and how it stands."""
    return [(row.agency, row.type, row.state.value) for row in rows]
