"""The published catalogue versions a hub works with, compiled once each."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from bus.errors import NotFound
from bus.ports import HubStore
from bus.routing.province import Catalogue

_T = TypeVar("_T")


class NotCompiled(Exception):
    """A version is needed that this process has not read yet."""

    def __init__(self, number: int) -> None:
        super().__init__(f"catalogue version {number}")
        self.number = number


class Catalogues:
    """Compiled catalogue versions by number; a version never changes, so it is kept.

    Any thread may use it: the worst a race does is to compile a version twice.

    Args:
        store: Where versions are read from.
        compiled: Versions that need not be read any more.
    """

    def __init__(self, store: HubStore, compiled: Iterable[Catalogue] = ()) -> None:
        self._store = store
        self._compiled = {one.version: one for one in compiled}

    def newest(self) -> Catalogue:
        """Return the newest published version.

        Raises:
            NotFound: Nothing was published yet.
        """
        version = self._store.catalogue_version()
        if version == 0:
            raise NotFound(
                "chưa công bố danh bạ và quy trình: hãy chạy `bus directory publish THƯ_MỤC`"
                " / no directory is published yet: run `bus directory publish DIR`"
            )
        return self.version(version)

    def version(self, number: int) -> Catalogue:
        """Return one published version, read from the store where it was not read before."""
        compiled = self._compiled.get(number)
        if compiled is None:
            compiled = Catalogue(number, self._store.catalogue(number))
            self._compiled[number] = compiled
        return compiled

    def compiled(self, number: int) -> Catalogue:
        """Return one version without asking the store, as inside a transaction one must.

        Raises:
            NotCompiled: It was not read before; `reading` reads it and begins again.
        """
        compiled = self._compiled.get(number)
        if compiled is None:
            raise NotCompiled(number)
        return compiled

    def reading(self, act: Callable[[], _T]) -> _T:
        """Do something that rolls back on NotCompiled, until every version it needs is read."""
        while True:
            try:
                return act()
            except NotCompiled as missing:
                self.version(missing.number)
