"""A dossier walked through its route whose ledger is kept."""

from dataclasses import dataclass, field

from bus.routing.ledger import LedgerEntry
from bus.routing.machine import Event
from tests.support.book import Book
from tests.support.walking import Walk


@dataclass
class Kept(Walk):
    """A walk whose ledger is kept; what is refused is not in it."""

    book: Book = field(default_factory=Book)

    def take(self, event: Event) -> "Kept":
        super().take(event)
        version = self.catalogue.version
        self.book.note(event, self.owed, dossier=self.code, at=self.at, catalogue=version)
        return self

    @property
    def entries(self) -> list[LedgerEntry]:
        return self.book.entries
