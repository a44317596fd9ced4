"""The stores of a server, by ids: no request and no notebook ever names a path."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

from nbtracker.api.source import Source
from nbtracker.errors import NotFoundError
from nbtracker.extension.kept_views import KeptViews
from nbtracker.extension.notebooks import Notebooks
from nbtracker.store.caches import note_store, noted_store, noted_stores, store_id
from nbtracker.store.layout import Store, open_store
from nbtracker.views.catalogue.index import Catalogue
from nbtracker.views.kept_sessions import KeptSessions

DEFAULT = "default"
MAX_OPEN = 16


class OpenStore(Source):
    """A store that somebody has asked for.

    Attributes:
        id: Its id.
        is_default: Whether it is the one found from the server's folder.
        notebooks: Which notebook a session belongs to.
        views: Runs that were read.
        sessions: Sessions that were read.
    """

    def __init__(self, store: Store, *, is_default: bool = False) -> None:
        super().__init__(store)
        self.id, self.is_default = store_id(store), is_default
        self.sessions = KeptSessions()
        self.notebooks = Notebooks(store, self.sessions)
        self.views = KeptViews()


class Stores:
    """Every store that this user has recorded into or looked at.

    Safe to use from several threads.

    Args:
        root: The folder that the server shows; the default store is found from there.
    """

    def __init__(self, root: Path | None = None) -> None:
        self._root = root
        self._open: OrderedDict[str, OpenStore] = OrderedDict()
        self._lock = threading.Lock()
        self._default_id: str | None = None

    def id_of(self, named: str) -> str:
        """Give the id of a store; of the default one, which it was when last looked for."""
        return self._default_id or named if named == DEFAULT else named

    def source(self, named: str) -> OpenStore:
        """Give a store by its id, or the one found from the server's folder as "default".

        Raises:
            NotFoundError: There is no store of that id.
        """
        # Nothing that may hang is asked under the lock, nor of the default store for another one.
        default = self._default() if named == DEFAULT else None
        wanted = named if default is None else store_id(default)
        known = self._known(wanted)
        if known is None:
            known = self._add(OpenStore(default or self._named(wanted)))
        known.is_default = known.is_default or default is not None
        return known

    def _known(self, wanted: str) -> OpenStore | None:
        with self._lock:
            known = self._open.get(wanted)
        # A link that was put in its place leads to a store of another id.
        if known is None or not known.store.path.is_dir() or store_id(known.store) != wanted:
            return None
        with self._lock:
            if wanted in self._open:
                self._open.move_to_end(wanted)
        return known

    def _named(self, wanted: str) -> Store:
        store = noted_store(wanted)
        if store is None and store_id(self._default()) == wanted:
            store = self._default()
        if store is None:
            raise NotFoundError(
                f"this server knows no store {wanted[:80]!r}; record a run into it, or list it "
                "with `nbtracker ls --dir`, and ask again"
            )
        return store

    def catalogue(self, named: str) -> Catalogue:
        """Give the catalogue of a store.

        Raises:
            NotFoundError: There is no store of that id.
        """
        return self.source(named).catalogue

    def __iter__(self) -> Iterator[OpenStore]:
        """Give all stores, the default one first."""
        default = self.source(DEFAULT)
        yield default
        for store in noted_stores():
            if store_id(store) != default.id:
                yield OpenStore(store)

    def close(self) -> None:
        """Let go of all files."""
        with self._lock:
            for source in self._open.values():
                source.catalogue.close()
            self._open.clear()

    def _default(self) -> Store:
        found = open_store(start=self._root)
        self._default_id = store_id(found)
        return found

    def _add(self, source: OpenStore) -> OpenStore:
        note_store(source.store)
        oldest: OpenStore | None = None
        with self._lock:
            known = self._open.setdefault(source.id, source)
            if len(self._open) > MAX_OPEN:
                _, oldest = self._open.popitem(last=False)
        if oldest is not None:
            # Whoever still uses it opens its file anew; one that hangs lets nobody close it.
            threading.Thread(target=oldest.catalogue.close, daemon=True).start()
        return known
