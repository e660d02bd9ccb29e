"""What the watch over consumers makes of the broker's answers."""

from bus.broker.rabbit_watch import Watch

QUEUE = "agency.h63-14"
ROOM = 3


class Asked:
    """A watch over one queue, its questions, and why it gave up."""

    def __init__(self) -> None:
        self.questions: list[str] = []
        self.gave_up: list[str] = []
        self.now = 0.0
        self.watch = Watch(
            [QUEUE],
            room=ROOM,
            every=10.0,
            ask=self.questions.append,
            fail=self.gave_up.append,
            now=self.now,
        )

    def round(self, waiting: int, consumers: int) -> None:
        """Let it ask, and answer."""
        self.now += 10.0
        self.watch.tick(self.now)
        self.watch.answered(QUEUE, waiting=waiting, consumers=consumers)

    def rounds(self, count: int, *, waiting: int, consumers: int) -> None:
        for _ in range(count):
            self.round(waiting, consumers)


def test_it_asks_for_every_queue_now_and_then() -> None:
    asked = Asked()

    for now in (0.0, 5.0, 10.0, 10.5):
        asked.watch.tick(now)

    assert asked.questions == [QUEUE]


def test_a_queue_without_consumers_twice_is_a_consumer_forgotten() -> None:
    asked = Asked()

    asked.round(waiting=0, consumers=0)
    assert asked.gave_up == []
    asked.round(waiting=0, consumers=0)

    assert asked.gave_up == [f"it has forgotten the consumer of the queue {QUEUE}"]


def test_a_good_answer_in_between_wipes_out_the_bad_one() -> None:
    """A queue that is electing its leader has no consumers, for a moment."""
    asked = Asked()

    for consumers in (0, 1, 0, 1, 0):
        asked.round(waiting=0, consumers=consumers)

    assert asked.gave_up == []


def test_messages_that_wait_and_do_not_come_are_a_consumer_that_starves() -> None:
    asked = Asked()

    asked.rounds(3, waiting=5, consumers=1)

    assert asked.gave_up == [f"it hands out nothing of the queue {QUEUE}"]


def test_messages_that_come_are_enough() -> None:
    asked = Asked()

    for _ in range(5):
        asked.watch.delivered(QUEUE)
        asked.watch.settled(QUEUE)
        asked.round(waiting=500, consumers=1)

    assert asked.gave_up == []


def test_who_has_no_room_does_not_starve() -> None:
    """Its database may be gone for a day; the broker is not to blame."""
    asked = Asked()
    for _ in range(ROOM):
        asked.watch.delivered(QUEUE)

    asked.rounds(5, waiting=500, consumers=1)

    assert asked.gave_up == []


def test_a_standby_that_never_was_served_does_not_starve() -> None:
    """The other hub is the single active consumer, and has a lot to do."""
    asked = Asked()

    asked.rounds(5, waiting=500, consumers=2)

    assert asked.gave_up == []


def test_the_active_one_of_two_that_is_served_no_more_starves() -> None:
    asked = Asked()
    asked.watch.delivered(QUEUE)
    asked.watch.settled(QUEUE)

    asked.rounds(3, waiting=500, consumers=2)

    assert asked.gave_up == [f"it hands out nothing of the queue {QUEUE}"]


def test_a_question_without_answer_until_the_next_round_is_a_dead_line() -> None:
    asked = Asked()
    asked.watch.tick(10.0)

    asked.watch.tick(20.0)

    assert asked.gave_up == ["it did not say within 10 s who reads its queues"]
