"""What an edge does between an agency's system and the broker, over a real store."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from bus.errors import (
    BusError,
    DestinationRefused,
    DestinationUnavailable,
    SettingInvalid,
    SourceUnavailable,
    StorageUnavailable,
)
from bus.ids import AgencyCode, DossierCode, derived_id
from bus.ports import Change, EdgeOutcome, Outgoing, Published, Received
from bus.schemas.address import dossier_key, receipt_key
from bus.schemas.base import BusinessState, WireModel
from bus.schemas.catalogue import FromHub
from bus.schemas.control import AdapterHeartbeatV1
from bus.schemas.envelope import DossierMessage
from bus.schemas.receipt import (
    DeliveryFailedV1,
    DeliveryImportedV1,
    DeliveryRefusedV1,
    FailureKind,
    LedgerMark,
    MessageAcceptedData,
    MessageAcceptedV1,
    MessageExpectedData,
    MessageRejectedData,
    MessageRejectedV1,
)
from bus.schemas.step import StepReceivedData
from bus.testing.builders import A_STEP, a_dossier
from bus.testing.fakes import ScriptedSink, ScriptedSource
from bus.workers.collect import Served
from bus.workers.relay import RelayPolicy
from tests.support.small_edge import ACCOUNT, PARTITIONS, UNIT, SmallEdge, edge_database
from tests.support.small_hub import keys
from tests.support.walking import MONDAY

ONE, TWO = a_dossier(1), a_dossier(2)
OTHER = AgencyCode("H63.140")
POLICY = RelayPolicy(window=8, answer=timedelta(seconds=30), cap=timedelta(hours=1))


def said() -> WireModel:
    return StepReceivedData(step=A_STEP, round=1, received_at=MONDAY)


def happened(*dossiers: DossierCode) -> ScriptedSource:
    return ScriptedSource((dossier, said()) for dossier in dossiers)


def places(edge: SmallEdge) -> list[tuple[str, int]]:
    """What is in the outbox, as the relay would send it."""
    rows = edge.store.sendable([UNIT, OTHER], now=edge.clock.now(), window=1000)
    return [(row.dossier, row.sequence) for row in rows]


def system_of(code: AgencyCode, source: ScriptedSource) -> Served:
    return Served(code, keys()[1][code], source, None)


# --- collect ----------------------------------------------------------------------------------


def test_messages_are_numbered_for_each_dossier() -> None:
    edge = SmallEdge(source=happened(ONE, TWO, ONE, ONE))

    assert edge.steps.collect.step()

    assert places(edge) == [(ONE, 1), (TWO, 1), (ONE, 2), (ONE, 3)]


def test_numbering_goes_on_where_it_stopped() -> None:
    source = happened(ONE)
    edge = SmallEdge(source=source)
    edge.steps.collect.step()
    source.happen(ONE, said())

    edge.steps.collect.step()

    assert places(edge) == [(ONE, 1), (ONE, 2)]
    assert not edge.steps.collect.step()


def test_the_source_learns_what_is_kept_for_good() -> None:
    source = happened(ONE, TWO)
    edge = SmallEdge(source=source)

    edge.steps.collect.step()

    assert source.told == ["scripted:1", "scripted:2"]


class RepeatingSource(ScriptedSource):
    """Shows everything again each time, and its last change twice."""

    def changes(self, *, after: str | None, limit: int) -> Sequence[Change]:
        del after
        found = super().changes(after=None, limit=limit)
        return [*found, *found[-1:]]


class DyingSource(ScriptedSource):
    """The power goes just before it is told."""

    def taken(self, changes: Sequence[Change]) -> None:
        raise KeyboardInterrupt(len(changes))


def test_a_crash_before_the_source_is_told_repeats_nothing() -> None:
    engine = edge_database()
    dying = DyingSource([(ONE, said()), (ONE, said())])
    with pytest.raises(KeyboardInterrupt):
        SmallEdge(engine, source=dying).steps.collect.step()

    restarted = SmallEdge(engine, source=RepeatingSource([(ONE, said())] * 3), seed=3)
    restarted.steps.collect.step()

    assert places(restarted) == [(ONE, 1), (ONE, 2), (ONE, 3)]


def test_a_change_seen_again_is_sent_once() -> None:
    source = RepeatingSource([(ONE, said())])
    edge = SmallEdge(source=source)

    edge.steps.collect.step()
    edge.steps.collect.step()
    source.happen(TWO, said())
    edge.steps.collect.step()

    assert places(edge) == [(ONE, 1), (TWO, 1)]


def test_a_system_that_is_down_is_said_once_and_read_on_when_it_is_back() -> None:
    source = happened(ONE)
    edge = SmallEdge(source=source)
    source.down = SourceUnavailable("no answer", host="db1")

    with capture_logs() as lines:
        assert not edge.steps.collect.step()
        assert not edge.steps.collect.step()
        assert edge.trouble == {UNIT: "source.unavailable: no answer"}
        source.down = None
        assert edge.steps.collect.step()
    assert edge.trouble == {UNIT: None}

    told = [(line["event"], line["log_level"]) for line in lines]
    assert told == [
        ("collect.source_unavailable", "warning"),
        ("collect.source_back", "info"),
        ("collect.taken", "info"),
    ]
    assert lines[0]["host"] == "db1"
    assert places(edge) == [(ONE, 1)]


@pytest.mark.parametrize("broken", [SourceUnavailable("down"), SettingInvalid("wrong")])
def test_one_broken_system_does_not_hold_up_the_others(broken: BusError) -> None:
    source = happened(ONE)
    source.down = broken
    edge = SmallEdge(source=source, others=[system_of(OTHER, happened(TWO))])

    if isinstance(broken, SourceUnavailable):
        assert edge.steps.collect.step()
    else:
        with pytest.raises(SettingInvalid):
            edge.steps.collect.step()

    assert places(edge) == [(TWO, 1)]


def test_a_database_that_is_gone_stops_the_reading_at_once() -> None:
    source, second = happened(ONE), happened(TWO)
    source.down = StorageUnavailable("gone")
    edge = SmallEdge(source=source, others=[system_of(OTHER, second)])

    with pytest.raises(StorageUnavailable):
        edge.steps.collect.step()

    assert second.told == []


def test_what_is_collected_is_a_signed_message_of_the_agency() -> None:
    edge = SmallEdge(source=happened(ONE))

    edge.steps.collect.step()
    edge.steps.relay.step()

    (message,) = edge.sent(edge.relayed)
    assert isinstance(message, DossierMessage)
    assert (message.source, message.subject, message.sequence) == (UNIT, ONE, "0000000001")


# --- relay ------------------------------------------------------------------------------------


def collected(*dossiers: DossierCode, policy: RelayPolicy = POLICY) -> SmallEdge:
    edge = SmallEdge(source=happened(*dossiers), policy=policy)
    edge.steps.collect.step()
    return edge


def again_after(edge: SmallEdge, wait: timedelta | float) -> list[Outgoing]:
    """What goes out when so much time has passed, and nothing before."""
    edge.relayed.published.clear()
    wait = wait if isinstance(wait, timedelta) else timedelta(seconds=wait)
    edge.clock.advance(wait - timedelta(milliseconds=1))
    assert not edge.steps.relay.step()
    edge.clock.advance(timedelta(milliseconds=1))
    assert edge.steps.relay.step()
    return edge.relayed.published


def test_a_message_goes_to_the_partition_of_its_dossier_from_the_nodes_account() -> None:
    edge = collected(ONE)

    assert edge.steps.relay.step()

    (one,) = edge.relayed.published
    assert (one.exchange, one.account) == ("agency.out", ACCOUNT)
    assert one.routing_key == dossier_key(UNIT, ONE, PARTITIONS)


def test_nothing_goes_out_again_before_its_time_and_then_the_same_bytes() -> None:
    edge = collected(ONE)
    edge.steps.relay.step()
    first = list(edge.relayed.published)

    assert again_after(edge, 30) == first


def test_each_copy_is_waited_for_longer_up_to_the_cap() -> None:
    edge = collected(ONE)
    edge.steps.relay.step()

    waits = [30, 45, 75, 135, 255, 495, 975, 1815, 1815]

    assert [len(again_after(edge, wait)) for wait in waits] == [1] * len(waits)


def test_under_a_new_key_what_waits_is_signed_anew_and_otherwise_the_same() -> None:
    """A node that began with a wrong or an expired key is mended by the right one."""
    edge = collected(ONE)
    edge.steps.relay.step()
    (first,) = edge.relayed.published
    strangers = Served(UNIT, keys()[1][OTHER], None, None)
    mended = SmallEdge(edge.engine, clock=edge.clock, policy=POLICY, served=[strangers])

    (again,) = again_after(mended, 30)

    assert (again.message_id, again.body) == (first.message_id, first.body)
    assert edge.verifier.verify(again.body, again.jws, at=edge.clock.now()) == OTHER
    assert edge.verifier.verify(first.body, first.jws, at=edge.clock.now()) == UNIT


def test_a_restarted_node_remembers_what_it_sent() -> None:
    edge = collected(ONE)
    edge.steps.relay.step()

    restarted = SmallEdge(edge.engine, clock=edge.clock, policy=POLICY)

    assert not restarted.steps.relay.step()
    assert restarted.relayed.published == []


@pytest.mark.parametrize("answer", [Published.REFUSED, Published.UNROUTABLE, Published.UNKNOWN])
def test_what_the_broker_did_not_take_stays_and_the_node_pauses(answer: Published) -> None:
    edge = collected(ONE)
    edge.relayed.script = [answer]

    with capture_logs() as lines:
        assert not edge.steps.relay.step()

    assert places(edge) == [(ONE, 1)]
    assert [(line["event"], line["pause_seconds"]) for line in lines] == [("relay.not_taken", 0.75)]
    first = list(edge.relayed.published)
    assert again_after(edge, 0.75) == first


def test_the_pause_grows_while_the_broker_takes_nothing_and_ends_with_the_first_taken() -> None:
    edge = collected(ONE, TWO)
    edge.relayed.script = [Published.REFUSED] * 4

    with capture_logs() as lines:
        for _ in range(2):
            edge.steps.relay.step()
            edge.clock.advance(60.0)
        assert edge.steps.relay.step()
        assert edge.steps.relay.step() is False

    assert [line["pause_seconds"] for line in lines] == [0.75, 1.25]


def test_of_a_batch_only_what_was_taken_is_marked() -> None:
    edge = collected(ONE, TWO)
    edge.relayed.script = [Published.REFUSED, Published.CONFIRMED]

    assert edge.steps.relay.step()

    assert places(edge) == [(ONE, 1)]


def test_no_more_than_the_window_is_under_way() -> None:
    edge = collected(*[ONE] * 12)

    edge.steps.relay.step()

    assert len(edge.relayed.published) == POLICY.window
    assert not edge.steps.relay.step()


# --- the hub's receipts -----------------------------------------------------------------------


def under_way(*dossiers: DossierCode) -> tuple[SmallEdge, list[UUID]]:
    """An edge whose messages were sent and not answered."""
    edge = collected(*dossiers)
    edge.steps.relay.step()
    return edge, [message.id for message in edge.sent(edge.relayed)]


def accepted(
    message: UUID, state: BusinessState = BusinessState.PROCESSING, dossier: DossierCode = ONE
) -> MessageAcceptedData:
    mark = LedgerMark(partition=0, position=1, hash="0" * 64)
    return MessageAcceptedData(message=message, dossier=dossier, ledger=mark, state=state)


def rejected(message: UUID | None) -> MessageRejectedData:
    return MessageRejectedData(
        message=message,
        dossier=ONE,
        digest="0" * 64,
        code="message.schema_invalid",
        path="data.title",
        text_vi="Sai.",
        text_en="Wrong.",
        uses_sequence=message is not None,
    )


def expected(message: UUID, place: int) -> MessageExpectedData:
    return MessageExpectedData(message=message, dossier=ONE, expected=f"{place:010d}")


def resent(edge: SmallEdge) -> list[UUID]:
    edge.steps.relay.step()
    return [message.id for message in edge.sent(edge.relayed)]


def told(edge: SmallEdge) -> list[FromHub]:
    assert isinstance(edge.sink, ScriptedSink)
    return list(edge.sink.received.values())


def test_an_accepted_message_is_done_with() -> None:
    edge, (first,) = under_way(ONE)

    receipts = edge.hand(edge.answer(accepted(first)))

    assert receipts == []
    assert len(edge.consumer.acked) == 1
    edge.clock.advance(timedelta(days=1))
    assert resent(edge) == []
    assert edge.store.unanswered([UNIT]) == {}


@pytest.mark.parametrize(
    ("state", "shown"), [(BusinessState.ACCEPTED, 1), (BusinessState.PROCESSING, 0)]
)
def test_the_appointment_is_shown_to_the_agency_when_the_dossier_is_accepted(
    state: BusinessState, shown: int
) -> None:
    edge, (first,) = under_way(ONE)

    edge.hand(edge.answer(accepted(first, state)))

    assert [type(message) for message in told(edge)] == [MessageAcceptedV1] * shown


def test_a_rejected_message_is_done_with_and_shown_to_the_agency() -> None:
    edge, (first,) = under_way(ONE)

    with capture_logs() as lines:
        edge.hand(edge.answer(rejected(first)))

    edge.clock.advance(timedelta(days=1))
    assert resent(edge) == []
    assert [type(message) for message in told(edge)] == [MessageRejectedV1]
    (line,) = (line for line in lines if line["event"] == "message.rejected")
    assert (line["dossier"], line["message"]) == (ONE, str(first))
    assert (line["code"], line["path"], line["text_vi"]) == (
        "message.schema_invalid",
        "data.title",
        "Sai.",
    )


def test_a_rejection_that_names_no_message_settles_none() -> None:
    """A key that is not published yet: the messages wait for it."""
    edge, (first,) = under_way(ONE)

    edge.hand(edge.answer(rejected(None)))

    edge.clock.advance(timedelta(seconds=30))
    assert resent(edge) == [first]


def test_the_lane_goes_back_at_once_to_the_place_the_hub_waits_for() -> None:
    edge, (first, second, third) = under_way(ONE, ONE, ONE)
    edge.hand(edge.answer(accepted(first)))

    edge.hand(edge.answer(expected(third, 2)))

    assert resent(edge) == [second, third]


def test_a_hub_that_keeps_waiting_for_the_same_place_starts_no_storm() -> None:
    """It has the message and cannot decide: only the time-outs send it again."""
    edge, (first, second) = under_way(ONE, ONE)
    edge.hand(edge.answer(expected(second, 1)))
    assert resent(edge) == [first, second]

    edge.hand(edge.answer(expected(second, 1)))

    assert resent(edge) == []
    edge.clock.advance(timedelta(seconds=45))
    assert resent(edge) == [first, second]


def test_a_lane_goes_back_again_for_another_place() -> None:
    edge, (first, second, third) = under_way(ONE, ONE, ONE)
    edge.hand(edge.answer(expected(third, 1)))
    resent(edge)

    edge.hand(edge.answer(accepted(first)), edge.answer(expected(third, 2)))

    assert resent(edge) == [second, third]


def test_receipts_are_settled_although_the_agencys_system_takes_none() -> None:
    edge, (first, second) = under_way(ONE, ONE)
    assert isinstance(edge.sink, ScriptedSink)
    edge.sink.down = DestinationUnavailable("down")

    with capture_logs() as lines:
        edge.hand(edge.answer(rejected(first)), edge.answer(accepted(second)))

    assert edge.store.unanswered([UNIT]) == {}
    assert len(edge.consumer.acked) == 2
    assert "deliver.receipt_not_shown" in [line["event"] for line in lines]


# --- deliveries -------------------------------------------------------------------------------


class WildSink:
    """Raises whatever it is given."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def deliver(self, message: FromHub, *, delivery: UUID) -> str | None:
        del message, delivery
        raise self.error


def outcome(edge: SmallEdge, number: int = 1) -> tuple[EdgeOutcome, int]:
    id_ = derived_id("handed", str(number))
    row = edge.store.dealt_with([id_])[id_]
    return row.outcome, row.attempts


def test_a_delivery_is_imported_and_its_receipt_says_under_which_number() -> None:
    edge = SmallEdge()
    delivery = edge.delivery()

    (receipt,) = edge.hand(delivery)

    assert isinstance(receipt, DeliveryImportedV1)
    assert (receipt.data.reference, receipt.source) == ("S-000001", UNIT)
    assert receipt.causationid == receipt.data.delivery
    assert edge.consumer.acked == [delivery]


def test_a_receipt_goes_to_the_hubs_queue_of_receipts_from_the_nodes_account() -> None:
    edge = SmallEdge()
    edge.consumer.waiting.append(edge.delivery())

    edge.steps.deliver.step()

    (one,) = edge.receipts.published
    assert (one.exchange, one.routing_key, one.account) == (
        "agency.out",
        receipt_key(UNIT),
        ACCOUNT,
    )


def test_a_repeat_is_imported_once_and_gets_the_same_receipt() -> None:
    edge = SmallEdge()
    edge.hand(edge.delivery())
    first = _bodies(edge, edge.delivery())
    edge.clock.advance(timedelta(hours=1))

    restarted = SmallEdge(edge.engine, sink=edge.sink, clock=edge.clock)

    assert _bodies(restarted, edge.delivery(), edge.delivery()) == first * 2
    assert isinstance(edge.sink, ScriptedSink)
    assert len(edge.sink.calls) == 1


def _bodies(edge: SmallEdge, *received: Received) -> list[bytes]:
    edge.consumer.waiting.extend(received)
    edge.steps.deliver.step()
    published, edge.receipts.published = edge.receipts.published, []
    return [one.body for one in published]


def test_a_crash_between_import_and_record_is_healed_by_the_sink() -> None:
    """The store forgot; the sink knows the delivery's id."""
    sink = ScriptedSink()
    SmallEdge(sink=sink).hand(SmallEdge().delivery())

    fresh = SmallEdge(sink=sink)
    (receipt,) = fresh.hand(fresh.delivery())

    assert isinstance(receipt, DeliveryImportedV1)
    assert receipt.data.reference == "S-000001"
    assert len(sink.received) == 1


def test_a_failed_delivery_is_tried_again_when_it_comes_again() -> None:
    down = DestinationUnavailable("hệ thống không trả lời")
    edge = SmallEdge(sink=ScriptedSink(down, down))

    receipts = [edge.hand(edge.delivery()) for _ in range(3)]

    (first,), (second,), (third,) = receipts
    assert isinstance(first, DeliveryFailedV1)
    assert isinstance(second, DeliveryFailedV1)
    assert isinstance(third, DeliveryImportedV1)
    assert [first.data.attempt, second.data.attempt] == [1, 2]
    assert first.id != second.id
    assert first.data.kind is FailureKind.TRANSIENT
    assert (first.data.code, first.data.detail) == (
        "destination.unavailable",
        "hệ thống không trả lời",
    )
    assert outcome(edge) == (EdgeOutcome.IMPORTED, 3)


def test_a_refused_delivery_is_never_tried_again() -> None:
    sink = ScriptedSink(DestinationRefused("Không thuộc thẩm quyền."))
    edge = SmallEdge(sink=sink)

    (first,) = edge.hand(edge.delivery())
    (again,) = edge.hand(edge.delivery())

    assert isinstance(first, DeliveryRefusedV1)
    assert (first.data.reason, first.data.code) == (
        "Không thuộc thẩm quyền.",
        "destination.refused",
    )
    assert again == first
    assert len(sink.calls) == 1


def test_an_error_an_operator_must_mend_is_permanent() -> None:
    edge = SmallEdge(sink=WildSink(SettingInvalid("outbox: no such folder")))

    (receipt,) = edge.hand(edge.delivery())

    assert isinstance(receipt, DeliveryFailedV1)
    assert (receipt.data.kind, receipt.data.code) == (FailureKind.PERMANENT, "setting.invalid")
    assert receipt.data.detail == "outbox: no such folder"


def test_an_agency_without_a_system_to_write_to_has_it_all_the_same() -> None:
    edge = SmallEdge(others=[Served(OTHER, keys()[1][OTHER], None, None)])

    (receipt,) = edge.hand(edge.delivery(recipient=OTHER))

    assert isinstance(receipt, DeliveryImportedV1)
    assert (receipt.source, receipt.data.reference) == (OTHER, None)


class _Lỗi(Exception):  # noqa: PLC2401 -- a name no receipt may carry
    """An adapter's own error."""


class OddCode(BusError):
    """A code no receipt may carry."""

    code = "không kết nối"


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (RuntimeError("Nguyễn Thị Thử"), FailureKind.UNKNOWN, "RuntimeError"),
        (KeyError("x"), FailureKind.UNKNOWN, "KeyError"),
        (_Lỗi("x"), FailureKind.UNKNOWN, "unexpected"),
        (OddCode("x"), FailureKind.PERMANENT, "unexpected"),
    ],
)
def test_a_sink_that_raises_anything_fails_one_delivery(
    error: Exception, kind: FailureKind, code: str
) -> None:
    edge = SmallEdge(sink=WildSink(error))

    first, second = edge.hand(edge.delivery(1), edge.delivery(2))

    for receipt in (first, second):
        assert isinstance(receipt, DeliveryFailedV1)
        assert (receipt.data.kind, receipt.data.code) == (kind, code)
        assert "Nguyễn" not in receipt.model_dump_json()
    assert len(edge.consumer.acked) == 2


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("dòng 1\ndòng 2\t\x00", "dòng 1 dòng 2"),
        ("Đề nghi\u0323", "Đề nghị"),
        ("", "?"),
        ("\n\u200b\ufeff ", "?"),
        ("a" * 900, "a" * 500),
        ("x\ud800y", "x y"),
    ],
)
def test_whatever_a_system_says_fits_the_receipt(text: str, fits: str) -> None:
    refusing = SmallEdge(sink=ScriptedSink(DestinationRefused(text)))
    failing = SmallEdge(sink=ScriptedSink(DestinationUnavailable(text)))

    (refused,) = refusing.hand(refusing.delivery())
    (failed,) = failing.hand(failing.delivery())

    assert isinstance(refused, DeliveryRefusedV1)
    assert isinstance(failed, DeliveryFailedV1)
    assert (refused.data.reason, failed.data.detail) == (fits, fits)


class TalkativeSink(ScriptedSink):
    """Its own reference is no line."""

    def deliver(self, message: FromHub, *, delivery: UUID) -> str | None:
        super().deliver(message, delivery=delivery)
        return "số\n12/CV\x07"


def test_a_reference_that_is_no_line_is_made_one() -> None:
    edge = SmallEdge(sink=TalkativeSink())

    (receipt,) = edge.hand(edge.delivery())

    assert isinstance(receipt, DeliveryImportedV1)
    assert receipt.data.reference == "số 12/CV"


@pytest.mark.parametrize("about", ["delivery", "receipt"])
def test_a_node_that_is_unfit_settles_nothing_and_takes_the_same_again(about: str) -> None:
    edge = SmallEdge(sink=WildSink(StorageUnavailable("gone")))
    one = edge.delivery() if about == "delivery" else edge.answer(rejected(None))
    edge.consumer.waiting.append(one)

    with pytest.raises(StorageUnavailable):
        edge.steps.deliver.step()

    assert edge.consumer.acked == []
    assert edge.consumer.waiting == [one]
    assert edge.receipts.published == []


def test_what_is_not_from_the_hub_is_dead_lettered() -> None:
    edge = SmallEdge()
    good = edge.delivery()
    unsigned = edge.from_hub(good.body, jws="")
    other = edge.from_hub(good.body, signed_by=OTHER)
    nonsense = edge.from_hub(b"{}")

    with capture_logs() as lines:
        receipts = edge.hand(unsigned, other, nonsense, good)

    assert edge.consumer.rejected == [unsigned, other, nonsense]
    assert edge.consumer.acked == [good]
    assert len(receipts) == 1
    assert [line["event"] for line in lines if line["log_level"] == "error"] == [
        "deliver.not_from_the_hub",
        "deliver.not_for_this_node",
        "deliver.not_from_the_hub",
    ]


def test_what_is_for_another_node_is_dead_lettered() -> None:
    edge = SmallEdge()
    astray = edge.delivery(recipient=OTHER)

    assert edge.hand(astray) == []

    assert edge.consumer.rejected == [astray]
    assert told(edge) == []


def test_nothing_to_take_is_nothing_done() -> None:
    assert not SmallEdge().steps.deliver.step()


# --- heartbeat --------------------------------------------------------------------------------


def test_each_agency_says_now_and_then_that_its_adapter_is_there() -> None:
    edge = SmallEdge(source=happened(ONE), others=[system_of(OTHER, happened())])
    edge.steps.collect.step()

    for _ in range(3):
        assert not edge.steps.heartbeat.step()
        edge.clock.advance(timedelta(seconds=30))

    beats = edge.sent(edge.relayed)
    assert [type(beat) for beat in beats] == [AdapterHeartbeatV1] * 4
    assert [(beat.source, beat.data.unanswered) for beat in beats[:2]] == [  # type: ignore[union-attr]
        (UNIT, 1),
        (OTHER, 0),
    ]
