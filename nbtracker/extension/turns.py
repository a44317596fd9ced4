"""Whose turn it is to use a thread for a store: few at once, and nobody waits for ever."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from nbtracker.extension.refusals import StoreBusyError

MAX_AT_ONCE = 2
"""The share of one store: one that hangs, such as on a network, must not take all threads."""

PATIENCE_S = 30.0
"""How long somebody waits, and how long a question may take before the store counts as hung."""


class Turns:
    """The turns of one store. For the server's loop alone."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(MAX_AT_ONCE)
        self._taken: dict[object, float] = {}

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn, and have it inside of the block.

        Raises:
            StoreBusyError: All turns were taken long ago, or none became free for long.
        """
        if self._is_hung:
            raise _busy()
        try:
            await asyncio.wait_for(self._free.acquire(), PATIENCE_S)
        except asyncio.TimeoutError:
            raise _busy() from None
        mine = object()
        self._taken[mine] = time.monotonic()
        try:
            yield
        finally:
            del self._taken[mine]
            self._free.release()

    @property
    def _is_hung(self) -> bool:
        newest = max(self._taken.values(), default=0.0)
        return len(self._taken) >= MAX_AT_ONCE and time.monotonic() - newest > PATIENCE_S


def _busy() -> StoreBusyError:
    return StoreBusyError("the store does not answer: everything that it may do at once takes long")
