"""Whose turn it is to use a thread for a store: few at once, and nobody waits for ever."""

import asyncio
import time
from collections.abc import Callable

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

    async def take(self, *, is_begun: bool = False) -> Callable[[], None]:
        """Wait for a turn.

        Args:
            is_begun: Whether an answer is half sent, and can only be gone on with: it waits as
                long as it takes.

        Returns:
            What ends the turn, to be called once.

        Raises:
            StoreBusyError: All turns were taken long ago, or none became free for long.
        """
        if self._is_hung and not is_begun:
            raise _busy()
        try:
            await asyncio.wait_for(self._free.acquire(), None if is_begun else PATIENCE_S)
        except asyncio.TimeoutError:
            raise _busy() from None
        mine = object()
        self._taken[mine] = time.monotonic()

        def end() -> None:
            del self._taken[mine]
            self._free.release()

        return end

    @property
    def _is_hung(self) -> bool:
        newest = max(self._taken.values(), default=0.0)
        return len(self._taken) >= MAX_AT_ONCE and time.monotonic() - newest > PATIENCE_S


def _busy() -> StoreBusyError:
    return StoreBusyError("the store does not answer: everything that it may do at once takes long")
