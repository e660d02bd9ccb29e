"""The control slip says what the ledger says, whatever becomes of a dossier."""

from collections import Counter

from hypothesis import given

from bus.routing.case import ACTIVE_STEPS
from bus.routing.effects import HandOver
from bus.routing.fold import moves
from bus.routing.forms.chronicle import chronicle
from bus.routing.forms.custody import LegKind, custody
from bus.routing.forms.documents import ControlSlip
from bus.routing.forms.issue import Order, issue
from bus.routing.forms.kinds import FormKind
from tests.support.histories import HISTORIES, Dossier, Move, Told, walked
from tests.support.walking import yen_bai

HANDS_THE_DOSSIER_OVER = {"step.requested", "supplement.requested", "dossier.completed"}


def slip_of(walk: Told) -> ControlSlip:
    history = chronicle(walk.book.entries, lambda _: yen_bai())
    made = issue(Order(FormKind.CONTROL_SLIP), history, walk.at, names=str)
    assert isinstance(made, ControlSlip)
    return made


def hands_over(owed: HandOver) -> bool:
    return owed.message.model_fields["type"].annotation.__args__[0] in HANDS_THE_DOSSIER_OVER  # type: ignore[union-attr]


@given(*HISTORIES)
def test_each_hand_over_stands_on_the_slip_once(dossier: Dossier, moves: list[Move]) -> None:
    walk, _ = walked(dossier, moves)

    listed = Counter(line.leg.delivery for line in slip_of(walk).lines if line.leg.delivery)

    wanted = {id_ for id_, owed in walk.book.handed.items() if hands_over(owed)}
    assert listed == Counter(dict.fromkeys(wanted, 1))


@given(*HISTORIES)
def test_times_never_run_back(dossier: Dossier, moves: list[Move]) -> None:
    walk, _ = walked(dossier, moves)

    lines = slip_of(walk).lines
    handed = [line.leg.handed_at for line in lines]
    assert handed == sorted(handed)
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    for leg in (line.leg for line in lines):
        for later in (leg.received_at, leg.ended_at):
            assert later is None or leg.handed_at <= later <= walk.at


@given(*HISTORIES)
def test_everybody_on_the_slip_is_named_and_is_who_the_ledger_says(
    dossier: Dossier, moves: list[Move]
) -> None:
    walk, _ = walked(dossier, moves)
    directory = yen_bai().directory

    for line in slip_of(walk).lines:
        giver = directory.agency(line.leg.giver.agency)
        assert giver is not None
        assert giver.name in line.giver
        if line.leg.delivery is None:
            assert (line.leg.kind, line.leg.receiver) == (LegKind.CITIZEN, None)
            continue
        owed = walk.book.handed[line.leg.delivery]
        receiver = directory.agency(owed.recipient)
        assert receiver is not None
        assert receiver.name in line.receiver
        assert (line.leg.step, line.leg.round) == (owed.step, owed.round)


@given(*HISTORIES)
def test_a_dossier_is_handed_on_by_who_got_it(dossier: Dossier, moves: list[Move]) -> None:
    """No link of the chain is missing: every giver is the receiving unit or got it before."""
    walk, _ = walked(dossier, moves)
    assert walk.case is not None

    had = {walk.case.receiving_unit}
    for leg in chronicle(walk.book.entries, lambda _: yen_bai()).legs:
        assert leg.giver.agency in had
        if leg.receiver is not None:
            had.add(leg.receiver.agency)


@given(*HISTORIES)
def test_a_leg_is_over_when_its_step_is(dossier: Dossier, said: list[Move]) -> None:
    walk, _ = walked(dossier, said)
    assert walk.case is not None

    legs = custody(moves(walk.book.entries, lambda _: yen_bai()))
    open_legs = {(leg.step, leg.round) for leg in legs if leg.step and leg.ended_at is None}
    assert open_legs == {
        (run.id, run.round) for run in walk.case.steps if run.agency and run.state in ACTIVE_STEPS
    }
