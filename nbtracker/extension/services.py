"""What all handlers of a server share: the stores, threads for what blocks, and who listens."""

import asyncio
import weakref
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from nbtracker.extension.polling import Poller
from nbtracker.extension.turns import Turns
from nbtracker.views.catalogue.index import Catalogue

Answer = TypeVar("Answer")

# They are made as they are needed. Many, so that some are left when several stores hang: each takes
# its share, and gives none of it back.
N_THREADS, N_LOOKING = 32, 16


class Stores(Protocol):
    """The stores that a server knows by their ids."""

    def catalogue(self, named: str) -> Catalogue:
        """Give the catalogue of a store.

        Raises:
            NotFoundError: There is no store of that id.
        """

    def id_of(self, named: str) -> str:
        """Give the id of a store that may be called by another name; must not block."""

    def close(self) -> None:
        """Let go of all files."""


class Socket(Protocol):
    """A client that listens."""

    def go_away(self) -> None:
        """End the connection."""


class Services:
    """Made when the server begins, closed when it ends."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores
        self.sockets: set[Socket] = set()
        self._turns: weakref.WeakValueDictionary[str, Turns] = weakref.WeakValueDictionary()
        self._threads = ThreadPoolExecutor(N_THREADS, thread_name_prefix="nbtracker")
        # Apart from those that answer requests, which never wait for somebody who only looks.
        self._looking = ThreadPoolExecutor(N_LOOKING, thread_name_prefix="nbtracker-looks")
        self.poller = Poller(self._look)

    async def in_thread(
        self, work: Callable[[], Answer], store: str, *, is_begun: bool = False
    ) -> Answer:
        """Run what may block in a worker thread, when it is the turn of its store.

        Args:
            work: What to do.
            store: What the store is called; empty for what is of none.
            is_begun: Whether an answer is half sent already, and waits as long as it takes.

        Raises:
            StoreBusyError: It has been somebody else's turn for too long.
        """
        name = self.stores.id_of(store)
        # Held by those who use it or wait for it, and by nobody else.
        turns = self._turns.get(name)
        if turns is None:
            turns = self._turns[name] = Turns()
        end = await turns.take(is_begun=is_begun)
        doing = asyncio.get_running_loop().run_in_executor(self._threads, work)
        # The turn lasts as long as the thread is busy, whether or not somebody waits for it.
        doing.add_done_callback(lambda done: (end(), done.cancelled() or done.exception()))
        return await asyncio.shield(doing)

    def _look(self, work: Callable[[], Answer]) -> Awaitable[Answer]:
        return asyncio.get_running_loop().run_in_executor(self._looking, work)

    def close(self) -> None:
        """Let the clients go, and everything else."""
        for socket in list(self.sockets):
            socket.go_away()
        self.poller.stop()
        for threads in (self._threads, self._looking):
            threads.shutdown(wait=False, cancel_futures=True)
        self.stores.close()
