"""Checking the ledger: the chain of every partition, the heads, and the fold against the cases."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bus.errors import LedgerBroken
from bus.ids import DossierCode
from bus.ports import EntryKind, LedgerEntry, LedgerHead, LedgerReader
from bus.routing.case import Case
from bus.routing.chain import GENESIS, check
from bus.routing.fold import fold
from bus.workers.catalogues import Catalogues

_PAGE: Final = 1000
_CASES: Final = 200
_SECOND_LOOKS: Final = 2
_SUBMITTED: Final = "dossier.submitted"


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check found: how much was read, and the first fault of each place."""

    entries: int
    partitions: int
    cases: int
    faults: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def verify(
    reader: LedgerReader,
    catalogues: Catalogues,
    *,
    watch: Callable[[int], None] = lambda _entries: None,
) -> Verified:
    """Read the whole ledger and all cases, page by page, and say what does not hold.

    Args:
        reader: The ledger.
        catalogues: The versions the entries were decided under.
        watch: Told how many entries were read, now and then.
    """
    faults: list[str] = []
    entries = 0
    submissions = 0
    heads = reader.heads()
    for head in heads:
        try:
            for page in _chain(reader, head):
                entries += len(page)
                submissions += sum(_opens_a_case(entry) for entry in page)
                watch(entries)
        except LedgerBroken as fault:
            faults.append(str(fault))
    whole = not faults
    cases = _folds(reader, catalogues, faults)
    if whole and cases < submissions:
        faults.append(
            f"{submissions} dossiers were submitted, but only {cases} cases are stored;"
            " cases were deleted"
        )
    return Verified(entries, len(heads), cases, tuple(faults))


def _chain(reader: LedgerReader, head: LedgerHead) -> Iterator[Sequence[LedgerEntry]]:
    """Yield a partition's entries, page by page, up to the head: what is younger is not looked at.

    Raises:
        LedgerBroken: An entry does not hold, or the last one is not the head's.
    """
    last = LedgerHead(head.partition, 0, GENESIS)
    while last.position < head.position:
        page = reader.ledger(
            head.partition, after=last.position, limit=min(_PAGE, head.position - last.position)
        )
        if not page:
            break
        for entry in page:
            last = check(last, entry)
        yield page
    if last != head:
        raise LedgerBroken(
            f"partition {head.partition}: the chain ends at position {last.position},"
            f" its head says {head.position}"
        )


def _opens_a_case(entry: LedgerEntry) -> bool:
    return entry.kind is EntryKind.MESSAGE and entry.type == _SUBMITTED


def _folds(reader: LedgerReader, catalogues: Catalogues, faults: list[str]) -> int:
    after: DossierCode | None = None
    cases = 0
    while page := reader.cases_page(after=after, limit=_CASES):
        wrong = _page_faults(reader, catalogues, page)
        for _ in range(_SECOND_LOOKS):
            if not wrong:
                break
            # A hub that runs may have moved a case between the two readings.
            again = _page_faults(reader, catalogues, reader.cases_page(after=after, limit=_CASES))
            wrong = {code: fault for code, fault in again.items() if code in wrong}
        faults.extend(wrong.values())
        cases += len(page)
        after = page[-1].code
    return cases


def _page_faults(
    reader: LedgerReader, catalogues: Catalogues, page: Sequence[Case]
) -> dict[DossierCode, str]:
    by_dossier: dict[DossierCode, list[LedgerEntry]] = defaultdict(list)
    for entry in reader.entries_of([case.code for case in page]):
        by_dossier[entry.dossier].append(entry)
    faults = {case.code: _fault(case, by_dossier[case.code], catalogues) for case in page}
    return {code: fault for code, fault in faults.items() if fault is not None}


def _fault(case: Case, entries: list[LedgerEntry], catalogues: Catalogues) -> str | None:
    try:
        folded = fold(entries, catalogues.version)
    except LedgerBroken as error:
        return f"dossier {case.code}: the ledger cannot be folded: {error}"
    if folded != case:
        return f"dossier {case.code}: the stored case is not what its ledger entries amount to"
    return None
