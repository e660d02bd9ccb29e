"""A new version of a route is published while dossiers are under way: each keeps the one it has."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

import pytest

from bus.ids import AgencyCode, DossierCode, StepId
from bus.ports import Received
from bus.routing.case import CaseState
from bus.schemas.base import WireModel
from bus.schemas.dossier import DossierCompletedV1, DossierStatusV1
from bus.schemas.province import Province
from bus.schemas.receipt import DeliveryImportedData, DeliveryImportedV1
from bus.schemas.route import LimitUnit, Route, TimeLimit
from bus.schemas.step import StepCompletedData, StepRequestedV1
from bus.workers.catalogues import Catalogues
from bus.workers.verify import verify
from tests.support.small_hub import SmallHub, keys
from tests.support.walking import MONDAY, Walk, a_dossier, commune_unit

PROCEDURE: Final = "1.001731"
UNIT: Final = commune_unit()
LAST_DAY: Final = date(2025, 3, 3)
TUESDAY: Final = MONDAY + timedelta(days=1)


def with_version_2(province: Province, *, keep: bool) -> Province:
    """Version 1 ends on Monday; version 2 gives the commune a day less and asks it to tell."""
    (first,) = (route for route in province.routes if route.procedure == PROCEDURE)
    forward, decide = first.steps
    quick = forward.model_copy(update={"limit": TimeLimit(amount=1, unit=LimitUnit.WORKING_DAY)})
    tell = forward.model_copy(
        update={"id": StepId("commune_tell"), "needs": (decide.id,), "limit": None}
    )
    old = first.model_copy(update={"valid_to": LAST_DAY})
    new = first.model_copy(
        update={
            "version": 2,
            "valid_from": LAST_DAY + timedelta(days=1),
            "steps": (quick, decide, tell),
        }
    )
    others = tuple(route for route in province.routes if route.procedure != PROCEDURE)
    checked = (Route.model_validate(one.model_dump()) for one in ((old, new) if keep else (new,)))
    return province.model_copy(update={"routes": (*others, *checked)})


@dataclass
class Numbered(Walk):
    """One of several dossiers of the same unit."""

    nth: int = field(default=1)

    @property
    def code(self) -> DossierCode:
        return DossierCode(f"{self.unit}-250303-{self.nth:04}")


@pytest.fixture
def hub() -> SmallHub:
    return SmallHub()


def walk(nth: int) -> Numbered:
    return Numbered(PROCEDURE, nth=nth, number=nth * 100)


def say(hub: SmallHub, of: Numbered, data: WireModel, place: int, by: AgencyCode) -> Received:
    of.at = hub.clock.now()
    return hub.signed(data, by=by, sequence=place, walk=of)


def submit(
    hub: SmallHub, of: Numbered, *, accepted_ago: timedelta = timedelta()
) -> StepRequestedV1:
    data = a_dossier(PROCEDURE, {}, hub.clock.now() - accepted_ago)
    return asked(hub, say(hub, of, data, 1, UNIT))[0]


def asked(hub: SmallHub, said: Received) -> list[StepRequestedV1]:
    """Return the slips that follow; what else is handed over is taken in, so its lane goes on."""
    slips, come = [], hub.take(said)
    while come:
        one, *come = come
        if isinstance(one, StepRequestedV1):
            slips.append(one)
        elif isinstance(one, DossierStatusV1 | DossierCompletedV1):
            data = DeliveryImportedData(delivery=one.id, imported_at=hub.clock.now())
            number = one.id.int % 10**9
            come += hub.take(hub.receipt(DeliveryImportedV1, data, one, number=number))
    return slips


def complete(
    hub: SmallHub, of: Numbered, slip: StepRequestedV1, place: int
) -> list[StepRequestedV1]:
    data = StepCompletedData(
        step=slip.data.step, round=1, outcome="done", outputs={}, completed_at=hub.clock.now()
    )
    return asked(hub, say(hub, of, data, place, slip.recipient))


def walked(hub: SmallHub, of: Numbered, slip: StepRequestedV1) -> list[str]:
    """Complete one step after the other; return the steps."""
    steps, places = [], {UNIT: 1}
    slips = [slip]
    while slips:
        (slip,) = slips
        steps.append(str(slip.data.step))
        places[slip.recipient] = places.get(slip.recipient, 0) + 1
        slips = complete(hub, of, slip, places[slip.recipient])
    return steps


def publish_version_2(hub: SmallHub, *, keep: bool = True) -> int:
    hub.clock.set(TUESDAY)
    province = with_version_2(keys()[0], keep=keep)
    return hub.store.publish(province, at=TUESDAY, actor="test", reason="a shorter way")


def test_dossiers_under_way_go_on_and_new_ones_go_the_new_way(hub: SmallHub) -> None:
    before, after, late = walk(1), walk(2), walk(3)
    slip = submit(hub, before)

    assert publish_version_2(hub) == 2
    new_slip = submit(hub, after)
    late_slip = submit(hub, late, accepted_ago=timedelta(days=1))

    assert walked(hub, before, slip) == ["commune_forward", "district_decide"]
    assert walked(hub, after, new_slip) == ["commune_forward", "district_decide", "commune_tell"]
    assert walked(hub, late, late_slip) == ["commune_forward", "district_decide"], (
        "what was accepted on the last day of version 1 goes its way, whenever it is sent"
    )
    cases = [hub.queries.dossier(one.code) for one in (before, after, late)]
    assert [(one.catalogue, one.route_version, one.state) for one in cases if one] == [
        (1, 1, CaseState.COMPLETED),
        (2, 2, CaseState.COMPLETED),
        (2, 1, CaseState.COMPLETED),
    ]
    assert verify(hub.queries, Catalogues(hub.store)).holds


def test_time_limits_are_those_of_the_version_a_dossier_has(hub: SmallHub) -> None:
    before, after = walk(1), walk(2)
    slip = submit(hub, before)

    publish_version_2(hub)
    new_slip = submit(hub, after)

    assert slip.data.due_at is not None
    assert new_slip.data.due_at is not None
    assert (slip.data.due_at.date(), new_slip.data.due_at.date()) == (
        date(2025, 3, 5),
        date(2025, 3, 5),
    ), "two working days from Monday, one from Tuesday"


def test_a_version_that_was_taken_out_of_the_folder_still_leads_its_dossiers(hub: SmallHub) -> None:
    """Also for a hub that starts anew after the publish and has compiled nothing yet."""
    before = walk(1)
    slip = submit(hub, before)
    publish_version_2(hub, keep=False)

    again = SmallHub(before=hub, seed=2)
    again.clock.set(hub.clock.now())

    assert walked(again, before, slip) == ["commune_forward", "district_decide"]
