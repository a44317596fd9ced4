"""Who wants to know what of which store, and the loops that look: they run while somebody does.

The disk is looked at in worker threads; everything else happens in the server's event loop.
"""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple, Protocol, TypeVar

from nbtracker.errors import Error
from nbtracker.extension.changes import CatalogueLook, Changes, JournalsLook
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


class Seen(NamedTuple):
    """A store that somebody begins to watch.

    Attributes:
        find: Gives its catalogue; which it is may change. May block.
        store: Which it is now.
        clock: Where the catalogue is now.
    """

    find: Callable[[], Catalogue]
    store: Store
    clock: Clock

    @classmethod
    def now(cls, find: Callable[[], Catalogue]) -> "Seen":
        """Look at a store; may block.

        Raises:
            NotFoundError: There is none.
        """
        catalogue = find()
        catalogue.refresh()
        return cls(find, catalogue.store, catalogue.clock())


class StoreWatch:
    """Looks at one store as long as anybody listens.

    Attributes:
        listeners: Each with the runs whose journals it follows closely, as `project/id`.
    """

    def __init__(self, name: str, seen: Seen, in_thread: InThread) -> None:
        self.listeners: dict[Listener, frozenset[str]] = {}
        self._name, self._store = name, seen.store
        self._in_thread = in_thread
        self._catalogue = CatalogueLook(seen.find, seen.clock)
        self._journals = JournalsLook()
        self._again: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []

    def listen(self, listener: Listener, runs: frozenset[str]) -> None:
        """Tell `listener` of changes from now on, and of these runs as soon as they are seen."""
        self.listeners[listener] = runs
        self._again |= runs

    def start(self) -> None:
        """Begin to look."""
        loops = (
            (self._look_at_journals, JOURNALS_EVERY_S),
            (self._look_at_catalogue, CATALOGUE_EVERY_S),
        )
        self._tasks = [asyncio.create_task(self._loop(look, every)) for look, every in loops]

    def stop(self) -> None:
        """Look no more."""
        for task in self._tasks:
            task.cancel()

    async def _loop(self, look: Callable[[], Awaitable[Changes]], every_s: float) -> None:
        is_troubled, before_s = False, 0.0
        while True:
            began = time.monotonic()
            try:
                self._tell(await look())
                # One long look among short ones, as when the catalogue looks at every run, is no
                # reason to look less often: the catalogue sees to it that such looks are few.
                spent_s = time.monotonic() - began
                shorter_s, before_s = min(spent_s, before_s), spent_s
                longest = min(SHARE * shorter_s, MAX_LONGER * every_s)
                is_troubled, pause = False, max(every_s, longest)
            except (OSError, sqlite3.Error, Error) as error:
                if not is_troubled:
                    LOG.warning("nbtracker: a store cannot be looked at: %s", error)
                is_troubled, pause = True, TROUBLED_EVERY_S
            await asyncio.sleep(pause)

    async def _look_at_catalogue(self) -> Changes:
        self._store, changes = await self._in_thread(self._catalogue.look)
        return changes

    async def _look_at_journals(self) -> Changes:
        runs = frozenset[str]().union(*self.listeners.values())
        if not runs:
            return Changes()
        again, self._again = self._again, set()
        return await self._in_thread(lambda: self._journals.look(self._store, runs, again))

    def _tell(self, changes: Changes) -> None:
        if changes:
            for listener in list(self.listeners):
                listener.tell(self._name, changes)


class Poller:
    """All stores that anybody listens to; one of these in a server."""

    def __init__(self, in_thread: InThread) -> None:
        self._in_thread = in_thread
        self._watches: dict[str, StoreWatch] = {}

    @property
    def watched(self) -> Mapping[str, StoreWatch]:
        """The stores that are looked at now."""
        return self._watches

    def watch(self, listener: Listener, name: str, seen: Seen, runs: frozenset[str]) -> None:
        """Tell a client of changes of a store.

        Args:
            listener: The client.
            name: What it calls the store.
            seen: The store, as it was read: of what changed since then, the client is told.
            runs: Those whose journals it follows closely, as `project/id`.
        """
        watch = self._watches.get(name)
        if watch is None:
            watch = self._watches[name] = StoreWatch(name, seen, self._in_thread)
            watch.start()
        watch.listen(listener, runs)

    def leave(self, listener: Listener) -> None:
        """Tell `listener` nothing more."""
        for store, watch in list(self._watches.items()):
            watch.listeners.pop(listener, None)
            if not watch.listeners:
                watch.stop()
                del self._watches[store]

    def stop(self) -> None:
        """Look at nothing more."""
        for watch in self._watches.values():
            watch.stop()
        self._watches.clear()
