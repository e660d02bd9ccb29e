"""What the check of a province finds, said in Vietnamese and English."""

from dataclasses import dataclass
from enum import StrEnum

from bus.ids import AgencyCode, ProcedureCode, StepId
from bus.schemas.route import Route


class Severity(StrEnum):
    """An error stops publishing; a warning is for somebody to look at."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Concerned:
    """A receiving unit a finding is about."""

    code: AgencyCode
    name: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a route or with the directory under it.

    `procedure` and `version` are absent where no one route is meant, `step` where no one step is.
    `units` are all receiving units concerned; the messages only count them. `key` is the field of
    the step, or of the route where no step is meant, in which the fault stands.
    """

    severity: Severity
    code: str
    message_vi: str
    message_en: str
    procedure: ProcedureCode | None = None
    version: int | None = None
    step: StepId | None = None
    units: tuple[Concerned, ...] = ()
    key: str | None = None


@dataclass(frozen=True, slots=True)
class About:
    """Makes findings about one route, each beginning with the route's and step's name."""

    route: Route

    def error(
        self,
        code: str,
        vi: str,
        en: str,
        *,
        key: str,
        step: StepId | None = None,
        units: tuple[Concerned, ...] = (),
    ) -> Finding:
        """Return what must be repaired before the route may be published."""
        return self._finding(Severity.ERROR, code, vi, en, key=key, step=step, units=units)

    def warning(
        self,
        code: str,
        vi: str,
        en: str,
        *,
        key: str,
        step: StepId | None = None,
        units: tuple[Concerned, ...] = (),
    ) -> Finding:
        """Return what somebody should look at."""
        return self._finding(Severity.WARNING, code, vi, en, key=key, step=step, units=units)

    def _finding(
        self,
        severity: Severity,
        code: str,
        vi: str,
        en: str,
        *,
        key: str,
        step: StepId | None,
        units: tuple[Concerned, ...],
    ) -> Finding:
        procedure, version = self.route.procedure, self.route.version
        at_vi = f"{procedure} phiên bản {version}" + (f", bước {step}" if step else "")
        at_en = f"{procedure} version {version}" + (f", step {step}" if step else "")
        return Finding(
            severity=severity,
            code=code,
            message_vi=f"{at_vi}: {vi}",
            message_en=f"{at_en}: {en}",
            procedure=procedure,
            version=version,
            step=step,
            units=units,
            key=key,
        )
