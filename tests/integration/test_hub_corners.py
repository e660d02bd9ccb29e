"""Corners of the hub that follow from "the sender keeps it until a receipt says otherwise"."""

import json
from datetime import timedelta

import pytest

from bus.ids import AgencyCode, StepId
from bus.ports import DeliveryState, Received
from bus.routing.case import CaseState, StepState
from bus.schemas.base import WireModel
from bus.schemas.catalogue import FromHub
from bus.schemas.dossier import DossierWithdrawnData
from bus.schemas.receipt import (
    DeliveryRefusedData,
    DeliveryRefusedV1,
    MessageAcceptedV1,
    MessageExpectedV1,
    MessageRejectedV1,
)
from bus.schemas.request import PaymentRequestedData
from bus.schemas.step import (
    StepCancelledV1,
    StepCompletedData,
    StepReceivedData,
    StepRequestedV1,
)
from bus.workers.catalogues import Catalogues
from bus.workers.verify import verify
from tests.support.small_hub import SmallHub
from tests.support.walking import Walk, a_dossier, commune_unit

UNIT = commune_unit()
FORWARD = StepId("commune_forward")


@pytest.fixture
def hub() -> SmallHub:
    return SmallHub()


@pytest.fixture
def walk() -> Walk:
    return Walk("1.001731")


def say(hub: SmallHub, walk: Walk, data: WireModel, place: int, by: AgencyCode = UNIT) -> Received:
    return hub.signed(data, by=by, sequence=place, walk=walk)


def submitted(hub: SmallHub, walk: Walk) -> StepRequestedV1:
    answers = hub.take(say(hub, walk, a_dossier(walk.procedure, {}, walk.at), 1))
    return step_in(answers)


def step_in(answers: list[FromHub]) -> StepRequestedV1:
    (step,) = (one for one in answers if isinstance(one, StepRequestedV1))
    return step


def unreadable(hub: SmallHub, walk: Walk, place: int) -> Received:
    """A message whose lane can be read, and nothing else."""
    good = say(hub, walk, a_dossier(walk.procedure, {}, walk.at), place)
    body = json.loads(good.body)
    del body["data"]["title"]
    return hub.raw(json.dumps(body).encode(), by=UNIT, id_=good.message_id)


def refusal(hub: SmallHub, step: StepRequestedV1, number: int = 1) -> Received:
    data = DeliveryRefusedData(
        delivery=step.id, code="x", reason="Không nhận.", refused_at=hub.clock.now()
    )
    return hub.receipt(DeliveryRefusedV1, data, step, number=number)


def test_a_bad_message_that_comes_too_early_keeps_its_place(hub: SmallHub, walk: Walk) -> None:
    """Refused now it would be settled at its sender, and its place would stay empty for ever."""
    early = unreadable(hub, walk, 2)

    (first,) = hub.take(early)
    assert isinstance(first, MessageExpectedV1)
    assert first.data.expected == "0000000001"
    assert hub.queries.evidence() == []

    submitted(hub, walk)
    (then,) = hub.take(early)
    assert isinstance(then, MessageRejectedV1)
    assert then.data.uses_sequence
    done = StepReceivedData(step=FORWARD, round=1, received_at=hub.clock.now())
    assert isinstance(hub.take(say(hub, walk, done, 3))[0], MessageAcceptedV1)


def test_a_refusal_of_what_the_performer_took_in_hand_changes_nothing(
    hub: SmallHub, walk: Walk
) -> None:
    """Its own word implied that it was imported; a receipt for something settled moves nothing."""
    step = submitted(hub, walk)
    taken = StepReceivedData(step=FORWARD, round=1, received_at=hub.clock.now())
    hub.take(say(hub, walk, taken, 2))

    assert hub.take(refusal(hub, step)) == []

    case = hub.queries.dossier(walk.code)
    assert case is not None
    assert case.state is CaseState.PROCESSING
    assert case.steps[0].state is StepState.IN_HAND
    assert verify(hub.queries, Catalogues(hub.store)).holds


def test_a_refusal_that_comes_too_late_settles_only_its_delivery(hub: SmallHub, walk: Walk) -> None:
    """The lane must not wait for ever behind a slip that is out of date."""
    step = submitted(hub, walk)
    withdrawn = DossierWithdrawnData(reason="Đổi ý", withdrawn_at=hub.clock.now())
    hub.take(say(hub, walk, withdrawn, 2))

    released = hub.take(refusal(hub, step))

    assert [type(one) for one in released] == [StepCancelledV1]
    row = hub.queries.handoff(step.id)
    assert row is not None
    assert row.state is DeliveryState.REFUSED
    case = hub.queries.dossier(walk.code)
    assert case is not None
    assert case.state is CaseState.WITHDRAWN
    assert verify(hub.queries, Catalogues(hub.store)).holds


def test_a_demand_for_payment_implies_that_the_step_was_handed_over(hub: SmallHub) -> None:
    walk = Walk("1.012783")
    appraise = submitted(hub, walk)
    done = StepCompletedData(
        step=StepId("appraise"), round=1, outcome="obligation", completed_at=hub.clock.now()
    )
    place = 2 if appraise.recipient == UNIT else 1
    tax = step_in(hub.take(say(hub, walk, done, place, by=appraise.recipient)))
    demand = PaymentRequestedData(
        step=tax.data.step,
        round=1,
        reference="TB-1",
        amount_vnd=1,
        payee="Kho bạc",
        requested_at=hub.clock.now(),
    )

    hub.take(say(hub, walk, demand, 1, by=tax.recipient))

    row = hub.queries.handoff(tax.id)
    assert row is not None
    assert row.state is DeliveryState.IMPORTED


def test_the_clock_strikes_many_dossiers_in_one_go(hub: SmallHub) -> None:
    walk = Walk("2.000286")
    submitted(hub, walk)
    hub.clock.advance(timedelta(days=60))

    assert hub.steps.timers.step()
    assert not hub.steps.timers.step()
