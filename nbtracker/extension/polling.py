"""Who wants to know what of which store, and the loops that look: they run while somebody does.

The disk is looked at in worker threads; everything else happens in the server's event loop.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import NamedTuple, Protocol, TypeVar

from nbtracker.extension.changes import CatalogueLook, Changes, JournalsLook
from nbtracker.store.caches import store_id
from nbtracker.store.layout import Store
from nbtracker.views.catalogue.index import Catalogue
from nbtracker.views.catalogue.revisions import Clock

Answer = TypeVar("Answer")

LOG = logging.getLogger(__name__)
JOURNALS_EVERY_S = 0.025
CATALOGUE_EVERY_S = 0.2
TROUBLED_EVERY_S = 2.0
# Looking takes one part in so many of the time, until pauses are so many times as long as meant.
SHARE, MAX_LONGER = 8, 10


class InThread(Protocol):
    """Runs what may block in a worker thread."""

    def __call__(self, work: Callable[[], Answer], /) -> Awaitable[Answer]:
        """Give what `work` returns."""


class Listener(Protocol):
    """Who is told of changes."""

    def tell(self, store: str, changes: Changes) -> None:
        """Take changes in; must not wait."""


class Stores(Protocol):
    """Where stores are found by their names."""

    def catalogue(self, named: str) -> Catalogue:
        """Give the catalogue of a store.

        Raises:
            NotFoundError: There is no store of that name.
        """


class Seen(NamedTuple):
    """A store that somebody begins to watch.

    Attributes:
        stores: Where it was found.
        store: Which it is.
        id: Its id; that it is called otherwise may change.
        clock: Where its catalogue is now.
    """

    stores: Stores
    store: Store
    id: str
    clock: Clock

    @classmethod
    def now(cls, stores: Stores, name: str) -> "Seen":
        """Look at a store; may block.

        Raises:
            NotFoundError: There is none.
        """
        catalogue = stores.catalogue(name)
        catalogue.refresh()
        return cls(stores, catalogue.store, store_id(catalogue.store), catalogue.clock())


class StoreWatch:
    """Looks at one store as long as anybody listens.

    Args:
        seen: The store, as it was read.
        in_thread: Runs what may block.
        moved: Called with a name that means another store now, and that store.

    Attributes:
        listeners: Each by the names it calls the store, with the runs whose journals it follows
            closely, as `project/id`.
        tasks: The loops that look.
    """

    def __init__(self, seen: Seen, in_thread: InThread, moved: Callable[[str, Seen], None]) -> None:
        self.listeners: dict[Listener, dict[str, frozenset[str]]] = {}
        self._stores, self._id, self._store = seen.stores, seen.id, seen.store
        self._in_thread, self._moved = in_thread, moved
        self._catalogue = CatalogueLook(partial(self._stores.catalogue, self._id), seen.clock)
        self._journals = JournalsLook()
        self._again: set[str] = set()
        self.tasks: list[asyncio.Task[None]] = []

    def listen(self, listener: Listener, name: str, runs: frozenset[str]) -> None:
        """Tell `listener` of changes from now on, and of these runs as soon as they are seen."""
        self.listeners.setdefault(listener, {})[name] = runs
        self._again |= runs

    def leave(self, listener: Listener, name: str) -> None:
        """Tell `listener` nothing more under a name."""
        names = self.listeners.get(listener, {})
        names.pop(name, None)
        if not names:
            self.listeners.pop(listener, None)

    def start(self) -> None:
        """Begin to look."""
        loops = (
            (self._look_at_journals, JOURNALS_EVERY_S),
            (self._look_at_catalogue, CATALOGUE_EVERY_S),
        )
        self.tasks = [asyncio.create_task(self._loop(look, every)) for look, every in loops]

    def stop(self) -> None:
        """Look no more."""
        for task in self.tasks:
            task.cancel()

    async def _loop(self, look: Callable[[], Awaitable[Changes]], every_s: float) -> None:
        is_troubled, before_s = False, 0.0
        while True:
            began = time.monotonic()
            # Whatever goes wrong is given: who looks no more would tell nothing, for ever.
            (error,) = await asyncio.gather(self._tell_of(look), return_exceptions=True)
            if error is None:
                # One long look among short ones, as when the catalogue looks at every run, is no
                # reason to look less often: the catalogue sees to it that such looks are few.
                spent_s = time.monotonic() - began
                shorter_s, before_s = min(spent_s, before_s), spent_s
                longest = min(SHARE * shorter_s, MAX_LONGER * every_s)
                is_troubled, pause = False, max(every_s, longest)
            else:
                if not is_troubled:
                    LOG.warning("nbtracker: a store cannot be looked at: %r", error)
                is_troubled, pause = True, TROUBLED_EVERY_S
            await asyncio.sleep(pause)

    async def _tell_of(self, look: Callable[[], Awaitable[Changes]]) -> None:
        changes = await look()
        if changes:
            for listener, names in list(self.listeners.items()):
                for name in list(names):
                    listener.tell(name, changes)

    async def _look_at_catalogue(self) -> Changes:
        called = {name for names in self.listeners.values() for name in names} - {self._id}
        if called:
            look = partial(_elsewhere, self._stores, self._id, called)
            for name, seen in (await self._in_thread(look)).items():
                self._moved(name, seen)
        self._store, changes = await self._in_thread(self._catalogue.look)
        return changes

    async def _look_at_journals(self) -> Changes:
        runs = frozenset(
            run for names in self.listeners.values() for some in names.values() for run in some
        )
        if not runs:
            return Changes()
        again, self._again = self._again, set()
        return await self._in_thread(lambda: self._journals.look(self._store, runs, again))


def _elsewhere(stores: Stores, id_: str, names: Iterable[str]) -> dict[str, Seen]:
    """Those names of a store that mean another one now; may block.

    The default one does when somebody makes a folder for it.
    """
    moved = [name for name in names if store_id(stores.catalogue(name).store) != id_]
    return {name: Seen.now(stores, name) for name in moved}


class Poller:
    """All stores that anybody listens to; one of these in a server."""

    def __init__(self, in_thread: InThread) -> None:
        self._in_thread = in_thread
        self._watches: dict[str, StoreWatch] = {}

    @property
    def watched(self) -> Mapping[str, StoreWatch]:
        """The stores that are looked at now, by their ids."""
        return self._watches

    def watch(self, listener: Listener, name: str, seen: Seen, runs: frozenset[str]) -> None:
        """Tell a client of changes of a store.

        Args:
            listener: The client.
            name: What it calls the store; it is told under this name.
            seen: The store, as it was read: of what changed since then, the client is told.
            runs: Those whose journals it follows closely, as `project/id`.
        """
        watch = self._watches.get(seen.id)
        if watch is None:
            moved = partial(self._move, seen.id)
            watch = self._watches[seen.id] = StoreWatch(seen, self._in_thread, moved)
            watch.start()
        watch.listen(listener, name, runs)
        for id_ in [id_ for id_ in self._watches if id_ != seen.id]:
            self._leave(id_, listener, name)

    def unwatch(self, listener: Listener, name: str) -> None:
        """Tell `listener` nothing more of the store that it calls so."""
        for id_ in list(self._watches):
            self._leave(id_, listener, name)

    def leave(self, listener: Listener) -> None:
        """Tell `listener` nothing more."""
        for id_, watch in list(self._watches.items()):
            for name in list(watch.listeners.get(listener, ())):
                self._leave(id_, listener, name)

    def stop(self) -> None:
        """Look at nothing more."""
        for watch in self._watches.values():
            watch.stop()
        self._watches.clear()

    def _move(self, id_: str, name: str, seen: Seen) -> None:
        """Have those who call a store so watch the one that they mean now."""
        for listener, names in list(self._watches[id_].listeners.items()):
            if name in names:
                self.watch(listener, name, seen, names[name])
                # Clocks of two stores have nothing in common.
                listener.tell(name, Changes(seen.clock.revision, everything=True))

    def _leave(self, id_: str, listener: Listener, name: str) -> None:
        watch = self._watches[id_]
        watch.leave(listener, name)
        if not watch.listeners:
            watch.stop()
            del self._watches[id_]
