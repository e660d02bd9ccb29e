"""How the officials of a rehearsal decide: by the seed, the dossier and the step alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bus.ids import AgencyCode, DossierCode, StepId
from bus.schemas.catalogue import FromHub
from bus.schemas.dossier import DossierCompletedV1, DossierStatusV1
from bus.schemas.recall import RecallForwardedV1
from bus.schemas.step import StepRequestedV1
from bus.simulation.turned_clock import draw

Discussed = StepRequestedV1 | DossierStatusV1 | DossierCompletedV1


@dataclass(frozen=True, slots=True)
class Around:
    """What an agency knows of the others: who does the same work, and what follows a step.

    `waits` has the outcomes of every wait for something outside.

    Nobody gives a step on to somebody whom a third may give it on to again: `neighbours` are those
    after this one in some order of all.
    """

    neighbours: tuple[AgencyCode, ...] = ()
    following: Callable[[StepRequestedV1], tuple[StepId, ...]] = lambda _: ()
    waits: Mapping[StepId, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Script:
    """How the officials of a rehearsal decide.

    `refused` and `supplemented` name dossiers whose fate is fixed; the shares hold for the rest,
    per step. With `talk_share` officials also say what need not be said: how far they are, what
    another agency thinks of it, that it will be late, how content the citizen is; less often, that
    a step is another's, that they want one back, that they stop the dossier.
    """

    seed: int
    refused: frozenset[DossierCode] = frozenset()
    supplemented: frozenset[DossierCode] = frozenset()
    refusal_share: float = 0.01
    supplement_share: float = 0.03
    talk_share: float = 0.0

    def refuses(self, message: StepRequestedV1) -> bool:
        """Say whether the official refuses the dossier at this step."""
        if message.subject in self.refused:
            return True
        return self._chance(message, "refuse") < self.refusal_share

    def asks_more(self, message: StepRequestedV1) -> bool:
        """Say whether the official asks for a supplement; at most once per step."""
        if message.data.round > 1 or message.subject in self.refused:
            return False
        if message.subject in self.supplemented and not message.data.results:
            return True
        return self._chance(message, "supplement") < self.supplement_share

    def talks(self, message: Discussed, about: str, *, rarely: bool = False) -> bool:
        """Say whether somebody says something about a matter that need not be said."""
        step = "" if isinstance(message, DossierCompletedV1) else message.data.step or ""
        share = self.talk_share / 2 if rarely else self.talk_share
        return draw(self.seed, message.subject, step, about) < share

    def happens(self, message: DossierStatusV1) -> bool:
        """Say whether something a dossier waits for happens."""
        return draw(self.seed, message.subject, message.data.step or "", "happens") < 0.5  # noqa: PLR2004 -- a coin

    def gives_back(self, message: RecallForwardedV1) -> bool:
        """Say whether the official gives a step back that is asked for."""
        return draw(self.seed, message.subject, message.data.step, "give back") < 0.6  # noqa: PLR2004 -- rather yes

    def outcome(self, message: StepRequestedV1) -> str:
        """Return the outcome: the last one the slip names three times out of four."""
        outcomes = message.data.outcomes
        rest = outcomes[:-1]
        chance = self._chance(message, "outcome")
        if not rest or chance < 0.75:  # noqa: PLR2004 -- three out of four, as said
            return outcomes[-1]
        return rest[int((chance - 0.75) * 4 * len(rest))]

    def slots(self, message: FromHub, about: str, most: int) -> int:
        """Return how many office slots the official takes, from 1 to `most`."""
        subject = getattr(message, "subject", "")
        return 1 + int(draw(self.seed, subject, message.type, about) * most)

    def _chance(self, message: StepRequestedV1, about: str) -> float:
        return draw(self.seed, message.subject, message.data.step, about)
