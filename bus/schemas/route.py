"""A route: the linked procedure as data, approved by a decision, with dates.

One YAML file per procedure and version in a province's `routes/` folder.
Source: Decree 61/2018 article 19.6-19.7, Circular 01/2018 article 8 (internal process turned into
an electronic process).
"""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from bus.schemas.base import FactName, Level, Line, Name, Procedure, Step, WireModel, Word
from bus.schemas.directory import AgencyEntry, Role, Validity


class LimitUnit(StrEnum):
    """How a statutory time limit counts."""

    WORKING_DAY = "working_day"
    CALENDAR_DAY = "calendar_day"
    WORKING_HOUR = "working_hour"


class TimeLimit(WireModel):
    """A statutory time limit (thời hạn giải quyết)."""

    amount: Annotated[int, Field(ge=1, le=3650)]
    unit: LimitUnit


class ClockPolicy(StrEnum):
    """What a stop does to the time limit."""

    RESTART = "restart"
    PAUSE = "pause"
    NO_STOP = "no_stop"


class Bilingual(WireModel):
    """A name people read."""

    vi: Name
    en: Name


class Performer(WireModel):
    """Who is competent: a role at a level, for the unit of that level the dossier lies in."""

    role: Role
    level: Level


class ReceivingScope(StrEnum):
    """For whose dossiers a one-stop unit may file.

    `province`: whichever commune the dossier belongs to (phi địa giới hành chính, Decree
    118/2025/NĐ-CP). Where it is filed does not change who is competent.
    """

    OWN_AREA = "own_area"
    PROVINCE = "province"


class Receiving(WireModel):
    """Which one-stop units may file the procedure, and for which dossiers."""

    role: Role = Role.ONE_STOP_UNIT
    level: Level
    scope: ReceivingScope = ReceivingScope.OWN_AREA


class Sees(WireModel):
    """What of the dossier a step may see (data minimisation). Nothing is seen unless listed.

    A list names codes; the word "all" means every one.
    """

    owner: bool = False
    components: tuple[Word, ...] | Literal["all"] = ()
    facts: tuple[FactName, ...] | Literal["all"] = ()
    form: tuple[FactName, ...] | Literal["all"] = ()
    results: tuple[Step, ...] | Literal["all"] = ()


class StepKind(StrEnum):
    """A task is handed to an agency; a wait ends by itself or by an event from outside.

    `await_time` is a period that passes, as a public posting. `await_event` ends by what the
    receiving unit says has happened, or, where it has a limit, by the time that passes without it.
    """

    TASK = "task"
    AWAIT_PAYMENT = "await_payment"
    AWAIT_TIME = "await_time"
    AWAIT_EVENT = "await_event"


class OnReject(StrEnum):
    """What a refusal of this step means for the rest."""

    END = "end"
    CONTINUE = "continue"


class RouteStep(WireModel):
    """One step of a route."""

    id: Step
    name: Bilingual
    kind: StepKind = StepKind.TASK
    performer: Performer | None = Field(default=None, description="Who; absent for a wait.")
    needs: tuple[Step, ...] = Field(default=(), description="Steps that must be over before.")
    when: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = Field(
        default=None,
        description="CEL over `facts` and `steps.<id>.outcome|outputs`; the step is skipped where"
        " it is false, once its needs are over.",
    )
    limit: TimeLimit | None = Field(default=None, description="Absent: the law sets none.")
    task: Line | None = Field(default=None, description="What is asked, Vietnamese.")
    sees: Sees = Sees()
    outcomes: tuple[Word, ...] = ("done",)
    on_reject: OnReject = OnReject.END
    may_request_payment: bool = False
    act_first: FactName | None = Field(
        default=None,
        description="Emergency: a boolean fact; where it is true the step begins at once, and what"
        " it needs comes after. The dossier still ends only when all of it is there.",
    )
    basis: Line | None = Field(default=None, description="Article for this step.")

    @model_validator(mode="after")
    def _shape(self) -> Self:
        if self.kind is StepKind.TASK and (self.performer is None or self.task is None):
            raise ValueError(f"step {self.id}: a task names a performer and a task text")
        if self.kind is not StepKind.TASK and self.performer is not None:
            raise ValueError(f"step {self.id}: a wait has no performer")
        if self.kind is StepKind.AWAIT_TIME and self.limit is None:
            raise ValueError(f"step {self.id}: a wait for time has a limit")
        if self.act_first is not None and (self.kind is not StepKind.TASK or self.when is not None):
            raise ValueError(f"step {self.id}: only a task without `when` may act first")
        return self

    @property
    def endings(self) -> tuple[str, ...]:
        """Every outcome the step may end with; for a wait with a limit the last is that of time."""
        if self.kind is StepKind.AWAIT_PAYMENT:
            return ("paid",)
        if self.kind is StepKind.AWAIT_TIME:
            return ("passed",)
        if self.kind is StepKind.AWAIT_EVENT and self.limit is not None:
            return (*self.outcomes, "expired")
        return self.outcomes


class Cover(StrEnum):
    """How many of some alternative steps are done for a dossier."""

    EXACTLY_ONE = "exactly_one"
    AT_MOST_ONE = "at_most_one"
    ANY = "any"


class Alternatives(WireModel):
    """Steps that stand for one another: the check says where none or several are done."""

    steps: Annotated[tuple[Step, ...], Field(min_length=2)]
    cover: Cover = Cover.EXACTLY_ONE


class FactRule(WireModel):
    """A fact the route's conditions ask about, and the values it may have."""

    name: FactName
    values: Annotated[tuple[str, ...], Field(min_length=1)] | Literal["boolean"]
    required: bool = True


class Route(Validity):
    """A linked procedure's way through the agencies."""

    procedure: Procedure
    version: Annotated[int, Field(ge=1)]
    name: Bilingual
    basis: Annotated[tuple[Line, ...], Field(min_length=1)]
    note: Line | None = None
    receiving: Annotated[tuple[Receiving, ...], Field(min_length=1)]
    total: TimeLimit | None = None
    supplement_clock: ClockPolicy = ClockPolicy.RESTART
    payment_clock: ClockPolicy = ClockPolicy.PAUSE
    facts: tuple[FactRule, ...] = ()
    components: tuple[Word, ...] = Field(
        default=(), description="Codes of the papers a dossier may hold; empty: not listed."
    )
    alternatives: tuple[Alternatives, ...] = ()
    steps: Annotated[tuple[RouteStep, ...], Field(min_length=1, max_length=50)]

    def scopes(self, unit: AgencyEntry) -> frozenset[ReceivingScope]:
        """Return for whose dossiers a unit may file this procedure; none where it may not."""
        return frozenset(
            receiving.scope
            for receiving in self.receiving
            if receiving.level is unit.level and receiving.role in unit.roles
        )

    @model_validator(mode="after")
    def _graph(self) -> Self:
        ids = [step.id for step in self.steps]
        if len(set(ids)) != len(ids):
            raise ValueError("a step id stands twice")
        known = set(ids)
        for place, step in enumerate(self.steps):
            for number, need in enumerate(step.needs):
                if need not in known:
                    raise PydanticCustomError(
                        "unknown_step",
                        "step {step}: needs {need}, which is no step",
                        {"step": step.id, "need": need, "at": ("steps", place, "needs", number)},
                    )
        self._emergencies()
        return self

    def _emergencies(self) -> None:
        asked = {rule.name for rule in self.facts if rule.values == "boolean"}
        for step in self.steps:
            if step.act_first is not None and step.act_first not in asked:
                raise ValueError(
                    f"step {step.id}: act_first names {step.act_first}, which is no boolean fact"
                )
